"""The pieces of a transaction that are ordered: one node for each change, two for a replace."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dpn.model import Change, Step


@dataclass(frozen=True, slots=True)
class Node:
    """One half of a change: its removal (`address!`) or its main half (`address`)."""

    key: str
    change: Change
    steps: tuple[Step, ...]
    needs: tuple[str, ...]

    @property
    def late(self) -> bool:
        """Whether it should run as late as dependencies allow, because it cannot be undone fully."""
        return self.key.endswith("!") and self.change.reversible != "yes"


def removal_key(address: str) -> str:
    """Give the key of the removal half."""
    return f"{address}!"


def nodes(changes: Iterable[Change]) -> dict[str, Node]:
    """Split the changes into nodes, by key; changes without steps give none."""
    out: dict[str, Node] = {}
    for change in changes:
        removal = tuple(step for step in change.steps if step.method == "delete")
        rest = tuple(step for step in change.steps if step.method != "delete")
        gone = removal_key(change.address)
        if removal:
            out[gone] = Node(gone, change, removal, change.removal_needs)
        if rest:
            needs = (*change.needs, gone) if removal else change.needs
            out[change.address] = Node(change.address, change, rest, needs)
    return out
