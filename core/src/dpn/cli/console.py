"""Standard streams: the result goes to one, all else to the other; neither can change what a command does."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TextIO

from dpn.errors import InputError
from dpn.report import WIDTH, Line

_COLOURS = {
    "create": "32", "update": "33", "rename": "36", "destroy": "31", "adopt": "35", "archive": "35",
    "error": "1;31", "warning": "33", "dim": "2", "bold": "1",
}  # fmt: skip
_PLAIN = str.maketrans({"→": ">", "±": "!", "⇐": "<", "↓": "v", "↑": "^", "…": ".", "·": "-", "○": "o", "»": "="})
"""For an output that has no such characters; each keeps its width, so that columns still line up."""


class Stream:
    """One output. After its reader has gone, or when its disk is full, nothing more is written to it.

    `movable`: a cursor can be moved on it. `coloured`: it shows colours, and they are wanted.
    """

    def __init__(self, stream: TextIO | None, env: Mapping[str, str]) -> None:
        self._stream = stream
        self.terminal = _is_terminal(stream)
        self.movable = self.terminal and env.get("TERM") != "dumb"
        self.coloured = self.movable and not env.get("NO_COLOR")
        self.broken: OSError | None = None

    @property
    def width(self) -> int:
        """Give the columns that a line may take."""
        return max(40, min(shutil.get_terminal_size().columns, 160)) if self.terminal else WIDTH

    def lines(self, lines: Iterable[Line]) -> None:
        """Write lines."""
        self.write("".join(f"{self._dressed(line)}\n" for line in lines))

    def write(self, text: str) -> None:
        """Write text as it is; a failure is noted and goes no further."""
        if self._stream is None or self.broken:
            return
        try:
            self._stream.write(self._encodable(text))
            self._stream.flush()
        except OSError as error:
            self.fail(error)

    def _dressed(self, line: Line) -> str:
        colour = _COLOURS.get(line.style) if self.coloured and line.text else None
        return f"\x1b[{colour}m{line.text}\x1b[0m" if colour else line.text

    def _encodable(self, text: str) -> str:
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        try:
            text.encode(encoding)
        except UnicodeEncodeError:
            return text.translate(_PLAIN).encode(encoding, "backslashreplace").decode(encoding)
        return text

    def fail(self, error: OSError) -> None:
        """Take note that nothing more can be written."""
        self.broken = error
        self._silence()

    def _silence(self) -> None:
        """Let what Python still holds for this stream go nowhere: it would fail once more when the process ends."""
        assert self._stream
        with suppress(OSError, ValueError):
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, self._stream.fileno())
            os.close(null)


def _is_terminal(stream: Any) -> bool:
    try:
        return bool(stream and stream.isatty())
    except ValueError:  # closed
        return False


@dataclass
class Console:
    """Both outputs and the input of one command. `quiet` leaves out what is neither result nor error."""

    env: Mapping[str, str] = field(default_factory=lambda: os.environ)
    quiet: bool = False

    def __post_init__(self) -> None:
        self.out = Stream(sys.stdout, self.env)
        self.err = Stream(sys.stderr, self.env)

    def result(self, *lines: Line | str) -> None:
        """Write the result."""
        self.out.lines(Line(line) if isinstance(line, str) else line for line in lines)

    def note(self, *lines: Line | str) -> None:
        """Write what helps a person and is no result."""
        if not self.quiet:
            self.err.lines(Line(line, "dim") if isinstance(line, str) else line for line in lines)

    def complain(self, *lines: Line | str) -> None:
        """Write what is wrong, quiet or not."""
        self.err.lines(Line(line) if isinstance(line, str) else line for line in lines)

    def ask(self, question: str, otherwise: str) -> str:
        """Ask a person; InputError where there is no terminal, with `otherwise` as what to do then."""
        if not (_is_terminal(sys.stdin) and self.err.terminal):
            raise InputError("There is no terminal to ask on.", hint=otherwise)
        self.err.write(f"{question} ")
        try:
            answer = sys.stdin.readline()
        except BaseException:  # a signal: what is said of it begins on a line of its own
            self.err.write("\n")
            raise
        if not answer:  # the end of the input is no answer
            self.err.write("\n")
        return answer.strip()
