"""A world with a clock that stands still, a disk that counts, and a disk that forgets what was not synced."""

from __future__ import annotations

import errno
import os
import random
import stat
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from dpn.disk import Disk, RealDisk
from dpn.extensions import Holder
from dpn.model import Record
from dpn.store.file import FileBackend
from dpn.world import World


@dataclass
class FakeClock:
    time: float = 1_700_000_000.0

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


class CountingDisk(RealDisk):
    """The real disk, which counts, and fails where it is told to: `fail[method]` is an errno."""

    def __init__(self) -> None:
        self.count: Counter[str] = Counter()
        self.fail: dict[str, int] = {}

    def _note(self, method: str) -> None:
        self.count[method] += 1
        if method in self.fail:
            raise OSError(self.fail[method], os.strerror(self.fail[method]))

    def create(self, path: Path) -> int:
        self._note("create")
        return super().create(path)

    def write(self, fd: int, data: bytes, offset: int) -> None:
        self._note("write")
        super().write(fd, data, offset)

    def sync(self, fd: int) -> None:
        self._note("sync")
        super().sync(fd)

    def reserve(self, fd: int, size: int) -> None:
        self._note("reserve")
        super().reserve(fd, size)

    def remove(self, path: Path) -> None:
        self._note("remove")
        super().remove(path)

    def rename(self, old: Path, new: Path) -> None:
        self._note("rename")
        super().rename(old, new)

    def close(self, fd: int) -> None:
        super().close(fd)
        self._note("close")

    def try_lock(self, fd: int) -> bool:
        self._note("try_lock")
        return super().try_lock(fd)


class Crash(BaseException):
    """The machine stopped."""


@dataclass
class Inode:
    current: bytearray = field(default_factory=bytearray)
    durable: bytes = b""


class MemoryDisk:
    """A disk on which only what was synced survives: names by the folder's sync, bytes by the file's.

    `at(k)` may raise before the k-th operation; after a Crash nothing more can be done until `restart`.
    """

    def __init__(self) -> None:
        self.files: dict[Path, Inode] = {}
        self.durable: dict[Path, Inode] = {}
        self.folders: set[Path] = {Path("/")}
        self.open_files: dict[int, Inode] = {}
        self.locked: dict[int, Inode] = {}
        self.operations = 0
        self.at: Callable[[int, str], None] = lambda _k, _operation: None
        self._next = 3
        self._stopped = False

    def _step(self, operation: str) -> None:
        if self._stopped:
            raise Crash
        self.operations += 1
        try:
            self.at(self.operations, operation)
        except Crash:
            self._stopped = True
            raise

    def restart(self, data: str, names: str) -> None:
        """Come back after a crash: data is kept, lost, torn or zeros; names are kept or lost."""
        self._stopped = False
        self.open_files, self.locked = {}, {}
        self.files = dict(self.files if names == "kept" else self.durable)
        for inode in self.files.values():
            inode.durable = bytes(_survives(bytes(inode.current), inode.durable, data))
            inode.current = bytearray(inode.durable)
        self.durable = dict(self.files)

    def read(self, path: Path) -> bytes:
        self._step("read")
        return bytes(self._find(path).current)

    def _find(self, path: Path) -> Inode:
        if path not in self.files:
            raise FileNotFoundError(errno.ENOENT, "No such file", str(path))
        return self.files[path]

    def names(self, folder: Path) -> list[str]:
        self._step("names")
        return sorted({path.name for path in {*self.files, *self.folders} if path.parent == folder})

    def look(self, path: Path) -> tuple[int, int] | None:
        self._step("look")
        if path in self.folders:
            return stat.S_IFDIR | 0o700, os.getuid()
        return (stat.S_IFREG | 0o600, os.getuid()) if path in self.files else None

    def make_folder(self, folder: Path) -> None:
        self._step("make_folder")
        self.folders |= {folder, *folder.parents}

    def create(self, path: Path) -> int:
        self._step("create")
        if path in self.files:
            raise FileExistsError(errno.EEXIST, "File exists", str(path))
        return self._opened(path)

    def open(self, path: Path) -> int:
        self._step("open")
        return self._opened(path)

    def _opened(self, path: Path) -> int:
        self._next += 1
        self.open_files[self._next] = self.files.setdefault(path, Inode())
        return self._next

    def size(self, fd: int) -> int:
        self._step("size")
        return len(self.open_files[fd].current)

    def write(self, fd: int, data: bytes, offset: int) -> None:
        self._step("write")
        content = self.open_files[fd].current
        content.extend(bytes(max(0, offset + len(data) - len(content))))
        content[offset : offset + len(data)] = data

    def sync(self, fd: int) -> None:
        self._step("sync")
        self.open_files[fd].durable = bytes(self.open_files[fd].current)

    def reserve(self, fd: int, size: int) -> None:
        self._step("reserve")
        self.open_files[fd].current.extend(bytes(size))

    def truncate(self, fd: int, size: int) -> None:
        self._step("truncate")
        del self.open_files[fd].current[size:]

    def close(self, fd: int) -> None:
        self.open_files.pop(fd, None)
        self.locked.pop(fd, None)
        self._step("close")  # a close that fails has let go even so

    def rename(self, old: Path, new: Path) -> None:
        self._step("rename")
        self.files[new] = self._find(old)
        del self.files[old]

    def remove(self, path: Path) -> None:
        self._step("remove")
        self.files.pop(path, None)

    def sync_folder(self, folder: Path) -> None:
        self._step("sync_folder")
        self.durable = {path: inode for path, inode in self.durable.items() if path.parent != folder}
        self.durable |= {path: inode for path, inode in self.files.items() if path.parent == folder}

    def try_lock(self, fd: int) -> bool:
        self._step("try_lock")
        if any(inode is self.open_files[fd] for other, inode in self.locked.items() if other != fd):
            return False
        self.locked[fd] = self.open_files[fd]
        return True


