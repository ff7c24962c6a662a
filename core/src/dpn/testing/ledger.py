"""A ledger in memory: what a crash leaves is the state and the synced part of the journal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dpn import codec
from dpn.errors import InDoubtError
from dpn.extensions import Snapshot
from dpn.model import Record


@dataclass
class MemoryLedger:
    """One stack. `crashed()` gives what a restart would find; `syncs` counts those that had something to write."""

    snapshot: Snapshot
    entries: list[dict[str, Any]] = field(default_factory=list)
    durable: int = 0
    syncs: int = 0
    ended: str = ""

    def __post_init__(self) -> None:
        self.entries = [dict(entry) for entry in self.snapshot.journal]
        self.durable = len(self.entries)

    def begin(self, header: Mapping[str, Any], reserve: int = 0) -> None:
        """Start a journal."""
        assert not self.entries, "a transaction is open"
        self.append(header)
        self.sync()

    def append(self, entry: Mapping[str, Any]) -> int:
        """Add an entry."""
        self.entries.append({**codec.dump(entry), "seq": len(self.entries)})
        return len(self.entries) - 1

    def sync(self) -> None:
        """Make all entries durable."""
        self.syncs += self.durable < len(self.entries)
        self.durable = len(self.entries)

    def commit(self, records: Mapping[str, Record], watch: Iterable[Mapping[str, Any]] = ()) -> None:
        """Replace the state."""
        old = self.snapshot
        self.snapshot = Snapshot(
            old.stack, old.lineage, old.serial + 1, old.generation, dict(records), (), tuple(watch)
        )

    def restore(self, snapshot: Snapshot) -> None:
        """Replace the state by another one."""
        old = self.snapshot
        if self.entries:
            raise InDoubtError(f"A transaction of {old.stack} is still open.", hint="Run dpn recover.")
        serial = max(snapshot.serial, old.serial + 1)
        self.snapshot = Snapshot(
            old.stack, snapshot.lineage, serial, old.generation, dict(snapshot.records), (), tuple(snapshot.watch)
        )

    def end(self, entry: Mapping[str, Any]) -> None:
        """Put the journal away."""
        self.ended = entry["outcome"]
        self.entries, self.durable = [], 0

    def close(self) -> None:
        """Nothing is held."""

    def crashed(self) -> Snapshot:
        """Give the snapshot that a restart finds."""
        old = self.snapshot
        journal = tuple(self.entries[: self.durable])
        return Snapshot(old.stack, old.lineage, old.serial, old.generation + 1, old.records, journal, old.watch)
