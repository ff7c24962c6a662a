"""Lines of standard input in batches: as many as are there, so that an answer never waits for more questions."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from dpn.errors import InputError, Problem

STDIN = "-"
"""The argument that stands for standard input."""
_BYTES = 1 << 16


def bad_line(code: str, message: str) -> InputError:
    """Say what is wrong with a line."""
    return InputError(message, problems=(Problem(code, message),))


def batches() -> Iterator[list[str]]:
    """Yield the lines that can be read without waiting, again and again until the input ends.

    Bytes that are no UTF-8 become lone surrogates, which no value and no name may hold.
    """
    raw = getattr(sys.stdin, "buffer", None)
    if raw is None:  # a stream without bytes, as in a test
        while lines := sys.stdin.readlines(_BYTES):
            yield lines
        return
    rest: list[bytes] = []  # joined once, however long a line is
    while chunk := raw.read1(_BYTES):
        whole, newline, after = chunk.rpartition(b"\n")
        if newline:
            yield _text([*rest, whole]).split("\n")
            rest = []
        rest.append(after)
    if last := _text(rest):
        yield [last]


def _text(parts: list[bytes]) -> str:
    return b"".join(parts).decode("utf-8-sig", "surrogateescape")
