"""What a kind is asked to make or to return to, and what its references stand for at this moment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dpn import filling, references
from dpn.engine.effects import StepFailed, Talk
from dpn.engine.tx import Tx
from dpn.model import Change, Observed, Record, Want
from dpn.paths import dotted
from dpn.provider import KindInfo
from dpn.references import Reference


def want_of(tx: Tx, change: Change, op: str) -> Want:
    """Build what the kind is asked to make; references stay text until the call."""
    assert change.want
    want = change.want
    marker = tx.marker(change.address, op)
    return Want(want.name, _without_parent(tx, change, want.spec), tx.parent(want.parent), marker, want.region)


def want_back(tx: Tx, change: Change, record: Record, before: Observed, op: str) -> tuple[Want, dict[str, Any]]:
    """Build what the kind is asked to return to, the before-image, and what its references stand for.

    The image is text in which nothing is a reference, for all names return to what they were. Only an id does not: a
    thing that was made again has another one. So where the image shows what a recorded reference by id stood for, the
    reference itself goes back.
    """
    info, was = tx.kinds[change.kind], change.before
    bound = _ids_now(tx, was) if was else {}
    spec = {name: _returned(info, name, value, was) for name, value in before.spec.items()}
    if was:
        spec |= {name: was.spec[name] for name in references.secret_fields(was.spec)}
    marker = tx.marker(change.address, op) if op else None
    return Want(before.ref.name, spec, tx.parent(record.parent), marker, record.region), bound


def _ids_now(tx: Tx, was: Record) -> dict[str, Any]:
    """Give what the references of a record stood for, with the ids that the things have now."""
    found = {key: tx.record(key.removesuffix("#id")) for key in was.bound if key.endswith("#id")}
    return {**was.bound, **{key: record.id for key, record in found.items() if record and record.id}}


def _returned(info: KindInfo, name: str, shown: Any, was: Record | None) -> Any:
    schema = info.schema.get("properties", {}).get(name)
    recorded = was.spec.get(name) if was else None
    by_id = was and any(reference.use == "id" for _, reference in references.walk(recorded, schema))
    if was and by_id and filling.fill(recorded, lambda found: was.bound.get(found.key), schema) == shown:
        return recorded
    return filling.escape(shown)


def _without_parent(tx: Tx, change: Change, spec: Mapping[str, Any]) -> dict[str, Any]:
    """Give the spec without the parent's field, which goes as a Ref."""
    parent = tx.kinds[change.kind].parent
    return {key: value for key, value in spec.items() if key != parent}


def bind(tx: Tx, change: Change, spec: Mapping[str, Any]) -> Talk[dict[str, Any]]:
    """Give what each reference of a spec stands for now; StepFailed if one has no value, or none that fits a text."""
    bound: dict[str, Any] = {}
    for path, text, field in references.texts(spec, tx.kinds[change.kind].schema):
        for reference in references.in_text(text, references.form(field)):
            if reference.scheme != "resource":
                continue
            if reference.key not in bound:
                bound[reference.key] = yield from _value(tx, reference)
            needs = f"{dotted(path)} of {change.address} needs ${{{reference.text}}}, which"
            if bound[reference.key] is None:
                raise StepFailed("UNKNOWN-VALUE", f"{needs} has no value.")
            if not (references.is_whole(text) or filling.is_scalar(bound[reference.key])):
                raise StepFailed("UNKNOWN-VALUE", f"{needs} is no text, and cannot stand inside a longer one.")
    return bound


def _value(tx: Tx, reference: Reference) -> Talk[Any]:
    record, use = tx.record(reference.target), reference.use
    if record is None:
        return None
    if use in ("name", "id"):
        return record.name if use == "name" else record.id
    if use == "full_name":
        return _full_name(tx, record)
    if use in tx.kinds[record.kind].sensitive:
        return None  # what a reference stands for is kept in journal and state; a secret must not be
    if use in record.spec:
        return _recorded(tx, record, use)
    seen = yield from tx.look_at(record)  # an attribute that only the cloud can tell
    return seen.spec.get(use) if seen else None


def _full_name(tx: Tx, record: Record) -> str:
    parent = tx.record(record.parent) if record.parent else None
    return f"{_full_name(tx, parent)}.{record.name}" if parent else record.name


def _recorded(tx: Tx, record: Record, field: str) -> Any:
    """Give a recorded field with its own references filled in; None if it holds a secret."""
    value, schema = record.spec[field], tx.kinds[record.kind].schema.get("properties", {}).get(field)
    if any(reference.is_secret for _, reference in references.walk(value, schema)):
        return None
    return filling.fill(value, lambda reference: record.bound.get(reference.key, ""), schema)
