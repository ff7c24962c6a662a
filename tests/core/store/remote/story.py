"""A small story of transactions on a stack of a team, told step by step, so that it can be cut off anywhere."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from dpn.errors import DpnError
from dpn.extensions import Backend, Holder, Ledger, Snapshot
from dpn.model import Record
from dpn.objects import ConflictError
from dpn.store import state
from dpn.store.remote.backend import ObjectBackend
from dpn.testing import MemoryObjects
from dpn.world import World

STACK = "lake.dev"
STATE = f"stacks/{STACK}/state.json"
LEASE = 60.0


class Crash(BaseException):
    """The process is gone."""


class StillClock:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.time = 1_700_000_000.0

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


def backend_of(objects: MemoryObjects, seed: int = 1) -> ObjectBackend:
    """Give the backend as one process has it. Nothing beats beside it: time stands still until somebody waits."""
    clock = StillClock()
    world = World(env={}, cwd=Path("/"), clock=clock, rng=random.Random(seed), sleep=clock.sleep)
    return ObjectBackend(world, objects, LEASE, lambda _: None)


@dataclass
class Story:
    """What was asked of the ledger, and how much of it was acknowledged."""

    name: str = "a"
    serial: int = 0
    committing: bool = False
    generation: int = 0
    transaction: int = 0
    asked: list[str] = field(default_factory=list)
    synced: int = 0
    ending: bool = False


def records(serial: int) -> dict[str, Record]:
    name = f"name-{serial}"
    return {f"a.b{n}": Record(f"a.b{n}", "a", name, {"text": name * 5}, "a") for n in range(serial % 4)}


def open_stack(backend: Backend, story: Story) -> Ledger:
    holder = Holder(pid=1, host="box", user="ada", command="apply", since=0.0, nonce=f"{story.name}{story.generation}")
    ledger = backend.open(STACK, holder, timeout=3 * LEASE)
    assert ledger.snapshot.generation > story.generation
    story.generation = ledger.snapshot.generation
    return ledger


def transact(ledger: Ledger, story: Story) -> None:
    """Carry out one transaction with three syncs."""
    story.transaction += 1
    story.asked, story.synced = [], 0
    ledger.begin({"number": f"{story.name}{story.transaction}"}, 100)
    for batch in (("p", "q"), ("r",)):
        for name in batch:
            story.asked.append(name)
            assert ledger.append({"t": "intent", "name": name}) == len(story.asked)
        ledger.sync()
        story.synced = len(story.asked)
    finish(ledger, story)


def finish(ledger: Ledger, story: Story) -> None:
    story.committing = True
    ledger.commit(records(story.serial + 1))
    story.serial, story.committing, story.ending = story.serial + 1, False, True
    ledger.end({"outcome": "done"})
    story.ending, story.asked, story.synced = False, [], 0


def scenario(backend: Backend, story: Story) -> None:
    ledger = open_stack(backend, story)
    story.serial = ledger.snapshot.serial
    transact(ledger, story)
    transact(ledger, story)
    ledger.close()


def recovery(backend: Backend, story: Story) -> None:
    """Settle what is open, as a writing command does first."""
    ledger = open_stack(backend, story)
    check(ledger.snapshot, story)
    settle(ledger, story)
    ledger.close()


def settle(ledger: Ledger, story: Story) -> None:
    story.serial, story.committing = ledger.snapshot.serial, False
    if ledger.snapshot.journal:
        finish(ledger, story)
    story.asked, story.synced, story.ending = [], 0, False


def check(found: Snapshot, story: Story) -> None:
    """Find all that was acknowledged, and nothing that was not asked for."""
    assert found.serial in ({story.serial, story.serial + 1} if story.committing else {story.serial})
    assert found.records == records(found.serial)
    names = [entry.get("name") for entry in found.journal[1:]]
    if not names:
        assert story.synced == 0 or story.ending or found.serial > story.serial
        return
    assert found.serial == found.journal[0]["serial"] == story.serial
    assert found.journal[0]["number"] == f"{story.name}{story.transaction}"
    assert names == story.asked[: len(names)]
    assert len(names) >= story.synced


class Guard:
    """Watches the state as it is written: no commit may carry an older generation than one before it."""

    def __init__(self, objects: MemoryObjects) -> None:
        self.objects = objects
        self.generation, self.serial = 0, 0

    def __call__(self, _number: int, operation: str, key: str) -> None:
        if operation == "put" and key == STATE:
            now = state.decode(self.objects.objects[key][0], key).snapshot
            assert now.generation >= self.generation, "a state of an older generation was accepted"
            assert now.serial in (self.serial, self.serial + 1), "two commits have overlapped"
            self.generation, self.serial = now.generation, now.serial


def operations(tell: Callable[[Backend, Story], None]) -> int:
    """Count the operations of a story that goes well."""
    objects = MemoryObjects()
    tell(backend_of(objects), Story())
    return objects.operations


def stop_at(objects: MemoryObjects, number: int, *, done: bool, guard: Guard) -> None:
    """Let the process die before, or if `done` after, the operation with this number, counted from now."""
    number += objects.operations
    stopped = False

    def before(now: int, _operation: str, _key: str) -> None:
        nonlocal stopped
        stopped = stopped or (now == number and not done)
        if stopped:
            raise Crash

    def after(now: int, operation: str, key: str) -> None:
        nonlocal stopped
        guard(now, operation, key)
        if now == number:
            stopped = True
            raise Crash

    objects.before, objects.after = before, after


def restart(objects: MemoryObjects, guard: Guard) -> None:
    objects.before, objects.after = lambda *_: None, guard


def arrive_late(objects: MemoryObjects, number: int, later: int, lost: DpnError) -> None:
    """Lose the put with this number, and let it arrive as many operations later, as a network may."""
    real = objects.put
    waiting: list[tuple[int, str, bytes, str | None]] = []

    def put(key: str, content: bytes, expected: str | None) -> str:
        if objects.operations + 1 == number:
            objects.operations += 1
            waiting.append((number + later, key, content, expected))
            raise lost
        return real(key, content, expected)

    def before(now: int, _operation: str, _key: str) -> None:
        for one in [one for one in waiting if one[0] <= now]:
            waiting.remove(one)
            with suppress(ConflictError):
                objects.apply(*one[1:])

    objects.before = before
    objects.put = put  # type: ignore[method-assign]  # the network between
