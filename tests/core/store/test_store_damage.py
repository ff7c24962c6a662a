"""The files of a stack in the middle of a run, damaged in every way: what was written, its beginning, or a refusal.

A sample runs with the tests; `nox -s traces` runs all 32,768 flipped bits and all the rest.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any

import pytest

from dpn.disk import RealDisk
from dpn.errors import DamagedError, PluginError
from dpn.extensions import Snapshot
from dpn.store import lock
from dpn.store.file import FileBackend
from dpn.world import World

sys.path.insert(0, str(Path(__file__).parent / "recorded"))
from trace_runs import HOLDER, STACK

FULL = os.environ.get("DPN_TESTS") == "full"
SIZE = 4096
SPLICES = 50_000 if FULL else 800


class Overlay(RealDisk):
    """The real disk, on which one file reads otherwise."""

    def __init__(self) -> None:
        self.path, self.content = Path(), b""

    def read(self, path: Path) -> bytes:
        return self.content if path == self.path else super().read(path)


@dataclass
class Patient:
    """A home with a committed state, an open journal of 4 KiB and a history."""

    home: Path
    disk: Overlay
    backend: FileBackend
    true: Snapshot

    @property
    def folder(self) -> Path:
        return self.home / "stacks" / STACK

    def file(self, name: str) -> Path:
        return next(self.folder.glob("history/*")) if name == "history" else self.folder / name

    def read(self, name: str, content: bytes) -> Snapshot:
        """Read the stack with one of its files as it is given."""
        self.disk.path, self.disk.content = self.file(name), content
        return self.backend.read(STACK)


@pytest.fixture
def patient(lab: Any, tmp_path: Path) -> Patient:
    """Give the home after one run, with the journal of the next, which stopped before it had 4 KiB."""
    boxes = [lab.thing(f"mem_box.b{number}", size=number) for number in range(8)]
    lab.apply(*boxes[:2])
    home = tmp_path / "patient"
    shutil.copytree(lab.home, home)
    lab.apply(*boxes)
    written = max((lab.home / "stacks" / STACK / "history").iterdir()).read_bytes()
    kept = written[: written.rfind(b"\n", 0, SIZE) + 1]
    (home / "stacks" / STACK / "journal").write_bytes(kept.ljust(SIZE, b"\0"))
    (home / "stacks" / STACK / "journal").chmod(0o600)
    disk = Overlay()
    backend = FileBackend(World(env={"HOME": str(home)}, cwd=home, disk=disk), home)
    true = backend.read(STACK)
    assert len(true.journal) > 5
    return Patient(home, disk, backend, true)


# the damages: each with the place where it begins -----------------------------------------------------------------

Damaged = tuple[int, bytes]


def flips(content: bytes) -> Iterator[Damaged]:
    """Flip each bit."""
    for at in range(len(content)):
        for bit in range(8):
            yield at, content[:at] + bytes([content[at] ^ 1 << bit]) + content[at + 1 :]


def cuts(content: bytes) -> Iterator[Damaged]:
    """Cut at each length."""
    return ((at, content[:at]) for at in range(len(content)))


def holes(content: bytes) -> Iterator[Damaged]:
    """Make each byte a zero."""
    return ((at, content[:at] + b"\0" + content[at + 1 :]) for at in range(len(content)) if content[at])


def splices(content: bytes) -> Iterator[Damaged]:
    """Put a piece from anywhere in place of another one."""
    rng = random.Random(4)
    for _ in range(SPLICES):
        at, source, size = rng.randrange(len(content)), rng.randrange(len(content)), rng.randrange(1, 600)
        gone = rng.choice((0, size, rng.randrange(600)))
        spliced = content[:at] + content[source : source + size] + content[at + gone :]
        if spliced != content:
            yield next(
                (n for n, pair in enumerate(zip(spliced, content, strict=False)) if pair[0] != pair[1]), at
            ), spliced


DAMAGES: dict[str, Callable[[bytes], Iterable[Damaged]]] = {
    "flips": flips, "cuts": cuts, "holes": holes, "splices": splices
}  # fmt: skip


def damages(name: str, content: bytes, one_in: int) -> Iterator[Damaged]:
    """Give the damages of one sort: all of them, or one in so many."""
    return islice(iter(DAMAGES[name](content)), 0, None, 1 if FULL or name == "splices" else one_in)


# what must come of it ---------------------------------------------------------------------------------------------


def tried(work: Callable[[], Any]) -> Any:
    """Give what comes of it, or the class of the refusal; any other exception fails the test."""
    try:
        return work()
    except (DamagedError, PluginError) as error:
        return type(error)


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_journal_gives_an_exact_beginning_or_is_refused(patient: Patient, name: str) -> None:
    content = patient.file("journal").read_bytes()
    for at, damaged in damages(name, content, 9):
        found = tried(partial(patient.read, "journal", damaged))
        if found is DamagedError:
            continue
        assert isinstance(found, Snapshot), at
        assert found.records == patient.true.records
        assert found.journal == patient.true.journal[: len(found.journal)], at
        whole = content[:at].count(b"\n")
        assert len(found.journal) >= whole or whole <= 1, at  # one that has a header only has done nothing


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_state_is_refused(patient: Patient, name: str) -> None:
    content = patient.file("state.json").read_bytes()
    version = content.index(b'"format": 1') + len(b'"format": ')
    newer = 0
    for at, damaged in damages(name, content, 9):
        found = tried(partial(patient.read, "state.json", damaged))
        assert found in (DamagedError, PluginError), at
        newer += found is PluginError
        assert found is DamagedError or name == "splices" or at == version
    assert name != "flips" or not FULL or newer > 0


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_lock_file_tells_of_a_true_holder_or_of_none(patient: Patient, name: str) -> None:
    patient.backend.open(STACK, HOLDER).close()
    content = patient.file("lock").read_bytes()
    patient.disk.path = patient.file("lock")

    def claim(text: bytes) -> Any:
        patient.disk.content = text
        return lock.read_claim(patient.disk, patient.disk.path)

    claims = (claim(content[:1024]), claim(content[1024:].rjust(len(content), b"\0")), None)
    assert claims[0] != claims[1]
    for at, damaged in damages(name, content, 9):
        assert claim(damaged) in claims, at


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_history_is_shown_as_such_or_to_the_last_good_entry(patient: Patient, name: str) -> None:
    (true,) = patient.backend.history(STACK)
    content = patient.file("history").read_bytes()
    patient.disk.path = patient.file("history")
    for at, damaged in damages(name, content, 9):
        patient.disk.content = damaged
        (row,) = patient.backend.history(STACK)
        assert row == true or "damaged" in row or row["entries"] < true["entries"], at


@pytest.mark.parametrize("file", ["journal", "state.json", "state.json.backup", "lock"])
def test_a_writer_comes_to_the_same_conclusion_as_a_reader(patient: Patient, file: str, tmp_path: Path) -> None:
    content = patient.file(file).read_bytes()
    every = list(chain(flips(content.rstrip(b"\0")), cuts(content), [(0, b"")]))
    for at, damaged in random.Random(8).sample(every, 2_000 if FULL else 60):
        home = tmp_path / "again"
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(patient.home, home)
        (home / "stacks" / STACK / file).write_bytes(damaged)
        backend = FileBackend(World(env={"HOME": str(home)}, cwd=home), home)
        read = tried(partial(backend.read, STACK))
        opened = tried(partial(backend.open, STACK, HOLDER))
        if isinstance(read, Snapshot):
            assert (opened.snapshot.records, opened.snapshot.journal) == (read.records, read.journal), at
            opened.close()
        else:
            assert opened is read, at
