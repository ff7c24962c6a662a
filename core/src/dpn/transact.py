"""Hold a stack and let the engine run on it."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from queue import SimpleQueue
from typing import Any

from dpn import codec, openness, store
from dpn.desk import Desk
from dpn.dispatch import Dispatcher
from dpn.driver import Control, Threads
from dpn.engine.core import Engine
from dpn.engine.effects import Failure, Tell
from dpn.errors import RefusedError, StoppedError
from dpn.extensions import Backend, Ledger, Snapshot
from dpn.model import Event, Plan, Record, StackVersion
from dpn.settings import written_out


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a run. `calls` counts the steps that were applied."""

    outcome: str
    failure: Failure | None = None
    blocked: Mapping[str, str] = field(default_factory=dict)
    records: Mapping[str, Record] = field(default_factory=dict)
    calls: int = 0


class Publisher:
    """Delivers events in order from its own thread; a listener that is slow or raises delays and breaks nothing."""

    def __init__(self, desk: Desk, stack: str, total: int) -> None:
        self._desk, self._stack, self._total = desk, stack, total
        self._queue: SimpleQueue[Event | None] = SimpleQueue()
        self._done = 0
        self._thread = threading.Thread(target=self._deliver, daemon=True)
        self._thread.start()

    def tell(self, tell: Tell) -> None:
        """Publish what the engine tells."""
        if tell.type == "step" and tell.outcome == "applied":  # only the run's own thread tells steps
            self._done += 1
        self.publish(tell.type, tell.address, tell.action, tell.step, tell.outcome, tell.message)

    def publish(
        self, kind: Any, address: str = "", action: str = "", step: str = "", outcome: str = "", message: str = ""
    ) -> None:
        """Publish an event."""
        now = self._desk.world.clock.now()
        self._queue.put(Event(kind, now, self._stack, address, action, step, outcome, message, self._done, self._total))

    def close(self, patience: float = 2.0) -> None:
        """Deliver what is waiting, for a while."""
        self._queue.put(None)
        self._thread.join(patience)

    @property
    def done(self) -> int:
        """How many steps were applied."""
        return self._done

    def _deliver(self) -> None:
        listeners = [listener for listener in (self._desk.options.tell, self._desk.plugins.event) if listener]
        while (event := self._queue.get()) is not None:
            for listener in listeners:
                with suppress(Exception):  # a listener must never change what happens
                    listener(event)


def hold(desk: Desk, key: str) -> Ledger:
    """Take the stack for writing; LockedError names who has it."""
    holder = store.holder(desk.world, desk.options.command)
    return desk.backend().open(key, holder, desk.options.lock_timeout)


def run(
    desk: Desk, plan: Plan, dispatcher: Dispatcher, accounts: Mapping[str, str], control: Control | None = None
) -> Result:
    """Carry out a plan as one transaction; the state must be the one that the plan was made from."""
    ledger = hold(desk, plan.stack)
    try:
        now = ledger.snapshot
        openness.refuse_open(now, desk.options)
        if (now.serial, now.lineage) != (plan.serial, plan.lineage or now.lineage):
            raise RefusedError(f"The state of {plan.stack} has changed since the plan was made.", hint="Plan again.")
        refuse_changed(plan.stacks, desk.backend())
        header = _header(desk, plan, accounts)
        steps = sum(len(change.steps) for change in plan.changes)
        ledger.begin(header, 64 * 1024 + 4096 * steps)
        return Run(desk, ledger, dispatcher, control or Control()).drive(
            replace(ledger.snapshot, journal=()), header, plan
        )
    finally:
        ledger.close()


def refuse_changed(stacks: Iterable[StackVersion], backend: Backend) -> None:
    """Refuse a plan that took values out of another stack which has changed since: they stand in its resources."""
    for other in stacks:
        there = backend.read(other.stack)
        if (there.lineage, there.serial) != (other.lineage, other.serial):
            message = f"The plan is stale: the stack {other.stack}, which it refers to, has changed since."
            raise RefusedError(message, hint="Plan again.")


def _header(desk: Desk, plan: Plan, accounts: Mapping[str, str]) -> dict[str, Any]:
    return {
        "t": "header", "command": desk.options.command, "serial": plan.serial, "environment": plan.environment,
        "moves": dict(plan.moves), "existing": [codec.dump(record) for record in plan.existing],
        "providers": {
            alias: {
                "settings": _storable(desk, alias, settings), "account": accounts.get(alias, ""),
                "plugin": _plugin(desk, alias),
            }
            for alias, settings in desk.provider_settings.items()
        },
    }  # fmt: skip


def _plugin(desk: Desk, alias: str) -> str:
    provider = alias.partition(".")[0]
    return next((info.plugin for info in desk.plugins.kinds.values() if info.provider == provider), "")


def _storable(desk: Desk, alias: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Give the settings without secrets that are written out, which are never stored; a reference is none."""
    provider = desk.plugins.providers.get(alias.partition(".")[0])
    secret = written_out(settings, provider.config_schema) if provider else []
    return {key: value for key, value in settings.items() if key not in secret}


@dataclass(frozen=True, slots=True)
class Run:
    """An engine on a held stack."""

    desk: Desk
    ledger: Ledger
    dispatcher: Dispatcher
    control: Control

    def drive(self, snapshot: Snapshot, header: Mapping[str, Any], plan: Plan | None) -> Result:
        """Run to the end; StoppedError if a second signal left something unsettled."""
        desk, world = self.desk, self.desk.world
        machine = Engine(
            snapshot.stack, desk.plugins.kinds, new_id=world.new_id, now=world.clock.now, jitter=world.rng.random,
            width=desk.width, settle=desk.settle,
        )  # fmt: skip
        publisher = Publisher(desk, snapshot.stack, sum(len(change.steps) for change in plan.changes) if plan else 0)
        publisher.publish("run", action="apply" if plan else "recover")
        threads = desk.width * max(1, len(desk.plugins.providers))
        driver = Threads(
            self.ledger, self.dispatcher, world, publisher.tell, workers=threads, control=self.control
        )  # fmt: skip
        self.control.running = True
        try:
            driver.run(machine, machine.start(snapshot, header, plan))
            publisher.publish("end", outcome=machine.outcome or "parked")
        finally:
            publisher.close()
            self.control.running = False
        if machine.outcome is None:
            last, hint = self.control.signals[-1], "The next command settles it: dpn recover"
            raise StoppedError("Stopped before it was settled.", signal=last, hint=hint)
        return Result(machine.outcome, machine.failure, machine.blocked, dict(machine.records), publisher.done)
