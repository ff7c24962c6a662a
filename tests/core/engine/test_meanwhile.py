"""What changes between two looks of one step, or never comes to an end."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dpn.model import Marker, Plan, Resource
from dpn.provider import Wait
from dpn.testing.memory import Robot
from dpn.testing.simulation.scenarios import (
    BAG,
    BOX,
    CRATE,
    DRONE,
    LONE_ROBOT,
    RIG,
    changed,
    thing,
)

sys.path.insert(0, str(Path(__file__).parent))
from bench import Bench, agree, state_of

THEIRS = Marker("other--prod", "theiraddr", "theirop")


def _gone(bench: Bench, name: str) -> None:
    bench.cloud.objects = {key: seen for key, seen in bench.cloud.objects.items() if seen.ref.name != name}


def _taken(bench: Bench, name: str) -> None:
    bench.cloud.objects = {
        key: replace(seen, marker=THEIRS) if seen.ref.name == name else seen
        for key, seen in bench.cloud.objects.items()
    }


def _why(bench: Bench) -> str:
    assert bench.engine
    assert bench.engine.failure
    return f"{bench.engine.failure.code}: {bench.engine.failure.message}"


def _at(bench: Bench, call: tuple[str, str], act: Callable[[Bench, str], None], wrong: str | None = None) -> None:
    """Let others act just before the first call of a kind's method, which may go wrong as well."""
    acted: list[int] = []

    def fault(kind: str, method: str, name: str) -> str | None:
        if (kind, method) != call or acted:
            return None
        acted.append(1)
        act(bench, name)
        return wrong

    bench.cloud.fault = fault


def _after(plan: Plan, key: str, last: Resource) -> Plan:
    """Let the change of one thing wait for another's, by its key, so that there is something to undo when it fails."""
    changes = [
        replace(change, needs=(*change.needs, key)) if change.address == last.address else change
        for change in plan.changes
    ]
    return replace(plan, changes=tuple(changes))


# adopting ---------------------------------------------------------------------------------------------------------


def _to_adopt(*others: Any) -> tuple[Bench, Any]:
    bench = Bench()
    assert bench.apply(CRATE, *others) == "done"
    records = {address: record for address, record in bench.snapshot.records.items() if address != CRATE.address}
    bench.snapshot = replace(bench.snapshot, records=records)
    return bench, bench.plan(CRATE, *others)[0]


def test_what_is_gone_is_not_adopted() -> None:
    bench, plan = _to_adopt()
    _gone(bench, "crate-c")
    assert bench.run(plan) == "rolled_back"
    assert _why(bench) == "GONE: crate-c is not there to be adopted."
    assert not bench.snapshot.records


@pytest.mark.parametrize(
    ("act", "why"),
    [
        (_gone, "GONE: crate-c is no longer there."),
        (_taken, "NAME-TAKEN: crate-c exists already and belongs to stack other.prod."),
    ],
)
def test_what_changed_hands_while_the_mark_was_throttled_is_not_marked(act: Any, why: str) -> None:
    bench, plan = _to_adopt()
    _at(bench, ("mem_crate", "mark"), act, "throttle")
    assert bench.run(plan) == "rolled_back"
    assert _why(bench) == why
    assert [seen.marker for seen in bench.cloud.objects.values()] == [THEIRS][: len(bench.cloud.objects)]


def test_an_adoption_whose_mark_was_throttled_is_carried_out() -> None:
    bench, plan = _to_adopt()
    _at(bench, ("mem_crate", "mark"), lambda *_: None, "throttle")
    assert bench.run(plan) == "done"
    agree(bench)


def test_a_marker_that_others_wrote_over_ours_stays_when_the_adoption_is_undone() -> None:
    bench, _ = _to_adopt()
    plan = _after(bench.plan(CRATE, BOX)[0], CRATE.address, BOX)
    _at(bench, ("mem_box", "create"), lambda bench, _: _taken(bench, "crate-c"), "refuse")
    assert bench.run(plan) == "rolled_back"
    assert bench.cloud.objects["mem_crate", "crate-c"].marker == THEIRS
    assert not bench.snapshot.records


@pytest.mark.parametrize("act", [lambda *_: None, _taken, _gone], ids=["ours", "taken", "gone"])
def test_taking_our_marker_back_is_looked_at_again_when_it_was_throttled(act: Any) -> None:
    bench, _ = _to_adopt()
    [was] = bench.cloud.objects.values()
    plan = _after(bench.plan(changed(CRATE, size=5), BOX)[0], CRATE.address, BOX)
    marks: list[str] = []

    def fault(_: str, method: str, name: str) -> str | None:
        marks.extend([method] if method == "mark" else [])
        if method == "mark" and len(marks) == 2:  # the first one marked it
            act(bench, "crate-c")
            return "throttle"
        return "refuse" if name == "box-a" else None

    bench.cloud.fault = fault
    assert bench.run(plan) == "rolled_back"
    assert not bench.snapshot.records
    assert len(marks) == (3 if act not in (_taken, _gone) else 2)
    assert [seen.marker for seen in bench.cloud.objects.values()] in ([was.marker], [THEIRS], [])


