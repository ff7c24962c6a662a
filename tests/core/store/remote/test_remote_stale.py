"""A holder that sleeps at any operation and wakes up when another one has taken over: it changes nothing any more.

The hook of an operation of the first holder runs the whole story of the second: as if the first had been stopped there.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from dpn.errors import DpnError, LockedError
from dpn.extensions import Backend, Ledger, Snapshot
from dpn.objects import ConflictError
from dpn.store import state
from dpn.store.remote import batches, ledger, standing
from dpn.store.remote.batches import Batches
from dpn.testing import MemoryObjects
from dpn.testing.stack_trial import HOLDER, kinds

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[3] / "helpers"))
from ledger_story import PATIENCE, STACK, Story, check, open_stack, records, recovery, settle, transact
from story import Crash, Guard, backend_of, operations, restart, scenario, stop_at

Tell = Callable[[Backend, Story], None]


@pytest.fixture
def objects() -> MemoryObjects:
    return MemoryObjects()


@dataclass
class Takeover:
    """What the second holder saw when it took the stack, and what it made of it. `keeps`: it holds the stack on."""

    keeps: bool
    objects: MemoryObjects
    ledger: Ledger | None = None
    seen: Snapshot | None = None
    story: Story = field(default_factory=lambda: Story("b"))

    def __call__(self) -> None:
        self.ledger = open_stack(backend_of(self.objects, 2), self.story)
        self.seen = self.ledger.snapshot
        settle(self.ledger, self.story)
        transact(self.ledger, self.story)
        if not self.keeps:
            self.ledger.close()


def wake(objects: MemoryObjects, number: int, takeover: Takeover, guard: Guard, *, done: bool) -> None:
    """Let the takeover happen before, or if `done` after, the operation with this number, counted from now."""
    number += objects.operations
    asleep = True

    def before(now: int, *_: Any) -> None:
        nonlocal asleep
        if now == number and not done and asleep:
            asleep = False
            takeover()

    def after(now: int, operation: str, key: str) -> None:
        nonlocal asleep
        guard(now, operation, key)
        if now == number and done and asleep:
            asleep = False
            takeover()

    objects.before, objects.after = before, after


def saw(takeover: Takeover, story: Story) -> None:
    """Check that whatever was ever acknowledged to the first holder was there when the second one took the stack."""
    seen = takeover.seen
    assert seen
    if story.generation > takeover.story.generation:
        return  # the first had not begun: it came after the second
    assert story.serial <= seen.serial
    names = [entry.get("name") for entry in seen.journal[1:]]
    if names and seen.journal[0].get("number") == f"{story.name}{story.transaction}":
        assert names[: story.synced] == story.asked[: story.synced]
    elif not story.ending and story.serial == seen.serial:
        assert story.synced == 0, "calls were made of which the next holder knows nothing"


def overtaken(tell: Tell, number: int, *, done: bool, keeps: bool, left: int = 0) -> None:
    """Tell the story, with a takeover at one of its operations. `left`: an earlier run crashed at this operation."""
    objects, story = MemoryObjects(), Story()
    guard = Guard(objects)
    if left:
        stop_at(objects, left, done=True, guard=guard)
        with suppress(Crash):
            scenario(backend_of(objects), story)
    takeover = Takeover(keeps, objects)
    wake(objects, number, takeover, guard, done=done)
    ours = Story("c" if left else "a", story.serial, generation=story.generation)
    with suppress(LockedError):
        tell(backend_of(objects, 3), ours)
    if takeover.ledger is None:
        return  # the story is shorter than that
    restart(objects, guard)
    saw(takeover, ours)
    if keeps and ours.generation < takeover.story.generation:
        transact(takeover.ledger, takeover.story)
    elif keeps:  # the first had not begun, waited, and overtook the second
        with pytest.raises(LockedError):
            transact(takeover.ledger, Story("b"))
    takeover.ledger.close()
    last = max(ours, takeover.story, key=lambda one: one.generation)
    found = backend_of(objects).read(STACK)
    assert (found.serial, found.journal) == (last.serial, ())
    assert found.records == records(last.serial)


def resume(backend: Backend, story: Story) -> None:
    """Recover what another run left open, then carry out a transaction."""
    taken = open_stack(backend, story)
    settle(taken, story)
    transact(taken, story)
    taken.close()


@pytest.mark.parametrize(("done", "keeps"), list(product((False, True), repeat=2)))
def test_a_holder_that_wakes_up_too_late_writes_nothing(*, done: bool, keeps: bool) -> None:
    for number in range(1, operations(scenario) + 1):
        overtaken(scenario, number, done=done, keeps=keeps)


@pytest.mark.parametrize("keeps", [False, True])
def test_a_holder_that_fell_asleep_in_recovery_writes_nothing_either(*, keeps: bool) -> None:
    for left, number in product(range(4, operations(scenario) + 1, 2), range(1, 40)):
        overtaken(resume, number, done=bool(left % 4), keeps=keeps, left=left)


def test_a_crash_of_the_second_holder_in_its_takeover_lets_a_third_take_over() -> None:
    runs = 0
    for number, again in product(range(6, operations(scenario) + 1, 3), range(1, 14)):
        objects, story = MemoryObjects(), Story()
        guard = Guard(objects)
        stop_at(objects, number, done=True, guard=guard)
        with suppress(Crash):
            scenario(backend_of(objects), story)
        stop_at(objects, again, done=True, guard=guard)
        with suppress(Crash):
            recovery(backend_of(objects, 2), story)
            continue
        restart(objects, guard)
        story.generation = 0  # the second never got so far as to tell its own
        recovery(backend_of(objects, 3), story)
        check(backend_of(objects).read(STACK), story)
        runs += 1
    assert runs > 100


# three holders -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("done", [False, True])
def test_of_two_that_take_over_the_older_one_writes_nothing_behind_the_newer(
    objects: MemoryObjects, *, done: bool
) -> None:
    """The second is slow when it puts its seal; before it reads, a third has taken the stack and closed the journal."""
    open_stack(backend_of(objects), Story()).begin({}, 0)
    third: list[Ledger] = []

    def overtake(_number: int, operation: str, key: str) -> None:
        if operation == "put" and key.endswith("/000001"):
            objects.before = objects.after = lambda *_: None
            backend_of(objects, 3).unlock(STACK, replace(HOLDER, nonce="third"))
            third.append(backend_of(objects, 4).open(STACK, replace(HOLDER, nonce="third")))

    if done:
        objects.after = overtake
    else:
        objects.before = overtake
    with pytest.raises(LockedError):
        backend_of(objects, 2).open(STACK, replace(HOLDER, nonce="second"), timeout=PATIENCE)
    (newest,) = third
    assert newest.snapshot.generation == 4
    newest.begin({}, 0)
    newest.append({"t": "intent"})
    newest.sync()
    newest.commit({})
    newest.end({"outcome": "done"})
    newest.close()
    assert backend_of(objects).read(STACK).serial == 1


@pytest.mark.parametrize(("operation", "part"), [("get", "/lock"), ("names", "/journal/"), ("put", "/000002")])
def test_the_journal_of_a_newer_holder_is_not_closed_by_the_one_before(
    objects: MemoryObjects, operation: str, part: str
) -> None:
    """Before the look of the second, after it, or after its seal, a third has taken the stack, and goes on in it."""
    first = open_stack(backend_of(objects), Story())
    first.begin({}, 0)
    first.append({"t": "intent"})
    first.sync()
    third: list[Ledger] = []

    def overtake(_number: int, now: str, key: str) -> None:
        mine = b"second" in objects.objects[f"stacks/{STACK}/lock"][0]
        if mine and now == operation and part in key:
            objects.before = objects.after = lambda *_: None
            backend_of(objects, 3).unlock(STACK, replace(HOLDER, nonce="third"))
            third.append(backend_of(objects, 4).open(STACK, replace(HOLDER, nonce="third")))
            third[0].append({"t": "result"})
            third[0].sync()

    if operation == "put":
        objects.after = overtake
    else:
        objects.before = overtake
    with pytest.raises(LockedError):
        backend_of(objects, 2).unlock(STACK, replace(HOLDER, nonce="second"))
    third[0].append({"t": "intent"})
    third[0].sync()
    assert kinds(backend_of(objects).read(STACK)) == ["header", "intent", "result", "intent"]
    third[0].end({"outcome": "done"})
    third[0].close()


def test_a_seal_of_a_newer_holder_counts_before_it_has_stamped_the_state(objects: MemoryObjects) -> None:
    """Between the seal of the second and its look, a third has sealed the journal, and died of it."""
    first = open_stack(backend_of(objects), Story())
    first.begin({}, 0)
    first.append({"t": "intent"})
    first.sync()

    def overtake(_number: int, operation: str, key: str) -> None:
        if operation == "put" and key.endswith("/000002"):
            objects.after = die
            with suppress(Crash):
                backend_of(objects, 3).unlock(STACK, replace(HOLDER, nonce="third"))
            objects.after = lambda *_: None

    def die(_number: int, operation: str, key: str) -> None:
        if operation == "put" and key.endswith("/000003"):
            raise Crash

    objects.after = overtake
    with pytest.raises(LockedError):
        backend_of(objects, 2).open(STACK, replace(HOLDER, nonce="second"), timeout=PATIENCE)


def asleep(objects: MemoryObjects, number: int, meanwhile: Callable[[], None], guard: Guard) -> None:
    """Let something happen after the operation with this number, counted from now."""
    number += objects.operations

    def after(now: int, operation: str, key: str) -> None:
        guard(now, operation, key)
        if now == number:
            meanwhile()

    objects.after = after


def taken_twice(last: Takeover, second: Story, number: int, guard: Guard) -> None:
    """Let a second holder take over, and the last one while the second sleeps at the operation with this number."""
    asleep(last.objects, number, last, guard)
    with suppress(LockedError):
        resume(backend_of(last.objects, 5), second)


def test_a_holder_that_takes_over_and_is_overtaken_itself_changes_nothing_either() -> None:
    """The first sleeps at each of its operations, and so does the second, until a third is done."""
    runs = 0
    for number, again in product(range(1, operations(scenario) + 1, 2), range(1, 30, 2)):
        objects = MemoryObjects()
        guard, last = Guard(objects), Takeover(keeps=False, objects=objects)
        first, second = Story(), Story("c")
        asleep(objects, number, partial(taken_twice, last, second, again, guard), guard)
        with suppress(LockedError):
            scenario(backend_of(objects, 3), first)
        if last.ledger:
            restart(objects, guard)
            newest = max(first, second, last.story, key=lambda one: one.generation)
            found = backend_of(objects).read(STACK)
            assert (found.serial, found.journal, found.records) == (newest.serial, (), records(newest.serial))
            runs += 1
    assert runs > 100


# the check is not blind ----------------------------------------------------------------------------------------------


def without_seal(_world: Any, objects: Any, keys: Any, transaction: str, _generation: int) -> Batches:
    return batches.read(objects, keys, transaction)


def without_stamp(_world: Any, objects: Any, keys: Any, _generation: int) -> Any:
    found = objects.get(keys.state_key)
    there = state.decode(found[0], keys.state) if found else None
    return there, standing.Stamped(*(found or (b"", None)))


def with_the_seals(objects: Any, keys: Any, transaction: str, now: Batches) -> None:
    objects.delete([f"{keys.batches(transaction)}{number:06d}" for number in now.numbers])


def without_reading_back(_world: Any, objects: Any, key: str, content: bytes, expected: str | None) -> Any:
    return objects.put(key, content, expected)


@pytest.mark.parametrize(
    ("where", "name", "broken"),
    [
        (batches, "seal", without_seal),
        (standing, "_stamp", without_stamp),
        (batches, "drop", with_the_seals),
    ],
    ids=["no seal", "no stamp", "seals are dropped"],
)
def test_a_fence_that_is_left_out_is_noticed(
    where: Any, name: str, broken: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(where, name, broken)
    found = 0
    for number, done in product(range(1, operations(scenario) + 1), (False, True)):
        try:
            overtaken(scenario, number, done=done, keeps=False)
        except (AssertionError, DpnError, ConflictError):
            found += 1
    assert found > 0


def test_a_put_that_is_not_read_back_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "put_surely", without_reading_back)
    objects, puts = MemoryObjects(), 0

    def lose(_number: int, operation: str, _key: str) -> None:
        nonlocal puts
        puts += operation == "put"
        if operation == "put" and puts > 6:
            raise ConflictError  # what a proxy that sends a request twice makes of a put that took effect

    objects.after = lose
    with pytest.raises(DpnError):
        scenario(backend_of(objects), Story())
