"""A disk in memory on which only what was synced survives for sure: bytes by the file's sync, names by the folder's."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeAlias

Data: TypeAlias = Literal["kept", "lost", "torn", "zeros"]
Names: TypeAlias = Literal["kept", "lost"]

OUTCOMES: tuple[tuple[Data, Names], ...] = (
    ("kept", "kept"), ("lost", "lost"), ("lost", "kept"), ("torn", "kept"), ("zeros", "kept"), ("kept", "lost"),
    ("torn", "lost"), ("zeros", "lost"),
)  # fmt: skip
"""What may become of unsynced bytes and names; lost bytes under a kept name are a rename without its data."""


_SPOILABLE = {"state": "/state.json", "journal": "/journal"}
_FOLLOWED = 2
"""Lines of a journal, the last of which tells that the second was whole once."""

_ME = os.getuid() if hasattr(os, "getuid") else 0


@dataclass(frozen=True, slots=True)
class File:
    """The bytes as a process sees them, those that are durable, and what was done in between."""

    now: bytes = b""
    durable: bytes = b""
    since: tuple[tuple[str, int, bytes], ...] = ()  # (operation, offset or size, bytes)

    def done(self, operation: str, at: int, data: bytes = b"") -> File:
        """Give the file after one more operation."""
        return replace(self, now=_after(self.now, operation, at, data), since=(*self.since, (operation, at, data)))

    def survivor(self, data: Data) -> File:
        """Give the file that a restart finds."""
        if not self.since or data == "lost":
            return File(self.durable, self.durable)
        content = self.durable
        for number, (operation, at, written) in enumerate(self.since):
            last = number == len(self.since) - 1
            if data == "torn" and last and operation != "write":
                break
            kept = written[: len(written) // 2] if data == "torn" and last else written
            if data == "zeros" and content[at : at + len(kept)] != kept:  # what is written once more stays as it is
                kept = bytes(len(kept))
            content = _after(content, operation, at, kept)
        return File(content, content)


def _after(content: bytes, operation: str, at: int, data: bytes) -> bytes:
    if operation == "write":
        return content[:at].ljust(at, b"\0") + data + content[at + len(data) :]
    return content[:at] if operation == "truncate" else content + bytes(at)


def _flipped(content: bytes) -> bytes:
    """Change one bit of the second line, which others follow."""
    first = content.find(b"\n") + 1
    at = (first + content.find(b"\n", first)) // 2
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


@dataclass(frozen=True, slots=True)
class DiskImage:
    """Everything on the disk at one moment: files by path and number, those of durable names, folders.

    Paths are text here: a search hashes them a million times.
    """

    names: dict[str, int]
    durable: dict[str, int]
    files: dict[int, File]
    folders: frozenset[str]

    def survivors(self) -> Iterator[tuple[Data, Names, DiskImage]]:
        """Give what a restart may find, each only once."""
        seen: set[object] = set()
        for data, names in OUTCOMES:
            image = self.survivor(data, names)
            key = frozenset((path, image.files[number].now) for path, number in image.names.items())
            if key not in seen:
                seen.add(key)
                yield data, names, image

    def spoils(self) -> list[str]:
        """Give the damages that can be done here and that must be noticed: in a journal, something must follow."""
        state, journal = self._content("/state.json"), self._content("/journal")
        followed = ["flip-journal"] if journal.count(b"\n") > _FOLLOWED else []
        return [*(["empty-state", "flip-state"] if state else []), *followed]

    def spoilt(self, how: str) -> DiskImage:
        """Give the disk after damage that no crash does: `empty-state`, `flip-state` or `flip-journal`."""
        what, name = how.split("-")
        files = dict(self.files)
        for path, number in self.names.items():
            if path.endswith(_SPOILABLE[name]):
                content = b"" if what == "empty" else _flipped(files[number].now)
                files[number] = File(content, content)
        return DiskImage(self.names, self.durable, files, self.folders)

    def _content(self, end: str) -> bytes:
        return next((self.files[number].now for path, number in self.names.items() if path.endswith(end)), b"")

    def survivor(self, data: Data, names: Names) -> DiskImage:
        """Give what a restart finds."""
        kept = self.names if names == "kept" else self.durable
        files = {number: self.files[number].survivor(data) for number in kept.values()}
        return DiskImage(kept, kept, files, self.folders)


class SimDisk:
    """A `Disk` over an image. `step` is called before each operation that changes something, and may raise."""

    def __init__(self, step: Callable[[str], None]) -> None:
        self._step = step
        self._open: dict[int, int] = {}
        self._locked: dict[int, int] = {}
        self.restart(DiskImage({}, {}, {}, frozenset({"/"})))

    def image(self) -> DiskImage:
        """Give what is on the disk now."""
        return DiskImage(dict(self._names), dict(self._durable), dict(self._files), self._folders)

    def restart(self, image: DiskImage) -> None:
        """Come back with what an image holds; nothing is open and nothing is locked."""
        self._names, self._durable, self._files = dict(image.names), dict(image.durable), dict(image.files)
        self._folders = image.folders
        self._next = max((2, *image.files))
        self._open.clear()
        self._locked.clear()

    def read(self, path: Path) -> bytes:
        return self._files[self._find(path)].now

    def _find(self, path: Path) -> int:
        number = self._names.get(str(path))
        if number is None:
            raise FileNotFoundError(errno.ENOENT, "No such file", str(path))
        return number

    def names(self, folder: Path) -> list[str]:
        start = f"{folder}/"
        inside = [path.removeprefix(start) for path in (*self._names, *self._folders) if path.startswith(start)]
        return sorted(name for name in inside if name and "/" not in name)

    def look(self, path: Path) -> tuple[int, int] | None:
        if str(path) in self._folders:
            return stat.S_IFDIR | 0o700, _ME
        return (stat.S_IFREG | 0o600, _ME) if str(path) in self._names else None

    def make_folder(self, folder: Path) -> None:
        if str(folder) not in self._folders:
            self._folders |= {str(folder), *map(str, folder.parents)}

    def create(self, path: Path) -> int:
        if str(path) in self._names:
            raise FileExistsError(errno.EEXIST, "File exists", str(path))
        return self.open(path)

    def open(self, path: Path) -> int:
        name = str(path)
        if name not in self._names:
            self._step("create")
            self._next += 1
            self._names[name], self._files[self._next] = self._next, File()
        self._next += 1
        self._open[self._next] = self._names[name]
        return self._next

    def size(self, fd: int) -> int:
        return len(self._files[self._open[fd]].now)

    def write(self, fd: int, data: bytes, offset: int) -> None:
        self._do(fd, "write", offset, data)

    def reserve(self, fd: int, size: int) -> None:
        self._do(fd, "reserve", size)

    def truncate(self, fd: int, size: int) -> None:
        self._do(fd, "truncate", size)

    def _do(self, fd: int, operation: str, at: int, data: bytes = b"") -> None:
        self._step(operation)
        number = self._open[fd]
        self._files[number] = self._files[number].done(operation, at, data)

    def sync(self, fd: int) -> None:
        self._step("sync")
        number = self._open[fd]
        now = self._files[number].now
        self._files[number] = File(now, now)

    def close(self, fd: int) -> None:
        self._open.pop(fd, None)
        self._locked.pop(fd, None)

    def rename(self, old: Path, new: Path) -> None:
        number = self._find(old)
        self._step("rename")
        self._names[str(new)] = number
        del self._names[str(old)]

    def remove(self, path: Path) -> None:
        if str(path) in self._names:
            self._step("remove")
            del self._names[str(path)]

    def sync_folder(self, folder: Path) -> None:
        self._step("sync_folder")
        inside = str(folder)
        kept = {path: number for path, number in self._durable.items() if path.rpartition("/")[0] != inside}
        self._durable = kept | {
            path: number for path, number in self._names.items() if path.rpartition("/")[0] == inside
        }

    def try_lock(self, fd: int) -> bool:
        number = self._open[fd]
        if any(held == number for other, held in self._locked.items() if other != fd):
            return False
        self._locked[fd] = number
        return True
