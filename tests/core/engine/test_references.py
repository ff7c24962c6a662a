"""What a reference stands for when the call is made, and when there is nothing that it could stand for."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from dpn.testing.simulation.scenarios import BOX, CRATE, DESK, GUIDE, ROOM, SHELF, TOLD, VAULT, changed, thing

sys.path.insert(0, str(Path(__file__).parent))
from bench import Bench, agree, state_of


def _job(bench: Bench) -> Any:
    [robot] = [seen for seen in bench.cloud.objects.values() if seen.ref.kind == "mem_robot"]
    return robot.spec["job"]


def _refused(bench: Bench, *resources: Any) -> str:
    """Run, and give why it was rolled back; nothing is left of it."""
    assert bench.apply(*resources) == "rolled_back"
    assert bench.cloud.names() == []
    return _why(bench)


def _why(bench: Bench) -> str:
    assert bench.engine
    assert bench.engine.failure
    assert bench.engine.failure.code == "UNKNOWN-VALUE"
    return bench.engine.failure.message


def test_an_attribute_is_taken_from_the_record_and_what_the_cloud_alone_knows_from_there() -> None:
    bench = Bench()
    assert bench.apply(VAULT, BOX, SHELF, TOLD) == "done"
    assert _job(bench) == "door of vault-v: in box-a, costs ${5} {braces}"
    created = bench.cloud.calls.index(("mem_robot", "create", "told"))
    assert bench.cloud.calls[created - 1] == ("mem_vault", "read", "vault-v")
    agree(bench)


def test_a_full_name_goes_through_all_parents() -> None:
    bench = Bench()
    assert bench.apply(ROOM, DESK, GUIDE) == "done"
    assert _job(bench) == "room-m.desk-d of room-m"


def test_an_id_in_a_text_is_that_of_the_thing() -> None:
    bench = Bench()
    assert bench.apply(BOX, thing("mem_robot.r", "robot", job="at ${mem_box.a.id}")) == "done"
    assert _job(bench) == f"at {bench.snapshot.records[BOX.address].id}"


def test_what_was_undone_has_the_texts_that_it_had() -> None:
    bench = Bench()
    assert bench.apply(ROOM, DESK, GUIDE) == "done"
    was = state_of(bench)
    bench.cloud.fault = lambda kind, method, _: "refuse" if (kind, method) == ("mem_robot", "put") else None
    assert bench.apply(changed(ROOM, "room-z"), DESK, changed(GUIDE, job="${mem_room.m.full_name}")) == "rolled_back"
    assert state_of(bench) == was


def test_what_is_nowhere_has_no_value() -> None:
    bench = Bench()
    plan, [problem] = bench.plan(thing("mem_robot.r", "robot", job="${mem_box.nowhere}"))
    assert problem.code == "NEEDS-SKIPPED"
    assert bench.run(plan) == "rolled_back"  # as it was refused already, nobody should come here
    assert _why(bench) == "job of mem_robot.r needs ${mem_box.nowhere}, which has no value."


@pytest.mark.parametrize("attribute", ["window", "color"])
def test_what_neither_the_record_nor_the_cloud_knows_has_no_value(attribute: str) -> None:
    reader = thing("mem_robot.r", "robot", job=f"${{mem_vault.v.{attribute}}}")
    assert "which has no value" in _refused(Bench(), VAULT, reader)


def test_what_is_gone_tells_nothing() -> None:
    bench = Bench()

    def gone(kind: str, method: str, _: str) -> None:
        made = ("mem_vault", "put", "vault-v") in bench.cloud.calls and ("mem_crate", "create", "crate-c")
        if made in bench.cloud.calls and (kind, method) == ("mem_vault", "read"):
            bench.cloud.objects = {key: seen for key, seen in bench.cloud.objects.items() if key[0] != "mem_vault"}

    bench.cloud.fault = gone
    reader = thing("mem_robot.r", "robot", job="${mem_vault.v.door} of ${mem_crate.c}")
    assert "${mem_vault.v.door}" in _refused(bench, VAULT, CRATE, reader)


@pytest.mark.parametrize(
    ("told", "secret"),
    [
        (VAULT, "1234"),
        (thing("mem_vault.v", "vault-v", tags={"key": "${env:PASSWORD}"}), "hunter2"),
    ],
)
def test_a_secret_is_never_taken_out_of_another_thing(told: Any, secret: str) -> None:
    bench = Bench()
    field = "pin" if "pin" in told.spec else "tags"
    message = _refused(bench, told, thing("mem_robot.r", "robot", job=f"${{mem_vault.v.{field}}}"))
    assert secret not in message
    assert secret not in str([entry for entry in bench.ledger.entries if entry["t"] == "intent" and "binds" in entry])  # type: ignore[union-attr]


# what keeps its type -----------------------------------------------------------------------------------------------


def test_an_attribute_keeps_its_type_where_it_stands_alone_and_nothing_is_left_to_do(lab: Any) -> None:
    box = lab.thing("mem_box.a", size=3, locked=False, tags={"a": "b"})
    as_it_is = {name: f"${{mem_box.a.{name}}}" for name in ("size", "locked", "tags")}
    texts = lab.thing("mem_robot.r", job="${mem_box.a.size}"), lab.thing("mem_robot.q", job="it is ${mem_box.a.locked}")
    things = (box, lab.thing("mem_box.b", **as_it_is), *texts)
    assert lab.outcome(*things) == "done"
    seen = {one.ref.name: one.spec for one in lab.seen()}
    assert seen["the-b"] == seen["the-a"]
    assert (seen["the-b"]["size"], seen["the-b"]["tags"]["a"]) == (3, "b")
    assert (seen["the-r"]["job"], seen["the-q"]["job"]) == ("3", "it is false")
    assert lab.empty()
    assert lab.plan(offline=True).plan.changes == lab.plan().plan.changes


def test_what_is_no_text_cannot_stand_inside_of_one() -> None:
    bench = Bench()
    message = _refused(bench, BOX, thing("mem_robot.r", "robot", job="x ${mem_box.a.tags}"))
    assert (
        message == "job of mem_robot.r needs ${mem_box.a.tags}, which is no text, and cannot stand inside a longer one."
    )
