"""Settle what earlier runs left: an open transaction, and requests that may still land."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from dpn import codec, guard, openness, references, transact
from dpn.desk import Desk
from dpn.dispatch import Dispatcher
from dpn.driver import Control
from dpn.errors import InDoubtError
from dpn.extensions import Ledger, Snapshot
from dpn.model import Change, Plan
from dpn.transact import Result


@dataclass(frozen=True, slots=True)
class Leave:
    """What a person leaves as it is: the addresses in `skip`; with `accept` all that was done so far, and recorded.

    stay: go on with a stack that was moved to another place.
    """

    skip: tuple[str, ...] = ()
    accept: bool = False
    stay: bool = False

    def entries(self, snapshot: Snapshot) -> tuple[Mapping[str, Any], ...]:
        """Give what the journal is told of it: an address that this run did not touch is another stack's."""
        chosen = [address for address in self.skip if address in touched(snapshot)]
        skips = tuple({"t": "skip", "address": address} for address in chosen)
        return (*skips, {"t": "accept"}) if self.accept else skips


def touched(snapshot: Snapshot) -> set[str]:
    """Give the addresses that the open run has touched."""
    return {entry["address"] for entry in snapshot.journal if entry["t"] == "intent"}


def recover(desk: Desk, key: str, control: Control | None = None, leave: Leave | None = None) -> Result | None:
    """Settle and undo what an earlier run left open; None if nothing is open. RefusedError: the stack was moved."""
    leave = leave or Leave()
    found = desk.backend().read(key)
    if not leave.stay:
        openness.refuse_moved(found)
    if not found.journal:
        return None
    ledger = transact.hold(desk, key)
    try:
        if openness.moved_to(ledger.snapshot) and leave.stay:
            ledger.end({"outcome": "stays"})
            return Result("stays", records=ledger.snapshot.records)
        openness.refuse_moved(ledger.snapshot)
        return _settled(desk, ledger, control or Control(), leave) if ledger.snapshot.journal else None
    finally:
        ledger.close()


def _settled(desk: Desk, ledger: Ledger, control: Control, leave: Leave) -> Result:
    """Let the engine settle it; what a person decided is recorded only when all that is needed for it is there."""
    snapshot = ledger.snapshot
    dispatcher = _reconnected(desk, snapshot)
    entries = leave.entries(snapshot)
    for entry in entries:
        ledger.append(entry)
    ledger.sync()
    snapshot = replace(snapshot, journal=(*snapshot.journal, *entries))
    return transact.Run(desk, ledger, dispatcher, control).drive(snapshot, snapshot.journal[0], None)


def sweep(desk: Desk, key: str, control: Control | None = None) -> None:
    """Look again for requests of ended runs that may have landed late; nothing is done where none is waited for."""
    snapshot = desk.backend().read(key)
    if snapshot.journal or not snapshot.watch:
        return
    desk.load_plugins({entry["kind"] for entry in snapshot.watch} | {r.kind for r in snapshot.records.values()})
    plan = Plan(key, "", snapshot.serial, snapshot.lineage, ())
    transact.run(desk, plan, desk.dispatcher({}, snapshot.records.values()), {}, control)


def _reconnected(desk: Desk, snapshot: Snapshot) -> Dispatcher:
    """Connect as the interrupted run did; in another account, "not there" would be a wrong conclusion."""
    header = snapshot.journal[0]
    changes = [codec.load(Change, entry["change"]) for entry in snapshot.journal if "change" in entry]
    kinds = {change.kind for change in changes} | {record.kind for record in snapshot.records.values()}
    specs = [owner.spec for change in changes for owner in (change.want, change.before) if owner]
    specs += [record.spec for record in snapshot.records.values()]
    desk.load_plugins(kinds | {entry["kind"] for entry in snapshot.watch}, references.secret_schemes(specs))
    guard.known_kinds(snapshot.records.values(), desk.plugins.kinds)
    providers = header.get("providers", {})
    dispatcher = desk.dispatcher(
        {alias: made["settings"] for alias, made in providers.items()}, snapshot.records.values()
    )
    used = {(owner.provider, owner.region) for change in changes if (owner := change.want or change.before)}
    for alias, region in sorted(used, key=str):
        _refuse_another_account(dispatcher, alias, region, providers.get(alias, {}).get("account", ""), snapshot.stack)
    return dispatcher


def _refuse_another_account(dispatcher: Dispatcher, alias: str, region: str | None, was: str, stack: str) -> None:
    if not was:
        return
    try:
        now = dispatcher.connections.identity(alias, region).account
    except Exception as error:
        hint, said = "Run dpn recover when it can be reached.", dispatcher.connections.hidden.hide(str(error))
        raise InDoubtError(
            f"{alias} does not tell whose account it is: {said}. Nothing was changed.", hint=hint
        ) from error
    if now != was:
        raise InDoubtError(
            f"The open transaction of {stack} ran in account {was}; the credentials now lead to {now}.",
            hint="Recover with the credentials of that account.",
        )
