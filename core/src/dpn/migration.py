"""A change of names: what becomes of the name of each address, how and why, and in which wave. Pure.

It is the part of a plan that has changed names as its only cause: the names themselves, what goes with them into a
definition that is made anew, what refers to them, and the tags that hold the same values.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from dpn import graph
from dpn.compare import held
from dpn.handover import Kept
from dpn.model import Change, Diff, Plan
from dpn.provider import KindInfo

How: TypeAlias = Literal["rename", "copy", "replace", "update", "keep"]
Kinds: TypeAlias = Mapping[str, KindInfo]

HOWS: tuple[How, ...] = ("rename", "copy", "replace", "update", "keep")


@dataclass(frozen=True, slots=True)
class Row:
    """What becomes of one name; without a wave nothing is done to the thing.

    how: rename (in place, it keeps its id), copy (its definition is made anew, and nothing else is in it), replace
    (deleted and created), update (it follows the names of others), keep (`new` is what it would be called; with a wave,
    it follows too). recreate: --replace can give it that name.
    """

    wave: int | None
    address: str
    kind: str
    old: str
    new: str
    how: How
    why: str = ""
    recreate: bool = False


def parts(plan: Plan, kinds: Kinds) -> set[str]:
    """Give the addresses of a plan that have something to do because names change, and for no other reason."""
    out, named = set[str](), _mentioned(plan)
    for change in plan.changes:  # what is referred to stands before what refers to it
        if _gets_name(change, kinds[change.kind]) or _follows(change, named, kinds[change.kind]):
            named[change.address] = change
            out.add(change.address)
    return out


def _mentioned(plan: Plan) -> dict[str, Change]:
    """Give what something mentions by another name than it is to have."""
    names = {f"{change.address}#name": change for change in plan.changes if change.want}
    return {
        names[key].address: names[key]
        for change in plan.changes
        for key, name in (change.before.bound if change.before else {}).items()
        if key in names and name != names[key].name
    }


def _gets_name(change: Change, info: KindInfo) -> bool:
    if change.action == "rename":
        return True
    want, before = change.want, change.before
    return bool(change.action == "replace" and want and before and want.name != before.name and not info.named_by)


def _follows(change: Change, named: Mapping[str, Change], info: KindInfo) -> bool:
    """Tell whether it goes with the names: else it would lose what it is in or refers to, or only its tags differ."""
    causes = [_cause(change, diff, named, info) for diff in change.diffs]
    if change.action == "update" and any(_lost(change, diff, named, info) for diff in change.diffs):
        return True
    follows = change.action == "update" or (change.action == "replace" and bool(change.before))
    return follows and (_goes_along(change, named) or (bool(causes) and all(causes)))


def _goes_along(change: Change, named: Mapping[str, Change]) -> bool:
    parent = named.get(change.before.parent or "") if change.before else None
    return bool(change.action == "replace" and parent and parent.action == "replace")


def _cause(change: Change, diff: Diff, named: Mapping[str, Change], info: KindInfo) -> str:
    """Say which name makes a field differ; nothing if none does."""
    if diff.field == "tags":
        return ", ".join(f"tags.{key} follows" for key in _values(change, diff))
    return ", ".join(f"{diff.field} refers to {target}" for target in _lost(change, diff, named, info))


def _lost(change: Change, diff: Diff, named: Mapping[str, Change], info: KindInfo) -> list[str]:
    """Give what a field refers to, as before, and would no longer find."""
    want, before = change.want, change.before
    if not want or not before or want.spec.get(diff.field) != before.spec.get(diff.field):
        return []
    targets = {reference.target for reference in held(diff.field, want.spec.get(diff.field), info)}
    return sorted(targets & named.keys())


def _values(change: Change, diff: Diff) -> list[str]:
    """Give the tags that differ because a naming value does; none if others differ too."""
    old, new = diff.before or {}, diff.after or {}
    if not change.want or not change.before or not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return []
    was, now = change.before.naming, change.want.naming
    keys = sorted(key for key in {*old, *new} if old.get(key) != new.get(key))
    return keys if all((old.get(key), new.get(key)) == (was.get(key), now.get(key)) for key in keys) else []


def waves(plan: Plan) -> dict[str, int]:
    """Give each address with something to do the number of main halves on the longest way to it, itself among them."""
    needs: dict[str, set[str]] = {}
    for change in plan.changes:
        methods = {step.method for step in change.steps}
        removal = f"{change.address}!" if "delete" in methods else None
        if removal:
            needs[removal] = set(change.removal_needs)
        if methods - {"delete"}:
            needs[change.address] = {*change.needs, *([removal] if removal else [])}
    depth: dict[str, int] = {}
    for key in graph.order(needs):
        depth[key] = max((depth.get(need, 0) for need in needs[key]), default=0) + (not key.endswith("!"))
    return {change.address: max(depth[change.address], 1) for change in plan.changes if change.address in depth}


def rows(plan: Plan, kinds: Kinds, kept: Iterable[Kept], asked: Collection[str] = ()) -> list[Row]:
    """Give the rows of the part of a plan that changes names: by wave, last what is only kept.

    asked: addresses that are replaced because somebody said so.
    """
    number, done = waves(plan), {change.address: change for change in plan.changes if change.steps}
    keeps, named = {one.address: one for one in kept}, _mentioned(plan) | done
    out = [_row(change, number.get(address), keeps, named, kinds, asked) for address, change in done.items()]
    out += [_kept(one, None) for address, one in keeps.items() if address not in done]
    return sorted(out, key=lambda row: (row.wave is None, row.wave))


def _row(
    change: Change, wave: int | None, keeps: Mapping[str, Kept], named: Mapping[str, Change], kinds: Kinds,
    asked: Collection[str],
) -> Row:  # fmt: skip
    info, was = kinds[change.kind], change.before.name if change.before else ""
    old = next((str(diff.before) for diff in change.diffs if diff.field == "name"), was)  # by hand it got another one
    why = "; ".join(_reasons(change, named, info))
    if change.address in keeps and change.action == "update":
        return _kept(keeps[change.address], wave, why)
    how: How = "replace" if change.action == "replace" else "rename" if change.action == "rename" else "update"
    if change.address in asked:
        why = "asked for with --replace"
    elif how == "replace" and info.rename_how == "copy":
        how = "copy"
    return Row(wave, change.address, change.kind, old, change.name, how, why)


def _reasons(change: Change, named: Mapping[str, Change], info: KindInfo) -> Iterator[str]:
    """Yield what happens to a thing beside its name, and why; that a new name is put into a definition goes unsaid."""
    if _goes_along(change, named) and change.before:
        yield f"goes with {change.before.parent}"
    causes = {diff.field: _cause(change, diff, named, info) for diff in change.diffs if diff.field != "name"}
    if change.action == "update":
        yield from filter(None, causes.values())
    others = [field for field, cause in causes.items() if not cause]
    if others:
        yield f"also {', '.join(others)}, as the blueprint says"


def _kept(one: Kept, wave: int | None, also: str = "") -> Row:
    why = f"{one.why}; {also}" if also else one.why
    return Row(wave, one.address, one.kind, one.name, one.wanted, "keep", why, one.recreate)
