from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpn_databricks.delta_types import SIMPLE, DeltaTypeError, canonical, shown
from dpn_sandbox.databricks.sql_types import type_of

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


@given(types)
def test_the_sandbox_writes_the_same(text: str) -> None:
    assert type_of(text).text == type_of(canonical(text)).text == text


@pytest.mark.parametrize("text", ["LONG", "Integer", "BYTE", "short", "real", "dec(5)", "NUMERIC", "array<Long>"])
def test_the_sandbox_reads_other_spellings_as_the_same(text: str) -> None:
    assert type_of(text).text == canonical(text)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("bigint", "bigint"),
        ("varchar(256)", "string"),
        ("string collate UTF8_BINARY", "string"),
        ("map<string COLLATE UTF8_BINARY,decimal(10, 2)>", "map<string,decimal(10,2)>"),
        ("string collate UTF8_LCASE", "string collate UTF8_LCASE"),
        ("interval day to second", "interval day to second"),
        ("", ""),
    ],
)
def test_what_the_service_shows_is_seen_in_the_one_spelling(text: str, seen: str) -> None:
    assert shown(text) == seen


@pytest.mark.parametrize("name", ["1a", "2020_total", "_1", "e5", "9l9"])
def test_a_field_may_begin_with_a_digit(name: str) -> None:
    assert canonical(f"struct<{name}:int>") == f"struct<{name}:int>"


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
        ("struct<1:int>", "letters, digits and _"),
        ("struct<2L:int>", "letters, digits and _"),
        ("struct<1e5:int>", "letters, digits and _"),
        ("varchar(x)", "length of a varchar is a number"),
        ("char(<)", "length of a char is a number"),
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
