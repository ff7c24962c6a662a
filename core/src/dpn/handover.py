"""Names that change hands in one plan: who lets go of one, who takes it, who has it already, who keeps it. Pure.

Names are compared as the service compares them, inside of the scope in which they must be unique.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from dpn.model import Change, Fault, Observed, Problem, Record, Resource
from dpn.provider import KindInfo, NameRule
from dpn.taken import CODE, by_stranger, by_thing

Claim: TypeAlias = tuple[str, str, str]
"""Kind, scope and name: what only one thing can have."""
Kinds: TypeAlias = Mapping[str, KindInfo]


@dataclass(frozen=True, slots=True)
class Kept:
    """What keeps the name that it has, although the convention gives it another one; `why` it does.

    recreate: it can be deleted and created under that name, as long as it holds nothing.
    """

    address: str
    kind: str
    name: str
    wanted: str
    why: str
    hint: str = ""
    recreate: bool = False

    @property
    def problem(self) -> Problem:
        """Say it as a plan does."""
        said = f"It keeps its name {self.name}; by the convention it would be {self.wanted}, but {self.why}."
        return Problem("NAME-KEPT", said, self.address, hint=self.hint or None, severity="warning")


def at_new_name(address: str) -> str:
    """Give the key under which a plan finds what stands at the name that an address is to get."""
    return f"{address}>"


def whose_name(key: str) -> str:
    """Give the address of what was looked for under such a key, or under an address."""
    return key.removesuffix(">")


def scope_of(thing: Resource | Record, info: KindInfo) -> str:
    """Give the scope within which the name of a thing must be unique."""
    match info.name_rule.unique:
        case "global" | "partition":
            return info.provider
        case "parent":
            return thing.parent or ""
        case "account_region":
            return f"{thing.provider} {thing.region}"
        case _:
            return thing.provider


def compared(rule: NameRule, name: str) -> str:
    """Give a name as the service compares it."""
    name = rule.canonical(name)
    return name.lower() if rule.unique_fold == "lower" else name


def claim(thing: Resource | Record, kinds: Kinds) -> Claim | None:
    """Give what only this thing can have; None where names are no identity."""
    info = kinds[thing.kind]
    if info.name_rule.unique == "none":
        return None
    return thing.kind, scope_of(thing, info), compared(info.name_rule, thing.name)


def is_renamed(want: Resource, record: Record, kinds: Kinds) -> bool:
    """Tell whether it gets a name that it does not have, in whatever way."""
    return want.name != record.name and claim(want, kinds) not in (None, claim(record, kinds))


def first(changes: Mapping[str, Change], kinds: Kinds) -> dict[str, set[str]]:
    """Give for each change that takes another's name the key that must be done before: where that lets go of it."""
    free = {
        claim(change.before, kinds): (address, _letting_go(change))
        for address, change in changes.items()
        if change.want and change.before and _letting_go(change) and is_renamed(change.want, change.before, kinds)
    }
    out: dict[str, set[str]] = {}
    for address, change in changes.items() if free else ():
        taken = claim(change.want, kinds) if change.want and change.steps else None
        if taken and taken in free and free[taken][0] != address:
            out[address] = {free[taken][1]}
    return out


def _letting_go(change: Change) -> str:
    """Give the key of the half that frees the name; nothing if none does."""
    methods = {step.method for step in change.steps}
    return f"{change.address}!" if "delete" in methods else change.address if "rename" in methods else ""


def circle(path: Sequence[str]) -> Problem:
    """Say that no order is possible; `path` begins and ends with the same key."""
    addresses = sorted({key.removesuffix("!") for key in path})
    return Problem(
        "NAME-CIRCLE", f"{' and '.join(addresses)} wait for each other: each takes a name before it can be free.",
        addresses[0], hint=f"Go through a third name: give {addresses[0]} one that nobody has, apply that, then this.",
    )  # fmt: skip


def newcomers(
    resources: Iterable[Resource], records: Mapping[str, Record], observed: Mapping[str, Observed | None], kinds: Kinds
) -> tuple[dict[str, Observed | None], list[Problem]]:
    """Give what was seen without what has a record under another address: it is not there for who takes its name.

    Unless it keeps that name: this is a problem.
    """
    wanted = {resource.address: resource for resource in resources}
    owners = {record.op: record for record in records.values() if record.op}
    out, problems = dict(observed), []
    for address in wanted.keys() - records.keys():
        seen, want = observed.get(address), wanted[address]
        owner = owners.get(seen.marker.op) if seen and seen.marker and not want.existing else None
        if owner and owner.kind == want.kind:
            del out[address]
            other = wanted.get(owner.address)
            if not other or other.existing or not is_renamed(other, owner, kinds):
                text = f"{want.name} is the name of {owner.address} already."
                problems.append(
                    Problem(CODE, text, address, hint="Choose other naming values, or free that name first.")
                )
    return out, problems


def stranger_at(
    change: Change, records: Mapping[str, Record], observed: Mapping[str, Observed | None], kinds: Kinds
) -> Problem | None:
    """Refuse a new name at which something stands that no record of this stack knows."""
    want, seen = change.want, observed.get(at_new_name(change.address))
    if not want or not change.before or not seen or not is_renamed(want, change.before, kinds):
        return None
    if any(_is_of(record, seen, kinds) for record in records.values()):
        return None
    return by_thing(kinds[want.kind], want.name, want.address, seen, known=True)


def renamed_already(record: Record, observed: Mapping[str, Observed | None], kinds: Kinds) -> Observed | None:
    """Give what is not under its recorded name because it has the new one already, by a person or a late request."""
    seen = observed.get(at_new_name(record.address))
    ours = seen and seen.marker and record.op and seen.marker.op == record.op
    return seen if ours and kinds[record.kind].rename_how == "in_place" else None


def by_strangers(changes: Iterable[Change], found: Mapping[str, Fault | None], kinds: Kinds) -> list[Problem]:
    """Refuse names that are not free although nothing can be seen there; `found` has why, by the key of the look."""
    working = {change.address: change for change in changes if change.steps}
    return [
        by_stranger(kinds[change.kind], change.name, change.address, fault)
        for key, fault in sorted(found.items())
        if (change := working.get(whose_name(key)))
    ]


def _is_of(record: Record, seen: Observed, kinds: Kinds) -> bool:
    """Tell whether a record is that of a thing; an id may be a name, which others have elsewhere."""
    if seen.marker or kinds[record.kind].marker != "none":
        return bool(seen.marker and record.op and record.op == seen.marker.op)
    return (record.kind, record.id) == (seen.ref.kind, seen.ref.id)
