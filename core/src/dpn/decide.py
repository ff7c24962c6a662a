"""What has to happen to one wanted resource: desired against recorded against observed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dpn import handover, taken
from dpn.compare import diffs, held, shown_as
from dpn.model import (
    Change,
    Diff,
    Observed,
    Problem,
    Record,
    Resource,
    Reversible,
    StackVersion,
    Step,
    address_hash,
)
from dpn.provider import KindInfo
from dpn.references import Reference

ANEW = ("create", "replace")


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a plan is made of. `records` stand under their new addresses; an address missing in `observed` is absent."""

    stack: str
    environment: str
    kinds: Mapping[str, KindInfo]
    resources: tuple[Resource, ...]
    records: Mapping[str, Record]
    observed: Mapping[str, Observed | None]
    serial: int = 0
    lineage: str = ""
    covers: Any = None  # scope: (kind, address) -> bool; None covers all
    outside: frozenset[str] = frozenset()  # addresses of the blueprint that the scope leaves out
    replaced: frozenset[str] = frozenset()
    copied: frozenset[str] | None = None  # what is made anew under another name; None where that is not asked for
    accounts: Mapping[str, str] = field(default_factory=dict)  # alias -> account
    moves: Mapping[str, str] = field(default_factory=dict)
    archive: bool = False  # archive what goes instead of deleting it, where its kind can be archived
    problems: tuple[Problem, ...] = ()
    stacks: tuple[StackVersion, ...] = ()  # other stacks whose values are in the resources


def wanted(inputs: Inputs, resource: Resource, problems: list[Problem]) -> Change:
    """Give the change that a wanted resource needs; what stands against it goes to `problems`."""
    info, address = inputs.kinds[resource.kind], resource.address
    record = inputs.records.get(address)
    seen = inputs.observed.get(address)
    change = Change(address, resource.kind, "noop", resource.name, want=resource, before=record)
    if record is None and info.ownership == "shared":
        return _created(change, info, "its share does not exist yet")
    if record is None:
        return _adopted(inputs, change, seen, problems) if seen else _created(change, info, "it does not exist yet")
    seen = seen or handover.renamed_already(record, inputs.observed, inputs.kinds)
    if seen is None:
        return _created(change, info, f"{record.name} is gone")
    if taken.is_strange(info, record, seen):
        problems.append(taken.not_ours(address, record, seen))
        return change
    return _changed(inputs, change, info, record, seen)


def _created(change: Change, info: KindInfo, reason: str) -> Change:
    assert change.want
    return replace(change, action="create", steps=creation(info, change.want), reason=reason)


def creation(info: KindInfo, want: Resource) -> tuple[Step, ...]:
    """Give the steps that make a thing: the create call, what it does not carry, the wait until it is ready."""
    puts = [Step("put", part.name) for part in info.parts if not part.at_birth and set(part.fields) & set(want.spec)]
    return (Step("create"), *puts, *([Step("ready")] if "ready" in info.has else []))


def _why_ours(want: Resource, seen: Observed) -> str:
    if seen.marker and seen.marker.addr == address_hash(want.address):
        return "it carries our marker, but is not in the state"
    return "it carries the marker of another address of this stack, which is not in the state"


def _adopted(inputs: Inputs, change: Change, seen: Observed, problems: list[Problem]) -> Change:
    """Something stands at the name already: ours with a lost record is adopted, all else is a conflict."""
    want, info = change.want, inputs.kinds[change.kind]
    assert want
    ours = inputs.stack.replace(".", "--")
    if seen.marker and seen.marker.stack == ours:
        found = diffs(want, None, seen, info, _names(inputs))
        steps = (Step("mark"), *_puts(info, found))
        return replace(
            change,
            action="adopt",
            adopt=seen.ref,
            steps=steps,
            diffs=found,
            reason=_why_ours(want, seen) + ("; marking it interrupts its users" if info.mark_disrupts else ""),
        )
    problems.append(taken.by_thing(info, want.name, change.address, seen))
    return change


