"""Others work in the same cloud: they take names and remove markers. What is not ours is never touched."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from dpn.model import Marker, Observed, Ref
from dpn.testing.simulation.scenarios import BAG, BOX, CRATE, ROOM, SHELF

sys.path.insert(0, str(Path(__file__).parent))
from bench import Bench
from watched import at_call, sample

THEIRS = Marker("other--prod", "theiraddr", "theirop")


def _stranger(bench: Bench, kind: str, name: str, marker: Marker | None) -> Callable[[], None]:
    """Make an object of that kind and name as somebody else would, after removing ours."""

    def act() -> None:
        objects = bench.cloud.objects
        taken = [key for key, seen in objects.items() if (seen.ref.kind, seen.ref.name) == (kind, name)]
        for key in taken:
            del objects[key]
        parent = next(
            (seen.ref for seen in objects.values() if kind == "mem_shelf" and seen.ref.kind == "mem_box"), None
        )
        if kind == "mem_shelf" and parent is None:
            return
        made = Observed(Ref(kind, name, name if kind == "mem_crate" else "theirs", parent), {"size": 77}, marker, "9")
        objects[kind, made.ref.id or ""] = made

    return act


def _theirs(bench: Bench) -> list[Observed]:
    return [seen for seen in bench.cloud.objects.values() if seen.spec.get("size") == 77 or seen.ref.id == "theirs"]


def _calls(after: tuple[Any, ...], start: Bench) -> int:
    done = start.fork()
    assert done.apply(*after) == "done"
    return len(done.cloud.calls)


CHANGED = replace(CRATE, spec={**CRATE.spec, "size": 9, "locked": False})
RUNS = {
    "create": ((), (CRATE, BOX, SHELF)),
    "replace": ((CRATE, BOX, SHELF), (replace(CRATE, spec={**CRATE.spec, "color": "red"}), BOX, SHELF)),
    "change": ((CRATE, BOX, SHELF), (CHANGED, BOX, replace(SHELF, name="shelf-t"))),
    "delete": ((CRATE, BOX, SHELF), ()),
}  # fmt: skip


@pytest.mark.parametrize("marker", [None, THEIRS], ids=["unmarked", "marked"])
@pytest.mark.parametrize("name", ["mem_crate crate-c", "mem_shelf shelf-s", "mem_shelf shelf-t", "mem_box box-a"])
@pytest.mark.parametrize("run", RUNS)
def test_what_a_stranger_puts_in_place_of_ours_is_never_touched(run: str, name: str, marker: Marker | None) -> None:
    before, after = RUNS[run]
    start = Bench()
    assert not before or start.apply(*before) == "done"
    calls = _calls(after, start)
    kind, _, called = name.partition(" ")
    cases = [(moment, fail) for moment in range(calls + 8) for fail in (None, *range(calls))]
    for case in sample(f"stranger {run} {name} {marker is None}", cases, 60):
        bench = start.fork()
        plan, _ = bench.plan(*after)
        bench.cloud.calls.clear()
        bench.cloud.moments = {case[0]: _stranger(bench, kind, called, marker)}
        if case[1] is not None:
            bench.cloud.fault = at_call(case[1], "lose" if case[1] % 2 else "refuse", for_ever=not case[1] % 5)(bench)
        _never_touched(bench, partial(bench.run, plan), f"{run}, {name}, {case}")
        bench.cloud.fault, bench.cloud.moments = (lambda *_: None), {}
        if bench.snapshot.journal:
            _never_touched(bench, bench.run, f"{run}, {name}, {case}, recovery")


def _never_touched(bench: Bench, run: Callable[[], str], case: str) -> None:
    """Run, and see that what is the stranger's stays as it was from the moment it came."""
    came: dict[str, Observed] = {}
    acts = dict(bench.cloud.moments)

    def act(moment: Callable[[], None]) -> None:
        moment()
        came.update({f"{seen.ref}": seen for seen in _theirs(bench)})

    bench.cloud.moments = {number: partial(act, moment) for number, moment in acts.items()}
    came.update({f"{seen.ref}": seen for seen in _theirs(bench)})
    outcome = run()
    left = {f"{seen.ref}": seen for seen in _theirs(bench)}
    assert left == came, f"{case} ended {outcome} and touched {came} -> {left}"
    for record in bench.snapshot.records.values():
        seen = bench.cloud.objects.get((record.kind, record.id or ""))
        if outcome == "done" and seen and record.name in [item.ref.name for item in _theirs(bench)]:
            assert seen.marker is None or seen.marker.op == record.op or seen in _theirs(bench)


def test_a_removed_marker_blocks_and_names_the_object() -> None:
    bench = Bench()
    bench.cloud.moments = {12: lambda: _unmark(bench)}
    bench.cloud.fault = lambda kind, method, name: "refuse" if (kind, method) == ("mem_shelf", "create") else None
    bench.apply(BOX, CRATE, SHELF)
    bench.cloud.fault = lambda *_: None
    left = [seen for seen in bench.cloud.objects.values() if seen.marker is None]
    for seen in left:
        assert bench.snapshot.journal
        assert any("marker" in reason for reason in bench.engine.blocked.values()), seen  # type: ignore[union-attr]
    if left:
        assert bench.run() == "blocked"


