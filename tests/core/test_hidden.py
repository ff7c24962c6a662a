"""What a run gave out is told in no form that a service, an SDK or Python writes it in."""

from __future__ import annotations

import base64
import html
import json
import re
import time
from collections.abc import Callable
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dpn.errors import InputError, Problem
from dpn.hidden import MASK, Hidden

VALUE = "pä ss/w'o\"r\nd+{x}=="
FORMS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "repr": repr,
    "repr with both quotes": lambda value: repr(f"'\"{value}"),
    "bytes": lambda value: repr(value.encode()),
    "json": json.dumps,
    "json, unicode": lambda value: json.dumps(value, ensure_ascii=False),
    "path": quote,
    "url": lambda value: quote(value, safe=""),
    "url, lower case": lambda value: quote(value, safe="").replace("%2F", "%2f").replace("%C3", "%c3"),
    "form": quote_plus,
    "xml": escape,
    "html": html.escape,
    "xml with quotes": lambda value: escape(value, {"'": "&apos;", '"': "&quot;"}),
    "json in json": lambda value: json.dumps(json.dumps({"a": value}))[8:-4],
    "json in json, unicode": lambda value: json.dumps(json.dumps(value, ensure_ascii=False), ensure_ascii=False)[3:-3],
    "url of a url": lambda value: quote(quote(value, safe=""), safe=""),
    "base64": lambda value: base64.b64encode(value.encode()).decode(),
    "base64 for urls": lambda value: base64.urlsafe_b64encode(value.encode()).decode().rstrip("="),
}


def hidden(*values: str) -> Hidden:
    made = Hidden()
    for value in values:
        made.add(value)
    return made


@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_hidden(form: str) -> None:
    written = FORMS[form](VALUE)
    said = hidden(VALUE).hide(f"refused: {written} is wrong")
    assert re.match(r"refused: b?\W*\(hidden\)\W* is wrong$", said)
    assert written.strip("'\"") not in said
    assert "(hidden)" in said


@pytest.mark.parametrize("before", ["", "u", "us", "user:"])
def test_it_is_hidden_inside_of_a_basic_authorization(before: str) -> None:
    token = base64.b64encode(f"{before}a-long-password!:more".encode()).decode()
    said = hidden("a-long-password!").hide(f"Authorization: Basic {token}")
    assert "(hidden)" in said
    assert all(token[at : at + 8] not in said for at in range(4, 16))


def test_a_line_of_a_key_is_hidden_alone() -> None:
    key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqh\n-----END PRIVATE KEY-----\n"
    assert hidden(key).hide("bad line MIIEvQIBADANBgkqh") == "bad line (hidden)"


def test_a_secret_inside_of_another_leaves_no_rest() -> None:
    assert hidden("abcd", "abcdefgh").hide("abcdefgh abcd") == "(hidden) (hidden)"


def test_a_short_one_is_hidden_as_a_word_only() -> None:
    assert hidden("7").hide("7 of 17: 7.") == "(hidden) of 17: (hidden)."
    assert hidden("prod").hide("production of prod: prod_a, 'prod'") == "production of (hidden): prod_a, '(hidden)'"
    assert hidden("pr!od").hide("x-pr%21od") == "x-(hidden)"


@pytest.mark.parametrize("before", ["\\n", "\\u00e4", "%3D", "%3d", "\\x1b", "=", "\n"])
def test_an_escape_before_a_short_one_is_no_part_of_a_word(before: str) -> None:
    assert hidden("hunter2").hide(f"pw{before}hunter2") == f"pw{before}(hidden)"


def test_a_short_one_that_was_put_into_a_word_is_hidden_with_the_word() -> None:
    made = Hidden()
    made.add("prod", "jdbc:x?password=my_prod1&more")
    assert made.hide("production: no my_prod1, no prod") == "production: no (hidden), no (hidden)"


@pytest.mark.parametrize("value", [" hunter22secret", "hunter22secret\n", "\thunter22secret\r\n"])
def test_what_is_told_without_the_white_space_around_it_is_hidden(value: str) -> None:
    assert hidden(value).hide("password 'hunter22secret' is wrong") == "password '(hidden)' is wrong"


@pytest.mark.parametrize("written", ["\n", "\r\n", "\r", " ", "", "\\n", "\\\\r\\\\n", "%0A", "&#10;"])
@pytest.mark.parametrize("given", ["\n", "\r\n", "\r"])
def test_line_ends_of_any_sort_are_those_of_the_secret(given: str, written: str) -> None:
    assert hidden(f"ab1{given}cd2{given}ef3{given}").hide(f"<ab1{written}cd2{written}ef3>") == "<(hidden)>"


@pytest.mark.parametrize("value", [" ", "\n", "        "])
def test_white_space_is_no_secret(value: str) -> None:
    assert hidden(value).hide("a        b\nc") == "a        b\nc"


@pytest.mark.parametrize("text", ["\\" * 20_000, "%25" * 7_000, "\n" * 20_000, '"' * 20_000, " " * 20_000])
def test_no_text_makes_hiding_slow(text: str) -> None:
    made = hidden("\\" * 50 + "x", '"\\' * 20 + "x", "\n \n".join(["abcdefgh"] * 9), "% % % x", "x\n\n\ny\\\ny")
    began = time.process_time()
    made.hide(text)
    assert time.process_time() - began < 5


def test_nothing_given_out_hides_nothing() -> None:
    assert hidden("").hide("all of it") == "all of it"


def test_what_was_added_later_is_hidden_too() -> None:
    made = hidden("first-one")
    assert made.hide("first-one second-one") == "(hidden) second-one"
    made.add("second-one")
    assert made.hide("first-one second-one") == "(hidden) (hidden)"


def test_an_error_is_cleared_in_all_that_it_says() -> None:
    error = InputError("bad s3cr3t", hint="not s3cr3t", problems=(Problem("X", "s3cr3t?", hint="s3cr3t!"),))
    cleared = hidden("s3cr3t").cleared(error)
    assert cleared is error
    assert "s3cr3t" not in f"{error} {error.message} {error.hint} {error.problems}"


@pytest.mark.parametrize(
    ("data", "errors"), [(b"pass\xffword", "surrogateescape"), (b"pass\xed\xa0\x80word", "surrogatepass")]
)
def test_what_is_no_unicode_is_hidden_in_each_form(data: bytes, errors: str) -> None:
    value = data.decode(errors=errors)  # of the environment, or half of a pair
    forms = (value, repr(value), json.dumps(value), repr(data), quote(data), base64.b64encode(data).decode())
    for form in forms:
        assert "word" not in (said := hidden(value).hide(f"refused {form}")), form
        assert "(hidden)" in said


@given(st.text(min_size=4, max_size=30), st.text(max_size=10), st.text(max_size=10), st.sampled_from(sorted(FORMS)))
def test_no_text_gives_a_secret_away(value: str, before: str, after: str, form: str) -> None:
    assume(value.strip() and MASK not in value)
    written = FORMS[form](value)
    said = hidden(value).hide(f"{before}|{written}|{after}")
    assert f"|{written}|" not in said


@pytest.mark.parametrize("value", ["", "a", "(hidden)", "\\", "[x](", "\n\n\n\n"])
def test_odd_values_break_nothing(value: str) -> None:
    assert isinstance(hidden(value, "another").hide("another text"), str)
