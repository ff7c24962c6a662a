"""What the objects of a stack say together: for readers, who lock nothing, and for a holder, who shuts out the last."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

from dpn.errors import DamagedError
from dpn.extensions import Snapshot
from dpn.objects import ConflictError, Objects
from dpn.store import state
from dpn.store.remote import batches, rebuilt
from dpn.store.remote.batches import Batches
from dpn.store.remote.claim import Claim
from dpn.store.remote.keys import RACES, StackKeys, put_surely, stubborn
from dpn.store.standing import Standing, weigh
from dpn.store.state import State
from dpn.world import World

_TRIES = 8


@dataclass(frozen=True, slots=True)
class Stamped:
    """The state as its object holds it."""

    content: bytes
    version: str


@dataclass(frozen=True, slots=True)
class Frozen:
    """A stack in which only the new holder can write."""

    standing: Standing
    stamped: Stamped
    batches: Batches


def frozen(world: World, objects: Objects, keys: StackKeys, claim: Claim) -> Frozen:
    """Seal the journal that may be open, and stamp the state with the new generation: neither moves any more."""
    journal: Batches | None = None
    if claim.transaction:
        journal = batches.seal(world, objects, keys, claim.transaction, claim.generation)
    committed, stamped = _stamp(world, objects, keys, claim.generation)
    if journal and batches.is_over(objects, keys, claim.transaction):
        batches.drop(objects, keys, claim.transaction, journal)
        journal = None
    if journal and not journal.whole:
        raise batches.missing(keys, claim.transaction)
    content = journal.content if journal else None
    return Frozen(_weighed(keys, committed, content), stamped, journal or Batches())


def _stamp(world: World, objects: Objects, keys: StackKeys, generation: int) -> tuple[State | None, Stamped]:
    """Write the state once more with the new generation, so that no older holder finds the version it expects.

    ConflictError when a newer holder has stamped it: then we are the older one.
    """
    for _ in range(RACES):
        found = objects.get(keys.state_key)
        there = _decoded(objects, keys, found[0] if found else None)
        now = there or State(Snapshot(keys.stack, "", 0, 0, {}))
        if now.snapshot.generation > generation:
            raise ConflictError(keys.state_key)
        content = state.encode(replace(now, snapshot=replace(now.snapshot, generation=generation)))
        with suppress(ConflictError):  # the holder before us has just committed: that counts
            put = put_surely(world, objects, keys.state_key, content, found[1] if found else None)
            return there, Stamped(content, put.version)
    raise stubborn(keys, keys.state_key)


def _decoded(objects: Objects, keys: StackKeys, content: bytes | None) -> State | None:
    """Read the state; None if there is none. DamagedError when it is gone and something tells of one."""
    if content is not None:
        return state.decode(content, keys.state)
    told = objects.names(keys.versions) or any(int(name.partition("-")[0]) for name in batches.ended(objects, keys))
    if told and objects.get(keys.state_key) is None:  # else its first commits came between these looks of a reader
        raise state.damaged_state(keys.state, "is gone, yet what stands beside it tells of changes to it")
    return None


def _weighed(keys: StackKeys, committed: State | None, journal: bytes | None) -> Standing:
    """Judge both; a state that was only stamped, and never committed, is none."""
    found = weigh(keys, keys.stack, committed if committed and committed.snapshot.serial else None, b"", journal)
    if found.scan.torn:
        raise DamagedError(
            f"The journal {keys.journal} holds half a record, which no write of dpn leaves. Nothing was written.",
            hint="Bring back what was there (a bucket with versioning keeps it). dpn doctor shows what is recorded.",
        )
    return found


def glance(objects: Objects, keys: StackKeys) -> Standing:
    """Look without writing; a run may be at work meanwhile, and only what did not move while it was read counts."""
    looks = (_glance(objects, keys, last=number == _TRIES) for number in range(1, _TRIES + 1))
    return next(found for found in looks if found)


def _glance(objects: Objects, keys: StackKeys, *, last: bool = False) -> Standing | None:
    """Look once; None when a writer was faster. The `last` look is shown as it is.

    The order makes it one moment: a transaction that the lock names and the state does not contain was open when the
    state was read; its journal counts if the state is the same afterwards.
    """
    lock = objects.get(keys.lock)
    found = objects.get(keys.state_key)
    committed = _decoded(objects, keys, found[0] if found else None)
    transaction = rebuilt.claim(objects, keys, lock and lock[0], mend=False).transaction
    if not transaction or (committed and committed.transaction == transaction):
        return _weighed(keys, committed, None)
    journal = batches.read(objects, keys, transaction)
    if batches.is_over(objects, keys, transaction):
        return _weighed(keys, committed, None)
    now = objects.get(keys.state_key)
    if not last and not (journal.whole and (now and now[1]) == (found and found[1])):
        return None
    if not journal.whole:
        raise batches.missing(keys, transaction)
    return _weighed(keys, committed, journal.content)


def keep(world: World, objects: Objects, keys: StackKeys, serial: int, content: bytes) -> None:
    """Keep a state that is about to be replaced among the versions."""
    if serial:
        with suppress(ConflictError):  # it is kept already: this commit was tried before
            put_surely(world, objects, keys.version(serial), content, None)


def kept(objects: Objects, keys: StackKeys, serial: int) -> Snapshot | None:
    """Give the state as it was with this serial; None if it is not kept."""
    for key in (keys.state_key, keys.version(serial)):
        found = objects.get(key)
        snapshot = state.decode(found[0], keys.shown(key)).snapshot if found else None
        if snapshot and snapshot.serial == serial and serial:
            return snapshot
    return None
