from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpn.errors import Problem
from dpn.model import Resource
from dpn.provider import KindInfo, NameRule, Part
from dpn.validate import check

TABLE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["database"],
    "properties": {
        "database": {"type": "string", "x-dpn-ref": {"kinds": ["aws_db"], "use": "name"}},
        "location": {"type": "string", "pattern": "^s3://", "maxLength": 20},
        "days": {"type": "integer", "minimum": 1},
        "columns": {
            "type": "array",
            "items": {"type": "object", "required": ["type"], "properties": {"type": {"enum": ["int", "text"]}}},
        },
        "either": {"anyOf": [{"type": "integer"}, {"type": "object", "properties": {"n": {"type": "integer"}}}]},
        "arn": {"type": "string"},
        "password": {"type": "string"},
        "tags": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}
DB = {"type": "object", "additionalProperties": False, "properties": {"description": {"type": "string"}}}


def info(kind: str, schema: Any = None, **more: Any) -> KindInfo:
    rule = NameRule("[a-z]+")
    return KindInfo(
        kind, "aws", "dpn-aws 1", rule, "{x}", {}, provisions=schema is not None, schema=schema or {}, **more
    )


KINDS = {
    "aws_table": info(
        "aws_table", TABLE, parent="database", computed=frozenset({"arn"}), sensitive=frozenset({"password"})
    ),
    "aws_db": info("aws_db", DB, has=frozenset({"archive"})),
    "aws_role": info("aws_role"),
}


def resource(address: str, spec: Any = None, **more: Any) -> Resource:
    kind = address.partition(".")[0]
    return Resource(address, kind, "name", {} if spec is None else spec, "aws", **more)


def table(spec: Any = None, **more: Any) -> Resource:
    return resource("aws_table.t", {"database": "${aws_db.d}", **(spec or {})}, **more)


OTHER = resource("aws_table.u", {"database": "${aws_db.d}", "tags": {"a": "${env:SECRET}"}, "days": 3})


def found(*resources: Resource) -> list[Problem]:
    return check((*resources, resource("aws_db.d")), KINDS)


def short(problems: list[Problem]) -> list[tuple[str, str | None]]:
    return [(one.code, one.field) for one in problems]


def test_what_is_sound_has_no_problems() -> None:
    spec = {"location": "s3://x", "days": 3, "columns": [{"type": "int"}], "tags": {"a": "$${x}", "b": "${env:TEAM_2}"}}
    assert found(table(spec), resource("aws_db.e", on_delete="archive", needs=("aws_table.t",))) == []


@pytest.mark.parametrize(
    ("spec", "code", "field"),
    [
        ({"days": 0}, "SCHEMA", "spec.days"),
        ({"dayz": 1}, "SCHEMA", "spec.dayz"),
        ({"columns": [{"type": "int"}, {}]}, "SCHEMA", "spec.columns[1].type"),
        ({"days": "a-${aws_db.d}"}, "SCHEMA", "spec.days"),
        ({"either": {"n": "x"}}, "SCHEMA", "spec.either.n"),
        ({"location": "${aws_db.e}"}, "REF-UNKNOWN", "spec.location"),
        ({"location": "s3://${aws_db.e}"}, "REF-UNKNOWN", "spec.location"),
        ({"tags": {"a": "${aws_db.d.descripton}"}}, "REF-ATTRIBUTE", "spec.tags.a"),
        ({"tags": {"a": "${}"}}, "REF-INVALID", "spec.tags.a"),
        ({"tags": {"a.b": "x${d}"}}, "REF-INVALID", 'spec.tags["a.b"]'),
        ({"tags": {"a": "${env:A B}"}}, "REF-ENV", "spec.tags.a"),
        ({"tags": {"a": "${secret:vault}"}}, "REF-SECRET", "spec.tags.a"),
        ({"tags": {"a": "${stack:x.dev}"}}, "REF-INVALID", "spec.tags.a"),
        ({"database": "literal"}, "PARENT", "spec.database"),
        ({"database": "${env:DB}"}, "PARENT", "spec.database"),
        ({"database": "x${aws_db.d}"}, "PARENT", "spec.database"),
        ({"database": "${aws_table.u}"}, "REF-KIND", "spec.database"),
        ({"arn": "x"}, "COMPUTED", "spec.arn"),
        # what is open or stands in a key would go to the cloud as it is
        ({"tags": {"a": "${env:A"}}, "REF-INVALID", "spec.tags.a"),
        ({"tags": {"a": "$${x} ${"}}, "REF-INVALID", "spec.tags.a"),
        ({"tags": {"${env:A}": "x"}}, "REF-KEY", "spec.tags.${env:A}"),
        # a secret is a text
        ({"days": "${env:DAYS}"}, "SCHEMA", "spec.days"),
        ({"days": "${secret:vault:days}"}, "SCHEMA", "spec.days"),
        ({"either": "${env:E}"}, "SCHEMA", "spec.either"),
        # nobody may know what it is
        ({"location": "${aws_table.u.tags}"}, "REF-SECRET", "spec.location"),
        ({"location": "${aws_table.u.password}"}, "REF-SECRET", "spec.location"),
        # an attribute keeps its type
        ({"days": "${aws_db.d.description}"}, "REF-TYPE", "spec.days"),
        ({"columns": "${aws_table.u.days}"}, "REF-TYPE", "spec.columns"),
        ({"location": "${aws_table.u.columns}"}, "REF-TYPE", "spec.location"),
        ({"location": "s3://${aws_table.u.columns}"}, "REF-TYPE", "spec.location"),
    ],
)
def test_what_is_wrong_in_a_spec(spec: Any, code: str, field: str) -> None:
    assert short(found(table(spec), OTHER)) == [(code, field)]


