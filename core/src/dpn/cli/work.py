"""The frame of every command that changes something: plan, ask, run, tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dpn import api
from dpn.cli.output import Telling, note_left_out, show_plan, show_result
from dpn.cli.progress import running
from dpn.cli.session import Session, again
from dpn.errors import StoppedError


@dataclass(frozen=True)
class Work:
    """What is asked and what is then called, with more arguments of its own.

    reasons: say why of each deletion. telling: how it is told, if not as a plan.
    """

    question: str
    call: Callable[..., api.Applied]
    arguments: tuple[Any, ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)
    reasons: bool = True
    telling: Telling | None = None


def carry_out(session: Session, options: api.Options, work: Work) -> int:
    """Run it, with the plan shown and agreed to first; give the exit code."""
    with running(session) as progress:

        def confirm(planned: api.Planned) -> bool:
            if not session.json and not (session.console.quiet and session.yes):
                _show(session, planned, work)
            note_left_out(session, planned, options, work.telling)
            if not planned.saved:
                session.confirm(work.question)
            if signals := progress.control.signals:  # it came while an earlier run was being settled
                raise StoppedError("Stopped before anything new was changed.", signal=signals[0])
            progress.expect(planned.plan)
            return True

        applied = work.call(
            replace(options, tell=progress.hear), *work.arguments, world=session.world, confirm=confirm,
            control=progress.control, **work.more,
        )  # fmt: skip
        code = show_result(session, applied, progress, options, work.telling)
    if code == 0:
        _look(session, options, work, applied)
    return code


def _show(session: Session, planned: api.Planned, work: Work) -> None:
    if work.telling:
        work.telling.plan(session, planned, session.console.err)
    else:
        show_plan(session, planned, session.console.err, reasons=work.reasons)


def _look(session: Session, options: api.Options, work: Work, applied: api.Applied) -> None:
    """Say how to look at what there is now."""
    if session.json or session.console.quiet or not (applied.result and applied.result.records):
        return
    sandbox = options.sandbox or applied.planned.sandbox
    look = again("read", api.Options(stack=applied.planned.plan.stack, sandbox=sandbox))
    session.console.result("", f"Look at it: {look}")
    if sandbox and work.reasons:
        session.console.result('With the tools of the cloud: eval "$(dpn sandbox env)"')
