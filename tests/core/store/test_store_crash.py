"""A crash, or a disk that says no, at every operation: what was acknowledged is there, the rest is whole or absent.

The disk is a model on which only synced bytes and synced names are sure to survive; the code above it is the real one.
"""

from __future__ import annotations

import errno
import random
import sys
from contextlib import closing, suppress
from dataclasses import replace
from itertools import count, product
from pathlib import Path

import pytest

from dpn.errors import DpnError
from dpn.extensions import Snapshot
from dpn.store.file import FileBackend
from dpn.testing.simulation.disk import OUTCOMES, Data, Names, SimDisk
from dpn.world import World

sys.path.insert(0, str(Path(__file__).parents[2] / "helpers"))
from ledger_story import STACK, Story, check, open_stack, records, recovery, transact
from stepping_disk import Crash, SteppingDisk


def scenario(backend: FileBackend, story: Story) -> None:
    ledger = open_stack(backend, story)
    transact(ledger, story)
    transact(ledger, story)
    ledger.close()
    ledger = open_stack(backend, story)
    transact(ledger, story)
    ledger.close()


class Setting:
    """A fresh model of a machine for each run."""

    def __init__(self) -> None:
        self.model = SimDisk(lambda _: None)
        self.disk = SteppingDisk(self.model)
        self.story = Story()
        world = World(env={}, cwd=Path("/"), rng=random.Random(1), sleep=lambda _: None, disk=self.disk)
        self.backend = FileBackend(world, Path("/home/.dpn"))

    def stop_at(self, number: int, error: BaseException) -> None:
        last = self.disk.operations + number

        def at(done: int) -> None:
            if done == last:
                raise error

        self.disk.at = at

    def restart(self, data: Data, names: Names) -> None:
        self.disk.at, self.disk.stopped = (lambda _: None), False
        self.model.restart(self.model.image().survivor(data, names))


@pytest.fixture
def operations() -> int:
    setting = Setting()
    scenario(setting.backend, setting.story)
    done = setting.disk.operations
    check(setting.backend.read(STACK), setting.story)
    assert setting.story.serial == 3
    return done


def crash_at(setting: Setting, number: int) -> None:
    setting.stop_at(number, Crash())
    with pytest.raises(Crash):
        scenario(setting.backend, setting.story)


def test_a_crash_before_any_operation_loses_nothing_that_was_acknowledged(operations: int) -> None:
    for number, (data, names) in product(range(1, operations + 1), OUTCOMES):
        setting = Setting()
        crash_at(setting, number)
        setting.restart(data, names)
        check(setting.backend.read(STACK), setting.story)
        recovery(setting.backend, setting.story)
        check(setting.backend.read(STACK), setting.story)
        assert setting.backend.read(STACK).journal == ()


@pytest.mark.parametrize(
    ("first", "second"), [(("lost", "lost"), ("torn", "kept")), (("torn", "kept"), ("lost", "lost"))]
)
def test_a_second_crash_in_recovery_loses_nothing_either(
    operations: int, first: tuple[Data, Names], second: tuple[Data, Names]
) -> None:
    for number in range(1, operations + 1, 2):
        for again in count(1, 3):
            setting = Setting()
            crash_at(setting, number)
            setting.restart(*first)
            setting.stop_at(again, Crash())
            try:
                recovery(setting.backend, setting.story)
            except Crash:
                setting.restart(*second)
                recovery(setting.backend, setting.story)
                check(setting.backend.read(STACK), setting.story)
            else:
                break  # recovery has fewer operations than that


@pytest.mark.parametrize("before", [0, 1])
def test_a_crash_in_a_restore_leaves_the_old_state_or_the_new_one(before: int) -> None:
    given, acknowledged = Snapshot(STACK, "another", 9, 1, records(9)), False
    for number, (data, names) in product(range(1, 40), OUTCOMES):
        setting = Setting()
        ledger = open_stack(setting.backend, setting.story)
        if before:
            transact(ledger, setting.story)
        setting.stop_at(number, Crash())
        acknowledged = False
        with suppress(Crash):
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
def test_an_error_at_any_operation_is_told_plainly_and_loses_nothing(operations: int, number: int) -> None:
    for at in range(1, operations + 1):
        setting = Setting()
        setting.stop_at(at, OSError(number, "disk says no"))
        with suppress(DpnError):  # anything else would be shown as a traceback
            scenario(setting.backend, setting.story)
        setting.restart("lost", "lost")
        check(setting.backend.read(STACK), setting.story)
        recovery(setting.backend, setting.story)


@pytest.mark.parametrize("operation", ["sync", "sync_folder"])
def test_the_model_notices_a_sync_that_is_left_out(operations: int, operation: str) -> None:
    """The check is not blind: with one of the two kinds of sync left out it fails somewhere."""

    def violations() -> int:
        found = 0
        for number in range(1, operations + 1):
            setting = Setting()
            setattr(setting.model, operation, lambda _: None)
            setting.stop_at(number, Crash())
            with suppress(Crash):
                scenario(setting.backend, setting.story)
            setting.restart("lost", "lost")
            try:
                check(setting.backend.read(STACK), setting.story)
            except (AssertionError, DpnError):
                found += 1
        return found

    assert violations() > 10
