"""Carries out the engine's effects as the threaded driver does, in one thread and in an order that is chosen."""

from __future__ import annotations

import heapq
import random
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from dpn.answers import Outcome
from dpn.dispatch import Dispatcher
from dpn.engine.core import Engine
from dpn.engine.effects import Answer, Call, Effect
from dpn.extensions import Ledger, Snapshot
from dpn.loop import Loop
from dpn.model import Record
from dpn.provider import KindInfo
from dpn.testing.simulation.cloud import WRITES
from dpn.testing.simulation.machine import Crash, Machine

ORDERS = ("eager", "burst")
"""eager: each reply is heard before the next call is made. burst: all calls in flight are carried out before one is
heard. Any other word is the seed of a shuffle."""


class Violation(AssertionError):  # noqa: N818 - it is no error of a program, it is what a search looks for
    """A promise was broken."""


class Witness:
    """A ledger that remembers what is durable, so that each call can be held against it.

    doing: see `Machine.on_doing`.
    """

    def __init__(
        self, ledger: Ledger, kinds: Mapping[str, KindInfo], doing: Callable[[str, Any], None] = lambda *_: None
    ) -> None:
        self._ledger, self._kinds, self._doing = ledger, kinds, doing
        self.snapshot = ledger.snapshot  # as of now; the engine asks for it once
        journal = ledger.snapshot.journal
        self._entries: list[Mapping[str, Any]] = list(journal)
        self._durable = len(self._entries)
        self._sent: set[int] = set()

    def begin(self, header: Mapping[str, Any], reserve: int) -> None:
        self._ledger.begin(header, reserve)
        self._entries, self._durable = [header], 1

    def append(self, entry: Mapping[str, Any]) -> int:
        self._doing("append", entry)
        self._entries.append(entry)
        return self._ledger.append(entry)

    def sync(self) -> None:
        self._doing("sync", len(self._entries))
        self._ledger.sync()
        self._durable = len(self._entries)

    def commit(self, records: Mapping[str, Record], watch: Iterable[Mapping[str, Any]] = ()) -> None:
        if not any(entry["t"] == "commit" for entry in self._entries[: self._durable]):
            raise Violation("the state is replaced before the decision is durable")
        self._doing("commit", (records, tuple(watch)))
        self._ledger.commit(records, watch)

    def end(self, entry: Mapping[str, Any]) -> None:
        self._doing("end", entry)
        self._ledger.end(entry)

    def restore(self, snapshot: Snapshot) -> None:
        self._ledger.restore(snapshot)

    def close(self) -> None:
        self._ledger.close()

    def sending(self, call: Call) -> None:
        """Refuse a write that the journal does not know of beforehand, and a create that is sent again in doubt."""
        if call.method not in WRITES or call.change is None or call.change.step is None:
            return
        over = {entry["of"] for entry in self._entries[: self._durable] if entry["t"] == "result"}
        intent = next((seq for seq in self._open_intents(call) if seq not in over), None)
        if intent is None:
            raise Violation(f"{call.method} of {call.change.address} is sent without a durable intent")
        if call.method == "create" and intent in self._sent:
            raise Violation(f"create of {call.change.address} is sent again while its outcome is unknown")

    def _open_intents(self, call: Call) -> Iterable[int]:
        assert call.change
        assert call.change.step
        for seq in range(self._durable - 1, -1, -1):
            entry = self._entries[seq]
            same = entry["t"] == "intent" and entry["address"] == call.change.address
            if same and entry["method"] == call.change.step.method:
                yield seq

    def heard(self, call: Call, outcome: Outcome) -> None:
        """Remember a create whose reply was lost; adding a share twice is adding it once."""
        lost = outcome.fault is not None and outcome.fault.outcome == "unknown"
        if call.method == "create" and lost and call.change and self._kinds[call.kind].ownership == "exclusive":
            self._sent.add(next(iter(self._open_intents(call))))


class SimDriver:
    """Runs one engine over a machine; `turns` counts how often something was heard, and stops it before turn `stop`."""

    def __init__(
        self,
        machine: Machine,
        ledger: Witness,
        dispatcher: Dispatcher,
        *,
        order: str = "eager",
        stop: int | None = None,
    ) -> None:
        self._machine, self._ledger, self._dispatcher = machine, ledger, dispatcher
        self._order, self._stop = order, stop
        self._rng = None if order in ORDERS else random.Random(order)  # noqa: S311 - it chooses an order
        self._flying: deque[Effect] = deque()
        self._heard: deque[Answer] = deque()
        self._loop = Loop(ledger, machine, partial(machine.on_doing, "tell"), self._flying.append)
        self.turns = 0

    def run(self, engine: Engine, effects: Iterable[Effect]) -> None:
        """Carry out effects until the engine has an outcome."""
        todo = deque(effects)
        while True:
            self._loop.drain(engine, todo)
            if engine.outcome:
                return
            if self.turns == self._stop:
                todo.extend(engine.stop("stopped by SIGTERM"))
                self._loop.drain(engine, todo)
            self.turns += 1
            answer = self._next()
            if answer is None:
                raise Violation("the engine waits for nothing and has no outcome")
            todo.extend(engine.feed(answer))

    def _next(self) -> Answer | None:
        """Make calls until one is to be heard; time passes only when nothing is in flight."""
        while self._flying and (not self._heard or self._order == "burst" or self._tossed()):
            self._heard.append(self._made(self._taken(self._flying)))
        if self._heard:
            heard: Answer = self._taken(self._heard)
            return heard
        if not self._loop.sleeping:
            return None
        when, key = heapq.heappop(self._loop.sleeping)
        self._machine.on_doing("sleep", when - self._machine.now())
        self._machine.sleep(max(0.0, when - self._machine.now()))
        return Answer(key, value=False)

    def _tossed(self) -> bool:
        return self._rng is not None and self._rng.random() < 0.5  # noqa: PLR2004 - heads or tails

    def _taken(self, queue: deque[Any]) -> Any:
        if self._rng:
            queue.rotate(-self._rng.randrange(len(queue)))
        return queue.popleft()

    def _made(self, effect: Effect) -> Answer:
        assert isinstance(effect.do, Call)
        outcomes: list[Outcome] = []
        self._machine.on_doing("call", effect.do)
        self._ledger.sending(effect.do)
        self._dispatcher.call(effect.do, lambda outcome, _: outcomes.append(outcome))
        if self._machine.stopped:
            raise Crash
        self._ledger.heard(effect.do, outcomes[0])
        return Answer(effect.key, outcomes[0].value, outcomes[0].fault)
