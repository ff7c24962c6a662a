"""State machines that move when they are read, so that a client meets each passing state exactly once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dpn_sandbox.databricks.workspace import Workspace


def enter(row: dict[str, Any], state: str) -> None:
    """Put an object into a state that no read has seen yet."""
    row["state"] = state
    row.pop("_seen", None)


def observe(
    workspace: Workspace,
    row: dict[str, Any],
    steps: Mapping[str, str],
    arrive: Callable[[Workspace, dict[str, Any], str], None],
) -> None:
    """Let a read move an object: the first read of a passing state shows it, the second one finds the next state.

    `steps` gives what follows each passing state, `arrive` changes the object to it.
    """
    following = steps.get(row["state"])
    if following is None:
        return
    workspace.moves += 1
    if row.get("_seen"):
        arrive(workspace, row, following)
    else:
        row["_seen"] = True