# undoing ----------------------------------------------------------------------------------------------------------


def test_what_is_archived_is_brought_back_and_changed_while_it_restarts() -> None:
    bench = Bench()
    rig = replace(RIG, on_delete="archive")
    assert bench.apply(rig, BOX) == "done"
    assert bench.apply(BOX) == "done"
    assert bench.snapshot.records[RIG.address].status == "archived"
    assert bench.apply(changed(rig, job="dig deeper"), BOX) == "done"
    [seen] = [seen for seen in bench.cloud.objects.values() if seen.ref.kind == "mem_rig"]
    assert seen.spec["job"] == "dig deeper"
    assert bench.snapshot.records[RIG.address].status == "ready"
    agree(bench)


def test_what_is_gone_needs_not_be_brought_out_of_the_archive() -> None:
    bench = Bench()
    kept = replace(LONE_ROBOT, on_delete="archive")
    assert bench.apply(kept) == "done"
    plan = _after(bench.plan(CRATE)[0], LONE_ROBOT.address, CRATE)
    _at(bench, ("mem_crate", "create"), lambda bench, _: _gone(bench, "robot"), "refuse")
    assert bench.run(plan) == "rolled_back"
    assert ("mem_robot", "restore", "robot") not in bench.cloud.calls
    assert bench.snapshot.records[LONE_ROBOT.address].status == "ready"


@pytest.mark.parametrize("act", [_gone, _taken])
def test_what_refers_to_a_thing_made_again_is_led_there_only_if_it_is_still_ours(act: Any) -> None:
    bench = Bench()
    beside = thing("mem_shelf.n", "shelf-n", box="${mem_box.b}", beside="${mem_robot.r}")
    other = thing("mem_box.b", "box-b")
    robot = thing("mem_robot.r", "robot", job="x")
    assert bench.apply(other, beside, robot) == "done"
    plan, _ = bench.plan(other, changed(beside, beside="none"), CRATE)
    crate = next(change for change in plan.changes if change.address == CRATE.address)
    gone = next(change for change in plan.changes if change.address == robot.address)
    # Only what is deleted and what fails are carried out: the shelf refers to the robot all the time.
    plan = replace(plan, changes=(replace(gone, removal_needs=()), replace(crate, needs=(f"{robot.address}!",))))
    _at(bench, ("mem_crate", "create"), lambda bench, _: act(bench, "shelf-n"), "refuse")
    before = len(bench.cloud.calls)
    assert bench.run(plan) == "rolled_back"
    assert ("mem_shelf", "put", "shelf-n") not in bench.cloud.calls[before:]
    assert bench.snapshot.records[robot.address].id in {seen.ref.id for seen in bench.cloud.objects.values()}


def _deleted_first(bench: Bench) -> Plan:
    """Give a plan that deletes a robot and then creates a crate."""
    assert bench.apply(LONE_ROBOT) == "done"
    return _after(bench.plan(CRATE)[0], f"{LONE_ROBOT.address}!", CRATE)


def _failing(bench: Bench, **wrong: str) -> None:
    """Let the crate be refused, and the calls of robots go wrong by method once it was."""

    def fault(kind: str, method: str, _: str) -> str | None:
        if (kind, method) == ("mem_crate", "create"):
            return "refuse"
        refused = ("mem_crate", "create", "crate-c") in bench.cloud.calls
        return wrong.get(method) if refused and kind == "mem_robot" else None

    bench.cloud.fault = fault


def test_what_was_made_again_too_late_is_found_before_it_is_made_once_more() -> None:
    bench = Bench()
    plan = _deleted_first(bench)
    _failing(bench, create="late")
    assert bench.run(plan) == "blocked"
    assert bench.cloud.names() == []
    bench.cloud.land()
    made = len(bench.cloud.calls)
    finds = iter(["drop"] * 4)  # of the sweep, which would delete it, for nothing tells that it is wanted again
    bench.cloud.fault = lambda _, method, __: next(finds, None) if method == "find" else None
    assert bench.run() == "rolled_back"
    assert ("mem_robot", "create", "robot") not in bench.cloud.calls[made:]
    assert len(bench.cloud.objects) == 1
    agree(bench)


def test_what_was_made_again_and_cannot_be_seen_yet_blocks_until_it_can() -> None:
    bench = Bench(settle=0.0)
    assert bench.apply(CRATE, BOX) == "done"
    was = state_of(bench)
    plan = _after(bench.plan(BOX, LONE_ROBOT)[0], f"{CRATE.address}!", LONE_ROBOT)

    def slow(bench: Bench, _: str) -> None:
        bench.cloud.lag = 2

    _at(bench, ("mem_robot", "create"), slow, "refuse")
    assert bench.run(plan) == "blocked"
    assert bench.engine
    assert "NOT-VISIBLE: crate-c was created again and cannot be seen yet." in str(bench.engine.blocked)
    bench.cloud.lag, bench.cloud.hidden = 0, {}
    assert bench.run() == "rolled_back"
    assert state_of(bench) == was
    agree(bench)


