"""What is the file backend's own: its files, and what is refused of them. The rest is in test_store_conformance.py."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dpn.disk import RealDisk
from dpn.errors import DamagedError, DpnError, InDoubtError, LockedError, PluginError
from dpn.extensions import Holder, Ledger, Snapshot
from dpn.model import Record
from dpn.store import holder as describe
from dpn.store import journal
from dpn.store.file import FileBackend
from dpn.store.state import State, decode, encode
from dpn.world import World

STACK = "lake.dev"
Open = Callable[[], Ledger]


@pytest.fixture
def folder(home: Path) -> Path:
    return home / "stacks" / STACK


@pytest.fixture
def take(backend: FileBackend, holder: Holder) -> Open:
    return lambda: backend.open(STACK, holder)


def run(ledger: Ledger, records: dict[str, Record], outcome: str = "done") -> None:
    """Carry out a whole transaction of one step."""
    ledger.begin({"command": "apply"}, 1000)
    ledger.append({"t": "intent"})
    ledger.sync()
    ledger.append({"t": "result"})
    ledger.commit(records)
    ledger.end({"outcome": outcome})


def crashed(take: Open, *entries: dict[str, Any], serial: int = 0) -> None:
    """Leave an open transaction behind, on a state with this serial."""
    ledger = take()
    for _ in range(serial):
        run(ledger, {})
    ledger.begin({"account": "1"}, 0)
    for entry in entries:
        ledger.append(entry)
    ledger.sync()
    ledger.close()


def rewritten(path: Path, **change: Any) -> None:
    """Write the state once more with other values and a valid checksum."""
    found = decode(path.read_bytes(), path)
    transaction = change.pop("transaction", found.transaction)
    path.write_bytes(encode(State(replace(found.snapshot, **change), transaction)))


def test_a_stack_that_is_not_there_is_empty(backend: FileBackend, home: Path) -> None:
    assert backend.read(STACK) == Snapshot(STACK, "", 0, 0, {})
    assert backend.stacks() == []
    assert backend.history(STACK) == []
    assert not home.exists()


def test_a_transaction_is_committed_and_put_away(
    backend: FileBackend, take: Open, folder: Path, record: Record
) -> None:
    ledger = take()
    records = {record.address: record}
    run(ledger, records)
    ledger.close()
    found = backend.read(STACK)
    assert (found.serial, found.generation, found.records, found.journal) == (1, 1, records, ())
    assert found.lineage
    assert found == ledger.snapshot
    assert not (folder / "journal").exists()
    assert (folder / "state.json.backup").read_bytes() == (folder / "state.json").read_bytes()
    assert not [path for path in folder.iterdir() if path.suffix == ".tmp"]
    again = take()
    run(again, {})
    again.close()
    assert (again.snapshot.lineage, again.snapshot.serial, again.snapshot.generation) == (found.lineage, 2, 2)


def test_stacks_are_those_with_something_in_them(backend: FileBackend, take: Open, home: Path, holder: Holder) -> None:
    crashed(take, {"t": "intent"})
    for key in ("empty.dev", "other.prd"):
        ledger = backend.open(key, holder)
        if key.startswith("other"):
            ledger.commit({})
        ledger.close()
    (home / "stacks" / "Not A Key").mkdir()
    assert backend.stacks() == ["lake.dev", "other.prd"]


def test_the_history_has_a_row_for_each_transaction(backend: FileBackend, take: Open, folder: Path) -> None:
    ledger = take()
    run(ledger, {}, "done")
    run(ledger, {}, "rolled_back")
    ledger.close()
    rows = backend.history(STACK)
    assert [(row["serial"], row["outcome"], row["command"], row["entries"]) for row in rows] == [
        (0, "done", "apply", 4), (1, "rolled_back", "apply", 4),
    ]  # fmt: skip
    assert {"format": 1, "generation": 1, "lineage": ledger.snapshot.lineage}.items() <= rows[0].items()
    assert "t" not in rows[0]
    path = folder / "history" / rows[0]["file"]
    assert not path.read_bytes().endswith(b"\0")
    path.write_bytes(b"x" + path.read_bytes())
    assert "damaged at byte 0" in backend.history(STACK)[0]["damaged"]
    path.write_bytes(b"")
    assert backend.history(STACK)[0] == {"file": path.name, "entries": 0}


def test_the_history_is_bounded(backend: FileBackend, take: Open, disk: Any) -> None:
    ledger = take()
    for _ in range(52):
        run(ledger, {})
    assert [row["serial"] for row in backend.history(STACK)] == list(range(2, 52))
    ledger.begin({}, 0)
    ledger.append({"t": "intent"})
    disk.fail["remove"] = errno.EACCES
    ledger.end({})
    assert len(backend.history(STACK)) == 51
    ledger.close()


# appending -----------------------------------------------------------------------------------------------------------


def test_many_appends_share_one_write_and_one_fsync(take: Open, disk: Any) -> None:
    ledger = take()
    ledger.begin({}, 1 << 20)
    before = disk.count.copy()
    for number in range(500):
        ledger.append({"t": "intent", "n": number})
    ledger.sync()
    ledger.sync()
    assert disk.count - before == {"write": 1, "sync": 1}
    ledger.close()


def test_space_is_reserved_and_grows_in_pieces(backend: FileBackend, take: Open, folder: Path, disk: Any) -> None:
    ledger = take()
    ledger.begin({}, 200_000)
    assert (folder / "journal").stat().st_size == 200_000
    before = disk.count["reserve"]
    for _ in range(300):
        ledger.append({"t": "intent", "text": "x" * 1000})
        ledger.sync()
    assert 1 <= disk.count["reserve"] - before <= 3
    ledger.close()
    assert len(backend.read(STACK).journal) == 301


# recovery ------------------------------------------------------------------------------------------------------------


def test_a_torn_tail_is_cut(backend: FileBackend, take: Open, folder: Path) -> None:
    crashed(take, {"t": "intent"}, {"t": "result", "text": "x" * 100})
    path = folder / "journal"
    whole = path.read_bytes().rstrip(b"\0")
    path.write_bytes(whole[:-50] + bytes(500))
    assert len(backend.read(STACK).journal) == 2
    ledger = take()
    assert path.read_bytes() == whole[: whole.rindex(b"\n", 0, -1) + 1]
    assert ledger.append({"t": "intent"}) == 2
    ledger.sync()
    ledger.close()
    assert [entry["t"] for entry in backend.read(STACK).journal] == ["header", "intent", "intent"]


@pytest.mark.parametrize("content", [b"", bytes(4096), b"12345678 99 0 {half"])
def test_a_journal_without_a_header_is_nothing(backend: FileBackend, take: Open, folder: Path, content: bytes) -> None:
    take().close()
    (folder / "journal").write_bytes(content)
    assert backend.read(STACK).journal == ()
    ledger = take()
    assert not (folder / "journal").exists()
    run(ledger, {})
    ledger.close()


@pytest.mark.parametrize("ended", [False, True])
def test_a_transaction_that_the_state_contains_is_put_away(
    backend: FileBackend, take: Open, folder: Path, *, ended: bool
) -> None:
    ledger = take()
    run(ledger, {})
    ledger.close()
    (path,) = (folder / "history").iterdir()
    lines = path.read_bytes().splitlines(keepends=True)
    (folder / "journal").write_bytes(b"".join(lines if ended else lines[:-1]))
    path.unlink()
    assert backend.read(STACK).journal == ()
    again = take()
    assert (again.snapshot.serial, again.snapshot.journal) == (1, ())
    again.close()
    assert len(backend.history(STACK)) == 1


def test_the_copy_is_brought_up_to_date(take: Open, folder: Path) -> None:
    ledger = take()
    run(ledger, {})
    ledger.close()
    (folder / "state.json.backup").unlink()
    take().close()
    assert (folder / "state.json.backup").read_bytes() == (folder / "state.json").read_bytes()


# contradictions ------------------------------------------------------------------------------------------------------


def refused(backend: FileBackend, take: Open, folder: Path, error: type[DpnError], match: str) -> None:
    """Readers and writers refuse alike, and nothing in the folder changes."""
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    for use in (lambda: backend.read(STACK), take):
        with pytest.raises(error, match=match):
            use()
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before


def test_another_lineage_is_refused(backend: FileBackend, take: Open, folder: Path) -> None:
    crashed(take, {"t": "intent"}, serial=1)
    rewritten(folder / "state.json", lineage="other")
    refused(backend, take, folder, DamagedError, "lineage .*has lineage other")


def test_a_journal_ahead_of_the_state_is_refused(backend: FileBackend, take: Open, folder: Path) -> None:
    crashed(take, {"t": "intent"}, serial=2)
    rewritten(folder / "state.json", serial=1)
    refused(backend, take, folder, DamagedError, "goes on from serial 2; .* has serial 1, which is older")


def test_a_journal_behind_the_state_that_is_not_contained_is_refused(
    backend: FileBackend, take: Open, folder: Path
) -> None:
    crashed(take, {"t": "intent"}, serial=1)
    rewritten(folder / "state.json", serial=5)
    refused(backend, take, folder, DamagedError, "from serial 1; .* has serial 5, which does not contain it")


@pytest.mark.parametrize("left", ["backup", "history", "journal"])
def test_a_lost_state_is_not_an_empty_stack(backend: FileBackend, take: Open, folder: Path, left: str) -> None:
    crashed(take, {"t": "intent"}, serial=2)
    (folder / "state.json").unlink()
    if left != "backup":
        (folder / "state.json.backup").unlink()
    if left != "history":
        for path in (folder / "history").iterdir():
            path.unlink()
    if left != "journal":
        (folder / "journal").unlink()
    refused(backend, take, folder, DamagedError, "is gone, yet")


@pytest.mark.parametrize("content", [b"", b"{}", b"\0\0"])
def test_an_empty_state_is_refused(backend: FileBackend, take: Open, folder: Path, content: bytes) -> None:
    ledger = take()
    run(ledger, {})
    ledger.close()
    (folder / "state.json").write_bytes(content)
    refused(backend, take, folder, DamagedError, "state.json")


def test_the_state_of_another_stack_is_refused(backend: FileBackend, take: Open, folder: Path) -> None:
    ledger = take()
    run(ledger, {})
    ledger.close()
    rewritten(folder / "state.json", stack="lake.prd")
    refused(backend, take, folder, DamagedError, r"of another stack, lake\.prd")


def test_damage_in_the_middle_is_refused(backend: FileBackend, take: Open, folder: Path) -> None:
    crashed(take, {"t": "intent"}, {"t": "result"})
    path = folder / "journal"
    path.write_bytes(path.read_bytes().replace(b'"intent"', b'"intend"'))
    refused(backend, take, folder, DamagedError, "last good record is number 0")


@pytest.mark.parametrize(
    "header",
    [
        {"t": "intent"},
        {"t": "header", "id": "x", "serial": "1", "generation": 1},
        {"t": "header", "id": "x", "serial": 1},
        {"t": "header", "id": "../x", "serial": 1, "generation": 1},
    ],
    ids=str,
)
def test_a_strange_header_is_refused(backend: FileBackend, take: Open, folder: Path, header: dict[str, Any]) -> None:
    take().close()
    (folder / "journal").write_bytes(journal.encode(0, header))
    refused(backend, take, folder, DamagedError, "does not begin with a header")


def test_a_newer_journal_is_refused(backend: FileBackend, take: Open, folder: Path) -> None:
    take().close()
    (folder / "journal").write_bytes(journal.encode(0, {"t": "header", "format": 2, "dpn": "9.9"}))
    refused(backend, take, folder, PluginError, "9.9 in format 2")


def test_a_newer_state_is_refused(backend: FileBackend, take: Open, folder: Path) -> None:
    ledger = take()
    run(ledger, {})
    ledger.close()
    content = json.loads((folder / "state.json").read_text())
    (folder / "state.json").write_text(json.dumps({**content, "format": 2}))
    refused(backend, take, folder, PluginError, "format 2")


@pytest.mark.parametrize("generation", [99, 0])
def test_a_state_that_changed_meanwhile_is_not_overwritten(take: Open, folder: Path, generation: int) -> None:
    ledger = take()
    ledger.commit({})
    rewritten(folder / "state.json", generation=generation)
    before = (folder / "state.json").read_bytes()
    with pytest.raises(LockedError if generation == 99 else DamagedError):
        ledger.commit({})
    with pytest.raises(DamagedError, match="nothing more is written"):
        ledger.commit({})
    assert (folder / "state.json").read_bytes() == before
    ledger.close()


def test_a_state_that_vanished_meanwhile_is_not_replaced(take: Open, folder: Path) -> None:
    ledger = take()
    ledger.commit({})
    (folder / "state.json").unlink()
    with pytest.raises(DamagedError, match="changed or removed"):
        ledger.commit({})
    ledger.close()


# the disk says no ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS])
@pytest.mark.parametrize("method", ["create", "reserve"])
def test_without_room_nothing_begins(
    backend: FileBackend, take: Open, folder: Path, disk: Any, method: str, number: int
) -> None:
    ledger = take()
    disk.fail[method] = number
    with pytest.raises(DpnError, match=r"Could not reserve 5000 bytes .* Nothing was done") as told:
        ledger.begin({}, 5000)
    assert type(told.value) is DpnError
    assert not (folder / "journal").exists()
    assert backend.read(STACK).journal == ()
    disk.fail.clear()
    run(ledger, {})
    ledger.close()


def test_without_room_and_without_a_way_to_tidy_up_nothing_begins(take: Open, disk: Any) -> None:
    ledger = take()
    disk.fail = {"reserve": errno.ENOSPC, "remove": errno.EACCES}
    with pytest.raises(DpnError, match="Could not reserve"):
        ledger.begin({}, 5000)
    disk.fail.clear()
    ledger.close()
    take().close()


@pytest.mark.parametrize("number", [errno.EACCES, errno.ENOSPC, errno.EIO])
def test_a_home_that_cannot_be_written_to_is_told_at_once(take: Open, disk: Any, number: int) -> None:
    disk.fail["write"] = number
    with pytest.raises(DpnError, match="Could not open the stack") as told:
        take()
    assert isinstance(told.value, DamagedError) == (number == errno.EIO)


def test_a_failed_fsync_is_final(backend: FileBackend, take: Open, disk: Any) -> None:
    ledger = take()
    ledger.begin({}, 0)
    ledger.append({"t": "intent"})
    disk.fail["sync"] = errno.EIO
    with pytest.raises(DamagedError, match=r"Could not write the journal .* writes nothing more"):
        ledger.sync()
    disk.fail.clear()
    before = disk.count.copy()
    for use in (ledger.sync, lambda: ledger.append({}), lambda: ledger.commit({}), lambda: ledger.end({})):
        with pytest.raises(DamagedError, match="its disk failed"):
            use()
    assert disk.count == before
    ledger.close()
    again = take()
    assert [entry["t"] for entry in again.snapshot.journal] == ["header", "intent"]
    again.close()


def test_after_a_failed_fsync_the_entries_are_written_once_more(take: Open, disk: Any) -> None:
    crashed(take, {"t": "intent"})
    before = disk.count.copy()
    ledger = take()
    assert disk.count - before == {"try_lock": 1, "write": 2, "sync": 2}  # the lock file and the journal
    ledger.close()


def test_a_failed_fsync_of_the_header_is_final(backend: FileBackend, take: Open, disk: Any) -> None:
    ledger = take()
    disk.fail["sync"] = errno.EIO
    with pytest.raises(DamagedError):
        ledger.begin({}, 0)
    ledger.close()
    disk.fail.clear()
    assert backend.read(STACK).journal == ()


@pytest.mark.parametrize("method", ["write", "rename", "create"])
def test_a_commit_that_fails_leaves_the_old_state(
    backend: FileBackend, take: Open, disk: Any, record: Record, method: str
) -> None:
    ledger = take()
    run(ledger, {record.address: record})
    disk.fail[method] = errno.ENOSPC
    with pytest.raises(DamagedError, match="No space left"):
        ledger.commit({})
    disk.fail.clear()
    ledger.close()
    assert backend.read(STACK).records == {record.address: record}


def test_letting_go_never_fails(take: Open, disk: Any) -> None:
    ledger = take()
    ledger.begin({}, 0)
    disk.fail["close"] = errno.EIO
    ledger.close()
    disk.fail.clear()
    take().close()


@pytest.mark.parametrize("method", ["size", "truncate"])
def test_a_journal_that_cannot_be_opened_keeps_the_lock_free(
    take: Open, disk: Any, monkeypatch: pytest.MonkeyPatch, folder: Path, method: str
) -> None:
    crashed(take, {"t": "intent"})
    (folder / "journal").write_bytes((folder / "journal").read_bytes().rstrip(b"\0") + b"torn")

    def fail(*_: Any) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(disk, method, fail)
        with pytest.raises(DpnError, match="Permission denied"):
            take()
    take().close()


def test_a_reader_beside_a_writer_sees_one_moment(
    world: World, backend: FileBackend, take: Open, folder: Path, disk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the reads of state and journal a whole transaction ends and the next one begins."""
    ledger = take()
    run(ledger, {})
    real = disk.read

    def read(path: Path) -> Any:
        if path.name == "journal" and ledger.snapshot.serial == 1:
            run(ledger, {})
            ledger.begin({}, 0)
            ledger.append({"t": "intent"})
            ledger.sync()
        return real(path)

    monkeypatch.setattr(disk, "read", read)
    found = backend.read(STACK)
    assert (found.serial, len(found.journal)) == (2, 2)
    ledger.close()


