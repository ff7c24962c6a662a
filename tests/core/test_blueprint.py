from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from dpn.blueprint import Blueprint, Item, Scope, envelope_schema, environment_of, joined, load
from dpn.documents import Document, parse, read
from dpn.errors import Problem
from dpn.world import World


def document(data: Any, file: str = "lake.json") -> Document:
    return parse(json.dumps(data), file, "json")


def blueprint(resources: Any, environment: str = "dev", **more: Any) -> Blueprint:
    found, problems = load(document({"version": "1", "resources": resources, **more}), environment)
    assert problems == []
    assert found is not None
    return found


def items(resources: Any, **more: Any) -> dict[str, Item]:
    return {item.address: item for item in blueprint(resources, **more).items}


def problems(resources: Any, environment: str | None = "dev", **more: Any) -> list[Problem]:
    return load(document({"version": "1", "resources": resources, **more}), environment)[1]


def codes(resources: Any, **more: Any) -> list[tuple[str, str | None, str | None]]:
    return [(one.code, one.address, one.field) for one in problems(resources, **more)]


def test_a_body_becomes_an_item() -> None:
    body = {
        "naming": {"purpose": "lake"}, "spec": {"versioning": True}, "needs": ["aws_x.b", "aws_x.a"],
        "provider": "aws.eu",
        "protect": True, "on_delete": "archive", "was": "aws_s3_bucket.old", "name": "literal",
    }  # fmt: skip
    found = items({"aws_s3_bucket": {"lake": body}}, providers={"aws.eu": {"region": "eu-west-1"}})
    assert found["aws_s3_bucket.lake"] == Item(
        "aws_s3_bucket.lake", "aws_s3_bucket", "lake", None, {"purpose": "lake"}, {"versioning": True},
        ("aws_x.b", "aws_x.a"), "aws.eu", True, "archive", "aws_s3_bucket.old", "literal", False, None,
        ("resources", "aws_s3_bucket", "lake"),
    )  # fmt: skip


def test_the_head_of_a_blueprint() -> None:
    found = blueprint(
        {"aws_b": {"x": {}}, "aws_a": {"x": {}, "b": {}}},
        stack="sales-lake",
        metadata={"project": "p", "environment": "dev"},
        environment="prd",
        default_tags=["project"],
        state={"backend": "file"},
    )
    assert (found.key, found.stack, found.environment) == ("sales-lake.prd", "sales-lake", "prd")
    assert found.metadata == {"project": "p", "environment": "prd"}
    assert (found.default_tags, found.state) == (("project",), {"backend": "file"})
    assert found.kinds() == ("aws_a", "aws_b")
    assert [item.address for item in found.items] == ["aws_a.b", "aws_a.x", "aws_b.x"]


# --- stack and environment ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "stack"),
    [("sales_lake.json", "sales-lake"), ("Sales Lake.v2.json", "sales-lake-v2"), ("a/b/lake.yaml", "lake"),
     ("1.json", None), ("ü.json", None), ("x" * 50 + ".json", None)],
)  # fmt: skip
def test_the_stack_is_named_after_the_file(file: str, stack: str | None) -> None:
    found, problems = load(document({"version": "1"}, file), "dev")
    assert (found.stack if found else None) == stack
    assert [one.code for one in problems] == ([] if stack else ["STACK"])


def test_a_file_called_blueprint_is_named_after_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "My_Lake"
    folder.mkdir()
    (folder / "blueprint.json").write_text('{"version": "1"}')
    for cwd, path in [
        (folder, "blueprint.json"),
        (tmp_path, "My_Lake/blueprint.json"),
        (folder, "../My_Lake/blueprint.json"),
    ]:
        found, _ = load(read(Path(path), World(cwd=cwd)), "dev")
        assert found is not None
        assert found.stack == "my-lake"


@pytest.mark.parametrize("environment", [None, "", "PRD", "a.b", "x" * 22])
def test_without_a_valid_environment_there_is_no_blueprint(environment: str | None) -> None:
    found, problems = load(document({"version": "1", "resources": {"aws_x": {"A": {}}}}), environment)
    assert found is None
    assert {one.code for one in problems} == {"SCHEMA", "ENVIRONMENT"}


