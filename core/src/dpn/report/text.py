"""Text for terminals and logs: lines with a style, cells that line up, values that fit, nothing that moves a cursor."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import Any, Literal, NamedTuple, TypeAlias

Style: TypeAlias = Literal[
    "", "create", "update", "rename", "destroy", "adopt", "archive", "error", "warning", "dim", "bold"
]

WIDTH = 100
"""Columns when the output is no terminal."""

_SHORTEST = 12


class Line(NamedTuple):
    """One line without its end; the style is a colour where the output can show one."""

    text: str
    style: Style = ""


def clean(text: object) -> str:
    """Give the text on one line, with everything that is not printable escaped.

    What comes from files or a cloud could otherwise move the cursor, colour the screen or forge a line.
    """
    plain = str(text)
    if plain.isprintable():
        return plain
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in plain)


def shown(value: Any, width: int = WIDTH) -> str:
    """Give a value as a person reads it: `(absent)` for None, JSON for the rest, shortened in its middle to `width`."""
    if value is None:
        return "(absent)"
    if isinstance(value, str) and value.startswith("(") and value.endswith(")"):
        return shortened(clean(value), width)  # (known after apply), (sensitive): words of ours
    return shortened(clean(json.dumps(value, ensure_ascii=False, default=str)), width)


def shortened(text: str, width: int) -> str:
    """Cut the middle out of a text that is too long."""
    width = max(width, _SHORTEST)
    if len(text) <= width:
        return text
    head = (width - 1) * 2 // 3
    return f"{text[:head]}…{text[len(text) - (width - 1 - head):]}"


def columns(rows: Iterable[Sequence[object]], gap: str = "  ") -> list[str]:
    """Line up cells; the last cell of a row is not padded."""
    cells = [[clean(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip_longest(*cells, fillvalue="")]
    return [gap.join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip() for row in cells]


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[Line]:
    """Give a table with a head; nothing but the head if there are no rows."""
    first, *rest = columns([head, *rows])
    return [Line(first, "bold"), *map(Line, rest)]


def count(number: int, one: str, many: str = "") -> str:
    """Give `1 resource`, `2 resources`."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def leaves(field: str, before: Any, after: Any) -> Iterable[tuple[str, Any, Any]]:
    """Give the innermost members in which two values differ, each with its dotted path."""
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted({*before, *after}, key=str):
            yield from leaves(f"{field}.{key}", before.get(key), after.get(key))
    elif isinstance(before, (list, tuple)) and isinstance(after, (list, tuple)):
        for index, (old, new) in enumerate(zip_longest(before, after)):
            yield from leaves(f"{field}[{index}]", old, new)
    else:
        yield field, before, after
