"""Where state is kept: the lock, the journal and the snapshot of each stack. The only writer of the disk in core.

This module is the plugin behind the entry point `file` of the group `dpn.backends`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from dpn.errors import InputError
from dpn.extensions import Backend, BackendType
from dpn.hookspecs import hookimpl
from dpn.store.who import ago, alive, described, holder
from dpn.world import World

__all__ = ["ago", "alive", "described", "dpn_backends", "folder", "holder", "open_backend"]

_SETTINGS = {"path": str, "insist": bool}


@hookimpl
def dpn_backends() -> Iterable[BackendType]:
    """Offer the file backend: settings `path` (default: the home) and `insist` (allow network and synced folders)."""
    yield BackendType("file", open=_open)


def open_backend(kind: BackendType, world: World, settings: Mapping[str, Any]) -> Backend:
    """Open the backend of a type with the settings that its user gave."""
    if kind.open:
        return kind.open(world, settings)
    from dpn.store.remote.backend import over_objects  # noqa: PLC0415 - files are the rule and need none of it

    return over_objects(kind, world, settings)


def _open(world: World, settings: Mapping[str, Any]) -> Backend:
    from dpn.store.file import FileBackend  # noqa: PLC0415 - listing backends must not cost reading one

    for key, value in settings.items():
        if key not in _SETTINGS or not isinstance(value, _SETTINGS[key]):
            raise InputError(
                f"The file backend does not take {key} = {value!r}.",
                hint="It takes path (a folder) and insist (true or false), in config.yaml under state.",
            )
    return FileBackend(
        world, folder(world, settings), insist=bool(settings.get("insist")) or world.env.get("DPN_INSIST") == "1"
    )


def folder(world: World, settings: Mapping[str, Any]) -> Path:
    """Give the folder that the settings of the file backend name; the home if they name none."""
    named = str(settings.get("path", ""))
    if named == "~" or named.startswith("~/"):
        named = world.env.get("HOME", "~") + named[1:]
    return world.cwd / named if named else world.home