@pytest.mark.parametrize(
    ("data", "environment"),
    [
        ({"metadata": {"environment": "dev"}}, "dev"),
        ({"metadata": {"environment": 1}}, None),
        ({"metadata": 3}, None),
        ([], None),
    ],
)
def test_the_environment_is_read_defensively(data: Any, environment: str | None) -> None:
    assert environment_of(document(data)) == environment


def test_a_misspelt_environment_is_warned_of() -> None:
    found = problems({}, environment="prdd", environments={"prd": {}})
    assert [(one.code, one.severity) for one in found] == [("ENVIRONMENT", "warning")]
    assert problems({}, environment="dev", environments={"prd": {}}) == []
    [one] = problems({}, environment="nosuch", environments={"dev": {}, "prd": {}})
    assert (one.code, one.severity) == ("ENVIRONMENT", "warning")
    assert "dev, prd" in one.message
    assert problems({}, environment="prd", environments={"dev": {}, "prd": {}}) == []


# --- overlay -----------------------------------------------------------------------------------------------------

OVER = {
    "environments": {
        "prd": {
            "metadata": {"team": "ops"},
            "providers": {"aws": {"profile": "prd"}},
            "default_tags": ["team"],
            "resources": {
                "aws_x.a": {"spec": {"size": 8, "list": [3]}},
                "aws_x": {"a": {"spec": {"size": 7, "deep": {"y": 2}}}, "only": {}},
            },
        }
    },
    "metadata": {"project": "p", "team": "data"},
    "providers": {"aws": {"region": "eu-west-1"}},
    "default_tags": ["project"],
}
BASE = {"aws_x": {"a": {"spec": {"size": 2, "list": [1, 2], "deep": {"x": 1}}}}}


def test_an_overlay_merges_objects_and_replaces_the_rest() -> None:
    found = blueprint(BASE, "prd", **OVER)
    assert found.metadata == {"project": "p", "team": "ops", "environment": "prd"}
    assert found.providers == {"aws": {"region": "eu-west-1", "profile": "prd"}}
    assert found.default_tags == ("team",)
    assert {item.address: item.spec for item in found.items} == {
        "aws_x.a": {"size": 8, "list": [3], "deep": {"x": 1, "y": 2}},
        "aws_x.only": {},
    }
    assert [item.path for item in found.items][1] == ("environments", "prd", "resources", "aws_x", "only")


def test_another_environment_sees_the_base() -> None:
    found = blueprint(BASE, "dev", **OVER)
    assert [item.spec for item in found.items] == [{"size": 2, "list": [1, 2], "deep": {"x": 1}}]


def test_an_overlay_cannot_change_the_stack() -> None:
    assert codes({}, environments={"prd": {"stack": "other"}}) == [("SCHEMA", None, "environments.prd.stack")]


def test_the_place_of_a_value_is_where_it_comes_from() -> None:
    text = json.dumps({"version": "1", "resources": BASE, **OVER}, indent=1)
    source = parse(text, "f.json", "json")
    lines = text.split("\n")
    prd, dev = load(source, "prd")[0], load(source, "dev")[0]
    assert prd
    assert dev

    def line(found: Blueprint, address: str | None, field: str | None) -> str:
        place = found.locate(Problem("X", "", address, field)).place
        assert place
        return lines[place.line - 1][place.column - 1 :]

    assert line(prd, "aws_x.a", "spec.size") == "8,"
    assert line(dev, "aws_x.a", "spec.size") == "2,"
    assert line(prd, "aws_x.a", "spec.list[0]") == "3"
    assert line(prd, "aws_x.a", "spec.deep.x") == "1"
    assert line(prd, "aws_x.a[gold]", "spec.deep.y") == "2"
    assert line(prd, None, "metadata.team") == '"ops"'
    assert line(dev, None, "metadata.team") == '"data"'
    assert line(dev, "aws_x.a", None) == '"a": {'
    assert prd.locate(Problem("X", "", "aws_x.none")).place == source.place(()).__class__("f.json")


def test_a_problem_with_a_place_keeps_it() -> None:
    found = blueprint(BASE)
    problem = Problem("X", "", "aws_x.a", place=found.document.place(()))
    assert found.locate(problem) is problem


