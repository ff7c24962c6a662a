"""Take the lock of a stack and keep it: a lease that a thread renews, and that others may take when it has run out.

A lease alone is no lock: its holder may sleep, wake up and write. So each holder has a generation, and what it writes
is refused once there is a newer one. Two machines never compare their clocks: who waits measures, on its own clock, for
how long the lock has not changed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from dpn.errors import DpnError, LockedError
from dpn.extensions import Holder
from dpn.objects import ConflictError, Objects
from dpn.store.lock import held_by
from dpn.store.remote import claim as form
from dpn.store.remote import rebuilt
from dpn.store.remote.claim import Claim
from dpn.store.remote.keys import PATIENCE, RACES, StackKeys, put_surely, stubborn
from dpn.store.who import gone
from dpn.world import World

_BEATS = 3
"""Signs of life in the time of one lease."""


Spawn = Callable[[Callable[[], None]], None]
"""Runs a function beside all else."""


def in_thread(run: Callable[[], None]) -> None:
    """Run it in a thread of its own, which does not keep the process alive."""
    threading.Thread(target=run, daemon=True).start()


class Lease:
    """The lock in this process's hands, renewed until it is released or lost. For several threads at once."""

    def __init__(self, world: World, objects: Objects, key: str, seconds: float, spawn: Spawn) -> None:
        self.world, self.objects, self._key, self.seconds, self._spawn = world, objects, key, seconds, spawn
        self._mutex = threading.Lock()
        self._over = threading.Event()
        self._version: str | None = None
        self._renewed = 0.0
        self.lost = False

    def take(self, claim: Claim, expected: str | None) -> None:
        """Become the holder, if the lock still is what was `expected`; ConflictError if not.

        When no answer tells whether it was taken, it is let go again, or the error says for how long it may be held.
        """
        self.claim, self._version = claim, expected
        try:
            self._put(claim)
        except DpnError as error:
            if not self.release(once=True):
                free = f"If the stack was taken all the same, it is free again in {self.seconds:.0f} s."
                error.hint = f"{error.hint} {free}".lstrip()
            raise
        self._spawn(self._beat)

    def change(self, *, patience: float = PATIENCE, **values: Any) -> None:
        """Change the lock, which proves that it is still ours; ConflictError when somebody has taken it."""
        with self._mutex:
            self._change(patience, **values)

    def _change(self, patience: float, **values: Any) -> None:
        if self.lost:
            raise ConflictError(self._key)
        claim = replace(self.claim, beat=self.claim.beat + 1, seen=self.world.clock.now(), **values)
        try:
            self._put(claim, patience)
        except ConflictError:
            self._catch_up()
            self._put(replace(claim, beat=self.claim.beat + 1), patience)

    def _put(self, claim: Claim, patience: float = PATIENCE) -> None:
        started = self.world.clock.monotonic()
        put = put_surely(self.world, self.objects, self._key, form.encode(claim), self._version, patience=patience)
        self._version, self.claim, self._renewed = put.version, claim, started

    def _catch_up(self) -> None:
        """Find out whether the lock was changed by us, with a write that was given up, or by another holder."""
        found = self.objects.get(self._key)
        now = form.decode(found[0], self._key) if found else None
        if not found or not now or (now.generation, now.holder) != (self.claim.generation, self.claim.holder):
            self.lost = True
            raise ConflictError(self._key)
        self.claim, self._version = replace(self.claim, beat=now.beat), found[1]

    def prove(self, *, ask: bool) -> None:
        """Make sure that the lock is ours and does not run out at once; ConflictError if it is lost.

        Without `ask`, something else has just proved that it is ours.
        """
        if self.lost:
            raise ConflictError(self._key)
        if ask or self.world.clock.monotonic() - self._renewed > self.seconds * 2 / _BEATS:
            self.change()

    def release(self, *, once: bool = False) -> bool:
        """Let go, so that the next holder need not wait, and tell whether it need not; `once`: the store has failed."""
        self._over.set()
        freed = False
        with self._mutex, suppress(DpnError):
            with suppress(ConflictError):  # it is not ours to let go
                self._change(0.0 if once else PATIENCE, released=True)
            freed = True
        self.lost = True
        return freed

    def _beat(self) -> None:
        while not self._over.wait(self.seconds / _BEATS):
            try:
                self.change(patience=self.seconds / _BEATS)  # then the next one is due
            except ConflictError:
                return
            except DpnError:
                continue  # not reached; the next beat tries again, and whoever waits takes over when the time is up


def acquire(lease: Lease, keys: StackKeys, holder: Holder, *, timeout: float, seize: bool = False) -> None:
    """Take the lock when it is free, or at once to `seize` it; after `timeout` seconds LockedError names the holder."""
    world, objects = lease.world, lease.objects
    timeout = max(0.0, timeout)  # no number is no time
    deadline, races = world.clock.monotonic() + timeout, RACES
    version, since = "", 0.0
    while races:
        found = objects.get(keys.lock)
        now = world.clock.monotonic()
        before = rebuilt.claim(objects, keys, found and found[0], mend=seize)
        if not found or found[1] != version:
            version, since = found[1] if found else "", now
        left = max(lease.seconds, before.lease) - (now - since)  # its holder beats as often as its own lease asks for
        if seize or _free(world, before) or left <= 0:
            with suppress(ConflictError):  # somebody was faster, or its holder gave a sign of life
                lease.take(_next(lease, before, holder), found[1] if found else None)
                return
            races -= 1
        elif now >= deadline:
            raise _held(world, keys, before, left, timeout)
        else:
            world.sleep(min(1.0, lease.seconds / 10, deadline - now))
    raise stubborn(keys, keys.lock)


def _free(world: World, claim: Claim) -> bool:
    """Tell whether nobody has it: it was released, or its process was on this machine and has ended."""
    return claim.released or (claim.holder is not None and gone(world, claim.holder))


def _next(lease: Lease, before: Claim, holder: Holder) -> Claim:
    now = lease.world.clock.now()
    return Claim(before.generation + 1, holder, lease.seconds, before.transaction, seen=now)


def _held(world: World, keys: StackKeys, claim: Claim, left: float, waited: float) -> LockedError:
    wait = f"{waited + left + 1:.0f}"
    return held_by(
        world, keys.stack, claim.holder,
        f"Let it wait: --lock-timeout SECONDS. If that process is gone, its lease runs out in {left:.0f} s, so "
        f"--lock-timeout {wait} is enough; at once: dpn unlock --stack {keys.stack}",
    )  # fmt: skip
