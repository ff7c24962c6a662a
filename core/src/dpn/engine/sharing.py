"""Shared things: each step adds or takes away our share, can be repeated, and is undone by the way back.

Nothing of them is ever in doubt: what may have been sent counts as sent, and its undo removes what it added and adds
what it removed, whether or not that is still so.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dpn import shares
from dpn.engine.effects import Call, CallFailed, Talk
from dpn.engine.fold import Entry
from dpn.engine.nodes import Node
from dpn.engine.tx import REPEATABLE, Owner, Tx
from dpn.engine.wants import bind, want_of
from dpn.model import Observed, Receipt, Ref, Step, Want


def is_shared(tx: Tx, kind: str) -> bool:
    """Tell whether others add to the objects of a kind."""
    return tx.kinds[kind].ownership == "shared"


def create(tx: Tx, node: Node, step: Step, last: bool, _: Observed | None) -> Talk[Observed | None]:
    """Add what is wanted and absent; that is our share then."""
    change, op = node.change, tx.new_id()
    assert change.want
    want, bound = want_of(tx, change, op), (yield from bind(tx, change, change.want.spec))
    ref = Ref(change.kind, want.name, parent=want.parent)
    seen: Observed | None = yield from tx.look(change, ref, change.want)
    doing = shares.bring(tx.kinds[change.kind], want.spec, seen, {})
    intent = yield from tx.intend(node, step, op, bound=bound, before=seen, last=last, **doing.entry())
    call = tx.call(change, "create", want, step=step, bound=bound, owner=change.want)
    yield from _send(tx, call, intent, ref)
    return None


def put(tx: Tx, node: Node, step: Step, last: bool, _: Observed | None) -> Talk[Observed | None]:
    """Add what is wanted and absent, and take away what was ours and is not wanted any more."""
    change, record = node.change, tx.live(node.change.address)
    ref = tx.ref(record)
    seen = (yield from tx.look(change, ref)) or shares.empty(change.kind, ref.name, ref.parent)
    assert change.want
    want, bound = want_of(tx, change, record.op), (yield from bind(tx, change, change.want.spec))
    doing = shares.bring(tx.kinds[change.kind], want.spec, seen, record.share)
    whole = replace(want, spec={**want.spec, **shares.target(seen.spec, doing.added, doing.removed)})
    intent = yield from tx.intend(node, step, record.op, bound=bound, before=seen, last=last, **doing.entry())
    yield from _send(tx, tx.call(change, "put", ref, step.part, whole, seen, step=step, bound=bound), intent)
    return None


def delete(tx: Tx, node: Node, step: Step, last: bool, _: Observed | None) -> Talk[Observed | None]:
    """Take away our share; the record goes."""
    change, record = node.change, tx.live(node.change.address)
    ref = tx.ref(record)
    seen = yield from tx.look(change, ref)
    removed = shares.ours(seen, record.share)
    doing = shares.Bring({}, removed, {})
    intent = yield from tx.intend(node, step, record.op, before=seen, last=last, **doing.entry())
    if seen and any(removed.values()):
        yield from _send(tx, tx.call(change, "delete", ref, shares.restricted(seen, removed), step=step), intent)
    else:
        yield from tx.conclude(intent, "applied")
    return None


def _send(tx: Tx, call: Call, intent: int, ref: Ref | None = None) -> Talk[None]:
    try:
        made = yield from tx.attempt(call, REPEATABLE)
    except CallFailed as failed:
        outcome = "applied" if failed.unknown else "not_applied"
        applied = ref if outcome == "applied" else None
        yield from tx.conclude(intent, outcome, applied, failed.fault, late=failed.unknown)
        raise
    yield from tx.conclude(intent, "applied", made if isinstance(made, Ref) else ref)


def resolve(tx: Tx, seq: int, intent: Entry, node: Node) -> Talk[None]:
    """Settle an intent without a result: it counts as applied, and may land yet."""
    want = node.change.want
    born = intent["method"] == "create" and want
    ref = Ref(node.change.kind, want.name, parent=tx.parent(want.parent)) if born and want else None
    yield from tx.conclude(seq, "applied", ref, late=True)


def undo(tx: Tx, node: Node, seq: int, intent: Entry, receipt: Receipt, last: bool) -> Talk[None]:
    """Take away what was added and add what was removed, whatever others did meanwhile.

    What was to be made, may still land and is not there is awaited: who goes on with the run looks for it again.
    """
    change, born = node.change, receipt.step.method == "create"
    owner = tx.record(change.address) or (change.want if born else change.before)
    assert owner  # it is live, or it is looked for again, or it was there before it was deleted
    ref, step = _ref(tx, owner), _WAY_BACK.get(receipt.step.method, receipt.step)
    again = receipt.step.method == "delete"  # what it stands in may have been made anew: then it has another id
    there, ref = (replace(node, change=replace(change, want=None)), replace(ref, id=None)) if again else (node, ref)
    seen = (yield from tx.look(change, ref, owner)) or shares.empty(change.kind, ref.name, ref.parent)
    spec: dict[str, Any] = shares.target(seen.spec, intent["removed"], intent["added"])
    changes = spec != dict(seen.spec)
    awaited = True if born and not changes and tx.folded.results[seq].get("late") else None
    back = yield from tx.intend(
        there, step, intent["op"], before=seen, undoes=seq, complete=True, last=last, awaited=awaited
    )
    if changes:
        want = Want(ref.name, spec, ref.parent, None, owner.region)
        part = tx.kinds[change.kind].parts[0].name
        call = tx.call(there.change, "put", ref, part, want, seen, step=step, undoes=receipt, owner=owner)
        yield from tx.repeat(back, call)
    now = (yield from tx.look(there.change, ref, owner)) if again else None
    yield from tx.conclude(back, "applied", now.ref if now else None)


def _ref(tx: Tx, owner: Owner) -> Ref:
    return Ref(owner.kind, owner.name, owner.id, tx.parent(owner.parent))


_WAY_BACK = {"create": Step("delete"), "delete": Step("create")}