# --- for_each ----------------------------------------------------------------------------------------------------


def test_a_list_makes_one_item_for_each_key() -> None:
    body = {
        "for_each": {"layer": ["gold", "bronze"]},
        "naming": {"purpose": "x-${each.key}"},
        "spec": {
            "table": "${aws_t.t[each.layer]}",
            "path": "s3://${aws_b.b[each.key].arn}/${each.layer}",
            "raw": "$${each.key}",
        },
        "needs": ["aws_b.b[each.layer]"],
        "was": "aws_old.x[each.key]",
        "name": "n-${each.key}",
    }
    found = items({"aws_x": {"a": body}, "aws_b": {"b": {}}, "aws_t": {"t": {}}})
    assert list(found) == ["aws_b.b", "aws_t.t", "aws_x.a[bronze]", "aws_x.a[gold]"]
    gold = found["aws_x.a[gold]"]
    assert (gold.id, gold.key, gold.name, gold.was) == ("a", "gold", "n-gold", "aws_old.x[gold]")
    assert gold.naming == {"purpose": "x-gold", "layer": "gold"}
    assert gold.needs == ("aws_b.b[gold]",)
    assert gold.spec == {"table": "${aws_t.t[gold]}", "path": "s3://${aws_b.b[gold].arn}/gold", "raw": "$${each.key}"}


def test_data_keeps_its_type_where_it_stands_alone() -> None:
    data = {"days": 30, "on": True, "rules": [{"a": 1}], "to": "${aws_b.b}"}
    body = {
        "for_each": {"layer": {"bronze": data}},
        "naming": {"n": "${each.days}"},
        "spec": {
            "days": "${each.days}",
            "text": "d${each.days}-${each.on}",
            "rules": "${each.rules}",
            "to": "${each.to}",
        },
        "provider": "aws.${each.key}",
    }
    found = items({"aws_x": {"a": body}, "aws_b": {"b": {}}}, providers={"aws.bronze": {}})
    item = found["aws_x.a[bronze]"]
    assert item.spec == {"days": 30, "text": "d30-true", "rules": [{"a": 1}], "to": "${aws_b.b}"}
    assert item.naming == {"n": "30", "layer": "bronze"}
    assert item.provider == "aws.bronze"


def test_all_instances() -> None:
    resources = {
        "aws_b": {"b": {"for_each": {"l": ["y", "x"]}}, "c": {}},
        "aws_x": {
            "a": {
                "spec": {"all": "${aws_b.b[*]}", "arns": ["${aws_b.c}", "${aws_b.b[*].arn}"]},
                "needs": ["aws_b.b[*]"],
            }
        },
    }
    item = items(resources)["aws_x.a"]
    assert item.spec == {
        "all": ["${aws_b.b[x]}", "${aws_b.b[y]}"],
        "arns": ["${aws_b.c}", "${aws_b.b[x].arn}", "${aws_b.b[y].arn}"],
    }
    assert item.needs == ("aws_b.b[x]", "aws_b.b[y]")


def test_escapes_of_json_hide_nothing() -> None:
    text = '{"version": "1", "resources": {"aws_x": {"a": {"spec": {"x": "${aws_x.b[\\u002a]}"}}, "b": {}}}}'
    found, problems = load(parse(text, "f.json", "json"), "dev")
    assert found
    assert problems == []
    assert found.items[0].spec == {"x": ["${aws_x.b}"]}


def test_no_keys_no_items() -> None:
    assert items({"aws_x": {"a": {"for_each": {"l": []}, "spec": {"x": "${each.key}"}}}}) == {}


