"""What changes no thing in the cloud is written down when the run is over."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from dpn.model import Resource

sys.path.insert(0, str(Path(__file__).parent))
from bench import Bench

BOX = Resource("mem_box.a", "mem_box", "box-a", {"size": 3, "tags": {}}, "mem", naming={"size": "l"}, region="north")
ROOM = Resource("mem_room.m", "mem_room", "room-m", {}, "mem")


def applied(*resources: Resource) -> Bench:
    bench = Bench()
    assert bench.apply(*resources) == "done"
    return bench


def test_protection_naming_and_needs_are_noted() -> None:
    bench = applied(BOX, ROOM)
    was = bench.snapshot.records["mem_box.a"]
    wanted = replace(BOX, protect=True, on_delete="keep", naming={"size": "xl"}, needs=("mem_room.m",))
    calls = len(bench.cloud.calls)
    assert bench.apply(wanted, ROOM) == "done"
    assert [method for _, method, _ in bench.cloud.calls[calls:]] == []
    assert bench.snapshot.records["mem_box.a"] == replace(
        was, protect=True, on_delete="keep", naming={"size": "xl"}, needs=("mem_room.m",)
    )


def test_a_region_that_nobody_names_any_more_stays() -> None:
    bench = applied(BOX)
    assert bench.apply(replace(BOX, region=None, protect=True)) == "done"
    found = bench.snapshot.records["mem_box.a"]
    assert (found.region, found.protect) == ("north", True)


def test_nothing_is_noted_of_a_run_that_is_undone() -> None:
    bench = applied(BOX)
    bench.cloud.fault = lambda _kind, method, _name: "refuse" if method == "create" else None
    assert bench.apply(replace(BOX, protect=True), ROOM) == "rolled_back"
    assert not bench.snapshot.records["mem_box.a"].protect
