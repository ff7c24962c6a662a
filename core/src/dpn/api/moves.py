"""Move stacks from one backend to another, so that afterwards only the new place takes changes. No cloud is asked."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from typing import Any

from dpn import openness, store
from dpn.api.transfers import Transfer, difference, is_copy, refuse_strange
from dpn.desk import Desk, Options
from dpn.errors import DamagedError, InputError, LockedError
from dpn.extensions import Backend, Holder, Ledger, Snapshot
from dpn.world import World

_MARK = 4096
"""Bytes to reserve for the journal that holds the mark."""


def migrate(
    options: Options, to: str, settings: Mapping[str, Any], world: World | None = None
) -> tuple[list[Transfer], dict[str, Any]]:
    """Move all stacks, or the one of `options`, to the backend `to`; give what was done, and the settings it has now.

    All are looked at before the first is written. In the source nothing is deleted, but each stack is marked as moved,
    so that nobody goes on with it there. What was moved already is left alone, so it can be repeated.
    """
    chosen = {"backend": to, **settings}
    with Desk(options, world) as desk:
        source, target = desk.open_backend({} if options.sandbox else desk.settings.state), desk.open_backend(chosen)
        keys = _keys(options, source)
        for key in keys:
            _refuse(source.read(key), target.read(key), options)
        return [_moved(desk, key, source, target) for key in keys], chosen


def _keys(options: Options, source: Backend) -> list[str]:
    there = source.stacks()
    keys = [options.stack] if options.stack else there
    if unknown := sorted(set(keys) - set(there)):
        listed = f"There are: {', '.join(there)}" if there else "There is none."
        raise InputError(f"There is no stack {unknown[0]} in {source.name}.", hint=listed)
    return keys


def _refuse(here: Snapshot, there: Snapshot, options: Options) -> None:
    """Refuse what is open or was moved elsewhere, and a target that has another state or a newer one."""
    if _is_moved(here, there):
        return
    openness.refuse_open(here, options)
    if not openness.moved_to(there):  # moved to here once: it is brought back
        openness.refuse_open(there, options)
    if here.lineage:
        refuse_strange(here, there, "What is here", "Look which of the two is right: dpn state pull")


def _is_moved(here: Snapshot, there: Snapshot) -> bool:
    """Tell whether the stack was moved to that place before; it may have gone on there."""
    if not openness.moved_to(here) or openness.moved_to(there):
        return False
    return there.lineage == here.lineage and there.serial >= here.serial


def _moved(desk: Desk, key: str, source: Backend, target: Backend) -> Transfer:
    """Copy one stack while nobody else can write to it here or there, read it back, and mark it here."""
    holder = store.holder(desk.world, desk.options.command)
    with closing(source.open(key, holder, desk.options.lock_timeout)) as here:
        with closing(_other(key, target, holder, desk.options.lock_timeout)) as new:
            transfer = _copied(desk.options, here.snapshot, new)
        if here.snapshot.lineage and not here.snapshot.journal:
            _read_back(here.snapshot, target.read(key))
            _mark(here, target.name, desk.options.command)
        return transfer


def _other(key: str, target: Backend, holder: Holder, patience: float) -> Ledger:
    """Take the stack in the target; InputError when we have it there already: two settings may lead to one place.

    Only the place itself tells, by its lock: it may be reached by several paths, names of a host or settings.
    """
    try:
        return target.open(key, holder, 0 if _is_ours(key, target, holder) else patience)
    except LockedError as error:
        if _is_ours(key, target, holder):  # looked at again: opening may have made a folder that the path leads through
            message, hint = "That is where the state is already.", "Name another place: --set path=FOLDER"
            raise InputError(message, hint=hint) from error
        raise


def _is_ours(key: str, target: Backend, holder: Holder) -> bool:
    hold = target.hold(key)
    return hold is not None and hold.holder == holder


def _copied(options: Options, snapshot: Snapshot, new: Ledger) -> Transfer:
    _refuse(snapshot, new.snapshot, options)
    transfer = difference(snapshot, new.snapshot)
    if _is_moved(snapshot, new.snapshot) or not snapshot.lineage:
        return replace(transfer, same=True)
    if openness.moved_to(new.snapshot):
        new.end({"outcome": "moved back"})
    if not transfer.same:
        new.restore(snapshot)
    return transfer


def _read_back(snapshot: Snapshot, written: Snapshot) -> None:
    if not is_copy(snapshot, written):
        raise DamagedError(
            f"What was read back of {snapshot.stack} from the new place is not what was written.",
            hint="Go on with the old place, which was not changed, and look at the new one.",
        )


def _mark(here: Ledger, place: str, command: str) -> None:
    """Leave a transaction open that says where the stack is: every writer meets it, whatever it wants."""
    here.begin({"t": "header", "command": command, "providers": {}, "moves": {}}, _MARK)
    here.append({"t": "moved", "to": place})
    here.sync()
