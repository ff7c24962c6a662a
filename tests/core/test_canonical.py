from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpn.canonical import canonical, is_absent
from dpn.provider import KindInfo, NameRule

SCHEMA = {
    "type": "object",
    "properties": {
        "locked": {"type": "boolean", "default": True},
        "columns": {"type": "array", "items": {"properties": {"type": {"default": "text"}}}},
        "layout": {"properties": {"format": {"default": "parquet"}, "level": {"type": "integer"}}},
        "sorts": {"type": "array", "default": ["id"]},
    },
}
INFO = KindInfo(
    "mem_thing", "mem", "here", NameRule(".+"), "{x}", {}, schema=SCHEMA,
    unordered=frozenset({"groups", "sorts"}), folded=frozenset({"owner"}),
)  # fmt: skip

SCALARS = st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=4)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
)
FIELDS = st.sampled_from(["locked", "columns", "layout", "sorts", "groups", "owner", "note", "type"])
SPECS = st.dictionaries(FIELDS, VALUES, max_size=6)


@given(SPECS, st.booleans())
def test_the_canonical_form_of_a_canonical_form_is_itself(spec: dict[str, Any], defaults: bool) -> None:
    once = canonical(spec, INFO, defaults=defaults)
    assert canonical(once, INFO, defaults=defaults) == once


@given(SPECS, st.sampled_from([None, "", [], {}]), FIELDS)
def test_null_and_empty_are_the_same_as_absent(spec: dict[str, Any], empty: Any, field: str) -> None:
    without = {key: value for key, value in spec.items() if key != field}
    assert canonical({**without, field: empty}, INFO) == canonical(without, INFO)


def test_defaults_are_filled_in_at_every_depth() -> None:
    spec = {"layout": {"level": 3}, "columns": [{"name": "a"}, {"type": "int"}]}
    assert canonical(spec, INFO) == {
        "locked": True,
        "sorts": ["id"],
        "layout": {"level": 3, "format": "parquet"},
        "columns": [{"name": "a", "type": "text"}, {"type": "int"}],
    }


def test_what_was_observed_gets_no_defaults() -> None:
    assert canonical({"layout": {"level": 3}}, INFO, defaults=False) == {"layout": {"level": 3}}


def test_false_and_zero_are_values() -> None:
    assert canonical({"locked": False, "count": 0}, INFO, defaults=False) == {"locked": False, "count": 0}


@given(st.lists(SCALARS.filter(lambda item: item is not None), min_size=1, max_size=5), st.randoms())
def test_the_order_of_an_unordered_list_says_nothing(items: list[Any], random: Any) -> None:
    shuffled = random.sample(items, len(items))
    assert canonical({"groups": items}, INFO) == canonical({"groups": shuffled}, INFO)


def test_the_order_of_any_other_list_counts() -> None:
    assert canonical({"note": ["b", "a"]}, INFO)["note"] == ["b", "a"]


def test_folded_texts_are_in_lower_case_and_no_others() -> None:
    out = canonical({"owner": "Ann", "note": "Ann"}, INFO, defaults=False)
    assert out == {"owner": "ann", "note": "Ann"}


def test_tuples_are_lists() -> None:
    assert canonical({"note": ({"a": (1, 2)},)}, replace(INFO, schema={})) == {"note": [{"a": [1, 2]}]}


def test_the_spec_that_was_given_is_not_changed() -> None:
    spec = {"groups": ["b", "a"], "owner": "Ann", "layout": {}}
    canonical(spec, INFO)
    assert spec == {"groups": ["b", "a"], "owner": "Ann", "layout": {}}


@pytest.mark.parametrize("value", [None, "", [], {}])
def test_what_is_absent(value: Any) -> None:
    assert is_absent(value)


@pytest.mark.parametrize("value", [0, False, " ", [None], {"a": None}])
def test_what_is_there(value: Any) -> None:
    assert not is_absent(value)
