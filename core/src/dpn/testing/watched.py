"""A disk that tells of each operation before and after it is done: what stops, fails or records runs hooks in here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from dpn.disk import Disk

OPERATIONS = {
    "lock": ("open", "take", "write", "sync"),
    "journal": ("create", "open", "reserve", "write", "sync", "truncate", "remove"),
    "state": ("create", "write", "sync", "rename", "remove"),
    "backup": ("create", "write", "sync", "rename", "remove"),
    "history": ("rename", "remove"),
    "folder": ("make", "sync"),
}
"""What is done to each file of a stack; `remove` of a state is that of its unfinished copy, `folder` is any folder."""

_FILES = {"lock": "lock", "journal": "journal", "state.json": "state", "state.json.backup": "backup"}


def file_of(path: Path) -> str:
    """Give the word for a file of a stack; empty for another file."""
    if path.parent.name == "history":
        return "history"
    return _FILES.get(path.name.removesuffix(".tmp"), "") if path.parent.parent.name == "stacks" else ""


class WatchedDisk:
    """A disk around another one. `watch` is called with `FILE.OPERATION.before` and `.after`, and may raise."""

    def __init__(self, disk: Disk, watch: Callable[[str], None]) -> None:
        self._disk, self._watch = disk, watch
        self._files: dict[int, str] = {}

    def _do(self, file: str, operation: str, work: Callable[[], Any]) -> Any:
        if not file:
            return work()
        self._watch(f"{file}.{operation}.before")
        result = work()
        self._watch(f"{file}.{operation}.after")
        return result

    def read(self, path: Path) -> bytes:
        return self._disk.read(path)

    def names(self, folder: Path) -> list[str]:
        return self._disk.names(folder)

    def look(self, path: Path) -> tuple[int, int] | None:
        return self._disk.look(path)

    def size(self, fd: int) -> int:
        return self._disk.size(fd)

    def make_folder(self, folder: Path) -> None:
        self._do("folder" * ("stacks" in folder.parts), "make", lambda: self._disk.make_folder(folder))

    def create(self, path: Path) -> int:
        return self._opened(path, "create", self._disk.create)

    def open(self, path: Path) -> int:
        return self._opened(path, "open", self._disk.open)

    def _opened(self, path: Path, operation: str, work: Callable[[Path], int]) -> int:
        def opened() -> int:
            fd = work(path)
            self._files[fd] = file_of(path)
            return fd

        return int(self._do(file_of(path), operation, opened))

    def write(self, fd: int, data: bytes, offset: int) -> None:
        self._do(self._files.get(fd, ""), "write", lambda: self._disk.write(fd, data, offset))

    def sync(self, fd: int) -> None:
        self._do(self._files.get(fd, ""), "sync", lambda: self._disk.sync(fd))

    def reserve(self, fd: int, size: int) -> None:
        self._do(self._files.get(fd, ""), "reserve", lambda: self._disk.reserve(fd, size))

    def truncate(self, fd: int, size: int) -> None:
        self._do(self._files.get(fd, ""), "truncate", lambda: self._disk.truncate(fd, size))

    def close(self, fd: int) -> None:
        self._files.pop(fd, None)
        self._disk.close(fd)

    def rename(self, old: Path, new: Path) -> None:
        self._do(file_of(new), "rename", lambda: self._disk.rename(old, new))

    def remove(self, path: Path) -> None:
        self._do(file_of(path), "remove", lambda: self._disk.remove(path))

    def sync_folder(self, folder: Path) -> None:
        self._do("folder" * ("stacks" in folder.parts), "sync", lambda: self._disk.sync_folder(folder))

    def try_lock(self, fd: int) -> bool:
        return bool(self._do(self._files.get(fd, ""), "take", lambda: self._disk.try_lock(fd)))
