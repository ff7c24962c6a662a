"""What values a variable can have: listed ones, synonyms, and a list that takes no others."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dpn.config import NamingFiles
from dpn.config.shapes import NAMING_VALUES
from dpn.documents import check, parse
from dpn.errors import Place, Problem
from dpn.extensions import Transform
from dpn.naming import Namer
from dpn.naming.vocabulary import declared, entries
from dpn.provider import Variable

Make = Callable[..., Namer]

BUCKET, DATABASE = "aws_s3_bucket", "aws_glue_database"
CLOSED = "vocabulary:\n  purpose: {values: [lake, logs], closed: true}\n"


def codes(problems: list[Problem] | tuple[Problem, ...]) -> list[str]:
    return [problem.code for problem in problems]


def test_values_that_are_not_listed_are_accepted_unless_the_list_is_closed(make: Make) -> None:
    listed = make("vocabulary: {purpose: [lake, logs]}")
    assert listed.problems == ()
    assert listed.name(BUCKET, naming={"purpose": "other"})[0]
    closed = make(CLOSED)
    assert closed.name(BUCKET, naming={"purpose": "lake"})[0]
    named, [problem] = closed.name(BUCKET, address="a.b", naming={"purpose": "laek"})
    assert named is None
    assert (problem.code, problem.field, problem.address) == ("VALUE-UNKNOWN", "naming.purpose", "a.b")
    assert (problem.hint or "").startswith("Did you mean lake?")


def test_a_closed_list_judges_the_values_of_the_file_with_their_place(make: Make) -> None:
    [problem] = make(CLOSED + "defaults:\n  purpose: lake\nenvironments:\n  prd:\n    purpose: other\n").problems
    assert (problem.code, problem.field) == ("VALUE-UNKNOWN", "environments.prd.purpose")
    assert problem.place == Place("values.yaml", 7, 14)


@pytest.mark.parametrize("layer", ["metadata", "overrides"])
def test_a_closed_list_judges_every_layer_of_a_run(make: Make, layer: str) -> None:
    assert codes(make(CLOSED, **{layer: {"purpose": "x"}}).name(BUCKET)[1]) == ["VALUE-UNKNOWN"]
    environment = make("vocabulary: {environment: {values: [dev, prd], closed: true}}", environment="tst")
    assert codes(environment.name(BUCKET, naming={"purpose": "x"})[1]) == ["VALUE-UNKNOWN"]


def test_two_values_that_look_the_same_in_names_are_one_entry_or_an_error(make: Make) -> None:
    found = make("vocabulary:\n  project: [my-app, my_app]\n  domain: [a]\n").problems
    assert codes(found) == ["VOCABULARY-TOKEN", "VOCABULARY-TOKEN"]
    assert found[0].place == Place("values.yaml", 2, 12)
    assert "'my-app' and 'my_app', two values of project, are both 'my-app'" in found[0].message
    assert make("vocabulary: {project: [[my-app, my_app]]}").problems == ()


def test_an_abbreviation_can_make_two_values_look_the_same(make: Make) -> None:
    patterns = "transformations: {abbreviations: {environment: {production: prd}}}"
    assert "VOCABULARY-TOKEN" in codes(make("vocabulary: {environment: [production, prd]}", patterns).problems)
    assert make("vocabulary: {environment: [[production, prd], dev]}", patterns).problems == ()


def test_letters_count_only_where_the_kind_has_both_cases(make: Make) -> None:
    patterns = "patterns: {'*': '{project}-{team}'}"
    assert codes(make("vocabulary: {team: [Ops, ops]}", patterns).problems) == ["VOCABULARY-TOKEN"] * 2
    hashed = "patterns: {'*': '{project}-{team|hash:8}'}"
    assert make("vocabulary: {team: [Ops, ops]}", hashed).problems == ()


def test_a_filter_is_not_blamed_for_values_that_look_the_same_without_it(make: Make) -> None:
    transforms = {"same": Transform(lambda value, _: value, lossy=False)}
    namer = make("vocabulary: {team: [Ops, ops]}", "patterns: {'*': '{project}-{team|same}'}", transforms=transforms)
    assert codes(namer.problems) == ["VOCABULARY-TOKEN"] * 2


def test_values_that_cannot_be_and_values_twice_are_said(make: Make) -> None:
    found = make('vocabulary: {purpose: ["a\\u200bb", x, [y, x]]}').problems
    assert codes(found) == ["VALUE-CHARS", "VOCABULARY-TWICE"]


def test_a_vocabulary_makes_its_variable_known_to_patterns(make: Make) -> None:
    assert make("vocabulary: {data_owner: [ada]}", "patterns: {aws_s3_bucket: '{project}-{data_owner}'}").problems == ()


def test_the_file_wins_over_what_a_kind_declares(files: Callable[..., NamingFiles]) -> None:
    variables = {
        "a": Variable("a", "word"), "b": Variable("b", "known", ("x", "y")), "c": Variable("c"),
        "d": Variable("d", "known"),
    }  # fmt: skip
    document = files("vocabulary: {a: [real-world], c: [[p, q], r]}").values
    forms = declared(document, variables)
    assert {name: (form.name, form.entries, form.beyond) for name, form in forms.items()} == {
        "a": ("known", (("real-world",),), "word"),
        "b": ("known", (("x",), ("y",)), "word"),
        "c": ("known", (("p", "q"), ("r",)), "open"),
        "d": ("open", (), "open"),
    }
    assert entries(None) == {}


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("vocabulary: {a: [x, [y, z]]}", True),
        ("vocabulary: {a: {values: [x], closed: false}}", True),
        ("vocabulary: {a: x}", False),
        ("vocabulary: {a: ['']}", False),
        ("vocabulary: {a: [[]]}", False),
        ("vocabulary: {a: {valeus: [x]}}", False),
        ("vocabulary: {A: [x]}", False),
    ],
)
def test_the_shape_of_a_vocabulary(text: str, good: bool) -> None:
    assert (not check(parse(text, "values.yaml", "yaml"), NAMING_VALUES)) is good
