"""What the conversations of one transaction share: the live records, the entries so far, and the common phrases."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dpn import codec, references
from dpn.engine.effects import (
    Append,
    Call,
    CallFailed,
    CallMethod,
    Failure,
    InDoubt,
    Sleep,
    StepFailed,
    Sync,
    Talk,
    Tell,
)
from dpn.engine.fold import Entry, Fold
from dpn.engine.nodes import Node
from dpn.model import Change, Fault, Marker, Observed, Receipt, Record, Ref, Step, Want, address_hash
from dpn.provider import KindInfo

READS = {"not_applied": 1, "throttled": 8, "unknown": 4}
ONCE = {"not_applied": 1, "throttled": 8, "unknown": 1}
REPEATABLE = {"not_applied": 1, "throttled": 8, "unknown": 4}
STUBBORN = {"not_applied": 3, "throttled": 8, "unknown": 4}
"""How often a call is made at most, by the outcome of its last failure; undoing is stubborn."""


@dataclass
class Tx:
    """One transaction. `existing` are records of things that are referenced and never changed."""

    stack: str
    kinds: Mapping[str, KindInfo]
    folded: Fold
    new_id: Callable[[], str]
    now: Callable[[], float]
    jitter: Callable[[], float]
    existing: Mapping[str, Record] = field(default_factory=dict)
    settle: float | None = None
    failure: Failure | None = None
    blocked: dict[str, str] = field(default_factory=dict)
    watch: list[Mapping[str, Any]] = field(default_factory=list)

    def record(self, address: str) -> Record | None:
        """Give the live record."""
        return self.folded.records.get(address) or self.existing.get(address)

    def ref(self, record: Record) -> Ref:
        """Give where the thing is now, following the renames of this transaction."""
        return Ref(record.kind, record.name, record.id, self.parent(record.parent))

    def parent(self, address: str | None) -> Ref | None:
        """Give the Ref of a parent's address."""
        record = self.record(address) if address else None
        return self.ref(record) if record else None

    def marker(self, address: str, op: str) -> Marker:
        """Give the marker for an operation at an address."""
        return Marker(self.stack.replace(".", "--"), address_hash(address), op)

    def bind(self, change: Change) -> dict[str, str]:
        """Give what each reference of the wanted spec stands for now."""
        assert change.want
        bound: dict[str, str] = {}
        for path, reference in references.walk(change.want.spec, self.kinds[change.kind].schema):
            if reference.scheme == "resource":
                bound[reference.key] = self._value(reference, change.address, path)
        return bound

    def _value(self, reference: references.Reference, address: str, path: str) -> str:
        record = self.record(reference.target)
        value = attribute(self, record, reference.use) if record else None
        if value is None:
            raise StepFailed("UNKNOWN-VALUE", f"{path} of {address} needs ${{{reference.text}}}, which has no value.")
        return str(value)

    def patience(self, change: Change) -> float:
        """Give the seconds after which "not found" is believed."""
        return self.kinds[change.kind].settle if self.settle is None else self.settle

    # phrases --------------------------------------------------------------------------------------------------

    def call(
        self, node: Change, method: CallMethod, *args: Any, step: Step | None = None, undoes: Receipt | None = None,
        bound: Mapping[str, str] | None = None,
    ) -> Call:  # fmt: skip
        """Build a call of the kind that owns the change."""
        owner = self.folded.records.get(node.address) or node.want or node.before
        assert owner
        told = replace(node, step=step) if step else None
        return Call(node.kind, owner.provider, method, args, owner.region, bound or {}, told, undoes)

    def look(self, change: Change, ref: Ref) -> Talk[Observed | None]:
        """Read what is at a Ref; a read that keeps failing fails the step."""
        seen: Observed | None = yield from self.attempt(self.call(change, "read", ref), READS)
        return seen

    def attempt(self, call: Call, limits: Mapping[str, int]) -> Talk[Any]:
        """Make a call up to the limits, with backoff and full jitter between."""
        made: dict[str, int] = {"not_applied": 0, "throttled": 0, "unknown": 0}
        while True:
            try:
                return (yield call)
            except CallFailed as failed:
                fault = failed.fault
                made[fault.outcome] += 1
                if made[fault.outcome] >= limits[fault.outcome] or fault.code == "REFUSED":
                    raise
                if (yield Sleep(self._delay(sum(made.values()), fault))):
                    raise

    def _delay(self, tries: int, fault: Fault) -> float:
        return fault.retry_after or min(20.0, 0.25 * 2**tries) * self.jitter()

    def intend(self, node: Node, step: Step, op: str, **more: Any) -> Talk[int]:
        """Make an intent durable and give its sequence number."""
        change, info = node.change, self.kinds[node.change.kind]
        entry: dict[str, Any] = {
            "t": "intent",
            "address": change.address,
            "key": node.key,
            "op": op,
            "method": step.method,
        }
        entry |= {"part": step.part, "fields": fields_of(info, step)}
        entry |= {key: codec.dump(value) for key, value in more.items() if value is not None}
        if change.address not in self.folded.changes or self.folded.changes[change.address] != change:
            entry["change"] = codec.dump(change)
        seq: int = yield from self.write(entry)
        yield Sync()
        return seq

    def conclude(self, seq: int, outcome: str, ref: Ref | None = None, fault: Fault | None = None) -> Talk[None]:
        """Make the result of an intent durable."""
        entry: dict[str, Any] = {"t": "result", "of": seq, "outcome": outcome}
        if ref:
            entry["ref"] = codec.dump(ref)
        if fault:
            entry |= {"code": fault.code, "message": fault.message}
        yield from self.write(entry)
        yield Sync()
        intent = self.folded.intents[seq]
        yield Tell(
            "undo" if "undoes" in intent else "step", intent["address"], outcome=outcome,
            step=str(Step(intent["method"], intent["part"])), message=fault.message if fault else "",
        )  # fmt: skip

    def write(self, entry: Entry) -> Talk[int]:
        """Append an entry and fold it into the live records; it is not durable yet."""
        seq: int = yield Append(entry)
        self.folded.add(seq, entry)
        return seq


