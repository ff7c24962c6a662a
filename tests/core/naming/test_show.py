"""What `dpn config show` and `dpn config validate` are told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from dpn.config import NamingFiles
from dpn.config.starter import init_files
from dpn.documents import parse
from dpn.errors import Place
from dpn.extensions import Convention
from dpn.naming import Namer, Row, rows, validate
from dpn.provider import KindInfo

BUCKET = "aws_s3_bucket"


def test_rows_stand_in_the_order_of_the_pattern_and_tell_where_values_come_from(make: Callable[..., Namer]) -> None:
    shown, problems = rows(make("defaults:\n  team: t\n  project: p\n"), BUCKET, naming={"layer": "gold"})
    assert not problems
    assert shown == [
        Row("project", "p", "defaults", "defaults.project", Place("values.yaml", 3, 12), used=True),
        Row("purpose", None, "", "", None, used=True),
        Row("environment", "dev", "environment", "the environment of this run", None, used=True),
        Row("layer", "gold", "naming", "naming.layer", None, used=False),
        Row("team", "t", "defaults", "defaults.team", Place("values.yaml", 2, 9), used=False),
    ]


def test_rows_of_a_kind_with_a_bad_pattern(make: Callable[..., Namer]) -> None:
    namer = make(patterns="patterns: {aws_s3_bucket: '{'}")
    assert [row.variable for row in rows(namer, BUCKET)[0]] == ["environment", "project"]
    assert namer.pattern_text(BUCKET) == "{"


def test_validate_gives_all_problems_of_both_files(
    files: Callable[..., NamingFiles], kinds: Mapping[str, KindInfo]
) -> None:
    values = 'defaults: {team: "a\\u200bb"}\nresource_types: {aws_s3_buckt: {team: x}, "aws_*": {environment: prd}}'
    patterns = """\
use: acme
patterns:
  aws_s3_bucket: "{projet}-x"
  aws_glue_database: "raw-{project}"
  azure_storage_account: "{project"
  gcp_*: "{project}"
transformations:
  uppercase: ["aws_s3_*"]
"""
    found = validate(files(values, patterns), kinds)
    assert sorted((problem.code, problem.severity) for problem in found) == [
        ("CONVENTION-UNKNOWN", "error"),
        ("ENV-FIXED", "error"),
        ("GLOB-UNUSED", "warning"),
        ("GLOB-UNUSED", "warning"),
        ("GLOB-UNUSED", "warning"),
        ("PATTERN-LITERAL", "error"),
        ("PATTERN-SYNTAX", "error"),
        ("PATTERN-VARIABLE", "error"),
        ("PATTERNS-SETTING", "error"),
        ("VALUE-CHARS", "error"),
    ]
    assert all(problem.place and problem.place.line for problem in found)
    unused = {problem.field: problem.hint for problem in found if problem.code == "GLOB-UNUSED"}
    assert unused["resource_types.aws_s3_buckt"] == "Did you mean aws_s3_bucket?"


def test_validate_compiles_the_patterns_of_kinds_and_conventions(
    files: Callable[..., NamingFiles], kinds: Mapping[str, KindInfo], kind: Callable[..., KindInfo]
) -> None:
    assert validate(files(), kinds) == []
    bad = kind("aws_thing", kinds[BUCKET].name_rule, "{nothing}-x")
    assert [problem.code for problem in validate(files(), {bad.kind: bad})] == ["PATTERN-VARIABLE"]
    acme = Convention("acme", {"aws_*": "{nothing}-x"})
    found = validate(files(patterns="use: acme"), kinds, conventions={"acme": acme})
    assert [problem.code for problem in found] == ["PATTERN-VARIABLE", "PATTERN-VARIABLE"]
    assert "aws_s3_bucket" in found[0].message


def test_the_first_files_are_valid_and_say_what_was_answered(kinds: Mapping[str, KindInfo]) -> None:
    answers = {"project": "Ünï: #1", "environment": "no", "team": "data", "environments": "dev, prd", "use": "acme"}
    texts = init_files(answers)
    values, patterns = (parse(texts[f"naming-{name}.yaml"], name, "yaml") for name in ("values", "patterns"))
    assert values.data == {
        "defaults": {"project": "Ünï: #1", "environment": "no", "team": "data"},
        "environments": {"dev": {}, "prd": {}},
    }
    assert patterns.data == {"use": "acme"}
    found = validate(NamingFiles(values, patterns), kinds, conventions={"acme": Convention("acme", {})})
    assert found == []


def test_a_pattern_for_what_a_field_names_has_no_effect(
    files: Callable[..., NamingFiles], kinds: Mapping[str, KindInfo]
) -> None:
    grant = replace(kinds[BUCKET], kind="aws_grant", named_by="principal", default_pattern="")
    (problem,) = validate(files(patterns="patterns:\n  aws_grant: '{project}'\n"), {grant.kind: grant})
    assert (problem.code, problem.severity, problem.place) == ("GLOB-UNUSED", "warning", Place("patterns.yaml", 2, 3))
    assert "its principal is what it is known by" in problem.message
