"""The checker is not blind: every bug that is put into the protocol is found."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from dpn.testing.simulation import Effort, Lab, Violation, scenarios, searched

sys.path.insert(0, str(Path(__file__).parent))
from seeded import BUGS


def _found(names: tuple[str, ...]) -> list[str]:
    found: list[str] = []
    for name in names:
        try:
            lab = Lab(scenarios()[name])
        except Violation as broken:  # it shows where nothing goes wrong, too
            return [str(broken)]
        found += searched(lab, Effort(limit=150), at_most=1).violations
        if found:
            break
    return found


def test_there_are_at_least_twelve_of_them() -> None:
    assert len(BUGS) >= 12


@pytest.mark.parametrize("bug", BUGS)
def test_a_seeded_bug_is_caught(bug: str) -> None:
    seeded, names = BUGS[bug]
    with seeded():
        found = _found(names)
    assert found, f"{bug}: nothing was noticed"
    assert not _found(names), "without the bug, the same search finds nothing"
