"""What the conversations of one transaction share: the live records, the entries so far, and the common phrases."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeAlias

from dpn import codec, references
from dpn.engine.effects import LOOKS, Append, Call, CallFailed, CallMethod, Failure, Sleep, Sync, Talk, Tell
from dpn.engine.fold import Entry, Fold
from dpn.engine.nodes import Node
from dpn.model import Change, Fault, Marker, Observed, Receipt, Record, Ref, Resource, Step, address_hash
from dpn.provider import KindInfo

Owner: TypeAlias = Record | Resource
"""What says which provider alias and region a call goes to."""

Again: TypeAlias = Callable[[], Talk[Any]]

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
    _told: dict[str, Change] = field(default_factory=dict)
    _ops: dict[str, str] = field(default_factory=dict)  # of the last intent at each address: what hooks are told

    def record(self, address: str) -> Record | None:
        """Give the live record."""
        return self.folded.records.get(address) or self.existing.get(address)

    def live(self, address: str) -> Record:
        """Give the live record of what has one: a plan is refused unless the state is what it was made from."""
        record = self.record(address)
        assert record, f"{address} is not in the state"
        return record

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

    def patience(self, change: Change) -> float:
        """Give the seconds after which "not found" is believed."""
        return self.kinds[change.kind].settle if self.settle is None else self.settle

    @cached_property
    def users_by_id(self) -> Mapping[str, list[str]]:
        """Give, by address, the live things that refer to it by id; asked when undoing begins."""
        users: dict[str, list[str]] = {}
        for address, record in sorted(self.folded.records.items()):
            for key in record.bound:
                if key.endswith("#id"):
                    users.setdefault(key.removesuffix("#id"), []).append(address)
        return users

    # phrases --------------------------------------------------------------------------------------------------

    def call(
        self, change: Change, method: CallMethod, *args: Any, step: Step | None = None, undoes: Receipt | None = None,
        bound: Mapping[str, Any] | None = None, owner: Owner | None = None,
    ) -> Call:  # fmt: skip
        """Build a call, sent where the thing is now, or where `owner` says: a record or a resource."""
        owner = owner or self.folded.records.get(change.address) or change.want or change.before
        assert owner
        told = replace(change, step=step, op=self._ops.get(change.address, "")) if step else None
        return Call(change.kind, owner.provider, method, args, owner.region, bound or {}, told, undoes)

    def look(self, change: Change, ref: Ref, owner: Owner | None = None) -> Talk[Observed | None]:
        """Read what is at a Ref; a read that keeps failing fails the step."""
        seen: Observed | None = yield from self.attempt(self.call(change, "read", ref, owner=owner), READS)
        return seen

    def look_at(self, record: Record) -> Talk[Observed | None]:
        """Read what a record stands for."""
        call = Call(record.kind, record.provider, "read", (self.ref(record),), record.region)
        seen: Observed | None = yield from self.attempt(call, READS)
        return seen

    def attempt(self, call: Call, limits: Mapping[str, int], again: Again | None = None) -> Talk[Any]:
        """Make a call up to the limits, with backoff and full jitter between.

        Before each further attempt `again` looks what has become of it: it gives the call to send next, or the answer
        if none is needed any more. If one attempt may have been applied, all of them together may.
        """
        made: dict[str, int] = {"not_applied": 0, "throttled": 0, "unknown": 0}
        while True:
            try:
                return (yield call)
            except CallFailed as failed:
                fault = failed.fault
                made[fault.outcome] += 1
                over = made[fault.outcome] >= limits[fault.outcome] or fault.code == "REFUSED"
                if over or (yield Sleep(self._delay(sum(made.values()), fault))):
                    raise _together(made, failed) from failed
            try:
                following = (yield from again()) if again else call
            except CallFailed as failed:
                raise _together(made, failed) from failed
            if not isinstance(following, Call):
                return following
            call = following
            if call.method not in LOOKS:
                yield Sync()  # the intent proved that the stack is ours before the pause, not after it

    def _delay(self, tries: int, fault: Fault) -> float:
        return fault.retry_after or min(20.0, 0.25 * 2**tries) * self.jitter()

    def repeat(self, back: int, call: Call, again: Again | None = None) -> Talk[Any]:
        """Make the call of an undo, stubbornly; one that surely did nothing is concluded so, for who accepts it."""
        try:
            return (yield from self.attempt(call, STUBBORN, again))
        except CallFailed as failed:
            if not failed.unknown:
                yield from self.conclude(back, "not_applied", fault=failed.fault)
            raise

    def intend(self, node: Node, step: Step, op: str, **more: Any) -> Talk[int]:
        """Make an intent durable and give its sequence number."""
        change, info = node.change, self.kinds[node.change.kind]
        entry: dict[str, Any] = {
            "t": "intent", "address": change.address, "key": node.key, "op": op,
            "method": step.method, "part": step.part, "fields": fields_of(info, step),
        }  # fmt: skip
        if isinstance(seen := more.get("before"), Observed):
            more["before"] = _public(change, seen)
        entry |= {key: codec.dump(value) for key, value in more.items() if value is not None}
        if change.want and more.get("bound") and "undoes" not in more:
            entry["binds"] = _held(info, change.want.spec, entry["fields"])
        self._ops[change.address] = op
        if self._told.get(change.address, self.folded.changes.get(change.address)) is not change:
            self._told[change.address] = change  # once is enough: the other steps of the change find it there
            entry["change"] = codec.dump(change)
        seq: int = yield from self.write(entry)
        yield Sync()
        return seq

    def conclude(
        self, seq: int, outcome: str, ref: Ref | None = None, fault: Fault | None = None, **more: Any
    ) -> Talk[None]:
        """Make the result of an intent durable.

        more: `watch`, an entry for later commands to look for what may still land; `late`, of a delete or a rename that
        was not applied, as far as could be seen, and may be yet; `unsure`, that nobody found out.
        """
        entry: dict[str, Any] = {"t": "result", "of": seq, "outcome": outcome}
        entry |= {key: value for key, value in more.items() if value}
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


def _held(info: KindInfo, spec: Mapping[str, Any], fields: list[str]) -> list[str]:
    """Give the references in some fields, by the keys of `Record.bound`: those that a step brings to what they are."""
    part = {name: spec[name] for name in fields if name in spec}
    return sorted({found.key for _, found in references.walk(part, info.schema) if found.scheme == "resource"})


def _together(made: Mapping[str, int], last: CallFailed) -> CallFailed:
    """Say what several attempts come to: unknown if one of them is, whatever the last one says."""
    return CallFailed(replace(last.fault, outcome="unknown")) if made["unknown"] else last


def fields_of(info: KindInfo, step: Step) -> list[str]:
    """Give the spec fields that a step sets: of its part, or at birth all that the create call sends."""
    if step.method == "put":
        return next(list(part.fields) for part in info.parts if part.name == step.part)
    if step.method == "create":
        born = {name for part in info.parts if part.at_birth for name in part.fields}
        return sorted(born | info.immutable | ({info.parent} if info.parent else set()))
    return []


def _public(change: Change, seen: Observed) -> Observed:
    """Give a before-image without what secrets stand for; undo takes those fields from the record, as text.

    Nor does it hold `extra`, in which a secret may stand once more: a write takes that from what is seen then.
    """
    specs = [owner.spec for owner in (change.want, change.before) if owner]
    hidden = {name for spec in specs for name in references.secret_fields(spec)}
    return replace(
        seen, spec={name: value for name, value in seen.spec.items() if name not in hidden}, extra={}, others=()
    )
