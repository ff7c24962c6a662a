"""Who may take a stack, how its holder keeps it, and what is said when somebody else has it."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dpn import codec, store
from dpn.errors import DamagedError, DpnError, InDoubtError, InputError, LockedError, PluginError
from dpn.extensions import BackendType, Holder
from dpn.objects import ConflictError, LostReplyError
from dpn.store.remote import claim
from dpn.store.remote.backend import ObjectBackend, over_objects
from dpn.store.remote.lease import Lease
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


@pytest.mark.parametrize(
    "other", [{"host": "another"}, {"boot": "another"}, {"started": ""}, {"space": "pid:[1]"}, {"space": ""}], ids=str
)
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


@pytest.mark.parametrize("timeout", [0.0, -1.0, float("nan")])
def test_what_is_no_time_is_not_waited_for(objects: MemoryObjects, timeout: float) -> None:
    backend_of(objects).open(STACK, HOLDER)
    with pytest.raises(LockedError) as told:
        backend_of(objects).open(STACK, replace(HOLDER, nonce="second"), timeout)
    assert "--lock-timeout 61 is enough" in told.value.hint


@pytest.mark.parametrize("lease", [0, 0.4, -1, float("nan"), float("inf"), 1e300, 86_401, True, "soon"], ids=str)
def test_what_is_no_lease_is_refused(objects: MemoryObjects, lease: Any) -> None:
    kind = BackendType("mem", objects=lambda _world, _settings: objects)
    with pytest.raises(InputError, match="does not take lease") as told:
        over_objects(kind, World(env={}), {"lease": lease})
    assert "from 0.5 to 86,400; without it, 60" in told.value.hint
    over_objects(kind, World(env={}), {"lease": 86_400})
    over_objects(kind, World(env={}), {"lease": "60"})  # what a variable of the environment holds is text


# a store that does not answer ----------------------------------------------------------------------------------------


def slow(objects: MemoryObjects, clock: StillClock, seconds: float) -> list[str]:
    """Let each put from now on be given up after so many seconds; give their keys."""
    puts: list[str] = []

    def before(_number: int, operation: str, key: str) -> None:
        if operation == "put":
            puts.append(key)
            clock.sleep(seconds)
            raise LostReplyError("No reply came.", hint="Look at the network.")

    objects.before = before
    return puts


@pytest.mark.parametrize(("seconds", "most"), [(60.0, 130.0), (5.0, 60.0), (0.0, 16.0)])
def test_an_outage_is_told_in_time_and_ends_no_later_for_letting_go(
    objects: MemoryObjects, seconds: float, most: float
) -> None:
    clock = StillClock()
    world = World(env={}, clock=clock, sleep=clock.sleep)
    ledger = ObjectBackend(world, objects, LEASE, lambda _: None).open(STACK, HOLDER)
    ledger.begin({}, 0)
    puts, began = slow(objects, clock, seconds), clock.time
    ledger.append({"t": "intent"})
    with pytest.raises(InDoubtError, match="No reply came"):
        ledger.sync()
    assert clock.time - began <= most
    assert len(puts) >= 2  # a reply that is lost is settled by asking again
    puts.clear()
    ledger.close()
    assert len(puts) == 1


def test_a_sign_of_life_that_gets_no_answer_is_not_tried_again_when_the_next_is_due(objects: MemoryObjects) -> None:
    clock = StillClock()
    beats: list[Any] = []
    puts: list[float] = []
    world = World(env={}, clock=clock, sleep=clock.sleep)
    ObjectBackend(world, objects, 0.5, beats.append).open(STACK, HOLDER)

    def before(_number: int, operation: str, _key: str) -> None:
        if operation == "put":
            puts.append(clock.time)
            if len(puts) == 1:
                raise LostReplyError("No reply came.")
            del objects.objects[LOCK]  # which ends the heartbeat

    objects.before = before
    began = clock.time
    (beat,) = beats
    beat()
    assert puts == [began, began]  # no pause for another try: the second is the next sign of life


@pytest.mark.parametrize("arrived", [False, True])
def test_a_stack_whose_taking_gets_no_answer_is_let_go(objects: MemoryObjects, *, arrived: bool) -> None:
    lost = 0

    def lose(_number: int, operation: str, _key: str) -> None:
        nonlocal lost
        if operation == "put" and lost < 7:
            lost += 1
            raise LostReplyError("No reply came.")

    if arrived:
        objects.after = lose
    else:
        objects.before = lose
    if arrived:  # the second try finds that the first one was carried out
        backend_of(objects).open(STACK, HOLDER).close()
    else:
        with pytest.raises(LostReplyError, match="No reply came"):
            backend_of(objects).open(STACK, HOLDER)
    assert not backend_of(objects).hold(STACK).held  # type: ignore[union-attr]
    backend_of(objects).open(STACK, replace(HOLDER, nonce="second")).close()


def test_a_stack_that_may_have_been_taken_and_cannot_be_let_go_is_told(objects: MemoryObjects) -> None:
    """The put was carried out, and then nothing answers any more."""

    def before(_number: int, operation: str, _key: str) -> None:
        if operation == "put":
            objects.after, objects.before = unanswered, unreachable

    def unanswered(*_: Any) -> None:
        raise LostReplyError("No reply came.", hint="Look at the network.")

    objects.before = before
    with pytest.raises(DpnError) as told:
        backend_of(objects).open(STACK, HOLDER)
    assert "If the stack was taken all the same, it is free again in 60 s." in told.value.hint
    objects.before = objects.after = lambda *_: None
    with pytest.raises(LockedError):
        backend_of(objects).open(STACK, replace(HOLDER, nonce="second"))


def test_a_conflict_with_nothing_new_there_is_tried_again(objects: MemoryObjects) -> None:
    """S3 answers so while another request to the object is going on, and PostgreSQL when it cannot serialise."""
    ledger = backend_of(objects).open(STACK, HOLDER)
    conflicts = 0

    def before(_number: int, operation: str, _key: str) -> None:
        nonlocal conflicts
        if operation == "put" and conflicts % 3 < 2:
            conflicts += 1
            raise ConflictError
        conflicts += operation == "put"

    objects.before = before
    ledger.begin({}, 0)
    ledger.append({"t": "intent"})
    ledger.sync()
    ledger.commit({})
    ledger.end({"outcome": "done"})
    ledger.close()
    objects.before = lambda *_: None
    assert backend_of(objects).read(STACK).serial == 1
    assert conflicts >= 18


# what is no lock -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        b"", b"[]", b"{}", b"{", b"\xff", b'{"generation": "x"}', b'{"generation": -1}', b'{"generation": true}',
        b'{"generation": 1, "lease": NaN}', b'{"generation": 1, "lease": Infinity}', b'{"generation": 1, "lease": -1}',
        b'{"generation": 1, "lease": 86401}', b'{"generation": 1, "lease": "60"}', b'{"generation": 1, "beat": 0.5}',
        b'{"generation": 1, "seen": 1e300}', b'{"generation": 1, "released": "no"}',
        b'{"generation": 1, "transaction": "../../other"}', b'{"generation": 1, "transaction": 0}',
    ],
)  # fmt: skip
def test_what_is_no_lock_is_refused_and_can_be_taken_by_force(objects: MemoryObjects, content: bytes) -> None:
    objects.put(LOCK, content, None)
    backend = backend_of(objects)
    for use in (lambda: backend.read(STACK), lambda: backend.open(STACK, HOLDER)):
        with pytest.raises(DamagedError, match=f"The lock memory:/{LOCK} is none of dpn") as told:
            use()
        assert "dpn unlock writes it anew" in told.value.hint
    assert objects.objects[LOCK][0] == content
    hold = backend.hold(STACK)
    assert hold
    assert (hold.held, hold.holder.pid) == (True, 0)
    backend.unlock(STACK, HOLDER)
    backend.open(STACK, HOLDER).close()


def test_the_lock_of_a_newer_dpn_is_refused(objects: MemoryObjects) -> None:
    objects.put(LOCK, json.dumps({"format": 2, "dpn": "9.9", "generation": 1}).encode(), None)
    with pytest.raises(PluginError, match=r"9\.9 in format 2"):
        backend_of(objects).open(STACK, HOLDER)


@pytest.mark.parametrize("odd", [{"planet": "mars"}, {"since": 1e300}, {"since": "x"}, {"pid": -1}], ids=str)
def test_a_holder_that_we_cannot_read_is_another_process(objects: MemoryObjects, odd: dict[str, Any]) -> None:
    content = {"format": 1, "generation": 4, "holder": {**codec.dump(HOLDER), **odd}}
    objects.put(LOCK, json.dumps(content).encode(), None)
    backend = backend_of(objects)
    with pytest.raises(LockedError, match="is held by another process"):
        backend.open(STACK, HOLDER)
    hold = backend.hold(STACK)
    assert hold
    assert (hold.held, hold.holder.pid, hold.lease) == (True, 0, LEASE)
    backend.unlock(STACK, HOLDER)
    assert backend.open(STACK, HOLDER).snapshot.generation == 6


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
    clock = StillClock()
    world = World(env={}, clock=clock, sleep=clock.sleep)
    began = clock.time
    with pytest.raises(DpnError, match=rf"memory:/stacks/lake\.dev/{part}.* could not be (written|closed)"):
        ObjectBackend(world, objects, LEASE, lambda _: None).open(STACK, HOLDER)
    assert clock.time - began < 80
    objects.before = lambda *_: None
    backend_of(objects).open(STACK, HOLDER).close()


def meanwhile(objects: MemoryObjects, when: str, operation: str, act: Callable[[int], None], times: int) -> list[int]:
    """Act before or after an operation on the journal, up to so many times; give how often as that many numbers."""
    acted: list[int] = []

    def hook(_number: int, asked: str, key: str) -> None:
        if asked == operation and "/journal/" in key and len(acted) < times:
            acted.append(len(acted) + 1)
            setattr(objects, when, lambda *_: None)  # what it does itself disturbs nobody
            act(acted[-1])
            setattr(objects, when, hook)

    setattr(objects, when, hook)
    return acted


def test_a_busy_holder_is_sealed_as_soon_as_it_pauses_however_far_it_has_come(objects: MemoryObjects) -> None:
    """It writes ten batches whenever the next holder has looked; where it stands is asked anew each time."""
    ledger = backend_of(objects).open(STACK, HOLDER)
    ledger.begin({}, 0)

    def write(_: int) -> None:
        for _ in range(10):
            ledger.append({"t": "intent"})
            ledger.sync()

    looks = meanwhile(objects, "after", "names", write, 20)
    backend_of(objects, 2).unlock(STACK, replace(HOLDER, nonce="second"))
    assert len(looks) == 20
    assert len(backend_of(objects).read(STACK).journal) == 201
    with pytest.raises(LockedError):
        ledger.sync()


def test_a_holder_that_is_always_faster_is_told_and_the_lock_is_not_kept(objects: MemoryObjects) -> None:
    ledger = backend_of(objects).open(STACK, HOLDER)
    ledger.begin({}, 0)

    def write(_: int) -> None:
        ledger.append({"t": "intent"})
        ledger.sync()

    meanwhile(objects, "after", "names", write, sys.maxsize)
    clock = StillClock()
    world = World(env={}, clock=clock, sleep=clock.sleep)
    began = clock.time
    with pytest.raises(LockedError, match="The lock was taken from its holder, and let go") as told:
        ObjectBackend(world, objects, LEASE, lambda _: None).unlock(STACK, replace(HOLDER, nonce="second"))
    assert "stops at its next sign of life" in told.value.hint
    assert LEASE / 3 <= clock.time - began <= LEASE  # by then a holder has given a sign of life, and found out
    objects.after = lambda *_: None
    backend_of(objects).open(STACK, replace(HOLDER, nonce="third")).close()
    with pytest.raises(LockedError):
        ledger.sync()


def test_a_holder_that_is_awake_is_sealed_behind_what_it_wrote_meanwhile(objects: MemoryObjects) -> None:
    ledger = backend_of(objects).open(STACK, HOLDER)
    ledger.begin({}, 0)

    def write(number: int) -> None:
        ledger.append({"t": "intent", "n": number})
        ledger.sync()

    meanwhile(objects, "before", "put", write, 3)
    second = ObjectBackend(World(env={}), objects, LEASE, lambda _: None)
    second.unlock(STACK, replace(HOLDER, nonce="second"))
    assert [entry.get("n") for entry in second.read(STACK).journal[1:]] == [1, 2, 3]
    ledger.append({"t": "intent"})
    with pytest.raises(LockedError):
        ledger.sync()


def test_a_lease_that_was_lost_proves_nothing(objects: MemoryObjects) -> None:
    lease = Lease(World(clock=StillClock()), objects, LOCK, LEASE, lambda _: None)
    lease.lost = True
    with pytest.raises(ConflictError):
        lease.prove(ask=False)
