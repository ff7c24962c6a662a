"""A crash, or a disk that says no, at every operation: what was acknowledged is there, the rest is whole or absent.

The disk is a model on which only synced bytes and synced names are sure to survive; the code above it is the real one.
"""

from __future__ import annotations

import errno
import random
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from itertools import count, product
from pathlib import Path
from typing import Any

import pytest

from dpn.errors import DpnError
from dpn.extensions import Holder, Ledger, Snapshot
from dpn.model import Record
from dpn.store.file import FileBackend
from dpn.world import World

STACK = "lake.dev"
OUTCOMES = list(product(("kept", "lost", "torn", "zeros"), ("kept", "lost")))


@dataclass
class Story:
    """What was asked of the ledger, and how much of it was acknowledged."""

    serial: int = 0
    committing: bool = False
    generation: int = 0
    transaction: int = 0
    asked: list[str] = field(default_factory=list)
    synced: int = 0
    ending: bool = False


def records(serial: int) -> dict[str, Record]:
    name = f"name-{serial}"
    return {f"a.b{n}": Record(f"a.b{n}", "a", name, {"text": name * 5}, "a") for n in range(serial)}


def open_stack(backend: FileBackend, story: Story) -> Ledger:
    holder = Holder(pid=1, host="box", user="ada", command="apply", since=0.0, nonce=str(story.generation))
    ledger = backend.open(STACK, holder)
    assert ledger.snapshot.generation > story.generation
    story.generation = ledger.snapshot.generation
    return ledger


def transact(ledger: Ledger, story: Story) -> None:
    """Carry out one transaction with three syncs."""
    story.transaction += 1
    story.asked, story.synced = [], 0
    ledger.begin({"number": story.transaction}, 100)
    for batch in (("p", "q"), ("r",)):
        for name in batch:
            story.asked.append(name)
            assert ledger.append({"t": "intent", "name": name, "text": "x" * 40}) == len(story.asked)
        ledger.sync()
        story.synced = len(story.asked)
    finish(ledger, story)


def finish(ledger: Ledger, story: Story) -> None:
    story.committing = True
    ledger.commit(records(story.serial + 1))
    story.serial, story.committing, story.ending = story.serial + 1, False, True
    ledger.end({"outcome": "done"})
    story.ending, story.asked, story.synced = False, [], 0


def scenario(backend: FileBackend, story: Story) -> None:
    ledger = open_stack(backend, story)
    transact(ledger, story)
    transact(ledger, story)
    ledger.close()
    ledger = open_stack(backend, story)
    transact(ledger, story)
    ledger.close()


def recovery(backend: FileBackend, story: Story) -> None:
    """Settle what is open, as a writing command does first."""
    ledger = open_stack(backend, story)
    check(ledger.snapshot, story)
    story.serial = ledger.snapshot.serial
    story.committing = False
    if ledger.snapshot.journal:
        finish(ledger, story)
    story.asked, story.synced, story.ending = [], 0, False
    ledger.close()


def check(found: Snapshot, story: Story) -> None:
    assert found.serial in ({story.serial, story.serial + 1} if story.committing else {story.serial})
    assert found.records == records(found.serial)
    names = [entry.get("name") for entry in found.journal[1:]]
    if not names:
        assert story.synced == 0 or story.ending or found.serial > story.serial
        return
    assert found.serial == found.journal[0]["serial"] == story.serial
    assert found.journal[0]["number"] == story.transaction
    assert names == story.asked[: len(names)]
    assert len(names) >= story.synced


class Setting:
    """A fresh model of a machine for each run."""

    def __init__(self, disk: Any) -> None:
        self.disk = disk
        self.story = Story()
        world = World(env={}, cwd=Path("/"), rng=random.Random(1), sleep=lambda _: None, disk=disk)
        self.backend = FileBackend(world, Path("/home/.dpn"))

    def stop_at(self, number: int, error: BaseException) -> None:
        base = self.disk.operations

        def at(done: int, _operation: str) -> None:
            if done - base == number:
                raise error

        self.disk.at = at

    def restart(self, data: str, names: str) -> None:
        self.disk.at = lambda _number, _operation: None
        self.disk.restart(data, names)


