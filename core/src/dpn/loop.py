"""The part of a driver that needs no waiting: the journal is written, and calls are begun while the stack is ours."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from dpn.engine.core import Engine
from dpn.engine.effects import LOOKS, Answer, Append, Call, Commit, Effect, End, Sleep, Sync, Tell
from dpn.extensions import Ledger
from dpn.world import Clock

STALE = 5.0
"""Seconds after a sync in which a write may begin without another one: it waits for its turn, or the machine sleeps."""


class Proof:
    """Knows when the ledger last proved that the stack is ours, and asks it again before a call that comes late."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger, self._clock, self._since = ledger, clock, clock.monotonic()

    def sync(self) -> None:
        """Make durable what was appended; LockedError if another holder has taken the stack."""
        self._ledger.sync()
        self._since = self._clock.monotonic()

    def before(self, call: Call) -> None:
        """Let no call change anything if another holder has taken the stack."""
        if call.method not in LOOKS and self._clock.monotonic() - self._since > STALE:
            self.sync()


def write(ledger: Ledger, do: Append | Commit | End | Any) -> int | None:
    """Carry out an effect that only writes."""
    if isinstance(do, Append):
        return ledger.append(do.entry)
    if isinstance(do, Commit):
        ledger.commit(do.records, do.watch)
    elif isinstance(do, End):
        ledger.end(do.entry)
    return None


class Loop:
    """What needs no waiting, done at once: entries are written, and one fsync answers all syncs that have gathered.

    Calls are handed to `begin`; `sleeping` holds when who is to be woken, by the monotonic clock.
    """

    def __init__(
        self, ledger: Ledger, clock: Clock, tell: Callable[[Tell], None], begin: Callable[[Effect], object]
    ) -> None:
        self._ledger, self._clock, self._tell, self._begin = ledger, clock, tell, begin
        self._proof = Proof(ledger, clock)
        self._syncs: list[int] = []
        self.sleeping: list[tuple[float, int]] = []

    def drain(self, engine: Engine, todo: deque[Effect]) -> None:
        """Do all that is to be done and what follows from it, until everything waits."""
        while todo or self._syncs:
            while todo:
                todo.extend(self._begun(engine, todo.popleft()))
            if self._syncs:
                self._proof.sync()
                synced, self._syncs = self._syncs, []
                for key in synced:
                    todo.extend(engine.feed(Answer(key)))

    def _begun(self, engine: Engine, effect: Effect) -> Iterable[Effect]:
        do = effect.do
        if isinstance(do, Tell):
            self._tell(do)
        elif isinstance(do, Call):
            self._proof.before(do)
            self._begin(effect)
        elif isinstance(do, Sleep):
            heapq.heappush(self.sleeping, (self._clock.monotonic() + do.seconds, effect.key))
        elif isinstance(do, Sync):
            self._syncs.append(effect.key)
        else:
            return engine.feed(Answer(effect.key, write(self._ledger, do)))
        return ()
