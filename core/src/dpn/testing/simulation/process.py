"""One process over a machine: it opens the stack, carries out a plan or settles what is open, and may die of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from dpn import codec
from dpn.connections import Connections
from dpn.dispatch import Dispatcher
from dpn.engine.core import Engine
from dpn.extensions import Holder, Snapshot
from dpn.model import Plan
from dpn.plugins import load
from dpn.recovery import Leave
from dpn.testing.simulation.case import Life
from dpn.testing.simulation.driver import SimDriver, Witness
from dpn.testing.simulation.kinds import SimPlugin
from dpn.testing.simulation.machine import STACK, Crash, Image, Machine

Moments = Mapping[int, Callable[[], None]]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a life ended: `done`, `rolled_back`, `blocked`, `nothing` (nothing was open) or `crash`; what it left.

    images: what was there before each step, from step 1 on; a crash at that moment leaves what the disk makes of it.
    """

    outcome: str
    image: Image
    snapshot: Snapshot
    steps: int = 0
    calls: tuple[tuple[str, str, str], ...] = ()
    turns: int = 0
    images: tuple[Image, ...] = ()


class Processes:
    """Runs processes on one machine, one after another. settle: see `Engine`."""

    def __init__(self, machine: Machine, settle: float | None = None) -> None:
        plugins = load(objects=[SimPlugin(machine.cloud)])
        self._machine, self._settle, self.kinds = machine, settle, plugins.kinds
        nameless = {kind for kind, info in self.kinds.items() if info.name_rule.unique == "none"}
        machine.cloud.nameless = frozenset(nameless)
        self._dispatcher = Dispatcher(plugins, Connections(plugins, {"mem": {}}), machine.world)

    def live(self, image: Image, life: Life, plan: Plan | None, strangers: Moments, *, watch: bool) -> Ended:
        """Run one process over an image; `watch` notes what is there before each step."""
        machine = self._machine
        images: list[Image] = []
        machine.restore(image)
        machine.cloud.wrong, machine.crash_at = dict(life.wrong), life.crash
        machine.cloud.moments = strangers
        machine.on_step = (lambda _: images.append(machine.image())) if watch else None
        driver: list[SimDriver] = []
        try:
            outcome = self._process(life, plan, driver)
        except Crash:
            outcome = "crash"
        machine.on_step, machine.crash_at = None, None
        left = machine.image()
        if outcome == "crash":
            left = replace(left, disk=left.disk.survivor(life.data, life.names))
        if life.spoil:
            left = replace(left, disk=left.disk.spoilt(life.spoil))
            return Ended("spoilt", left, Snapshot(STACK, "", 0, 0, {}))
        if outcome == "crash":
            machine.disk.restart(left.disk)
        turns = driver[0].turns if driver else 0
        calls = tuple(machine.cloud.calls)
        return Ended(outcome, left, self.read(), machine.steps, calls, turns, tuple(images))

    def _process(self, life: Life, plan: Plan | None, driver: list[SimDriver]) -> str:
        machine = self._machine
        holder = Holder(1, "sim", "ada", "dpn apply", machine.now(), nonce=machine.world.new_id())
        ledger = machine.backend.open(STACK, holder)
        try:
            header: Mapping[str, Any] = header_of(plan, ledger.snapshot.serial)
            witness, snapshot = Witness(ledger, self.kinds, machine.on_doing), ledger.snapshot
            if snapshot.journal:
                header, plan = snapshot.journal[0], None
                snapshot = replace(snapshot, journal=(*snapshot.journal, *_left(witness, life)))
            elif plan is None:
                return "nothing"
            else:
                witness.begin(header, 1024)
                snapshot = replace(ledger.snapshot, journal=())
            driver.append(SimDriver(machine, witness, self._dispatcher, order=life.order, stop=life.stop))
            engine = self._engine()
            driver[0].run(engine, engine.start(snapshot, header, plan))
            return str(engine.outcome)
        finally:
            ledger.close()

    def _engine(self) -> Engine:
        machine = self._machine
        return Engine(
            STACK, self.kinds, new_id=machine.world.new_id, now=machine.now, jitter=machine.random, width=4,
            settle=self._settle,
        )  # fmt: skip

    def read(self) -> Snapshot:
        """Read as a command does that only looks: it must be able to at any moment."""
        return self._machine.backend.read(STACK)


def header_of(plan: Plan | None, serial: int) -> dict[str, Any]:
    """Give the header of a transaction, as the product writes it; without a plan there is nothing to say."""
    return {
        "t": "header", "moves": dict(plan.moves) if plan else {}, "serial": serial,
        "existing": [codec.dump(record) for record in plan.existing] if plan else [],
        "providers": {"mem": {"settings": {}, "account": "memory", "plugin": "given"}},
    }  # fmt: skip


def _left(witness: Witness, life: Life) -> tuple[Mapping[str, Any], ...]:
    """Let a person skip or accept what is open: the journal is told before anything else."""
    leave = Leave((life.skip,) if life.skip else (), life.accept)
    entries = leave.entries(witness.snapshot)
    for entry in entries:
        witness.append(entry)
    witness.sync()
    return entries
