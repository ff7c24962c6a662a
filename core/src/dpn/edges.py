"""Which change waits for which. Pure.

A main half (create, update, rename, adopt) waits for the main halves of what it needs. A removal waits until nothing
uses the thing any more: until the users are removed, or updated so that they use something else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from dpn import graph
from dpn.model import Change


def connect(changes: Mapping[str, Change]) -> list[Change]:
    """Give the changes with their edges, in an order that respects them."""
    users = _users_by_target(changes)
    mains = {address for address, change in changes.items() if any(step.method != "delete" for step in change.steps)}
    removals = {address for address, change in changes.items() if any(step.method == "delete" for step in change.steps)}
    connected = {
        address: replace(
            change,
            needs=tuple(sorted(_nearest(change, changes, mains))) if address in mains else (),
            removal_needs=tuple(sorted(_users(address, users, mains, removals))) if address in removals else (),
        )
        for address, change in changes.items()
    }
    # A replace is shown where its main half comes; only what merely goes is ordered by its users.
    order = graph.order(
        {
            address: [need.removesuffix("!") for need in (change.needs if address in mains else change.removal_needs)]
            for address, change in connected.items()
        }
    )
    return [connected[address] for address in order if address in connected]


def _nearest(change: Change, changes: Mapping[str, Change], mains: set[str]) -> set[str]:
    """Give the needed changes, looking through what does not change itself."""
    found: set[str] = set()
    seen: set[str] = set()
    todo = list(change.want.needs if change.want else ())
    while todo:
        address = todo.pop()
        if address in seen:
            continue
        seen.add(address)
        if address in mains:
            found.add(address)
        elif address in changes and (want := changes[address].want):
            todo += want.needs
    return found


def _users_by_target(changes: Mapping[str, Change]) -> dict[str, list[str]]:
    users: dict[str, list[str]] = {}
    for address, change in changes.items():
        for target in change.before.needs if change.before else ():
            users.setdefault(target, []).append(address)
    return users


def _users(address: str, users: Mapping[str, list[str]], mains: set[str], removals: set[str]) -> set[str]:
    using = users.get(address, [])
    removed = {f"{other}!" for other in using if other in removals}
    if address in mains:  # it is replaced: those that stay are updated after its main half
        return removed
    return removed | {other for other in using if other in mains and other not in removals}
