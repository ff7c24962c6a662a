"""What may still land: creates (or one that made two) and renames. Each later command looks for it again, for a day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dpn import codec
from dpn.engine import settle
from dpn.engine.effects import CallFailed, Failure, Sync, Talk, Tell
from dpn.engine.fold import Entry
from dpn.engine.tx import REPEATABLE, Tx
from dpn.model import Change, Observed, Record, Step, Want

WATCH_SECONDS = 24 * 3600
"""How long a create that was presumed absent is looked for again."""


def watch_entry(tx: Tx, change: Change, want: Want) -> dict[str, Any] | None:
    """Give the entry that makes later commands look for a request that lands late.

    None where nothing would tell our late object from another's: a kind without marker.
    """
    owner = change.want or change.before
    if not (owner and want.marker) or tx.kinds[change.kind].marker == "none":
        return None
    want_only = Want(want.name, {}, want.parent, want.marker, want.region)
    return {
        "address": change.address, "kind": change.kind, "provider": owner.provider, "parent": owner.parent,
        "op": want.marker.op, "want": codec.dump(want_only), "until": tx.now() + WATCH_SECONDS,
    }  # fmt: skip


def rename_entry(tx: Tx, change: Change, record: Record) -> dict[str, Any] | None:
    """Give the entry that makes later commands look for a rename that lands late, under its new name."""
    if tx.kinds[change.kind].marker == "none" and record.id is None:
        return None
    want = Want(change.name, {}, tx.parent(record.parent), tx.marker(change.address, record.op), record.region)
    return {
        "address": change.address, "kind": change.kind, "provider": record.provider, "parent": record.parent,
        "op": record.op, "want": codec.dump(want), "until": tx.now() + WATCH_SECONDS, "renames": True,
    }  # fmt: skip


def key_of(entry: Entry) -> str:
    """Give what tells the entries apart: renames of a thing may be watched beside its create, each by its new name."""
    return f"{entry['op']} {entry['want']['name']}" if entry.get("renames") else str(entry["op"])


def may_be_two(tx: Tx, change: Change) -> bool:
    """Tell whether a request that was sent again, by us or on its way, may have made a second thing of one name.

    One that a look does not show yet cannot be told from none, so later commands look again.
    """
    return tx.kinds[change.kind].name_rule.unique == "none"


def order(entries: Mapping[str, Entry]) -> dict[str, list[str]]:
    """Let the renames go first: what is inside of a thing is looked for under the name that it should have."""
    renames = [key for key, entry in entries.items() if entry.get("renames")]
    return {key: [] if entry.get("renames") else renames for key, entry in entries.items()}


def is_wanted(entry: Entry, change: Change) -> bool:
    """Tell whether the plan itself deals with what may have landed late: it adopts it, or gives it a new name."""
    if entry.get("renames"):
        named = change.before and change.before.name != change.name
        return change.address == entry["address"] and Step("rename") in change.steps and bool(named)
    ref = change.adopt
    return ref is not None and (ref.kind, ref.name) == (entry["kind"], entry["want"]["name"])


def swept(tx: Tx, entry: Entry) -> Talk[Failure | None]:
    """Look once more, and take back what landed late; tell why a plan made before that is not true any more."""
    if not entry.get("renames"):
        yield from _deleted(tx, entry)
        return None
    if not (yield from _renamed_back(tx, entry)):
        return None
    message = f"A rename to {entry['want']['name']} that had been given up landed late; it was taken back."
    return Failure(entry["address"], "LANDED-LATE", message, "Plan again: the plan was made before that.")


def _renamed_back(tx: Tx, entry: Entry) -> Talk[bool]:
    """Give a thing the name back that its record says, if a rename that was given up has landed since."""
    record, late = tx.record(entry["address"]), entry["want"]["name"]
    if record is None or record.op != entry["op"] or record.name == late:
        return False
    change, ref = Change(record.address, record.kind, "rename", record.name, before=record), tx.ref(record)

    def again() -> Talk[Any]:
        there = yield from settle.renamed(tx, change, ref, late, record.op)
        return tx.call(change, "rename", there, record.name) if there else None

    try:
        first = yield from again()
        if first is None:
            return False
        yield Tell("warning", record.address, message=f"its rename to {late} landed late and is taken back")
        yield from settle.while_busy(tx, change, ref)
        yield Sync()  # no intent of its own stands before this call
        yield from tx.attempt(first, REPEATABLE, again)
    except CallFailed as failed:
        raise settle.in_doubt(change, failed.fault) from failed
    return True


def _deleted(tx: Tx, entry: Entry) -> Talk[None]:
    """Delete what a create made late, for it is ours and nobody uses it."""
    want = codec.load(Want, entry["want"])
    parent = tx.parent(entry.get("parent")) or want.parent  # it may have been renamed since
    want = Want(want.name, {}, parent, want.marker, want.region)
    stand_in = Record(
        entry["address"], entry["kind"], want.name, {}, entry["provider"], op=entry["op"], region=want.region
    )
    change = Change(entry["address"], entry["kind"], "delete", want.name, before=stand_in)
    try:
        for seen in (yield from settle.find(tx, change, want, {})):
            if not _recorded(tx, change, seen):
                yield Tell("warning", change.address, message=f"{seen.ref.name} landed late and is deleted")
                yield from settle.discard(tx, change, want, seen)
    except CallFailed as failed:
        raise settle.in_doubt(change, failed.fault) from failed


def _recorded(tx: Tx, change: Change, seen: Observed) -> bool:
    """Tell whether it is the object of a live record: what an undo made again may carry the same operation id."""
    record = tx.record(change.address)
    return bool(record and record.kind == seen.ref.kind and record.id == seen.ref.id)
