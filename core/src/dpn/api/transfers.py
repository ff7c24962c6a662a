"""Move the state of a stack to a file and back. No cloud is asked."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from dpn import openness, transact
from dpn.api.reads import open_here, stack_key
from dpn.desk import Desk, Options
from dpn.disk import write_out
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
    with Desk(options, world) as desk:
        key, _ = stack_key(desk)
        snapshot = desk.backend().read(key)
    openness.refuse_open(snapshot, options)
    if not snapshot.lineage:
        hint = "There is one when a run has done something: dpn apply"
        raise InputError(f"{key} has no state yet: all its runs were undone.", hint=hint)
    return state.encode(State(snapshot))


def write_state(content: bytes, path: Path, world: World | None = None) -> None:
    """Write what was pulled into a file, 0600."""
    outside = world or World()
    try:
        write_out(outside.disk, outside.cwd / path, content)
    except OSError as error:
        raise DpnError(
            f"The state could not be written to {path}: {error.strerror or error}.",
            hint="Make room or a folder there, or name another file: dpn state pull --out FILE",
        ) from error


def push(
    options: Options, path: Path, world: World | None = None, *, force: bool = False, agree: Agree | None = None
) -> Transfer:
    """Put the state of a file in place of a stack's; `force` overrides what lineage and serial say against it.

    RefusedError: the file is of another stack or lineage or older, a transaction is open, or the person said no.
    """
    with Desk(options, world) as desk:
        given = _read(desk, path)
        key, backend = _target(desk, given)
        now = backend.read(key)
        _refuse_file(given, key, path)
        _refuse_open(now, options)
        if not force:
            refuse_strange(given, now, "The file", "--force puts it in place even so")
        transfer = difference(given, now)
        if transfer.same:
            return transfer
        if agree:
            agree(transfer)
        return replace(transfer, serial=_put(desk, given, now))


def _put(desk: Desk, given: Snapshot, now: Snapshot) -> int:
    """Replace the state by the one that was given, if it is still the one that was looked at; give its serial."""
    with closing(transact.hold(desk, now.stack)) as ledger:
        if ledger.snapshot.journal or _version(ledger.snapshot) != _version(now):
            message = f"The state of {now.stack} has changed meanwhile; nothing was changed."
            raise RefusedError(message, hint="Push again.")
        ledger.restore(given)
        return ledger.snapshot.serial


def _refuse_file(given: Snapshot, key: str, path: Path) -> None:
    """Refuse a state that cannot be this stack's, by force or not."""
    if given.stack != key:
        raise RefusedError(f"{path} is the state of {given.stack}, not of {key}.", hint=f"--stack {given.stack}")
    if not given.lineage:  # nothing that is written after it could be told from another stack's
        message = f"{path} is the state of no run: it has no lineage. Nothing was changed."
        raise RefusedError(message, hint=f"Take the one that there is: dpn state pull --stack {key} --out FILE")


def _refuse_open(now: Snapshot, options: Options) -> None:
    try:
        openness.refuse_open(now, options)
    except InDoubtError as error:  # nothing of this command is in doubt: it is refused
        raise RefusedError(error.message, hint=error.hint) from error


def _read(desk: Desk, path: Path) -> Snapshot:
    try:
        content = desk.world.disk.read(desk.world.cwd / path)
    except OSError as error:
        hint = "Name the file that was written by dpn state pull --out FILE"
        raise InputError(f"{path} cannot be read: {error.strerror or error}.", hint=hint) from error
    try:
        return state.decode(content, path).snapshot
    except DamagedError as error:
        raise DamagedError(error.message, hint="Pull it anew where it came from: dpn state pull --out FILE") from error


def _target(desk: Desk, given: Snapshot) -> tuple[str, Backend]:
    """Give the stack that is meant and where it is: a state may be brought to where no such stack is yet."""
    if desk.options.stack or not desk.default_file():
        return desk.options.stack or given.stack, open_here(desk)
    return stack_key(desk)[0], desk.backend()


def _version(snapshot: Snapshot) -> tuple[str, int]:
    return snapshot.lineage, snapshot.serial


def refuse_strange(given: Snapshot, now: Snapshot, what: str, hint: str) -> None:
    """Refuse a state that is not the later one of two in one line."""
    key = now.stack
    if now.lineage and given.lineage != now.lineage:
        message = f"{what} is of another lineage of {key} ({given.lineage}) than the state there ({now.lineage})"
        raise RefusedError(f"{message}: one of them was begun anew. Nothing was changed.", hint=f"{hint}.")
    if given.serial < now.serial:
        message = f"{what} has serial {given.serial} of {key}, and there is {now.serial} already"
        raise RefusedError(f"{message}: changes would be lost. Nothing was changed.", hint=f"{hint}.")
    if given.serial == now.serial and not difference(given, now).same:
        message = f"{what} and the state of {key} there both have serial {now.serial}, and they differ"
        raise RefusedError(f"{message}: both went on from one. Nothing was changed.", hint=f"{hint}.")


def difference(given: Snapshot, now: Snapshot) -> Transfer:
    """Give what one state in place of another would change."""
    new, old = given.records, now.records
    return Transfer(
        given.stack, given.serial, now.serial,
        added=tuple(sorted(set(new) - set(old))),
        dropped=tuple(sorted(set(old) - set(new))),
        changed=tuple(sorted(address for address in set(new) & set(old) if new[address] != old[address])),
        same=is_copy(given, now),
    )  # fmt: skip


def is_copy(one: Snapshot, other: Snapshot) -> bool:
    """Tell whether two states are the same: all but who wrote them."""
    alike = (one.lineage, dict(one.records), one.watch) == (other.lineage, dict(other.records), other.watch)
    return alike and one.serial == other.serial
