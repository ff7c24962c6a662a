"""A workbench for transactions: a cloud, a ledger and an engine, with crashes at every effect."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dpn import codec, resolve
from dpn import plan as planning
from dpn.connections import Connections
from dpn.dispatch import Dispatcher
from dpn.driver import Inline
from dpn.engine.core import Engine
from dpn.engine.effects import Effect, Tell
from dpn.engine.fold import moved
from dpn.extensions import Snapshot
from dpn.model import Observed, Plan, Problem, Record, Ref, Resource
from dpn.plugins import Plugins, load
from dpn.testing.ledger import MemoryLedger
from dpn.testing.simulation.cloud import SimCloud
from dpn.testing.simulation.kinds import SimPlugin
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

    def observed(self, resources: Iterable[Resource], records: Mapping[str, Record]) -> dict[str, Observed | None]:
        """Look at everything, without faults."""
        out: dict[str, Observed | None] = {}
        named = {resource.address: resource for resource in resources}
        for address in {*named, *records}:
            record = records.get(address)
            thing: Any = record or named[address]
            matching = [
                seen for seen in self.cloud.objects.values()
                if seen.ref.kind == thing.kind and (seen.ref.id == thing.id if record else seen.ref.name == thing.name)
            ]  # fmt: skip
            if not record and thing.kind in NAMELESS:
                matching = []
            out[address] = matching[0] if matching else None
        return out

    def plan(self, *resources: Resource, replaced: Iterable[str] = ()) -> tuple[Plan, list[Problem]]:
        moves = resolve.moves(resources, self.snapshot.records)
        records = moved(self.snapshot.records, moves)
        return planning.make(
            planning.Inputs(
                STACK, "dev", self.plugins().kinds, resources, records, self.observed(resources, records),
                self.snapshot.serial, self.snapshot.lineage, replaced=frozenset(replaced), moves=moves,
            )
        )  # fmt: skip

    def header(self, plan: Plan | None) -> dict[str, Any]:
        existing = [codec.dump(record) for record in plan.existing] if plan else []
        return {
            "t": "header", "moves": dict(plan.moves) if plan else {}, "serial": self.snapshot.serial,
            "existing": existing,
            "providers": {"mem": {"settings": {}, "account": "memory", "plugin": "given"}},
        }  # fmt: skip

    def run(
        self, plan: Plan | None = None, *, at: int = -1, before: bool = False,
        driver: Callable[..., Any] = CrashingDriver,
    ) -> str:  # fmt: skip
        """Run a plan, or recover when a journal is open; give the outcome, or `crash`."""
        plugins, world = self.plugins(), self.world()
        dispatcher = Dispatcher(plugins, Connections(plugins, {"mem": {}}), world)
        self.ledger = self.ledger_type(self.snapshot)
        header = self.header(plan)
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


def state_of(bench: Bench) -> dict[str, Any]:
    """Give what must be the same after an undo: ids stand as what they lead to, operation ids are left out.

    An id that leads nowhere stays as it is, so that a reference to something that was made again is seen to dangle.
    """
    things = {seen.ref.id: f"{seen.ref.kind} {seen.ref.name}" for seen in bench.cloud.objects.values()}

    def led(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: led(item) for key, item in sorted(value.items())}
        return things.get(value, value) if isinstance(value, str) else value

    objects = sorted(
        (
            seen.ref.kind, seen.ref.name, things.get(seen.ref.parent.id, "gone") if seen.ref.parent else "",
            repr(led(seen.spec)), bool(seen.marker), seen.status.replace("starting", "ok"),
        )
        for seen in bench.cloud.objects.values()
    )  # fmt: skip
    records = {
        address: replace(record, id=led(record.id), op="", bound=led(record.bound))
        for address, record in bench.snapshot.records.items()
    }
    return {"objects": objects, "records": records}


def agree(bench: Bench, loose: Iterable[str] = ()) -> None:
    """Assert that state and cloud agree: each record has its object with its marker, and no other object has one.

    The names in `loose` are not looked at.
    """
    assert not bench.snapshot.journal
    for record in bench.snapshot.records.values():
        if record.name in loose:
            continue
        seen = bench.cloud.objects.get((record.kind, record.id or ""))
        assert seen, f"{record.address} has no object"
        if record.kind not in ("mem_bag", "mem_pass"):
            assert seen.marker, f"{record.address} has no marker"
            assert seen.marker.op == record.op, record.address
        assert seen.ref.name == record.name
    ours = {(record.kind, record.id) for record in bench.snapshot.records.values()}
    for key, seen in bench.cloud.objects.items():
        assert key in ours or seen.marker is None or seen.ref.name in loose, f"{seen.ref} is an orphan"


__all__ = ["STACK", "Bench", "Crash", "CrashingDriver", "Record", "Ref", "agree", "state_of"]
