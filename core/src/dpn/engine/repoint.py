"""What refers by id to a thing that an undo made again is led to its new id."""

from __future__ import annotations

from collections.abc import Iterator

from dpn import references
from dpn.engine import settle
from dpn.engine.effects import Talk
from dpn.engine.nodes import Node
from dpn.engine.tx import STUBBORN, Tx
from dpn.engine.wants import want_back
from dpn.model import Change, Receipt, Record, Step, Want


def repoint(tx: Tx, target: str, seq: int, undoes: Receipt) -> Talk[None]:
    """Put again each part of a live thing that still shows the former id of `target`."""
    for address in tx.users_by_id.get(target, ()):
        record, now = tx.record(address), tx.record(target)
        if record and now and record.bound.get(f"{target}#id") not in (None, now.id):
            yield from _repointed(tx, target, record, seq, undoes)


def _repointed(tx: Tx, target: str, record: Record, seq: int, undoes: Receipt) -> Talk[None]:
    change = Change(record.address, record.kind, "update", record.name, before=record)
    node, ref = Node(record.address, change, (), ()), tx.ref(record)
    seen = yield from tx.look(change, ref)
    if seen is None or not settle.is_ours(tx, change, seen, record.op):
        return  # it is not there to be led anywhere, or not ours to change
    want, bound = want_back(tx, change, record, seen, record.op)
    for part in _parts(tx, record, want, target):
        step = Step("put", part)
        back = yield from tx.intend(node, step, record.op, bound=bound, before=seen, undoes=seq)
        call = tx.call(change, "put", ref, part, want, seen, step=step, undoes=undoes, bound=bound)
        yield from tx.attempt(call, STUBBORN)
        yield from tx.conclude(back, "applied")
        seen = (yield from tx.look(change, ref)) or seen


def _parts(tx: Tx, record: Record, want: Want, target: str) -> Iterator[str]:
    info = tx.kinds[record.kind]
    fields = {
        str(path[0])
        for path, reference in references.walk(want.spec, info.schema)
        if (reference.target, reference.use) == (target, "id")
    }
    yield from (part.name for part in info.parts if fields & set(part.fields))
