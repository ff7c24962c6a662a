"""The ledger of a team: what it costs, what it keeps, and what of others' doing it refuses."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dpn.errors import DamagedError, DpnError, InDoubtError, LockedError
from dpn.extensions import Holder, Ledger
from dpn.objects import LostReplyError
from dpn.store import journal, state
from dpn.store.remote.backend import ObjectBackend
from dpn.store.state import State
from dpn.testing import MemoryObjects
from dpn.testing.clocks import StillClock
from dpn.world import World

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[3] / "helpers"))
from ledger_story import STACK
from story import STATE, backend_of

HOLDER = Holder(pid=42, host="box", user="ada", command="dpn apply", since=1_700_000_000.0, nonce="first")
FOLDER = f"stacks/{STACK}/"


@pytest.fixture
def objects() -> MemoryObjects:
    return MemoryObjects()


@pytest.fixture
def ledger(objects: MemoryObjects) -> Ledger:
    return backend_of(objects).open(STACK, HOLDER)


def run(ledger: Ledger, steps: int = 1) -> None:
    ledger.begin({}, 0)
    for number in range(steps):
        ledger.append({"t": "intent", "n": number})
        ledger.sync()
        ledger.append({"t": "result", "n": number})
        ledger.sync()
    ledger.commit({})
    ledger.end({"outcome": "done"})


def counted(objects: MemoryObjects) -> Counter[str]:
    """Count the operations from now on."""
    count: Counter[str] = Counter()

    def after(_number: int, operation: str, _key: str) -> None:
        count[operation] += 1

    objects.after = after
    return count


def test_a_step_costs_two_puts_however_many_there_were_before(objects: MemoryObjects, ledger: Ledger) -> None:
    run(ledger)
    for steps in (1, 10, 100):
        count = counted(objects)
        run(ledger, steps)
        assert count["put"] == 2 * steps + 7  # lock, header, version, state, end, history, lock
        assert count["get"] == 0
        assert count["names"] == 2
        assert count["delete"] <= 2 * steps + 4


def test_a_sync_takes_no_more_memory_or_time_for_what_was_written_before(
    objects: MemoryObjects, ledger: Ledger
) -> None:
    """Bytes that a sync puts, of the first and of the thousandth."""
    sizes: list[int] = []

    def after(_number: int, operation: str, key: str) -> None:
        if operation == "put":
            sizes.append(len(objects.objects[key][0]))

    objects.after = after
    ledger.begin({}, 0)
    for number in range(1000):
        ledger.append({"t": "intent", "n": f"{number:04d}"})
        ledger.sync()
    assert max(sizes[2:]) - min(sizes[2:]) <= 3  # the sequence number has more digits
    assert len(sizes) == 1002


def test_a_sync_with_nothing_to_put_asks_the_lock(objects: MemoryObjects, ledger: Ledger) -> None:
    """A call is to be sent again after a pause: the batch that was put for it proves nothing any more."""
    ledger.begin({}, 0)
    count = counted(objects)
    ledger.sync()
    assert count == {"put": 1}
    backend_of(objects, 2).unlock(STACK, replace(HOLDER, nonce="second"))
    with pytest.raises(LockedError, match="was taken over by process 42"):
        ledger.sync()


def test_a_batch_that_was_put_twice_is_no_proof(objects: MemoryObjects) -> None:
    """It counted, its reply was lost, and in the pause another holder settled and ended the transaction with it."""
    clock = StillClock()

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        if objects.after is lose:
            objects.after = lambda *_: None
            backend_of(objects, 2).unlock(STACK, replace(HOLDER, nonce="second"))
            second = backend_of(objects, 3).open(STACK, replace(HOLDER, nonce="third"))
            assert [entry["t"] for entry in second.snapshot.journal] == ["header", "intent"]
            second.end({"outcome": "rolled_back"})
            second.close()

    def lose(_number: int, operation: str, key: str) -> None:
        if operation == "put" and key.endswith("/000001"):
            raise LostReplyError("No reply came.")

    world = World(env={}, clock=clock, sleep=sleep)
    ledger = ObjectBackend(world, objects, 60.0, lambda _: None).open(STACK, HOLDER)
    ledger.begin({}, 0)
    objects.after = lose
    ledger.append({"t": "intent"})
    with pytest.raises(LockedError, match="was taken over"):
        ledger.sync()


def test_what_has_ended_leaves_history_and_versions_and_both_are_bounded(
    objects: MemoryObjects, ledger: Ledger
) -> None:
    for _ in range(53):
        run(ledger)
    assert objects.names(FOLDER) == ["history", "lock", "state.json", "versions"]
    assert [row["serial"] for row in backend_of(objects).history(STACK)] == list(range(3, 53))
    assert objects.names(f"{FOLDER}versions/") == [f"{serial:08d}.json" for serial in range(3, 53)]
    found = backend_of(objects).version(STACK, 3)
    assert found
    assert found.serial == 3
    assert backend_of(objects).version(STACK, 2) is None


def test_what_cannot_be_pruned_stays(objects: MemoryObjects, ledger: Ledger) -> None:
    run(ledger)

    def before(_number: int, operation: str, _key: str) -> None:
        if operation == "names":
            raise DpnError("Cannot reach memory:.")

    objects.before = before
    run(ledger)
    run(ledger)
    ledger.close()


def test_a_seal_outlives_the_journal_that_it_closed(objects: MemoryObjects, ledger: Ledger) -> None:
    ledger.begin({}, 0)
    ledger.append({"t": "intent"})
    ledger.sync()
    backend_of(objects).unlock(STACK, HOLDER)
    second = backend_of(objects).open(STACK, HOLDER)
    second.end({"outcome": "rolled_back"})
    left = {key: objects.objects[key][0] for key in objects.objects if "/journal/" in key}
    assert sorted(left.values()) == [b"# taken by generation 2\n", b"# taken by generation 3\n"]
    assert [row["entries"] for row in backend_of(objects).history(STACK)] == [3]
    second.close()


# what others did -----------------------------------------------------------------------------------------------------


def rewrite(objects: MemoryObjects, **change: Any) -> None:
    """Write the state once more with other values and a valid checksum, as somebody with an editor does."""
    content, version = objects.objects[STATE]
    found = state.decode(content, STATE)
    objects.put(STATE, state.encode(State(replace(found.snapshot, **change), found.transaction)), version)


def test_a_state_that_somebody_changed_meanwhile_is_not_overwritten(objects: MemoryObjects, ledger: Ledger) -> None:
    ledger.commit({})
    rewrite(objects, lineage="other")
    before = objects.objects[STATE]
    with pytest.raises(DamagedError, match=f"The state memory:/{STATE} was changed or removed while"):
        ledger.commit({})
    with pytest.raises(DamagedError, match="nothing more is written"):
        ledger.commit({})
    assert objects.objects[STATE] == before


@pytest.mark.parametrize(("part", "named"), [("/journal/", "journal/.*/000001"), ("/lock", "lock")])
def test_the_object_that_somebody_else_wrote_is_named(
    objects: MemoryObjects, ledger: Ledger, part: str, named: str
) -> None:
    """Nobody has taken the stack: then it was no holder."""
    ledger.begin({}, 0)
    ledger.append({"t": "intent"})
    if part == "/journal/":
        (header,) = (key for key in objects.objects if part in key)
        objects.put(header.replace("000000", "000001"), b"not ours", None)
    else:
        ledger.sync()
        real = objects.put

        def put(key: str, content: bytes, expected: str | None) -> str:
            found = objects.objects.get(key)
            if key.endswith(part) and found:  # whatever is expected, a moment before it is another one
                real(key, found[0] + b" ", found[1])
            return real(key, content, expected)

        objects.put = put  # type: ignore[method-assign]  # what else writes there
    with pytest.raises(DamagedError, match=rf"memory:/stacks/lake\.dev/{named} was changed or removed while this run"):
        ledger.sync()


@pytest.mark.parametrize("left", ["history", "versions"])
def test_a_lost_state_is_not_an_empty_stack(objects: MemoryObjects, ledger: Ledger, left: str) -> None:
    run(ledger)
    run(ledger)
    ledger.close()
    objects.delete([STATE, *(f"{FOLDER}{left}/{name}" for name in objects.names(f"{FOLDER}{left}/"))])
    for use in (backend_of(objects).read, lambda key: backend_of(objects).open(key, HOLDER)):
        with pytest.raises(DamagedError, match="is gone, yet") as told:
            use(STACK)
        assert "`versions` beside it" in told.value.hint


def leave_open(objects: MemoryObjects, ledger: Ledger) -> list[str]:
    """Leave an open transaction of three batches behind, and give their keys."""
    ledger.commit({})
    ledger.begin({}, 0)
    for entry in ("intent", "result"):
        ledger.append({"t": entry})
        ledger.sync()
    ledger.close()
    return sorted(key for key in objects.objects if "/journal/" in key)


@pytest.mark.parametrize("number", [0, 1])
def test_a_journal_with_a_hole_is_refused(objects: MemoryObjects, ledger: Ledger, number: int) -> None:
    objects.delete([leave_open(objects, ledger)[number]])
    for use in (backend_of(objects).read, lambda key: backend_of(objects).open(key, HOLDER)):
        with pytest.raises(DamagedError, match="is not whole: an object is missing"):
            use(STACK)


@pytest.mark.parametrize(("old", "new", "why"), [(b'"intent"', b'"intend"', "damaged"), (b"}\n", b"", "half a record")])
def test_a_journal_that_was_changed_is_refused(
    objects: MemoryObjects, ledger: Ledger, old: bytes, new: bytes, why: str
) -> None:
    _, middle, last = leave_open(objects, ledger)
    key = middle if old != b"}\n" else last
    content, version = objects.objects[key]
    objects.put(key, content.replace(old, new), version)
    with pytest.raises(DamagedError, match=why):
        backend_of(objects).read(STACK)


def test_a_journal_of_another_lineage_is_refused(objects: MemoryObjects, ledger: Ledger) -> None:
    leave_open(objects, ledger)
    rewrite(objects, lineage="other")
    with pytest.raises(DamagedError, match=r"memory:/.*journal goes on from lineage .*has lineage other"):
        backend_of(objects).read(STACK)


def test_damage_in_the_history_is_told(objects: MemoryObjects, ledger: Ledger) -> None:
    run(ledger)
    (name,) = objects.names(f"{FOLDER}history/")
    content, version = objects.objects[f"{FOLDER}history/{name}"]
    objects.put(f"{FOLDER}history/{name}", b"x" + content, version)
    assert "damaged at byte 0" in backend_of(objects).history(STACK)[0]["damaged"]


# a reader beside a writer --------------------------------------------------------------------------------------------


def test_a_reader_beside_a_writer_sees_one_moment(objects: MemoryObjects, ledger: Ledger) -> None:
    """Between the reads of state and journal a whole transaction ends and the next one begins."""
    run(ledger)
    ledger.begin({}, 0)
    ledger.append({"t": "intent"})
    ledger.sync()

    def before(_number: int, operation: str, key: str) -> None:
        if operation == "names" and "/journal/" in key:
            objects.before = lambda *_: None
            ledger.commit({})
            ledger.end({"outcome": "done"})
            ledger.begin({}, 0)
            ledger.append({"t": "intent"})
            ledger.append({"t": "result"})
            ledger.sync()

    objects.before = before
    found = backend_of(objects).read(STACK)
    assert (found.serial, len(found.journal)) in ((1, 0), (2, 3))


def test_a_reader_beside_the_first_commits_does_not_take_the_state_for_lost(objects: MemoryObjects) -> None:
    """Between its look for the state and its look beside it, the stack has come to be."""

    def before(_number: int, operation: str, key: str) -> None:
        if operation == "names" and "/versions/" in key:
            objects.before = lambda *_: None
            writer = backend_of(objects, 2).open(STACK, HOLDER)
            run(writer)
            run(writer)
            writer.close()

    objects.before = before
    assert backend_of(objects).read(STACK).serial in (0, 2)
    assert backend_of(objects).read(STACK).serial == 2


def test_a_reader_that_never_sees_a_steady_state_shows_the_last(objects: MemoryObjects, ledger: Ledger) -> None:
    """As if one holder after another took the stack over while it is read."""
    ledger.commit({})
    ledger.begin({}, 0)
    ledger.append({"t": "intent"})
    ledger.sync()
    looks = 0

    def before(_number: int, operation: str, key: str) -> None:
        nonlocal looks
        if operation == "names" and "/journal/" in key:
            looks += 1
            rewrite(objects, generation=looks)

    objects.before = before
    found = backend_of(objects).read(STACK)
    assert looks == 8
    assert (found.generation, [entry["t"] for entry in found.journal]) == (7, ["header", "intent"])


def test_a_store_that_fails_midway_leaves_the_run_in_doubt(objects: MemoryObjects, ledger: Ledger) -> None:
    ledger.begin({}, 0)

    def fail(*_: Any) -> None:
        raise DpnError("Cannot reach memory:.", hint="Look at the network.")

    objects.before = fail
    ledger.append({"t": "intent"})
    with pytest.raises(InDoubtError, match=r"Could not write the journal .* Cannot reach memory:\.") as told:
        ledger.sync()
    assert told.value.hint == "Look at the network. Then run dpn recover: it goes on from what is recorded."
    operations = objects.operations
    for use in (ledger.sync, lambda: ledger.append({}), lambda: ledger.commit({}), lambda: ledger.end({})):
        with pytest.raises(DamagedError, match="its store failed"):
            use()
    assert objects.operations == operations
    ledger.close()


def test_the_history_is_what_a_journal_file_would_be(objects: MemoryObjects, ledger: Ledger) -> None:
    run(ledger)
    (name,) = objects.names(f"{FOLDER}history/")
    scan = journal.decode(objects.objects[f"{FOLDER}history/{name}"][0])
    assert [entry["t"] for entry in scan.entries] == ["header", "intent", "result", "end"]
    assert scan.torn == 0
