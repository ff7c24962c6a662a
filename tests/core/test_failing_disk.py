"""The k-th operation on the disk fails, for each k of an apply: it is told plainly, and nothing is lost or left behind.

Each operation fails in one way; in all four in `nox -s failpoints`.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from dpn import api
from dpn.disk import Disk
from dpn.errors import DamagedError, DpnError

sys.path.insert(0, str(Path(__file__).parents[1] / "helpers"))
from stepping_disk import SteppingDisk

KINDS = (errno.ENOSPC, errno.EIO, errno.EMFILE, errno.EACCES)


def failing(disk: Disk, at: int, number: int, *, for_good: bool) -> SteppingDisk:
    """Give a disk whose operation number `at` fails, and with `for_good` each one after it as well."""

    def fail(done: int) -> None:
        if done == at or (for_good and done > at):
            raise OSError(number, os.strerror(number))

    stepping = SteppingDisk(disk)
    stepping.at = fail
    return stepping


class Scene:
    """A laboratory of its own for each run, in which a change is wanted that is none of these: none, all undone."""

    def __init__(self, make: Callable[[], Any], name: str) -> None:
        self.lab = lab = make()
        old = (lab.thing("mem_box.a", size=1), lab.thing("mem_shelf.s", box="${mem_box.a}", note="x"))
        new = (lab.thing("mem_box.b", size=2), lab.thing("mem_robot.r", job="y"))
        if name != "create":
            assert lab.outcome(*old, lab.thing("mem_box.gone")) == "done"
        self.wanted = {"create": (*old, *new), "change": (lab.thing("mem_box.a", size=3), *new), "undo": (*old, *new)}[
            name
        ]
        lab.write(*self.wanted)
        if name == "undo":
            lab.cloud.fault = lambda kind, method, _: "refuse" if (kind, method) == ("mem_robot", "create") else None
        self.was = self.standing()

    def standing(self) -> Any:
        """Give what is there and what is recorded; a stack that never was has no key to ask by."""
        records, snapshot = api.records(self.lab.options(), self.lab.world)
        return self.lab.seen(), records, bool(snapshot.journal)

    def apply(self, disk: Any = None) -> str | None:
        lab = self.lab
        good, lab.disk = lab.disk, disk or lab.disk
        try:
            result = lab.apply().result
        finally:
            lab.disk = good
        return result.outcome if result else None


@pytest.fixture
def make(tmp_path: Path, lab: Any) -> Callable[[], Any]:
    numbers = count()

    def fresh() -> Any:
        root = tmp_path / f"lab{next(numbers)}"
        root.mkdir()
        return type(lab)(root)

    return fresh


def _judge(scene: Scene, error: DpnError) -> None:
    """Hold an error to what its exit code promises; 64: the blueprint cannot be read."""
    assert error.exit_code in (1, 3, 6, 64), error.message
    if not isinstance(error, DamagedError):
        scene.lab.no_faults()
        assert scene.standing() == scene.was, error.message


def _checked(scene: Scene, disk: SteppingDisk) -> int:
    """Apply with a disk that fails, then with one that is well; give how many operations the first did."""
    lab = scene.lab
    try:
        scene.apply(disk)
    except DpnError as error:
        _judge(scene, error)
    lab.no_faults()
    assert scene.apply() in ("done", None)
    assert lab.empty()
    seen, records, _ = scene.standing()
    assert {(one.ref.kind, one.ref.id) for one in seen} == {(record.kind, record.id) for record in records.values()}
    return disk.operations


@pytest.mark.parametrize("for_good", [False, True])
@pytest.mark.parametrize("name", ["create", "change", "undo"])
def test_a_disk_that_fails_at_any_operation_is_told_plainly_and_loses_nothing(
    make: Callable[[], Any], name: str, for_good: bool
) -> None:
    for at in count(1):
        kinds = KINDS if os.environ.get("DPN_TESTS") == "full" else KINDS[at % 4 :][:1]
        done = [
            _checked(scene, failing(scene.lab.disk, at, number, for_good=for_good))
            for number in kinds
            for scene in [Scene(make, name)]
        ]
        if max(done) < at:
            break
    assert at > 60
