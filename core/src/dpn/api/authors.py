"""For those who write plugins: a package to begin with, which hooks are answered, and which commands are added."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dpn import plugins, skeletons, sources
from dpn.disk import write_new
from dpn.errors import DpnError, InputError, RefusedError
from dpn.plugins import Installed
from dpn.world import World

SORTS = skeletons.SORTS
"""What `new_plugin` can write: naming, provider, policy."""


def new_plugin(name: str, sort: str, folder: Path | None = None, world: World | None = None) -> list[Path]:
    """Write a package that works and passes its tests, to a folder of its own; give its files.

    The folder is called as the package unless one is given. InputError: the name cannot be; RefusedError: something is
    in the folder already.
    """
    if reason := skeletons.misnamed(sort, name):
        raise InputError(f"{name!r} cannot be the name of a {sort} plugin: {reason}.")
    package = skeletons.distribution(sort, name)
    other = plugins.installed(skeletons.GROUP[sort]).get(name)
    if other:
        message = f"{other.package} {other.version} offers the {other.group} plugin {name!r} already."
        raise InputError(message, hint=f"Choose another name, or take that one away: pip uninstall {other.package}")
    outside = world or World()
    into = folder or Path(package)
    texts = skeletons.texts(sort, name)
    try:
        if there := outside.disk.names(outside.cwd / into):
            raise RefusedError(f"{into} is not empty: it has {there[0]}.", hint="Name an empty folder: --path DIR")
        for path, text in texts.items():
            target = outside.cwd / into / path
            outside.disk.make_folder(target.parent)
            write_new(outside.disk, target, text.encode())
    except OSError as error:
        raise DpnError(f"{into} could not be written to: {error.strerror or error}.") from error
    return [into / path for path in texts]


def hooks_of(plugin: Installed) -> tuple[str, ...]:
    """Give the hooks that an installed plugin answers, as its source shows them; nothing of it is imported."""
    return sources.hooks(plugin.value)


def plugin_command(name: str) -> Any:
    """Give the command that a plugin adds under this name (entry-point group `dpn.commands`), else None."""
    plugin = plugins.installed("commands").get(name)
    return plugins.import_plugin(plugin) if plugin else None
