"""The files of a stack in the middle of a run, damaged in every way: an exact beginning of what was written, or a refusal.

A sample runs with the tests; `nox -s traces` runs all 32,768 flipped bits and all the rest.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

import pytest

from dpn.disk import RealDisk
from dpn.errors import DamagedError, DpnError, PluginError
from dpn.extensions import Snapshot
from dpn.store import journal, lock
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
    """Let a run make two boxes and a second one stop where its journal has almost 4 KiB."""
    boxes = [lab.thing(f"mem_box.b{number}", size=number) for number in range(4)]
    lab.apply(*boxes[:2])
    entries = lab.apply(*boxes) and lab.last_journal()
    home = tmp_path / "patient"
    shutil.copytree(lab.home, home)
    folder = home / "stacks" / STACK
    newest = max(folder.glob("history/*"))
    newest.unlink()
    committed = newest.with_name("state.json")
    lines = newest.read_bytes().splitlines(keepends=True)
    while len(b"".join(lines)) > SIZE:
        lines.pop()
    del entries, committed
    (folder / "journal").write_bytes(b"".join(lines).ljust(SIZE, b"\0"))
    return _with_the_state_before(home, lab)


def _with_the_state_before(home: Path, lab: Any) -> Patient:
    raise NotImplementedError
