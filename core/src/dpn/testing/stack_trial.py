"""What each test of a state backend works with: a stack, a record, and a run of one transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from dpn.extensions import Backend, Holder, Ledger, Snapshot
from dpn.model import Record

STACK = "lake.dev"
HOLDER = Holder(pid=42, host="box", user="ada", command="dpn apply", since=1_700_000_000.0, nonce="first")


def box(name: str) -> dict[str, Record]:
    """Give records with one box."""
    record = Record("mem_box.a", "mem_box", name, {"size": 2, "tags": {"owner": "Zoë"}}, "mem", needs=("mem_box.b",))
    return {record.address: record}


@dataclass(frozen=True, slots=True)
class StackTrial:
    """A backend with a stack on it."""

    backend: Backend

    def take(self, nonce: str = "first", timeout: float = 0) -> Ledger:
        """Take the stack as one of several processes."""
        return self.backend.open(STACK, replace(HOLDER, nonce=nonce), timeout)

    def run(self, ledger: Ledger, records: dict[str, Record] | None = None, outcome: str = "done") -> None:
        """Carry out a whole transaction of one step."""
        ledger.begin({"command": "apply"}, 1000)
        ledger.append({"t": "intent"})
        ledger.sync()
        ledger.append({"t": "result"})
        ledger.commit(records or {})
        ledger.end({"outcome": outcome})

    def leave(self, *entries: dict[str, Any], serial: int = 0) -> None:
        """Leave an open transaction behind, on a state with this serial."""
        ledger = self.take()
        for _ in range(serial):
            self.run(ledger)
        ledger.begin({"account": "1"}, 0)
        for entry in entries:
            ledger.append(entry)
        ledger.sync()
        ledger.close()


def kinds(snapshot: Snapshot) -> list[str]:
    """Give what the entries of an open journal are."""
    return [entry["t"] for entry in snapshot.journal]
