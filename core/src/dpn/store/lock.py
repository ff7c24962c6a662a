"""One holder at a time: flock on a file that is never removed, which says who holds it and its generation.

The kernel frees the lock when its holder ends, however it ends, so no lock is ever stale. The generation goes up by
one with each holder; a holder that was stopped and overtaken finds a newer one and may not write. The file has two
slots, written in turn, so that a torn write never loses the generation before; in each is a journal record whose
sequence number is the generation.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from dpn import codec
from dpn.disk import Disk
from dpn.errors import LockedError, RefusedError
from dpn.extensions import Holder
from dpn.store import journal
from dpn.store.files import posix, read_file
from dpn.world import World

_POLL = 0.1
_SLOT = 1024
_SHOWN = 200  # characters of a command: enough to know it, and few enough for a slot
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_STAT = Path("/proc/self/stat")
_START_TIME = 19  # field 22 of proc(5), counted behind the command's name, which may hold spaces
_WAIT = "Run the command again when it is free, or let it wait: --lock-timeout SECONDS."
_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


@dataclass(frozen=True, slots=True)
class Claim:
    """What the lock file says; `holder` is None when a newer dpn wrote it."""

    generation: int
    holder: Holder | None


def holder(world: World, command: str) -> Holder:
    """Describe this process as a holder. What the system does not tell (no /proc) is left empty."""
    user, host = _user_and_host(world)
    after_name = _text(world.disk, _STAT).rpartition(")")[2].split()
    return Holder(
        pid=os.getpid(),
        host=host,
        user=user,
        command=command[:_SHOWN],
        since=world.clock.now(),
        boot=_text(world.disk, _BOOT).strip(),
        started=after_name[_START_TIME] if len(after_name) > _START_TIME else "",
        nonce=world.new_id(),
    )


def _user_and_host(world: World) -> tuple[str, str]:
    if not posix():
        return world.env.get("USERNAME", ""), world.env.get("COMPUTERNAME", "")
    return world.env.get("LOGNAME") or world.env.get("USER") or f"uid {os.getuid()}", os.uname().nodename


def _text(disk: Disk, path: Path) -> str:
    try:
        return disk.read(path).decode("utf-8", "replace")
    except OSError:  # not Linux, or hidden from us: the nonce still tells holders apart
        return ""


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
    deadline = world.clock.monotonic() + timeout
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
    try:
        return Claim(generation, codec.load(Holder, entry))
    except TypeError:
        return Claim(generation, None)


def write_claim(disk: Disk, fd: int, claim: Claim) -> None:
    """Write who holds the lock, durably, into the slot that does not hold the generation before."""
    line = journal.encode(claim.generation, codec.dump(claim.holder))
    disk.write(fd, line.ljust(_SLOT - 1) + b"\n", (claim.generation - 1) % 2 * _SLOT)
    disk.sync(fd)


def held(world: World, path: Path, stack: str) -> LockedError:
    """Give the error that says who holds a stack, and since when."""
    claim = read_claim(world.disk, path)
    return held_by(world, stack, claim.holder if claim else None, _WAIT)


def held_by(world: World, stack: str, who: Holder | None, hint: str) -> LockedError:
    """Give the error for a stack that `who` holds; None: nobody knows who."""
    return LockedError(f"The stack {stack} is held by {described(world, who)}.", hint=hint)


def described(world: World, who: Holder | None) -> str:
    """Say who a holder is, what it runs and since when."""
    if who is None:
        return "another process"
    return (
        f"process {who.pid} on {who.host} (user {who.user}), which runs `{who.command}` since {moment(who.since)}, "
        f"{ago(world.clock.now() - who.since)}"
    )


def moment(seconds: float) -> str:
    """Say a time so that it can be read anywhere."""
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(seconds))


def ago(seconds: float) -> str:
    """Say in one word how long ago something was."""
    number, unit = next(((int(seconds // size), unit) for size, unit in _UNITS if seconds >= size), (0, "s"))
    return f"{number} {unit} ago"


def alive(world: World, who: Holder) -> bool:
    """Tell whether the process that claimed a lock is this machine's and still runs; False where nothing tells."""
    if not who.started or who.boot != _text(world.disk, _BOOT).strip():
        return False
    after_name = _text(world.disk, Path(f"/proc/{who.pid}/stat")).rpartition(")")[2].split()
    return len(after_name) > _START_TIME and after_name[_START_TIME] == who.started
