from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dpn.disk import RealDisk, write_out


@pytest.fixture
def disk() -> RealDisk:
    return RealDisk()


@pytest.fixture
def loose() -> Iterator[None]:
    """Set a umask that would let everybody in."""
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.usefixtures("loose")
def test_files_and_folders_are_private_from_the_first_moment(disk: RealDisk, tmp_path: Path) -> None:
    disk.make_folder(tmp_path / "a" / "b")
    for name, make in (("created", disk.create), ("opened", disk.open)):
        disk.close(make(tmp_path / name))
        assert mode(tmp_path / name) == 0o600
    assert (mode(tmp_path / "a"), mode(tmp_path / "a" / "b")) == (0o700, 0o700)


def test_a_folder_that_is_there_is_left_as_it_is(disk: RealDisk, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir(0o755)
    disk.make_folder(tmp_path / "a")
    assert mode(tmp_path / "a") == 0o755


def test_a_file_that_is_there_is_not_made_again(disk: RealDisk, tmp_path: Path) -> None:
    disk.close(disk.create(tmp_path / "x"))
    with pytest.raises(FileExistsError):
        disk.create(tmp_path / "x")


@pytest.mark.parametrize("make", ["create", "open"])
@pytest.mark.parametrize("there", [True, False])
def test_a_link_is_never_followed(disk: RealDisk, tmp_path: Path, make: str, there: bool) -> None:
    victim = tmp_path / "victim"
    if there:
        victim.write_text("mine")
    (tmp_path / "link").symlink_to(victim)
    with pytest.raises(OSError, match=r"link|symbolic|exists"):
        getattr(disk, make)(tmp_path / "link")
    assert victim.exists() is there


def test_what_is_at_a_path_is_told_without_following_links(disk: RealDisk, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    found = disk.look(tmp_path / "link")
    assert found
    assert stat.S_ISLNK(found[0])
    assert found[1] == os.getuid()
    assert disk.look(tmp_path / "nothing") is None


def test_names_come_sorted_and_no_folder_has_none(disk: RealDisk, tmp_path: Path) -> None:
    for name in "cab":
        (tmp_path / name).touch()
    assert disk.names(tmp_path) == ["a", "b", "c"]
    assert disk.names(tmp_path / "nowhere") == []


def test_all_is_written_where_it_was_to_be(disk: RealDisk, tmp_path: Path) -> None:
    fd = disk.create(tmp_path / "x")
    disk.write(fd, b"hello world", 0)
    disk.write(fd, b"WORLD", 6)
    disk.sync(fd)
    assert disk.size(fd) == 11
    disk.close(fd)
    assert disk.read(tmp_path / "x") == b"hello WORLD"


def test_a_short_write_goes_on(disk: RealDisk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda fd, data, offset: whole(fd, bytes(data)[:3], offset))
    fd = disk.create(tmp_path / "x")
    disk.write(fd, b"hello world", 2)
    disk.close(fd)
    assert disk.read(tmp_path / "x") == b"\0\0hello world"


def _no_fallocate(monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    if how == "absent":
        monkeypatch.delattr(os, "posix_fallocate", raising=False)
        return

    def refuse(*_: Any) -> None:
        raise OSError(errno.EOPNOTSUPP if how == "unsupported" else errno.ENOSPC, "no")

    monkeypatch.setattr(os, "posix_fallocate", refuse, raising=False)


@pytest.mark.parametrize("how", ["here", "absent", "unsupported"])
def test_room_is_reserved_behind_what_is_there(
    disk: RealDisk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    if how != "here":
        _no_fallocate(monkeypatch, how)
    fd = disk.create(tmp_path / "x")
    disk.write(fd, b"abc", 0)
    disk.reserve(fd, 100)
    assert disk.size(fd) == 103
    disk.truncate(fd, 3)
    disk.close(fd)
    assert disk.read(tmp_path / "x") == b"abc"


def test_a_full_disk_is_told_before_anything_is_begun(
    disk: RealDisk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _no_fallocate(monkeypatch, "full")
    fd = disk.create(tmp_path / "x")
    with pytest.raises(OSError, match="no") as caught:
        disk.reserve(fd, 100)
    assert caught.value.errno == errno.ENOSPC
    disk.close(fd)


def test_a_file_is_replaced_in_one_step_and_removed_twice(disk: RealDisk, tmp_path: Path) -> None:
    for name, text in (("new", b"new"), ("old", b"old")):
        (tmp_path / name).write_bytes(text)
    disk.rename(tmp_path / "new", tmp_path / "old")
    disk.sync_folder(tmp_path)
    assert disk.names(tmp_path) == ["old"]
    assert disk.read(tmp_path / "old") == b"new"
    disk.remove(tmp_path / "old")
    disk.remove(tmp_path / "old")
    assert disk.names(tmp_path) == []


def test_one_holder_at_a_time_until_it_lets_go(disk: RealDisk, tmp_path: Path) -> None:
    first, second = disk.open(tmp_path / "lock"), disk.open(tmp_path / "lock")
    assert disk.try_lock(first)
    assert not disk.try_lock(second)
    disk.close(first)
    assert disk.try_lock(second)
    disk.close(second)


def test_descriptors_are_not_handed_to_other_programs(disk: RealDisk, tmp_path: Path) -> None:
    fd = disk.open(tmp_path / "x")
    assert not os.get_inheritable(fd)
    disk.close(fd)


def test_a_file_that_is_gone_is_an_error_of_the_system(disk: RealDisk, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        disk.read(tmp_path / "nothing")


# files that a person names -------------------------------------------------------------------------------------------


def test_a_file_that_a_person_named_is_replaced_and_private(disk: RealDisk, tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text("before")
    (tmp_path / "state.json").chmod(0o644)
    write_out(disk, tmp_path / "state.json", b"now")
    assert (tmp_path / "state.json").read_bytes() == b"now"
    assert mode(tmp_path / "state.json") == 0o600
    assert list(tmp_path.iterdir()) == [tmp_path / "state.json"]


@pytest.mark.parametrize("step", ["write", "sync", "rename"])
def test_what_is_there_stays_when_the_new_one_cannot_be_written(tmp_path: Path, step: str) -> None:
    class Full(RealDisk):
        def fail(self, *_: object) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    disk = Full()
    setattr(disk, step, disk.fail)
    (tmp_path / "state.json").write_text("the only good copy")
    with pytest.raises(OSError, match="No space"):
        write_out(disk, tmp_path / "state.json", b"now")
    assert (tmp_path / "state.json").read_text() == "the only good copy"
    assert list(tmp_path.iterdir()) == [tmp_path / "state.json"]


def test_a_pipe_is_written_to_and_stays_a_pipe(disk: RealDisk, tmp_path: Path) -> None:
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    for path in (pipe, link):
        write_out(disk, path, b"now")
        assert os.read(reader, 9) == b"now"
    os.close(reader)
    assert pipe.is_fifo()
    assert link.is_symlink()


def test_a_device_stays_a_device(disk: RealDisk) -> None:
    write_out(disk, Path(os.devnull), b"now")
    assert Path(os.devnull).is_char_device()


def test_a_link_to_a_file_or_to_nothing_is_replaced_and_not_followed(disk: RealDisk, tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("mine")
    for target in ("victim", "nothing"):
        link = tmp_path / f"to-{target}"
        link.symlink_to(tmp_path / target)
        write_out(disk, link, b"now")
        assert not link.is_symlink()
    assert (tmp_path / "victim").read_text() == "mine"
    assert not (tmp_path / "nothing").exists()


def test_a_folder_is_no_file(disk: RealDisk, tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        write_out(disk, tmp_path, b"now")
