"""How a thing is deleted, going forward and in an undo: never what is not ours, never what holds something."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dpn.engine import settle
from dpn.engine.effects import CallFailed, Sleep, StepFailed, Talk
from dpn.engine.nodes import Node
from dpn.engine.tx import READS, Tx
from dpn.model import Observed, Receipt, Ref, Step


def may_go(tx: Tx, node: Node, ref: Ref, seen: Observed, op: str) -> Talk[None]:
    """Refuse to delete what is not ours or holds something."""
    if not settle.is_ours(tx, node.change, seen, op):
        raise StepFailed("NOT-OURS", f"{ref.name} does not carry our marker any more; it is not deleted.")
    yield from _refuse_contents(tx, node, ref)


def remove(
    tx: Tx, node: Node, seen: Observed, op: str, limits: Mapping[str, int], undoes: Receipt | None = None
) -> Talk[None]:
    """Delete what `may_go` allowed, and wait until it is gone; it is looked at again before each further attempt."""
    change, record = node.change, tx.record(node.change.address)
    assert record  # it is live until its removal is concluded
    ref = tx.ref(record)

    def again() -> Talk[Any]:
        now = yield from tx.look(change, ref)
        if now is None or not settle.is_ours(tx, change, now, op):
            return None  # the attempt before was carried out
        yield from _refuse_contents(tx, node, ref)
        return tx.call(change, "delete", ref, now, step=Step("delete"), undoes=undoes)

    try:
        first = tx.call(change, "delete", ref, seen, step=Step("delete"), undoes=undoes)
        yield from tx.attempt(first, limits, again)
    except CallFailed as failed:
        if not failed.unknown or not (yield from settle.deleted(tx, change, ref, op)):
            raise
    yield from _until_gone(tx, node, ref, op)


def _until_gone(tx: Tx, node: Node, ref: Ref, op: str) -> Talk[None]:
    """Wait for the end of a delete that the API only begins."""
    info, waited = tx.kinds[node.change.kind], 0.0
    while info.slow_delete:
        try:
            seen = yield from tx.look(node.change, ref)
        except CallFailed as failed:  # the delete was accepted: that its end cannot be seen does not take it back
            raise settle.in_doubt(node.change, failed.fault) from failed
        if seen is None or not settle.is_ours(tx, node.change, seen, op):
            return
        if waited >= info.deadline:
            raise StepFailed("DEADLINE", f"{ref.name} was not gone after {info.deadline:.0f} s.")
        if (yield Sleep(2.0)):
            raise StepFailed("STOPPED", f"{ref.name} was being deleted when the run was stopped.")
        waited += 2.0


def _refuse_contents(tx: Tx, node: Node, ref: Ref) -> Talk[None]:
    """Refuse to delete what holds something: dpn never empties a thing, and never lets an API do so silently."""
    if "contents" not in tx.kinds[node.change.kind].has:
        return
    inside = yield from tx.attempt(tx.call(node.change, "contents", ref), READS)
    if inside:
        names = ", ".join(f"{item.kind} {item.name}" for item in list(inside)[:3])
        raise StepFailed("NOT-EMPTY", f"{ref.name} is not empty: it holds {names}.", "Empty it first, or keep it.")