def _unmark(bench: Bench) -> None:
    bench.cloud.objects = {key: replace(seen, marker=None) for key, seen in bench.cloud.objects.items()}


def test_the_name_taken_meanwhile_blocks_what_is_to_be_made_again() -> None:
    bench = Bench()
    assert bench.apply(CRATE, BOX) == "done"
    deleted: list[int] = []

    def fault(kind: str, method: str, name: str) -> str | None:
        if method == "delete" and kind == "mem_crate":
            deleted.append(1)
        if method == "create" and kind == "mem_room" and deleted:
            _stranger(bench, "mem_crate", "crate-c", None)()
            return "refuse"
        return "refuse" if method == "create" and kind == "mem_room" else None

    plan, _ = bench.plan(BOX, ROOM)
    bench.cloud.fault = fault
    outcome = bench.run(plan)
    bench.cloud.fault = lambda *_: None
    if deleted:
        assert outcome == "blocked"
        assert len(_theirs(bench)) == 1
        assert "NAME-TAKEN" in str(bench.engine.blocked)  # type: ignore[union-attr]


def test_without_a_marker_nothing_found_is_taken_for_ours() -> None:
    bench = Bench()
    bench.cloud.fault = lambda kind, method, name: "lose" if method == "create" else None
    assert bench.apply(BAG) == "blocked"
    bench.cloud.fault = lambda *_: None
    assert bench.run() == "blocked"
    assert "nothing tells" in str(bench.engine.blocked)  # type: ignore[union-attr]
    skip = {"t": "skip", "address": "mem_bag.b"}
    bench.snapshot = replace(bench.snapshot, journal=(*bench.snapshot.journal, skip))
    assert bench.run() == "rolled_back"
    assert bench.cloud.names() == ["mem_bag bag-b"]
    refused = Bench()
    refused.cloud.moments = {1: _stranger(refused, "mem_bag", "bag-b", None)}
    assert refused.apply(BAG) == "rolled_back"
    assert len(_theirs(refused)) == 1


def _adoption() -> tuple[Bench, tuple[Any, ...]]:
    bench = Bench()
    assert bench.apply(CRATE, BOX, SHELF) == "done"
    bench.snapshot = replace(bench.snapshot, records={})
    return bench, (
        replace(CRATE, spec={**CRATE.spec, "size": 2, "locked": False}),
        BOX,
        replace(SHELF, spec={**SHELF.spec, "note": "new"}),
    )


def test_undoing_an_adoption_restores_parts_and_markers() -> None:
    start, after = _adoption()
    was = dict(start.cloud.objects)
    done = start.fork()
    assert done.apply(*after) == "done"
    assert {record.origin for record in done.snapshot.records.values()} == {"adopted"}
    for at in range(done.steps.done):
        for early in (True, False):
            bench = start.fork()
            bench.apply(*after, at=at, before=early)
            if bench.snapshot.journal:
                assert bench.run() in ("done", "rolled_back")
            if bench.snapshot.records:
                continue
            for key, seen in was.items():
                now = bench.cloud.objects[key]
                assert (now.spec, now.marker, now.ref) == (seen.spec, seen.marker, seen.ref), (at, early)


@pytest.mark.parametrize("wrong", ["refuse", "drop", "lose", "throttle"])
def test_a_failed_adoption_is_undone(wrong: str) -> None:
    start, after = _adoption()
    was = dict(start.cloud.objects)
    for call in range(_calls(after, start)):
        bench = start.fork()
        plan, _ = bench.plan(*after)
        bench.cloud.calls.clear()
        bench.cloud.fault = at_call(call, wrong)(bench)
        outcome = bench.run(plan)
        bench.cloud.fault = lambda *_: None
        if bench.snapshot.journal:
            outcome = bench.run()
        if outcome == "rolled_back":
            now = {key: (seen.spec, seen.marker) for key, seen in bench.cloud.objects.items()}
            assert now == {key: (seen.spec, seen.marker) for key, seen in was.items()}, (call, wrong)


def test_another_stacks_object_is_not_adopted() -> None:
    start, after = _adoption()
    plan, _ = start.plan(*after)
    key = ("mem_crate", "crate-c")
    start.cloud.objects[key] = replace(start.cloud.objects[key], marker=THEIRS)
    theirs = start.cloud.objects[key]
    assert start.run(plan) == "rolled_back"
    assert start.cloud.objects[key] == theirs


def test_a_create_that_says_yes_to_anothers_thing_is_seen_through() -> None:
    bench = Bench()
    theirs = Observed(Ref("mem_crate", "crate-c", "crate-c"), {"size": 77}, THEIRS, "9")

    def remake(kind: str, method: str, _name: str) -> None:
        if (kind, method) == ("mem_crate", "read") and ("mem_crate", "create", "crate-c") in bench.cloud.calls:
            bench.cloud.objects["mem_crate", "crate-c"] = theirs

    bench.cloud.fault = remake
    assert bench.apply(CRATE) == "rolled_back"
    assert bench.cloud.objects == {("mem_crate", "crate-c"): theirs}
    assert "belongs to stack other.prod" in str(bench.engine and bench.engine.failure)
    assert not bench.snapshot.records
