"""Settle what interrupted runs left open, in one stack or in all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from dpn import recovery
from dpn.api.reads import stack_key, state_here
from dpn.desk import Desk, Options
from dpn.driver import Control
from dpn.errors import DpnError, InputError, StoppedError
from dpn.extensions import Backend
from dpn.recovery import Leave
from dpn.transact import Result
from dpn.world import World


def recover(
    options: Options,
    world: World | None = None,
    *,
    skip: Iterable[str] = (),
    accept: bool = False,
    force: bool = False,
    control: Control | None = None,
) -> dict[str, Result | DpnError | None]:
    """Settle the open transaction of the stack, or of every stack if none is named; None for those with none open.

    `skip` leaves addresses as they are; with `accept` nothing more is undone and what was done so far is recorded; with
    `force` a stack that was moved to another place goes on here. What stands against one of all the stacks keeps no
    other one from being settled: it is in the answer; of the one that was named it is raised.
    """
    leave = Leave(tuple(skip), accept, force)
    with Desk(options, world) as desk:
        one, loaded = stack_key(desk) if options.stack or options.file else ("", None)
        state = loaded.state if loaded else state_here(desk)
        backend = desk.backend(state)
        keys = [one] if one else backend.stacks()
        _refuse_strangers(backend, keys, leave.skip)
    if one:
        return {one: _recovered(options, world, one, state, control, leave)}
    return {key: _tried(options, world, key, state, control, leave) for key in keys}


def _refuse_strangers(backend: Backend, keys: Iterable[str], skip: Iterable[str]) -> None:
    """Refuse to skip what no open run has touched."""
    touched: set[str] = set()
    for key in keys if skip else ():
        with suppress(DpnError):  # it is told when that stack's turn comes
            touched |= recovery.touched(backend.read(key))
    if strange := [address for address in skip if address not in touched]:
        there = f"It has: {', '.join(sorted(touched))}" if touched else "Nothing is open."
        raise InputError(f"Not in an open run: {', '.join(strange)}.", hint=there)


def _tried(
    options: Options, world: World | None, key: str, state: Mapping[str, Any], control: Control | None, leave: Leave
) -> Result | DpnError | None:
    try:
        return _recovered(options, world, key, state, control, leave)
    except StoppedError:
        raise
    except DpnError as error:
        return error


def _recovered(
    options: Options, world: World | None, key: str, state: Mapping[str, Any], control: Control | None, leave: Leave
) -> Result | None:
    with Desk(options, world) as desk:
        desk.backend(state)
        result = recovery.recover(desk, key, control, leave)
        if result is None:
            recovery.sweep(desk, key, control)
        return result
