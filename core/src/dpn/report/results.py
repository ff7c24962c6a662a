"""What a run did: as people read it, and as JSON."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dpn import codec
from dpn.model import Plan, Problem
from dpn.report.bookkeeping import record_only_counts, record_only_lines
from dpn.report.plans import (
    FORMAT,
    SIGNS,
    ChangeData,
    Sensitive,
    change_data,
    heads,
    in_order,
)
from dpn.report.problems import problem_data
from dpn.report.text import Line, clean, count

_RECORDS = {"forgotten": "forgotten", "moved": "moved", "updated": "updated in the state only"}


@dataclass(frozen=True, slots=True)
class FailureData:
    """Why a run was undone."""

    address: str
    code: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class RunData:
    """What came of a run.

    outcome: done · nothing (there was nothing to do) · rolled_back · blocked (something could not be undone: `blocked`
    says what and why). recovered: how an earlier run that was open has been settled first.
    """

    outcome: str
    failure: FailureData | None = None
    blocked: Mapping[str, str] = field(default_factory=dict)
    recovered: str | None = None
    exist: int = 0


@dataclass(frozen=True, slots=True)
class ResultData:
    """What `dpn apply --json` prints."""

    format_version: str
    stack: str
    outcome: str
    summary: Mapping[str, int]
    changes: tuple[ChangeData, ...]
    failure: FailureData | None
    blocked: Mapping[str, str]
    recovered: str | None
    problems: tuple[Problem, ...]
    moves: Mapping[str, str] = field(default_factory=dict)


def result_data(plan: Plan, summary: Mapping[str, int], run: RunData, sensitive: Sensitive) -> dict[str, Any]:
    """Give the result in its fixed shape; `changes` and `summary` are those of the plan that was carried out."""
    changes = tuple(change_data(change, sensitive) for change in plan.changes)
    data = ResultData(
        FORMAT,
        plan.stack,
        run.outcome,
        dict(summary),
        changes,
        run.failure,
        run.blocked,
        run.recovered,
        (),
        dict(plan.moves),
    )
    return {**codec.dump(data), "problems": [problem_data(problem) for problem in plan.problems]}


def done_lines(plan: Plan, summary: Mapping[str, int], noted: Container[str] = ()) -> list[Line]:
    """Say what was done: each address with symbol and name, then the counts; `noted` as in `Manner`."""
    worked = [change for change in in_order(plan.changes) if change.steps]
    parts = [f"{summary[one]} {SIGNS[one].past}" for one in reversed(SIGNS) if one != "noop" and summary[one]]
    parts += [f"{number} {_RECORDS[did]}" for did, number in record_only_counts(plan, noted).items() if number]
    told = [*heads(worked), *record_only_lines(plan, noted)]
    return [
        *told,
        *([Line("")] if told else []),
        Line(f"Done: {', '.join(parts) or 'nothing to do'}.", "bold"),
    ]


def failed_lines(run: RunData, undone: Iterable[str]) -> list[Line]:
    """Say what failed and why, what was undone, and what there is now."""
    lines: list[Line] = []
    if run.failure:
        where = f"{clean(run.failure.address)}: " if run.failure.address else ""
        lines.append(Line(f"error: {where}{clean(run.failure.message)} [{clean(run.failure.code)}]", "error"))
        lines += [Line(f"  {clean(run.failure.hint)}")] if run.failure.hint else []
    taken_back = [clean(address) for address in undone if address not in run.blocked]
    if taken_back:
        lines += [Line(f"Undone ({len(taken_back)}):"), *(Line(f"  {address}") for address in taken_back)]
    if run.outcome == "rolled_back":
        lines.append(
            Line(f"Nothing is left of this run; the stack has {count(run.exist, 'resource')}, as before.", "bold")
        )
    return lines


def blocked_lines(blocked: Mapping[str, str], again: str) -> list[Line]:
    """Say what could not be undone or settled, why, and how to go on; `again` is the command that recovers."""
    lines = [Line(f"Blocked ({len(blocked)}): what could not be settled stays recorded", "error")]
    lines += [
        Line(f"  {clean(address)}: {clean(reason.removeprefix(f'{address}: '))}")
        for address, reason in sorted(blocked.items())
    ]
    one = next(iter(sorted(blocked)), "ADDRESS")
    lines.append(Line(f"  When the cause is gone: {again}"))
    lines.append(Line(f"  To leave one as it is: {again} --skip '{clean(one)}'"))
    return [*lines, Line(f"  To undo nothing more and record what there is: {again} --accept")]
