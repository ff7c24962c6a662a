"""What is put out of use comes back, and goes back where the run is undone."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from dpn.model import Resource

sys.path.insert(0, str(Path(__file__).parent))
from bench import Bench

ROBOT = Resource("mem_robot.r", "mem_robot", "robot", {"job": "sort"}, "mem", on_delete="archive")
CRATE = Resource("mem_crate.c", "mem_crate", "crate-c", {"size": 1}, "mem", needs=("mem_robot.r",))


@pytest.fixture
def archived() -> Bench:
    bench = Bench()
    assert bench.apply(ROBOT) == "done"
    assert bench.apply() == "done"
    assert bench.snapshot.records["mem_robot.r"].status == "archived"
    return bench


def statuses(bench: Bench) -> tuple[str, str]:
    (seen,) = bench.cloud.objects.values()
    return bench.snapshot.records["mem_robot.r"].status, str(seen.status)


def test_what_was_archived_is_restored_when_it_is_wanted_again(archived: Bench) -> None:
    assert archived.apply(ROBOT) == "done"
    assert statuses(archived)[0] == "ready"
    assert statuses(archived)[1] != "archived"


def test_what_was_restored_is_archived_again_where_the_run_is_undone(archived: Bench) -> None:
    archived.cloud.fault = lambda kind, method, _name: "refuse" if (kind, method) == ("mem_crate", "create") else None
    assert archived.apply(ROBOT, CRATE) == "rolled_back"
    assert statuses(archived) == ("archived", "archived")


def test_what_was_archived_is_restored_where_the_run_is_undone() -> None:
    bench = Bench()
    assert bench.apply(ROBOT) == "done"
    bench.cloud.fault = lambda kind, method, _name: "refuse" if (kind, method) == ("mem_crate", "create") else None
    assert bench.apply(replace(CRATE, needs=())) == "rolled_back"
    assert statuses(bench)[0] == "ready"
