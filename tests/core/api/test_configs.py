from __future__ import annotations

from typing import Any

import pytest

from dpn import api
from dpn.documents import parse
from dpn.errors import DpnError, InputError, RefusedError


def test_each_variable_comes_with_its_value_and_where_that_is_from(lab: Any) -> None:
    (lab.root / ".dpn").mkdir()
    (lab.root / ".dpn" / "naming-values.yaml").write_text("defaults:\n  project: fromfile\n")
    rows, pattern, problems = api.config_rows(lab.options(file=None), "mem_box", lab.world)
    assert problems == []
    [row] = [row for row in rows if row.variable == "project"]
    assert row.value == "fromfile"
    assert pattern
    assert (pattern.text, pattern.place) == ("{project}-{purpose}-{environment}", None)


def test_a_file_that_is_not_valid_is_told_where_its_values_are_shown(lab: Any) -> None:
    (lab.root / ".dpn").mkdir()
    (lab.root / ".dpn" / "naming-values.yaml").write_text("defualts:\n  project: fromfile\n")
    _, _, problems = api.config_rows(lab.options(file=None), "mem_box", lab.world)
    assert any("defualts" in str(problem) for problem in problems)


def test_sound_files_have_no_problems_and_others_have_places(lab: Any) -> None:
    assert api.config_check(lab.options(file=None), lab.world).problems == ()
    (lab.root / ".dpn").mkdir()
    (lab.root / ".dpn" / "naming-patterns.yaml").write_text('patterns:\n  mem_box: "{nonsense}"\n')
    problems = api.config_check(lab.options(file=None), lab.world).problems
    assert any("nonsense" in problem.message for problem in problems)
    assert any(problem.place and problem.place.line == 2 for problem in problems)


ANSWERS = {"project": "acme", "environment": "dev"}


@pytest.mark.parametrize("kinds", [(), ("mem_box",), ("*",), ("mem_*", "aws_s3_bucket")])
@pytest.mark.parametrize("in_home", [False, True])
def test_first_files_are_written_are_sound_and_are_not_overwritten(
    lab: Any, in_home: bool, kinds: tuple[str, ...]
) -> None:
    paths = api.config_init(ANSWERS, lab.world, options=lab.options(file=None), kinds=kinds, in_home=in_home)
    assert {path.parent for path in paths} == {lab.home if in_home else lab.root / ".dpn"}
    assert api.config_check(lab.options(file=None), lab.world).problems == ()
    paths[0].write_text("mine")
    with pytest.raises(RefusedError, match="is there already"):
        api.config_init(ANSWERS, lab.world, options=lab.options(file=None), kinds=kinds, in_home=in_home)
    assert paths[0].read_text() == "mine"
    api.config_init(ANSWERS, lab.world, options=lab.options(file=None), kinds=kinds, in_home=in_home, force=True)
    assert paths[0].read_text() != "mine"


def test_a_folder_that_cannot_be_written_to_is_an_error_in_plain_words(lab: Any) -> None:
    (lab.root / ".dpn").write_text("a file in its place")
    with pytest.raises(DpnError, match=r"\.dpn"):
        api.config_init(ANSWERS, lab.world)


def test_the_kinds_that_are_asked_for_are_written_out_with_their_patterns(lab: Any) -> None:
    values, patterns = api.config_init(ANSWERS, lab.world, options=lab.options(file=None), kinds=["mem_b*"])
    assert parse(patterns.read_text(), "p", "yaml").data == {
        "patterns": {"mem_box": "{project}-{purpose}-{environment}"}
    }
    assert "  mem_box:\n    # purpose: VALUE  # What it is for.\n" in values.read_text()
    values.write_text(values.read_text().replace("# purpose: VALUE", "purpose: lake"))
    assert api.render_name(lab.options(file=None), "mem_box", {}, lab.world) == "acme-lake-dev"


@pytest.mark.parametrize(
    ("answers", "kinds", "words"),
    [
        ({"project": "a\x00b"}, (), "project"),
        ({"environments": "dev,not good"}, (), "environments"),
        ({"team": "x" * 300}, (), "team"),
        ({}, ("mem_bxo",), "mem_box"),
        ({}, ("nowhere_*",), "nowhere_*"),
    ],
)
def test_what_cannot_stand_in_the_files_is_not_written(
    lab: Any, answers: dict[str, str], kinds: tuple[str, ...], words: str
) -> None:
    with pytest.raises(InputError) as caught:
        api.config_init({**ANSWERS, **answers}, lab.world, options=lab.options(file=None), kinds=kinds)
    said = f"{caught.value.message} {caught.value.hint} {' '.join(map(str, caught.value.problems))}"
    assert words in said
    assert not (lab.root / ".dpn").exists()


def test_what_holds_for_every_kind_is_shown_without_one(lab: Any) -> None:
    (lab.root / ".dpn").mkdir()
    (lab.root / ".dpn" / "naming-values.yaml").write_text(
        "defaults: {project: p, team: t}\nenvironments: {prd: {team: x}}\n"
        "resource_types: {mem_box: {team: box}, '*': {cost_center: all}}\n"
    )
    options = lab.options(file=None, environment="prd", overrides={"project": "o"})
    rows, pattern, problems = api.config_rows(options, None, lab.world)
    assert (pattern, problems) == (None, [])
    assert {row.variable: (row.value, row.layer) for row in rows} == {
        "cost_center": ("all", "resource_types"),
        "environment": ("prd", "environment"),
        "project": ("o", "override"),
        "region": (None, ""),
        "team": ("x", "environments"),
    }


