"""Which layer wins, where a value comes from, and what cannot be a value."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpn.config import NamingFiles
from dpn.errors import Place
from dpn.naming import Namer, default_environment
from dpn.naming.values import fault

Make = Callable[..., Namer]

VALUES = """\
defaults:
  team: d
environments:
  dev:
    team: e
  prd:
    team: p
resource_types:
  aws_*:
    team: g
  aws_s3_*:
    team: s
  aws_s3_bucket:
    team: t
"""

LAYERS = ["defaults", "environments", "resource_types", "metadata", "naming", "override"]


def winner(make: Make, upto: int, key: str = "team") -> tuple[str, str]:
    """Set one variable in the lowest layers and give the value and layer that win."""
    sections = {
        "defaults": f"defaults: {{{key}: defaults}}",
        "environments": f"environments: {{dev: {{{key}: environments}}}}",
        "resource_types": f"resource_types: {{aws_s3_bucket: {{{key}: resource_types}}}}",
    }
    chosen = LAYERS[: upto + 1]
    namer = make(
        "\n".join(text for name, text in sections.items() if name in chosen),
        metadata={key: "metadata"} if "metadata" in chosen else {},
        overrides={key: "override"} if "override" in chosen else {},
    )
    values, problems = namer.values("aws_s3_bucket", naming={key: "naming"} if "naming" in chosen else {})
    assert not problems
    assert not namer.problems
    return values[key].text, values[key].origin.layer


@pytest.mark.parametrize("key", ["team", "project", "purpose"])
@pytest.mark.parametrize("upto", range(len(LAYERS)))
def test_each_layer_wins_over_all_below_it(make: Make, upto: int, key: str) -> None:
    assert winner(make, upto, key) == (LAYERS[upto], LAYERS[upto])


def test_what_dpn_ships_is_the_lowest(make: Make) -> None:
    values, _ = make().values("aws_s3_bucket")
    assert {name: (value.text, value.origin.layer) for name, value in values.items()} == {
        "project": ("platform", "shipped"),
        "environment": ("dev", "environment"),
    }


def test_only_the_chosen_environment_and_matching_kinds_apply(make: Make) -> None:
    assert make(VALUES).values("aws_s3_bucket")[0]["team"].text == "t"
    assert make(VALUES).values("aws_glue_database")[0]["team"].text == "g"
    values = VALUES.replace("aws_*", "azure_*")
    assert make(values).values("aws_glue_database")[0]["team"].text == "e"
    assert make(values, environment="prd").values("aws_glue_database")[0]["team"].text == "p"
    assert make(values, environment="stg").values("aws_glue_database")[0]["team"].text == "d"


def test_all_matching_wildcards_apply_key_by_key(make: Make) -> None:
    namer = make("resource_types: {'aws_*': {team: a, purpose: a, layer: a}, 'aws_s3_*': {team: s, purpose: s}, "
                 "aws_s3_bucket: {team: b}}")  # fmt: skip
    values = namer.values("aws_s3_bucket")[0]
    assert [values[name].text for name in ("team", "purpose", "layer")] == ["b", "s", "a"]


def test_equally_specific_wildcards_that_disagree_are_an_error(make: Make) -> None:
    namer = make("resource_types:\n  'aws_s3_*': {team: a}\n  '*_bucket': {team: b}\n")
    (problem,) = namer.problems
    assert (problem.code, problem.place) == ("GLOB-TIE", Place("values.yaml", 3, 3))
    assert "aws_s3_bucket" in problem.message
    assert make("resource_types: {'aws_s3_*': {team: a}, '*_bucket': {team: a, layer: b}}").problems == ()


@pytest.mark.parametrize("nothing", ['""', "null"])
def test_nothing_takes_away_what_lower_layers_say(make: Make, nothing: str) -> None:
    values = f"defaults: {{team: d, project: p}}\nenvironments: {{dev: {{team: {nothing}}}}}"
    assert "team" not in make(values).values("aws_s3_bucket")[0]
    namer = make("defaults: {team: d}", metadata={"team": ""})
    assert "team" not in namer.values("aws_s3_bucket")[0]
    assert namer.values("aws_s3_bucket", naming={"team": "n"})[0]["team"].text == "n"
    assert "project" not in namer.values("aws_s3_bucket", naming={"project": ""})[0]
    assert "team" not in make("defaults: {team: d}", overrides={"team": ""}).values("aws_s3_bucket")[0]


def test_a_value_knows_its_place(make: Make) -> None:
    namer = make(VALUES, metadata={"project": "m"}, metadata_places=lambda key: Place("blueprint.json", 3, len(key)))
    values = namer.values("aws_s3_bucket", naming={"layer": "x"})[0]
    assert str(values["team"].origin) == "resource_types.aws_s3_bucket.team (values.yaml:14:11)"
    assert str(values["project"].origin) == "metadata.project (blueprint.json:3:7)"
    assert str(values["layer"].origin) == "naming.layer"


def test_places_are_not_looked_for_without_need(make: Make) -> None:
    def never(key: str) -> Place:
        raise AssertionError(key)

    named, problems = make(metadata={"project": "m"}, metadata_places=never).name(
        "aws_s3_bucket", naming={"purpose": "x"}
    )
    assert named
    assert not problems


@pytest.mark.parametrize(
    ("values", "options", "place"),
    [
        ("environments:\n  dev:\n    environment: prd\n", {}, Place("values.yaml", 3, 18)),
        ("environments:\n  prd:\n    environment: p\n", {}, Place("values.yaml", 3, 18)),
        ("resource_types:\n  'aws_*':\n    environment: prd\n", {}, Place("values.yaml", 3, 18)),
        ("", {"overrides": {"environment": "prd"}}, None),
    ],
)
def test_the_environment_is_fixed(make: Make, values: str, options: dict[str, object], place: Place | None) -> None:
    (problem,) = make(values, **options).problems
    assert (problem.code, problem.place) == ("ENV-FIXED", place)


def test_a_resource_cannot_change_its_environment(make: Make) -> None:
    _, problems = make().name("aws_s3_bucket", naming={"environment": "prd", "purpose": "x"})
    assert [problem.code for problem in problems] == ["ENV-FIXED"]
    named, _ = make().name("aws_s3_bucket", naming={"environment": "dev", "purpose": "x"})
    assert named


def test_what_an_environment_is_chosen_from_does_not_contradict_it(make: Make) -> None:
    namer = make("defaults: {environment: stg}", metadata={"environment": "prd"}, environment="dev")
    assert namer.problems == ()
    assert namer.values("aws_s3_bucket")[0]["environment"].text == "dev"


def test_the_default_environment(files: Callable[..., NamingFiles]) -> None:
    assert default_environment(files()) == "dev"
    assert default_environment(files("defaults: {team: x}")) == "dev"
    assert default_environment(files("defaults: {environment: stg}")) == "stg"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("a\x00b", "VALUE-CHARS"),
        ("a\nb", "VALUE-CHARS"),
        ("a\x1b[31m", "VALUE-CHARS"),
        ("a\u200bb", "VALUE-CHARS"),
        ("a\u202eb", "VALUE-CHARS"),
        ("a\ud800", "VALUE-CHARS"),
        ("\ue000", "VALUE-CHARS"),
        ("\u0378", "VALUE-CHARS"),
        ("a\u2028", "VALUE-CHARS"),
        ("e\u0301", "VALUE-NFC"),
        ("\N{KELVIN SIGN}", "VALUE-NFC"),
        ("a" * 256, "VALUE-LENGTH"),
        (7, "VALUE-TYPE"),
        (True, "VALUE-TYPE"),
        (["a"], "VALUE-TYPE"),
        ("a" * 255, None),
        ("größe", None),
        ("a b", None),
    ],
)
def test_what_cannot_be_a_value(value: object, code: str | None) -> None:
    wrong = fault(value)
    assert (wrong and wrong[0]) == code


def test_the_code_point_of_what_cannot_be_seen_is_told(make: Make) -> None:
    _, problems = make().name("aws_s3_bucket", address="aws_s3_bucket.x", naming={"purpose": "a\u200bb"})
    (problem,) = problems
    assert (problem.code, problem.field, problem.address) == ("VALUE-CHARS", "naming.purpose", "aws_s3_bucket.x")
    assert "U+200B ZERO WIDTH SPACE" in problem.message


def test_all_bad_values_of_a_file_come_together(make: Make) -> None:
    namer = make('defaults:\n  team: "a\u200bb"\nenvironments:\n  prd:\n    team: "c\u202e"\n')
    assert [(problem.code, problem.place) for problem in namer.problems] == [
        ("VALUE-CHARS", Place("values.yaml", 2, 9)),
        ("VALUE-CHARS", Place("values.yaml", 5, 11)),
    ]


@given(st.text(max_size=300))
def test_a_sound_value_has_only_characters_that_can_be_seen(value: str) -> None:
    if fault(value) is None:
        assert len(value) <= 255
        assert value.isprintable() or any(char.isspace() for char in value)
