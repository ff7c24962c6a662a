"""The grammar of patterns: text to items, with the column of whatever does not fit.

    pattern  = item , { item } ;                    1 to 300 ASCII characters, no escapes
    item     = literal | variable | group ;
    group    = "[" , { literal | variable } , "]" ; at least one variable, no nesting
    variable = "{" , name , { "|" , filter } , "}" ;
    filter   = fname , [ ":" , arg ] ;

A pattern is data: nothing in it is evaluated, and reading it takes time linear in its length. Its items are named
tuples, which cost the start of a command a quarter of what dataclasses do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeAlias

from dpn.errors import Problem

MAX_LENGTH = 300

_TOKEN = re.compile(r"(?P<literal>[A-Za-z0-9._/=+@-]+)|\{(?P<variable>[^\[\]{}]*)\}|(?P<mark>[\[\]])")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_FILTER = re.compile(r"([a-z][a-z0-9_]{0,19})(?::([A-Za-z0-9_-]{1,16}))?")


class Literal(NamedTuple):
    """Characters that stand in every name; `column` counts from 1."""

    text: str
    column: int


class Filter(NamedTuple):
    """`|name:arg`; the argument is empty when there is none."""

    name: str
    arg: str
    column: int


class Slot(NamedTuple):
    """Where the value of a variable goes, and what is done to it first."""

    name: str
    filters: tuple[Filter, ...]
    column: int

    def has(self, name: str) -> bool:
        """Tell whether one of the filters has this name."""
        return any(item.name == name for item in self.filters)


class Group(NamedTuple):
    """Items that are left out together when none of their variables has a value."""

    items: tuple[Literal | Slot, ...]
    column: int


Item: TypeAlias = Literal | Slot | Group


class _MisfitError(Exception):
    def __init__(self, column: int, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.problem = Problem("PATTERN-SYNTAX", f"{message} (column {column} of the pattern).", hint=hint)


def parse(text: str) -> tuple[tuple[Item, ...], list[Problem]]:
    """Read a pattern; the first thing that does not fit the grammar is the one problem."""
    if not 1 <= len(text) <= MAX_LENGTH:
        return (), [Problem("PATTERN-LENGTH", f"The pattern has {len(text)} characters.", expected="1 to 300")]
    try:
        return tuple(_items(text)), []
    except _MisfitError as misfit:
        return (), [misfit.problem]


def flat(items: Iterable[Item]) -> Iterator[Literal | Slot]:
    """Yield literals and slots in order, those inside groups too."""
    for item in items:
        if isinstance(item, Group):
            yield from item.items
        else:
            yield item


def _items(text: str) -> Iterator[Item]:
    position, opened, inside = 0, 0, list[Literal | Slot]()
    while position < len(text):
        found, column = _token(text, position), position + 1
        position = found.end()
        if found["mark"] == "[":
            if opened:
                raise _MisfitError(column, "A group cannot stand inside another group")
            opened, inside = column, []
        elif found["mark"] == "]":
            yield _group(opened, inside, column)
            opened = 0
        else:
            item = Literal(found["literal"], column) if found["literal"] else _slot(found["variable"], column)
            if opened:
                inside.append(item)
            else:
                yield item
    if opened:
        raise _MisfitError(opened, "The group is not closed", "Add the missing ].")


def _token(text: str, position: int) -> re.Match[str]:
    found = _TOKEN.match(text, position)
    if not found:
        raise _MisfitError(
            position + 1,
            f"The character {text[position]!a} cannot stand here",
            "Variables are written {name} or {name|filter}, optional parts [-{name}]; nothing can be escaped.",
        )
    return found


def _group(opened: int, inside: list[Literal | Slot], column: int) -> Group:
    if not opened:
        raise _MisfitError(column, "This ] closes nothing")
    if not any(isinstance(item, Slot) for item in inside):
        raise _MisfitError(opened, "A group needs a variable that decides whether it is left out")
    return Group(tuple(inside), opened)


def _slot(body: str, column: int) -> Slot:
    name, *filters = body.split("|")
    if not _NAME.fullmatch(name):
        raise _MisfitError(
            column,
            f"{body[:60]!a} is no name of a variable",
            "Names are a small letter, then small letters, digits or _.",
        )
    read, at = [], column + 1 + len(name)
    for text in filters:
        found = _FILTER.fullmatch(text)
        if not found:
            raise _MisfitError(at, f"{text[:60]!a} is no filter", "A filter is written |name or |name:argument.")
        read.append(Filter(found[1], found[2] or "", at))
        at += 1 + len(text)
    return Slot(name, tuple(read), column)
