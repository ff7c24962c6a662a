"""What an audit of names found: a table for people, JSON and CSV for scripts, SARIF for code scanners.

Rows are written as they come, so that a million names need no memory; each writer begins, takes batches, and ends.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Any

from dpn.report.judged import Judged, Missing, Writer, said
from dpn.report.sarif import Sarif
from dpn.report.tallies import Tally
from dpn.report.text import Line, clean

_HEAD = ("KIND", "NAME", "COMPLIES", "WHY", "NEAREST")
_WIDEST = 63
"""Columns grow with the names that come, up to the longest name of a bucket: what is longer sticks out alone."""


def audit_writer(form: str, version: str, *, every: bool = False) -> Writer:
    """Give the writer of a format: table, json, csv or sarif. every: the table has the names that comply too."""
    if form == "sarif":
        return Sarif(version)
    return _Json() if form == "json" else _Csv() if form == "csv" else _Table(every)


class _Table:
    def __init__(self, every: bool) -> None:
        self._every, self._widths, self._begun = every, [len(head) for head in _HEAD], False

    def begin(self) -> list[Line]:
        return []

    def rows(self, found: Iterable[Judged]) -> list[Line]:
        cells = [
            (one.kind, one.name, one.complies, _why(one), one.nearest or "")
            for one in found
            if self._every or one.complies != "yes"
        ]
        if not cells:
            return []
        texts = [[clean(cell) for cell in row] for row in cells]
        sizes = zip(self._widths, *([len(text) for text in row] for row in texts), strict=True)
        self._widths = [min(max(column), _WIDEST) for column in sizes]
        head, self._begun = ([] if self._begun else [Line(self._row(_HEAD), "bold")]), True
        return [*head, *(Line(self._row(row)) for row in texts)]

    def _row(self, cells: Sequence[str]) -> str:
        return "  ".join(cell.ljust(width) for cell, width in zip(cells, self._widths, strict=True)).rstrip()

    def end(self, tally: Tally, missing: Sequence[Missing]) -> list[Line]:
        return [Line(text) for text in tally.lines()]


def _why(one: Judged) -> str:
    """Give the codes alone, with whose rule it is: the messages are in the other formats, and with `name check`."""
    codes = ", ".join(dict.fromkeys(problem.code for problem in one.problems))
    return f"{codes} ({one.by})" if codes else ""


class _Json:
    def __init__(self) -> None:
        self._first = True

    def begin(self) -> list[Line]:
        return [Line('{"format_version": "1", "names": [')]

    def rows(self, found: Iterable[Judged]) -> list[Line]:
        texts = [json.dumps(_row_data(one)) for one in found]
        first, self._first = self._first, self._first and not texts
        return [Line(text if first and not at else f", {text}") for at, text in enumerate(texts)]

    def end(self, tally: Tally, missing: Sequence[Missing]) -> list[Line]:
        unlisted = json.dumps([{"kind": one.kind, "why": one.why} for one in missing])
        return [Line(f'], "unlisted": {unlisted}, "summary": {json.dumps(tally.data())}}}')]


def _row_data(one: Judged) -> dict[str, Any]:
    problems = [{"rule": problem.code, "message": problem.message} for problem in one.problems]
    return {
        "kind": one.kind, "name": one.name, "complies": one.complies, "by": one.by or None, "problems": problems,
        "nearest": one.nearest,
    }  # fmt: skip


class _Csv:
    def begin(self) -> list[Line]:
        return [Line("kind,name,complies,by,rules,message,nearest")]

    def rows(self, found: Iterable[Judged]) -> list[Line]:
        return [
            _csv_line(
                one.kind, one.name, one.complies, one.by, " ".join(problem.code for problem in one.problems),
                said(one.problems), one.nearest or "",
            )
            for one in found
        ]  # fmt: skip

    def end(self, tally: Tally, missing: Sequence[Missing]) -> list[Line]:
        return []


def _csv_line(*cells: str) -> Line:
    out = StringIO()
    csv.writer(out, lineterminator="").writerow([_cell(cell) for cell in cells])
    return Line(out.getvalue())


def _cell(text: str) -> str:
    """Give a text that no spreadsheet takes for a formula: whoever may create a thing chooses its name."""
    plain = clean(text)
    return f"'{plain}" if plain.startswith(("=", "+", "-", "@")) else plain
