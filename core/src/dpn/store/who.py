"""Who holds a stack: this process described, another one judged from here, and what messages say of it."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from dpn import codec
from dpn.disk import Disk
from dpn.extensions import Holder
from dpn.store.files import posix
from dpn.world import World

UNKNOWN = Holder(0, "an unknown machine", "unknown", "a command that this dpn cannot read", 0.0)
"""Stands for a holder of whom nothing can be read: it holds its stack like any other."""

# Bytes of JSON for each text: enough to know it, and all of them together few enough for a slot of the lock file.
_COMMAND, _HOST, _USER = 200, 200, 100
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_STAT = Path("/proc/self/stat")
_SPACE = Path("/proc/self/ns/pid")
_START_TIME = 19  # field 22 of proc(5), counted behind the command's name, which may hold spaces
_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))
_END_OF_TIME = 253_402_300_800.0  # the year 10000, which no calendar of the standard library reaches
_HIGHEST_PID = 1 << 22  # proc(5); a larger number is none


def holder(world: World, command: str) -> Holder:
    """Describe this process as a holder. What the system does not tell (no /proc) is left empty."""
    user, host = _user_and_host(world)
    return Holder(
        pid=os.getpid(),
        host=_cut(host, _HOST),
        user=_cut(user, _USER),
        command=_cut(command, _COMMAND),
        since=world.clock.now(),
        boot=_boot(world.disk),
        started=_started(world.disk, _STAT),
        nonce=world.new_id(),
        space=_space(),
    )


def _user_and_host(world: World) -> tuple[str, str]:
    if not posix():
        return world.env.get("USERNAME", ""), world.env.get("COMPUTERNAME", "")
    return world.env.get("LOGNAME") or world.env.get("USER") or f"uid {os.getuid()}", os.uname().nodename


def _cut(text: str, size: int) -> str:
    """Cut a text so that its JSON, in which one character may take twelve bytes, has so many bytes at most."""
    text = text[:size]
    while len(json.dumps(text)) - len('""') > size:
        text = text[:-1]
    return text


def _text(disk: Disk, path: Path) -> str:
    try:
        return disk.read(path).decode("utf-8", "replace")
    except OSError:  # not Linux, or hidden from us: the nonce still tells holders apart
        return ""


def _boot(disk: Disk) -> str:
    return _text(disk, _BOOT).strip()


def _started(disk: Disk, stat: Path) -> str:
    after_name = _text(disk, stat).rpartition(")")[2].split()
    return after_name[_START_TIME] if len(after_name) > _START_TIME else ""


def _space() -> str:
    try:
        return str(_SPACE.readlink())
    except OSError:  # not Linux
        return ""


def load(data: Any) -> Holder | None:
    """Read what `codec.dump` made of a holder; None when this dpn cannot: a newer one wrote it, or something else."""
    try:
        found = codec.load(Holder, data)
    except (TypeError, AttributeError):
        return None
    texts = (found.host, found.user, found.command, found.boot, found.started, found.nonce, found.space)
    sound = all(isinstance(text, str) for text in texts) and type(found.pid) is int and 0 < found.pid <= _HIGHEST_PID
    return found if sound and is_moment(found.since) else None


def is_moment(value: Any) -> bool:
    """Tell whether this is a time that can be shown, in seconds since the epoch."""
    return type(value) in (int, float) and 0 <= value < _END_OF_TIME


# judged from here ----------------------------------------------------------------------------------------------------


def gone(world: World, who: Holder) -> bool:
    """Tell whether the process that claimed a lock has ended for sure; False where it cannot be seen from here.

    Containers may share a boot id and a host's name; a process id means something only in the space it was given in.
    """
    there = (who.boot, who.host, who.space)
    here = (_boot(world.disk), _cut(_user_and_host(world)[1], _HOST), _space())
    if not (who.started and who.space) or there != here:
        return False
    try:
        os.kill(who.pid, 0)
    except ProcessLookupError:
        return True
    except OSError:  # it is another user's; then /proc may be closed to us as well
        pass
    started = _started(world.disk, Path(f"/proc/{who.pid}/stat"))
    return bool(started) and started != who.started


def alive(world: World, who: Holder) -> bool:
    """Tell whether the process that claimed a lock is of this boot and still runs; False where nothing tells."""
    same = (who.boot, who.space) == (_boot(world.disk), _space())
    return bool(who.started) and same and not gone(world, who)


# in words ------------------------------------------------------------------------------------------------------------


def described(world: World, who: Holder | None) -> str:
    """Say who a holder is, what it runs and since when."""
    if who is None or who == UNKNOWN:
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
