"""A world with a clock that stands still and a disk that counts."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from dpn.disk import Disk, RealDisk
from dpn.extensions import Holder
from dpn.model import Record
from dpn.store.file import FileBackend
from dpn.testing.clocks import StillClock
from dpn.world import World


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


MakeWorld = Callable[[Disk], World]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def make_world(tmp_path: Path, home: Path, clock: StillClock) -> MakeWorld:
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
def holder(clock: StillClock) -> Holder:
    return Holder(pid=42, host="box", user="ada", command="dpn apply", since=clock.now(), nonce="n1")


@pytest.fixture
def record() -> Record:
    address = "aws_s3_bucket.landing"
    spec = {"versioning": True, "tags": {"owner": "Zoë"}}
    return Record(address, "aws_s3_bucket", "acme-landing", spec, "aws", op="01j", needs=("aws_s3_bucket.log",))
