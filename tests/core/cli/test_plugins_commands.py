"""`dpn plugins list` and `dpn plugins check`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

NAMING = """
from dpn import Convention, InputError, NameRule, Transform, hookimpl

@hookimpl
def dpn_conventions():
    yield Convention("acme", patterns={"aws_s3_bucket": "{team|initial}-x-{environment}", "moon_*": "{purpose}"})

@hookimpl
def dpn_transforms():
    return {"initial": Transform(lambda value, arg: value[:1].lower(), word=True)}

@hookimpl(tryfirst=True)
def dpn_name(request):
    if request.values["team"] != "ops":
        raise InputError("No such team.")

def dpn_validate(resources):
    raise AssertionError("not marked, so not a hook")
"""
PROVIDER = """
import dpn

class Label(dpn.NamedKind):
    kind = "odd_label"
    name_rule = dpn.NameRule("[a-z]+", good=("abc",), bad=())
    default_pattern = "{project|word}"

@dpn.hookimpl
def dpn_providers():
    yield dpn.Provider("odd", (Label,))
"""


def scheme(patterns: str = "{}", filters: str = "{}", name: str = "None") -> str:
    """Give the source of a naming plugin."""
    return f"""
import dpn, itertools

count = itertools.count()

@dpn.hookimpl
def dpn_conventions():
    yield dpn.Convention("acme", {patterns})

@dpn.hookimpl
def dpn_transforms():
    return {filters}

@dpn.hookimpl
def dpn_name(request):
    return {name} if request.kind == "aws_s3_bucket" else None
