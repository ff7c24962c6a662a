from __future__ import annotations

import errno
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from dpn.errors import InputError
from dpn.testing.failpoints import Failpoint, Failpoints, parse, switched_on
from dpn.testing.watched import WatchedDisk, file_of
from dpn.world import World


def test_points_have_a_side_a_number_and_an_action() -> None:
    assert parse("journal.sync:kill, create.after@3:exit") == (
        Failpoint("journal.sync.before", 1, "kill"),
        Failpoint("create.after", 3, "exit"),
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("journal.sink:kill", "journal.sync"),
        ("journal.sync:kil", "kill"),
        ("journal.sync", "POINT"),
        ("journal.sync@0:kill", "POINT"),
        ("journal.sync:kill,", "POINT"),
        ("journal.sync.between:kill", "journal.sync"),
    ],
)
def test_what_is_no_failpoint_names_what_there_is(text: str, told: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(text)
    assert told in f"{caught.value.message} {caught.value.hint}"
    assert caught.value.exit_code == 64


def test_nothing_is_switched_on_without_the_variable(tmp_path: Path) -> None:
    assert switched_on(World(env={}, cwd=tmp_path), {}) is None
    assert switched_on(World(env={}, cwd=tmp_path), {"DPN_FAILPOINT": ""}) is None


@pytest.mark.parametrize(
    ("action", "number"),
    [("eio", errno.EIO), ("enospc", errno.ENOSPC), ("emfile", errno.EMFILE), ("eacces", errno.EACCES)],
)
def test_a_point_acts_at_its_time_only(tmp_path: Path, action: str, number: int) -> None:
    points = Failpoints(parse(f"journal.sync@2:{action}"), World(env={}, cwd=tmp_path))
    points.at("journal.sync.before")
    points.at("journal.sync.after")
    with pytest.raises(OSError, match=os.strerror(number)) as caught:
        points.at("journal.sync.before")
    assert caught.value.errno == number
    points.at("journal.sync.before")


def test_a_sleep_is_one_of_the_world(tmp_path: Path) -> None:
    slept: list[float] = []
    points = Failpoints(parse("put:sleep"), replace(World(env={}, cwd=tmp_path), sleep=slept.append))
    points.at("put.before")
    points.at("put.before")
    assert slept == [1.0]


def test_a_watched_disk_tells_of_what_is_done_to_the_files_of_a_stack(tmp_path: Path) -> None:
    passed: list[str] = []
    disk = WatchedDisk(World(env={}, cwd=tmp_path).disk, passed.append)
    folder = tmp_path / "stacks" / "a.dev"
    work: list[tuple[Callable[[], object], list[str]]] = [
        (lambda: disk.make_folder(folder), ["folder.make"]),
        (lambda: disk.make_folder(tmp_path / "elsewhere"), []),
        (lambda: disk.close(disk.open(tmp_path / "journal")), []),
        (lambda: disk.close(disk.create(folder / "state.json.tmp")), ["state.create"]),
        (lambda: disk.rename(folder / "state.json.tmp", folder / "state.json"), ["state.rename"]),
        (lambda: disk.remove(folder / "state.json.backup.tmp"), ["backup.remove"]),
        (lambda: disk.sync_folder(folder), ["folder.sync"]),
    ]
    for act, points in work:
        passed.clear()
        act()
        assert passed == [f"{point}.{side}" for point in points for side in ("before", "after")]
    assert disk.names(folder) == ["state.json"]
    assert disk.read(folder / "state.json") == b""
    assert disk.look(folder)


def test_each_file_of_a_stack_has_a_word() -> None:
    stack = Path("/home/stacks/a.dev")
    words = {"lock": "lock", "journal": "journal", "state.json": "state", "state.json.backup.tmp": "backup", "x": ""}
    assert {name: file_of(stack / name) for name in words} == words
    assert file_of(stack / "history" / "00000001-x.journal") == "history"
    assert file_of(Path("/home/journal")) == ""
