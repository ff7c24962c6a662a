"""Traces of what runs did to the disk, played again up to any operation, and without some that were never synced.

A trace holds the operations that change something, as the real disk carried them out, in their order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

from dpn.disk import RealDisk


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation; `file` numbers what was opened, made or renamed, `path` and `target` are names."""

    name: str
    path: Path
    file: int = -1
    data: bytes = b""
    offset: int = 0
    target: Path = Path()


class RecordingDisk(RealDisk):
    """The real disk, which takes note of what it does. `before` is called first, and may raise."""

    def __init__(self) -> None:
        self.before: Callable[[], None] = lambda: None
        self.trace: list[Operation] = []
        self._files: dict[int, tuple[int, Path]] = {}
        self._born: dict[Path, int] = {}
        self._made = 0

    def _note(self, name: str, fd: int, **more: Any) -> None:
        file, path = self._files[fd]
        self.trace.append(Operation(name, path, file, **more))

    def create(self, path: Path) -> int:
        return self._opened("create", super().create(path), path)

    def open(self, path: Path) -> int:
        name = "open" if path.exists() else "create"
        return self._opened(name, super().open(path), path)

    def _opened(self, name: str, fd: int, path: Path) -> int:
        self._made += 1
        self._files[fd] = (self._made, path)
        if name == "create":
            self._born[path] = self._made
        self._note(name, fd)
        return fd

    def write(self, fd: int, data: bytes, offset: int) -> None:
        self.before()
        super().write(fd, data, offset)
        self._note("write", fd, data=data, offset=offset)

    def sync(self, fd: int) -> None:
        self.before()
        super().sync(fd)
        self._note("sync", fd)

    def reserve(self, fd: int, size: int) -> None:
        end = self.size(fd)
        super().reserve(fd, size)
        self._note("reserve", fd, offset=end + size)

    def truncate(self, fd: int, size: int) -> None:
        super().truncate(fd, size)
        self._note("truncate", fd, offset=size)

    def rename(self, old: Path, new: Path) -> None:
        self.before()
        super().rename(old, new)
        self.trace.append(Operation("rename", old, self._born.get(old, -1), target=new))
        self._born[new] = self._born.pop(old, -1)

    def remove(self, path: Path) -> None:
        there = path.exists()
        super().remove(path)
        if there:
            self.trace.append(Operation("remove", path))

    def sync_folder(self, folder: Path) -> None:
        super().sync_folder(folder)
        self.trace.append(Operation("sync_folder", folder))


@dataclass
class Replay:
    """The files after some operations, some of which were lost."""

    names: dict[Path, int] = field(default_factory=dict)
    contents: dict[int, bytearray] = field(default_factory=dict)
    _opened: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, files: Mapping[Path, bytes]) -> Replay:
        """Begin with files that are there already."""
        numbered = list(enumerate(files.items(), start=1_000_000))
        return cls({path: n for n, (path, _) in numbered}, {n: bytearray(content) for n, (_, content) in numbered})

    def play(self, operations: Iterable[Operation]) -> Replay:
        """Carry out operations; what needs a name that was lost is lost as well."""
        for operation in operations:
            getattr(self, f"_{operation.name}", lambda _: None)(operation)
        return self

    def _create(self, operation: Operation) -> None:
        file = self.names.setdefault(operation.path, operation.file)
        self._opened[operation.file] = file
        self.contents.setdefault(file, bytearray())

    _open = _create

    def _content(self, operation: Operation) -> bytearray:
        return self.contents.setdefault(self._opened.get(operation.file, operation.file), bytearray())

    def _write(self, operation: Operation) -> None:
        content, end = self._content(operation), operation.offset + len(operation.data)
        content.extend(bytes(max(0, end - len(content))))
        content[operation.offset : end] = operation.data

    def _reserve(self, operation: Operation) -> None:
        content = self._content(operation)
        content.extend(bytes(max(0, operation.offset - len(content))))

    def _truncate(self, operation: Operation) -> None:
        del self._content(operation)[operation.offset :]

    def _rename(self, operation: Operation) -> None:
        """Give what was renamed its new name, also where the making of its old one was lost: both name one inode."""
        before = self.names.pop(operation.path, -1)
        file = operation.file if operation.file in self.contents else before
        if file >= 0:
            self.names[operation.target] = file

    def _remove(self, operation: Operation) -> None:
        self.names.pop(operation.path, None)

    def files(self) -> dict[Path, bytes]:
        """Give the content of each file."""
        return {path: bytes(self.contents[file]) for path, file in self.names.items()}


def unsynced(trace: list[Operation]) -> list[int]:
    """Give the operations that a crash after the last one may lose: bytes by file, names by folder."""
    left: list[int] = []
    for at, done in enumerate(trace):
        if done.name == "sync":
            left = [n for n in left if not (_of_bytes(trace[n]) and trace[n].path == done.path)]
        elif done.name == "sync_folder":
            left = [n for n in left if _of_bytes(trace[n]) or done.path not in _folders(trace[n])]
        elif done.name != "open":
            left.append(at)
    return left


def _of_bytes(operation: Operation) -> bool:
    return operation.name in ("write", "reserve", "truncate")


def _folders(operation: Operation) -> set[Path]:
    """Give the folders whose names it changed; a rename is durable as soon as one of two is: it is one transaction."""
    return {operation.path.parent, operation.target.parent} if operation.name == "rename" else {operation.path.parent}


def losses(trace: list[Operation], most: int) -> Iterator[list[Operation]]:
    """Give the trace, and the trace without each set of up to `most` operations that were not synced."""
    at_risk = unsynced(trace)
    for size in range(most + 1):
        for lost in combinations(at_risk, size):
            yield [operation for number, operation in enumerate(trace) if number not in lost]
