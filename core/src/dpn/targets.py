"""What a plan has to look for: what is recorded, what is wanted, what stands at names that are to be given. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dpn.handover import at_new_name, is_renamed
from dpn.model import Record, Resource
from dpn.provider import KindInfo


@dataclass(frozen=True, slots=True)
class Target:
    """One thing to look for: by id if it is recorded, else by name."""

    address: str
    kind: str
    name: str
    provider: str
    id: str | None = None
    parent: str | None = None
    region: str | None = None
    takes: bool = False
    """Whether a plan would take the name, and its kind can tell whether it is free."""


def targets(
    resources: Iterable[Resource], records: Mapping[str, Record], kinds: Mapping[str, KindInfo], *, taking: bool = False
) -> list[Target]:
    """Give what to look for: all that is there, and what stands at names that are to be given.

    A name that is no identity is never looked for without an id. taking: the plan would take names, so those of
    strangers count.
    """
    named = {want.address: want for want in resources}
    out = [
        Target(record.address, record.kind, record.name, record.provider, record.id, record.parent, record.region)
        for record in records.values()
    ]
    out += [
        Target(
            want.address, want.kind, want.name, want.provider, want.id, want.parent, want.region,
            takes=taking and not want.existing and "available" in kinds[want.kind].has,
        )
        for want in named.values()
        if want.address not in records and _findable(want, named, records, kinds)
    ]  # fmt: skip
    out += [
        Target(
            at_new_name(want.address), want.kind, want.name, want.provider, None, want.parent, want.region,
            takes=taking and "available" in kinds[want.kind].has,
        )
        for want in named.values()
        if not want.existing and (record := records.get(want.address)) and is_renamed(want, record, kinds)
        if _has_place(want, named, records, kinds)
    ]  # fmt: skip
    return sorted(out, key=lambda target: target.address)


def _findable(
    want: Resource, named: Mapping[str, Resource], records: Mapping[str, Record], kinds: Mapping[str, KindInfo]
) -> bool:
    """Tell whether it, and what it stands in, can be looked for."""
    if want.address in records:
        return True
    if not want.id and kinds[want.kind].name_rule.unique == "none":
        return False
    return _has_place(want, named, records, kinds)


def _has_place(
    want: Resource, named: Mapping[str, Resource], records: Mapping[str, Record], kinds: Mapping[str, KindInfo]
) -> bool:
    parent = named.get(want.parent or "")
    return parent is None or _findable(parent, named, records, kinds)
