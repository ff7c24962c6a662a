"""What a naming plugin brings, from `use:` in the patterns file to the name on the screen."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

ACME = """
import dpn

CENTERS = {"cc-4711": "fin", "cc-4712": "hr"}

def department(value, arg):
    if value not in CENTERS:
        raise ValueError(f"{value} is no cost center")
    return CENTERS[value]

@dpn.hookimpl
def dpn_conventions():
    yield dpn.Convention(
        "acme",
        patterns={"mem_*": "{cost_center|department}-{purpose}-{environment}", "mem_shelf": "s-{purpose}-{owner}"},
        transformations={"abbreviations": {"environment": {"production": "prd"}}},
        variables={"owner": dpn.Variable("Who answers for it.")},
    )

@dpn.hookimpl
def dpn_transforms():
    return {"department": dpn.Transform(department, word=True, charset="a-z")}

@dpn.hookimpl
def dpn_name(request):
    assert isinstance(request, dpn.NameRequest)
    if request.kind in ("mem_label", "mem_robot"):
        if "purpose" not in request.values:
            raise dpn.InputError("It needs a purpose.", hint="Set naming.purpose.")
        return f"label-{request.values['purpose']}"
"""
WHO = "Plugin 'acme' (acme-naming 1.2)"


@pytest.fixture
def acme(shell: Any, install: Callable[..., None]) -> Any:
    """Give a shell in whose folder the convention of Acme is chosen."""
    install("acme-naming", {"dpn.naming": "acme"}, ACME)
    use(shell, "acme")
    return shell


def use(shell: Any, name: str, *more: str) -> None:
    (shell.root / ".dpn").mkdir(exist_ok=True)
    (shell.root / ".dpn" / "naming-patterns.yaml").write_text("\n".join([f"use: {name}", *more]) + "\n")


def broken(shell: Any, install: Callable[..., None], code: str) -> None:
    install("odd-naming", {"dpn.naming": "odd"}, f"import dpn\n{code}")
    use(shell, "odd")


def test_a_convention_is_chosen_by_its_name(acme: Any) -> None:
    words = ("name", "render", "mem_box", "purpose=lake", "cost_center=cc-4711")
    assert acme(*words).out == "fin-lake-dev\n"
    assert acme(*words, "-e", "production").out == "fin-lake-prd\n"
    assert acme("name", "render", "mem_shelf", "purpose=lake", "owner=ada").out == "s-lake-ada\n"
    (acme.root / ".dpn" / "naming-patterns.yaml").unlink()
    assert acme(*words).out == "platform-lake-dev\n"


def test_what_the_file_says_wins_over_the_convention(acme: Any) -> None:
    use(acme, "acme", 'patterns: {mem_box: "own-{cost_center|department}"}')
    assert acme("name", "render", "mem_box", "cost_center=cc-4712").out == "own-hr\n"
    assert acme("name", "render", "mem_shelf", "purpose=x", "owner=ada").out == "s-x-ada\n"


def test_a_plan_has_the_names_of_the_plugin(acme: Any) -> None:
    acme.write(
        {
            "mem_box": {"raw": {"naming": {"purpose": "raw"}}, "own": {"name": "just-this"}},
            "mem_robot": {"r2": {"naming": {"purpose": "raw"}}},
        },
        metadata={"environment": "dev", "cost_center": "cc-4711"},
    )
    done = acme("plan", "--offline", "--json")
    assert done.code == 0
    names = {change["address"]: change["name"] for change in done.json["changes"]}
    assert names == {"mem_box.raw": "fin-raw-dev", "mem_box.own": "just-this", "mem_robot.r2": "label-raw"}
    assert acme("validate").code == 0
    assert acme("config", "validate").code == 0


def test_none_leaves_the_name_to_the_pattern_and_an_answer_is_taken(acme: Any) -> None:
    assert acme("name", "render", "mem_label", "purpose=x").out == "label-x\n"
    assert acme("name", "render", "mem_box", "purpose=x", "cost_center=cc-4711").out == "fin-x-dev\n"


def test_an_answer_is_held_to_the_rule_and_says_whose_it_is(acme: Any) -> None:
    done = acme("name", "render", "mem_label", "purpose=NOT VALID")
    assert (done.code, done.out) == (64, "")
    assert WHO in done.err
    assert "dpn_name" in done.err


def test_a_refusal_is_a_problem_with_its_address_beside_all_others(acme: Any) -> None:
    acme.write({"mem_robot": {"a": {}, "b": {}}, "mem_box": {"c": {}}}, metadata={"cost_center": "cc-4711"})
    done = acme("plan", "--offline")
    assert done.code == 64
    for words in ("mem_robot.a", "mem_robot.b", "It needs a purpose.", "Set naming.purpose.", WHO, "mem_box.c"):
        assert words in done.err


def hook(name: str, *body: str) -> str:
    """Give the source of a hook."""
    return f"@dpn.hookimpl\ndef {name}({'request' if name == 'dpn_name' else ''}):\n    " + "\n    ".join(body)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (hook("dpn_name", "return request.values['nope']"), "dpn_name for mem_box"),
        (hook("dpn_name", "return 7"), "dpn_name with 7"),
        (hook("dpn_conventions", "yield 1 // 0"), "dpn_conventions: ZeroDivisionError"),
        (hook("dpn_conventions", "return ['text']"), "no Convention"),
        (hook("dpn_conventions", "yield dpn.Convention('odd', {'mem_box': 7})"), "patterns.mem_box"),
        (hook("dpn_conventions", "yield dpn.Convention('odd', {}, {'lowercase': 7})"), "transformations.lowercase"),
        (hook("dpn_conventions", "return [dpn.Convention('odd', {})] * 2"), "offer the convention 'odd'"),
        (hook("dpn_transforms", "return {'lower': dpn.Transform(str)}"), "one of core's"),
        (hook("dpn_transforms", "return {'Bad': dpn.Transform(str)}"), "no name of a filter"),
        (hook("dpn_transforms", "return {'bad': str}"), "no Transform"),
        (hook("dpn_transforms", "return ['bad']"), "no mapping"),
        (hook("dpn_transforms", "return {'bad': dpn.Transform(str, charset='z-a')}"), "charset"),
        ("1 // 0", "could not be imported"),
    ],
)
def test_a_plugin_that_breaks_the_contract_is_named_with_package_and_version(
    shell: Any, install: Callable[..., None], code: str, words: str
) -> None:
    broken(shell, install, code)
    done = shell("name", "render", "mem_box", "purpose=x")
    assert done.code == 7, done.err
    assert "Plugin 'odd' (odd-naming 1.2)" in done.err
    assert words in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("filter_", "value", "words"),
    [
        ("dpn.Transform(lambda value, arg: 'a-b', word=True)", "x", "gave 'a-b', which is not one word"),
        ("dpn.Transform(lambda value, arg: 'xyz', charset='a-c')", "x", "gave 'xyz', which is not of [a-c]"),
        ("dpn.Transform(lambda value, arg: None)", "x", "gave None, which is no text"),
        ("dpn.Transform(lambda value, arg: {}[value])", "x", "raised KeyError('x')"),
    ],
)
def test_a_filter_is_held_to_what_it_declares(
    shell: Any, install: Callable[..., None], filter_: str, value: str, words: str
) -> None:
    broken(shell, install, hook("dpn_transforms", f"return {{'bad': {filter_}}}"))
    use(shell, "odd", 'patterns: {mem_box: "{purpose|bad}-box"}')
    done = shell("name", "render", "mem_box", f"purpose={value}")
    assert done.code == 64
    assert f"Plugin 'odd' (odd-naming 1.2) {words}" in done.err


def test_a_filter_refuses_a_value_in_its_own_words_and_at_its_place(acme: Any) -> None:
    acme.write({"mem_box": {"a": {"naming": {"purpose": "x"}}}}, metadata={"cost_center": "cc-1"})
    done = acme("plan", "--offline")
    assert done.code == 64
    assert f"The filter department failed on 'cc-1': cc-1 is no cost center ({WHO})" in done.err
    assert "blueprint.json:5:20" in done.err


def test_known_values_that_become_equal_are_found_unless_the_filter_is_lossy(
    shell: Any, install: Callable[..., None]
) -> None:
    transforms = "{'one': dpn.Transform(lambda v, a: 'x', lossy=False), 'many': dpn.Transform(lambda v, a: 'x')}"
    broken(shell, install, hook("dpn_transforms", f"return {transforms}"))
    variables = "variables: {team: {form: known, values: [a, b]}}"
    use(shell, "odd", variables, 'patterns: {mem_box: "{team|one}-box"}')
    done = shell("config", "validate")
    assert done.code == 64
    assert "one makes 'x' of both 'a' and 'b'" in done.err
    use(shell, "odd", variables, 'patterns: {mem_box: "{team|many}-box"}')
    assert shell("config", "validate").code == 0


def test_an_explanation_and_a_doubt_say_that_a_convention_brings_the_pattern(acme: Any) -> None:
    acme.write({"mem_shelf": {"a": {"naming": {"purpose": "x", "owner": "ada"}}}})
    done = acme("name", "explain", "mem_shelf.a")
    assert "pattern: s-{purpose}-{owner}, as the convention acme brings it" in done.out
    assert acme("name", "explain", "mem_shelf.a", "--json").json["names"][0]["convention"] == "acme"
    done = acme("config", "validate")
    assert done.code == 0
    assert "Names of mem_shelf can have two readings" in done.err
    assert "It is of the convention acme. [PATTERN-AMBIGUOUS]" in done.err


def test_a_plugin_without_a_convention_brings_its_filters_and_names(shell: Any, install: Callable[..., None]) -> None:
    broken(shell, install, hook("dpn_name", "return 'always-this'"))
    assert shell("name", "render", "mem_box").out == "always-this\n"


def test_a_convention_that_the_plugin_does_not_offer(shell: Any, install: Callable[..., None]) -> None:
    broken(shell, install, hook("dpn_conventions", "yield dpn.Convention('old', {})"))
    done = shell("name", "render", "mem_box", "purpose=x")
    assert done.code == 64
    assert "No naming plugin offers a convention named 'odd'." in done.err


def test_a_pattern_that_does_not_compile_says_whose_it_is(shell: Any, install: Callable[..., None]) -> None:
    broken(shell, install, hook("dpn_conventions", "yield dpn.Convention('odd', {'mem_*': '{nope}'})"))
    done = shell("name", "render", "mem_box", "purpose=x")
    assert done.code == 64
    assert "'{nope}' (convention odd) of mem_box" in done.err


def test_wildcards_of_a_convention_that_are_equally_specific(shell: Any, install: Callable[..., None]) -> None:
    code = "yield dpn.Convention('odd', {'mem_*': '{project}-x', '*_box': '{project}-y'})"
    broken(shell, install, hook("dpn_conventions", code))
    done = shell("name", "render", "mem_box")
    assert done.code == 64
    assert "equally specific for mem_box" in done.err
    assert "convention odd" in done.err


def test_a_plugin_that_is_not_installed(shell: Any, install: Callable[..., None]) -> None:
    install("acme-naming", {"dpn.naming": "acme"}, ACME)
    use(shell, "acne")
    done = shell("name", "render", "mem_box", "purpose=x")
    assert done.code == 7
    assert "The naming plugin 'acne' is not installed." in done.err
    assert "Did you mean 'acme'?" in done.err
    assert "`use` in naming-patterns.yaml" in done.err


def test_an_unknown_filter_is_said_with_those_of_the_plugin(acme: Any) -> None:
    use(acme, "acme", 'patterns: {mem_box: "{cost_center|departmnt}"}')
    assert "Did you mean department?" in acme("name", "render", "mem_box", "cost_center=cc-4711").err


def test_lines_are_named_by_the_plugin_too(acme: Any) -> None:
    line = json.dumps({"kind": "mem_label", "values": {"purpose": "a"}})
    assert acme("name", "render", "-", stdin=line).json == {"name": "label-a"}
