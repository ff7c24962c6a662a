"""The checker is not blind: every bug that is put into the protocol is found."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from dpn.testing.simulation import Effort, Lab, Violation, scenarios, searched

sys.path.insert(0, str(Path(__file__).parent))
from seeded import BUGS


def _found(names: tuple[str, ...], effort: Effort | None = None, searches: Any = None) -> list[str]:
    found: list[str] = []
    for name in names:
        try:
            lab = Lab(scenarios()[name])
        except Violation as broken:  # it shows where nothing goes wrong, too
            return [str(broken)]
        found += searched(lab, effort or Effort(limit=150), searches, at_most=1).violations
        if found:
            break
    return found


def test_there_are_at_least_twelve_of_them() -> None:
    assert len(BUGS) >= 12


@pytest.mark.parametrize("bug", BUGS)
def test_a_seeded_bug_is_caught(bug: str) -> None:
    seeded, *where = BUGS[bug]
    with seeded():
        found = _found(*where)
    assert found, f"{bug}: nothing was noticed"
    assert not _found(*where), "without the bug, the same search finds nothing"