@given(st.permutations(["a", "b", "c"]), st.permutations(["x", "y", "z"]))
def test_order_never_matters(keys: list[str], names: list[str]) -> None:
    def made(keys: list[str], names: list[str]) -> tuple[Item, ...]:
        body = {"for_each": {"l": keys}, "spec": {"v": "${aws_x.x[*]}"}}
        return blueprint({"aws_x": dict.fromkeys(names, body)}).items

    assert made(keys, names) == made(sorted(keys), sorted(names))


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"spec": {"x": ["${each.key}"]}}, "EACH", "spec.x[0]"),
        ({"for_each": {"l": {"k": {"days": 1}}}, "spec": {"x": "${each.dayz}"}}, "EACH", "spec.x"),
        ({"for_each": {"l": {"k": {"d": {}}}}, "spec": {"x": "a${each.d}"}}, "EACH", "spec.x"),
        ({"for_each": {"l": ["k"]}, "naming": {"l": "other"}}, "FOR-EACH", "naming.l"),
        ({"spec": {"x": "a-${aws_x.a[*]}"}}, "ALL-INSIDE", "spec.x"),
        ({"spec": {"x": "${aws_x.none[*]}"}}, "REF-UNKNOWN", "spec.x"),
        ({"needs": ["aws_x.none[*]"]}, "REF-UNKNOWN", "needs[0]"),
        ({"for_each": {"l": {"k": {"p": "No"}}}, "provider": "aws.${each.p}"}, "SCHEMA", "provider"),
        ({"existing": True}, "EXISTING", "existing"),
        ({"id": "i-1"}, "EXISTING", "id"),
        ({"existing": True, "id": "x", "protect": True}, "EXISTING", "protect"),
        ({"provider": "databricks"}, "PROVIDER", "provider"),
        ({"provider": "aws.nowhere"}, "PROVIDER", "provider"),
        ({"spec": {"tags": {"dpn_op": "x"}}}, "TAG-RESERVED", "spec.tags.dpn_op"),
        ({"spec": {"tags": {"DPN": "x"}}}, "TAG-RESERVED", "spec.tags.DPN"),
    ],
)
def test_what_no_schema_can_say(body: Any, code: str, field: str) -> None:
    found = problems({"aws_x": {"a": body}})
    assert [(one.code, one.field) for one in found if one.code != "PROVIDER" or code == "PROVIDER"] == [(code, field)]
    assert all(one.place and one.place.line for one in found)


def test_all_problems_come_at_once_and_the_sound_rest_goes_on() -> None:
    resources = {
        "bucket": {"a": {}},
        "aws_x": {
            "A": {}, "a": {"specc": {}, "spec": {"x": 1}}, "b": {"for_each": {"l": ["k", 3]}}, "c": {"spec": []},
            "d": {"for_each": {"l": ["k"], "m": ["k"]}}, "e": {"existing": True}, "f": {"naming": {"n": 3}},
        },
    }  # fmt: skip
    source = document({"version": "2", "resources": resources, "recources": {}, "metadata": {"team": 1}})
    found, problems = load(source, "dev")
    assert found
    assert {(one.code, one.field) for one in problems} == {
        ("SCHEMA", "version"), ("SCHEMA", "recources"), ("SCHEMA", "metadata.team"), ("SCHEMA", "resources.bucket"),
        ("SCHEMA", "resources.aws_x.A"), ("SCHEMA", "resources.aws_x.a.specc"),
        ("SCHEMA", "resources.aws_x.b.for_each.l[1]"),
        ("SCHEMA", "resources.aws_x.c.spec"), ("SCHEMA", "resources.aws_x.d.for_each"),
        ("SCHEMA", "resources.aws_x.f.naming.n"), ("EXISTING", "existing"),
    }  # fmt: skip
    assert {item.address: item.spec for item in found.items} == {
        "aws_x.a": {"x": 1}, "aws_x.c": {}, "aws_x.e": {}, "aws_x.f": {},
    }  # fmt: skip


# --- no value ends in a traceback --------------------------------------------------------------------------------

WORDS = st.sampled_from([
    "version", "1", "stack", "metadata", "environments", "dev", "providers", "aws", "aws.eu", "resources", "aws_x",
    "aws_x.a", "a", "b", "naming", "spec", "needs", "for_each", "provider", "was", "name", "existing", "id", "key",
    "tags", "dpn_op", "scope", "include", "default_tags", "state", "${each.key}", "${aws_x.a[*]}", "aws_x.a[*]",
    "${aws_x.a[each.key]}", "${", "*",
]) | st.text(max_size=4)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=25,
)
BODIES = st.dictionaries(
    st.sampled_from(["naming", "spec", "needs", "for_each", "provider", "was", "name", "existing", "id"]),
    JSON,
    max_size=5,
)
RESOURCES = st.dictionaries(st.sampled_from(["aws_x", "b"]), st.dictionaries(WORDS, BODIES, max_size=3))
LIKELY = st.fixed_dictionaries(
    {"version": st.just("1"), "resources": RESOURCES},
    optional={"environments": st.fixed_dictionaries({"dev": JSON}), "providers": JSON, "scope": JSON, "metadata": JSON},
)


