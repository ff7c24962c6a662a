"""What a run tells while it goes on: a bar on a terminal, a quiet line for each finished resource elsewhere."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dpn import api
from dpn.cli.session import Session
from dpn.errors import StoppedError
from dpn.model import Event, Plan
from dpn.report import SIGNS, Line, clean

_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


class Progress:
    """Hears the events of a run, in the thread that delivers them; `control` is how a signal reaches the run.

    mends: the command is there to settle what an earlier run left open.
    """

    def __init__(self, session: Session) -> None:
        self._console, self._verbose = session.console, session.verbose
        self._left: dict[str, int] = {}
        self._actions: dict[str, str] = {}
        self._finished = 0
        self._bar: Any = None
        self.mends = False
        self.undone: dict[str, None] = {}
        self.control = api.Control()

    def expect(self, plan: Plan) -> None:
        """Take note of how many steps each resource has."""
        self._left = {change.address: len(change.steps) for change in plan.changes if change.steps}
        self._actions = {change.address: change.action for change in plan.changes}

    def hear(self, event: Event) -> None:
        """Show an event."""
        if event.type == "run" and event.action == "recover":
            if self.mends:
                self._console.note("Settling what an earlier run left open.")
            else:  # nobody asked for it, so it is not to be missed
                self._console.complain("An earlier run was interrupted: what it left open is settled first.")
        elif event.type == "run":
            self._begin(event.total)
        elif event.type == "end":
            self.close()
        elif event.type == "warning":
            self._console.complain(Line(f"warning: {_where(event)}{clean(event.message)}", "warning"))
        else:
            self._work(event)

    def _work(self, event: Event) -> None:
        if event.type == "undo" and event.outcome == "applied":
            if event.address not in self.undone:
                self._say(event.address, f"undoing {clean(event.address)}")
            self.undone[event.address] = None
        elif event.type == "wait":
            self._say(event.address, f"{_where(event)}{clean(event.message)}")
        elif event.outcome == "applied":
            self._step(event)
        elif event.message:
            self._say(event.address, f"{_where(event)}{event.step}: {clean(event.message)}")

    def _step(self, event: Event) -> None:
        if event.address not in self._left:  # nothing was planned here: it is found out what an earlier run did
            self._say(event.address, f"{_where(event)}{event.step} was applied")
            return
        self._left[event.address] -= 1
        if self._bar:
            self._bar.update(0, completed=event.done, description=clean(event.address))
        if self._left[event.address] == 0:
            self._finished += 1
            sign = SIGNS[self._actions.get(event.address, "update")]
            self._say("", f"{sign.symbol} {clean(event.address)} {sign.past} ({self._finished} of {len(self._left)})")
        elif self._verbose:
            self._say("", f"  {clean(event.address)}: {event.step}")

    def _say(self, doing: str, text: str) -> None:
        if self._bar and doing:
            self._bar.update(0, description=text)
        elif not self._bar:
            self._console.note(text)

    def _begin(self, total: int) -> None:
        if not total or self._verbose or self._console.quiet or not self._console.err.movable:
            return
        from rich import console, progress

        columns = (
            progress.BarColumn(30),
            progress.MofNCompleteColumn(),
            progress.TimeElapsedColumn(),
            progress.TextColumn("{task.description}", markup=False),
        )
        screen = console.Console(stderr=True, no_color=not self._console.err.coloured)
        self._bar = progress.Progress(*columns, console=screen, transient=True)
        self._bar.add_task("", total=total)
        self._bar.start()

    def close(self) -> None:
        """Take the bar away."""
        bar, self._bar = self._bar, None
        if bar:
            bar.stop()


def _where(event: Event) -> str:
    return f"{clean(event.address)}: " if event.address else ""


@contextmanager
def running(session: Session) -> Iterator[Progress]:
    """Let signals stop a run in good order: the first undoes, the second leaves at once.

    While no run goes on, a signal ends the command. What was ignored from the start (nohup) stays ignored.
    """
    progress = Progress(session)

    def stop(number: int, _: object) -> None:
        if not progress.control.running:
            raise StoppedError("Stopped; nothing was changed.", signal=number)
        progress.control.stop(number)

    before = {}
    try:
        for name in _SIGNALS:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) != signal.SIG_IGN:
                before[number] = signal.signal(number, stop)
    except ValueError:
        pass  # not the main thread: whoever runs us there has the signals
    try:
        yield progress
    finally:
        progress.close()
        for number, handler in before.items():
            signal.signal(number, handler)
