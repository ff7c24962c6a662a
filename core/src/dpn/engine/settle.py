"""Was it applied? How the outcome of each call is found out when the reply did not come."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from dpn.engine.effects import CallFailed, InDoubt, Sleep, StepFailed, Sync, T, Talk, Tell
from dpn.engine.tx import READS, REPEATABLE, Tx
from dpn.model import Change, Fault, Observed, Ref, Want
from dpn.provider import Broken, Wait


def created(tx: Tx, change: Change, want: Want, bound: dict[str, Any], fault: Fault) -> Talk[Ref | None]:
    """Find what a create made, by our operation id; None after the kind's settle time.

    A look-up that finds the object ends at once. A definite refusal is looked up once too: an answer such as "already
    exists" may be the echo of our own request. Of several, the lowest id stays and the others, all ours, go.
    """
    marked, unknown = tx.kinds[change.kind].marker != "none", fault.outcome == "unknown"
    if not (marked or unknown):
        return None
    found = yield from patiently(
        change, lambda: _found(tx, change, want, bound), tx.patience(change) if unknown else 0.0
    )
    if found and not marked:
        raise InDoubt(f"{change.address}: {want.name} is there, and nothing tells whether this create made it.")
    return (yield from _keep_one(tx, change, want, found)) if found else None


def _found(tx: Tx, change: Change, want: Want, bound: dict[str, Any]) -> Talk[list[Observed]]:
    try:
        return (yield from find(tx, change, want, bound))
    except CallFailed as failed:
        raise in_doubt(change, failed.fault) from failed


def patiently(change: Change, look: Callable[[], Talk[T]], patience: float) -> Talk[T]:
    """Look again and again until something is seen, up to so many seconds; give what the last look gave."""
    waited, pause = 0.0, 1.0
    while True:
        seen = yield from look()
        if seen or waited >= patience:
            return seen
        yield Tell("wait", change.address, message=f"looking for it, up to {patience:.0f} s")
        if (yield Sleep(pause)):
            raise InDoubt(f"{change.address}: stopped before it was certain that nothing is there.")
        waited, pause = waited + pause, min(pause * 2, 10.0)


def find(tx: Tx, change: Change, want: Want, bound: dict[str, Any]) -> Talk[list[Observed]]:
    """Look up what stands where a create would put its thing, and is ours."""
    owner = change.want or change.before
    found: list[Observed] = yield from tx.attempt(tx.call(change, "find", want, bound=bound, owner=owner), READS)
    return [seen for seen in found if is_ours(tx, change, seen, want.marker.op if want.marker else "")]


def is_ours(tx: Tx, change: Change, seen: Observed, op: str) -> bool:
    """Tell whether an object carries our operation id; a kind without markers has only its identity."""
    if tx.kinds[change.kind].marker == "none":
        return True
    return bool(op) and seen.marker is not None and seen.marker.op == op


def is_anothers(tx: Tx, change: Change, seen: Observed, op: str) -> bool:
    """Tell whether an object carries another's marker: ours is gone then, and what stands there is theirs.

    Without any marker it may still be ours.
    """
    return seen.marker is not None and not is_ours(tx, change, seen, op)


def _keep_one(tx: Tx, change: Change, want: Want, found: list[Observed]) -> Talk[Ref]:
    found.sort(key=lambda seen: (len(seen.ref.id or ""), seen.ref.id or ""))
    for extra in found[1:]:
        yield from discard(tx, change, want, extra)
    return found[0].ref


def discard(tx: Tx, change: Change, want: Want, extra: Observed) -> Talk[None]:
    """Delete what a request of ours made twice or too late; before each further attempt it is looked at again."""
    owner, op = change.want or change.before, want.marker.op if want.marker else ""
    ref = replace(extra.ref, parent=want.parent)

    def again() -> Talk[object]:
        now = yield from tx.look(change, ref, owner)
        still = now and is_ours(tx, change, now, op)
        return tx.call(change, "delete", ref, now, owner=owner) if still else None

    yield Sync()  # no intent of its own stands before this call
    yield from tx.attempt(tx.call(change, "delete", ref, extra, owner=owner), REPEATABLE, again)


def deleted(tx: Tx, change: Change, ref: Ref, op: str) -> Talk[bool]:
    """Tell whether it is gone; where an API only begins a delete, wait for its end."""
    info = tx.kinds[change.kind]

    def gone() -> Talk[bool]:
        seen = yield from tx.look(change, ref)
        return seen is None or not is_ours(tx, change, seen, op)

    try:
        return (yield from patiently(change, gone, info.deadline if info.slow_delete else 0.0))
    except CallFailed as failed:
        raise in_doubt(change, failed.fault) from failed


def renamed(tx: Tx, change: Change, ref: Ref, name: str, op: str) -> Talk[Ref | None]:
    """Give the Ref at the new name if the same object stands there; where there is no id, the marker tells."""
    try:
        seen = yield from tx.look(change, Ref(ref.kind, name, ref.id, ref.parent))
    except CallFailed as failed:
        raise in_doubt(change, failed.fault) from failed
    # What is read by its id is found under any name: only one that has the new name was renamed.
    if seen is None or seen.ref.name != name or not is_ours(tx, change, seen, op):
        return None
    return seen.ref if ref.id == seen.ref.id else None


def until_ready(tx: Tx, change: Change, ref: Ref) -> Talk[None]:
    """Wait until a thing can be used; StepFailed if it never will be, or not before its deadline."""
    waited, deadline = 0.0, tx.kinds[change.kind].deadline
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
        waited += max(state.seconds, 0.1)  # so that a kind which says 0 comes to an end, too


def while_busy(tx: Tx, change: Change, ref: Ref) -> Talk[None]:
    """Wait where a kind's writes make it busy, as a cluster that restarts takes no other; how it ends is not judged."""
    info = tx.kinds[change.kind]
    if "ready" in info.has and any(part.settles for part in info.parts):
        with suppress(StepFailed, CallFailed):  # whoever looks next finds out what is wrong
            yield from until_ready(tx, change, ref)


def in_doubt(change: Change, fault: Fault) -> InDoubt:
    """Say that a call can neither be confirmed nor refuted now."""
    return doubt(change, fault.code, fault.message, fault.hint)


def doubt(change: Change, code: str, message: str, hint: str = "") -> InDoubt:
    """Give a doubt about a change in one text, with what may be done about it."""
    said = f"{message.removesuffix('.')}. {hint}" if hint else message
    return InDoubt(f"{change.address}: {code}: {said}")
