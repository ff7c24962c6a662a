"""Who may take a stack, how its holder keeps it, and what is said when somebody else has it."""

from __future__ import annotations

import json
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dpn import store
from dpn.errors import DamagedError, DpnError, InDoubtError, LockedError, PluginError
from dpn.extensions import Holder
from dpn.objects import ConflictError
from dpn.store.remote import claim
from dpn.store.remote.backend import ObjectBackend
from dpn.testing import MemoryObjects
from dpn.testing.clocks import StillClock
from dpn.world import World

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[3] / "helpers"))
from ledger_story import STACK
from story import LEASE, backend_of

LOCK = f"stacks/{STACK}/lock"
HOLDER = Holder(pid=42, host="box", user="ada", command="dpn apply", since=1_700_000_000.0, nonce="first")


@pytest.fixture
def objects() -> MemoryObjects:
    return MemoryObjects()


def unreachable(*_: Any) -> None:
    raise DpnError("Cannot reach memory:.", hint="Look at the network.")


def test_the_holder_gives_signs_of_life_until_it_lets_go(objects: MemoryObjects) -> None:
    beaten = threading.Event()

    def after(_number: int, operation: str, key: str) -> None:
        if (operation, key) == ("put", LOCK) and claim.decode(objects.objects[LOCK][0], LOCK).beat == 2:
            beaten.set()

    objects.after = after
    ledger = ObjectBackend(World(), objects, 0.5).open(STACK, HOLDER)
    assert beaten.wait(30)
    ledger.close()
    now = claim.decode(objects.objects[LOCK][0], LOCK)
    assert now.released
    assert now.generation == 1


def test_a_store_that_is_not_reached_for_a_while_ends_no_heartbeat(objects: MemoryObjects) -> None:
    failed, beaten = threading.Event(), threading.Event()
    ledger = ObjectBackend(World(), objects, 0.5).open(STACK, HOLDER)

    def before(*_: Any) -> None:
        failed.set()
        unreachable()

    objects.before = before
    assert failed.wait(30)
    objects.before, objects.after = (lambda *_: None), (lambda *_: beaten.set())
    assert beaten.wait(30)
    ledger.commit({})
    ledger.close()


def test_a_heartbeat_that_finds_another_holder_ends_the_run(objects: MemoryObjects) -> None:
    beats: list[Any] = []
    ledger = ObjectBackend(World(), objects, 0.5, beats.append).open(STACK, HOLDER)
    backend_of(objects).unlock(STACK, replace(HOLDER, nonce="second"))
    (beat,) = beats
    beat()  # returns: there is nothing left to renew
    operations = objects.operations
    with pytest.raises(LockedError, match="was taken over by process 42"):
        ledger.begin({}, 0)
    assert objects.operations == operations + 1  # it looks who has the stack, and writes nothing
    ledger.close()


def test_a_holder_whose_lease_is_old_proves_it_before_it_goes_on(objects: MemoryObjects) -> None:
    clock = StillClock()
    ledger = ObjectBackend(World(env={}, clock=clock), objects, LEASE, lambda _: None).open(STACK, HOLDER)
    ledger.begin({}, 0)
    before = objects.operations
    ledger.append({"t": "intent"})
    ledger.sync()
    assert objects.operations == before + 1
    clock.time += LEASE
    ledger.append({"t": "result"})
    ledger.sync()
    assert objects.operations == before + 3
    ledger.close()


def test_a_lock_that_was_changed_by_a_write_of_ours_that_was_given_up_is_ours(objects: MemoryObjects) -> None:
    ledger = backend_of(objects).open(STACK, HOLDER)
    objects.after = unreachable
    with pytest.raises(DpnError, match="Cannot reach") as told:
        ledger.begin({}, 0)
    assert not isinstance(told.value, InDoubtError)  # nothing was begun
    objects.after = lambda *_: None
    ledger.begin({}, 0)
    ledger.append({"t": "intent"})
    ledger.end({"outcome": "done"})
    ledger.close()
    assert len(backend_of(objects).history(STACK)) == 1


# who is gone ---------------------------------------------------------------------------------------------------------


def test_a_holder_that_has_ended_on_this_machine_need_not_be_waited_for(objects: MemoryObjects) -> None:
    world = World()
    ours = store.holder(world, "dpn apply")
    ended = replace(ours, started="1")
    backend = ObjectBackend(world, objects, LEASE, lambda _: None)
    backend.open(STACK, ended)
    assert backend.open(STACK, ours).snapshot.generation == 2
    with pytest.raises(LockedError, match=f"process {ours.pid} on"):
        backend.open(STACK, replace(ours, nonce="second"))  # this process runs


