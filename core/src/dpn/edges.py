"""Which change waits for which. Pure.

A main half (create, update, rename, adopt) waits for the main halves of what it needs. A removal waits until nothing
uses the thing any more: until the users are removed, or updated so that they use something else. What takes a name
that another has waits until that one lets go of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

from dpn import graph
from dpn.model import Change


def connect(changes: Mapping[str, Change], first: Mapping[str, set[str]] | None = None) -> list[Change]:
    """Give the changes with their edges, in an order that respects them.

    first: keys that must be done before the main half of an address, whatever else. CycleError if they leave no order.
    """
    users = _users_by_target(changes)
    mains = {address for address, change in changes.items() if any(step.method != "delete" for step in change.steps)}
    removals = {address for address, change in changes.items() if any(step.method == "delete" for step in change.steps)}
    needs = {address: _nearest(changes[address], changes, mains) if address in mains else set() for address in changes}
    for address, keys in (first or {}).items():
        needs[address] |= keys
    gone = {address: _users(address, users, needs, mains, removals) for address in removals}
    order = _order(needs, gone, mains)
    main_keys = [key.removesuffix("!") for key in order if not key.endswith("!") or key.removesuffix("!") not in mains]
    return [
        replace(
            changes[address], needs=tuple(sorted(needs[address])), removal_needs=tuple(sorted(gone.get(address, ())))
        )
        for address in dict.fromkeys(main_keys)
    ]


def _order(needs: Mapping[str, set[str]], gone: Mapping[str, set[str]], mains: set[str]) -> list[str]:
    """Give all keys in an order; where they wait for each other in a circle, a removal gives way.

    That happens when what is to be removed is used by something that needs a thing which cannot be made before the
    removal. Then it is removed first: if the cloud refuses that, the transaction is undone.
    """
    while True:
        keys = {
            address: {*wanted, f"{address}!"}
            for address, wanted in needs.items()
            if address not in gone or address in mains
        }
        keys |= {f"{address}!": wanted for address, wanted in gone.items()}
        try:
            return graph.order(keys)
        except graph.CycleError as error:
            steps = [(key, need) for key, need in pairwise(error.path) if key.endswith("!")]
            if not steps:  # only what takes names of others can make such a circle
                raise
            key, need = next((step for step in steps if not step[1].endswith("!")), steps[0])
            gone[key.removesuffix("!")].discard(need)


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


def _users(
    address: str, users: Mapping[str, list[str]], needs: Mapping[str, set[str]], mains: set[str], removals: set[str]
) -> set[str]:
    using = users.get(address, [])
    removed = {f"{other}!" for other in using if other in removals}
    staying = {other for other in using if other in mains and other not in removals}
    # What still needs a replaced thing is updated after its main half, not before its removal.
    return removed | {other for other in staying if address not in needs[other]}