def _survives(current: bytes, durable: bytes, data: str) -> bytes:
    if data == "kept" or current == durable:
        return current
    if data == "lost":
        return durable
    old = durable.ljust(len(current), b"\0")
    changed = [at for at in range(len(current)) if current[at] != old[at]] or [0]
    middle = (changed[0] + changed[-1] + 1) // 2
    if data == "torn":
        return current[:middle] + old[middle:]
    return old[: changed[0]] + bytes(changed[-1] + 1 - changed[0]) + old[changed[-1] + 1 :]


MakeWorld = Callable[[Disk], World]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def make_world(tmp_path: Path, home: Path, clock: FakeClock) -> MakeWorld:
    def make(disk: Disk) -> World:
        env = {"DPN_HOME": str(home), "HOME": str(tmp_path), "USER": "ada"}
        return World(env=env, cwd=tmp_path, clock=clock, rng=random.Random(7), sleep=clock.sleep, disk=disk)

    return make


@pytest.fixture
def disk() -> CountingDisk:
    return CountingDisk()


@pytest.fixture
def world(make_world: MakeWorld, disk: CountingDisk) -> World:
    return make_world(disk)


@pytest.fixture
def backend(world: World, home: Path) -> FileBackend:
    return FileBackend(world, home)


@pytest.fixture
def holder(clock: FakeClock) -> Holder:
    return Holder(pid=42, host="box", user="ada", command="dpn apply", since=clock.now(), nonce="n1")


@pytest.fixture
def record() -> Record:
    address = "aws_s3_bucket.landing"
    spec = {"versioning": True, "tags": {"owner": "Zoë"}}
    return Record(address, "aws_s3_bucket", "acme-landing", spec, "aws", op="01j", needs=("aws_s3_bucket.log",))


@pytest.fixture
def memory_disk() -> Callable[[], MemoryDisk]:
    return MemoryDisk


@pytest.fixture
def crash() -> type[Crash]:
    return Crash
