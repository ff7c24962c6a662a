from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpn.filling import escape, fill
from dpn.paths import dotted
from dpn.references import UNKNOWN, Reference, Unknown, in_text, is_whole, parse, walk

SCHEMA = {
    "properties": {
        "box": {"x-dpn-ref": {"kinds": ["mem_box"], "use": "name"}},
        "beside": {"x-dpn-ref": {"kinds": ["mem_shelf"], "use": "id"}},
        "near": {"type": "array", "items": {"x-dpn-ref": {"kinds": ["mem_shelf"], "use": "full_name"}}},
        "by_key": {"additionalProperties": {"x-dpn-ref": {"kinds": ["mem_shelf"], "use": "id"}}},
    }
}
TEXTS = st.text(alphabet="ab$ {}.[]_:#\\\n", max_size=12)
TREES = st.recursive(TEXTS | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=6)


@pytest.mark.parametrize(
    ("text", "scheme", "target", "use"),
    [
        ("mem_box.a", "resource", "mem_box.a", "name"),
        ("mem_box.a-b_1", "resource", "mem_box.a-b_1", "name"),
        ("mem_box.a[gold]", "resource", "mem_box.a[gold]", "name"),
        ("mem_box.a[x.y z]", "resource", "mem_box.a[x.y z]", "name"),
        ("mem_box.a.id", "resource", "mem_box.a", "id"),
        ("mem_box.a[gold].arn", "resource", "mem_box.a[gold]", "arn"),
        ("env:PASSWORD", "env", "PASSWORD", "name"),
        ("secret:vault:a/b:c", "secret", "vault:a/b:c", "name"),
        ("stack:sales.dev#mem_box.a", "stack", "sales.dev#mem_box.a", "name"),
        ("stack:sales-2.dev#mem_box.a[x#1].id", "stack", "sales-2.dev#mem_box.a[x#1]", "id"),
        ("stack:sales.dev", "invalid", "stack:sales.dev", "name"),
        ("stack:../x#mem_box.a", "invalid", "stack:../x#mem_box.a", "name"),
        ("", "invalid", "", "name"),
        ("box.a", "invalid", "box.a", "name"),
        ("mem_box", "invalid", "mem_box", "name"),
        ("mem_box.A", "invalid", "mem_box.A", "name"),
        ("mem_box.a.", "invalid", "mem_box.a.", "name"),
        ("mem_box.a\n", "invalid", "mem_box.a\n", "name"),
        ("environment:X", "invalid", "environment:X", "name"),
    ],
)
def test_what_stands_inside_of_a_reference(text: str, scheme: str, target: str, use: str) -> None:
    found = parse(text)
    assert (found.scheme, found.target, found.use) == (scheme, target, use)
    assert found.is_secret == (scheme in ("env", "secret"))


@pytest.mark.parametrize(
    ("text", "whole", "targets"),
    [
        ("${mem_box.a}", True, ["mem_box.a"]),
        (" ${mem_box.a}", False, ["mem_box.a"]),
        ("${mem_box.a}${mem_box.b}", False, ["mem_box.a", "mem_box.b"]),
        ("$${mem_box.a}", False, []),
        ("$$${mem_box.a}", False, []),
        ("s3://${mem_box.a}/$${x}/${mem_box.b.id}", False, ["mem_box.a", "mem_box.b"]),
        ("plain $ {mem_box.a}", False, []),
    ],
)
def test_references_in_a_text(text: str, whole: bool, targets: list[str]) -> None:
    assert is_whole(text) is whole
    assert [reference.target for reference in in_text(text)] == targets


def test_the_schema_says_in_which_form_a_whole_reference_is_wanted() -> None:
    spec = {
        "box": "${mem_box.a}",
        "beside": "${mem_shelf.s}",
        "near": ["${mem_shelf.s}", "x ${mem_shelf.s}", "${mem_shelf.s.colour}"],
        "by_key": {"k": "${mem_shelf.s}"},
        "other": {"deep": ["${mem_shelf.s}"]},
    }
    assert {dotted(path): reference.use for path, reference in walk(spec, SCHEMA)} == {
        "box": "name",
        "beside": "id",
        "near[0]": "full_name",
        "near[1]": "name",
        "near[2]": "colour",
        "by_key.k": "id",
        "other.deep[0]": "name",
    }


@given(TREES)
def test_what_was_escaped_stands_for_itself(tree: Any) -> None:
    def never(reference: Reference) -> Any:
        raise AssertionError(reference)

    assert fill(escape(tree), never) == tree


@given(TREES)
def test_filling_in_references_by_their_own_text_only_removes_escapes(tree: Any) -> None:
    kept = fill(tree, lambda reference: f"${{{reference.text}}}")
    assert fill(escape(kept), lambda _: "never") == kept


def test_values_are_put_in_place_and_keep_their_type_if_they_are_the_whole_text() -> None:
    known: dict[str, Any] = {"mem_box.a": 7, "X": "secret"}
    spec = {"box": "${mem_box.a}", "note": "${mem_box.a} of ${env:X}, $${literal}", "list": ("${env:X}",), "n": 1}
    assert fill(spec, lambda reference: known[reference.target], SCHEMA) == {
        "box": 7, "note": "7 of secret, ${literal}", "list": ["secret"], "n": 1,
    }  # fmt: skip


def test_a_text_with_something_unknown_inside_is_unknown() -> None:
    assert fill("id-${mem_box.a.id}", lambda _: UNKNOWN) is UNKNOWN
    assert fill("${mem_box.a.id}", lambda _: UNKNOWN) is UNKNOWN


def test_unknown_is_one_object_and_no_text_passes_for_it() -> None:
    lookalike = "(known after apply)"
    assert isinstance(UNKNOWN, Unknown)
    assert str(UNKNOWN) == lookalike
    assert fill("x ${mem_box.a}", lambda _: lookalike) == f"x {lookalike}"


def test_the_key_of_a_reference_names_target_and_form() -> None:
    assert parse("mem_box.a", "id").key == "mem_box.a#id"
