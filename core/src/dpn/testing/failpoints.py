"""Named points at which a test lets dpn die, fail or wait: `DPN_FAILPOINT=journal.sync@3:kill,create.after:exit`.

A point is `FILE.OPERATION`, of a file of the stack, or a call to a provider; each has `.before` (the default) and
`.after`. `@N` is its N-th time, the first by default. After a call its outcome is durable already.
"""

from __future__ import annotations

import errno
import os
import re
import signal
import threading
from collections import Counter
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from dpn import hookimpl
from dpn.errors import InputError
from dpn.model import Change, Query, Receipt
from dpn.provider import KindInfo
from dpn.testing.watched import OPERATIONS, WatchedDisk
from dpn.world import World

VARIABLE = "DPN_FAILPOINT"
CALLS = ("create", "put", "ready", "rename", "archive", "restore", "mark", "delete", "undo", "read", "list", "find")
POINTS = (*(f"{file}.{operation}" for file, operations in OPERATIONS.items() for operation in operations), *CALLS)
SECONDS = 1.0
"""How long `sleep` waits."""

_ERRORS = {"eio": errno.EIO, "enospc": errno.ENOSPC, "emfile": errno.EMFILE, "eacces": errno.EACCES}
ACTIONS = ("kill", "exit", "sleep", *_ERRORS)
_FORM = re.compile(r"(?P<point>[a-z_.]+?)(?P<side>\.before|\.after)?(@(?P<number>[1-9]\d{0,8}))?:(?P<action>[a-z]+)")


@dataclass(frozen=True, slots=True)
class Failpoint:
    """One thing that is to happen: at the `number`-th time of a point, with its side, the action."""

    point: str
    number: int
    action: str


def parse(text: str) -> tuple[Failpoint, ...]:
    """Read the variable; InputError names what there is when a point or an action is not known."""
    return tuple(_parsed(part.strip()) for part in text.split(","))


def _parsed(text: str) -> Failpoint:
    found = _FORM.fullmatch(text)
    if not found:
        raise InputError(
            f"{VARIABLE}: {text!r} is no failpoint.",
            hint="It reads POINT[.before|.after][@N]:ACTION, as journal.sync:kill",
        )
    for what, given, known in (("point", found["point"], POINTS), ("action", found["action"], ACTIONS)):
        if given not in known:
            near = "".join(f" Did you mean {name}?" for name in get_close_matches(given, known, 1))
            raise InputError(f"{VARIABLE}: there is no {what} {given!r}.{near}", hint=f"There are: {', '.join(known)}.")
    return Failpoint(found["point"] + (found["side"] or ".before"), int(found["number"] or 1), found["action"])


class Failpoints:
    """The points of one process: `at` is called wherever one is passed, from any thread.

    As a plugin it stands around each call to a provider; `world` gives a world whose disk passes the others.
    """

    def __init__(self, points: tuple[Failpoint, ...], world: World) -> None:
        self._actions = {(point.point, point.number): point.action for point in points}
        self._passed: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._sleep = world.sleep
        self.world = replace(world, disk=WatchedDisk(world.disk, self.at))

    def at(self, point: str) -> None:
        """Pass a point: die, wait, raise OSError, or go on."""
        with self._lock:
            self._passed[point] += 1
            action = self._actions.get((point, self._passed[point]))
        if action:
            _act(action, self._sleep)

    def _around(self, name: str) -> Generator[None, Any, Any]:
        self.at(f"{name}.before")
        result = yield
        self.at(f"{name}.after")
        return result

    @hookimpl(wrapper=True)
    def dpn_create(self, change: Change, kind: KindInfo) -> Generator[None, Any, Any]:
        """Pass the points around a step that makes something."""
        return (yield from self._around(_method(change)))

    @hookimpl(wrapper=True)
    def dpn_update(self, change: Change, kind: KindInfo) -> Generator[None, Any, Any]:
        """Pass the points around a step that changes something."""
        return (yield from self._around(_method(change)))

    @hookimpl(wrapper=True)
    def dpn_delete(self, change: Change, kind: KindInfo) -> Generator[None, Any, Any]:
        """Pass the points around a delete."""
        return (yield from self._around("delete"))

    @hookimpl(wrapper=True)
    def dpn_rollback(self, receipt: Receipt, undo: Change, kind: KindInfo) -> Generator[None, Any, Any]:
        """Pass the points around an undo."""
        return (yield from self._around("undo"))

    @hookimpl(wrapper=True)
    def dpn_read(self, query: Query, kind: KindInfo) -> Generator[None, Any, Any]:
        """Pass the points around a look."""
        return (yield from self._around(query.method))


def _method(change: Change) -> str:
    return change.step.method if change.step else ""


def _act(action: str, sleep: Callable[[float], None]) -> None:
    if action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif action == "exit":
        os._exit(os.EX_SOFTWARE)
    elif action == "sleep":
        sleep(SECONDS)
    else:
        raise OSError(_ERRORS[action], os.strerror(_ERRORS[action]))


def switched_on(world: World, env: Mapping[str, str]) -> Failpoints | None:
    """Give the points that the environment asks for; None if it asks for none."""
    text = env.get(VARIABLE, "")
    return Failpoints(parse(text), world) if text else None
