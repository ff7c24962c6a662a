"""The text of a SQL statement as tokens, and a cursor that reads them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple, NoReturn, TypeVar

T = TypeVar("T")


class SqlError(Exception):
    """Why a statement failed: error class, SQLSTATE and message, put together as Databricks does."""

    def __init__(self, error_class: str, state: str, message: str) -> None:
        super().__init__(f"[{error_class}] {message} SQLSTATE: {state}")
        self.error_class, self.state = error_class, state


class Token(NamedTuple):
    """One token; `text` of a quoted name or a string is what it stands for."""

    kind: str
    text: str
    at: int


_TOKEN = re.compile(
    r"""(?P<blank>\s+|--[^\n]*|/\*.*?\*/)
    |(?P<name>`(?:[^`]|``)*`)
    |(?P<string>'(?:\\.|''|[^'\\])*'|"(?:\\.|""|[^"\\])*")
    |(?P<number>\d+(?:\.\d+)?)
    |(?P<word>[A-Za-z_]\w*)
    |(?P<sign>[(),.<>:=;-])""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[0-3][0-7]{2}|.)", re.DOTALL)
_CONTROLS = {"0": "\0", "b": "\b", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a", "%": "\\%", "_": "\\_"}


def tokens(text: str) -> Iterator[Token]:
    """Read a statement token by token; the last token has kind `end`."""
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise _syntax_error(text, at, text[at])
        kind, found = str(match.lastgroup), match.group()
        if kind != "blank":
            yield Token(kind, _meaning(kind, found), at)
        at = match.end()
    yield Token("end", "end of input", at)


def _meaning(kind: str, found: str) -> str:
    if kind == "name":
        return found[1:-1].replace("``", "`")
    if kind == "string":
        # A doubled quote stands for one, as in the SQL of today's warehouses (Spark 4).
        return _ESCAPE.sub(_unescaped, found[1:-1].replace(found[0] * 2, f"\\{found[0]}"))
    return found


def _unescaped(match: re.Match[str]) -> str:
    code = match.group(1)
    if code[0] in "uU" and len(code) > 1:
        return chr(int(code[1:], 16))
    return chr(int(code, 8)) if len(code) > 1 else _CONTROLS.get(code, code)


def _syntax_error(text: str, at: int, near: str) -> SqlError:
    line, start = text.count("\n", 0, at) + 1, text.rfind("\n", 0, at) + 1
    message = f"Syntax error at or near '{near}' (line {line}, pos {at - start})."
    return SqlError("PARSE_SYNTAX_ERROR", "42601", message)


class Cursor:
    """Reads a statement from left to right. Keywords are compared without case; a quoted name is never a keyword."""

    def __init__(self, text: str) -> None:
        self._text, self._tokens, self._next = text, tuple(tokens(text)), 0

    def take(self, *words: str) -> bool:
        """Step over words or signs if all of them come next."""
        following = self._tokens[self._next : self._next + len(words)]
        same = len(following) == len(words) and all(
            token.kind in {"word", "sign"} and token.text.upper() == word
            for token, word in zip(following, words, strict=True)
        )
        self._next += len(words) if same else 0
        return same

    def expect(self, *words: str) -> None:
        """Step over words or signs that must come next."""
        if not self.take(*words):
            self.refuse()

    def identifier(self) -> str:
        """Read a name, quoted or bare."""
        return self._read({"name", "word"})

    def string(self) -> str:
        """Read a string literal."""
        return self._read({"string"})

    def number(self) -> int:
        """Read a whole number."""
        text = self._read({"number"})
        return int(text) if text.isdecimal() else self.refuse(back=1)

    def literal(self) -> str:
        """Read a string, a number or a bare word as text."""
        sign = "-" if self.take("-") else ""
        return sign + self._read({"number"} if sign else {"string", "number", "word"})

    def dotted(self) -> tuple[str, ...]:
        """Read a name of one or more parts."""
        parts = [self.identifier()]
        while self.take("."):
            parts.append(self.identifier())
        return tuple(parts)

    def group(self, read: Callable[[Cursor], T]) -> tuple[T, ...]:
        """Read a list in parentheses, of one item at least."""
        self.expect("(")
        items = [read(self)]
        while self.take(","):
            items.append(read(self))
        self.expect(")")
        return tuple(items)

    def is_string(self) -> bool:
        """Tell whether a string literal comes next."""
        return self._tokens[self._next].kind == "string"

    def end(self) -> None:
        """Refuse anything more; one semicolon may stand at the end."""
        self.take(";")
        if self._tokens[self._next].kind != "end":
            self.refuse()

    def refuse(self, back: int = 0) -> NoReturn:
        """Refuse the statement at the next token."""
        token = self._tokens[self._next - back]
        raise _syntax_error(self._text, token.at, token.text)

    def _read(self, kinds: set[str]) -> str:
        token = self._tokens[self._next]
        if token.kind not in kinds:
            self.refuse()
        self._next += 1
        return token.text
