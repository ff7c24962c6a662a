from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpn_databricks.delta_types import SIMPLE, DeltaTypeError, canonical

names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,6}", fullmatch=True)
decimals = st.integers(1, 38).flatmap(lambda p: st.integers(0, p).map(lambda s: f"decimal({p},{s})"))
types = st.recursive(
    st.sampled_from(SIMPLE) | decimals,
    lambda inner: (
        inner.map(lambda one: f"array<{one}>")
        | st.tuples(inner, inner).map(lambda two: f"map<{two[0]},{two[1]}>")
        | st.lists(st.tuples(names, inner), min_size=1, max_size=3).map(
            lambda fields: f"struct<{','.join(f'{name}:{one}' for name, one in fields)}>"
        )
    ),
    max_leaves=8,
)


@given(types)
def test_what_delta_writes_stays_as_it_is(text: str) -> None:
    assert canonical(text) == text


@given(types)
def test_spaces_do_not_count(text: str) -> None:
    spread = "".join(f" {mark} " if mark in "<>(),:" else mark for mark in text)
    assert canonical(spread) == text


@given(st.text(st.sampled_from(list("<>(),: arymapstuctdecil10")), max_size=30) | st.text(max_size=20))
def test_any_text_is_a_type_or_refused(text: str) -> None:
    with suppress(DeltaTypeError):
        written = canonical(text)
        assert canonical(written) == written


@pytest.mark.parametrize(
    ("given_", "written"),
    [
        ("LONG", "bigint"),
        ("Integer", "int"),
        ("decimal", "decimal(10,0)"),
        ("numeric(5)", "decimal(5,0)"),
        ("varchar(10)", "string"),
        ("char(3)", "string"),
        ("timestamp_ltz", "timestamp"),
        ("ARRAY<STRUCT<Sku: STRING, n: INT>>", "array<struct<Sku:string,n:int>>"),
    ],
)
def test_other_spellings_have_one_that_delta_writes(given_: str, written: str) -> None:
    assert canonical(given_) == written


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "missing at the end"),
        ("array<int", "not closed"),
        ("int>", "behind the end"),
        ("array", "missing at the end"),
        ("map<int>", "',' is expected"),
        ("struct<>", "field's name"),
        ("struct<a>", "':' is expected"),
        ("struct<a--b:int>", "letters, digits and _"),
        ("struct<`a b`:int>", "letters, digits and _"),
        ("struct<a/*:int,b*/:int>", "letters, digits and _"),
        ("interval", "Delta has no type 'interval'; it has bigint"),
        ("decimal(39,1)", "1 to 38"),
        ("decimal(2,3)", "no larger scale"),
        ("decimal(x)", "numbers"),
        (f"decimal({'9' * 5000})", "numbers"),
        ("array<" * 100_000, "more than 50 deep"),
        ("int; DROP TABLE x", "no type 'int;'"),
        ("string COMMENT 'x'", "behind the end"),
    ],
)
def test_what_is_no_type_says_why(text: str, why: str) -> None:
    with pytest.raises(DeltaTypeError, match=why):
        canonical(text)
