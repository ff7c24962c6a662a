"""A simulation that is short enough to be run for each of thousands of changes: a third of the scenarios."""

from __future__ import annotations

import pytest

from dpn.testing.simulation import Effort, Lab, scenarios, searched

SCENARIOS = scenarios()


@pytest.mark.parametrize("name", list(SCENARIOS)[::3])
def test_no_promise_is_broken(name: str) -> None:
    assert not searched(Lab(SCENARIOS[name]), Effort(limit=3), at_most=1).violations
