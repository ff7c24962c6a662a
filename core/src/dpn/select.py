"""Part of a plan: only some actions, only some addresses, with what they need. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase

from dpn.model import Change, Plan, Problem
from dpn.plan import digest, noted


def by_actions(plan: Plan, actions: Iterable[str]) -> tuple[Plan, list[Problem]]:
    """Keep the changes of these actions; a kept change that needs a skipped one is a problem that names it."""
    wanted = set(actions)
    return _kept(plan, lambda change: change.action in wanted)


def by_address(plan: Plan, targets: Collection[str], excludes: Collection[str]) -> tuple[Plan, list[Problem]]:
    """Keep what the globs choose: targets with all that they need, without the excluded and all that needs those."""
    changes = {change.address: change for change in plan.changes}
    unknown = [glob for glob in (*targets, *excludes) if not _matching(changes, [glob])]
    if unknown:
        return plan, [unknown_address(glob, "is no address of the plan") for glob in unknown]
    chosen = set(changes) if not targets else _reach(_matching(changes, targets), _needed(changes))
    dropped = _reach(_matching(changes, excludes), _needing(changes))
    kept, problems = _kept(plan, lambda change: change.address in chosen - dropped)
    along = sorted(chosen - _matching(changes, targets)) if targets else []
    working = [address for address in along if changes[address].steps]
    if working:
        problems.append(_note(f"Comes along because a target needs it: {', '.join(working)}."))
    if lost := sorted(address for address in dropped - _matching(changes, excludes) if changes[address].steps):
        problems.append(_note(f"Left out because it needs what is excluded: {', '.join(lost)}."))
    return kept, problems


def _kept(plan: Plan, wanted: Callable[[Change], bool]) -> tuple[Plan, list[Problem]]:
    kept = tuple(change for change in plan.changes if wanted(change) or (change.action == "noop" and not noted(change)))
    here = {change.address for change in kept}
    skipped = {change.address: change for change in plan.changes if change.address not in here}
    problems = [
        Problem(
            "NEEDS-SKIPPED",
            f"It needs {need.removesuffix('!')}, whose {skipped[need.removesuffix('!')].action} is skipped.",
            change.address, hint="Apply the whole plan: dpn apply",
        )
        for change in kept
        for need in (*change.needs, *change.removal_needs)
        if need.removesuffix("!") in skipped
    ]  # fmt: skip
    smaller = replace(plan, changes=kept)
    return replace(smaller, hash=digest(smaller)), problems


def _matching(changes: Mapping[str, Change], globs: Iterable[str]) -> set[str]:
    """Find addresses; one without its index stands for all of its `for_each`."""
    escaped = [glob.replace("[", "[[]") for glob in globs]
    return {
        address
        for address in changes
        for bare in [address.partition("[")[0]]
        if any(fnmatchcase(address, glob) or fnmatchcase(bare, glob) for glob in escaped)
    }


def _needed(changes: Mapping[str, Change]) -> dict[str, set[str]]:
    return {
        address: {need.removesuffix("!") for need in (*change.needs, *change.removal_needs)}
        for address, change in changes.items()
    }


def _needing(changes: Mapping[str, Change]) -> dict[str, set[str]]:
    out: dict[str, set[str]] = {address: set() for address in changes}
    for address, needs in _needed(changes).items():
        for need in needs:
            out.setdefault(need, set()).add(address)
    return out


def _reach(start: Iterable[str], edges: Mapping[str, set[str]]) -> set[str]:
    reached, todo = set(start), list(start)
    while todo:
        for more in edges.get(todo.pop(), set()) - reached:
            reached.add(more)
            todo.append(more)
    return reached


def unknown_address(text: str, why: str) -> Problem:
    """Say that something that was asked for by its address is not there."""
    return Problem("ADDRESS-UNKNOWN", f"{text} {why}.", hint="See: dpn plan")


def _note(text: str) -> Problem:
    return Problem("SELECTION", text, severity="warning")
