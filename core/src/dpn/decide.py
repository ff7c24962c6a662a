"""What has to happen to one resource: desired against recorded against observed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dpn.compare import diffs
from dpn.model import Change, Diff, Observed, Problem, Record, Resource, Step
from dpn.provider import KindInfo


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
    replaced: frozenset[str] = frozenset()
    accounts: Mapping[str, str] = field(default_factory=dict)  # alias -> account
    moves: Mapping[str, str] = field(default_factory=dict)
    archive: bool = False  # archive what goes instead of deleting it, where its kind can be archived
    problems: tuple[Problem, ...] = ()


def wanted(inputs: Inputs, resource: Resource, problems: list[Problem]) -> Change:
    """Give the change that a wanted resource needs; what stands against it goes to `problems`."""
    info, address = inputs.kinds[resource.kind], resource.address
    record = inputs.records.get(address)
    seen = inputs.observed.get(address)
    change = Change(address, resource.kind, "noop", resource.name, want=resource, before=record)
    if record is None:
        return _adopted(inputs, change, seen, problems) if seen else _created(change, info, "it does not exist yet")
    if seen is None:
        return _created(change, info, f"{record.name} is gone")
    if info.marker != "none" and (seen.marker is None or seen.marker.op != record.op):
        problems.append(_not_ours(address, record, seen))
        return change
    return _changed(inputs, change, info, record, seen)


def _created(change: Change, info: KindInfo, reason: str) -> Change:
    assert change.want
    return replace(change, action="create", steps=creation(info, change.want), reason=reason)


def creation(info: KindInfo, want: Resource) -> tuple[Step, ...]:
    """Give the steps that make a thing: the create call, what it does not carry, the wait until it is ready."""
    puts = [Step("put", part.name) for part in info.parts if not part.at_birth and set(part.fields) & set(want.spec)]
    return (Step("create"), *puts, *([Step("ready")] if "ready" in info.has else []))


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
            reason="it carries our marker, but is not in the state",
        )
    owner = (
        f"stack {seen.marker.stack.replace('--', '.')}" if seen.marker else "somebody else; it carries no marker of dpn"
    )
    problems.append(
        Problem(
            "NAME-TAKEN", f"{want.name} exists already and belongs to {owner}.", change.address,
            hint='Choose other naming values, or declare it with "existing": true to refer to it only.',
        )
    )  # fmt: skip
    return change


def _not_ours(address: str, record: Record, seen: Observed) -> Problem:
    whose = f"the marker of {seen.marker.stack.replace('--', '.')}" if seen.marker else "no marker"
    return Problem(
        "NOT-OURS", f"What stands at {record.name} carries {whose}; it is not what dpn made.", address,
        hint=f"If it is to be left alone: dpn state rm '{address}'",
    )  # fmt: skip


def _changed(inputs: Inputs, change: Change, info: KindInfo, record: Record, seen: Observed) -> Change:
    want = change.want
    assert want
    found = diffs(want, record, seen, info, _names(inputs))
    if want.parent != record.parent:
        found = (*found, Diff(info.parent or "parent", record.parent, want.parent))
    if want.region != record.region:
        found = (*found, Diff("region", record.region, want.region))
    if _elsewhere(inputs, want, record):
        found = (*found, Diff("provider", record.provider, want.provider))
    fixed = [
        diff.field
        for diff in found
        if diff.field in info.immutable or diff.field in (info.parent, "region", "provider")
    ]
    forced = want.address in inputs.replaced
    if fixed or forced:
        return replaced(
            change, info, found, f"{', '.join(fixed)} cannot be changed" if fixed else "asked for with --replace"
        )
    puts = _puts(info, found)
    if want.name != seen.ref.name:
        return replace(
            change, action="rename", steps=(Step("rename"), *puts), diffs=(Diff("name", seen.ref.name, want.name),
            *found), reason="its name follows the convention",
        )  # fmt: skip
    return replace(change, action="update", steps=puts, diffs=found) if puts else change


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


def unwanted(inputs: Inputs, record: Record) -> Change:
    """Give the change for a record that the blueprint no longer has."""
    info = inputs.kinds[record.kind]
    change = Change(
        record.address, record.kind, "noop", record.name, before=record, reason="it is not in the blueprint"
    )
    if record.on_delete == "keep":
        return replace(change, reason="it is kept and forgotten, as on_delete says")
    if (inputs.archive or record.on_delete == "archive") and "archive" in info.has:
        if record.status == "archived":
            return replace(change, reason="it is archived")
        return replace(change, action="archive", steps=(Step("archive"),))
    return removed(change, info)


def removed(change: Change, info: KindInfo) -> Change:
    """Give the change as a delete."""
    return replace(change, action="delete", steps=(Step("delete"),), reversible=info.undelete)


def _names(inputs: Inputs) -> Mapping[str, str]:
    return {resource.address: resource.name for resource in inputs.resources}
