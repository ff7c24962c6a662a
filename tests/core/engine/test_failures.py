"""What a run writes down when it fails, and how often it sends a create."""

from __future__ import annotations

import sys
from pathlib import Path

from dpn.testing.simulation.scenarios import BOX, SHELF

sys.path.insert(0, str(Path(__file__).parent))
from bench import Bench, agree


def test_a_create_whose_reply_is_lost_is_sent_once() -> None:
    bench = Bench()
    bench.cloud.fault = lambda kind, method, name: "lose" if method == "create" else None
    assert bench.apply(BOX) == "done"
    assert [call for call in bench.cloud.calls if call[1] == "create"] == [("mem_box", "create", "box-a")]
    agree(bench)


def test_the_reason_is_written_down_before_anything_is_undone_and_a_recovery_repeats_it() -> None:
    bench = Bench()
    bench.cloud.fault = lambda kind, method, name: "refuse" if (kind, method) == ("mem_shelf", "create") else None
    plan, _ = bench.plan(BOX, SHELF)
    assert bench.fork().run(plan) == "rolled_back"
    steps = 0
    while True:
        again = bench.fork()
        again.cloud.fault = bench.cloud.fault
        assert again.run(plan, at=steps, before=False) == "crash"
        if any("undoes" in entry for entry in again.snapshot.journal):
            break
        steps += 1
    types = [entry["t"] for entry in again.snapshot.journal]
    assert "abort" in types
    first_undo = next(number for number, entry in enumerate(again.snapshot.journal) if "undoes" in entry)
    assert types.index("abort") < first_undo
    again.cloud.fault = lambda *_: None
    assert again.run() == "rolled_back"
    assert again.engine
    assert again.engine.failure
    assert "Denied" in again.engine.failure.message
