"""What is in doubt after a failure or a crash: intents without a result. Each is settled before anything is undone."""

from __future__ import annotations

from dpn import codec
from dpn.engine import settle, sharing
from dpn.engine.effects import Talk
from dpn.engine.fold import Entry, Fold
from dpn.engine.nodes import Node
from dpn.engine.tx import Tx
from dpn.engine.wants import want_of
from dpn.engine.watch import may_be_two, rename_entry, watch_entry
from dpn.model import Fault, Observed

CRASHED = Fault("unknown", "CRASHED", "dpn ended before the reply came")


def open_intents(folded: Fold) -> list[int]:
    """Give the forward intents without a result: what is in doubt, also where it was skipped."""
    return [
        seq
        for seq, intent in folded.intents.items()
        if seq not in folded.results and "undoes" not in intent and intent["method"] != "ready"
    ]


def node_of(folded: Fold, key: str) -> Node:
    """Build the node that an entry's key stands for."""
    address = key.removesuffix("!")
    change = folded.changes[address]
    needs = change.removal_needs if key.endswith("!") else change.needs
    return Node(key, change, (), (*needs, f"{address}!") if not key.endswith("!") else needs)


def resolve(tx: Tx, seq: int) -> Talk[None]:
    """Find out what became of an intent without a result, and write its result."""
    intent = tx.folded.intents[seq]
    node = node_of(tx.folded, intent["key"])
    method, record = intent["method"], tx.record(node.change.address)
    if sharing.is_shared(tx, node.change.kind):
        yield from sharing.resolve(tx, seq, intent, node)
    elif method == "create":
        yield from _resolve_create(tx, node, seq, intent)
    elif method == "delete":
        gone = True  # it was gone before
        if record and intent.get("before"):
            gone = yield from settle.deleted(tx, node.change, tx.ref(record), intent["op"])
        yield from tx.conclude(seq, "applied" if gone else "not_applied", late=not gone)
    elif method == "rename" and record:
        now = yield from settle.renamed(tx, node.change, tx.ref(record), node.change.name, intent["op"])
        watch = None if now else rename_entry(tx, node.change, record)
        yield from tx.conclude(seq, "applied" if now else "not_applied", now, late=not now, watch=watch)
    else:  # a repeatable write may have been applied: it counts as applied, and undoing restores what was before
        yield from tx.conclude(seq, "applied", seen_of(intent).ref if method == "mark" else None)


def _resolve_create(tx: Tx, node: Node, seq: int, intent: Entry) -> Talk[None]:
    want = want_of(tx, node.change, intent["op"])
    found = yield from settle.created(tx, node.change, want, dict(intent.get("bound", {})), CRASHED)
    late = watch_entry(tx, node.change, want) if found is None or may_be_two(tx, node.change) else None
    yield from tx.conclude(seq, "applied" if found else "not_applied", found, watch=late)


def seen_of(intent: Entry) -> Observed:
    """Give the before-image of an intent."""
    return codec.load(Observed, intent["before"])
