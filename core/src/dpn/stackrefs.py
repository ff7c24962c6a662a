"""What `${stack:KEY#address}` stands for: a value out of the committed records of another stack. Pure.

The value takes the reference's place in the blueprint before anything is named or planned. So what is recorded here is
the value, and another name there is an ordinary update here. Between resources of one stack only targets are compared,
because the engine brings both up to date in one transaction; another stack changes at a time of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from dpn import filling, references
from dpn.blueprint import Item
from dpn.errors import Problem
from dpn.extensions import Snapshot
from dpn.model import Record
from dpn.paths import dotted, nearest
from dpn.provider import KindInfo
from dpn.references import Reference

_AS_EXISTING = 'Or declare it here as a resource with "existing": true.'


@dataclass(frozen=True, slots=True)
class Asked:
    """One reference to another stack: where it stands, and whether it is all of its text."""

    item: Item
    path: tuple[str | int, ...]
    reference: Reference
    whole: bool
    kinds: tuple[str, ...]

    @property
    def stack(self) -> str:
        """The key of the other stack."""
        return self.reference.target.partition("#")[0]

    @property
    def address(self) -> str:
        """The address in the other stack."""
        return self.reference.target.partition("#")[2]

    def problem(self, code: str, message: str, hint: str | None = None) -> Problem:
        """Say what is wrong with it, where it stands."""
        return Problem(code, message, self.item.address, dotted(self.path), hint=hint)


def asked(items: Iterable[Item], kinds: Mapping[str, KindInfo]) -> Iterator[Asked]:
    """Yield the references to other stacks, in the order of the items."""
    for item in items:
        schema = kinds[item.kind].schema if item.kind in kinds else {}
        for path, text, field in references.texts(item.spec, schema, ("spec",)):
            for one in references.in_text(text, references.form(field)):
                if one.scheme == "stack":
                    kinds_here = tuple(field.get("x-dpn-ref", {}).get("kinds", ()))
                    yield Asked(item, path, one, references.is_whole(text), kinds_here)


def kinds_of(found: Iterable[Asked]) -> set[str]:
    """Give the kinds whose data is needed: a name and an id are known without."""
    return {one.address.partition(".")[0] for one in found if one.reference.use not in ("name", "id")}


@dataclass(frozen=True, slots=True)
class Others:
    """The other stacks as they stand, and what is installed. `here` is the stack that refers to them."""

    here: str
    snapshots: Mapping[str, Snapshot]
    keys: tuple[str, ...]
    kinds: Mapping[str, KindInfo]

    def put_in(self, items: Iterable[Item], found: Iterable[Asked]) -> tuple[tuple[Item, ...], list[Problem]]:
        """Give the items with values in place of the references; where there is none, a problem says why."""
        values: dict[tuple[str, str], Any] = {}
        problems: list[Problem] = []
        for one in found:
            value = self._value(one)
            if isinstance(value, Problem):
                problems.append(value)
            else:
                values[one.reference.text, one.reference.use] = value
        filled = tuple(self._filled(item, values) for item in items) if values else tuple(items)
        return filled, [*problems, *self._open()]

    def _filled(self, item: Item, values: Mapping[tuple[str, str], Any]) -> Item:
        schema = self.kinds[item.kind].schema if item.kind in self.kinds else {}
        spec = filling.substitute(item.spec, lambda one: values.get((one.text, one.use)), schema)
        return item if spec == item.spec else replace(item, spec=spec)

    def _open(self) -> Iterator[Problem]:
        for key, snapshot in self.snapshots.items():
            if snapshot.journal:
                yield Problem(
                    "STACK-OPEN", f"A run of {key} is open; what it had committed before counts here.",
                    hint=f"Plan again when it has ended; if none goes on: dpn recover --stack {key}",
                    severity="warning",
                )  # fmt: skip

    def _value(self, one: Asked) -> Any:
        """Give what a reference stands for, or the problem that keeps it from it."""
        record = self._record(one)
        if isinstance(record, Problem):
            return record
        value = _of(one, record, self.snapshots[one.stack].records, self.kinds)
        if one.whole or isinstance(value, Problem) or _is_plain(value):
            return value
        message = f"{one.reference.use} is no text without $, {{ and }}, and cannot stand inside a longer one."
        return one.problem("REF-STACK", message, "Let the reference be the whole text.")

    def _record(self, one: Asked) -> Record | Problem:
        """Give the record that is meant, if it may stand here."""
        if one.stack == self.here:
            hint = f"Refer to it as ${{{one.reference.text.partition('#')[2]}}}."
            return one.problem("REF-STACK", "This is the stack itself, not another one.", hint)
        snapshot = self.snapshots[one.stack]
        if not snapshot.lineage:
            return one.problem("REF-STACK", f"There is no stack {one.stack}.", self._other_key(one.stack))
        record = snapshot.records.get(one.address)
        return self._fitting(one, record) if record else self._no_record(one, snapshot)

    def _fitting(self, one: Asked, record: Record) -> Record | Problem:
        if one.whole and one.kinds and record.kind not in one.kinds:
            message = f"A resource of the kind {record.kind} does not belong here."
            return replace(one.problem("REF-KIND", message), expected=f"a reference to {' or '.join(one.kinds)}")
        info = self.kinds.get(one.item.kind)
        if info and info.parent and one.path == ("spec", info.parent):
            hint = f'Declare it here as a resource with "existing": true and "name": "{record.name}".'
            return one.problem("PARENT", f"{info.parent} must refer to a resource of this blueprint.", hint)
        return record

    def _other_key(self, key: str) -> str:
        near = nearest(key, self.keys)
        return f"Did you mean {near}?" if near else "Apply its blueprint first, or correct the key: dpn state list."

    def _no_record(self, one: Asked, snapshot: Snapshot) -> Problem:
        near = nearest(one.address, snapshot.records)
        hint = f"Did you mean {near}?" if near else f"See: dpn state list --stack {one.stack}. {_AS_EXISTING}"
        return one.problem("REF-UNKNOWN", f"There is no {one.address} in the stack {one.stack}.", hint)


def _is_plain(value: Any) -> bool:
    return filling.is_scalar(value) and not (isinstance(value, str) and set(value) & set("${}"))


def _of(one: Asked, record: Record, records: Mapping[str, Record], kinds: Mapping[str, KindInfo]) -> Any:
    use, value = one.reference.use, None
    if use in ("name", "id"):
        value = record.name if use == "name" else record.id
    elif use == "full_name":
        value = _full_name(record, records, kinds)
    else:
        return _attribute(one, record, kinds)
    return _unrecorded(one) if value is None else value


def _full_name(record: Record, records: Mapping[str, Record], kinds: Mapping[str, KindInfo]) -> str | None:
    if record.parent is None:
        return record.name
    if record.parent in records:
        outer = _full_name(records[record.parent], records, kinds)
    else:  # an existing thing has no record: what the reference to it stood for is all that is known
        outer = record.bound.get(f"{record.parent}#full_name")
        info = kinds.get(record.parent.partition(".")[0])
        if outer is None and info and info.parent is None:
            outer = record.bound.get(f"{record.parent}#name")
    return f"{outer}.{record.name}" if outer else None


def _attribute(one: Asked, record: Record, kinds: Mapping[str, KindInfo]) -> Any:
    info, use = kinds.get(record.kind), one.reference.use
    known = {"name", "id", "full_name", *(info.schema.get("properties", {}) if info else ()), *record.spec}
    if (info and use in info.sensitive) or use in references.secret_fields(record.spec):
        hint = "Refer to the secret itself: ${env:NAME} or ${secret:SCHEME:NAME}."
        return one.problem("REF-SECRET", f"{use} of {one.address} is secret: it is never read back.", hint)
    if info and use in info.computed and use not in record.spec:
        return _unrecorded(one)
    if use not in known:
        near = nearest(use, known)
        hint = f"Did you mean {near}?" if near else f"Known: {', '.join(sorted(known))}."
        return one.problem("REF-ATTRIBUTE", f"{record.kind} has no attribute {use}.", hint)
    return _recorded(one, record, info)


def _recorded(one: Asked, record: Record, info: KindInfo | None) -> Any:
    """Give a recorded field with its own references filled in by what they stood for."""
    missing = []

    def lookup(reference: Reference) -> Any:
        if reference.key not in record.bound:
            missing.append(reference)
        return record.bound.get(reference.key, "")

    use = one.reference.use
    schema = info.schema.get("properties", {}).get(use) if info else None
    value = filling.fill(record.spec.get(use), lookup, schema)
    return _unrecorded(one) if missing or value is None else value


def _unrecorded(one: Asked) -> Problem:
    message = f"The state of {one.stack} does not tell {one.reference.use} of {one.address}."
    hint = f"What is recorded: dpn state show --stack {one.stack} '{one.address}'. {_AS_EXISTING}"
    return one.problem("REF-UNRECORDED", message, hint)
