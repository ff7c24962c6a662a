"""The fast predicate never says yes to what jsonschema refuses, and for most schemas it says exactly the same."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from dpn.predicates import predicate
from dpn.schemas import Checker

KEYS = st.sampled_from(["a", "b", "cc", "1"])
WORDS = st.sampled_from(["", "a", "ab", "abc", "1"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.5, 1.0, -2.5]) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
TYPES = st.sampled_from(["string", "integer", "number", "boolean", "object", "array", "null"])
SIMPLE = st.fixed_dictionaries(
    {},
    optional={
        "type": TYPES | st.lists(TYPES, min_size=1, max_size=2, unique=True),
        "enum": st.lists(WORDS, min_size=1, max_size=2, unique=True),
        "const": WORDS | st.booleans(),
        "pattern": st.sampled_from(["^a", "b$", "^[a-z]*$"]),
        "minLength": st.integers(0, 2), "maxLength": st.integers(0, 3),
        "minimum": st.integers(-2, 2), "maximum": st.integers(-2, 2),
        "exclusiveMinimum": st.integers(-2, 2), "exclusiveMaximum": st.integers(-2, 2),
        "minItems": st.integers(0, 2), "maxItems": st.integers(0, 2), "uniqueItems": st.booleans(),
        "minProperties": st.integers(0, 2), "maxProperties": st.integers(0, 2),
        "required": st.lists(KEYS, max_size=2, unique=True), "title": st.just("x"), "x-dpn-ref": st.just({"use": "id"}),
    },
)  # fmt: skip
SCHEMAS = st.recursive(
    SIMPLE | st.booleans(),
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "properties": st.dictionaries(KEYS, inner, max_size=2),
            "patternProperties": st.dictionaries(st.sampled_from(["^a", "c"]), inner, max_size=1),
            "additionalProperties": inner,
            "propertyNames": inner,
            "items": inner,
            "anyOf": st.lists(inner, min_size=1, max_size=2),
            "allOf": st.lists(inner, min_size=1, max_size=2),
            "not": inner,
        },
    ),
    max_leaves=5,
)


@given(SCHEMAS, VALUES)
def test_surely_valid_is_valid(schema: Any, value: Any) -> None:
    surely = predicate(schema)
    if surely and surely(value):
        assert Draft202012Validator(schema).is_valid(value)


@given(SCHEMAS, VALUES)
def test_the_verdict_is_that_of_jsonschema(schema: Any, value: Any) -> None:
    assert (not Checker(schema).violations(value)) == Draft202012Validator(schema).is_valid(value)


def test_a_keyword_that_is_not_known_is_left_to_jsonschema() -> None:
    assert predicate({"dependentRequired": {"a": ["b"]}}) is None
    assert predicate({"properties": {"a": {"if": {}}}}) is None
    assert predicate({"type": "object"}) is not None
