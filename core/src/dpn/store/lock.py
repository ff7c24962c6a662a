"""One holder at a time: flock on a file that is never removed, which says who holds it and its generation.

The kernel frees the lock when its holder ends, however it ends, so no lock is ever stale. The generation goes up by
one with each holder; a holder that was stopped and overtaken finds a newer one and may not write. The file has two
slots, written in turn, so that a torn write never loses the generation before; in each is a journal record whose
sequence number is the generation.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dpn import codec
from dpn.disk import Disk
from dpn.errors import LockedError, RefusedError
from dpn.extensions import Holder
from dpn.store import journal, who
from dpn.store.files import posix, read_file
from dpn.world import World

_POLL = 0.1
_SLOT = 1024
_WAIT = "Run the command again when it is free, or let it wait: --lock-timeout SECONDS."


@dataclass(frozen=True, slots=True)
class Claim:
    """What the lock file says; `holder` is None when this dpn cannot read it."""

    generation: int
    holder: Holder | None


def refuse_without_locks() -> None:
    """Refuse to write on a system that has no flock, before anything is touched."""
    if not posix():
        raise _unlockable("files", "it has no flock")


def _unlockable(what: str, why: str) -> RefusedError:
    return RefusedError(
        f"This system cannot lock {what} ({why}), so commands that write are refused here.",
        hint="They need Linux or macOS and a local disk; naming, validate and plan --offline work everywhere.",
    )


def acquire(world: World, path: Path, stack: str, timeout: float) -> int:
    """Take the lock and give its descriptor; wait up to `timeout` seconds, then LockedError names the holder."""
    fd = world.disk.open(path)
    try:
        _wait(world, fd, path, stack, timeout)
    except BaseException:
        world.disk.close(fd)
        raise
    return fd


def _wait(world: World, fd: int, path: Path, stack: str, timeout: float) -> None:
    deadline = world.clock.monotonic() + max(0.0, timeout)  # no number is no time
    while not _try(world.disk, fd, path):
        left = deadline - world.clock.monotonic()
        if left <= 0:
            raise held(world, path, stack)
        world.sleep(min(_POLL, left))


def _try(disk: Disk, fd: int, path: Path) -> bool:
    try:
        return disk.try_lock(fd)
    except OSError as error:
        raise _unlockable(str(path), error.strerror or str(error)) from error


def read_claim(disk: Disk, path: Path) -> Claim | None:
    """Read the newest claim; None when there is none: the kernel holds the lock, the file only describes it."""
    content = read_file(disk, path) or b""
    records = [record for slot in (0, _SLOT) if (record := journal.record_at(content, slot))]
    if not records:
        return None
    generation, entry, _ = max(records, key=lambda record: record[0])
    return Claim(generation, who.load(entry))


def write_claim(disk: Disk, fd: int, claim: Claim) -> None:
    """Write who holds the lock, durably, into the slot that does not hold the generation before."""
    line = journal.encode(claim.generation, codec.dump(claim.holder))
    disk.write(fd, line.ljust(_SLOT - 1) + b"\n", (claim.generation - 1) % 2 * _SLOT)
    disk.sync(fd)


def held(world: World, path: Path, stack: str) -> LockedError:
    """Give the error that says who holds a stack, and since when."""
    claim = read_claim(world.disk, path)
    return held_by(world, stack, claim.holder if claim else None, _WAIT)


def held_by(world: World, stack: str, holder: Holder | None, hint: str) -> LockedError:
    """Give the error for a stack that somebody holds; None: nobody knows who."""
    return LockedError(f"The stack {stack} is held by {who.described(world, holder)}.", hint=hint)
