"""What several commands show: plans, results, rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dpn import api, report
from dpn.cli.console import Stream
from dpn.cli.session import Session, again
from dpn.model import Plan
from dpn.report import Line

if TYPE_CHECKING:
    from dpn.cli.progress import Progress
    from dpn.extensions import Snapshot

OPEN = BLOCKED = 4
_GRAVE = (6, 4, 7, 64, 3, 5, 1, 0)
"""Exit codes, the gravest first."""


def gravest(codes: Iterable[int]) -> int:
    """Give the exit code of a command that has several."""
    return min(codes, key=lambda code: _GRAVE.index(code) if code in _GRAVE else 0, default=0)


def show_plan(session: Session, planned: api.Planned, to: Stream, *, undo: bool = False, reasons: bool = True) -> None:
    """Print a plan, as JSON if that was asked for; its problems go to the other stream in any case."""
    sensitive, summary = _sensitive(planned), api.summary(planned.plan)
    warn(session, planned)
    if session.json:
        session.print_json(report.plan_data(planned.plan, summary, sensitive=sensitive, is_open=planned.open))
        return
    manner = report.Manner(to.width, session.verbose, undo, reasons, sensitive, _noted(planned.plan))
    lines = report.plan_lines(planned.plan, summary, manner)
    to.lines(lines[-1:] if session.console.quiet and to is session.console.out else lines)


def warn(session: Session, planned: api.Planned) -> None:
    """Print the warnings of a plan."""
    session.console.complain(*report.problem_lines(planned.plan.problems))


def warn_open(session: Session, options: api.Options, snapshot: Snapshot) -> None:
    """Say that a run has not ended, and how to settle it; or that the stack is no longer here."""
    stack = report.clean(snapshot.stack)
    if place := api.moved_to(snapshot):
        said = f"warning: {stack} was moved to {report.clean(place)}: this is what it was then"
        session.console.complain(Line(said, "warning"), "  Name that place under state: in config.yaml.")
        return
    session.console.complain(
        Line(f"warning: a run of {stack} is open: it goes on, or it was interrupted", "warning"),
        f"  If none goes on: {api.mend(options)}",
    )


@dataclass(frozen=True)
class Telling:
    """How a command tells of a plan in words of its own.

    plan: before it is agreed to, with its problems, as `show_plan`. done: after it was carried out. data: what JSON has
    in addition. whole: the command for what was left out.
    """

    plan: Callable[[Session, api.Planned, Stream], None]
    done: Callable[[api.Planned], list[Line]]
    data: Callable[[api.Planned], dict[str, Any]]
    whole: str


def preview(session: Session, options: api.Options, planned: api.Planned, telling: Telling | None = None) -> int:
    """Print a plan as the result; give 4 if it was made while a run is open."""
    (telling.plan if telling else show_plan)(session, planned, session.console.out)
    note_left_out(session, planned, options, telling)
    if planned.open:
        warn_open(session, options, planned.snapshot)
    return OPEN if planned.open else 0


def note_left_out(
    session: Session, planned: api.Planned, options: api.Options, telling: Telling | None = None
) -> None:  # fmt: skip
    """Say what the plan has beside what was asked for."""
    counts: dict[str, int] = {}
    for change in planned.left_out:
        counts[change.action] = counts.get(change.action, 0) + 1
    if counts:
        parts = ", ".join(f"{number} to {action}" for action, number in counts.items())
        whole = again(telling.whole if telling else "apply", replace(options, targets=()))
        session.console.note(f"Left out: {parts}. The whole plan: {whole}")


def show_result(
    session: Session, applied: api.Applied, progress: Progress, options: api.Options, telling: Telling | None = None
) -> int:  # fmt: skip
    """Print what came of a run; give its exit code."""
    plan = applied.planned.plan
    run = _run(applied)
    if applied.recovered:
        session.console.note(f"An earlier run was still open; it was settled first: {applied.recovered.outcome}.")
    session.changed = session.changed or bool(applied.result or applied.recovered)
    if not any(change.steps for change in plan.changes):  # nobody was asked, so nothing was shown
        warn(session, applied.planned)
        note_left_out(session, applied.planned, options, telling)
    if run.outcome in ("done", "nothing") and not session.json:
        session.console.result(*(telling.done(applied.planned) if telling else _done(plan)))
    elif run.outcome not in ("done", "nothing"):
        session.console.complain(*report.failed_lines(run, progress.undone))
    if run.blocked:
        again_by = api.mend(replace(options, file=None), plan.stack) if applied.planned.saved else api.mend(options)
        session.console.complain(*report.blocked_lines(run.blocked, again_by))
    if session.json:
        data = report.result_data(plan, api.summary(plan), run, _sensitive(applied.planned))
        session.print_json(data | (telling.data(applied.planned) if telling else {}))
    return _code(run.outcome, progress.control.signals)


def _done(plan: Plan) -> list[Line]:
    return report.done_lines(plan, api.summary(plan), _noted(plan))


def _run(applied: api.Applied) -> report.RunData:
    result, recovered = applied.result, applied.recovered.outcome if applied.recovered else None
    if result is None:
        return report.RunData("nothing", recovered=recovered)
    why = result.failure
    failure = report.FailureData(why.address, why.code, why.message, why.hint) if why else None
    return report.RunData(result.outcome, failure, dict(result.blocked), recovered, len(result.records))


def _code(outcome: str, signals: Sequence[int]) -> int:
    if outcome in ("done", "nothing"):
        return 0
    if outcome == "blocked":
        return BLOCKED
    return 128 + signals[0] if signals else 1


def _noted(plan: Plan) -> frozenset[str]:
    """Give the addresses of which only the record changes."""
    return frozenset(
        change.address
        for change in plan.changes
        if not change.steps and not api.is_empty(replace(plan, changes=(change,), moves={}))
    )


def _sensitive(planned: api.Planned) -> report.Sensitive:
    return {kind: info.sensitive for kind, info in planned.kinds.items() if info.sensitive}


def print_rows(session: Session, rows: Any, lines: Sequence[Line]) -> None:
    """Print rows as JSON or as the lines that they make."""
    if session.json:
        session.print_json(rows)
    else:
        session.console.result(*lines)
