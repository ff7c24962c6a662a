"""A workbench for transactions: a cloud, a ledger and an engine, with crashes at every effect."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from dpn.connections import Connections
from dpn.dispatch import Dispatcher
from dpn.driver import Inline
from dpn.engine.core import Engine
from dpn.engine.effects import Effect, Tell
from dpn.extensions import Snapshot
from dpn.model import Plan, Problem, Record, Ref, Resource
from dpn.plugins import Plugins, load
from dpn.testing.ledger import MemoryLedger
from dpn.testing.simulation import judge
from dpn.testing.simulation.cloud import SimCloud
from dpn.testing.simulation.judge import View, view
from dpn.testing.simulation.kinds import SimPlugin
from dpn.testing.simulation.process import header_of
from dpn.testing.simulation.scenario import kinds_of_the_lab, planned
from dpn.world import World

STACK = "lab.dev"
NAMELESS = frozenset({"mem_robot", "mem_drone", "mem_rig"})


class Crash(Exception):  # noqa: N818 - it plays a kill, not an error
    """The process is gone."""


class CrashingDriver(Inline):
    """Dies before or after effect number `at`."""

    def __init__(self, *args: Any, at: int = -1, before: bool = False) -> None:
        super().__init__(*args)
        self.at, self.before, self.done = at, before, 0

    def _answer(self, effect: Effect) -> Any:
        if self.before and self.done == self.at:
            raise Crash
        answer = super()._answer(effect)
        if not self.before and self.done == self.at:
            raise Crash
        self.done += 1
        return answer


@dataclass
class Bench:
    """One stack over one cloud."""

    cloud: SimCloud = field(default_factory=lambda: SimCloud(nameless=NAMELESS))
    snapshot: Snapshot = field(default_factory=lambda: Snapshot(STACK, "lineage", 0, 1, {}))
    objects: list[Any] = field(default_factory=list)
    told: list[Tell] = field(default_factory=list)
    ids: int = 0
    now: float = 0.0
    settle: float | None = None
    ledger: MemoryLedger | None = None
    ledger_type: type[MemoryLedger] = MemoryLedger
    engine: Engine | None = None
    outcome: str = ""

    def fork(self) -> Bench:
        """Give a copy that goes its own way."""
        was = self.cloud
        cloud = replace(
            was, objects=dict(was.objects), calls=[], hidden=dict(was.hidden), pending=[], bin=dict(was.bin),
            moments={},
        )  # fmt: skip
        cloud.made = was.made
        return Bench(cloud, self.snapshot, self.objects, ids=self.ids, now=self.now, settle=self.settle)

    def _new_id(self) -> str:
        self.ids += 1
        return f"op{self.ids:04d}"

    def plugins(self) -> Plugins:
        return load(objects=[SimPlugin(self.cloud), *self.objects])

    def world(self) -> World:
        return World(env={"PASSWORD": "hunter2"}, sleep=self._sleep, rng=random.Random(1))

    def _sleep(self, seconds: float) -> None:
        self.now += seconds

    def plan(self, *resources: Resource, replaced: Iterable[str] = ()) -> tuple[Plan, list[Problem]]:
        return planned(resources, self.snapshot, self.cloud.objects, replaced)

    def run(
        self, plan: Plan | None = None, *, at: int = -1, before: bool = False,
        driver: Callable[..., Any] = CrashingDriver,
    ) -> str:  # fmt: skip
        """Run a plan, or recover when a journal is open; give the outcome, or `crash`."""
        plugins, world = self.plugins(), self.world()
        dispatcher = Dispatcher(plugins, Connections(plugins, {"mem": {}}), world)
        self.ledger = self.ledger_type(self.snapshot)
        header = header_of(plan, self.snapshot.serial)
        if not self.snapshot.journal:
            self.ledger.begin(header)
        self.engine = Engine(
            STACK,
            plugins.kinds,
            new_id=self._new_id,
            now=lambda: self.now,
            jitter=lambda: 0.5,
            width=4,
            settle=self.settle,
        )
        runner = driver(
            self.ledger,
            dispatcher,
            world,
            self.told.append,
            **({"at": at, "before": before} if driver is CrashingDriver else {}),
        )
        self.steps = runner
        try:
            runner.run(self.engine, self.engine.start(self.snapshot, header, plan))
        except Crash:
            self.snapshot = self.ledger.crashed()
            return "crash"
        self.snapshot = self.ledger.crashed()
        return self.engine.outcome or "none"

    def apply(self, *resources: Resource, **options: Any) -> str:
        plan, problems = self.plan(*resources)
        assert not problems, problems
        return self.run(plan, **options)


def state_of(bench: Bench) -> View:
    """Give what must be the same after an undo."""
    return view(bench.snapshot, bench.cloud.objects, {})


def agree(bench: Bench) -> None:
    """Assert that nothing is open and that state and cloud agree; there are no markers but ours."""
    assert not bench.snapshot.journal
    objects = bench.cloud.objects
    judge.agree(bench.snapshot, objects, kinds_of_the_lab())
    judge.no_orphans(bench.snapshot, objects)
    assert {seen.marker.stack for seen in objects.values() if seen.marker} <= {"lab--dev"}


__all__ = ["STACK", "Bench", "Crash", "CrashingDriver", "Record", "Ref", "agree", "state_of"]
