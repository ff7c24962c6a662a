"""The machine of a holder of a team's stack: cut off at any operation of its store, while time stands still."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from dpn.errors import DpnError
from dpn.extensions import Backend
from dpn.objects import ConflictError
from dpn.store import state
from dpn.store.remote.backend import ObjectBackend
from dpn.testing import MemoryObjects
from dpn.testing.clocks import StillClock
from dpn.world import World

sys.path.insert(0, str(Path(__file__).parents[3] / "helpers"))
from ledger_story import STACK, Story, open_stack, transact

STATE = f"stacks/{STACK}/state.json"
LEASE = 60.0


class Crash(BaseException):
    """The process is gone."""


def backend_of(objects: MemoryObjects, seed: int = 1) -> ObjectBackend:
    """Give the backend as one process has it. Nothing beats beside it: time stands still until somebody waits."""
    clock = StillClock()
    world = World(env={}, cwd=Path("/"), clock=clock, rng=random.Random(seed), sleep=clock.sleep)
    return ObjectBackend(world, objects, LEASE, lambda _: None)


def scenario(backend: Backend, story: Story) -> None:
    ledger = open_stack(backend, story)
    story.serial = ledger.snapshot.serial
    transact(ledger, story)
    transact(ledger, story)
    ledger.close()


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
