"""How what was done is undone: the applied steps are reversed, the last one first, once every doubt is settled.

Each undo is itself an intent with a result. Recovery after a crash and rollback after a failure are the same
conversations; each begins by looking, so it can be begun again any number of times. What is gone needs no undo, and
what does not carry our marker any more is not touched.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from dpn import codec
from dpn.engine import settle, sharing
from dpn.engine.doubts import seen_of
from dpn.engine.effects import CallFailed, StepFailed, Talk
from dpn.engine.fold import Entry, Fold
from dpn.engine.nodes import Node
from dpn.engine.recreate import undo_delete
from dpn.engine.removal import may_go, remove
from dpn.engine.tx import STUBBORN, Tx
from dpn.engine.wants import want_back, want_of
from dpn.engine.watch import watch_entry
from dpn.model import Observed, Receipt, Record, Ref, Step


def to_undo(folded: Fold) -> dict[str, list[int]]:
    """Give the applied forward intents of each node that are not undone yet, the last one first.

    Where a create is among them, undoing it undoes all that was put since: the object goes. A delete or a rename
    that may have landed late counts as applied: undoing it looks first.
    """
    applied: dict[str, list[int]] = {}
    undone = set(folded.undone)
    for seq in sorted(folded.intents, reverse=True):
        intent = folded.intents[seq]
        result = folded.results.get(seq, {})
        applies = result.get("outcome") == "applied" or result.get("late")
        if not applies or intent["address"] in folded.skipped:
            continue
        if "undoes" not in intent:
            applied.setdefault(intent["key"], []).append(seq)
        elif intent.get("complete") and not _is_awaited(folded, intent):
            undone.add(intent["undoes"])
    todo = {key: [seq for seq in _decisive(folded, seqs) if seq not in undone] for key, seqs in applied.items()}
    return {key: seqs for key, seqs in todo.items() if seqs}


def _is_awaited(folded: Fold, intent: Entry) -> bool:
    """Tell whether a share that was not there to be taken away may have landed since, in what cannot go then.

    Where there was one before, and bringing that back was begun, what is there is that.
    """
    removal = f"{intent['address']}!"
    return bool(intent.get("awaited")) and not any(
        folded.intents[seq]["key"] == removal for backs in folded.undoing.values() for seq in backs
    )


def _decisive(folded: Fold, seqs: list[int]) -> list[int]:
    births = [seq for seq in seqs if folded.intents[seq]["method"] == "create"]
    return births or [seq for seq in seqs if folded.intents[seq]["method"] != "ready"]


def undo(tx: Tx, node: Node, seqs: Iterable[int]) -> Talk[None]:
    """Undo the applied intents of one node; raise InDoubt with the reason when one cannot be undone now."""
    todo = list(seqs)
    for number, seq in enumerate(todo):
        try:
            yield from _undo_one(tx, node, seq, number == len(todo) - 1)
        except CallFailed as failed:
            raise settle.in_doubt(node.change, failed.fault) from failed
        except StepFailed as failed:
            raise settle.doubt(node.change, failed.code, failed.message, failed.hint) from failed


def _undo_one(tx: Tx, node: Node, seq: int, last: bool) -> Talk[None]:
    intent = tx.folded.intents[seq]
    receipt = _receipt(node, intent, tx.folded.results[seq])
    if intent["method"] == "delete" and intent.get("before"):
        _refuse_nowhere(tx, node)
    if sharing.is_shared(tx, node.change.kind):
        yield from sharing.undo(tx, node, seq, intent, receipt, last)
    elif intent["method"] == "delete":
        yield from undo_delete(tx, node, seq, intent, receipt)
    elif intent["method"] == "create":
        yield from _undo_create(tx, node, seq, tx.live(node.change.address), receipt)
    else:
        record = tx.live(node.change.address)
        yield from settle.while_busy(tx, node.change, tx.ref(record))
        yield from _UNDO[intent["method"]](tx, node, seq, record, receipt, last)


def _refuse_nowhere(tx: Tx, node: Node) -> None:
    """Refuse to make a thing again where that in which it stood was skipped when it was gone."""
    parent = node.change.before.parent if node.change.before else None
    if parent and tx.record(parent) is None:
        raise StepFailed("GONE", f"{node.change.name} stood in {parent}, which is not there any more.")


def _receipt(node: Node, intent: Entry, result: Entry) -> Receipt:
    ref = codec.load(Ref, result["ref"]) if result.get("ref") else None
    step = Step(intent["method"], intent["part"])
    return Receipt(intent["address"], node.change.kind, intent["op"], step, "applied", ref)


def _undo_create(tx: Tx, node: Node, seq: int, record: Record, receipt: Receipt) -> Talk[None]:
    change, ref = node.change, tx.ref(record)
    begun = any("before" in tx.folded.intents[back] for back in tx.folded.undoing.get(seq, ()))
    # What was made just now may not be visible yet; what an undo has seen before and is absent now is gone.
    seen = yield from settle.patiently(change, lambda: tx.look(change, ref), 0.0 if begun else tx.patience(change))
    if seen and settle.is_anothers(tx, change, seen, receipt.op):
        seen = None
    if seen:
        yield from may_go(tx, node, ref, seen, receipt.op)
    back = yield from tx.intend(node, Step("delete"), receipt.op, before=seen, undoes=seq, complete=True, last=True)
    if seen:
        yield from remove(tx, node, seen, receipt.op, STUBBORN, receipt)
    late = None if seen or begun else watch_entry(tx, change, want_of(tx, change, receipt.op))
    yield from tx.conclude(back, "applied", watch=late)


def _look_ours(tx: Tx, node: Node, ref: Ref, op: str) -> Talk[Observed | None]:
    """See what is to be undone: None if it is gone or taken over; refuse what may be ours and does not say so."""
    seen = yield from tx.look(node.change, ref)
    if seen and settle.is_anothers(tx, node.change, seen, op):
        return None
    if seen and not settle.is_ours(tx, node.change, seen, op):
        raise StepFailed("NOT-OURS", f"{ref.name} does not carry our marker any more; it is not touched.")
    return seen


def _undo_put(tx: Tx, node: Node, seq: int, record: Record, receipt: Receipt, last: bool) -> Talk[None]:
    change, step, ref = node.change, receipt.step, tx.ref(record)
    seen = yield from _look_ours(tx, node, ref, record.op)
    want, bound = want_back(tx, change, record, seen_of(tx.folded.intents[seq]), record.op)
    back = yield from tx.intend(node, step, record.op, bound=bound, before=seen, undoes=seq, complete=True, last=last)
    if seen:

        def again() -> Talk[Any]:
            now = yield from _look_ours(tx, node, ref, record.op)
            return now and tx.call(change, "put", ref, step.part, want, now, step=step, undoes=receipt, bound=bound)

        call = tx.call(change, "put", ref, step.part, want, seen, step=step, undoes=receipt, bound=bound)
        yield from tx.repeat(back, call, again)
    yield from tx.conclude(back, "applied")


def _undo_rename(tx: Tx, node: Node, seq: int, record: Record, receipt: Receipt, last: bool) -> Talk[None]:
    change, ref, name = node.change, tx.ref(record), seen_of(tx.folded.intents[seq]).ref.name
    if tx.folded.intents[seq].get("noted"):  # somebody else gave it that name before: only the record goes back
        back = yield from tx.intend(node, receipt.step, record.op, undoes=seq, complete=True, last=last)
        yield from tx.conclude(back, "applied", replace(ref, name=name))
        return
    now = yield from settle.renamed(tx, change, ref, name, record.op)  # an earlier attempt may have done it
    if tx.folded.results[seq].get("late"):
        ref = replace(ref, name=change.name)  # where it is if the request has landed since
    there = None if now else (yield from _look_ours(tx, node, ref, record.op))
    back = yield from tx.intend(node, receipt.step, record.op, undoes=seq, complete=True, last=last)
    if there:

        def again() -> Talk[Any]:
            done = yield from settle.renamed(tx, change, ref, name, record.op)
            return done or call

        call = tx.call(change, "rename", ref, name, step=receipt.step, undoes=receipt)
        now = yield from tx.repeat(back, call, again)
    yield from tx.conclude(back, "applied", now)


def _undo_mark(tx: Tx, node: Node, seq: int, record: Record, receipt: Receipt, last: bool) -> Talk[None]:
    change, ref, before = node.change, tx.ref(record), seen_of(tx.folded.intents[seq])
    seen = yield from tx.look(change, ref)
    if seen and seen.marker and seen.marker.op not in (receipt.op, before.marker.op if before.marker else ""):
        seen = None  # somebody else has taken it over meanwhile
    back = yield from tx.intend(node, receipt.step, receipt.op, before=seen, undoes=seq, complete=True, last=last)
    if seen and seen.marker != before.marker:

        def again() -> Talk[Any]:
            now = yield from tx.look(change, ref)
            still = now and now.marker and now.marker.op == receipt.op
            return call if still else None

        call = tx.call(change, "mark", ref, before.marker, seen, step=receipt.step, undoes=receipt)
        yield from tx.repeat(back, call, again)
    yield from tx.conclude(back, "applied")


def _undo_archive(tx: Tx, node: Node, seq: int, record: Record, receipt: Receipt, last: bool) -> Talk[None]:
    ref, step = tx.ref(record), Step("restore" if receipt.step.method == "archive" else "archive")
    seen = yield from _look_ours(tx, node, ref, record.op)
    back = yield from tx.intend(node, step, record.op, before=seen, undoes=seq, complete=True, last=last)
    if seen:
        call = tx.call(node.change, step.method, ref, step=step, undoes=receipt)
        yield from tx.repeat(back, call)
    yield from tx.conclude(back, "applied")


_UNDO = {
    "put": _undo_put, "rename": _undo_rename, "mark": _undo_mark, "archive": _undo_archive, "restore": _undo_archive,
}  # fmt: skip
