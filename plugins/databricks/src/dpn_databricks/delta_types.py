"""Types of Delta columns: read, checked, and written as Delta itself writes them.

Source: https://docs.databricks.com/aws/en/sql/language-manual/sql-ref-datatypes (2026-11-24). dpn takes one spelling
of each type, the one that the service gives back, so that a plan after an apply is empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_MAX_PRECISION = 38
_MAX_DEPTH = 50  # as deep as a blueprint itself may be
SIMPLE = (
    "bigint",
    "binary",
    "boolean",
    "date",
    "double",
    "float",
    "int",
    "smallint",
    "string",
    "timestamp",
    "timestamp_ntz",
    "tinyint",
    "variant",
)
_ALIASES = {
    "byte": "tinyint",
    "short": "smallint",
    "integer": "int",
    "long": "bigint",
    "real": "float",
    "bool": "boolean",
    "text": "string",
    "varchar": "string",
    "char": "string",
    "datetime": "timestamp",
    "timestamp_ltz": "timestamp",
    "numeric": "decimal",
    "dec": "decimal",
}
_TOKEN = re.compile(r"[<>(),:]|[^\s<>(),:]+")
_NUMBER = re.compile(r"[0-9]{1,2}")
# What needs no quotes, for Delta writes names without any: no numbers either, such as 1, 2L and 1e5.
_FIELD = re.compile(r"(?![0-9]+([LSYDF]|BD|E[0-9]+([DF]|BD)?)?$)[A-Z0-9_]+", re.IGNORECASE | re.ASCII)
_LENGTH = re.compile(r"[0-9]{1,5}")
_PLAIN_COLLATION = re.compile(r"\s+collate\s+utf8_binary\b", re.IGNORECASE)  # what strings have anyway


class DeltaTypeError(Exception):
    """A type that Delta does not have; the message says which part of it and what there is."""


def canonical(text: str) -> str:
    """Give the type as Delta writes it, as `array<struct<a:int>>`; raise DeltaTypeError if Delta has no such type."""
    parser = _Parser(text)
    written = parser.type()
    if (rest := parser.peek()) is not None:
        raise DeltaTypeError(f"{rest!r} stands behind the end of the type")
    return written


def shown(text: str) -> str:
    """Give a type that the service shows in the one spelling; one that dpn cannot write stays as it is.

    A varchar or char is a string whose length somebody else limits: no statement of dpn changes that.
    """
    try:
        return canonical(_PLAIN_COLLATION.sub("", text))
    except DeltaTypeError:
        return text


class _Parser:
    """Reads one type; each method reads one thing and gives it in canonical form."""

    def __init__(self, text: str) -> None:
        self._tokens: Iterator[str] = iter(_TOKEN.findall(text))
        self._next = next(self._tokens, None)
        self._depth = 0

    def peek(self) -> str | None:
        return self._next

    def take(self) -> str:
        token = self._next
        if token is None:
            raise DeltaTypeError("a bracket is not closed, or something is missing at the end")
        self._next = next(self._tokens, None)
        return token

    def expect(self, mark: str) -> None:
        token = self.take()
        if token != mark:
            raise DeltaTypeError(f"{mark!r} is expected where {token!r} stands")

    def type(self) -> str:
        word = self.take().lower()
        name = _ALIASES.get(word, word)
        if word in ("varchar", "char") and self._next == "(":
            self.take()
            if not _LENGTH.fullmatch(self.take()):
                raise DeltaTypeError(f"the length of a {word} is a number")
            self.expect(")")
        if name == "decimal":
            return self._decimal()
        if name in ("array", "map", "struct"):
            return self._nested(name)
        if name not in SIMPLE:
            raise DeltaTypeError(f"Delta has no type {word!r}; it has {', '.join(SIMPLE)}, decimal, array, map, struct")
        return name

    def _decimal(self) -> str:
        if self._next != "(":
            return "decimal(10,0)"
        self.take()
        numbers = [self.take()]
        if self._next == ",":
            self.take()
            numbers.append(self.take())
        self.expect(")")
        if not all(_NUMBER.fullmatch(number) for number in numbers):
            raise DeltaTypeError("precision and scale of a decimal are numbers of one or two digits")
        precision, scale = int(numbers[0]), int(numbers[1]) if len(numbers) > 1 else 0
        if not 1 <= precision <= _MAX_PRECISION or scale > precision:
            raise DeltaTypeError(f"a decimal has a precision of 1 to {_MAX_PRECISION} and no larger scale")
        return f"decimal({precision},{scale})"

    def _nested(self, name: str) -> str:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise DeltaTypeError(f"it is nested more than {_MAX_DEPTH} deep")
        self.expect("<")
        inner = self._inside(name)
        self.expect(">")
        self._depth -= 1
        return f"{name}<{inner}>"

    def _inside(self, name: str) -> str:
        if name == "array":
            return self.type()
        if name == "map":
            key = self.type()
            self.expect(",")
            return f"{key},{self.type()}"
        fields = [self._field()]
        while self._next == ",":
            self.take()
            fields.append(self._field())
        return ",".join(fields)

    def _field(self) -> str:
        name = self.take()
        if not _FIELD.fullmatch(name):
            raise DeltaTypeError(f"a field's name, of letters, digits and _, is expected where {name!r} stands")
        self.expect(":")
        return f"{name}:{self.type()}"
