"""The lock of a stack that lost it, or whose lock cannot be read: made anew from what stands beside it."""

from __future__ import annotations

from collections.abc import Iterator

from dpn.errors import DamagedError
from dpn.objects import Objects
from dpn.store import journal, state
from dpn.store.remote import batches
from dpn.store.remote import claim as form
from dpn.store.remote.batches import Batches
from dpn.store.remote.claim import Claim
from dpn.store.remote.keys import StackKeys
from dpn.store.standing import header_of
from dpn.store.state import State


def claim(objects: Objects, keys: StackKeys, content: bytes | None, *, mend: bool) -> Claim:
    """Give what the lock says. Without a lock: what it must have said, and nobody has the stack.

    DamagedError when it cannot be read, unless `mend`: then it is made anew, too.
    """
    if content is None:
        return _from_the_rest(objects, keys, 0)
    try:
        return form.decode(content, keys.shown(keys.lock))
    except DamagedError:
        if not mend:
            raise
        return _from_the_rest(objects, keys, form.generation_of(content))


def _from_the_rest(objects: Objects, keys: StackKeys, generation: int) -> Claim:
    """Find the newest generation that has written, and the journal that is neither put away nor in the state."""
    found = objects.get(keys.state_key)
    committed = state.decode(found[0], keys.state) if found else None
    journals = dict(_journals(objects, keys))
    seals = (one.generation for one in journals.values())
    generation = max(generation, committed.snapshot.generation if committed else 0, *seals, 0)
    still = [name for name, one in journals.items() if _is_open(objects, keys, name, one, committed)]
    if len(still) > 1:
        raise DamagedError(
            f"The lock of {keys.stack} is gone, and nothing tells which of its journals is open: {', '.join(still)}.",
            hint=f"Look at them in {keys.journal}, and bring back the lock (a bucket with versioning keeps it).",
        )
    return Claim(generation, None, transaction=still[0] if still else "", released=True)


def _journals(objects: Objects, keys: StackKeys) -> Iterator[tuple[str, Batches]]:
    for name in objects.names(keys.journals):
        yield name, batches.read(objects, keys, name)


def _is_open(objects: Objects, keys: StackKeys, name: str, found: Batches, committed: State | None) -> bool:
    """Tell whether a journal goes on from the state; one that goes on from an older state was settled before it."""
    if not found.content or batches.is_over(objects, keys, name) or (committed and committed.transaction == name):
        return False
    if not found.whole:
        raise batches.missing(keys, name)
    entries = journal.decode(found.content, keys.journal).entries
    if not entries:
        return False
    return header_of(entries[0], keys).serial >= (committed.snapshot.serial if committed else 0)
