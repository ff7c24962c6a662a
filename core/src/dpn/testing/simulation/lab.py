"""A scenario over a machine: what is there before, the plan, what it leads to, and how a case of it ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from dpn.errors import DamagedError, DpnError
from dpn.extensions import Snapshot
from dpn.model import Observed, Plan, Ref, Resource
from dpn.testing.simulation.case import Case, Life
from dpn.testing.simulation.cloud import LATE, ON_NAMELESS
from dpn.testing.simulation.driver import Violation
from dpn.testing.simulation.judge import agree, no_orphans, same_names, untouched, view
from dpn.testing.simulation.machine import Image, Machine
from dpn.testing.simulation.process import Ended, Processes
from dpn.testing.simulation.scenario import THEIRS, Scenario, planned

_SETTLE_LAG = 60.0
_LIVES = 4
"""How many undisturbed processes may be needed until nothing is open: one, and more after a fault that parked it."""


@contextmanager
def telling(case: object) -> Iterator[None]:
    """Turn whatever a process ends in that it must not into a Violation that names the case."""
    try:
        yield
    except (Violation, DpnError, AssertionError, LookupError, ValueError, TypeError, AttributeError) as error:
        raise Violation(f'"{case}": {type(error).__name__}: {error}') from error


def _expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Violation(otherwise)


@dataclass
class Lab:
    """A scenario that is prepared: cases are run on it, any number of them. `lives` and `runs` count."""

    scenario: Scenario
    machine: Machine = field(default_factory=Machine)
    runs: int = 0
    lives: int = 0

    def __post_init__(self) -> None:
        self._processes = Processes(self.machine, _SETTLE_LAG if self.scenario.lag else None)
        self.kinds = self._processes.kinds
        self.plan: Plan | None = None
        self.plan, self.start = self._prepared()
        self._was = self._view(self.start)
        done = self.live(self.start, Life(), self.plan)
        self._will_be = self._view(done.image)
        _expect(done.outcome == self.scenario.ends, f"undisturbed, it ends as {done.outcome}")
        self._agreed(done.snapshot)

    @property
    def _ignored(self) -> tuple[str, ...]:
        return self.scenario.loose if self.scenario.moments else ()

    def live(self, image: Image, life: Life, plan: Plan | None = None, *, watch: bool = False) -> Ended:
        """Run one process: carry out the plan, or settle what is open; `watch` notes what is there before each step."""
        self.lives += 1
        acts = self.scenario.moments if plan and plan is self.plan else ()
        strangers = {call: partial(act, self.machine) for call, act in acts}
        return self._processes.live(image, life, plan, strangers, watch=watch)

    # a whole case -------------------------------------------------------------------------------------------------

    def run(self, case: Case) -> None:
        """Live the lives of a case and then undisturbed ones, and judge what is left. Violation says what is wrong."""
        self.settle(self._begun(case), case)

    def _begun(self, case: Case) -> Ended:
        first, *others = case.lives
        with telling(case):
            ended = self.live(self.start, first, self.plan)
            for life in others:
                ended = self.live(ended.image, life)
        return ended

    def go_on(self, image: Image, life: Life, case: Case) -> None:
        """Live one more disturbed life from an image, then as `run`; the case includes that life."""
        with telling(case):
            ended = self.live(image, life)
        self.settle(ended, case)

    def settle(self, ended: Ended, case: Case) -> None:
        """Let undisturbed processes settle what a life left open, and judge. Violation names the case."""
        self.runs += 1
        with telling(case):
            if ended.outcome == "spoilt":
                self._refused(ended)
            elif case.lives[-1].accept or case.lives[-1].skip:
                self._made_good(ended, case.lives[-1])
            else:
                self._settled(ended, late=any(self.late(wrong) for life in case.lives for _, wrong in life.wrong))

    def late(self, wrong: str) -> bool:
        """Tell whether a fault may bring something to light after all is over: where looks lag, a second copy too."""
        return wrong in LATE or (wrong in ON_NAMELESS and self.scenario.lag > 0)

    def _refused(self, ended: Ended) -> None:
        """Damage that no crash does is refused by every command, and nothing is done about the cloud."""
        with suppress(DamagedError):
            self.live(ended.image, Life())
            raise Violation("damaged files were used as if they were sound")
        _expect(self.machine.cloud.objects == ended.image.cloud.objects, "the cloud was changed all the same")

    def _made_good(self, ended: Ended, left: Life) -> None:
        """Judge what was left as it is: it agrees with the cloud, and a new plan leads to what was wanted."""
        ended = self._opened(ended)
        while ended.snapshot.journal:  # each process goes on with what was accepted; what a skip blocks is accepted now
            ended = self.live(ended.image, Life(accept=not left.accept))
        self._agreed(ended.snapshot)
        self.machine.cloud.rest()
        after = self.live(self.machine.image(), Life(), self._planned(self.scenario.after))
        _expect(after.outcome in ("done", "nothing"), f"applied again, it ended as {after.outcome}")
        self._judged(after, "done")

    def _settled(self, ended: Ended, *, late: bool) -> None:
        lives = 0
        first, ended = ended, self._opened(ended)
        while ended.snapshot.journal:
            _expect(lives < _LIVES, f"still open after {lives} undisturbed lives")
            lives += 1
            ended = self.live(ended.image, Life())
        last = ended.outcome if ended.outcome != "nothing" else first.outcome
        if late:
            self._arrived(ended)
        else:
            self._judged(ended, last)

    def _opened(self, ended: Ended) -> Ended:
        """After a crash the next writing command opens the stack, whatever it is for."""
        return self.live(ended.image, Life()) if ended.outcome == "crash" else ended

    def _judged(self, ended: Ended, outcome: str) -> None:
        self._agreed(ended.snapshot)
        now = view(ended.snapshot, self.machine.cloud.objects, self.machine.cloud.theirs, self._ignored)
        expected = {"done": (self._will_be,), "rolled_back": (self._was,)}.get(outcome, (self._was, self._will_be))
        _expect(now in expected, f"it ended as {outcome}, and the end\n{now.beside(expected[0])}")

    def _arrived(self, ended: Ended) -> None:
        """Let late requests land, and the next command look for them: none of them leaves anything or renames it.

        What else they change in a thing that is recorded is drift, which the next plan shows. A command whose plan is
        not true any more because a rename was taken back says so, and the one after it does its work.
        """
        self.machine.cloud.land()
        assert self.plan
        plan = replace(self.plan, changes=(), moves={}, existing=())
        after = self.live(self.machine.image(), Life(), plan)
        if after.outcome == "rolled_back":
            after = self.live(after.image, Life(), plan)
        _expect(after.outcome == "done", f"the next command ended as {after.outcome}")
        objects, loose = self.machine.cloud.objects, self.scenario.loose
        untouched(self.machine.cloud.theirs, objects)
        no_orphans(after.snapshot, objects, loose)
        same_names(after.snapshot, objects, loose)

    def _agreed(self, snapshot: Snapshot) -> None:
        agree(snapshot, self.machine.cloud.objects, self.kinds, self.scenario.loose)
        no_orphans(snapshot, self.machine.cloud.objects, self.scenario.loose)
        untouched(self.machine.cloud.theirs, self.machine.cloud.objects)

    def _view(self, image: Image) -> Any:
        self.machine.restore(image)
        return view(self._processes.read(), self.machine.cloud.objects, self.machine.cloud.theirs, self._ignored)

    # preparing ----------------------------------------------------------------------------------------------------

    def _prepared(self) -> tuple[Plan, Image]:
        scenario, machine = self.scenario, self.machine
        kinds = sorted({resource.kind for resource in (*scenario.before, *scenario.after)})
        for number, kind in enumerate(kinds):
            machine.cloud.by_stranger(Observed(Ref(kind, f"theirs-{number}", f"theirs-{number}"), {}, THEIRS))
        if scenario.before:
            ended = self.live(machine.image(), Life(), self._planned(scenario.before))
            _expect(ended.outcome == "done", f"what is there before cannot be made: {ended.outcome}")
        machine.cloud.lag = scenario.lag
        if scenario.twist:
            scenario.twist(machine)
        return self._planned(scenario.after), machine.image()

    def _planned(self, wanted: Iterable[Resource]) -> Plan:
        there = self._processes.read(), self.machine.cloud.objects
        plan, problems = planned(wanted, *there, self.scenario.replaced)
        assert not problems, problems
        return plan
