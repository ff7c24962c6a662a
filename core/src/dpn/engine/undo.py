"""How what was done is undone: the applied steps are reversed, the last one first, once every doubt is settled.

Each undo is itself an intent with a result. Recovery after a crash and rollback after a failure are the same
conversations; each begins by looking, so it can be begun again any number of times.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from dpn import codec
from dpn.engine import settle
from dpn.engine.doubts import CRASHED, seen_of
from dpn.engine.effects import CallFailed, InDoubt, StepFailed, Talk
from dpn.engine.fold import Entry, Fold
from dpn.engine.forward import refuse_contents, until_gone
from dpn.engine.nodes import Node
from dpn.engine.tx import STUBBORN, Tx, want_back
from dpn.model import Change, Receipt, Ref, Step, Want


def to_undo(folded: Fold) -> dict[str, list[int]]:
    """Give the applied forward intents of each node that are not undone yet, the last one first.

    Where a create is among them, undoing it undoes all that was put since: the object goes.
    """
    applied: dict[str, list[int]] = {}
    undone: set[int] = set()
    for seq in sorted(folded.intents, reverse=True):
        intent = folded.intents[seq]
        if folded.results.get(seq, {}).get("outcome") != "applied" or intent["address"] in folded.skipped:
            continue
        if "undoes" not in intent:
            applied.setdefault(intent["key"], []).append(seq)
        elif intent.get("complete"):
            undone.add(intent["undoes"])
    todo = {key: [seq for seq in _decisive(folded, seqs) if seq not in undone] for key, seqs in applied.items()}
    return {key: seqs for key, seqs in todo.items() if seqs}


def _decisive(folded: Fold, seqs: list[int]) -> list[int]:
    births = [seq for seq in seqs if folded.intents[seq]["method"] == "create"]
    return births or [seq for seq in seqs if folded.intents[seq]["method"] != "ready"]


def undo(tx: Tx, node: Node, seqs: Iterable[int]) -> Talk[None]:
    """Undo the applied intents of one node; raise InDoubt with the reason when one cannot be undone now."""
    todo = list(seqs)
    for number, seq in enumerate(todo):
        intent = tx.folded.intents[seq]
        last = number == len(todo) - 1
        try:
            yield from _UNDO[intent["method"]](tx, node, seq, intent, last)
        except CallFailed as failed:
            raise InDoubt(f"{node.change.address}: {failed.fault.code}: {failed.fault.message}") from failed
        except StepFailed as failed:
            raise InDoubt(f"{node.change.address}: {failed.code}: {failed.message}") from failed


def _receipt(intent: Entry, tx: Tx, seq: int) -> Receipt:
    ref = tx.folded.results[seq].get("ref")
    step = Step(intent["method"], intent["part"])
    kind = tx.folded.changes[intent["address"]].kind
    return Receipt(intent["address"], kind, intent["op"], step, "applied", codec.load(Ref, ref) if ref else None)


def _undo_create(tx: Tx, node: Node, seq: int, intent: Entry, last: bool) -> Talk[None]:
    receipt, step = _receipt(intent, tx, seq), Step("delete")
    record = tx.record(node.change.address)
    ref = tx.ref(record) if record else receipt.ref
    assert ref  # a create that was applied has one
    seen = yield from tx.look(node.change, ref)
    if seen and not settle.is_ours(tx, node.change, seen, intent["op"]):
        raise StepFailed("NOT-OURS", f"{ref.name} does not carry our marker any more; it is not deleted.")
    if seen:
        yield from refuse_contents(tx, node, ref)
    back = yield from tx.intend(node, step, intent["op"], before=seen, undoes=seq, complete=True, last=last)
    if seen:
        call = tx.call(node.change, "delete", ref, seen, step=step, undoes=receipt)
        yield from tx.attempt(call, STUBBORN)
        yield from until_gone(tx, node, ref)
    yield from tx.conclude(back, "applied")


def _undo_put(tx: Tx, node: Node, seq: int, intent: Entry, last: bool) -> Talk[None]:
    record = tx.record(node.change.address)
    if record is None:
        raise StepFailed("NO-RECORD", f"{node.change.address} is not in the state.")
    seen, before = (yield from tx.look(node.change, tx.ref(record))), seen_of(intent)
    step = Step("put", intent["part"])
    back = yield from tx.intend(node, step, record.op, before=seen, undoes=seq, complete=True, last=last)
    if seen:
        want = want_back(tx, replace(node.change, before=record), before, record.op)
        want = replace(want, name=record.name)
        call = tx.call(
            node.change, "put", tx.ref(record), step.part, want, seen, step=step, undoes=_receipt(intent, tx, seq)
        )
        yield from tx.attempt(call, STUBBORN)
    yield from tx.conclude(back, "applied")


def _undo_delete(tx: Tx, node: Node, seq: int, intent: Entry, _last: bool) -> Talk[None]:
    """Create again what was deleted, under an operation id of its own, then put what the create call does not carry."""
    if not intent.get("before"):  # it was gone already when we came to delete it: only its record comes back
        back = yield from tx.intend(node, Step("create"), intent["op"], undoes=seq, complete=True, last=True)
        yield from tx.conclude(back, "applied")
        return
    before, op, receipt = seen_of(intent), f"{intent['op']}-u", _receipt(intent, tx, seq)
    change = replace(node.change, want=None)  # so that calls go where the thing was, not where its successor was to be
    want = want_back(tx, change, before, op)
    made = yield from _made_again(tx, change, seq, want)
    if made is None:
        made = yield from _make_again(tx, node, change, seq, want, receipt)
    yield from _put_again(tx, change, made, want, receipt)
    back = yield from tx.intend(node, Step("create"), op, undoes=seq, complete=True, last=True)
    yield from tx.conclude(back, "applied", made)


def _made_again(tx: Tx, change: Change, seq: int, want: Want) -> Talk[Ref | None]:
    """Find what an earlier attempt at this undo made."""
    if not any(entry.get("undoes") == seq for entry in tx.folded.intents.values()):
        return None
    return (yield from settle.created(tx, change, want, {}, CRASHED))


def _make_again(tx: Tx, node: Node, change: Change, seq: int, want: Want, receipt: Receipt) -> Talk[Ref]:
    step = Step("create")
    unique = tx.kinds[change.kind].name_rule.unique != "none"
    if unique and (yield from tx.look(change, Ref(change.kind, want.name, parent=want.parent))):
        raise StepFailed("NAME-TAKEN", f"{want.name} was taken by somebody else meanwhile.")
    back = yield from tx.intend(node, step, want.marker.op if want.marker else "", undoes=seq)
    try:
        made: Ref | None = yield from tx.attempt(
            tx.call(change, "create", want, step=step, undoes=receipt), STUBBORN_ONCE
        )
    except CallFailed as failed:
        made = yield from settle.created(tx, change, want, {}, failed.fault)
        if made is None:
            yield from tx.conclude(back, "not_applied", fault=failed.fault)
            raise
    yield from tx.conclude(back, "applied", made)
    assert made
    return made


def _put_again(tx: Tx, change: Change, made: Ref, want: Want, receipt: Receipt) -> Talk[None]:
    for part in tx.kinds[change.kind].parts:
        if part.at_birth or not set(part.fields) & set(want.spec):
            continue
        seen = yield from tx.look(change, made)
        if seen is None:
            raise StepFailed("NOT-VISIBLE", f"{made.name} was created again and cannot be seen yet.")
        step = Step("put", part.name)
        yield from tx.attempt(tx.call(change, "put", made, part.name, want, seen, step=step, undoes=receipt), STUBBORN)


STUBBORN_ONCE = {**STUBBORN, "unknown": 1}
"""As stubborn as can be for a call that must not be sent twice while its outcome is unknown."""


def _undo_rename(tx: Tx, node: Node, seq: int, intent: Entry, last: bool) -> Talk[None]:
    record, name = tx.record(node.change.address), seen_of(intent).ref.name
    if record is None:
        raise StepFailed("NO-RECORD", f"{node.change.address} is not in the state.")
    ref, step = tx.ref(record), Step("rename")
    now = yield from settle.renamed(tx, node.change, ref, name)  # an earlier attempt may have done it
    back = yield from tx.intend(node, step, record.op, undoes=seq, complete=True, last=last)
    if now is None:
        now = yield from tx.attempt(
            tx.call(node.change, "rename", ref, name, step=step, undoes=_receipt(intent, tx, seq)), STUBBORN
        )
    yield from tx.conclude(back, "applied", now)


def _undo_mark(tx: Tx, node: Node, seq: int, intent: Entry, last: bool) -> Talk[None]:
    before, step = seen_of(intent), Step("mark")
    seen = yield from tx.look(node.change, before.ref)
    back = yield from tx.intend(node, step, intent["op"], undoes=seq, complete=True, last=last)
    if seen:
        call = tx.call(node.change, "mark", seen.ref, before.marker, seen, step=step, undoes=_receipt(intent, tx, seq))
        yield from tx.attempt(call, STUBBORN)
    yield from tx.conclude(back, "applied")


def _undo_archive(tx: Tx, node: Node, seq: int, intent: Entry, last: bool) -> Talk[None]:
    record = tx.record(node.change.address)
    assert record  # archiving keeps the record
    step = Step("restore" if intent["method"] == "archive" else "archive")
    back = yield from tx.intend(node, step, record.op, undoes=seq, complete=True, last=last)
    call = tx.call(node.change, step.method, tx.ref(record), step=step, undoes=_receipt(intent, tx, seq))
    yield from tx.attempt(call, STUBBORN)
    yield from tx.conclude(back, "applied")


_UNDO = {
    "create": _undo_create, "put": _undo_put, "delete": _undo_delete, "rename": _undo_rename, "mark": _undo_mark,
    "archive": _undo_archive, "restore": _undo_archive,
}  # fmt: skip
