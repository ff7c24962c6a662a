"""How each step of a change is carried out: look, intend, call once, settle, conclude."""

from __future__ import annotations

from collections.abc import Callable

from dpn.engine import settle
from dpn.engine.effects import Call, CallFailed, CallMethod, Sleep, StepFailed, Talk, Tell
from dpn.engine.nodes import Node
from dpn.engine.tx import ONCE, READS, REPEATABLE, Tx, want_of
from dpn.model import Fault, Observed, Record, Ref, Step
from dpn.provider import Broken, Wait


def carry_out(tx: Tx, node: Node, stopping: Callable[[], bool]) -> Talk[None]:
    """Carry out the steps of a node; between two steps it gives way when the transaction is stopping."""
    seen: Observed | None = None
    for number, step in enumerate(node.steps):
        if stopping():
            raise StepFailed("STOPPED", f"{node.change.address} was stopped before {step}.")
        try:
            seen = yield from _STEPS[step.method](tx, node, step, number == len(node.steps) - 1, seen)
        except CallFailed as failed:
            raise failure(node, step, failed.fault) from failed


def failure(node: Node, step: Step, fault: Fault) -> StepFailed:
    """Say which step of what failed and why."""
    return StepFailed(fault.code, f"{step} of {node.change.name} failed: {fault.message}", fault.hint)


def _create(tx: Tx, node: Node, step: Step, last: bool, _: Observed | None) -> Talk[Observed | None]:
    change, op = node.change, tx.new_id()
    want, bound = want_of(tx, change, op), tx.bind(change)
    if tx.kinds[change.kind].name_rule.unique != "none":
        yield from _refuse_taken(tx, node, want.parent)
    intent = yield from tx.intend(node, step, op, bound=bound, last=last)
    try:
        made = yield from tx.attempt(tx.call(change, "create", want, step=step, bound=bound), ONCE)
    except CallFailed as failed:
        made = yield from settle.created(tx, change, want, bound, failed.fault)
        if made is None:
            if failed.fault.outcome == "unknown":
                tx.watch.append(settle.watch_entry(tx, change, want, op))
            yield from tx.conclude(intent, "not_applied", fault=failed.fault)
            raise
    yield from tx.conclude(intent, "applied", made)
    return (yield from tx.look(change, made)) if not last else None


def _refuse_taken(tx: Tx, node: Node, parent: Ref | None) -> Talk[None]:
    change = node.change
    taken = yield from tx.look(change, Ref(change.kind, change.name, parent=parent))
    if taken:
        owner = f"stack {taken.marker.stack.replace('--', '.')}" if taken.marker else "somebody else"
        raise StepFailed("NAME-TAKEN", f"{change.name} exists already and belongs to {owner}.", "Plan again.")


def _live(tx: Tx, node: Node) -> Record:
    record = tx.record(node.change.address)
    if record is None:
        raise StepFailed("NO-RECORD", f"{node.change.address} is not in the state.")
    return record


def _look_ours(tx: Tx, node: Node, record: Record) -> Talk[Observed]:
    seen = yield from tx.look(node.change, tx.ref(record))
    waited, patience = 0.0, tx.patience(node.change) if record.status == "partial" else 0.0
    while seen is None and waited < patience:  # what was just made may not be visible yet
        if (yield Sleep(1.0)):
            raise StepFailed("STOPPED", f"{record.name} was stopped before it could be seen.")
        waited += 1.0
        seen = yield from tx.look(node.change, tx.ref(record))
    if seen is None:
        raise StepFailed("GONE", f"{record.name} is no longer there.", "Plan again.")
    if not settle.is_ours(tx, node.change, seen, record.op):
        raise StepFailed("NOT-OURS", f"{record.name} does not carry our marker any more; it is not touched.")
    return seen


def _send(tx: Tx, call: Call, intent: int, ref: Ref | None = None) -> Talk[None]:
    """Send a repeatable write and conclude it; what may have been applied counts as applied, so that it is undone."""
    try:
        yield from tx.attempt(call, REPEATABLE)
    except CallFailed as failed:
        unknown = failed.fault.outcome == "unknown"
        yield from tx.conclude(intent, "applied" if unknown else "not_applied", ref if unknown else None, failed.fault)
        raise
    yield from tx.conclude(intent, "applied", ref)


def _put(tx: Tx, node: Node, step: Step, last: bool, seen: Observed | None) -> Talk[Observed | None]:
    change, record = node.change, _live(tx, node)
    # One look serves all parts of a new object; an API with optimistic locking needs the version of just now.
    if seen is None or seen.version is not None:
        seen = yield from _look_ours(tx, node, record)
    want, bound = want_of(tx, change, record.op), tx.bind(change)
    intent = yield from tx.intend(node, step, record.op, bound=bound, before=seen, last=last)
    call = tx.call(change, "put", tx.ref(record), step.part, want, seen, step=step, bound=bound)
    yield from _send(tx, call, intent)
    part = next(part for part in tx.kinds[change.kind].parts if part.name == step.part)
    if part.settles:
        yield from _poll(tx, node, tx.ref(record))
    return seen


