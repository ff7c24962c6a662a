"""A short simulation: a little of each search over scenarios that between them use every step of the engine."""

from __future__ import annotations

import pytest

from dpn.testing.simulation import Effort, Lab, scenarios, searched

NAMES = (
    "create with references", "replace a crate", "delete with references", "rename and change a rig", "adopt a box",
    "share with others", "leave what others share", "replace what shares are in", "slow deletes", "archive a robot",
    "delete a jar", "replace a parent and its children", "rename a parent, replace a child", "keep, archive, move",
    "others take over what was made", "delete what others took over", "create a crate whose name is taken just then",
    "create a robot where looks lag", "create a robot", "under an existing parent", "delete what is gone",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_no_promise_is_broken(name: str) -> None:
    assert not searched(Lab(scenarios()[name]), Effort(limit=6), at_most=1).violations
