"""Desired against recorded against observed: what has to change, in which order. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace

from dpn import codec, decide, edges, graph, handover, unwanted
from dpn.decide import ANEW, Inputs
from dpn.model import Action, Change, Plan, Problem, Record, Ref

__all__ = ["Inputs", "digest", "is_empty", "make", "summary"]


def make(inputs: Inputs) -> tuple[Plan, list[Problem]]:
    """Give the plan and what refuses it."""
    observed, problems = handover.newcomers(inputs.resources, inputs.records, inputs.observed, inputs.kinds)
    inputs = replace(inputs, observed=observed)
    changes: dict[str, Change] = {}
    for resource in inputs.resources:
        if not resource.existing and _covered(inputs, resource.kind, resource.address):
            changes[resource.address] = decide.wanted(inputs, resource, problems)
    wanted = {resource.address: resource for resource in inputs.resources}
    for address, record in sorted(inputs.records.items()):
        if not _covered(inputs, record.kind, address):
            continue
        if address not in wanted:
            changes[address] = unwanted.unwanted(inputs, record, problems)
        elif wanted[address].existing:
            changes[address] = unwanted.forgotten(record, "it is declared as existing: it stays, and is not managed")
    changes = _cascaded(inputs, changes)
    problems += [_protected(change) for change in changes.values() if _is_protected(change)]
    problems += [*_out_of_reach(inputs, changes), *_left_behind(inputs, changes)]
    problems += [*_names_taken(inputs, changes), *_set_by_others(inputs, changes)]
    ordered = _ordered(inputs, changes, problems)
    plan = Plan(
        inputs.stack, inputs.environment, inputs.serial, inputs.lineage, tuple(ordered), _existing(inputs),
        inputs.moves, inputs.problems, stacks=inputs.stacks,
    )  # fmt: skip
    return replace(plan, hash=digest(plan)), problems


def digest(plan: Plan) -> str:
    """Give the SHA-256 over everything that decides what the plan will do."""
    decisive = replace(plan, hash="", problems=())
    return hashlib.sha256(codec.canonical(decisive).encode()).hexdigest()


def _covered(inputs: Inputs, kind: str, address: str) -> bool:
    return inputs.covers is None or bool(inputs.covers(kind, address))


def _cascaded(inputs: Inputs, changes: dict[str, Change]) -> dict[str, Change]:
    """Replace what stands inside a thing that is made anew, and set anew what refers to it by what it loses.

    Where names are migrated, also what mentions a thing by a name that it no longer has.
    """
    out = dict(changes)
    users: dict[str, list[str]] = {}
    for address, change in sorted(out.items()):
        for need in change.want.needs if change.want and change.before else ():
            users.setdefault(need, []).append(address)
    every = inputs.copied is not None
    todo = sorted(address for address, change in out.items() if change.action in ANEW or (every and change.want))
    while todo:
        new = out[todo.pop()]
        for address in users.get(new.address, ()):
            if out[address].action in ANEW:
                continue
            out[address] = decide.following(inputs, out[address], new)
            if out[address].action in ANEW:
                todo.append(address)
    return out


def _ordered(inputs: Inputs, changes: Mapping[str, Change], problems: list[Problem]) -> list[Change]:
    """Give the changes in an order in which a name is free before it is taken; what stands against it is a problem."""
    first = handover.first(changes, inputs.kinds)
    while True:
        try:
            return edges.connect(changes, first)
        except graph.CycleError as error:
            problems.append(handover.circle(error.path))
            first = {address: keys for address, keys in first.items() if address not in error.path}


def _names_taken(inputs: Inputs, changes: Mapping[str, Change]) -> list[Problem]:
    """Refuse new names that somebody else has; what goes into a parent that is made anew finds nobody there."""
    found = [
        handover.stranger_at(change, inputs.records, inputs.observed, inputs.kinds)
        for change in changes.values()
        if change.want and not ((parent := changes.get(change.want.parent or "")) and parent.action in ANEW)
    ]
    return [problem for problem in found if problem]


def _set_by_others(inputs: Inputs, changes: Mapping[str, Change]) -> Iterator[Problem]:
    """Yield what is no copy any more, because it would lose what others have set; unless somebody asks for that."""
    for address, change in changes.items() if inputs.copied is not None else ():
        seen = inputs.observed.get(address)
        copies = change.action == "replace" and inputs.kinds[change.kind].rename_how == "copy"
        if seen and seen.others and copies and address not in inputs.replaced:
            text = f"others have set {', '.join(seen.others[:3])} on it, which a new one would not have"
            yield Problem("SET-BY-OTHERS", text, address)


def _out_of_reach(inputs: Inputs, changes: Mapping[str, Change]) -> list[Problem]:
    """Refuse what needs something that the scope leaves out and that does not exist."""
    there = {*changes, *inputs.records, *(resource.address for resource in inputs.resources if resource.existing)}
    return [
        Problem(
            "NEEDS-SKIPPED", f"It needs {need}, which does not exist yet and is outside of the scope.", change.address,
            hint=f"Take {need} into the scope, or leave {change.address} out too.",
        )
        for change in changes.values()
        if change.want and change.steps
        for need in change.want.needs
        if need not in there
    ]  # fmt: skip


def _left_behind(inputs: Inputs, changes: Mapping[str, Change]) -> list[Problem]:
    """Refuse to take away what something needs that the scope leaves out."""
    return [
        Problem(
            "NEEDS-SKIPPED",
            f"The plan would {changes[need].action} it, and {address}, which is outside of the scope, needs it.",
            need, hint=f"Take {address} into the scope, or leave {need} out too.",
        )
        for address, record in sorted(inputs.records.items())
        if address not in changes and not _covered(inputs, record.kind, address)
        for need in record.needs
        if need in changes and changes[need].action in ("delete", "replace")
    ]  # fmt: skip


def _is_protected(change: Change) -> bool:
    return change.action in ("delete", "replace") and bool(change.before and change.before.protect)


def _protected(change: Change) -> Problem:
    return Problem(
        "PROTECTED", f"It is protected, and the plan would {change.action} it.", change.address,
        hint='Set "protect": false and apply that first.',
    )  # fmt: skip


def _existing(inputs: Inputs) -> tuple[Record, ...]:
    """Give stand-in records for what is only referred to."""
    out = []
    for resource in sorted(inputs.resources, key=lambda one: one.address):
        seen = inputs.observed.get(resource.address)
        if resource.existing:
            ref = seen.ref if seen else Ref(resource.kind, resource.name, resource.id)
            out.append(
                Record(
                    resource.address, resource.kind, ref.name, seen.spec if seen else {}, resource.provider, id=ref.id,
                    parent=resource.parent, region=resource.region, origin="existing",
                )
            )  # fmt: skip
    return tuple(out)


def is_empty(plan: Plan) -> bool:
    """Tell whether carrying it out would change neither the cloud nor the state."""
    return not plan.moves and not any(change.steps or noted(change) for change in plan.changes)


def noted(change: Change) -> bool:
    """Tell whether a change without steps still changes what the state keeps."""
    want, record = change.want, change.before
    if want is None or record is None:
        return change.forget
    if (want.region and want.region != record.region) or record.status == "partial":
        return True
    kept = (record.needs, dict(record.naming), record.protect, record.on_delete, record.provider, record.spec)
    return kept != (want.needs, dict(want.naming), want.protect, want.on_delete, want.provider, want.spec)


def summary(plan: Plan) -> dict[str, int]:
    """Count the changes by action."""
    actions: tuple[Action, ...] = (
        "create",
        "update",
        "rename",
        "replace",
        "delete",
        "adopt",
        "archive",
        "restore",
        "noop",
    )
    return {action: sum(1 for change in plan.changes if change.action == action) for action in actions}
