"""How the text of a statement is read: quoted names, strings, and what is no statement."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpn_sandbox.databricks.sql import parse
from dpn_sandbox.databricks.sql_text import Cursor, SqlError


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1))
def test_a_quoted_name_is_read_back(name: str) -> None:
    cursor = Cursor("`" + name.replace("`", "``") + "`")
    assert cursor.identifier() == name
    cursor.end()


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_an_escaped_string_is_read_back(text: str) -> None:
    cursor = Cursor("'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'")
    assert cursor.string() == text
    cursor.end()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("'it''s'", "it's"),
        ('"a ""b"" \'c\'"', "a \"b\" 'c'"),
        (r"'\t\n\r\0\b\Z'", "\t\n\r\0\b\x1a"),
        (r"'A\U0001F600\101'", "A😀A"),
        (r"'100\% a\_b \q'", r"100\% a\_b q"),
        (r"'\\'", "\\"),
        (r"'\\'''", "\\'"),
    ],
)
def test_escapes_in_strings(written: str, meant: str) -> None:
    assert Cursor(written).string() == meant


@given(st.text(alphabet="CREATE TABLE ALTER DROP a.b,(`'\"\\)<>=-/*;1 INT STRING\n"))
def test_any_text_is_read_or_refused_as_sql(text: str) -> None:
    with suppress(SqlError):
        parse(text)