@pytest.mark.parametrize(
    "spec",
    [
        {"location": "${env:WHERE}"},
        {"location": "${aws_db.d.description}"},
        {"location": "${secret:vault:kv/x}/a-very-long-text-behind"},
        {"columns": [{"type": "${aws_db.d}"}]},
        {"columns": "${aws_table.u.columns}"},
        {"days": "${aws_table.u.days}", "location": "${aws_table.u.days}"},
        {"location": "s3://${aws_table.u.days}"},
        {"either": "${aws_db.d}"},
        {"either": {"n": "${aws_db.d}"}},
    ],
)
def test_a_value_that_comes_later_is_not_held_against_the_schema(spec: Any) -> None:
    assert found(table(spec), OTHER) == []


def test_all_of_it_at_once() -> None:
    problems = found(
        table({"database": "${aws_db.dd}", "days": True}, needs=("aws_db.d", "aws_dbb.d"), on_delete="archive"),
        resource("aws_role.r"),
        resource("aws_tabel.x", {"a": "${nothing"}),
    )
    assert [(one.code, one.address, one.field, one.hint) for one in problems] == [
        ("SCHEMA", "aws_table.t", "spec.days", None),
        ("ON-DELETE", "aws_table.t", "on_delete", None),
        ("REF-UNKNOWN", "aws_table.t", "spec.database", "Did you mean aws_db.d?"),
        ("REF-UNKNOWN", "aws_table.t", "needs", "Did you mean aws_db.d?"),
        ("KIND-NAMES-ONLY", "aws_role.r", None, problems[4].hint),
        ("KIND-UNKNOWN", "aws_tabel.x", None, "Did you mean aws_table?"),
        ("REF-INVALID", "aws_tabel.x", "spec.a", "Write $${ for a literal ${."),
    ]


def test_an_address_without_its_index_is_told_the_instances() -> None:
    problems = found(resource("aws_db.e[a]"), resource("aws_db.e[b]"), table({"location": "${aws_db.e}"}))
    assert problems[0].hint == "It has a for_each: aws_db.e[a], aws_db.e[b], or aws_db.e[*] for all."


def test_an_existing_resource_needs_only_what_finds_it() -> None:
    existing = resource("aws_table.t", existing=True)
    assert short(found(existing)) == [("SCHEMA", "spec.database")]
    assert found(replace(existing, id="i")) == []
    assert found(table(existing=True)) == []
    kinds = {**KINDS, "aws_db": info("aws_db", {**DB, "required": ["description"]})}
    assert check((resource("aws_db.d", existing=True),), kinds) == []


def test_what_an_existing_resource_cannot_change_is_warned_of() -> None:
    problems = found(table({"days": 3}, existing=True))
    assert [(one.code, one.field, one.severity) for one in problems] == [("EXISTING", "spec.days", "warning")]


def test_circles_go_through_references_needs_and_parents() -> None:
    problems = check(
        (
            resource("aws_db.a", {"description": "x ${aws_db.b.description}"}),
            resource("aws_db.b", needs=("aws_db.c",)),
            resource("aws_db.c", parent="aws_db.a"),
            resource("aws_db.x", needs=("aws_db.x",)),
        ),
        KINDS,
    )
    assert [(one.code, one.address) for one in problems] == [("CYCLE", "aws_db.a"), ("CYCLE", "aws_db.x")]
    assert "aws_db.a -> aws_db.b -> aws_db.c -> aws_db.a" in problems[0].message


def test_secrets_are_no_dependencies_and_never_repeated() -> None:
    assert found(table({"tags": {"a": "${secret:vault:x}", "b": "${env:TOKEN}"}})) == []
    problems = found(table({"days": "hunter2", "location": "hunter2", "columns": [{"type": "hunter2"}]}))
    assert len(problems) == 3
    assert "hunter2" not in "".join(map(str, problems))


@pytest.mark.parametrize(
    ("entry", "code"), [("${env:A}", "REF-SECRET"), ("a${secret:vault:a}", "REF-SECRET"), ("${aws_db.d}", "REF-SHARED")]
)
def test_what_others_have_a_share_in_holds_no_reference(entry: str, code: str) -> None:
    """The share is known by its text: what a reference stood for would be nobody's, and would never be taken away."""
    schema = {"properties": {"to": {"type": "string"}, "rights": {"type": "array", "items": {"type": "string"}}}}
    grant = info("aws_grant", schema, ownership="shared", parts=(Part("rights", ("rights",)),))
    made = resource("aws_grant.g", {"to": "${env:TO}", "rights": ["read", entry]})
    assert short(check((made, resource("aws_db.d")), {**KINDS, "aws_grant": grant})) == [(code, "spec.rights[1]")]


def test_ten_thousand_missing_targets_take_little_time() -> None:
    resources = tuple(resource(f"aws_db.e{i}", needs=(f"aws_db.f{i}",)) for i in range(10_000))
    begun = time.process_time()
    assert len(check(resources, KINDS)) == 10_000
    assert time.process_time() - begun < 5


SPECS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.sampled_from(["${aws_db.d}", "${x", "${env:}", "$${"]),
    lambda inner: st.lists(inner, max_size=2)
    | st.dictionaries(st.sampled_from(["database", "days", "columns", "type", "tags", "either"]), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(["database", "days", "columns", "tags", "either", "?"]), SPECS, max_size=4))
def test_no_spec_ends_in_a_traceback(spec: Any) -> None:
    for problem in found(resource("aws_table.t", spec)):
        assert problem.address == "aws_table.t"
        assert problem.field
        assert problem.message