def write(lab: Any, values: str = "", patterns: str = "") -> api.CheckedConfig:
    """Write both files and check them."""
    (lab.root / ".dpn").mkdir(exist_ok=True)
    (lab.root / ".dpn" / "naming-values.yaml").write_text(values)
    (lab.root / ".dpn" / "naming-patterns.yaml").write_text(patterns)
    return api.config_check(lab.options(file=None), lab.world)


def test_a_convention_that_is_not_installed_is_one_problem_among_the_others(lab: Any) -> None:
    checked = write(lab, "defalts: {}\n", 'use: acme\npatterns:\n  mem_box: "{nonsense}"\n')
    assert not checked.valid
    assert sorted(one.code for one in checked.problems) == ["CONVENTION-UNKNOWN", "PATTERN-VARIABLE", "SCHEMA"]
    assert all(one.place and one.place.line for one in checked.problems)


def test_an_extension_that_is_not_installed_is_one_problem_among_the_others(lab: Any) -> None:
    (lab.root / ".dpn").mkdir()
    (lab.root / ".dpn" / "config.yaml").write_text("plugins: [nowhere]\n")
    checked = write(lab, "defalts: {}\n")
    assert sorted(one.code for one in checked.problems) == ["EXTENSION-UNKNOWN", "SCHEMA"]
    assert "'nowhere'" in checked.problems[-1].message


def test_headroom_and_what_is_left_to_blueprints(lab: Any) -> None:
    checked = write(
        lab,
        "defaults: {project: oncology}\n",
        'patterns: {mem_box: "{project}-{purpose}[-{layer}]-{environment}-{region}"}\n'
        "variables: {purpose: {form: word}, layer: {}}\n"
        "validation: {max_length: {mem_box: 38}, required_variables: {mem_box: [team, project]}}\n",
    )
    assert checked.problems == ()
    [room] = [one for one in checked.headroom if one.kind == "mem_box"]
    assert (room.left, room.free, room.words) == (
        38 - len("oncology--dev-n1"),
        ("purpose",),
        ("oncology", "dev", "n1"),
    )
    assert checked.needs["mem_box"] == ["purpose", "region", "team"]
    assert checked.valid


@pytest.mark.parametrize(
    ("values", "patterns", "code", "line"),
    [
        ("defaults:\n  proect: x\n", "", "VARIABLE-UNUSED", 2),
        ("defaults:\n  region: north-11\n", "", "REGION-UNMAPPED", 2),
        ("resource_types:\n  mem_bx: {team: x}\n", "", "GLOB-UNUSED", 2),
        ("", "transformations:\n  lowercase:\n  - mem_bx\n", "GLOB-UNUSED", 3),
        ("", "transformations:\n  uppercase:\n    mem_bx: true\n", "GLOB-UNUSED", 3),
        ("", "transformations:\n  replace_hyphens:\n    mem_bx: '_'\n", "GLOB-UNUSED", 3),
        ("", "validation:\n  max_length:\n    mem_bx: 9\n", "GLOB-UNUSED", 3),
        ("", "validation:\n  required_variables:\n    mem_bx: [team]\n", "GLOB-UNUSED", 3),
        ("", "unicode:\n- mem_bx\n", "GLOB-UNUSED", 2),
        ("", "readable:\n  mem_bx: required\n", "GLOB-UNUSED", 2),
        ("", "transformations:\n  shorten:\n    mem_bx: true\n", "GLOB-UNUSED", 3),
        ("", "transformations:\n  hash_generation:\n  - mem_bx\n", "GLOB-UNUSED", 3),
        ("", "transformations:\n  shorten:\n    mem_box:\n      tokens: {purpsoe: drop}\n", "VARIABLE-UNKNOWN", 4),
        ("vocabulary:\n  taem: [a]\n", "", "VARIABLE-UNKNOWN", 2),
        ("", "validation:\n  required_variables:\n  - taem\n", "VARIABLE-UNKNOWN", 3),
        ("", "validation:\n  required_variables:\n    mem_box:\n    - taem\n", "VARIABLE-UNKNOWN", 4),
        ("", "transformations:\n  abbreviations:\n    enviroment: {dev: d}\n", "VARIABLE-UNKNOWN", 3),
        ("", "validation:\n  max_length:\n    mem_box: 400\n", "PATTERNS-LENGTH", 3),
    ],
)
def test_what_has_no_effect_is_warned_of_at_its_line(
    lab: Any, values: str, patterns: str, code: str, line: int
) -> None:
    checked = write(lab, values, patterns)
    assert [(one.code, one.severity, one.place and one.place.line) for one in checked.problems] == [
        (code, "warning", line)
    ]
    assert checked.valid


@pytest.mark.parametrize(
    ("values", "patterns"),
    [
        ("defaults: {owner: x, data_classification: internal}\n", ""),
        ("defaults: {squad: x}\n", "validation: {required_variables: [squad]}\n"),
        ("", "variables: {taem: {}}\nvalidation: {required_variables: [taem]}\n"),
        ("defaults: {region: moon-1}\n", "transformations: {region_mapping: {moon-1: m1}}\n"),
        ("", "validation: {max_length: {'mem_*': 400}}\n"),
        ("", "patterns: {'mem_*': '{project}-{tier}'}\nvariables: {tier: {form: word}}\n"),
    ],
)
def test_what_may_have_an_effect_is_not_warned_of(lab: Any, values: str, patterns: str) -> None:
    assert write(lab, values, patterns).problems == ()


def test_the_room_in_names_is_told_for_every_kind(lab: Any) -> None:
    rooms = {room.kind: room for room in api.config_check(lab.options(file=None), lab.world).headroom}
    table = rooms["aws_glue_table"]
    assert (table.left, table.free, table.words) == (245, ("entity",), ("dimension",))  # the longest that is known
    assert "databricks_grant" not in rooms
