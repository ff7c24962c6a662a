"""Move the state of a stack: to a file and back, and from one backend to another. No cloud is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dpn import store
from dpn.api.reads import stack_key
from dpn.desk import Desk, Options
from dpn.disk import write_new
from dpn.errors import DamagedError, DpnError, InDoubtError, InputError, RefusedError
from dpn.extensions import Backend, Snapshot
from dpn.store import state
from dpn.store.state import State
from dpn.world import World


@dataclass(frozen=True, slots=True)
class Transfer:
    """What a state in a file or in another backend changes: addresses of records.

    `serial` is that of the state that is put in place, `now` the one that is there; `same` if nothing would change.
    """

    stack: str
    serial: int
    now: int
    added: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    same: bool = False


Agree = Callable[[Transfer], None]
"""Asked before anything is written; raises RefusedError for no."""


def pull(options: Options, world: World | None = None) -> bytes:
    """Give the committed state of a stack, sealed as in its file; InDoubtError while a run is open."""
    desk = Desk(options, world)
    key, loaded = stack_key(desk)
    return state.encode(State(_settled(desk.backend(loaded.state if loaded else None).read(key))))


def write_state(content: bytes, path: Path, world: World | None = None) -> None:
    """Write what was pulled into a file, 0600."""
    outside = world or World()
    try:
        write_new(outside.disk, outside.cwd / path, content)
    except OSError as error:
        raise DpnError(f"The state could not be written to {path}: {error.strerror or error}.") from error


def push(
    options: Options, path: Path, world: World | None = None, *, force: bool = False, agree: Agree | None = None
) -> Transfer:
    """Put the state of a file in place of a stack's; `force` overrides what lineage and serial say against it.

    RefusedError: the file is of another stack or lineage or older, a transaction is open, or the person said no.
    """
    desk = Desk(options, world)
    given = _read(desk, path)
    key, chosen = _target(desk, given)
    if given.stack != key:
        raise RefusedError(f"{path} is the state of {given.stack}, not of {key}.", hint=f"--stack {given.stack}")
    backend = desk.backend(chosen)
    now = backend.read(key)
    if now.journal:
        raise RefusedError(f"A transaction of {key} is open; nothing was changed.", hint="Run dpn recover first.")
    if not force:
        _refuse_strange(given, now, "The file", "--force puts it in place even so")
    transfer = _difference(given, now)
    if transfer.same:
        return transfer
    if agree:
        agree(transfer)
    with closing(backend.open(key, store.holder(desk.world, options.command), options.lock_timeout)) as ledger:
        if ledger.snapshot.journal or _version(ledger.snapshot) != _version(now):
            raise RefusedError(f"The state of {key} has changed meanwhile; nothing was changed.", hint="Push again.")
        ledger.restore(given)
        return replace(transfer, serial=ledger.snapshot.serial)


def _read(desk: Desk, path: Path) -> Snapshot:
    try:
        content = desk.world.disk.read(desk.world.cwd / path)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.") from error
    try:
        return state.decode(content, path).snapshot
    except DamagedError as error:
        raise DamagedError(error.message, hint="Pull it anew where it came from: dpn state pull --out FILE") from error


def _target(desk: Desk, given: Snapshot) -> tuple[str, Mapping[str, Any] | None]:
    """Give the stack that is meant: a state may be brought to where no such stack is yet."""
    if desk.options.stack:
        return desk.options.stack, None
    if desk.default_file():
        key, loaded = stack_key(desk)
        return key, loaded.state if loaded else None
    return given.stack, None


def _settled(snapshot: Snapshot) -> Snapshot:
    key = snapshot.stack
    if snapshot.journal:
        raise InDoubtError(f"A transaction of {key} is open.", hint=f"Run dpn recover --stack {key} first.")
    if not snapshot.lineage:
        raise InputError(f"{key} has no state yet: all its runs were undone.")
    return snapshot


def _version(snapshot: Snapshot) -> tuple[str, int]:
    return snapshot.lineage, snapshot.serial


def _refuse_strange(given: Snapshot, now: Snapshot, what: str, hint: str) -> None:
    """Refuse a state that is not the later one of two in one line."""
    key = now.stack
    if now.lineage and given.lineage != now.lineage:
        message = f"{what} is of another lineage of {key} ({given.lineage}) than the state there ({now.lineage})"
        raise RefusedError(f"{message}: one of them was begun anew. Nothing was changed.", hint=f"{hint}.")
    if given.serial < now.serial:
        message = f"{what} has serial {given.serial} of {key}, and there is {now.serial} already"
        raise RefusedError(f"{message}: changes would be lost. Nothing was changed.", hint=f"{hint}.")
    if given.serial == now.serial and not _difference(given, now).same:
        message = f"{what} and the state of {key} there both have serial {now.serial}, and they differ"
        raise RefusedError(f"{message}: both went on from one. Nothing was changed.", hint=f"{hint}.")


def _difference(given: Snapshot, now: Snapshot) -> Transfer:
    new, old = given.records, now.records
    return Transfer(
        given.stack, given.serial, now.serial,
        added=tuple(sorted(set(new) - set(old))),
        dropped=tuple(sorted(set(old) - set(new))),
        changed=tuple(sorted(address for address in set(new) & set(old) if new[address] != old[address])),
        same=_is_copy(given, now),
    )  # fmt: skip


def _is_copy(one: Snapshot, other: Snapshot) -> bool:
    alike = (one.lineage, dict(one.records), one.watch) == (other.lineage, dict(other.records), other.watch)
    return alike and one.serial == other.serial


def migrate(
    options: Options, to: str, settings: Mapping[str, Any], world: World | None = None
) -> tuple[list[Transfer], dict[str, Any]]:
    """Copy all stacks, or the one of `options`, to the backend `to`; give what was done, and the settings it has now.

    All are looked at before the first is written. Nothing is deleted in the source, and what is there already as it is
    here is left alone, so it can be repeated.
    """
    desk = Desk(options, world)
    chosen = {"backend": to, **settings}
    source, target = desk.backend(), desk.open_backend(chosen)
    if _place(desk, chosen) == _place(desk, desk.settings.state):
        raise InputError("That is where the state is already.", hint="Name another place: --set path=FOLDER")
    there = source.stacks()
    keys = [options.stack] if options.stack else there
    if unknown := sorted(set(keys) - set(there)):
        listed = f"There are: {', '.join(there)}" if there else "There is none."
        raise InputError(f"There is no stack {unknown[0]}.", hint=listed)
    for key in keys:
        _refuse_target(source.read(key), target.read(key))
    return [_copied(desk, key, source, target) for key in keys], chosen


def _place(desk: Desk, chosen: Mapping[str, Any]) -> Any:
    """Give what tells one place of state from another."""
    if str(chosen.get("backend", "file")) != "file":
        return dict(chosen)
    return store.folder(desk.world, chosen).resolve()


def _refuse_target(source: Snapshot, target: Snapshot) -> None:
    for snapshot in (source, target):
        if snapshot.journal:
            hint = f"Run dpn recover --stack {snapshot.stack} there first."
            raise InDoubtError(f"A transaction of {snapshot.stack} is open. Nothing was copied.", hint=hint)
    if source.lineage:
        _refuse_strange(source, target, "What is here", "Look which of the two is right: dpn state pull")


def _copied(desk: Desk, key: str, source: Backend, target: Backend) -> Transfer:
    """Copy one stack while nobody else can write to it here or there, then read it back."""
    holder, patience = store.holder(desk.world, desk.options.command), desk.options.lock_timeout
    with closing(source.open(key, holder, patience)) as here, closing(target.open(key, holder, patience)) as there:
        _refuse_target(here.snapshot, there.snapshot)
        transfer = _difference(here.snapshot, there.snapshot)
        if transfer.same or not here.snapshot.lineage:
            return replace(transfer, same=True)
        there.restore(here.snapshot)
    written = target.read(key)
    if not _is_copy(here.snapshot, written):
        raise DamagedError(
            f"What was read back of {key} from the new place is not what was written.",
            hint="Go on with the old place, which was not changed, and look at the new one.",
        )
    return transfer
