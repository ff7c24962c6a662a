"""Requests that land late, looks that lag, replies that never come, and limits that do not end."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from dpn.testing.simulation.scenarios import BOX, CRATE, DRONE, NEXT, ROBOT, SHELF, thing

sys.path.insert(0, str(Path(__file__).parent))
from bench import Bench, agree, state_of
from watched import RecordingLedger, WatchingDriver, at_call, sample

ALL = (BOX, SHELF, NEXT, ROBOT, CRATE)


def _late(bench: Bench, name: str) -> None:
    bench.cloud.fault = lambda kind, method, called: "late" if (method, called) == ("create", name) else None


def _clean(bench: Bench) -> None:
    """Run two more commands: what landed is found and deleted, and nothing else."""
    for _ in range(2):
        if bench.snapshot.journal:
            assert bench.run() == "rolled_back", bench.engine and bench.engine.blocked
        else:
            assert bench.run(bench.plan()[0]) == "done"
    assert bench.cloud.names() == []
    agree(bench)


@pytest.mark.parametrize("name", [want.name for want in ALL])
def test_what_lands_late_is_deleted_by_a_later_command(name: str) -> None:
    start = Bench()
    plan, _ = start.plan(*ALL)
    for moment in sample(f"late {name}", range(90), 30):
        bench = start.fork()
        _late(bench, name)
        bench.cloud.moments = {moment: bench.cloud.land}
        outcome = bench.run(plan)
        bench.cloud.fault, bench.cloud.moments = (lambda *_: None), {}
        bench.cloud.land()
        if outcome == "done":
            agree(bench)
            continue
        _clean(bench)


@pytest.mark.parametrize("name", [BOX.name, SHELF.name, ROBOT.name, CRATE.name])
def test_what_lands_after_a_crash_is_deleted_too(name: str) -> None:
    start = Bench()
    plan, _ = start.plan(*ALL)
    for at, then in sample(f"late crash {name}", [(at, then) for at in range(60) for then in range(0, 30, 3)], 40):
        bench = start.fork()
        _late(bench, name)
        if bench.run(plan, at=at) == "crash" and bench.snapshot.journal:
            bench.run(at=then)
        bench.cloud.fault = lambda *_: None
        if bench.snapshot.records:
            continue
        if bench.snapshot.journal:
            assert bench.run() in ("rolled_back", "done")
        bench.cloud.land()
        if not bench.snapshot.records:
            _clean(bench)


def test_a_watched_name_that_is_used_again_is_left_alone() -> None:
    bench = Bench()
    _late(bench, "crate-c")
    assert bench.apply(CRATE) == "rolled_back"
    bench.cloud.fault = lambda *_: None
    assert len(bench.snapshot.watch) == 1
    assert bench.apply(CRATE) == "done"
    bench.cloud.land()  # the name is in use: it is refused
    assert bench.apply(CRATE, BOX) == "done"
    agree(bench)
    bench.now += 25 * 3600
    assert bench.apply(CRATE) == "done"
    assert not bench.snapshot.watch


def test_what_landed_late_may_be_adopted_when_the_plan_says_so() -> None:
    bench = Bench()
    _late(bench, "crate-c")
    assert bench.apply(CRATE) == "rolled_back"
    bench.cloud.fault = lambda *_: None
    bench.cloud.land()
    plan, _ = bench.plan(CRATE)
    assert [change.action for change in plan.changes] == ["adopt"]
    assert bench.run(plan) == "done"
    agree(bench)


@pytest.mark.parametrize("lag", [1, 2, 4])
def test_looks_that_lag_are_waited_for(lag: int) -> None:
    start = Bench(settle=60.0)
    start.cloud.lag = lag
    plan, _ = start.plan(*ALL)
    done = start.fork()
    assert done.run(plan) == "done"
    for call, wrong in sample(
        f"lag {lag}", [(c, w) for c in range(len(done.cloud.calls)) for w in ("lose", "refuse")], 50
    ):
        bench = start.fork()
        bench.cloud.fault = at_call(call, wrong)(bench)
        outcome = bench.run(plan)
        bench.cloud.fault = lambda *_: None
        if bench.snapshot.journal:
            outcome = bench.run()
        agree(bench)
        assert outcome == "done" or bench.cloud.names() == [], (call, wrong)


@pytest.mark.parametrize("lag", [1, 3])
def test_a_crash_while_looks_lag(lag: int) -> None:
    start = Bench(settle=60.0)
    start.cloud.lag = lag
    plan, _ = start.plan(*ALL)
    for at, before in sample(f"lag crash {lag}", [(at, early) for at in range(90) for early in (True, False)], 60):
        bench = start.fork()
        bench.run(plan, at=at, before=before)
        if bench.snapshot.journal:
            assert bench.run() in ("done", "rolled_back")
        agree(bench)
        assert bench.snapshot.records or bench.cloud.names() == []


@pytest.mark.parametrize("times", range(1, 8))
def test_throttling_is_no_failure(times: int) -> None:
    bench = Bench()
    left = dict.fromkeys([want.name for want in ALL], times)

    def fault(_kind: str, method: str, name: str) -> str | None:
        if method == "create" and left[name]:
            left[name] -= 1
            return "throttle"
        return None

    bench.cloud.fault = fault
    assert bench.apply(*ALL) == "done"
    agree(bench)


@pytest.mark.parametrize("method", ["create", "read", "put", "ready", "delete"])
def test_throttling_for_ever_comes_to_an_end(method: str) -> None:
    bench = Bench()
    bench.cloud.fault = lambda kind, called, name: "throttle" if called == method else None
    assert bench.apply(*ALL) in ("rolled_back", "blocked", "done")
    bench.cloud.fault = lambda *_: None
    if bench.snapshot.journal:
        assert bench.run() == "rolled_back"
    agree(bench)
    assert bench.snapshot.records or bench.cloud.names() == []


def test_a_create_that_was_throttled_and_done_is_not_sent_again() -> None:
    bench = Bench()
    bench.cloud.fault = lambda kind, method, name: "both" if method == "create" and kind == "mem_robot" else None
    assert bench.apply(thing("mem_robot.r", "robot", job="x")) == "done"
    assert len(bench.cloud.objects) == 1
    agree(bench)


def test_of_several_that_carry_our_operation_the_lowest_id_stays() -> None:
    bench = Bench()
    bench.cloud.fault = lambda kind, method, name: "twice" if method == "create" else None
    assert bench.apply(thing("mem_robot.r", "robot", job="x")) == "done"
    assert [seen.ref.id for seen in bench.cloud.objects.values()] == ["i9"]
    agree(bench)


def test_broken_things_are_undone_and_slow_ones_given_up() -> None:
    bench = Bench()
    assert bench.apply(BOX, thing("mem_robot.r", "robot", broken=True)) == "rolled_back"
    assert bench.cloud.names() == []
    bench.cloud.objects.clear()
    assert bench.apply(BOX) == "done"
    was = state_of(bench)
    assert bench.apply(thing("mem_robot.r", "robot", broken=True)) == "rolled_back"
    assert state_of(bench) == was


def _watched(before: tuple[Any, ...], after: tuple[Any, ...], case: str, size: int) -> None:
    start = Bench(ledger_type=RecordingLedger)
    assert not before or start.apply(*before) == "done"
    plan, _ = start.plan(*after)
    calls = len(start.cloud.calls) + 40
    for call, wrong, ever in sample(
        case,
        [(c, w, e) for c in range(calls) for w in ("refuse", "drop", "lose", "throttle") for e in (True, False)],
        size,
    ):
        bench = start.fork()
        bench.ledger_type = RecordingLedger
        bench.cloud.fault = at_call(call, wrong, for_ever=ever)(bench)
        outcome = bench.run(plan, driver=WatchingDriver)
        ledger = bench.ledger
        assert isinstance(ledger, RecordingLedger)
        steps = sum(entry["t"] == "intent" for entry in ledger.written)
        assert ledger.syncs <= 2 * steps + 3, (case, call, wrong, ever)
        if outcome == "blocked":
            assert bench.snapshot.journal
            bench.cloud.fault = lambda *_: None
            assert bench.run(driver=WatchingDriver) == "rolled_back", (case, call, wrong, ever)


def test_the_journal_is_the_only_truth() -> None:
    _watched((), (*ALL, DRONE), "journal create", 40)
    _watched((*ALL, DRONE), (), "journal delete", 40)
    red = thing("mem_box.a", "box-a", size=4, color="red")
    _watched(ALL, (red, SHELF, NEXT), "journal replace", 40)
