"""A stack whose lock is gone or cannot be read: what was open stays open, and generations rise."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from dpn.errors import DamagedError, DpnError, LockedError, PluginError
from dpn.extensions import Holder
from dpn.testing import MemoryObjects
from dpn.testing.stack_trial import kinds

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[3] / "helpers"))
from ledger_story import STACK, Story, check, recovery
from story import Crash, Guard, backend_of, operations, restart, scenario, stop_at

LOCK = f"stacks/{STACK}/lock"
JOURNALS = f"stacks/{STACK}/journal/"
HOLDER = Holder(pid=42, host="box", user="ada", command="dpn apply", since=1_700_000_000.0, nonce="first")
SPOILT = (None, b"{ spoilt", b"")


@pytest.fixture
def objects() -> MemoryObjects:
    return MemoryObjects()


def spoil(objects: MemoryObjects, content: bytes | None) -> None:
    """Put something else in the place of the lock, or remove it."""
    del objects.objects[LOCK]
    if content is not None:
        objects.put(LOCK, content, None)


def leave_open(objects: MemoryObjects, holders: int = 1, seed: int = 1) -> int:
    """Leave a create in doubt behind, after some holders who went; give the generation."""
    for _ in range(holders):
        ledger = backend_of(objects).open(STACK, HOLDER)
        ledger.close()
    ledger = backend_of(objects, seed).open(STACK, HOLDER)
    ledger.begin({}, 0)
    ledger.append({"t": "intent", "address": "mem_box.a", "op": "01x"})
    ledger.sync()
    return ledger.snapshot.generation


@pytest.mark.parametrize("content", SPOILT)
def test_what_was_open_is_open_still(objects: MemoryObjects, content: bytes | None) -> None:
    generation = leave_open(objects, 3)
    spoil(objects, content)
    backend_of(objects).unlock(STACK, HOLDER)
    assert kinds(backend_of(objects).read(STACK)) == ["header", "intent"]
    ledger = backend_of(objects).open(STACK, replace(HOLDER, nonce="second"))
    assert kinds(ledger.snapshot) == ["header", "intent"]
    assert ledger.snapshot.generation > generation
    ledger.close()


def test_a_lock_that_is_gone_is_made_anew_by_whoever_comes(objects: MemoryObjects) -> None:
    """Nobody has the stack then; what is left of its generations is in the state and the seals."""
    generation = leave_open(objects)
    spoil(objects, None)
    assert kinds(backend_of(objects).read(STACK)) == ["header", "intent"]
    assert backend_of(objects).hold(STACK) is None
    ledger = backend_of(objects).open(STACK, replace(HOLDER, nonce="second"))
    assert (kinds(ledger.snapshot), ledger.snapshot.generation) == (["header", "intent"], generation + 1)
    ledger.close()


def test_a_holder_whose_lock_was_removed_writes_nothing_more(objects: MemoryObjects) -> None:
    first = backend_of(objects).open(STACK, HOLDER)
    first.begin({}, 0)
    first.append({"t": "intent"})
    first.sync()
    spoil(objects, None)
    second = backend_of(objects, 2).open(STACK, replace(HOLDER, nonce="second"))
    first.append({"t": "result"})
    with pytest.raises(LockedError, match="was taken over"):
        first.sync()
    second.end({"outcome": "rolled_back"})
    second.close()


def test_the_generation_of_a_lock_that_is_half_readable_counts(objects: MemoryObjects) -> None:
    leave_open(objects)
    spoil(objects, b'{"generation": 40, "lease": "?"}')
    backend_of(objects).unlock(STACK, HOLDER)
    assert backend_of(objects).open(STACK, HOLDER).snapshot.generation == 42


def test_the_generation_of_a_seal_counts(objects: MemoryObjects) -> None:
    """A holder crashed after it had sealed a journal, and before it stamped the state."""
    leave_open(objects)
    (journal,) = objects.names(JOURNALS)
    objects.put(f"{JOURNALS}{journal}/000002", b"# taken by generation 9\n", None)
    spoil(objects, None)
    assert backend_of(objects).open(STACK, HOLDER).snapshot.generation == 10


def test_what_has_ended_is_not_open_again(objects: MemoryObjects) -> None:
    """Seals of journals that are over stay; one that is contained in the state is put away."""
    for number in range(3):
        leave_open(objects, 0, seed=number)
        ledger = backend_of(objects).open(STACK, HOLDER, timeout=100)
        ledger.commit({})
        if number < 2:
            ledger.end({"outcome": "done"})
            ledger.close()
    assert len(objects.names(JOURNALS)) == 3
    spoil(objects, None)
    assert backend_of(objects).read(STACK).journal == ()
    ledger = backend_of(objects).open(STACK, HOLDER)
    assert (ledger.snapshot.journal, ledger.snapshot.serial) == ((), 3)
    ledger.close()


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("committed", [False, True])
def test_a_batch_that_came_after_the_end_of_its_journal_opens_nothing(
    objects: MemoryObjects, number: int, *, committed: bool
) -> None:
    """A put whose reply was lost is tried again when its journal has been put away."""
    leave_open(objects, 0)
    (journal,) = objects.names(JOURNALS)
    batch = f"{JOURNALS}{journal}/{number:06d}"
    content = objects.objects[batch][0]
    ledger = backend_of(objects).open(STACK, HOLDER, timeout=100)
    if committed:
        ledger.commit({})
    ledger.end({"outcome": "rolled_back"})
    ledger.close()
    objects.put(batch, content, None)
    spoil(objects, None)
    assert backend_of(objects).read(STACK).journal == ()
    ledger = backend_of(objects).open(STACK, HOLDER)
    assert ledger.snapshot.journal == ()
    ledger.close()


def test_a_journal_that_goes_on_from_an_older_state_is_not_open(objects: MemoryObjects) -> None:
    """It was settled before that state was left; only the last fifty journals are kept in the history."""
    leave_open(objects, 0)
    (journal,) = objects.names(JOURNALS)
    left = {key: found[0] for key, found in objects.objects.items() if journal in key}
    ledger = backend_of(objects).open(STACK, HOLDER, timeout=100)
    ledger.commit({})
    ledger.end({"outcome": "done"})
    ledger.commit({})
    ledger.close()
    objects.delete([key for key in objects.objects if "/history/" in key])
    for key, content in left.items():
        objects.put(key, content, None)
    spoil(objects, None)
    assert backend_of(objects).read(STACK).journal == ()
    backend_of(objects).open(STACK, HOLDER).close()


def test_two_journals_that_may_be_open_are_left_to_a_person(objects: MemoryObjects) -> None:
    leave_open(objects, 0)
    (journal,) = objects.names(JOURNALS)
    for name in objects.names(f"{JOURNALS}{journal}/"):
        objects.put(f"{JOURNALS}another/{name}", objects.objects[f"{JOURNALS}{journal}/{name}"][0], None)
    spoil(objects, None)
    before = dict(objects.objects)
    for use in (backend_of(objects).read, lambda key: backend_of(objects).open(key, HOLDER)):
        with pytest.raises(DamagedError, match=f"nothing tells which of its journals is open: {journal}, another"):
            use(STACK)
    assert objects.objects == before


def test_a_journal_without_its_header_is_damage(objects: MemoryObjects) -> None:
    leave_open(objects, 0)
    (journal,) = objects.names(JOURNALS)
    objects.delete([f"{JOURNALS}{journal}/000000"])
    spoil(objects, None)
    with pytest.raises(DamagedError, match="is not whole: an object is missing"):
        backend_of(objects).open(STACK, HOLDER)


def test_the_lock_of_a_newer_dpn_is_not_made_anew(objects: MemoryObjects) -> None:
    leave_open(objects)
    spoil(objects, json.dumps({"format": 2, "dpn": "9.9", "generation": 1}).encode())
    with pytest.raises(PluginError):
        backend_of(objects).unlock(STACK, HOLDER)


@pytest.mark.parametrize("content", SPOILT)
def test_nothing_that_was_acknowledged_is_lost_with_the_lock(content: bytes | None) -> None:
    """The lock is lost at any moment of a run that crashes there."""
    for number in range(2, operations(scenario) + 1):
        objects, story = MemoryObjects(), Story()
        guard = Guard(objects)
        stop_at(objects, number, done=True, guard=guard)
        with suppress(Crash):
            scenario(backend_of(objects), story)
        restart(objects, guard)
        if LOCK in objects.objects:
            spoil(objects, content)
            backend_of(objects, 2).unlock(STACK, HOLDER)
        check(backend_of(objects).read(STACK), story)
        story.generation -= 1  # a holder that had only taken the lock has left no trace of its generation
        recovery(backend_of(objects, 3), story)
        assert backend_of(objects).read(STACK).journal == ()


def test_a_journal_whose_only_batch_is_torn_is_not_open(objects: MemoryObjects) -> None:
    leave_open(objects, 0)
    for batch in [key for key in objects.objects if key.startswith(JOURNALS)]:
        content, version = objects.objects[batch]
        objects.objects[batch] = (content[:10] if batch.endswith("000000") else b"", version)
    spoil(objects, None)
    assert backend_of(objects).read(STACK).journal == ()


def test_whoever_lost_a_stack_is_told_so_also_when_the_new_holder_cannot_be_read(objects: MemoryObjects) -> None:
    first = backend_of(objects).open(STACK, HOLDER)
    first.begin({}, 0)
    first.append({"t": "intent"})
    spoil(objects, None)
    backend_of(objects, 2).open(STACK, replace(HOLDER, nonce="second"))

    def before(_number: int, operation: str, key: str) -> None:
        if (operation, key) == ("get", LOCK):
            raise DpnError("Cannot reach memory:.")

    objects.before = before
    with pytest.raises(LockedError, match="was taken over"):
        first.sync()
