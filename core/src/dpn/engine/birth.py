"""How a thing is created: nothing stands there, one intent, one call, and whatever became of it is found out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dpn.engine import settle
from dpn.engine.effects import Call, CallFailed, StepFailed, Talk
from dpn.engine.nodes import Node
from dpn.engine.tx import ONCE, Tx
from dpn.engine.wants import bind, want_of
from dpn.engine.watch import may_be_two, watch_entry
from dpn.model import Fault, Observed, Ref, Step, Want


def create(tx: Tx, node: Node, step: Step, last: bool, _: Observed | None) -> Talk[Observed | None]:
    """Create the thing; give what was read back, if more is to follow."""
    change, op = node.change, tx.new_id()
    assert change.want
    want, bound = want_of(tx, change, op), (yield from bind(tx, change, change.want.spec))
    if tx.kinds[change.kind].name_rule.unique != "none":
        yield from _refuse_taken(tx, node, want.parent)
    intent = yield from tx.intend(node, step, op, bound=bound, last=last)
    call = tx.call(change, "create", want, step=step, bound=bound, owner=change.want)
    made, late = yield from make(tx, call, want, intent, ONCE)
    return (yield from _born(tx, node, intent, made, last, late))


def make(
    tx: Tx, call: Call, want: Want, intent: int, limits: Mapping[str, int]
) -> Talk[tuple[Ref, Mapping[str, Any] | None]]:
    """Send a create and find out what became of it; give what it made, and what later commands shall look for.

    If it made nothing, that is concluded and the CallFailed raised.
    """
    assert call.change
    change, bound, tries = call.change, dict(call.bound), [1]

    def again() -> Talk[Any]:
        tries.append(1)
        return (yield from _throttled(tx, call, want, bound))

    def sent_again() -> bool:
        """Tell whether an attempt before may have made one that could not be seen yet."""
        return may_be_two(tx, change) and len(tries) > 1

    unknown = False
    try:
        made: Ref | None = yield from tx.attempt(call, limits, again)
    except CallFailed as failed:
        made, unknown = (yield from settle.created(tx, change, want, bound, failed.fault)), failed.unknown
        if made is None:
            late = watch_entry(tx, change, want) if unknown or sent_again() else None
            yield from tx.conclude(intent, "not_applied", fault=failed.fault, watch=late)
            raise
    assert made
    twice = (unknown and may_be_two(tx, change)) or sent_again()
    return made, watch_entry(tx, change, want) if twice else None


def _throttled(tx: Tx, call: Call, want: Want, bound: dict[str, Any]) -> Talk[Any]:
    """Look before a throttled create is sent again, where a second one would make a second thing."""
    assert call.change
    if not may_be_two(tx, call.change):
        return call
    fault = Fault("throttled", "THROTTLED", "")
    return (yield from settle.created(tx, call.change, want, bound, fault)) or call


def _born(
    tx: Tx, node: Node, intent: int, made: Ref, last: bool, late: Mapping[str, Any] | None
) -> Talk[Observed | None]:  # fmt: skip
    """Conclude a create; where more is to be put, read it back: an API may say yes to what is another's."""
    change, op = node.change, tx.folded.intents[intent]["op"]
    yield from tx.conclude(intent, "applied", made, watch=late)
    record = tx.record(change.address)
    seen = (yield from tx.look(change, tx.ref(record))) if record and not last else None
    if seen and not settle.is_ours(tx, change, seen, op):
        back = yield from tx.intend(node, Step("delete"), op, undoes=intent, complete=True, last=True)
        yield from tx.conclude(back, "applied")  # nothing of ours is there: that much is undone without a call
        raise taken(node, seen)
    return seen


def _refuse_taken(tx: Tx, node: Node, parent: Ref | None) -> Talk[None]:
    change = node.change
    found = yield from tx.look(change, Ref(change.kind, change.name, parent=parent), change.want)
    if found:
        raise taken(node, found)


def taken(node: Node, seen: Observed) -> StepFailed:
    """Say that the name is another's."""
    owner = f"stack {seen.marker.stack.replace('--', '.')}" if seen.marker else "somebody else"
    return StepFailed("NAME-TAKEN", f"{node.change.name} exists already and belongs to {owner}.", "Plan again.")
