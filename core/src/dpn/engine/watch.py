"""Creates that may still land, or may have made two: each later command looks for them again, for a day."""

from __future__ import annotations

from typing import Any

from dpn import codec
from dpn.engine import settle
from dpn.engine.effects import CallFailed, Talk, Tell
from dpn.engine.fold import Entry
from dpn.engine.tx import Tx
from dpn.model import Change, Observed, Record, Want

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


def may_be_two(tx: Tx, change: Change) -> bool:
    """Tell whether a request that was sent again, by us or on its way, may have made a second thing of one name.

    One that a look does not show yet cannot be told from none, so later commands look again.
    """
    return tx.kinds[change.kind].name_rule.unique == "none"


def swept(tx: Tx, entry: Entry) -> Talk[None]:
    """Look once more; what landed late is deleted, for it is ours and nobody uses it."""
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