def _changed(inputs: Inputs, change: Change, info: KindInfo, record: Record, seen: Observed) -> Change:
    want = change.want
    assert want
    found = diffs(want, record, seen, info, _names(inputs))
    if want.parent != record.parent:
        found = (*found, Diff(info.parent or "parent", record.parent, want.parent))
    if want.region and record.region and want.region != record.region:  # what is not said differs from nothing
        found = (*found, Diff("region", record.region, want.region))
    if _elsewhere(inputs, want, record):
        found = (*found, Diff("provider", record.provider, want.provider))
    fixed = [
        diff.field
        for diff in found
        if diff.field in info.immutable or diff.field in (info.parent, "region", "provider")
    ]
    asked = "asked for with --replace" if want.address in inputs.replaced else ""
    copied = "its definition is copied to its new name" if want.address in (inputs.copied or ()) else ""
    if why := f"{', '.join(fixed)} cannot be changed" if fixed else asked or copied:
        return replaced(change, info, found, why)
    return _kept(change, info, record, seen, found)


def _kept(change: Change, info: KindInfo, record: Record, seen: Observed, found: tuple[Diff, ...]) -> Change:
    """Give the change of a thing that keeps its id: back from the archive, renamed, updated, or nothing."""
    puts = _puts(info, found)
    old = record.name if seen.ref.name == change.name else seen.ref.name  # what has it already is taken note of
    if change.name != old and info.rename_how == "in_place":
        puts, found = (Step("rename"), *puts), (Diff("name", old, change.name), *found)
        change = replace(change, action="rename", reason="its name follows the convention")
    elif puts:
        change = replace(change, action="update")
    if record.status == "archived" and "restore" in info.has:
        puts = (Step("restore"), *puts)
        change = replace(change, action="restore", reason="it is in the blueprint again")
    return replace(change, steps=puts, diffs=found, reversible=_way_back(info, puts)) if puts else change


def _way_back(info: KindInfo, steps: Iterable[Step]) -> Reversible:
    """Tell what undoing some steps gives back: as much as the part that gives back the least."""
    ways = {part.reversible for part in info.parts if Step("put", part.name) in steps}
    return "no" if "no" in ways else "lossy" if "lossy" in ways else "yes"


def _elsewhere(inputs: Inputs, want: Resource, record: Record) -> bool:
    """Tell whether another alias also means another account."""
    if want.provider == record.provider:
        return False
    return inputs.accounts.get(want.provider) != record.account or not record.account


def _puts(info: KindInfo, found: Iterable[Diff]) -> tuple[Step, ...]:
    differing = {diff.field for diff in found}
    return tuple(Step("put", part.name) for part in info.parts if differing & set(part.fields))


def replaced(change: Change, info: KindInfo, found: tuple[Diff, ...], reason: str) -> Change:
    """Give the change as a delete and a create."""
    assert change.want
    steps = (Step("delete"), *creation(info, change.want))
    return replace(change, action="replace", steps=steps, diffs=found, reversible=info.undelete, reason=reason)


def following(inputs: Inputs, change: Change, new: Change) -> Change:
    """Give the change of what is inside of, or refers to, something that another change makes anew or gave a name."""
    info, want, record = inputs.kinds[change.kind], change.want, change.before
    assert want
    assert record
    reason = f"{new.address} is {new.action}d" if new.action in ANEW else f"{new.address} has another name"
    if new.action == "replace" and record.parent == new.address:
        return replaced(change, info, change.diffs, reason)
    skipped = {diff.field for diff in change.diffs} | {info.parent} | (set() if new.action in ANEW else info.immutable)
    seen, found = inputs.observed.get(change.address), []
    for name, value in want.spec.items():
        if name in skipped or not any(_stale(one, record, new) for one in held(name, value, info)):
            continue
        found.append(Diff(name, seen.spec.get(name) if seen else None, shown_as(name, value, info, _names(inputs))))
    if not found:
        return change
    diffs_now = (*change.diffs, *found)
    if any(diff.field in info.immutable for diff in found):
        return replaced(change, info, diffs_now, reason)
    others = tuple(step for step in change.steps if step.method != "put")
    action = "update" if change.action == "noop" else change.action
    return replace(change, action=action, steps=(*others, *_puts(info, diffs_now)), diffs=diffs_now, reason=reason)


def _stale(reference: Reference, record: Record, new: Change) -> bool:
    """Tell whether what a reference stood for is no longer what its target, made anew or renamed, will be."""
    if reference.target != new.address or reference.key not in record.bound:
        return False
    return record.bound[reference.key] != new.name if reference.use == "name" else new.action in ANEW


def _names(inputs: Inputs) -> Mapping[str, str]:
    return {resource.address: resource.name for resource in inputs.resources}