def test_a_reader_that_never_sees_a_steady_state_shows_the_last(
    backend: FileBackend, take: Open, disk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = take()
    run(ledger, {})
    real = disk.read

    def read(path: Path) -> Any:
        if path.name == "journal":
            monkeypatch.setattr(disk, "read", real)
            run(ledger, {})
            monkeypatch.setattr(disk, "read", read)
        return real(path)

    monkeypatch.setattr(disk, "read", read)
    found = backend.read(STACK)
    assert 1 < found.serial < ledger.snapshot.serial < 20
    ledger.close()


def test_a_reader_that_sees_half_of_a_change_looks_again(
    backend: FileBackend, take: Open, folder: Path, disk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A journal that was spoilt when it was read, and is another one now, is no damage."""
    ledger = take()
    run(ledger, {})
    ledger.begin({}, 0)
    ledger.append({"t": "intent"})
    ledger.sync()
    real = disk.read
    torn = iter([b"x" + (folder / "journal").read_bytes()[1:]])
    monkeypatch.setattr(disk, "read", lambda path: next(torn, real(path)) if path.name == "journal" else real(path))
    found = backend.read(STACK)
    assert (found.serial, len(found.journal)) == (1, 2)
    ledger.close()


# dropping -----------------------------------------------------------------------------------------------------------


def test_what_is_dropped_is_gone_and_its_lock_goes_on_counting(
    backend: FileBackend, take: Open, folder: Path, holder: Holder, record: Record
) -> None:
    ledger = take()
    run(ledger, {record.address: record})
    run(ledger, {})
    generation = ledger.snapshot.generation
    ledger.begin({}, 0)
    ledger.close()
    backend.drop(STACK, replace(holder, command="dpn sandbox reset"))
    assert sorted(path.name for path in folder.iterdir()) == ["history", "lock"]
    assert list((folder / "history").iterdir()) == []
    assert backend.stacks() == []
    assert backend.read(STACK) == Snapshot(STACK, "", 0, 0, {})
    told = backend.hold(STACK)
    assert told
    assert told.holder.command == "dpn sandbox reset"
    again = take()
    assert (again.snapshot.generation, again.snapshot.serial) == (generation + 2, 0)
    again.close()


def test_a_stack_that_is_in_use_is_not_dropped(backend: FileBackend, take: Open, holder: Holder) -> None:
    ledger = take()
    run(ledger, {})
    with pytest.raises(LockedError, match="held by process"):
        backend.drop(STACK, holder)
    assert backend.read(STACK).serial == 1
    ledger.close()


# restoring ----------------------------------------------------------------------------------------------------------


def test_a_state_is_restored_with_its_lineage_and_watch_list(take: Open, backend: FileBackend, record: Record) -> None:
    ledger = take()
    run(ledger, {})
    watch = ({"op": "01j", "kind": "aws_s3_bucket"},)
    ledger.restore(Snapshot(STACK, "01other", 7, 3, {record.address: record}, (), watch))
    ledger.close()
    found = backend.read(STACK)
    assert (found.lineage, found.serial, found.records, found.watch) == ("01other", 7, {record.address: record}, watch)
    assert found.generation == ledger.snapshot.generation


def test_a_restored_state_never_has_a_serial_that_was_there(take: Open, backend: FileBackend) -> None:
    ledger = take()
    run(ledger, {})
    run(ledger, {})
    ledger.restore(Snapshot(STACK, "01other", 1, 3, {}))
    assert (ledger.snapshot.serial, backend.read(STACK).serial) == (3, 3)
    run(ledger, {})
    assert backend.read(STACK).serial == 4


def test_nothing_is_restored_over_an_open_transaction(take: Open) -> None:
    crashed(take, {"t": "intent"})
    with pytest.raises(InDoubtError):
        take().restore(Snapshot(STACK, "01other", 7, 3, {}))


def test_unlocking_a_stack_that_nobody_ever_held_does_nothing(backend: FileBackend, holder: Holder) -> None:
    backend.unlock(STACK, holder)
    assert backend.stacks() == []


def test_a_process_is_named_as_the_one_to_end_only_if_it_runs(
    backend: FileBackend, world: World, holder: Holder
) -> None:
    """What the lock file says of another machine, or of a process that has ended, must not be killed here."""
    for one, hint in ((describe(world, "dpn apply"), f"kill {os.getpid()}."), (holder, "end that process.")):
        ledger = backend.open("lake.dev", one)
        with pytest.raises(LockedError) as told:
            backend.unlock("lake.dev", holder)
        assert hint in told.value.hint
        ledger.close()


def test_a_holder_that_cannot_be_read_is_one(backend: FileBackend, home: Path, holder: Holder) -> None:
    ledger = backend.open("lake.dev", holder)
    path = home / "stacks" / "lake.dev" / "lock"
    path.write_bytes(journal.encode(7, {"pid": 1, "container": "x"}))
    hold = backend.hold("lake.dev")
    assert hold
    assert hold.holder.pid == 0
    with pytest.raises(LockedError, match="another process"):
        backend.unlock("lake.dev", holder)
    ledger.close()


# a reader beside the first commits ------------------------------------------------------------------------------------


@pytest.mark.parametrize("commits", [1, 2])
def test_a_reader_beside_the_first_commits_of_a_stack_sees_a_moment_of_it(
    world: World, home: Path, holder: Holder, commits: int
) -> None:
    ledger = FileBackend(world, home).open("lake.dev", holder)

    class Beside(RealDisk):
        def read(self, path: Path) -> bytes:
            nonlocal commits
            try:
                return super().read(path)
            except FileNotFoundError:
                if path.name == "state.json" and commits:
                    for _ in range(commits):
                        ledger.begin({}, 0)
                        ledger.commit({})
                        ledger.end({"outcome": "done"})
                    if commits == 2:  # then the history tells as well
                        (path.parent / "state.json.backup").unlink()
                    commits = 0
                raise

    seen = FileBackend(replace(world, disk=Beside()), home).read("lake.dev")
    assert seen.serial == FileBackend(world, home).read("lake.dev").serial
    ledger.close()
