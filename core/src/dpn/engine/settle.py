"""Was it applied? How the outcome of each call is found out when the reply did not come."""

from __future__ import annotations

from typing import Any

from dpn import codec
from dpn.engine.effects import CallFailed, Sleep, Talk, Tell
from dpn.engine.tx import READS, REPEATABLE, Tx, in_doubt
from dpn.model import Change, Fault, Observed, Record, Ref, Want

WATCH_SECONDS = 24 * 3600
"""How long a create that was presumed absent is looked for again at each later command."""


def created(tx: Tx, change: Change, want: Want, bound: dict[str, str], fault: Fault) -> Talk[Ref | None]:
    """Find what a create made, by our operation id; None after the kind's settle time.

    A look-up that finds the object ends at once. A definite refusal is looked up once too: an answer such as "already
    exists" may be the echo of our own request. Of several, the lowest id stays and the others, all ours, go.
    """
    patience = 0.0 if fault.outcome == "not_applied" else tx.patience(change)
    waited, pause = 0.0, 1.0
    while True:
        found = yield from _find(tx, change, want, bound)
        if found:
            return (yield from _keep_one(tx, change, found))
        if waited >= patience:
            return None
        yield Tell("wait", change.address, step="create", message=f"looking for it, up to {patience:.0f} s")
        if (yield Sleep(pause)):
            raise in_doubt(change, fault)
        waited, pause = waited + pause, min(pause * 2, 10.0)


def _find(tx: Tx, change: Change, want: Want, bound: dict[str, str]) -> Talk[list[Observed]]:
    try:
        found: list[Observed] = yield from tx.attempt(tx.call(change, "find", want, bound=bound), READS)
    except CallFailed as failed:
        raise in_doubt(change, failed.fault) from failed
    return [seen for seen in found if is_ours(tx, change, seen, want.marker.op if want.marker else "")]


def is_ours(tx: Tx, change: Change, seen: Observed, op: str) -> bool:
    """Tell whether an object carries our operation id; a kind without markers has only its unique name."""
    if tx.kinds[change.kind].marker == "none":
        return True
    return bool(op) and seen.marker is not None and seen.marker.op == op


def _keep_one(tx: Tx, change: Change, found: list[Observed]) -> Talk[Ref]:
    found.sort(key=lambda seen: (len(seen.ref.id or ""), seen.ref.id or ""))
    for extra in found[1:]:
        yield from tx.attempt(tx.call(change, "delete", extra.ref, extra), REPEATABLE)
    return found[0].ref


def deleted(tx: Tx, change: Change, ref: Ref) -> Talk[bool]:
    """Tell whether it is gone."""
    try:
        return (yield from tx.look(change, ref)) is None
    except CallFailed as failed:
        raise in_doubt(change, failed.fault) from failed


def renamed(tx: Tx, change: Change, ref: Ref, name: str) -> Talk[Ref | None]:
    """Give the Ref at the new name if the same object stands there."""
    at = Ref(ref.kind, name, ref.id, ref.parent)
    try:
        seen = yield from tx.look(change, at)
    except CallFailed as failed:
        raise in_doubt(change, failed.fault) from failed
    return seen.ref if seen and seen.ref.id == ref.id else None


def watch_entry(tx: Tx, change: Change, want: Want, op: str) -> dict[str, Any]:
    """Give the entry that makes later commands look for a request that lands late."""
    want_only = Want(want.name, {}, want.parent, want.marker, want.region)
    provider = (change.want or change.before or Record("", "", "", {}, "")).provider
    return {
        "address": change.address, "kind": change.kind, "provider": provider, "op": op,
        "want": codec.dump(want_only), "until": tx.now() + WATCH_SECONDS,
    }  # fmt: skip


def swept(tx: Tx, entry: dict[str, Any]) -> Talk[None]:
    """Look once more for a create that was presumed absent; what landed late is deleted, for it is ours and unused."""
    want = codec.load(Want, entry["want"])
    change = Change(entry["address"], entry["kind"], "delete", want.name, before=_stand_in(entry, want))
    try:
        found = yield from _find(tx, change, want, {})
        for seen in found:
            yield Tell("warning", change.address, message=f"{seen.ref.name} landed late and is deleted")
            yield from tx.attempt(tx.call(change, "delete", seen.ref, seen), REPEATABLE)
    except CallFailed as failed:
        raise in_doubt(change, failed.fault) from failed


def _stand_in(entry: dict[str, Any], want: Want) -> Record:
    return Record(entry["address"], entry["kind"], want.name, {}, entry["provider"], op=entry["op"], region=want.region)
