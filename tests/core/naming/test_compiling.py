"""Compiling finds what no value could mend; rendering joins words as the kind wants them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from dpn.extensions import Transform
from dpn.naming.compiling import compile_pattern
from dpn.naming.pattern import Pattern
from dpn.provider import NameRule

KNOWN = ("project", "environment", "region", "purpose", "layer")


def codes(text: str, rule: NameRule) -> list[str]:
    _, problems = compile_pattern(text, rule=rule, known=KNOWN, transforms={})
    return [problem.code for problem in problems]


def compiled(text: str, rule: NameRule, transforms: Mapping[str, Transform] | None = None) -> Pattern:
    pattern, problems = compile_pattern(text, rule=rule, known=KNOWN, transforms=transforms or {})
    assert pattern, problems
    return pattern


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{projet}-x", "PATTERN-VARIABLE"),
        ("{project|lowr}-x", "PATTERN-FILTER"),
        ("{project}-{project}", "PATTERN-TWICE"),
        ("{project}[-{project}]", "PATTERN-TWICE"),
        ("{project|upper}-x", "PATTERN-FILTER"),
        ("{project|full}-x", "PATTERN-FILTER"),
        ("{project|max}-x", "PATTERN-FILTER"),
        ("{project|max:0}-x", "PATTERN-FILTER"),
        ("{project|max:256}-x", "PATTERN-FILTER"),
        ("{project|hash:5}", "PATTERN-FILTER"),
        ("{project|hash:33}", "PATTERN-FILTER"),
        ("{project|max:9|lower}", "PATTERN-FILTER"),
        ("{project|max:9|hash:8}", "PATTERN-FILTER"),
        ("{project|lower:1}-x", "PATTERN-FILTER"),
        ("under_score-{project}", "PATTERN-LITERAL"),
        ("a/{project}", "PATTERN-LITERAL"),
        ("a" * 63 + "{project}", "LEN-UNREACHABLE"),
        ("a" * 40 + "{project|hash:32}", "LEN-UNREACHABLE"),
        ("ab", "LEN-UNREACHABLE"),
        ("{project|max:2}", "LEN-UNREACHABLE"),
    ],
)
def test_what_compiling_refuses_for_a_bucket(text: str, code: str, rules: Mapping[str, NameRule]) -> None:
    assert codes(text, rules["s3"]) == [code]


def test_the_nearest_word_is_suggested(rules: Mapping[str, NameRule]) -> None:
    _, problems = compile_pattern("{projet|lowr}", rule=rules["s3"], known=KNOWN, transforms={})
    assert [problem.hint for problem in problems] == ["Did you mean project?", "Did you mean lower?"]
    assert "(column 1 " in problems[0].message
    assert "(column 8 " in problems[1].message


def test_all_problems_come_together(rules: Mapping[str, NameRule]) -> None:
    assert codes("{one}-{two|what}-{project}-{project}", rules["s3"]) == [
        "PATTERN-VARIABLE",
        "PATTERN-VARIABLE",
        "PATTERN-TWICE",
        "PATTERN-FILTER",
    ]


def test_lengths_at_their_edge(rules: Mapping[str, NameRule]) -> None:
    assert not codes("a" * 62 + "{project}", rules["s3"])
    assert not codes("abc", rules["s3"])
    assert not codes("{project|max:3}", rules["s3"])


def test_capitals_in_literals_follow_the_kind(rules: Mapping[str, NameRule]) -> None:
    assert compiled("RAW-{project}", rules["s3"]).render({"project": "Sales"}) == ("raw-sales", [])
    assert compiled("RAW-{project}", rules["role"]).render({"project": "Sales"}) == ("RAW-Sales", [])


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        ("s3", "my-project-x-dev"),
        ("glue", "my_project_x_dev"),
        ("vault", "myprojectxdev"),
        ("queue", "my-project-x-dev"),
    ],
)
def test_one_pattern_serves_kinds_with_other_separators(rule: str, name: str, rules: Mapping[str, NameRule]) -> None:
    pattern = compiled("{project}-{purpose}_{environment}", rules[rule])
    assert pattern.render({"project": "my-_. project", "purpose": "x", "environment": "dev"}) == (name, [])


def test_other_literals_and_those_at_the_ends_are_exact(rules: Mapping[str, NameRule]) -> None:
    pattern = compiled("_{project}.{purpose}--{layer}-", rules["role"].__class__(pattern=".*", separator="_"))
    assert pattern.render({"project": "a", "purpose": "b", "layer": "c"}) == ("_a.b_c-", [])


def test_paths_keep_hyphens_inside_their_segments(rules: Mapping[str, NameRule]) -> None:
    rule = NameRule(pattern=r"[a-z/-]+", separator="/", charset="a-z/-")
    pattern = compiled("{project}/{purpose}", rule)
    assert pattern.render({"project": "my project", "purpose": "x"}) == ("my-project/x", [])
    _, problems = pattern.render({"project": "a/b", "purpose": "x"})
    assert [problem.code for problem in problems] == ["VALUE-SLASH"]


def test_a_group_is_left_out_when_all_its_variables_are_absent(rules: Mapping[str, NameRule]) -> None:
    pattern = compiled("{project}[-{purpose}-{layer}]", rules["s3"])
    assert pattern.missing({}) == ["project"]
    assert pattern.missing({"project"}) == []
    assert pattern.missing({"project", "layer"}) == ["purpose"]
    assert pattern.render({"project": "abc"}) == ("abc", [])
    assert pattern.render({"project": "abc", "purpose": "x", "layer": "y"}) == ("abc-x-y", [])


@pytest.mark.parametrize(
    ("text", "value", "name"),
    [
        ("{project|lower}", "ABC-d", "abc-d"),
        ("{project|upper}", "abc-d", "ABC-D"),
        ("{project|slug}", "a&b (c)!", "a-b-c"),
        ("{project|word}", "real-world data", "realworlddata"),
        ("{project|max:6}", "real-world", "real-w"),
        ("{project|max:5}", "real-world", "real"),
        ("{project|word|max:5}", "real-world", "realw"),
        ("{project|hash:8}", "abc", "xj4bnp4p"),
        ("{project|lower|hash:8}", "ABC", "xj4bnp4p"),
        ("{project|full}", "x", None),
    ],
)
def test_filters(text: str, value: str, name: str | None, rules: Mapping[str, NameRule]) -> None:
    pattern, _ = compile_pattern(text, rule=rules["role"], known=KNOWN, transforms={})
    assert (pattern.render({"project": value})[0] if pattern else None) == name


def test_nothing_left_of_a_value_is_an_error(rules: Mapping[str, NameRule]) -> None:
    for text, rule in (("{project}-abc", "s3"), ("{project|slug}-abc", "s3"), ("{project}abc", "vault")):
        _, problems = compiled(text, rules[rule]).render({"project": "-- _"})
        assert [(problem.code, problem.field) for problem in problems] == [("VALUE-EMPTY", "project")]


def test_max_must_keep_known_values_apart(rules: Mapping[str, NameRule]) -> None:
    _, problems = compile_pattern(
        "{project}-{layer|max:3}",
        rule=rules["s3"],
        known=KNOWN,
        transforms={},
        values={"layer": ("staging", "raw", "standard")},
    )
    assert [problem.code for problem in problems] == ["PATTERN-CUT"]
    assert "both 'staging' and 'standard'" in problems[0].message


def test_a_filter_of_a_plugin(rules: Mapping[str, NameRule]) -> None:
    transforms = {"initials": Transform(lambda value, arg: "".join(word[: int(arg)] for word in value.split("-")))}
    assert compiled("{project|initials:1}-x", rules["s3"], transforms).render({"project": "ab-cd"}) == ("ac-x", [])


@pytest.mark.parametrize("broken", [lambda value, arg: 1 // 0, lambda value, arg: None])
def test_a_filter_that_fails_is_named(broken: object, rules: Mapping[str, NameRule]) -> None:
    transforms = {"bad": Transform(broken)}  # type: ignore[arg-type]
    _, problems = compiled("{project|bad}-x", rules["s3"], transforms).render({"project": "v"})
    assert [problem.code for problem in problems] == ["FILTER-FAILED"]
    assert "bad" in problems[0].message


def test_a_filter_of_a_plugin_must_be_able_to_give_what_the_kind_takes(rules: Mapping[str, NameRule]) -> None:
    transforms = {
        "digits": Transform(lambda value, arg: "1", charset="0-9"),
        "signs": Transform(lambda value, arg: "+", charset="+="),
    }
    assert compiled("{project|digits}-x", rules["s3"], transforms).render({"project": "a"}) == ("1-x", [])
    assert compiled("{project|signs|hash:6}-x", rules["s3"], transforms).required == ("project",)
    _, problems = compile_pattern("{project|signs}-x", rule=rules["s3"], known=KNOWN, transforms=transforms)
    assert [problem.code for problem in problems] == ["PATTERN-FILTER"]
    assert "signs gives [+=], and names of this kind hold [a-z0-9.-]" in problems[0].message


def test_core_filters_win_over_those_of_plugins(rules: Mapping[str, NameRule]) -> None:
    transforms = {"lower": Transform(lambda value, arg: "replaced")}
    assert compiled("{project|lower}-x", rules["s3"], transforms).render({"project": "V"}) == ("v-x", [])


def test_only_ascii_letters_change_their_case(rules: Mapping[str, NameRule]) -> None:
    name, _ = compiled("{project}-abc", rules["s3"]).render({"project": "\N{KELVIN SIGN}"})
    assert name == "\N{KELVIN SIGN}-abc"
