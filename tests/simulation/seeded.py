"""Protocol bugs to order: each breaks the real code in one place, as a hasty change would."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from dpn.engine import birth, core, doubts, finish, forward, removal, settle, undo
from dpn.engine.effects import End, Sync
from dpn.engine.tx import Tx
from dpn.errors import DamagedError
from dpn.store import file, journal, ledger, writer
from dpn.store.files import read_file
from dpn.testing.simulation import Effort
from dpn.testing.simulation.disk import SimDisk
from dpn.testing.simulation.search import two_faults


def _without(do: type, talk: Any) -> Generator[Any, Any, Any]:
    """Go through a conversation and leave out the effects of one type."""
    answer = None
    while True:
        try:
            effect = talk.send(answer)
        except StopIteration as end:
            return end.value
        answer = None if isinstance(effect, do) else (yield effect)


def _proxy(module: Any, **other: Any) -> SimpleNamespace:
    return SimpleNamespace(**{**vars(module), **other})


def _intents_are_not_written() -> Any:
    original = ledger.FileLedger.append

    def append(self: Any, entry: Mapping[str, Any]) -> int:
        return original(self, {"t": "note"} if entry["t"] == "intent" else entry)

    return patch.object(ledger.FileLedger, "append", append)


def _intents_are_not_synced() -> Any:
    original = Tx.intend
    return patch.object(Tx, "intend", lambda *args, **more: _without(Sync, original(*args, **more)))


def _files_are_not_synced() -> Any:
    return patch.object(SimDisk, "sync", lambda self, fd: None)


def _folders_are_not_synced() -> Any:
    return patch.object(SimDisk, "sync_folder", lambda self, folder: None)


def _the_state_is_written_in_place() -> Any:
    def in_place(disk: Any, path: Any, content: bytes) -> None:
        fd = disk.open(path)
        disk.truncate(fd, 0)
        disk.write(fd, content, 0)
        disk.sync(fd)
        disk.close(fd)
        disk.sync_folder(path.parent)

    return patch.object(ledger, "replace_file", in_place)


def _a_name_makes_it_ours() -> Any:
    return patch.object(settle, "is_ours", lambda *_: True)


def _markers_are_not_read_before_a_delete() -> Any:
    blind = _proxy(settle, is_ours=lambda *_: True, is_anothers=lambda *_: False)

    @contextmanager
    def both() -> Iterator[None]:
        with patch.object(removal, "settle", blind), patch.object(undo, "settle", blind):
            yield

    return both()


def _creates_are_sent_again() -> Any:
    return patch.object(birth, "ONCE", {"not_applied": 1, "throttled": 8, "unknown": 3})


def _the_state_is_committed_before_the_decision() -> Any:
    original = finish.Finisher._decide
    return patch.object(finish.Finisher, "_decide", lambda self, outcome: _without(Sync, original(self, outcome)))


def _the_journal_is_put_away_before_the_state() -> Any:
    original = finish.Finisher.finish

    def reordered(self: Any) -> Iterator[Any]:
        effects = original(self)
        held, answer = None, None
        while True:
            try:
                effect = effects.send(answer)
            except StopIteration:
                break
            if type(effect).__name__ == "Commit":
                held, answer = effect, None
            else:
                answer = yield effect
                if isinstance(effect, End) and held:
                    yield held

    return patch.object(finish.Finisher, "finish", reordered)


def _an_empty_state_is_no_state() -> Any:
    def contents(disk: Any, files: Any) -> tuple[bytes | None, bytes | None]:
        return read_file(disk, files.state) or None, read_file(disk, files.journal)

    return patch.object(file, "_contents", contents)


def _spoilt_records_are_skipped() -> Any:
    original = journal.decode

    def lenient(data: bytes, name: str = "journal") -> Any:
        try:
            return original(data, name)
        except DamagedError:
            good = [record[1] for line in data.splitlines(keepends=True) if (record := journal.record_at(line))]
            return journal.Scan(tuple(good), len(data.rstrip(b"\0")), 0)

    return patch.object(journal, "decode", lenient)


def _torn_tails_are_kept() -> Any:
    def resume(cls: Any, disk: Any, path: Any, scan: Any) -> Any:
        fd = disk.open(path)
        return cls(disk, fd, len(scan.entries), scan.good_length + scan.torn)

    return patch.object(writer.Writer, "resume", classmethod(resume))


def _a_header_counts_as_a_transaction() -> Any:
    original = ledger.FileLedger._next_header

    def header(self: Any) -> Any:
        made = original(self)
        lone = any(name.endswith(".journal") for name in self._disk.names(self._files.history))
        return replace(made, serial=made.serial + 1) if lone and not self.snapshot.serial else made

    return patch.object(ledger.FileLedger, "_next_header", header)


def _late_arrivals_are_forgotten() -> Any:
    return patch.object(birth, "watch_entry", lambda *_: None)


def _not_found_is_believed_at_once() -> Any:
    return patch.object(Tx, "patience", lambda self, change: 0.0)


def _undone_is_what_was_done_last() -> Any:
    """Undo in the order in which it was done: what others need goes first."""
    return patch.object(core.Engine, "_enter_undo", _undo_in_any_order)


def _undo_in_any_order(self: core.Engine) -> Any:
    todo = undo.to_undo(self._tx.folded)
    made = {key: doubts.node_of(self._tx.folded, key) for key in todo}
    self._tx.blocked = {}
    return self._enter(
        "undo", {key: [need for need in node.needs if need in made] for key, node in made.items()},
        lambda key: core._undo(self._tx, made[key], todo[key], None),
    )  # fmt: skip


def _what_may_have_been_put_is_not_undone() -> Any:
    original = Tx.conclude

    def conclude(self: Tx, seq: int, outcome: str, ref: Any = None, fault: Any = None, **more: Any) -> Any:
        doubtful = fault is not None and outcome == "applied" and self.folded.intents[seq]["method"] == "put"
        return original(self, seq, "not_applied" if doubtful else outcome, ref, fault, **more)

    return patch.object(Tx, "conclude", conclude)


def _late_renames_are_forgotten() -> Any:
    return patch.object(forward, "rename_entry", lambda *_: None)


BUGS: dict[str, tuple[Any, ...]] = {
    "intents are not written": (_intents_are_not_written, ("create a robot",)),
    "intents are not synced before the call": (_intents_are_not_synced, ("create a box",)),
    "files are not synced": (_files_are_not_synced, ("create a box",)),
    "folders are not synced": (_folders_are_not_synced, ("change a box",)),
    "the state is written in place": (_the_state_is_written_in_place, ("change a box",)),
    "a name makes it ours": (_a_name_makes_it_ours, ("create a crate whose name is taken just then",)),
    "markers are not read before a delete": (
        _markers_are_not_read_before_a_delete, ("others take over what was made", "delete what others took over"),
    ),
    "creates are sent again while in doubt": (_creates_are_sent_again, ("create a robot",)),
    "the state is committed before the decision": (_the_state_is_committed_before_the_decision, ("create a box",)),
    "the journal is put away before the state": (_the_journal_is_put_away_before_the_state, ("create a box",)),
    "an empty state is no state": (_an_empty_state_is_no_state, ("change a box",)),
    "spoilt records are skipped": (_spoilt_records_are_skipped, ("change a box",)),
    "torn tails are kept": (_torn_tails_are_kept, ("create with references",)),
    "a header alone counts as a transaction": (_a_header_counts_as_a_transaction, ("create a box",)),
    "late arrivals are forgotten": (_late_arrivals_are_forgotten, ("create a robot",)),
    "not found is believed at once": (_not_found_is_believed_at_once, ("create a box where looks lag",)),
    "what others need is undone first": (_undone_is_what_was_done_last, ("create with references",)),
    "what may have been put is not undone": (
        _what_may_have_been_put_is_not_undone, ("change a shelf",), Effort(limit=None), (two_faults,),
    ),
    "late renames are forgotten": (_late_renames_are_forgotten, ("rename a shelf",)),
}  # fmt: skip
"""Each bug with the scenarios in which it shows; where a sample would miss it, also the effort and the searches."""
