"""Executes the engine's effects: inline, one after another, or with threads. The same plan gives the same records.

With threads, one loop feeds the engine and owns the journal; workers only make calls. Whatever came back while an
fsync ran is covered by the next one, so parallel steps share theirs.
"""

from __future__ import annotations

import heapq
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any

from dpn.answers import Outcome
from dpn.dispatch import Dispatcher
from dpn.engine.core import Engine
from dpn.engine.effects import Answer, Call, Effect, Sleep, Sync, Tell
from dpn.extensions import Ledger
from dpn.loop import Loop, Proof, write
from dpn.world import World

PATIENCE = 2.0
"""How many seconds a run that has ended waits for wrappers that are still at work."""


class Control:
    """Lets a signal handler speak to a run: `stop` may be called at any moment, from a handler too.

    `running` tells whether a run listens: while something else is going on, a handler has to end it itself.
    """

    def __init__(self) -> None:
        self.running = False
        self.inbox: SimpleQueue[Any] = SimpleQueue()
        self.signals: list[int] = []

    def stop(self, number: int) -> None:
        """Ask the run to stop because of a signal: once to undo, twice to leave at once."""
        self.signals.append(number)
        self.inbox.put(None)


class Inline:
    """One effect after another, in this thread: for tests, servers that bring their own threads, and simulation."""

    def __init__(self, ledger: Ledger, dispatcher: Dispatcher, world: World, tell: Callable[[Tell], None]) -> None:
        self._ledger, self._dispatcher, self._world, self._tell = ledger, dispatcher, world, tell
        self._proof = Proof(ledger, world.clock)

    def run(self, engine: Engine, effects: Iterable[Effect]) -> None:
        """Execute effects and feed answers until nothing is left."""
        waiting = list(effects)
        while waiting:
            effect = waiting.pop(0)
            if isinstance(effect.do, Tell):
                self._tell(effect.do)
            else:
                waiting += engine.feed(self._answer(effect))

    def _answer(self, effect: Effect) -> Answer:
        do = effect.do
        if isinstance(do, Call):
            outcomes: list[Outcome] = []
            self._proof.before(do)
            self._dispatcher.call(do, lambda outcome, _: outcomes.append(outcome))
            return Answer(effect.key, outcomes[0].value, outcomes[0].fault)
        if isinstance(do, Sleep):
            self._world.sleep(do.seconds)
            return Answer(effect.key, value=False)
        if isinstance(do, Sync):
            self._proof.sync()
            return Answer(effect.key)
        return Answer(effect.key, write(self._ledger, do))


class Threads:
    """Calls in `workers` threads, the rest here; they are daemons, so that a second signal need not wait for them."""

    def __init__(
        self, ledger: Ledger, dispatcher: Dispatcher, world: World, tell: Callable[[Tell], None],
        *, workers: int = 10, control: Control | None = None,
    ) -> None:  # fmt: skip
        self._dispatcher, self._clock, self._tell = dispatcher, world.clock, tell
        self._control = control or Control()
        self._workers = workers
        self._jobs: SimpleQueue[Effect | None] = SimpleQueue()
        self._loop = Loop(ledger, world.clock, tell, self._jobs.put)
        self._durable: list[threading.Event] = []
        self._waiting: set[threading.Event] = set()
        self._left = False
        self._lock, self._idle, self._working = threading.Lock(), threading.Event(), workers

    def run(self, engine: Engine, effects: Iterable[Effect]) -> None:
        """Execute effects and feed answers until nothing is left, or until a second signal came."""
        for _ in range(self._workers):
            threading.Thread(target=self._work, daemon=True).start()
        todo = deque(effects)
        if self._control.signals:  # it came before this run, perhaps during an earlier one of the same command
            todo.extend(self._stopped(engine))
        try:
            self._drain(engine, todo)
            while not engine.outcome and len(self._control.signals) <= 1:
                for item in self._received():
                    todo.extend(self._taken(engine, item))
                self._drain(engine, todo)
        finally:
            self._leave()
        if engine.outcome:
            self._idle.wait(PATIENCE)  # what plugins do after a call that is over, such as writing an audit log

    def _leave(self) -> None:
        """Let no worker begin another call or wait for what will not come; what is in flight cannot be called back."""
        self._left = True
        with suppress(Empty):
            while True:
                self._jobs.get_nowait()
        for _ in range(self._workers):
            self._jobs.put(None)
        for durable in list(self._waiting):
            durable.set()

    def _drain(self, engine: Engine, todo: deque[Effect]) -> None:
        self._loop.drain(engine, todo)
        for durable in self._durable:
            durable.set()
        self._durable = []

    def _received(self) -> list[Any]:
        """Wait for something to come in or for a sleeper to wake; give all that is there."""
        sleeping, now = self._loop.sleeping, self._clock.monotonic()
        pause = max(0.0, sleeping[0][0] - now) if sleeping else None
        items: list[Any] = []
        try:
            items.append(self._control.inbox.get(timeout=pause))
            while True:
                items.append(self._control.inbox.get_nowait())
        except Empty:
            pass
        now = self._clock.monotonic()
        while sleeping and sleeping[0][0] <= now:
            items.append((Answer(heapq.heappop(sleeping)[1], value=False), None))
        return items

    def _taken(self, engine: Engine, item: Any) -> list[Effect]:
        if item is None:
            return self._stopped(engine)
        answer, durable = item
        if durable:
            self._durable.append(durable)
        return engine.feed(answer)

    def _stopped(self, engine: Engine) -> list[Effect]:
        number = self._control.signals[0]
        name = signal.Signals(number).name
        return engine.stop(f"stopped by {name}{' (Ctrl-C)' if number == signal.SIGINT else ''}")

    def _work(self) -> None:
        while (effect := self._jobs.get()) is not None:
            assert isinstance(effect.do, Call)
            self._dispatcher.call(effect.do, partial(self._report, effect.key), self._warn)
        with self._lock:
            self._working -= 1
            if not self._working:
                self._idle.set()

    def _report(self, key: int, outcome: Outcome, heard: bool) -> None:
        durable = threading.Event() if heard else None
        if durable:
            self._waiting.add(durable)
        self._control.inbox.put((Answer(key, outcome.value, outcome.fault), durable))
        if durable and not self._left:
            durable.wait()
            self._waiting.discard(durable)

    def _warn(self, text: str) -> None:
        self._tell(Tell("warning", "", message=text))
