"""The frame of every command that changes something: plan, ask, run, tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from dpn import api
from dpn.cli.output import note_left_out, show_plan, show_result
from dpn.cli.progress import running
from dpn.cli.session import Session, again


@dataclass(frozen=True)
class Work:
    """What is asked and what is then called, with more arguments of its own."""

    question: str
    call: Callable[..., api.Applied]
    arguments: tuple[Any, ...] = ()
    more: dict[str, Any] | None = None


def carry_out(session: Session, options: api.Options, work: Work) -> int:
    """Run it, with the plan shown and agreed to first; give the exit code."""
    with running(session) as progress:

        def confirm(planned: api.Planned) -> bool:
            if not session.json:
                show_plan(session, planned, session.console.err)
            note_left_out(session, planned, options)
            if not planned.saved:
                session.confirm(work.question)
            progress.expect(planned.plan)
            return True

        applied = work.call(
            replace(options, tell=progress.hear), *work.arguments, world=session.world, confirm=confirm,
            control=progress.control, **(work.more or {}),
        )  # fmt: skip
        code = show_result(session, applied, progress, options)
    if code == 0:
        _look(session, options, applied)
    return code


def _look(session: Session, options: api.Options, applied: api.Applied) -> None:
    """Say how to look at what there is now."""
    if session.json or session.console.quiet or not (applied.result and applied.result.records):
        return
    look = again("read", replace(options, file=None, stack=applied.planned.plan.stack, environment=None))
    session.console.result("", f"Look at it: {look}")
    if options.sandbox:
        session.console.result('With the tools of the cloud: eval "$(dpn sandbox env)"')
