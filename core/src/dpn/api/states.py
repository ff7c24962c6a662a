"""Look into the state of a stack, and mend it: every change of it is a transaction without calls."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from dpn import flow, references, store, transact
from dpn.api.reads import stack_key
from dpn.connections import Connections
from dpn.desk import Desk, Options
from dpn.dispatch import Dispatcher
from dpn.errors import InDoubtError, InputError, RefusedError
from dpn.extensions import Hold, Snapshot
from dpn.model import Change, Plan, Record
from dpn.transact import Result
from dpn.world import World


def records(options: Options, world: World | None = None) -> tuple[dict[str, Record], Snapshot]:
    """Give the records of a stack as they are now, with an open transaction laid over them."""
    desk = Desk(options, world)
    key, loaded = stack_key(desk)
    snapshot = desk.backend(loaded.state if loaded else None).read(key)
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
    desk = Desk(options, world)
    key, loaded = stack_key(desk)
    return desk.backend(loaded.state if loaded else None).history(key)


def forget(options: Options, addresses: Iterable[str], world: World | None = None) -> Result:
    """Drop records; what they stand for stays in the cloud and is no longer managed."""
    desk, snapshot = _settled(options, world)
    wanted = _known(snapshot, addresses)
    if inside := [a for a, record in snapshot.records.items() if record.parent in wanted and a not in wanted]:
        raise RefusedError(
            f"In it stand {', '.join(sorted(inside))}, which could not be found any more.", hint="Forget these as well."
        )
    changes = tuple(
        Change(a, snapshot.records[a].kind, "noop", snapshot.records[a].name, before=snapshot.records[a], forget=True)
        for a in wanted
    )
    return _run(desk, Plan(snapshot.stack, "", snapshot.serial, snapshot.lineage, changes))


def move(options: Options, old: str, new: str, world: World | None = None) -> Result:
    """Give a record another address; references to it follow."""
    desk, snapshot = _settled(options, world)
    _known(snapshot, [old])
    if not re.fullmatch(references.ADDRESS, new, re.ASCII):
        raise InputError(f"{new} is no address.", hint=f"An address is like {old}.")
    if new in snapshot.records:
        raise InputError(f"{new} is in the state already.")
    if old.partition(".")[0] != new.partition(".")[0]:
        raise InputError("A record keeps its kind.", hint=f"Move it to {old.partition('.')[0]}.…")
    return _run(desk, Plan(snapshot.stack, "", snapshot.serial, snapshot.lineage, (), moves={old: new}))


def unlock(
    options: Options, world: World | None = None, *, confirm: Callable[[str, str], bool] | None = None
) -> tuple[str, Hold | None]:
    """Take a stack of a team from its holder, who can write nothing more, and let go; what is open stays open.

    `confirm` is asked first, with the key and with who has it. Gives the key and who had it, None if nobody.
    LockedError when the lock is one that ends with its process.
    """
    with Desk(options, world) as desk:
        key, loaded = ("", None) if options.stack else stack_key(desk)
        backend = desk.backend(loaded.state if loaded else None)
        key = key or str(options.stack)  # a stack in which nothing was ever begun may be held too
        hold = backend.hold(key)
        if hold is None or not (hold.held or not hold.lease):
            return key, None
        if hold.lease and confirm and not confirm(key, _who(desk, hold)):
            raise RefusedError("Not unlocked; nothing was changed.")
        backend.unlock(key, store.holder(desk.world, options.command))
        return key, hold if hold.lease else None


def _who(desk: Desk, hold: Hold) -> str:
    silent = store.ago(desk.world.clock.now() - hold.seen)
    return f"{store.described(desk.world, hold.holder)}; its last sign of life was {silent}"


def _settled(options: Options, world: World | None) -> tuple[Desk, Snapshot]:
    desk = Desk(options, world)
    key, loaded = stack_key(desk)
    snapshot = desk.backend(loaded.state if loaded else None).read(key)
    if snapshot.journal:
        raise InDoubtError(f"A transaction of {key} is open.", hint="Run dpn recover first.")
    return desk, snapshot


def _known(snapshot: Snapshot, addresses: Iterable[str]) -> list[str]:
    wanted = list(addresses)
    if unknown := [address for address in wanted if address not in snapshot.records]:
        raise InputError(f"Not in the state of {snapshot.stack}: {', '.join(unknown)}.", hint="See: dpn state list")
    return wanted


def _run(desk: Desk, plan: Plan) -> Result:
    dispatcher = Dispatcher(desk.plugins, Connections(desk.plugins, {}), desk.world)
    return transact.run(desk, plan, dispatcher, {})
