"""A change of names as people read it: a table by wave, and a sentence; and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from dpn.migration import HOWS, How, Row
from dpn.report.plans import FORMAT
from dpn.report.text import Line, Style, clean, columns

_HEAD = ("WAVE", "ADDRESS", "NAME", "", "NEW NAME", "HOW", "WHY")
_SIGNS: Mapping[How, tuple[str, Style, str]] = {
    "rename": ("→", "rename", "renamed"),
    "copy": ("→", "update", "copied"),
    "replace": ("±", "destroy", "replaced"),
    "update": ("~", "update", "updated"),
    "keep": (" ", "dim", ""),
}


def migration_data(rows: Sequence[Row]) -> dict[str, Any]:
    """Give the rows, each with `from` and `to`, and how many there are of each sort."""
    counts = _counts(rows)
    return {
        "format_version": FORMAT,
        "names": {how: counts[how] for how in HOWS},
        "waves": max((row.wave or 0 for row in rows), default=0),
        "rows": [_row_data(row) for row in rows],
    }


def _counts(rows: Iterable[Row]) -> Counter[How]:
    """Count by what is done; what keeps its name and follows the names of others is among both."""
    counts: Counter[How] = Counter()
    for row in rows:
        counts[row.how] += 1
        counts["update"] += row.how == "keep" and row.wave is not None
    return counts


def _row_data(row: Row) -> dict[str, Any]:
    data = asdict(row)
    return {{"old": "from", "new": "to"}.get(key, key): value for key, value in data.items()}


def migration_lines(stack: str, rows: Sequence[Row], recreate: str) -> list[Line]:
    """Give the table, how what keeps its name would be recreated, and the sentence; `recreate` is that command."""
    lines = [Line(f"Names of {clean(stack)}", "bold"), Line("")] if rows else []
    head, *cells = columns([_HEAD, *map(_cells, rows)])
    lines += [Line(head, "bold")] if rows else []
    lines += [Line(text, _SIGNS[row.how][1]) for text, row in zip(cells, rows, strict=True)]
    if one := next((row for row in rows if row.recreate), None):
        lines += [Line(""), Line(f"To recreate one, empty, under its new name: {recreate} --replace '{one.address}'")]
    return [*lines, *([Line("")] if rows else []), Line(f"Names: {migration_sentence(rows)}.", "bold")]


def _cells(row: Row) -> tuple[object, ...]:
    new = f"({row.new})" if row.how == "keep" else row.new if _is_new(row) else "(the same)"
    return row.wave or "-", row.address, row.old, _arrow(row), new, row.how, row.why


def migration_sentence(rows: Iterable[Row], *, past: bool = False) -> str:
    """Say how many names change, and in which way."""
    counts = _counts(rows)
    parts = [
        f"{counts[how]} {_SIGNS[how][2] if past else f'to {how}'}" for how in HOWS if how != "keep" and counts[how]
    ]
    keep = f"; {counts['keep']} {'keeps its name' if counts['keep'] == 1 else 'keep theirs'}" if counts["keep"] else ""
    return (", ".join(parts) or ("nothing to do" if past else "none to change")) + keep


def migration_told(rows: Sequence[Row]) -> list[Line]:
    """Say what was done: each address with its old and its new name, then how many."""
    done = [row for row in rows if row.wave]
    cells = columns([(row.address, row.old, _arrow(row), row.new if _is_new(row) else row.why) for row in done])
    signs = [_SIGNS["update" if row.how == "keep" else row.how] for row in done]
    told = [Line(f"  {sign} {text}", style) for (sign, style, _), text in zip(signs, cells, strict=True)]
    return [*told, *([Line("")] if told else []), Line(f"Done: {migration_sentence(rows, past=True)}.", "bold")]


def _is_new(row: Row) -> bool:
    return row.how != "keep" and row.old != row.new


def _arrow(row: Row) -> str:
    return "→" if _is_new(row) else ""
