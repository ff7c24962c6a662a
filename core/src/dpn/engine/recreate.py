"""How a delete is undone: the thing is made again from its before-image, under an operation id of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from dpn import codec
from dpn.engine import settle
from dpn.engine.birth import make
from dpn.engine.doubts import CRASHED, seen_of
from dpn.engine.effects import StepFailed, Talk
from dpn.engine.fold import Entry
from dpn.engine.nodes import Node
from dpn.engine.repoint import repoint
from dpn.engine.tx import STUBBORN, Tx
from dpn.engine.wants import want_back
from dpn.engine.watch import may_be_two, watch_entry
from dpn.model import Change, Receipt, Ref, Step, Want

STUBBORN_ONCE = {**STUBBORN, "unknown": 1}
"""As stubborn as can be for a call that must not be sent twice while its outcome is unknown."""


@dataclass(frozen=True, slots=True)
class _Again:
    """One thing that is made again: the delete that is undone, what to make, and what its references stand for."""

    node: Node
    seq: int
    want: Want
    bound: dict[str, Any]
    receipt: Receipt
    puts: tuple[str, ...]

    @property
    def change(self) -> Change:
        return self.node.change

    @property
    def op(self) -> str:
        return self.want.marker.op if self.want.marker else ""


def undo_delete(tx: Tx, node: Node, seq: int, intent: Entry, receipt: Receipt) -> Talk[None]:
    """Create again what was deleted, then put what the create call does not carry."""
    if not intent.get("before"):  # it was gone already when we came to delete it: only its record comes back
        back = yield from tx.intend(node, Step("create"), intent["op"], undoes=seq, complete=True, last=True)
        yield from tx.conclude(back, "applied")
        return
    before, record = seen_of(intent), node.change.before
    assert record  # what was deleted had one
    op = f"{intent['op']}-u"
    if not _begun(tx, seq, op) and (yield from _still_there(tx, node, seq)):
        return
    # Once it was made anew, what stands at its name is that: a service would give it for what was dropped.
    drops = "undrop" in tx.kinds[node.change.kind].has and not _begun(tx, seq, op)
    if drops and (yield from _undropped(tx, node, seq, before.ref, receipt)):
        return
    want, bound = want_back(tx, node.change, record, before, op)
    parts = tx.kinds[node.change.kind].parts
    puts = tuple(part.name for part in parts if not part.at_birth and set(part.fields) & set(want.spec))
    # Calls go where the thing was, not where its successor was to be.
    there = replace(node, change=replace(node.change, want=None))
    it = _Again(there, seq, want, bound, receipt, puts)
    made = (yield from _made_before(tx, it)) or (yield from _make(tx, it))
    for part in puts:
        yield from _put(tx, it, replace(made, parent=want.parent), part)
    yield from repoint(tx, node.change.address, seq, receipt)
    # Durable with whatever comes next: if it is lost, all of this is looked at and put once more.
    yield from tx.write({"t": "undone", "of": seq})


def _still_there(tx: Tx, node: Node, seq: int) -> Talk[bool]:
    """Look whether a delete that could not be seen to be applied has landed since."""
    if tx.folded.results[seq]["outcome"] == "applied":
        return False
    there = replace(node.change, want=None)
    record = tx.live(node.change.address)
    seen = yield from tx.look(there, tx.ref(record))
    return seen is not None and not settle.is_anothers(tx, there, seen, record.op)


def _begun(tx: Tx, seq: int, op: str) -> list[int]:
    """Give the intents of earlier attempts to make it anew; those to bring it back carry its own operation id."""
    return [back for back in tx.folded.undoing.get(seq, ()) if tx.folded.intents[back]["op"] == op]


def _undropped(tx: Tx, node: Node, seq: int, ref: Ref, receipt: Receipt) -> Talk[bool]:
    """Bring it back as it was, where the service still has what was deleted; the call can be repeated."""
    there, step = replace(node, change=replace(node.change, want=None)), Step("create")
    assert node.change.before
    where = replace(ref, parent=tx.parent(node.change.before.parent))
    back = yield from tx.intend(there, step, receipt.op, undoes=seq, complete=True, last=True)
    call = tx.call(there.change, "undrop", where, step=step, undoes=receipt)
    found: Ref | None = yield from tx.attempt(call, STUBBORN)
    seen = (yield from tx.look(there.change, replace(found, parent=where.parent))) if found else None
    ours = seen is not None and settle.is_ours(tx, there.change, seen, receipt.op)
    yield from tx.conclude(back, "applied" if ours else "not_applied", found if ours else None)
    if found and not ours:
        raise StepFailed("NAME-TAKEN", f"{ref.name} was taken by somebody else meanwhile.")
    return ours


def _intend(tx: Tx, it: _Again, step: Step, last: bool, **more: object) -> Talk[int]:
    return tx.intend(it.node, step, it.op, bound=it.bound, undoes=it.seq, last=last, **more)


def _made_before(tx: Tx, it: _Again) -> Talk[Ref | None]:
    """Find what an earlier attempt at this undo made, and write down that it did."""
    undoing, folded = _begun(tx, it.seq, it.op), tx.folded
    for back in undoing:
        if ref := folded.results.get(back, {}).get("ref"):
            return codec.load(Ref, ref)
    if not undoing:
        return None
    found = yield from settle.created(tx, it.change, it.want, it.bound, CRASHED)
    doubts = [back for back in undoing if back not in folded.results]
    if found and not doubts:
        doubts = [(yield from _intend(tx, it, Step("create"), not it.puts))]
    for back in doubts:
        late = watch_entry(tx, it.change, it.want) if found is None or may_be_two(tx, it.change) else None
        yield from tx.conclude(back, "applied" if found else "not_applied", found, watch=late)
    return found


def _make(tx: Tx, it: _Again) -> Talk[Ref]:
    change, want, step = it.change, it.want, Step("create")
    unique = tx.kinds[change.kind].name_rule.unique != "none"
    if unique and (yield from tx.look(change, Ref(change.kind, want.name, parent=want.parent))):
        raise StepFailed("NAME-TAKEN", f"{want.name} was taken by somebody else meanwhile.")
    back = yield from _intend(tx, it, step, not it.puts)
    call = tx.call(change, "create", want, step=step, undoes=it.receipt, bound=it.bound)
    made, late = yield from make(tx, call, want, back, STUBBORN_ONCE)
    yield from tx.conclude(back, "applied", made, watch=late)
    return made


def _put(tx: Tx, it: _Again, made: Ref, part: str) -> Talk[None]:
    seen = yield from settle.patiently(it.change, lambda: tx.look(it.change, made), tx.patience(it.change))
    if seen is None:
        raise StepFailed("NOT-VISIBLE", f"{made.name} was created again and cannot be seen yet.")
    if not settle.is_ours(tx, it.change, seen, it.op):
        raise StepFailed("NOT-OURS", f"{made.name} does not carry our marker any more; it is not touched.")
    step = Step("put", part)
    back = yield from _intend(tx, it, step, part == it.puts[-1], before=seen)
    call = tx.call(it.change, "put", made, part, it.want, seen, step=step, undoes=it.receipt, bound=it.bound)
    yield from tx.repeat(back, call)
    yield from tx.conclude(back, "applied")
