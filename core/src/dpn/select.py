"""Part of a plan: only some actions, only some addresses, with what they need. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from dpn.errors import Place
from dpn.model import Change, Plan, Problem, Record
from dpn.paths import nearest
from dpn.plan import Inputs, digest, noted
from dpn.scope import Scope, matches


def by_actions(plan: Plan, actions: Iterable[str]) -> tuple[Plan, list[Problem]]:
    """Keep the changes of these actions; a kept change that needs a skipped one is a problem that names it."""
    wanted = set(actions)
    return only(plan, lambda change: change.action in wanted)


def by_address(plan: Plan, targets: Collection[str]) -> tuple[Plan, list[Problem]]:
    """Keep what wildcards over kinds and addresses choose, with all that it needs."""
    changes = {change.address: change for change in plan.changes}
    unknown = [glob for glob in targets if not _matching(changes, [glob])]
    if unknown:
        return plan, [unknown_address(glob, "is no kind and no address of the plan") for glob in unknown]
    chosen = _reach(_matching(changes, targets), _needed(changes))
    kept, problems = only(plan, lambda change: change.address in chosen)
    along = sorted(chosen - _matching(changes, targets))
    working = [address for address in along if changes[address].steps]
    if working:
        problems.append(_note(f"Comes along because a target needs it: {', '.join(working)}."))
    return kept, problems


def unmatched(
    scope: Scope, includes: Collection[str], excludes: Collection[str], things: Collection[tuple[str, str]]
) -> list[tuple[str, Problem]]:
    """Give each wildcard that is like no kind and no address of `things`, and what to say of it.

    Of the blueprint's own it is a warning: the same scope may stand in many. What the command line asks for must be
    there, except that a wildcard may leave out what is not.
    """

    def idle(globs: Collection[str]) -> list[str]:
        return [glob for glob in globs if not any(matches(glob, kind, address) for kind, address in things)]

    found = []
    for key, globs in (("include", scope.include), ("exclude", scope.exclude)):
        for glob in idle(globs):
            field = f"scope.{key}[{globs.index(glob)}]"
            message = f"{glob} is like no kind and no address here."
            problem = Problem("SCOPE-UNUSED", message, field=field, hint=_meant(glob, things), severity="warning")
            found.append((glob, problem))
    for glob in (*idle(includes), *idle(excludes)):
        problem = unknown_address(glob, "is like no kind and no address of the blueprint or the state")
        loose = glob in excludes and bool(set("*?") & set(glob))
        place, hint = Place("command line"), _meant(glob, things) or problem.hint
        found.append((glob, replace(problem, place=place, hint=hint, severity="warning" if loose else "error")))
    return found


def still_idle(idle: Iterable[tuple[str, Problem]], records: Mapping[str, Record]) -> Iterator[Problem]:
    """Yield what is to be said of wildcards that nothing in the state is like either."""
    for glob, problem in idle:
        if not any(matches(glob, record.kind, address) for address, record in records.items()):
            yield problem


def _meant(glob: str, things: Collection[tuple[str, str]]) -> str | None:
    near = nearest(glob, {name for thing in things for name in thing})
    return f"Did you mean {near}?" if near else None


def in_reach(inputs: Inputs) -> dict[str, Record]:
    """Give the records that a plan has to look at: those in scope and those of the blueprint, with all they stand on.

    So a cloud of which nothing is in scope is not asked, and needs no credentials.
    """
    records, covers = inputs.records, inputs.covers
    if covers is None:
        return dict(records)
    start = {address for address, record in records.items() if covers(record.kind, address)}
    for resource in inputs.resources:
        start |= {resource.address, *resource.needs, *([resource.parent] if resource.parent else [])}
    edges = {
        address: {*record.needs, *([record.parent] if record.parent else [])} for address, record in records.items()
    }
    return {address: records[address] for address in _reach(start, edges) if address in records}


def only(
    plan: Plan, wanted: Callable[[Change], bool], may_wait: Collection[str] = ()
) -> tuple[Plan, list[Problem]]:  # fmt: skip
    """Keep some changes, and all that change nothing; a kept change that needs a skipped one is a problem.

    may_wait: actions after which a thing is no more there than before, so that what needs it can go first.
    """
    kept = tuple(change for change in plan.changes if wanted(change) or (change.action == "noop" and not noted(change)))
    here = {change.address for change in kept}
    skipped = {change.address: change for change in plan.changes if change.address not in here}
    problems = [
        Problem(
            "NEEDS-SKIPPED",
            f"It needs {other.address}, whose {other.action} is skipped.",
            change.address, hint="Apply the whole plan: dpn apply",
        )
        for change in kept
        for need in dict.fromkeys((*change.needs, *change.removal_needs))
        if (other := skipped.get(need.removesuffix("!")))
        and not (other.action in may_wait and need not in change.removal_needs)
    ]  # fmt: skip
    smaller = replace(plan, changes=kept)
    return replace(smaller, hash=digest(smaller)), problems


def _matching(changes: Mapping[str, Change], globs: Collection[str]) -> set[str]:
    """Find addresses as a scope does: by kind, address, or address without index, which stands for all of its keys."""
    return {
        address for address, change in changes.items() if any(matches(glob, change.kind, address) for glob in globs)
    }


def _needed(changes: Mapping[str, Change]) -> dict[str, set[str]]:
    return {
        address: {need.removesuffix("!") for need in (*change.needs, *change.removal_needs)}
        for address, change in changes.items()
    }


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
