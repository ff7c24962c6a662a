"""The backend for teams: stacks in a store of objects, by whatever cloud or database it is offered."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dpn.errors import DamagedError, InputError
from dpn.extensions import BackendType, Hold, Holder, Ledger, Snapshot
from dpn.objects import ConflictError, Objects
from dpn.store import state, who
from dpn.store.files import valid_key
from dpn.store.lock import held_by
from dpn.store.remote import batches, claim, standing
from dpn.store.remote.keys import STACKS, StackKeys, stack_keys
from dpn.store.remote.lease import Lease, Spawn, acquire, in_thread
from dpn.store.remote.ledger import ObjectLedger
from dpn.store.standing import row, snapshot_of
from dpn.world import World

LEASE = 60.0
"""Seconds without a sign of life after which another holder may take a stack; the setting `lease`."""
_SHORTEST = 0.5


class ObjectBackend:
    """Stacks in `objects`, each held under a lease of `lease` seconds, which is renewed by what `spawn` runs."""

    def __init__(self, world: World, objects: Objects, lease: float = LEASE, spawn: Spawn = in_thread) -> None:
        self._world, self._objects, self._lease, self._spawn = world, objects, lease, spawn

    @property
    def name(self) -> str:
        """Give the name of the store."""
        return self._objects.name

    def stacks(self) -> list[str]:
        """Give the keys of all stacks in which something was committed or begun."""
        return [key for key in self._objects.names(STACKS) if valid_key(key) and self._is_used(key)]

    def _is_used(self, stack: str) -> bool:
        """Tell by what is there, if that tells: the state may be large."""
        keys = stack_keys(self._objects, stack)
        if {"history", "journal", "versions"} & set(self._objects.names(keys.folder)):
            return True
        found = self._objects.get(keys.state_key)
        return found is not None and state.decode(found[0], keys.state).snapshot.serial > 0

    def read(self, stack: str) -> Snapshot:
        """Read without locking and without writing; a run may be at work meanwhile.

        DamagedError when an object is damaged or lost; PluginError when a newer dpn wrote it.
        """
        return snapshot_of(stack, standing.glance(self._objects, stack_keys(self._objects, stack)))

    def open(self, stack: str, holder: Holder, timeout: float = 0) -> Ledger:
        """Take the stack when it is free or its holder has been silent for the time of the lease."""
        return self._taken(stack_keys(self._objects, stack), holder, timeout=timeout)

    def _taken(self, keys: StackKeys, holder: Holder, *, timeout: float = 0, seize: bool = False) -> ObjectLedger:
        lease = Lease(self._world, self._objects, keys.lock, self._lease, self._spawn)
        acquire(lease, keys, holder, timeout=timeout, seize=seize)
        try:
            return ObjectLedger(self._world, self._objects, keys, lease)
        except BaseException as error:
            lease.release()
            if isinstance(error, ConflictError):  # it was taken over before it had begun
                raise held_by(self._world, keys.stack, None, "Run the command again.") from error
            raise

    def history(self, stack: str) -> list[Mapping[str, Any]]:
        """Give one row for each ended transaction, the oldest first: header and last entry together."""
        keys = stack_keys(self._objects, stack)
        found = [(name, self._objects.get(f"{keys.history}{name}")) for name in batches.ended(self._objects, keys)]
        return [row(name, one[0], keys.shown(f"{keys.history}{name}")) for name, one in found if one]

    def version(self, stack: str, serial: int) -> Snapshot | None:
        """Give the state as it was with this serial; the last 50 are kept."""
        return standing.kept(self._objects, stack_keys(self._objects, stack), serial)

    def hold(self, stack: str) -> Hold | None:
        """Give who took the stack last and when it last gave a sign of life."""
        keys = stack_keys(self._objects, stack)
        found = self._objects.get(keys.lock)
        if not found:
            return None
        try:
            now = claim.decode(found[0], keys.shown(keys.lock))
        except DamagedError:  # read and open say so; here it can still be taken from whoever has it
            return Hold(who.UNKNOWN, held=True, lease=self._lease)
        return Hold(now.holder or who.UNKNOWN, not now.released, now.lease or self._lease, now.seen)

    def unlock(self, stack: str, holder: Holder) -> None:
        """Take the stack from whoever has it, which shuts that one out for good, and let go."""
        self._taken(stack_keys(self._objects, stack), holder, seize=True).close()

    def exposed(self, stack: str) -> list[tuple[Path, int, int]]:
        """Give nothing: no file of this machine holds the stack."""
        return []

    def close(self) -> None:
        """Let go of the store's connections."""
        self._objects.close()


def _number(given: Any) -> Any:
    """Give the number that a text is: what comes out of the environment is one."""
    try:
        return float(given) if isinstance(given, str) else given
    except ValueError:
        return given


def over_objects(kind: BackendType, world: World, settings: Mapping[str, Any]) -> ObjectBackend:
    """Open a backend over the objects of a type; `lease` is taken here, the other settings are its own.

    InputError when the lease is no number of seconds, or too long to be waited for.
    """
    assert kind.objects, "a type of backend has open or objects"
    own = dict(settings)
    lease = _number(own.pop("lease", LEASE))
    if isinstance(lease, bool) or not isinstance(lease, int | float) or not _SHORTEST <= lease <= claim.LONGEST:
        raise InputError(
            f"The state backend {kind.name} does not take lease = {lease!r}.",
            hint=f"It is a number of seconds, from {_SHORTEST:g} to {claim.LONGEST:,.0f}; without it, {LEASE:g}.",
        )
    return ObjectBackend(world, kind.objects(world, own), float(lease))
