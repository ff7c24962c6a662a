"""The embedded cloud."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from dpn import sandbox, store
from dpn.errors import PluginError
from dpn.extensions import Emulator
from dpn.store import home
from dpn.store.file import FileBackend
from dpn.world import World

T = TypeVar("T")


def sandbox_start(world: World | None = None) -> dict[str, Mapping[str, Any]]:
    """Start every installed emulator unless it runs; one that lacks its packages counts only if no other starts."""
    inside = _inside(world)
    home.make(inside.disk, inside.home)
    return _of_each(lambda emulator: emulator.start(inside, str(inside.home)))


def _of_each(ask: Callable[[Emulator], T]) -> dict[str, T]:
    """Ask every emulator; raise what one lacks if none can answer."""
    answers: dict[str, T] = {}
    lacking: list[PluginError] = []
    for name, emulator in sandbox.emulators().items():
        try:
            answers[name] = ask(emulator)
        except PluginError as error:
            lacking.append(error)
    if lacking and not answers:
        raise lacking[0]
    return answers


def sandbox_stop(world: World | None = None) -> dict[str, bool]:
    """Stop what runs; objects are there again after the next start."""
    inside = _inside(world)
    return {name: emulator.stop(inside, str(inside.home)) for name, emulator in sandbox.emulators().items()}


def sandbox_env(world: World | None = None) -> dict[str, str]:
    """Give the variables that lead the clouds' own tools to the sandbox; it is started."""
    inside = _inside(world)
    home.make(inside.disk, inside.home)
    out: dict[str, str] = {}
    for variables in _of_each(lambda emulator: emulator.env(inside, str(inside.home))).values():
        out.update(variables)
    return out


def sandbox_reset(world: World | None = None) -> None:
    """Drop all objects of the sandbox together with its stacks: one without the other would be a lie."""
    inside = _inside(world)
    home.make(inside.disk, inside.home)
    for emulator in sandbox.emulators().values():
        emulator.reset(inside, str(inside.home))
    backend = FileBackend(inside, inside.home)
    for key in backend.stacks():
        backend.drop(key, store.holder(inside, "dpn sandbox reset"))


def _inside(world: World | None) -> World:
    outside = world or World()
    inside = sandbox.world_of(outside)
    home.refuse_around(outside.disk, outside.home, inside.home)
    return inside
