"""Filters of plugins are held to what they declare, whatever they give."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpn.extensions import Transform
from dpn.schemes import held


@given(st.text(max_size=8), st.booleans(), st.sampled_from(["", "a-c", "a-z0-9", "+="]))
def test_an_answer_keeps_what_the_filter_declares_or_there_is_none(answer: str, word: bool, charset: str) -> None:
    transform = held(Transform(lambda value, arg: answer, word=word, charset=charset), "Acme")
    keeps_word = not word or not re.search(r"[-_.\s]", answer, re.ASCII)
    if keeps_word and (not charset or re.fullmatch(f"[{charset}]*", answer)):
        assert transform.apply("value", "") == answer
    else:
        with pytest.raises(ValueError, match="Acme gave"):
            transform.apply("value", "")


@pytest.mark.parametrize(
    ("fault", "said"), [(ValueError("too odd"), "too odd (Acme)"), (KeyError("x"), "KeyError('x')")]
)
def test_what_a_filter_raises_says_whose_it_is(fault: Exception, said: str) -> None:
    def failing(value: str, arg: str) -> str:
        raise fault

    with pytest.raises(ValueError, match="Acme") as caught:
        held(Transform(failing), "Acme").apply("value", "")
    assert said in str(caught.value)
    assert caught.value.__cause__ is fault