def _ready(tx: Tx, node: Node, step: Step, last: bool, seen: Observed | None) -> Talk[Observed | None]:
    record = _live(tx, node)
    intent = yield from tx.intend(node, step, record.op, last=last)
    yield from _poll(tx, node, tx.ref(record))
    yield from tx.conclude(intent, "applied")
    return seen


def _poll(tx: Tx, node: Node, ref: Ref) -> Talk[None]:
    change, waited = node.change, 0.0
    deadline = tx.kinds[change.kind].deadline
    while True:
        state = yield from tx.attempt(tx.call(change, "ready", ref), READS)
        if isinstance(state, Broken):
            raise StepFailed("BROKEN", f"{change.name} will not become ready: {state.reason}")
        if not isinstance(state, Wait):
            return
        if waited >= deadline:
            raise StepFailed("DEADLINE", f"{change.name} was not ready after {deadline:.0f} s.")
        yield Tell("wait", change.address, step="ready", message="waiting until it is ready")
        if (yield Sleep(state.seconds)):
            raise StepFailed("STOPPED", f"{change.name} was stopped while it was not ready yet.")
        waited += state.seconds


def _delete(tx: Tx, node: Node, step: Step, last: bool, _: Observed | None) -> Talk[Observed | None]:
    change, record = node.change, _live(tx, node)
    ref = tx.ref(record)
    seen = yield from tx.look(change, ref)
    if seen and not settle.is_ours(tx, change, seen, record.op):
        raise StepFailed("NOT-OURS", f"{record.name} does not carry our marker; it is not deleted.")
    if seen:
        yield from refuse_contents(tx, node, ref)
    intent = yield from tx.intend(node, step, record.op, before=seen, last=last)
    if seen:
        yield from _delete_call(tx, node, step, intent, ref, seen)
    yield from tx.conclude(intent, "applied")
    return None


def _delete_call(tx: Tx, node: Node, step: Step, intent: int, ref: Ref, seen: Observed) -> Talk[None]:
    try:
        yield from tx.attempt(tx.call(node.change, "delete", ref, seen, step=step), ONCE)
    except CallFailed as failed:
        gone = failed.fault.outcome == "unknown" and (yield from settle.deleted(tx, node.change, ref))
        if not gone:
            yield from tx.conclude(intent, "not_applied", fault=failed.fault)
            raise
    yield from until_gone(tx, node, ref)


def until_gone(tx: Tx, node: Node, ref: Ref) -> Talk[None]:
    """Wait for the end of a delete that the API only begins."""
    info, waited = tx.kinds[node.change.kind], 0.0
    while info.slow_delete and (yield from tx.look(node.change, ref)):
        if waited >= info.deadline:
            raise StepFailed("DEADLINE", f"{ref.name} was not gone after {info.deadline:.0f} s.")
        yield Sleep(2.0)
        waited += 2.0


def refuse_contents(tx: Tx, node: Node, ref: Ref) -> Talk[None]:
    """Refuse to delete what holds something: dpn never empties a thing, and never lets an API do so silently."""
    if "contents" not in tx.kinds[node.change.kind].has:
        return
    inside = yield from tx.attempt(tx.call(node.change, "contents", ref), READS)
    if inside:
        names = ", ".join(f"{item.kind} {item.name}" for item in list(inside)[:3])
        raise StepFailed("NOT-EMPTY", f"{ref.name} is not empty: it holds {names}.", "Empty it first, or keep it.")


def _rename(tx: Tx, node: Node, step: Step, last: bool, _: Observed | None) -> Talk[Observed | None]:
    change, record = node.change, _live(tx, node)
    ref = tx.ref(record)
    seen = yield from _look_ours(tx, node, record)
    intent = yield from tx.intend(node, step, record.op, before=seen, last=last)
    try:
        now = yield from tx.attempt(tx.call(change, "rename", ref, change.name, step=step), ONCE)
    except CallFailed as failed:
        now = yield from settle.renamed(tx, change, ref, change.name)
        if now is None:
            yield from tx.conclude(intent, "not_applied", fault=failed.fault)
            raise
    yield from tx.conclude(intent, "applied", now)
    return None


def _mark(tx: Tx, node: Node, step: Step, last: bool, _: Observed | None) -> Talk[Observed | None]:
    change, op = node.change, tx.new_id()
    assert change.adopt
    seen = yield from tx.look(change, change.adopt)
    if seen is None:
        raise StepFailed("GONE", f"{change.name} is not there to be adopted.", "Plan again.")
    intent = yield from tx.intend(node, step, op, before=seen, last=last)
    call = tx.call(change, "mark", seen.ref, tx.marker(change.address, op), seen, step=step)
    yield from _send(tx, call, intent, seen.ref)
    return None


def _archive(tx: Tx, node: Node, step: Step, last: bool, _: Observed | None) -> Talk[Observed | None]:
    record = _live(tx, node)
    seen = yield from _look_ours(tx, node, record)
    intent = yield from tx.intend(node, step, record.op, before=seen, last=last)
    method: CallMethod = "archive" if step.method == "archive" else "restore"
    yield from _send(tx, tx.call(node.change, method, tx.ref(record), step=step), intent)
    return None


_STEPS = {
    "create": _create, "put": _put, "ready": _ready, "delete": _delete, "rename": _rename, "mark": _mark,
    "archive": _archive, "restore": _archive,
}  # fmt: skip
