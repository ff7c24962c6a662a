"""A person accepts a run that has not ended, or skips an address of it: what was done so far stays as it is.

What is in doubt is found out as far as a record depends on it. A step that the next plan would simply repeat counts as
not done.
"""

from __future__ import annotations

from dpn import shares
from dpn.engine import doubts, settle, sharing
from dpn.engine.effects import CallFailed, InDoubt, Talk, Tell
from dpn.engine.fold import Entry, Fold
from dpn.engine.nodes import Node
from dpn.engine.tx import Tx
from dpn.engine.wants import want_back
from dpn.engine.watch import watch_entry
from dpn.model import Observed, Ref


def open_undos(folded: Fold) -> list[int]:
    """Give the undos without a result that are not begun again."""
    return [
        seq
        for seq, intent in folded.intents.items()
        if "undoes" in intent and seq not in folded.results and folded.stays(intent["address"])
    ]


def resolve(tx: Tx, seq: int) -> Talk[None]:
    """Write the result of an intent without one, a step or an undo; to skip is the way out where nothing tells it."""
    address = tx.folded.intents[seq]["address"]
    try:
        yield from _resolve(tx, seq)
    except (CallFailed, InDoubt) as doubt:
        if address not in tx.folded.skipped:
            raise
        yield Tell("warning", address, message=f"{doubt} It was skipped: what this call did is not recorded.")


def _resolve(tx: Tx, seq: int) -> Talk[None]:
    intent = tx.folded.intents[seq]
    node = doubts.node_of(tx.folded, intent["key"])
    if sharing.is_shared(tx, node.change.kind):
        yield from _share(tx, node, seq, intent)
    elif intent["method"] == "mark":
        yield from _mark(tx, node, seq, intent)
    elif "undoes" in intent:
        yield from _undo(tx, node, seq, intent)
    elif intent["method"] in ("create", "delete", "rename"):
        yield from doubts.resolve(tx, seq)
    else:
        yield from tx.conclude(seq, "not_applied", unsure=True)


def _undo(tx: Tx, node: Node, seq: int, intent: Entry) -> Talk[None]:
    record, undone = tx.record(intent["address"]), tx.folded.intents[intent["undoes"]]
    if intent["method"] == "create" and undone.get("before"):
        yield from _made_again(tx, node, seq, intent)
    elif intent["method"] == "delete" and record:
        gone = yield from settle.deleted(tx, node.change, tx.ref(record), intent["op"])
        yield from tx.conclude(seq, "applied" if gone else "not_applied")
    elif intent["method"] == "rename" and record:
        name = doubts.seen_of(undone).ref.name
        now = yield from settle.renamed(tx, node.change, tx.ref(record), name, record.op)
        yield from tx.conclude(seq, "applied" if now else "not_applied", now)
    else:
        yield from tx.conclude(seq, "applied", unsure=True)


def _made_again(tx: Tx, node: Node, seq: int, intent: Entry) -> Talk[None]:
    """Find what the undo of a delete made, by the operation id of that undo."""
    record, before = node.change.before, doubts.seen_of(tx.folded.intents[intent["undoes"]])
    assert record  # what was deleted had one
    want, bound = want_back(tx, node.change, record, before, intent["op"])
    found = yield from settle.created(tx, node.change, want, bound, doubts.CRASHED)
    late = None if found else watch_entry(tx, node.change, want)
    yield from tx.conclude(seq, "applied" if found else "not_applied", found, watch=late)


def _mark(tx: Tx, node: Node, seq: int, intent: Entry) -> Talk[None]:
    ref = doubts.seen_of(tx.folded.intents[intent.get("undoes", seq)]).ref
    seen = yield from tx.look(node.change, ref)
    ours = seen is not None and settle.is_ours(tx, node.change, seen, intent["op"])
    yield from tx.conclude(seq, "applied" if ours != ("undoes" in intent) else "not_applied", ref if ours else None)


def _share(tx: Tx, node: Node, seq: int, intent: Entry) -> Talk[None]:
    """See whether what was to be added is there, and what was to be removed is not."""
    owner = tx.record(intent["address"]) or node.change.want or node.change.before
    assert owner
    ref = Ref(node.change.kind, owner.name, parent=tx.parent(owner.parent))
    seen: Observed | None = yield from tx.look(node.change, ref, owner)
    step = tx.folded.intents[intent.get("undoes", seq)]
    added, removed = shares.ours(seen, step["added"]), shares.ours(seen, step["removed"])
    there = added == step["added"] and not any(removed.values())
    yield from tx.conclude(
        seq, "applied" if there != ("undoes" in intent) else "not_applied", seen.ref if seen else ref
    )