def fields_of(info: KindInfo, step: Step) -> list[str]:
    """Give the spec fields that a step sets: of its part, or at birth all that the create call sends."""
    if step.method == "put":
        return next(list(part.fields) for part in info.parts if part.name == step.part)
    if step.method == "create":
        born = {name for part in info.parts if part.at_birth for name in part.fields}
        return sorted(born | info.immutable | ({info.parent} if info.parent else set()))
    return []


def attribute(tx: Tx, record: Record, use: str) -> Any:
    """Give the name, id, full name or a spec value of a record."""
    if use == "name":
        return record.name
    if use == "id":
        return record.id
    if use == "full_name":
        parent = tx.record(record.parent) if record.parent else None
        return f"{attribute(tx, parent, use)}.{record.name}" if parent else record.name
    return record.spec.get(use)


def want_of(tx: Tx, change: Change, op: str) -> Want:
    """Build what the kind is asked to make; references stay text until the call."""
    assert change.want
    want = change.want
    return Want(
        want.name,
        without_parent(tx, change, want.spec),
        tx.parent(want.parent),
        tx.marker(change.address, op),
        want.region,
    )


def want_back(tx: Tx, change: Change, before: Observed, op: str) -> Want:
    """Build what the kind is asked to return to: the before-image, whose text is no reference."""
    assert change.before
    record = change.before
    spec = references.escape(before.spec)
    marker = tx.marker(change.address, op) if op else None
    return Want(before.ref.name, spec, tx.parent(record.parent), marker, record.region)


def without_parent(tx: Tx, change: Change, spec: Mapping[str, Any]) -> dict[str, Any]:
    """Give the spec without the parent's field, which goes as a Ref."""
    parent = tx.kinds[change.kind].parent
    return {key: value for key, value in spec.items() if key != parent}


def in_doubt(change: Change, fault: Fault) -> InDoubt:
    """Say that a call can neither be confirmed nor refuted now."""
    return InDoubt(f"{change.address}: {fault.code}: {fault.message}")