"""


def test_plugins_are_listed_with_the_hooks_that_they_answer(shell: Any, install: Callable[..., None]) -> None:
    install("acme-naming", {"dpn.naming": "acme"}, NAMING)
    rows = shell("plugins", "list", "--json").json
    store = {"group": "backends", "name": "file", "package": "dpn", "version": "0.1.0", "hooks": ["dpn_backends"]}
    assert store in rows
    (acme,) = [row for row in rows if row["package"] == "acme-naming"]
    assert acme == {
        "group": "naming", "name": "acme", "package": "acme-naming", "version": "1.2",
        "hooks": ["dpn_conventions", "dpn_transforms", "dpn_name"],
    }  # fmt: skip
    head, *lines = shell("plugins", "list").out.splitlines()
    assert head.split() == ["GROUP", "NAME", "PACKAGE", "VERSION", "HOOKS"]
    hooks = ["dpn_conventions,", "dpn_transforms,", "dpn_name"]
    assert ["naming", "acme", "acme-naming", "1.2", *hooks] in map(str.split, lines)
    assert "acme_naming" not in sys.modules


def test_a_plugin_that_cannot_be_read_is_listed_all_the_same(shell: Any, install: Callable[..., None]) -> None:
    install("acme-naming", {"dpn.naming": "acme"}, "def broken(:\n")
    install("gone-naming", {"dpn.naming": "gone"}, "")
    install("far-naming", {"dpn.naming": "far"}, "")
    rows = {row["name"]: row["hooks"] for row in shell("plugins", "list", "--json").json if row["group"] == "naming"}
    assert rows == {"acme": [], "gone": [], "far": []}


def test_a_sound_plugin_is_fine(shell: Any, install: Callable[..., None]) -> None:
    install("acme-naming", {"dpn.naming": "acme"}, NAMING)
    assert shell("plugins", "check", "acme").out == "naming acme (acme-naming 1.2): fine\n"
    done = shell("plugins", "check", "file", "--json")
    assert done.code == 0
    assert done.json == [
        {
            "group": "backends", "name": "file", "package": "dpn", "version": "0.1.0", "valid": True, "message": "",
            "faults": [], "hint": "",
        }
    ]  # fmt: skip
    assert shell("plugins", "check", "nope").code == 64


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (
            scheme(patterns="{'aws_s3_*': '{nope}-x'}"),
            "convention acme: Pattern '{nope}-x' of aws_s3",
        ),
        (scheme(patterns="{'moon_*': '{'}"), "convention acme: moon_*"),
        (scheme(filters="{'f': dpn.Transform(lambda v, a: f'x{next(count)}')}"), "a name must be the same each time"),
        (scheme(filters="{'f': dpn.Transform(lambda v, a: 'x', lossy=False)}"), "it is not declared lossy"),
        (scheme(filters="{'f': dpn.Transform(lambda v, a: {}[v])}"), "raised KeyError('sales')"),
        (scheme(filters="{'f': dpn.Transform(lambda v, a: v, word=True)}"), "'clinical-data', which is not one word"),
        (scheme(filters="{'f': dpn.Transform(lambda v, a: v, charset='a-z')}"), "which is not of [a-z]"),
        (scheme(filters="{'f': dpn.Transform(lambda v, a: 7)}"), "gave 7, which is no text"),
        (scheme(name="f'name-{next(count)}'"), "for one aws_s3_bucket: a name must be the same each time"),
        (scheme(name="'Not_Valid'"), "dpn_name: aws_s3_bucket: 'Not_Valid' holds"),
        (scheme(name="request.values['nope']"), "raised in dpn_name for aws_s3_bucket.sample: KeyError('nope')"),
        (scheme(name="7"), "answered dpn_name with 7"),
        ("1 // 0", "could not be imported"),
    ],
)
def test_what_a_naming_plugin_breaks_is_said(shell: Any, install: Callable[..., None], code: str, words: str) -> None:
    install("acme-naming", {"dpn.naming": "acme"}, code)
    done = shell("plugins", "check", "acme")
    assert done.code == 7
    assert words in done.out
    assert "acme-naming" in done.out
    (row,) = shell("plugins", "check", "acme", "--json").json
    assert (row["valid"], row["group"], bool(row["hint"])) == (False, "naming", True)
    assert any(words in fault for fault in row["faults"])


def test_a_filter_may_refuse_values(shell: Any, install: Callable[..., None]) -> None:
    filters = "{'f': dpn.Transform(lambda v, a: str(int(v)), lossy=False)}"
    install("acme-naming", {"dpn.naming": "acme"}, scheme(filters=filters))
    assert shell("plugins", "check", "acme").code == 0


def test_the_kinds_of_a_provider_are_held_against_their_rules(shell: Any, install: Callable[..., None]) -> None:
    install("odd-cloud", {"dpn.providers": "odd"}, PROVIDER)
    assert shell("plugins", "check", "odd").code == 0
    bad = PROVIDER.replace("bad=()", 'bad=("xyz",)').replace("{project|word}", "{project}-{nope}")
    install("odd-other", {"dpn.providers": "other"}, bad.replace("odd", "other"))
    (row,) = shell("plugins", "check", "other", "--json").json
    assert "other_label: 'xyz' is accepted" in row["faults"]
    assert any("nope" in fault for fault in row["faults"])


def test_a_provider_is_registered_under_its_own_name(shell: Any, install: Callable[..., None]) -> None:
    install("odd-cloud", {"dpn.providers": "even"}, PROVIDER)
    done = shell("plugins", "check", "even")
    assert done.code == 7
    assert "It offers odd, and is registered as 'even'." in done.out


def test_an_emulator_without_its_methods_and_an_extension_that_is_sound(
    shell: Any, install: Callable[..., None]
) -> None:
    install("odd-cloud", {"dpn.emulators": "half", "dpn.extensions": "whole"}, "def start(world, home): ...\n")
    done = shell("plugins", "check", "half")
    assert done.code == 7
    assert "It has no stop, reset, env." in done.out
    assert shell("plugins", "check", "whole").out == "extensions whole (odd-cloud 1.2): fine\n"


def test_a_provider_that_cannot_be_loaded_is_no_fault_of_a_naming_plugin(
    shell: Any, install: Callable[..., None]
) -> None:
    install("odd-cloud", {"dpn.providers": "odd"}, "1 // 0")
    install("acme-naming", {"dpn.naming": "acme"}, NAMING)
    assert shell("plugins", "check", "acme").code == 0


def test_checking_needs_no_pytest() -> None:
    code = "import sys; sys.modules['pytest'] = None\nfrom dpn import api\nprint(len(api.check_plugins('file')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"
