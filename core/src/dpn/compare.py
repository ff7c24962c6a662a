"""Which fields of a resource differ from what is there. Pure.

References are compared by their target and never by their resolved text: a field that holds one has changed when its
text differs from the recorded text, and has drifted when the cloud shows something else than the reference stood for
when it was applied.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dpn import filling, references, shares
from dpn.canonical import canonical, is_absent, ordered
from dpn.model import Diff, Marker, Observed, Record, Ref, Resource
from dpn.provider import KindInfo
from dpn.references import UNKNOWN, Reference

HIDDEN = "(secret)"
"""What a difference shows in place of a value that a secret stands for: plans are shown and stored."""


def diffs(
    want: Resource, record: Record | None, seen: Observed, info: KindInfo, names: Mapping[str, str]
) -> tuple[Diff, ...]:
    """Give the fields that differ; those that neither the blueprint nor the record mention are not ours to judge."""
    there = canonical(seen.spec, info, defaults=False)
    managed = sorted(set(want.spec) | set(record.spec if record else ()))
    skip = info.computed | ({info.parent} if info.parent else set())
    shared = shares.fields(info) if info.ownership == "shared" else ()
    found = [
        diff
        for name in managed
        if name not in skip and name not in shared
        for diff in _field(name, want, record, there.get(name), info, names)
    ]
    moved = shares.differs(info, want, record.share if record else {}, seen) if shared else {}
    return (*found, *(Diff(name, before or None, after) for name, (before, after) in moved.items()))


def _field(
    name: str, want: Resource, record: Record | None, there: Any, info: KindInfo, names: Mapping[str, str]
) -> Iterator[Diff]:
    wanted, was = want.spec.get(name), record.spec.get(name) if record else None
    holds = held(name, wanted, info)
    shown = shown_as(name, wanted, info, names)
    if not holds:
        differs = not _same(name, shown, there, info)
    elif record and was != wanted:
        differs = True
    elif any(reference.is_secret for reference in holds):
        # Nobody may know what it was; only where it was never certain that it was set, it is set again.
        differs = record is not None and record.status == "partial" and name not in info.immutable
    elif record:
        differs = not _same(name, _filled(name, was, info, lambda one: record.bound.get(one.key, UNKNOWN)), there, info)
    else:
        differs = not _same(name, shown, there, info)
    if differs:
        secret = any(reference.is_secret for reference in (*holds, *held(name, was, info)))
        yield Diff(name, HIDDEN if secret and there is not None else there, shown)


def held(name: str, value: Any, info: KindInfo) -> list[Reference]:
    """Give the references in the value of a field."""
    schema = info.schema.get("properties", {}).get(name)
    return [reference for _, reference in references.walk(value, schema)]


def shown_as(name: str, value: Any, info: KindInfo, names: Mapping[str, str]) -> Any:
    """Give the value of a field as a plan shows it: names put in, UNKNOWN where only the cloud knows."""

    def known(reference: Reference) -> Any:
        return names.get(reference.target, UNKNOWN) if reference.use == "name" else UNKNOWN

    return _filled(name, value, info, known)


def _filled(name: str, value: Any, info: KindInfo, known: Any) -> Any:
    schema = info.schema.get("properties", {}).get(name)

    def lookup(reference: Reference) -> Any:
        return known(reference) if reference.scheme == "resource" else f"${{{reference.text}}}"

    return filling.fill(value, lookup, schema)


def _same(name: str, one: Any, other: Any, info: KindInfo) -> bool:
    return bool(_arranged(name, one, info) == _arranged(name, other, info)) or (is_absent(one) and is_absent(other))


def _arranged(name: str, value: Any, info: KindInfo) -> Any:
    """Give a list whose order means nothing in the one order that all such have, now that ids stand in it.

    Entries that are known by a key of theirs (`x-dpn-key` of the field's schema) stand in the order of that key.
    """
    key = info.schema.get("properties", {}).get(name, {}).get("x-dpn-key")
    if not isinstance(value, list) or not (key or name in info.unordered):
        return value
    if key and all(isinstance(row, Mapping) and key in row for row in value):
        return sorted(value, key=lambda row: str(row[key]))
    return ordered(value) if name in info.unordered else value


def as_observed(record: Record, info: KindInfo) -> Observed:
    """Give a record as if it had been observed: for `--offline`, and where nothing was looked at."""
    spec = {
        name: _filled(name, value, info, lambda reference: record.bound.get(reference.key, UNKNOWN))
        for name, value in record.spec.items()
        if name != info.parent
    }
    return Observed(Ref(record.kind, record.name, record.id), spec, Marker("", "", record.op), status=record.status)