@given(JSON | LIKELY, st.sampled_from([None, "dev", "prd", "X"]))
def test_never_raises(data: Any, environment: str | None) -> None:
    found, problems = load(Document("f.json", "each \\", data, "json"), environment)
    assert found is not None or problems
    assert all(one.place for one in problems)


# --- scope -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("include", "exclude", "address", "covered"),
    [
        ([], [], "aws_x.a", True),
        (["aws_x"], [], "aws_x.a[k]", True),
        (["aws_*"], ["aws_x.a[k]"], "aws_x.a[k]", False),
        (["aws_*"], ["aws_x.a[k]"], "aws_x.a[j]", True),
        (["*.a"], [], "aws_x.a[k]", True),
        (["databricks_*"], [], "aws_x.a", False),
        ([], ["*"], "aws_x.a", False),
        (["aws_x.?"], [], "aws_x.ab", False),
        (["AWS_X"], [], "aws_x.a", False),
        (["[a]ws_x"], [], "aws_x.a", False),
    ],
)
def test_scope(include: list[str], exclude: list[str], address: str, covered: bool) -> None:
    assert Scope(tuple(include), tuple(exclude)).covers(address.partition(".")[0], address) is covered


def test_the_scope_of_a_blueprint() -> None:
    found = blueprint({}, scope={"include": ["aws_*"], "exclude": ["aws_y"]})
    assert found.scope == Scope(("aws_*",), ("aws_y",))


def test_a_hostile_glob_takes_no_time() -> None:
    assert not Scope(("*a" * 40 + "b",), ()).covers("a" * 200, "a" * 200)


# --- schema ------------------------------------------------------------------------------------------------------

SPEC = {
    "type": "object", "additionalProperties": False, "required": ["database"],
    "properties": {
        "database": {"type": "string"}, "days": {"type": "integer"},
        "columns": {"type": "array", "items": {"$ref": "#/$defs/c"}},
    },
    "$defs": {"c": {"type": "object", "required": ["name"]}},
}  # fmt: skip


def test_the_envelope_is_a_schema() -> None:
    Draft202012Validator.check_schema(envelope_schema())
    Draft202012Validator.check_schema(joined({"aws_t": SPEC}))


@pytest.mark.parametrize(
    ("resources", "environments", "valid"),
    [
        ({"aws_t": {"a": {"spec": {"database": "x", "days": 3}}}}, {}, True),
        ({"aws_t": {"a": {"spec": {"database": "x", "days": "${env:DAYS}", "columns": "${each.columns}"}}}}, {}, True),
        ({"aws_t": {"a": {"spec": {"database": "x", "days": "three"}}}}, {}, False),
        ({"aws_t": {"a": {"spec": {"database": "x", "columns": [{}]}}}}, {}, False),
        ({"aws_t": {"a": {"spec": {"database": "x", "dayz": 1}}}}, {}, False),
        ({"aws_t": {"a": {"spec": {}}}}, {}, False),
        ({"aws_t": {"a": {}}}, {}, False),
        ({"aws_t": {"a": {"existing": True, "name": "x"}}}, {}, True),
        ({"aws_other": {"a": {"spec": {"anything": 1}}}}, {}, True),
        ({}, {"prd": {"resources": {"aws_t.a": {"spec": {"days": 3}}, "aws_t": {"b": {"spec": {}}}}}}, True),
        ({}, {"prd": {"resources": {"aws_t.a": {"spec": {"days": "three"}}}}}, False),
        ({}, {"prd": {"resources": {"aws_t": {"b": {"spec": {"dayz": 1}}}}}}, False),
    ],
)
def test_the_joined_schema(resources: Any, environments: Any, valid: bool) -> None:
    schema = Draft202012Validator(joined({"aws_t": SPEC}))
    assert schema.is_valid({"version": "1", "resources": resources, "environments": environments}) is valid
