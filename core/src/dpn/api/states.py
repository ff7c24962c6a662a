"""Look into the state of a stack, and mend it: every change of it is a transaction without calls."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from dpn import flow, openness, references, store, transact
from dpn.api.reads import open_here, stack_key
from dpn.connections import Connections
from dpn.desk import Desk, Options
from dpn.dispatch import Dispatcher
from dpn.errors import InputError, RefusedError
from dpn.extensions import Hold, Snapshot
from dpn.model import Change, Plan, Record
from dpn.transact import Result
from dpn.world import World


def records(options: Options, world: World | None = None) -> tuple[dict[str, Record], Snapshot]:
    """Give the records of a stack as they are now, with an open transaction laid over them."""
    with Desk(options, world) as desk:
        key, _ = stack_key(desk)
        snapshot = desk.backend().read(key)
        return flow.standing(snapshot), snapshot


def record(options: Options, address: str, world: World | None = None) -> tuple[Record, Snapshot]:
    """Give one record as it is now; InputError if there is none."""
    found, snapshot = records(options, world)
    if address not in found:
        raise InputError(f"Not in the state of {snapshot.stack}: {address}.", hint="See: dpn state list")
    return found[address], snapshot


def unsettled(snapshot: Snapshot) -> dict[str, str]:
    """Give the addresses that a run which has not ended has touched: `open`, or `blocked` if they cannot be settled."""
    out = {entry["address"]: "open" for entry in snapshot.journal if entry["t"] == "intent"}
    for entry in snapshot.journal:
        if entry["t"] == "blocked":
            out |= dict.fromkeys(entry["reasons"], "blocked")
    return out


def history(options: Options, world: World | None = None) -> list[Mapping[str, Any]]:
    """Give one row for each ended transaction, the oldest first."""
    with Desk(options, world) as desk:
        key, _ = stack_key(desk)
        return desk.backend().history(key)


def forget(options: Options, addresses: Iterable[str], world: World | None = None) -> Result:
    """Drop records; what they stand for stays in the cloud and is no longer managed."""
    with _settled(options, world) as (desk, snapshot):
        wanted, there = _known(snapshot, addresses), snapshot.records
        if inside := [a for a, record in there.items() if record.parent in wanted and a not in wanted]:
            message = f"In it stand {', '.join(sorted(inside))}, which could not be found any more."
            raise RefusedError(message, hint="Forget these as well.")
        changes = tuple(Change(a, there[a].kind, "noop", there[a].name, before=there[a], forget=True) for a in wanted)
        return _run(desk, Plan(snapshot.stack, "", snapshot.serial, snapshot.lineage, changes))


def move(options: Options, old: str, new: str, world: World | None = None) -> Result:
    """Give a record another address; references to it follow."""
    with _settled(options, world) as (desk, snapshot):
        _known(snapshot, [old])
        if not re.fullmatch(references.ADDRESS, new, re.ASCII):
            raise InputError(f"{new} is no address.", hint=f"An address is like {old}.")
        if new in snapshot.records:
            hint = f"Choose another address. What stands there: dpn state show --stack {snapshot.stack} '{new}'"
            raise InputError(f"{new} is in the state already.", hint=hint)
        if old.partition(".")[0] != new.partition(".")[0]:
            raise InputError("A record keeps its kind.", hint=f"Move it to {old.partition('.')[0]}.…")
        return _run(desk, Plan(snapshot.stack, "", snapshot.serial, snapshot.lineage, (), moves={old: new}))


def unlock(
    options: Options, world: World | None = None, *, confirm: Callable[[str, str], bool] | None = None
) -> tuple[str, Hold | None]:
    """Take a stack of a team from its holder, who can write nothing more, and let go; what is open stays open.

    `confirm` is asked first, with the key and with who has it. Gives the key and who had it, None if nobody.
    RefusedError when somebody else has it by the time of the answer; LockedError when the lock is one that ends with
    its process.
    """
    with Desk(options, world) as desk:
        key = _stack_to_unlock(desk)
        hold = _agreed(desk, key, confirm)
        if hold is None:
            return key, None
        desk.backend().unlock(key, store.holder(desk.world, options.command))
        return key, hold if hold.lease else None


def _stack_to_unlock(desk: Desk) -> str:
    if desk.options.stack:  # one in which nothing was ever begun may be held too
        open_here(desk)
        return desk.options.stack
    return stack_key(desk)[0]


def _agreed(desk: Desk, key: str, confirm: Callable[[str, str], bool] | None) -> Hold | None:
    """Give who is to be passed over, None if nobody has it any more; RefusedError if that is not who was agreed to.

    The backend looks once more when it seizes, and at the lock alone: who takes the stack in the moment between is not
    noticed here.
    """
    hold = _held(desk, key)
    if hold is None or not hold.lease or confirm is None:
        return hold
    if not confirm(key, _who(desk, hold)):
        hint = "It can be waited for: --lock-timeout SECONDS of the command that is to go on."
        raise RefusedError("Not unlocked; nothing was changed.", hint=hint)
    now = _held(desk, key)
    if now and now.holder != hold.holder:
        message = f"Meanwhile {key} is held by {_who(desk, now)}. Not unlocked; nothing was changed."
        raise RefusedError(message, hint="If that one is gone too: dpn unlock, once more.")
    return now


def _held(desk: Desk, key: str) -> Hold | None:
    """Give who has the stack; whether a lock that ends with its process is held, only the lock itself tells."""
    hold = desk.backend().hold(key)
    return hold if hold and (hold.held or not hold.lease) else None


def _who(desk: Desk, hold: Hold) -> str:
    who = store.described(desk.world, hold.holder)
    if not hold.seen:  # the lock is older than such signs, or cannot be read
        return who
    return f"{who}; its last sign of life was {store.ago(desk.world.clock.now() - hold.seen)}"


@contextmanager
def _settled(options: Options, world: World | None) -> Iterator[tuple[Desk, Snapshot]]:
    """Give a stack in which no run is open; InDoubtError if one is."""
    with Desk(options, world) as desk:
        key, _ = stack_key(desk)
        snapshot = desk.backend().read(key)
        openness.refuse_open(snapshot, options)
        yield desk, snapshot


def _known(snapshot: Snapshot, addresses: Iterable[str]) -> list[str]:
    wanted = list(addresses)
    if unknown := [address for address in wanted if address not in snapshot.records]:
        raise InputError(f"Not in the state of {snapshot.stack}: {', '.join(unknown)}.", hint="See: dpn state list")
    return wanted


def _run(desk: Desk, plan: Plan) -> Result:
    dispatcher = Dispatcher(desk.plugins, Connections(desk.plugins, {}), desk.world)
    return transact.run(desk, plan, dispatcher, {})
