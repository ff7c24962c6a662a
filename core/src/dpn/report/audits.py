"""What an audit of names found: a table for people, JSON and CSV for scripts, SARIF for code scanners.

Rows are written as they come, so that a million names need no memory; each writer begins, takes batches, and ends.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from typing import Any, Literal, Protocol

from dpn.errors import Problem
from dpn.report.tallies import Tally
from dpn.report.text import Line, clean

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_HEAD = ("KIND", "NAME", "COMPLIES", "WHY", "NEAREST")
_WIDEST = 63
"""Columns grow with the names that come, up to the longest name of a bucket: what is longer sticks out alone."""

_RULES: Mapping[str, str] = {
    "NAME-CHARS": "A name holds only characters that the cloud and the convention allow.",
    "NAME-EMPTY": "A name is not empty.",
    "NAME-FORM": "A name has the form that the cloud asks for.",
    "NAME-HASH": "A name ends in the hash that the convention puts behind names.",
    "NAME-LENGTH": "A name is neither too short nor too long.",
    "NAME-PATTERN": "A name can be read back by the pattern of its kind.",
    "NAME-PREFIX": "A name does not begin with what the cloud has reserved.",
    "NAME-RESERVED": "A name is not one that the cloud has reserved.",
    "NAME-SUBSTRING": "A name does not hold what the cloud has reserved.",
    "NAME-SUFFIX": "A name does not end with what the cloud has reserved.",
    "NAME-UNTOLD": "It can be told whether a name is of the convention.",
}


class Judged(Protocol):
    """One name with what is said of it."""

    @property
    def kind(self) -> str:
        """Its kind."""

    @property
    def name(self) -> str:
        """The name."""

    @property
    def complies(self) -> Literal["yes", "no", "unknown"]:
        """Whether it complies."""

    @property
    def by(self) -> str:
        """Whose rule it breaks."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong."""

    @property
    def nearest(self) -> str | None:
        """A name that would do."""


class Missing(Protocol):
    """A kind whose names are not among the rows, and why."""

    @property
    def kind(self) -> str:
        """The kind."""

    @property
    def why(self) -> str:
        """Why they are not."""


class Writer(Protocol):
    """Gives the lines of one format."""

    def begin(self) -> list[Line]:
        """Give what stands before all names."""

    def rows(self, found: Iterable[Judged]) -> list[Line]:
        """Give the lines of some names."""

    def end(self, tally: Tally, missing: Sequence[Missing]) -> list[Line]:
        """Give what stands behind all names."""


def audit_writer(form: str, version: str, *, every: bool = False) -> Writer:
    """Give the writer of a format: table, json, csv or sarif. every: the table has the names that comply too."""
    if form == "sarif":
        return _Sarif(version)
    return _Json() if form == "json" else _Csv() if form == "csv" else _Table(every)


def _said(problems: Iterable[Problem]) -> str:
    return " ".join(problem.message for problem in problems)


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
                _said(one.problems), one.nearest or "",
            )
            for one in found
        ]  # fmt: skip

    def end(self, tally: Tally, missing: Sequence[Missing]) -> list[Line]:
        return []


def _csv_line(*cells: str) -> Line:
    out = StringIO()
    csv.writer(out, lineterminator="").writerow([clean(cell) for cell in cells])
    return Line(out.getvalue())


class _Sarif:
    """One rule for each code, one result for each name that does not comply. The rules follow the results."""

    def __init__(self, version: str) -> None:
        self._version, self._rules, self._first = version, dict[str, str](), True

    def begin(self) -> list[Line]:
        head = f'{{"$schema": "{_SCHEMA}", "version": "2.1.0", "runs": [{{"columnKind": "unicodeCodePoints",'
        return [Line(head), Line('"results": [')]

    def rows(self, found: Iterable[Judged]) -> list[Line]:
        texts = [json.dumps(self._result(one)) for one in found if one.problems]
        first, self._first = self._first, self._first and not texts
        return [Line(text if first and not at else f", {text}") for at, text in enumerate(texts)]

    def _result(self, one: Judged) -> dict[str, Any]:
        for problem in one.problems:
            self._rules.setdefault(problem.code, problem.severity)
        main, where = one.problems[0], f"{one.kind}/{one.name}"
        near = f" The nearest name is {one.nearest!r}." if one.nearest else ""
        return {
            "ruleId": main.code, "ruleIndex": list(self._rules).index(main.code), "level": main.severity,
            "message": {"text": f"{_said(one.problems)}{near}"},
            "locations": [
                {"logicalLocations": [{"name": one.name, "fullyQualifiedName": where, "kind": "resource"}]}
            ],
        }  # fmt: skip

    def end(self, tally: Tally, missing: Sequence[Missing]) -> list[Line]:
        rules = [
            {
                "id": code, "shortDescription": {"text": _RULES.get(code, code)},
                "defaultConfiguration": {"level": severity},
            }
            for code, severity in self._rules.items()
        ]  # fmt: skip
        driver = {"name": "dpn", "version": self._version, "rules": rules}
        notes = [{"level": "warning", "message": {"text": f"{one.kind} was not listed: {one.why}"}} for one in missing]
        invocation = {"executionSuccessful": not tally.incomplete, "toolExecutionNotifications": notes}
        more = {"tool": {"driver": driver}, "invocations": [invocation], "properties": tally.data()}
        return [Line(f"], {json.dumps(more)[1:]}]}}")]
