"""A small sample of `nox -s locks`: processes that are stopped and killed never overlap, on any backend."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from locks import BACKENDS, fight, judge


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", BACKENDS)
def test_processes_that_are_stopped_and_killed_never_overlap(name: str) -> None:
    verdict, one = fight(name, 4, 5, 7)
    assert verdict.overlaps == ()
    assert verdict.commits >= verdict.cycles == 4 * 5
    assert one.stops > 0


@pytest.mark.parametrize(
    ("log", "serial", "generation", "told"),
    [
        ("enter 1\nenter 1\n", 0, 1, "two holders had generation 1"),
        ("enter 1\nenter 2\ncommit 1 3\ncommit 2 3\n", 3, 2, "two commits have serial 3"),
        ("enter 1\nenter 2\ncommit 2 3\ncommit 1 4\n", 4, 2, "serial 4 was written by generation 1"),
        ("enter 1\ncommit 1 2\n", 1, 1, "the state has serial 1, and 2 was acknowledged"),
        ("enter 1\ncommit 1 1\n", 5, 1, "more was committed than was begun"),
    ],
)
def test_an_overlap_is_noticed(log: str, serial: int, generation: int, told: str) -> None:
    assert told in judge("x", log.replace("\n", " .\n"), serial, generation).overlaps[0]
