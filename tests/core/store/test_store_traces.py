"""Real runs are recorded, then cut off after each operation: what was acknowledged is there, the rest whole or absent.

The tests cut; `nox -s traces` also loses up to three operations that were not synced when the machine stopped.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from dpn.errors import DpnError
from dpn.extensions import Snapshot
from dpn.store import journal, state
from dpn.store.file import FileBackend
from dpn.world import World

sys.path.insert(0, str(Path(__file__).parent / "recorded"))
from trace_runs import HOLDER, RUNS, STACK
from traces import Operation, RecordingDisk, Replay, losses, unsynced

FULL = os.environ.get("DPN_TESTS") == "full"


@dataclass
class Story:
    """A trace, and what a reader may find after each part of it."""

    home: Path
    begun: Mapping[Path, bytes]
    trace: list[Operation]
    records: dict[int, Any] = field(default_factory=dict)
    entries: dict[str, tuple[Any, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Learn what each serial and each transaction held in the end."""
        for at in range(len(self.trace) + 1):
            now = self.snapshot(Replay.of(self.begun).play(self.trace[:at]))
            self.records[now.serial] = now.records
            if now.journal:
                held = self.entries.get(now.journal[0]["id"], ())
                self.entries[now.journal[0]["id"]] = max(held, now.journal, key=len)

    @property
    def folder(self) -> Path:
        return self.home / "stacks" / STACK

    def snapshot(self, replay: Replay) -> Now:
        """Read what is there without the store's own judgement: serial, records, the journal's entries, generation."""
        files = replay.files()
        content = files.get(self.folder / "state.json")
        committed = state.decode(content, self.folder).snapshot if content else None
        entries = journal.decode(files.get(self.folder / "journal", b"")).entries
        claim = files.get(self.folder / "lock", b"")
        found = [record[0] for at in (0, 1024) if (record := journal.record_at(claim, at))]
        serial, records = (committed.serial, committed.records) if committed else (0, {})
        return Now(serial, records, entries, max(found, default=0))


@dataclass(frozen=True)
class Now:
    """What there is at one moment."""

    serial: int = 0
    records: Mapping[str, Any] = field(default_factory=dict)
    journal: tuple[Any, ...] = ()
    generation: int = 0


def moments(story: Story) -> Iterator[tuple[int, Now, Now]]:
    """Give after each operation: its number, what was acknowledged, and what is there if nothing is lost."""
    known = Now()
    for at in range(len(story.trace) + 1):
        done = story.trace[:at]
        now = story.snapshot(Replay.of(story.begun).play(done))
        at_risk = {path for n in unsynced(done) for path in (done[n].path, done[n].target)}
        if story.folder / "state.json" not in at_risk:
            known = replace(known, serial=now.serial)
        if story.folder / "journal" not in at_risk:
            known = replace(known, journal=now.journal)
        if story.folder / "lock" not in at_risk:
            known = replace(known, generation=now.generation)
        yield at, known, now


def check(story: Story, found: Snapshot, known: Now, now: Now) -> None:
    assert known.serial <= found.serial <= now.serial
    assert found.records == story.records[found.serial]
    if found.journal:
        whole = story.entries[found.journal[0]["id"]]
        assert found.journal == whole[: len(found.journal)]
        if known.journal and known.journal[0]["id"] == found.journal[0]["id"]:
            assert len(found.journal) >= len(known.journal)
    elif len(known.journal) > 1 and found.serial == known.serial:
        assert any(entry["t"] == "end" for entry in (*now.journal, *story.entries[known.journal[0]["id"]]))


def replayed(story: Story, operations: list[Operation], home: Path) -> FileBackend:
    """Write what the operations leave into a folder, and give a backend on it."""
    shutil.rmtree(home, ignore_errors=True)
    (home / "stacks" / STACK / "history").mkdir(mode=0o700, parents=True)
    for folder in (home, home / "stacks", home / "stacks" / STACK):
        folder.chmod(0o700)
    for path, content in Replay.of(story.begun).play(operations).files().items():
        if path.is_relative_to(story.home):
            (home / path.relative_to(story.home)).write_bytes(content)
    return FileBackend(World(env={"HOME": str(home)}, cwd=home), home)


def recorded(lab: Any, run: str) -> Story:
    lab.disk, lab.begun = RecordingDisk(), {}
    RUNS[run](lab)
    return Story(lab.home, lab.begun, lab.disk.trace)


@pytest.mark.parametrize("run", RUNS)
def test_a_run_that_is_cut_off_anywhere_keeps_what_it_acknowledged(
    lab: Any, run: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    story = recorded(lab, run)
    count = 0
    for at, known, now in moments(story):
        for left in losses(story.trace[:at], 3 if FULL else 0):
            backend, count = replayed(story, left, tmp_path / "again"), count + 1
            check(story, backend.read(STACK), known, now)
            backend.history(STACK)
            backend.hold(STACK)
            ledger = backend.open(STACK, HOLDER)
            check(story, ledger.snapshot, known, now)
            assert ledger.snapshot.generation > known.generation
            ledger.close()
    with capsys.disabled():
        sys.stdout.write(f"\n{run}: {len(story.trace)} operations, {count} endings")
    assert count > len(story.trace) > 20


def test_the_check_notices_a_sync_that_is_left_out(lab: Any, tmp_path: Path) -> None:
    story = recorded(lab, "create")
    wrong = 0
    for at, known, now in moments(story):
        for left in losses([op for op in story.trace[:at] if op.name != "sync"], 1):
            try:
                check(story, replayed(story, left, tmp_path / "again").read(STACK), known, now)
            except (AssertionError, DpnError):
                wrong += 1
    assert wrong > 10
