"""Renames that land when their run is over, or that somebody else has made already."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from dpn.engine.fold import Fold
from dpn.engine.tx import Tx
from dpn.engine.watch import rename_entry
from dpn.model import Change, Plan, Resource
from dpn.testing.simulation.scenarios import BAG, BOX, DESK, RIG, ROOM, SHELF, changed

sys.path.insert(0, str(Path(__file__).parent))
from bench import Bench, agree, state_of

NAMES = {"mem_shelf": (BOX, SHELF), "mem_room": (ROOM,), "mem_desk": (ROOM, DESK), "mem_rig": (RIG,)}


def _wrong(method: str, how: str) -> Callable[[str, str, str], str | None]:
    return lambda kind, called, name: how if called == method else None


def _given_up(kind: str, how: str = "late") -> tuple[Bench, tuple[Resource, ...]]:
    """Let a rename get no answer; give the bench after the rollback and what was wanted."""
    *around, one = NAMES[kind]
    bench = Bench()
    assert bench.apply(*around, one) == "done"
    bench.cloud.fault = _wrong("rename", how)
    wanted = (*around, changed(one, "renamed"))
    assert bench.apply(*wanted) == "rolled_back"
    bench.cloud.fault = lambda *_: None
    return bench, wanted


def _nothing(bench: Bench) -> Plan:
    return replace(bench.plan()[0], changes=())


@pytest.mark.parametrize("kind", NAMES)
@pytest.mark.parametrize("wants_the_old_name", [False, True])
def test_a_rename_that_lands_late_is_taken_back_by_a_command_that_does_not_want_it(
    kind: str, *, wants_the_old_name: bool
) -> None:
    bench, wanted = _given_up(kind)
    was = state_of(bench)
    bench.cloud.land()
    assert state_of(bench) != was
    plan = bench.plan(*NAMES[kind])[0] if wants_the_old_name else _nothing(bench)
    assert bench.run(plan) == "rolled_back"  # its plan was made when the thing had another name
    assert bench.engine
    assert bench.engine.failure
    assert bench.engine.failure.code == "LANDED-LATE"
    assert "renamed" in bench.engine.failure.message
    assert state_of(bench) == was
    bench.cloud.rest()
    assert bench.apply(*wanted) == "done"
    agree(bench)
    assert f"{kind} renamed" in bench.cloud.names()


@pytest.mark.parametrize("kind", NAMES)
def test_a_rename_that_lands_late_and_is_wanted_still_is_taken_note_of(kind: str) -> None:
    bench, wanted = _given_up(kind)
    bench.cloud.land()
    bench.cloud.calls.clear()
    assert bench.apply(*wanted) == "done"
    assert not [call for call in bench.cloud.calls if call[1] == "rename"]
    agree(bench)
    assert f"{kind} renamed" in bench.cloud.names()


def test_what_others_renamed_keeps_that_name_when_the_run_is_undone() -> None:
    bench = Bench()
    assert bench.apply(ROOM, BOX) == "done"
    key, seen = next((key, seen) for key, seen in bench.cloud.objects.items() if seen.ref.name == ROOM.name)
    bench.cloud.objects[key] = replace(seen, ref=replace(seen.ref, name="renamed"))
    records = bench.snapshot.records
    bench.cloud.fault = lambda kind, method, _: "refuse" if (kind, method) == ("mem_box", "put") else None
    plan = bench.plan(changed(ROOM, "renamed"), changed(BOX, size=9))[0]
    first = [change for change in plan.changes if change.address == ROOM.address]
    others = [replace(one, needs=(ROOM.address,)) for one in plan.changes if one.address != ROOM.address]
    assert bench.run(replace(plan, changes=(*first, *others))) == "rolled_back"
    assert "mem_room renamed" in bench.cloud.names()
    assert not [call for call in bench.cloud.calls if call[1] == "rename"]
    assert bench.snapshot.records == records


def test_a_rename_that_was_made_since_is_not_taken_back() -> None:
    bench, wanted = _given_up("mem_room")
    assert bench.apply(*wanted) == "done"
    bench.cloud.land()  # there is no such name any more: it is refused
    assert bench.apply(*wanted) == "done"
    agree(bench)
    assert bench.cloud.names() == ["mem_room renamed"]


def test_a_rename_is_looked_for_for_a_day() -> None:
    bench, _ = _given_up("mem_room")
    assert [entry.get("renames") for entry in bench.snapshot.watch] == [True]
    bench.now += 25 * 3600
    assert bench.apply(changed(ROOM, size=2)) == "done"
    assert not bench.snapshot.watch


def test_a_name_that_others_took_meanwhile_is_theirs() -> None:
    bench, _ = _given_up("mem_room")
    bench.cloud.pending = []
    other = next(seen for seen in bench.cloud.objects.values() if seen.ref.name == ROOM.name)
    theirs = replace(other, ref=replace(other.ref, name="renamed", id="theirs"), marker=None)
    bench.cloud.objects["mem_room", "theirs"] = theirs
    assert bench.apply(ROOM) == "done"
    assert bench.cloud.objects["mem_room", "theirs"] == theirs


def test_one_that_cannot_be_taken_back_now_is_looked_for_again() -> None:
    bench, _ = _given_up("mem_room")
    bench.cloud.land()
    bench.cloud.fault = _wrong("rename", "refuse")
    nothing = _nothing(bench)
    assert bench.run(nothing) == "done"
    assert bench.cloud.names() == ["mem_room renamed"]
    bench.cloud.fault = lambda *_: None
    assert bench.run(nothing) == "rolled_back"
    assert bench.cloud.names() == ["mem_room room-m"]
    agree(bench)


def test_one_that_was_throttled_on_its_way_back_is_sent_once_more() -> None:
    bench, _ = _given_up("mem_room")
    bench.cloud.land()
    throttled = iter(["throttle"])
    bench.cloud.fault = lambda kind, method, name: next(throttled, None) if method == "rename" else None
    assert bench.run(_nothing(bench)) == "rolled_back"
    assert bench.cloud.names() == ["mem_room room-m"]


def test_what_has_neither_marker_nor_id_is_not_looked_for() -> None:
    bench = Bench()
    assert bench.apply(BAG) == "done"
    record = bench.snapshot.records[BAG.address]
    tx = Tx("lab.dev", bench.plugins().kinds, Fold(bench.snapshot.records), str, float, float)
    change = Change(BAG.address, BAG.kind, "rename", "renamed", before=record)
    assert rename_entry(tx, change, record)
    assert rename_entry(tx, change, replace(record, id=None)) is None


@pytest.mark.parametrize("kind", ["mem_room", "mem_desk"])
def test_what_has_the_name_already_is_renamed_without_a_call(kind: str) -> None:
    *around, one = NAMES[kind]
    bench = Bench()
    assert bench.apply(*around, one) == "done"
    wanted = (*around, changed(one, "renamed"))
    plan = bench.plan(*wanted)[0]
    bench.cloud.objects = {
        key: replace(seen, ref=replace(seen.ref, name="renamed")) if seen.ref.name == one.name else seen
        for key, seen in bench.cloud.objects.items()
    }
    bench.cloud.calls.clear()
    assert bench.run(plan) == "done"
    assert not [call for call in bench.cloud.calls if call[1] == "rename"]
    agree(bench)
