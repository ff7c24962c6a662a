"""Lines of standard input: none is waited for that is not there, and each is whole."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from unittest.mock import patch

import pytest

from dpn.cli.streams import batches


@pytest.fixture
def pipe() -> Iterator[int]:
    """Put a pipe in place of standard input; give the end that is written to."""
    out, into = os.pipe()
    with os.fdopen(out, encoding="utf-8") as stream, patch.object(sys, "stdin", stream):
        yield into


def test_a_line_is_given_before_the_next_one_is_written(pipe: int) -> None:
    found = batches()
    os.write(pipe, b"one\n")
    assert [line for line in next(found) if line] == ["one"]
    os.write(pipe, b"two\nthr")
    assert [line for line in next(found) if line] == ["two"]
    os.write(pipe, b"ee\nlast")
    assert [line for line in next(found) if line] == ["three"]
    os.close(pipe)
    assert list(found) == [["last"]]


def test_bytes_that_are_no_text_and_long_lines_come_through(pipe: int) -> None:
    os.write(pipe, b"\xef\xbb\xbfa\xff\n" + b"x" * 60_000)
    found = batches()
    assert next(found) == ["a\udcff"]
    os.write(pipe, b"y" * 60_000 + b"\n\n")
    os.close(pipe)
    rest = [line for batch in found for line in batch if line]
    assert rest == ["x" * 60_000 + "y" * 60_000]
