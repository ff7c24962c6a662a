"""How each step of a change is carried out: look, intend, call once, settle, conclude."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dpn.engine import settle, sharing
from dpn.engine.birth import create, taken
from dpn.engine.effects import Call, CallFailed, CallMethod, StepFailed, Talk
from dpn.engine.nodes import Node
from dpn.engine.removal import may_go, remove
from dpn.engine.tx import ONCE, REPEATABLE, Tx
from dpn.engine.wants import bind, want_of
from dpn.engine.watch import rename_entry
from dpn.model import Fault, Observed, Record, Ref, Step


def carry_out(tx: Tx, node: Node, stopping: Callable[[], bool]) -> Talk[None]:
    """Carry out the steps of a node; between two steps it gives way when the transaction is stopping."""
    seen: Observed | None = None
    for number, step in enumerate(node.steps):
        if stopping():
            raise StepFailed("STOPPED", f"{node.change.address} was stopped before {step}.")
        try:
            way = _SHARED if sharing.is_shared(tx, node.change.kind) else _STEPS
            seen = yield from way[step.method](tx, node, step, number == len(node.steps) - 1, seen)
        except CallFailed as failed:
            raise failure(node, step, failed.fault) from failed


def failure(node: Node, step: Step, fault: Fault) -> StepFailed:
    """Say which step of what failed and why."""
    return StepFailed(fault.code, f"{step} of {node.change.name} failed: {fault.message}", fault.hint)


def _look_ours(tx: Tx, node: Node, record: Record) -> Talk[Observed]:
    patience = tx.patience(node.change) if record.status == "partial" else 0.0  # a new thing may not be visible yet
    seen = yield from settle.patiently(node.change, lambda: tx.look(node.change, tx.ref(record)), patience)
    if seen is None:
        raise StepFailed("GONE", f"{record.name} is no longer there.", "Plan again.")
    if not settle.is_ours(tx, node.change, seen, record.op):
        raise StepFailed("NOT-OURS", f"{record.name} does not carry our marker any more; it is not touched.")
    return seen


def _send(tx: Tx, call: Call, intent: int, look: Callable[[], Talk[Observed]], ref: Ref | None = None) -> Talk[None]:
    """Send a repeatable write and conclude it; what may have been applied counts as applied, so that it is undone."""

    def again() -> Talk[Call]:
        now = yield from look()
        return replace(call, args=tuple(now if isinstance(arg, Observed) else arg for arg in call.args))

    try:
        yield from tx.attempt(call, REPEATABLE, again)
    except CallFailed as failed:
        outcome, there = ("applied", ref) if failed.unknown else ("not_applied", None)
        yield from tx.conclude(intent, outcome, there, failed.fault)
        raise
    yield from tx.conclude(intent, "applied", ref)


def _put(tx: Tx, node: Node, step: Step, last: bool, seen: Observed | None) -> Talk[Observed | None]:
    change, record = node.change, tx.live(node.change.address)
    # One look serves all parts of a new object; an API with optimistic locking needs the version of just now.
    if seen is None or seen.version is not None:
        seen = yield from _look_ours(tx, node, record)
    assert change.want
    want, bound = want_of(tx, change, record.op), (yield from bind(tx, change, change.want.spec))
    intent = yield from tx.intend(node, step, record.op, bound=bound, before=seen, last=last)
    call = tx.call(change, "put", tx.ref(record), step.part, want, seen, step=step, bound=bound)
    yield from _send(tx, call, intent, lambda: _look_ours(tx, node, record))
    part = next(part for part in tx.kinds[change.kind].parts if part.name == step.part)
    if part.settles:
        yield from settle.until_ready(tx, change, tx.ref(record))
    return seen


def _ready(tx: Tx, node: Node, step: Step, last: bool, seen: Observed | None) -> Talk[Observed | None]:
    record = tx.live(node.change.address)
    intent = yield from tx.intend(node, step, record.op, last=last)
    yield from settle.until_ready(tx, node.change, tx.ref(record))
    yield from tx.conclude(intent, "applied")
    return seen


def _delete(tx: Tx, node: Node, step: Step, last: bool, _: Observed | None) -> Talk[Observed | None]:
    record = tx.live(node.change.address)
    ref = tx.ref(record)
    seen = yield from tx.look(node.change, ref)
    if seen:
        yield from may_go(tx, node, ref, seen, record.op)
    intent = yield from tx.intend(node, step, record.op, before=seen, last=last)
    try:
        if seen:
            yield from remove(tx, node, seen, record.op, REPEATABLE)
    except CallFailed as failed:
        yield from tx.conclude(intent, "not_applied", fault=failed.fault, late=failed.unknown)
        raise
    yield from tx.conclude(intent, "applied")
    return None


def _rename(tx: Tx, node: Node, step: Step, last: bool, _: Observed | None) -> Talk[Observed | None]:
    change, record = node.change, tx.live(node.change.address)
    ref = tx.ref(record)
    seen, now = yield from _look_for_rename(tx, node, record)
    intent = yield from tx.intend(node, step, record.op, before=seen, last=last, noted=True if now else None)
    try:
        now = now or (yield from tx.attempt(tx.call(change, "rename", ref, change.name, step=step), ONCE))
    except CallFailed as failed:
        now = yield from settle.renamed(tx, change, ref, change.name, record.op)
        if now is None:
            watch = rename_entry(tx, change, record) if failed.unknown else None
            yield from tx.conclude(intent, "not_applied", fault=failed.fault, late=failed.unknown, watch=watch)
            raise
    yield from tx.conclude(intent, "applied", now)
    if not last:
        yield from settle.while_busy(tx, change, now)
    return None


def _look_for_rename(tx: Tx, node: Node, record: Record) -> Talk[tuple[Observed, Ref | None]]:
    """See what is to be renamed, and where it is if it has the name already: by a person, or a late request."""
    change, ref = node.change, tx.ref(record)
    try:
        seen: Observed | None = yield from _look_ours(tx, node, record)
        now = seen.ref if seen and seen.ref.name == change.name else None
    except StepFailed as failed:
        now = (yield from settle.renamed(tx, change, ref, change.name, record.op)) if failed.code == "GONE" else None
        seen = (yield from tx.look(change, now)) if now else None
        if seen is None:
            raise
    assert seen
    return (replace(seen, ref=ref) if now else seen), now


def _mark(tx: Tx, node: Node, step: Step, last: bool, _: Observed | None) -> Talk[Observed | None]:
    change, op = node.change, tx.new_id()
    assert change.adopt
    assert change.want
    ref = replace(change.adopt, parent=tx.parent(change.want.parent))
    seen = yield from tx.look(change, ref)
    if seen is None:
        raise StepFailed("GONE", f"{change.name} is not there to be adopted.", "Plan again.")
    if seen.marker and seen.marker.stack != tx.marker(change.address, op).stack:
        raise taken(node, seen)
    intent = yield from tx.intend(node, step, op, before=seen, last=last)
    call = tx.call(change, "mark", ref, tx.marker(change.address, op), seen, step=step)
    yield from _send(tx, call, intent, lambda: _look_same(tx, node, ref, seen, op), seen.ref)
    if not last:
        yield from settle.while_busy(tx, change, ref)
    return None


def _look_same(tx: Tx, node: Node, ref: Ref, before: Observed, op: str) -> Talk[Observed]:
    """See what is being adopted once more: it carries the marker it had, or the one that we sent."""
    seen = yield from tx.look(node.change, ref)
    if seen is None:
        raise StepFailed("GONE", f"{ref.name} is no longer there.", "Plan again.")
    if seen.marker != before.marker and not settle.is_ours(tx, node.change, seen, op):
        raise taken(node, seen)
    return seen


def _archive(tx: Tx, node: Node, step: Step, last: bool, _: Observed | None) -> Talk[Observed | None]:
    record = tx.live(node.change.address)
    seen = yield from _look_ours(tx, node, record)
    intent = yield from tx.intend(node, step, record.op, before=seen, last=last)
    method: CallMethod = "archive" if step.method == "archive" else "restore"
    call = tx.call(node.change, method, tx.ref(record), step=step)
    yield from _send(tx, call, intent, lambda: _look_ours(tx, node, record))
    if not last:
        yield from settle.while_busy(tx, node.change, tx.ref(record))
    return None


_STEPS = {
    "create": create, "put": _put, "ready": _ready, "delete": _delete, "rename": _rename, "mark": _mark,
    "archive": _archive, "restore": _archive,
}  # fmt: skip
_SHARED = {"create": sharing.create, "put": sharing.put, "ready": _ready, "delete": sharing.delete}