Make = Callable[[], Setting]


@pytest.fixture
def make(memory_disk: Callable[[], Any]) -> Make:
    return lambda: Setting(memory_disk())


@pytest.fixture
def operations(make: Make) -> int:
    setting = make()
    scenario(setting.backend, setting.story)
    done = int(setting.disk.operations)
    check(setting.backend.read(STACK), setting.story)
    assert setting.story.serial == 3
    return done


def crash_at(setting: Setting, number: int, crash: type[BaseException]) -> None:
    setting.stop_at(number, crash())
    with pytest.raises(crash):
        scenario(setting.backend, setting.story)


def test_a_crash_before_any_operation_loses_nothing_that_was_acknowledged(
    make: Make, operations: int, crash: type[BaseException]
) -> None:
    for number, (data, names) in product(range(1, operations + 1), OUTCOMES):
        setting = make()
        crash_at(setting, number, crash)
        setting.restart(data, names)
        check(setting.backend.read(STACK), setting.story)
        recovery(setting.backend, setting.story)
        check(setting.backend.read(STACK), setting.story)
        assert setting.backend.read(STACK).journal == ()


@pytest.mark.parametrize(
    ("first", "second"), [(("lost", "lost"), ("torn", "kept")), (("torn", "kept"), ("lost", "lost"))]
)
def test_a_second_crash_in_recovery_loses_nothing_either(
    make: Make, operations: int, crash: type[BaseException], first: tuple[str, str], second: tuple[str, str]
) -> None:
    for number in range(1, operations + 1, 2):
        for again in count(1, 3):
            setting = make()
            crash_at(setting, number, crash)
            setting.restart(*first)
            setting.stop_at(again, crash())
            try:
                recovery(setting.backend, setting.story)
            except crash:
                setting.restart(*second)
                recovery(setting.backend, setting.story)
                check(setting.backend.read(STACK), setting.story)
            else:
                break  # recovery has fewer operations than that


@pytest.mark.parametrize("before", [0, 1])
def test_a_crash_in_a_restore_leaves_the_old_state_or_the_new_one(
    make: Make, crash: type[BaseException], before: int
) -> None:
    given, acknowledged = Snapshot(STACK, "another", 9, 1, records(9)), False
    for number, (data, names) in product(range(1, 40), OUTCOMES):
        setting = make()
        ledger = open_stack(setting.backend, setting.story)
        if before:
            transact(ledger, setting.story)
        setting.stop_at(number, crash())
        acknowledged = False
        with suppress(crash):
            ledger.restore(given)
            acknowledged = True
        setting.restart(data, names)
        found = setting.backend.read(STACK)
        assert found.serial in ({9} if acknowledged else {before, 9})
        assert found.records == records(found.serial)
        with closing(open_stack(setting.backend, setting.story)) as again:
            assert again.snapshot.records == found.records
            transact(again, replace(setting.story, serial=found.serial))
    assert acknowledged  # the last number is behind the end of it


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EACCES])
def test_an_error_at_any_operation_is_told_plainly_and_loses_nothing(make: Make, operations: int, number: int) -> None:
    for at in range(1, operations + 1):
        setting = make()
        setting.stop_at(at, OSError(number, "disk says no"))
        with suppress(DpnError):  # anything else would be shown as a traceback
            scenario(setting.backend, setting.story)
        setting.restart("lost", "lost")
        check(setting.backend.read(STACK), setting.story)
        recovery(setting.backend, setting.story)


@pytest.mark.parametrize("operation", ["sync", "sync_folder"])
def test_the_model_notices_a_sync_that_is_left_out(
    make: Make, operations: int, crash: type[BaseException], operation: str
) -> None:
    """The check is not blind: with one of the two kinds of sync left out it fails somewhere."""

    def violations() -> int:
        found = 0
        for number in range(1, operations + 1):
            setting = make()
            setattr(setting.disk, operation, lambda _: None)
            setting.stop_at(number, crash())
            with suppress(crash):
                scenario(setting.backend, setting.story)
            setting.restart("lost", "lost")
            try:
                check(setting.backend.read(STACK), setting.story)
            except (AssertionError, DpnError):
                found += 1
        return found

    assert violations() > 10
