"""A person accepts what an interrupted run has done: nothing is undone, and the state tells what there is."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dpn.model import Plan
from dpn.testing.simulation.scenarios import BOX, CRATE, SHELF, changed

sys.path.insert(0, str(Path(__file__).parent))
from bench import Bench, agree

AFTER = (changed(CRATE, size=2, locked=False), BOX, changed(SHELF, note="new"))


def _adoption() -> Bench:
    bench = Bench()
    assert bench.apply(CRATE, BOX, SHELF) == "done"
    bench.snapshot = replace(bench.snapshot, records={})
    return bench


def _accept(bench: Bench) -> str:
    bench.snapshot = replace(bench.snapshot, journal=(*bench.snapshot.journal, {"t": "accept"}))
    return bench.run()


def _crashes(start: Bench, fault: Any = lambda *_: None) -> Iterator[Bench]:
    """Give a bench for each moment at which the run can die while it is open."""
    plan, _ = start.plan(*AFTER)
    at = 0
    while True:
        bench = start.fork()
        bench.cloud.fault = fault
        if bench.run(plan, at=at) != "crash":
            return
        bench.cloud.fault = lambda *_: None
        if bench.snapshot.journal and not any(entry["t"] == "commit" for entry in bench.snapshot.journal):
            yield bench
        at += 1


def _refuse_put(kind: str, method: str, _: str) -> str | None:
    return "refuse" if (kind, method) == ("mem_shelf", "put") else None


@pytest.mark.parametrize("fault", [lambda *_: None, _refuse_put], ids=["forward", "undoing"])
def test_an_adoption_that_is_accepted_at_any_moment_agrees_with_the_cloud(fault: Any) -> None:
    marked: set[int] = set()
    for bench in _crashes(_adoption(), fault):
        objects = {key: seen.spec for key, seen in bench.cloud.objects.items()}
        assert _accept(bench) == "accepted"
        assert {key: seen.spec for key, seen in bench.cloud.objects.items()} == objects
        assert not bench.snapshot.journal
        for record in bench.snapshot.records.values():
            seen = bench.cloud.objects[record.kind, record.id or ""]
            assert seen.marker
            assert seen.marker.op == record.op
        ours = {seen.marker.op for seen in bench.cloud.objects.values() if seen.marker}
        marked.add(len(bench.snapshot.records))
        assert {record.op for record in bench.snapshot.records.values()} <= ours
        assert bench.apply(*AFTER) == "done"
        agree(bench)
    assert marked == {0, 1, 2, 3}


def _deaths(start: Bench, plan: Plan) -> Iterator[Bench]:
    for at in range(40):
        bench = start.fork()
        bench.run(plan, at=at, before=True)
        yield bench


@pytest.mark.parametrize("left", [{"t": "accept"}, {"t": "skip", "address": BOX.address}], ids=["accepted", "skipped"])
def test_what_cannot_be_looked_up_is_left_open_unless_it_was_skipped(left: dict[str, str]) -> None:
    bench = Bench()
    bench.cloud.fault = lambda kind, method, _: "drop" if (kind, method) == ("mem_box", "create") else None
    plan, _ = bench.plan(BOX)
    tried = next(bench for bench in _deaths(bench, plan) if any(e["t"] == "intent" for e in bench.snapshot.journal))
    tried.cloud.fault = lambda kind, method, _: "refuse" if method in ("find", "read") else None
    tried.snapshot = replace(tried.snapshot, journal=(*tried.snapshot.journal, left))
    skipped = left["t"] == "skip"
    assert tried.run() == ("rolled_back" if skipped else "blocked")
    assert [tell.message for tell in tried.told if "It was skipped" in (tell.message or "")] or not skipped
