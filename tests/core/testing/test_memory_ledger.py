"""The ledger in memory keeps the promises of the protocol that the file ledger is tested for."""

from __future__ import annotations

import pytest

from dpn.errors import InDoubtError
from dpn.extensions import Snapshot
from dpn.testing import MemoryLedger


def test_it_restores_a_state_under_a_serial_that_was_not_there() -> None:
    ledger = MemoryLedger(Snapshot("lab.dev", "one", 4, 1, {}))
    ledger.restore(Snapshot("lab.dev", "two", 2, 9, {}, (), ({"op": "x"},)))
    assert ledger.snapshot == Snapshot("lab.dev", "two", 5, 1, {}, (), ({"op": "x"},))
    ledger.restore(Snapshot("lab.dev", "two", 8, 9, {}))
    assert ledger.snapshot.serial == 8


def test_it_restores_nothing_while_a_transaction_is_open() -> None:
    ledger = MemoryLedger(Snapshot("lab.dev", "one", 4, 1, {}))
    ledger.begin({"t": "header"})
    with pytest.raises(InDoubtError):
        ledger.restore(Snapshot("lab.dev", "two", 2, 9, {}))
