"""The pieces of a transaction that are ordered: one node for each change, two for a replace."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from dpn.graph import closure
from dpn.model import Change, Record, Step


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


def nodes(changes: Iterable[Change], records: Mapping[str, Record]) -> dict[str, Node]:
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
    return _apart(out, records)


def _apart(made: dict[str, Node], records: Mapping[str, Record]) -> dict[str, Node]:
    """Let each rename wait for the removals inside it, unless they wait for it.

    A thing is often reached by its parent's name: looked for while that changes, it would seem to be gone.
    """
    inside: dict[str, list[str]] = {}
    for key, node in made.items():
        record = node.change.before if key.endswith("!") else None
        while record and record.parent and (record := records.get(record.parent)):
            if record.address in made and Step("rename") in made[record.address].steps:
                inside.setdefault(record.address, []).append(key)
    users: dict[str, list[str]] = {}
    for key, node in made.items() if inside else ():
        for need in node.needs:
            users.setdefault(need, []).append(key)
    for address, keys in inside.items():
        after = closure(users, address)
        change, more = made[address].change, tuple(key for key in keys if key not in after)
        told = replace(change, needs=(*change.needs, *more))  # recovery takes the order from there
        made[address] = replace(made[address], change=told, needs=(*made[address].needs, *more))
        for key in more:
            users.setdefault(key, []).append(address)
    return made