def test_a_delete_that_cannot_be_looked_at_after_a_crash_stays_in_doubt_until_it_can() -> None:
    start = Bench()
    assert start.apply(BOX) == "done"
    plan, _ = start.plan()
    for at in range(40):
        bench = start.fork()
        if bench.run(plan, at=at) != "crash" or not _open_delete(bench):
            continue
        objects = dict(bench.cloud.objects)
        bench.cloud.fault = lambda kind, method, _: "drop" if method == "read" else None
        assert bench.run() == "blocked"
        assert bench.cloud.objects == objects
        assert "mem_box.a: Timeout: no reply to read" in str(bench.engine.blocked)  # type: ignore[union-attr]
        bench.cloud.fault = lambda *_: None
        assert bench.run() == "rolled_back"
        agree(bench)
        break
    else:
        pytest.fail("no crash left a delete in doubt")


def _open_delete(bench: Bench) -> bool:
    done = {entry["of"] for entry in bench.snapshot.journal if entry["t"] == "result"}
    journal = enumerate(bench.snapshot.journal)
    return any(entry.get("method") == "delete" and seq not in done for seq, entry in journal)


# twice, late, endless ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("wrong", "deletes"), [("throttle", 3), ("lose", 2)])
def test_a_second_one_whose_delete_failed_is_looked_at_before_it_is_deleted_again(wrong: str, deletes: int) -> None:
    bench = Bench()
    failed: list[int] = []

    def fault(kind: str, method: str, _: str) -> str | None:
        if method == "create":
            return "twice"
        if method == "delete" and not failed:
            failed.append(1)
            return wrong
        return None

    bench.cloud.fault = fault
    assert bench.apply(LONE_ROBOT) == "done"
    assert len(bench.cloud.objects) == 1
    assert [call[1] for call in bench.cloud.calls].count("delete") == deletes
    agree(bench)


def test_a_thing_without_marker_is_not_looked_for_once_it_is_certain_that_it_is_absent() -> None:
    bench = Bench()
    bench.cloud.fault = lambda _, method, __: "drop" if method == "create" else None
    assert bench.apply(BAG) == "rolled_back"
    assert bench.cloud.names() == []
    assert not bench.snapshot.watch


def test_what_cannot_be_looked_for_now_is_looked_for_by_a_later_command() -> None:
    bench = Bench()
    bench.cloud.fault = lambda _, method, __: "late" if method == "create" else None
    assert bench.apply(CRATE) == "rolled_back"
    bench.cloud.land()
    bench.cloud.fault = lambda _, method, name: "drop" if name == "crate-c" else None
    assert bench.apply(BOX) == "done"
    assert bench.cloud.names() == ["mem_box box-a", "mem_crate crate-c"]
    assert [entry["address"] for entry in bench.snapshot.watch] == [CRATE.address]
    bench.cloud.fault = lambda *_: None
    assert bench.apply(BOX) == "done"
    assert bench.cloud.names() == ["mem_box box-a"]
    assert any("crate-c landed late" in tell.message for tell in bench.told)


def test_a_thing_that_never_becomes_ready_is_given_up_at_its_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Robot, "ready", lambda *_: Wait(100))
    bench = Bench()
    assert bench.apply(BOX, LONE_ROBOT) == "rolled_back"
    assert _why(bench) == "DEADLINE: robot was not ready after 1200 s."
    assert bench.now == 1200
    assert bench.cloud.names() == []


def test_a_kind_that_says_wait_no_time_comes_to_an_end_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Robot, "ready", lambda *_: Wait(0))
    monkeypatch.setattr(Robot, "deadline", 5)
    bench = Bench()
    assert bench.apply(LONE_ROBOT) == "rolled_back"
    assert "DEADLINE" in _why(bench)


def test_a_delete_that_never_ends_is_given_up_at_its_deadline_and_the_thing_stays_ours() -> None:
    bench = Bench()
    assert bench.apply(DRONE, BOX) == "done"

    def endless(kind: str, method: str, _: str) -> None:
        for key, seen in bench.cloud.objects.items():
            if kind == "mem_drone" and "left" in seen.extra:
                bench.cloud.objects[key] = replace(seen, extra={"left": 3})

    bench.cloud.fault = endless
    assert bench.apply(BOX) == "rolled_back"
    assert _why(bench) == "DEADLINE: drone was not gone after 40 s."
    assert DRONE.address in bench.snapshot.records
    agree(bench)


def test_what_landed_late_is_looked_at_before_its_delete_is_sent_once_more() -> None:
    bench = Bench()
    bench.cloud.fault = lambda kind, method, _: "late" if (kind, method) == ("mem_crate", "create") else None
    assert bench.apply(CRATE) == "rolled_back"
    bench.cloud.land()
    throttled = iter(["throttle"])
    bench.cloud.fault = lambda kind, method, _: next(throttled, None) if method == "delete" else None
    assert bench.run(replace(bench.plan()[0], changes=())) == "done"
    assert bench.cloud.names() == []
