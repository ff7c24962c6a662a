"""Every crash point and every fault of every call, over scenarios that between them use each step of the engine."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from bench import Bench, agree, resource, state_of

BOX = resource("mem_box.a", "box-a", size=3, tags={"team": "x"})
SHELF = resource("mem_shelf.s", "shelf-s", box="${mem_box.a}", note="in ${mem_box.a}")
NEXT = resource("mem_shelf.n", "shelf-n", box="${mem_box.a}", beside="${mem_shelf.s}")
ROBOT = resource("mem_robot.r", "robot", job="${mem_shelf.s}")
ROBOT_ALONE = resource("mem_robot.r", "robot", job="sort")


def _changed(**spec: Any) -> Any:
    return resource("mem_box.a", "box-a", **{"size": 3, "tags": {"team": "x"}, **spec})


MOVED = resource("mem_shelf.t", "shelf-s", box="${mem_box.a}", note="moved", was="mem_shelf.s")

SCENARIOS: dict[str, tuple[tuple[Any, ...], tuple[Any, ...]]] = {
    "create one": ((), (BOX,)),
    "create all": ((), (BOX, SHELF, NEXT, ROBOT)),
    "update parts": ((BOX, SHELF), (_changed(size=4, locked=False), SHELF)),
    "rename in place": ((BOX, SHELF), (BOX, resource("mem_shelf.s", "shelf-t", box="${mem_box.a}", note="new"))),
    "delete all": ((BOX, SHELF, NEXT, ROBOT), ()),
    "delete one, create one": ((BOX, ROBOT_ALONE), (BOX, SHELF)),
    "replace a parent": ((BOX, SHELF), (_changed(color="red"), SHELF)),
    "archive": ((BOX, resource("mem_robot.r", "robot", job="x", on_delete="archive")), (BOX,)),
    "move": ((BOX, SHELF), (BOX, MOVED)),
}  # fmt: skip


def _prepared(before: tuple[Any, ...]) -> Bench:
    bench = Bench()
    if before:
        assert bench.apply(*before) == "done"
        agree(bench)
    return bench


def _recovered(bench: Bench) -> None:
    for _ in range(3):
        if not bench.snapshot.journal:
            return
        assert bench.run() in ("rolled_back", "done")
    agree(bench)


def _crashes(before: tuple[Any, ...], after: tuple[Any, ...], check: Callable[[Bench, Any, Any, str], None]) -> int:
    start = _prepared(before)
    was = state_of(start)
    done = start.fork()
    assert done.apply(*after) == "done"
    agree(done)
    will_be = state_of(done)
    runs = 0
    for at in range(done.steps.done):
        for early in (True, False):
            bench = start.fork()
            assert bench.apply(*after, at=at, before=early) == "crash"
            check(bench, was, will_be, f"effect {at} {'before' if early else 'after'}")
            runs += 1
    return runs


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_crash_at_any_effect_leaves_nothing_behind(name: str) -> None:
    def check(bench: Bench, was: Any, will_be: Any, where: str) -> None:
        _recovered(bench)
        agree(bench)
        assert state_of(bench) in (was, will_be), where

    assert _crashes(*SCENARIOS[name], check) > 10


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_second_crash_in_recovery_changes_nothing(name: str) -> None:
    def check(bench: Bench, was: Any, will_be: Any, where: str) -> None:
        for at in range(0, 60, 5):
            again = bench.fork()
            if not again.snapshot.journal or again.run(at=at, before=bool(at % 2)) != "crash":
                break
            _recovered(again)
            agree(again)
            assert state_of(again) in (was, will_be), f"{where}, then {at}"

    _crashes(*SCENARIOS[name], check)


@pytest.mark.parametrize("fault", ["refuse", "drop", "lose"])
@pytest.mark.parametrize("name", SCENARIOS)
def test_a_fault_at_any_call_is_undone_or_survived(name: str, fault: str) -> None:
    before, after = SCENARIOS[name]
    start = _prepared(before)
    was = state_of(start)
    done = start.fork()
    assert done.apply(*after) == "done"
    will_be = state_of(done)
    for number in range(len(done.cloud.calls)):
        bench = start.fork()
        plan, _ = bench.plan(*after)
        bench.cloud.calls.clear()
        bench.cloud.fault = lambda *_, b=bench, n=number: fault if len(b.cloud.calls) == n + 1 else None
        outcome = bench.run(plan)
        bench.cloud.fault = lambda *_: None
        where = f"{fault} at call {number}: {bench.cloud.calls[number]}"
        if outcome == "blocked":
            assert bench.run() == "rolled_back", where
        agree(bench)
        assert state_of(bench) == (will_be if outcome == "done" else was), where


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
