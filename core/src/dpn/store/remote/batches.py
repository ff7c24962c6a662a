"""The journal of a transaction as numbered objects, one for each sync, and how it is closed to a former holder.

A batch is put only if there is none of its number yet. Who takes a stack over puts a *seal* where the former holder's
next batch belongs, so that holder's next sync fails, however late it comes. A seal is no part of the journal, and it
stays when the journal is put away: it is all that stands between a holder that sleeps and its next call.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

from dpn.errors import DamagedError, DpnError, LockedError
from dpn.objects import ConflictError, Objects
from dpn.store import journal
from dpn.store.journal import Entry
from dpn.store.remote import claim
from dpn.store.remote.keys import RACES, StackKeys, put_surely
from dpn.store.standing import ENDED, Header
from dpn.world import World

_KEPT = 50
_SEAL = b"# taken by generation "
_PAUSE = 0.1  # seconds, longer with each race: all together as long as a holder needs to notice that it lost the lock


@dataclass(frozen=True, slots=True)
class Batches:
    """The objects of a journal.

    content: the entries, as in a journal file. generation: the newest that sealed it. whole: no number is missing.
    """

    content: bytes = b""
    numbers: tuple[int, ...] = ()
    seals: frozenset[int] = frozenset()
    generation: int = 0
    whole: bool = True

    @property
    def next(self) -> int:
        """Where the next batch belongs."""
        return self.numbers[-1] + 1 if self.numbers else 0


def read(objects: Objects, keys: StackKeys, transaction: str) -> Batches:
    """Read the journal of a transaction."""
    folder = keys.batches(transaction)
    numbers = sorted(int(name) for name in objects.names(folder) if name.isdigit())
    parts = {number: found[0] for number in numbers if (found := objects.get(f"{folder}{number:06d}"))}
    seals = {number: generation for number, part in parts.items() if (generation := _generation(part))}
    content = b"".join(part for number, part in parts.items() if number not in seals)
    whole = list(parts) == list(range(len(numbers)))
    return Batches(content, tuple(numbers), frozenset(seals), max(seals.values(), default=0), whole)


def seal(world: World, objects: Objects, keys: StackKeys, transaction: str, generation: int) -> Batches:
    """Close the journal to whoever wrote it until now, and give what it holds.

    ConflictError when a newer holder has taken the stack: its journal is not ours to close.
    """
    folder = keys.batches(transaction)
    for race in range(1, RACES + 1):
        number = max((int(name) for name in objects.names(folder) if name.isdigit()), default=-1) + 1
        _refuse_late(objects, keys, generation)  # after the look: whoever is newer and seals now, seals in this place
        try:
            put_surely(world, objects, f"{folder}{number:06d}", b"%s%d\n" % (_SEAL, generation), None)
        except ConflictError:  # the former holder is awake and was faster: then that batch counts too
            world.sleep(race * _PAUSE)
            continue
        found = read(objects, keys, transaction)
        if found.generation > generation:
            raise ConflictError(folder)  # a newer holder has sealed it behind us: what follows is not ours
        return found
    raise _ahead(keys, folder)


def _refuse_late(objects: Objects, keys: StackKeys, generation: int) -> None:
    found = objects.get(keys.lock)
    if found and claim.decode(found[0], keys.shown(keys.lock)).generation > generation:
        raise ConflictError(keys.lock)


def _ahead(keys: StackKeys, folder: str) -> LockedError:
    """Give the error for a holder that lost the lock and does not know it yet, and is too fast to be shut out."""
    return LockedError(
        f"The journal {keys.shown(folder)} could not be closed: each time, something had just been written there. The "
        "lock was taken from its holder, and let go; no record was changed.",
        hint="That holder stops at its next sign of life. Run the command again in a minute. If it stays so, the store "
        "keeps no conditions; dpn.testing has a test of that.",
    )


def _generation(part: bytes) -> int:
    """Give the generation that put this seal; 0 if it is none."""
    return int(part[len(_SEAL) :]) if part.startswith(_SEAL) else 0


def is_over(objects: Objects, keys: StackKeys, transaction: str) -> bool:
    """Tell whether the journal of a transaction is in the history."""
    return any(name.partition("-")[2] == f"{transaction}.journal" for name in ended(objects, keys))


def ended(objects: Objects, keys: StackKeys) -> list[str]:
    """Give the names of the journals that have ended, the oldest first."""
    return [name for name in objects.names(keys.history) if ENDED.fullmatch(name)]


def missing(keys: StackKeys, transaction: str) -> DamagedError:
    """Give the error for a journal with a hole."""
    return DamagedError(
        f"The journal {keys.shown(keys.batches(transaction))} is not whole: an object is missing. Nothing was written.",
        hint="Bring it back (a bucket with versioning keeps it). dpn doctor shows what is recorded.",
    )


class Writer:
    """The journal that is being written: entries wait in memory until a sync puts them as one object.

    `found` is what a former holder has written of it; `seq` counts its entries. A sync costs the same however many
    there were before.
    """

    def __init__(self, world: World, objects: Objects, folder: str, seq: int = 0, found: Batches | None = None) -> None:
        self._world, self._objects, self._folder, self._seq = world, objects, folder, seq
        self._found = found or Batches()
        self._next = self._found.next
        self._written: list[bytes] = []
        self._waiting: list[bytes] = []

    def append(self, entry: Entry) -> int:
        """Add an entry to what waits and give its sequence number; TypeError when it is no JSON."""
        self._waiting.append(journal.encode(self._seq, entry))
        self._seq += 1
        return self._seq - 1

    def sync(self) -> bool:
        """Put what waits; ConflictError when another holder has sealed the journal.

        Tells whether that proves that nobody has: not when nothing was put, and not when it took more than one try:
        then the batch may have counted for a next holder, who has ended the transaction and dropped it since.
        """
        if not self._waiting:
            return False
        content = b"".join(self._waiting)
        put = put_surely(self._world, self._objects, f"{self._folder}{self._next:06d}", content, None)
        self._written.append(content)
        self._next += 1
        self._waiting = []
        return put.prompt

    @property
    def batches(self) -> Batches:
        """All that is durable of the journal."""
        content = b"".join([self._found.content, *self._written])
        ours = range(self._found.next, self._next)
        return replace(self._found, content=content, numbers=(*self._found.numbers, *ours))


def put_away(world: World, objects: Objects, keys: StackKeys, header: Header, batches: Batches) -> None:
    """Move a journal into the history as one object, and keep the last ones of it and of the states."""
    name = f"{keys.history}{header.serial:08d}-{header.id}.journal"
    with suppress(ConflictError):  # its former holder did this before us
        put_surely(world, objects, name, batches.content, None)
    drop(objects, keys, header.id, batches)
    with suppress(DpnError):  # one too many does no harm, and the next transaction tries again
        objects.delete([f"{keys.history}{old}" for old in ended(objects, keys)[:-_KEPT]])
        objects.delete([f"{keys.versions}{old}" for old in objects.names(keys.versions)[:-_KEPT]])


def drop(objects: Objects, keys: StackKeys, transaction: str, batches: Batches) -> None:
    """Drop the objects of a journal that is in the history; its seals stay."""
    folder = keys.batches(transaction)
    objects.delete([f"{folder}{number:06d}" for number in batches.numbers if number not in batches.seals])
