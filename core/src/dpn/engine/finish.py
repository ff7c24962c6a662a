"""The end of a transaction: the state is committed and the journal put away, or it stays open and says why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from dpn import codec, shares
from dpn.engine.effects import Commit, End, Sync, Talk
from dpn.engine.tx import Tx
from dpn.engine.watch import key_of
from dpn.extensions import Snapshot
from dpn.model import Change, Record


class Finisher:
    """Knows what the state was when the transaction began, so that an empty rollback writes nothing."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._snapshot = Snapshot("", "", 0, 0, {})
        self._header: Mapping[str, Any] = {}
        self._contained = False
        self.decided = ""
        self.changes: Iterable[Change] = ()

    def begin(self, snapshot: Snapshot, header: Mapping[str, Any]) -> bool:
        """Take note of the beginning; tell whether the state contains the open journal already."""
        self._snapshot = snapshot
        self._header = snapshot.journal[0] if snapshot.journal else header
        self.decided = next((entry["outcome"] for entry in snapshot.journal if entry["t"] == "commit"), "")
        self._contained = bool(snapshot.journal) and snapshot.serial > int(self._header["serial"])
        return self._contained

    def finish(self) -> Talk[None]:
        """Commit and end, or leave the journal open."""
        tx = self._tx
        if tx.blocked:
            yield from tx.write({"t": "blocked", "reasons": dict(tx.blocked)})
            yield Sync()
            return
        if not self.decided:
            self.decided = "accepted" if tx.folded.accepted else "rolled_back" if tx.failure else "done"
            yield from self._decide(self.decided)
        watch = tuple(tx.folded.committed["watch"]) if tx.folded.committed else ()
        if not self._contained and (tx.folded.records != dict(self._snapshot.records) or watch != self._snapshot.watch):
            yield Commit(dict(tx.folded.records), watch)
        yield End({"t": "end", "outcome": self.decided})

    def _decide(self, outcome: str) -> Talk[None]:
        """Make the decision durable: from here on the outcome stands, whatever happens."""
        tx = self._tx
        notes, forget = self._notes() if outcome == "done" else ([], [])
        entry: dict[str, Any] = {"t": "commit", "outcome": outcome, "watch": self._watch()}
        entry |= {"notes": [codec.dump(note) for note in notes], "forget": forget}
        yield from tx.write(entry)
        yield Sync()

    def _watch(self) -> list[Mapping[str, Any]]:
        """Give what later commands look for: what is still in its day, each once."""
        entries = {key_of(entry): entry for entry in (*self._tx.watch, *self._tx.folded.watch)}
        return [dict(entry) for entry in entries.values() if entry["until"] > self._tx.now()]

    def _notes(self) -> tuple[list[Record], list[str]]:
        """Give the records that change without a call (needs, naming, protection), and those to forget."""
        notes: list[Record] = []
        forget: list[str] = []
        for change in self.changes:
            record = self._tx.folded.records.get(change.address)
            if record and change.forget:
                forget.append(change.address)
            elif record and change.want:
                noted = self._noted(record, change)
                if noted != record:
                    notes.append(noted)
        return notes, forget

    def _noted(self, record: Record, change: Change) -> Record:
        want = change.want
        assert want
        made_with = self._header.get("providers", {}).get(want.provider, {})
        return replace(
            record, needs=want.needs, naming=want.naming, protect=want.protect, on_delete=want.on_delete,
            provider=want.provider, region=want.region or record.region,
            spec=record.spec if change.steps else want.spec,
            share=record.share if change.steps else shares.kept(record.share, want.spec),
            # Nothing is left to do for what was left partial and accepted as it was.
            status="ready" if record.status == "partial" and not change.steps else record.status, **made_with,
        )  # fmt: skip