@pytest.mark.parametrize("other", [{"host": "another"}, {"boot": "another"}, {"started": ""}], ids=str)
def test_a_holder_that_may_be_elsewhere_is_waited_for(objects: MemoryObjects, other: dict[str, Any]) -> None:
    world = World()
    ours = store.holder(world, "dpn apply")
    backend = ObjectBackend(world, objects, LEASE, lambda _: None)
    backend.open(STACK, replace(ours, **{"started": "1", **other}))
    with pytest.raises(LockedError) as told:
        backend.open(STACK, ours)
    assert "its lease runs out in 60 s" in told.value.hint


def test_a_sign_of_life_starts_the_wait_again(objects: MemoryObjects) -> None:
    clock = StillClock()
    world = World(env={}, clock=clock, sleep=clock.sleep)
    backend = ObjectBackend(world, objects, LEASE, lambda _: None)
    ledger = backend.open(STACK, HOLDER)
    begun = clock.time

    def before(_number: int, operation: str, _key: str) -> None:
        if operation == "get" and 30 < clock.time - begun < 32:
            objects.before = lambda *_: None
            ledger.begin({}, 0)

    objects.before = before
    backend.open(STACK, replace(HOLDER, nonce="second"), timeout=500).close()
    assert 90 <= clock.time - begun <= 95


def test_a_holder_with_a_longer_lease_is_given_its_time(objects: MemoryObjects) -> None:
    clock = StillClock()
    world = World(env={}, clock=clock, sleep=clock.sleep)
    ObjectBackend(world, objects, 300, lambda _: None).open(STACK, HOLDER)
    begun = clock.time
    backend = ObjectBackend(world, objects, LEASE, lambda _: None)
    with pytest.raises(LockedError) as told:
        backend.open(STACK, replace(HOLDER, nonce="second"), timeout=LEASE)
    assert "runs out in 240 s" in told.value.hint
    backend.open(STACK, replace(HOLDER, nonce="second"), timeout=500)
    assert clock.time - begun >= LEASE + 300  # who waits anew has seen no sign of life, nor the want of one, before


# what is no lock -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"{", b'{"generation": "x"}'])
def test_what_is_no_lock_is_refused(objects: MemoryObjects, content: bytes) -> None:
    objects.put(LOCK, content, None)
    backend = backend_of(objects)
    for use in (lambda: backend.read(STACK), lambda: backend.open(STACK, HOLDER), lambda: backend.hold(STACK)):
        with pytest.raises(DamagedError, match=f"The lock memory:/{LOCK} is none of dpn"):
            use()
    assert objects.objects[LOCK][0] == content


def test_the_lock_of_a_newer_dpn_is_refused(objects: MemoryObjects) -> None:
    objects.put(LOCK, json.dumps({"format": 2, "dpn": "9.9", "generation": 1}).encode(), None)
    with pytest.raises(PluginError, match=r"9\.9 in format 2"):
        backend_of(objects).open(STACK, HOLDER)


def test_a_holder_that_we_cannot_read_is_another_process(objects: MemoryObjects) -> None:
    content = {"format": 1, "generation": 4, "holder": {"pid": 1, "planet": "mars"}}
    objects.put(LOCK, json.dumps(content).encode(), None)
    with pytest.raises(LockedError, match="is held by another process"):
        backend_of(objects).open(STACK, HOLDER)
    assert backend_of(objects).hold(STACK) is None


# a store that cannot be used -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["lock", "state.json", "journal"])
def test_a_store_in_which_no_put_succeeds_is_told_and_never_tried_for_ever(objects: MemoryObjects, part: str) -> None:
    ledger = backend_of(objects).open(STACK, HOLDER)
    ledger.begin({}, 0)
    ledger.close()

    def before(_number: int, operation: str, key: str) -> None:
        if operation == "put" and part in key:
            raise ConflictError

    objects.before = before
    with pytest.raises(DpnError, match=rf"memory:/stacks/lake\.dev/{part}.* could not be written"):
        backend_of(objects).open(STACK, HOLDER)
    objects.before = lambda *_: None
    backend_of(objects).open(STACK, HOLDER).close()


def test_a_holder_that_is_awake_is_sealed_behind_what_it_wrote_meanwhile(objects: MemoryObjects) -> None:
    ledger = backend_of(objects).open(STACK, HOLDER)
    ledger.begin({}, 0)
    written = 0

    def before(_number: int, operation: str, key: str) -> None:
        nonlocal written
        if operation == "put" and "/journal/" in key and written < 3:
            written += 1
            objects.before = lambda *_: None
            ledger.append({"t": "intent", "n": written})
            ledger.sync()
            objects.before = before

    objects.before = before
    second = ObjectBackend(World(env={}), objects, LEASE, lambda _: None)
    second.unlock(STACK, replace(HOLDER, nonce="second"))
    assert [entry.get("n") for entry in second.read(STACK).journal[1:]] == [1, 2, 3]
    ledger.append({"t": "intent"})
    with pytest.raises(LockedError):
        ledger.sync()
