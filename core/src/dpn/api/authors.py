"""For those who write plugins: load and check them, and find the commands that they add."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dpn import plugins
from dpn.errors import InputError, PluginError
from dpn.plugins import Installed

_EMULATOR = ("start", "stop", "reset", "env")


@dataclass(frozen=True, slots=True)
class Checked:
    """A plugin that was loaded; `fault` says what it breaks, with the hint."""

    plugin: Installed
    fault: str = ""
    hint: str = ""


def check_plugins(name: str | None = None) -> list[Checked]:
    """Load each installed plugin, or those of one name, and hold it against the contract. InputError: none has it."""
    found = [one for group in plugins.GROUPS for one in plugins.installed(group).values() if name in (None, one.name)]
    if not found and name:
        raise InputError(f"No plugin {name!r} is installed.", hint="See: dpn plugins list")
    return [_checked(plugin) for plugin in found]


def plugin_command(name: str) -> Any:
    """Give the command that a plugin adds under this name (entry-point group `dpn.commands`), else None."""
    plugin = plugins.installed("commands").get(name)
    return plugins.import_plugin(plugin) if plugin else None


def _checked(plugin: Installed) -> Checked:
    try:
        _load(plugin)
    except PluginError as error:
        return Checked(plugin, error.message, error.hint)
    return Checked(plugin)


def _load(plugin: Installed) -> None:
    loaded = plugins.import_plugin(plugin)
    if plugin.group == "emulators":
        if missing := [method for method in _EMULATOR if not callable(getattr(loaded, method, None))]:
            raise PluginError(f"It has no {', '.join(missing)}.", hint="An emulator has start, stop, reset and env.")
    elif plugin.group == "providers":
        registered = plugins.load([f"{plugin.name}_"]).providers
        if plugin.name not in registered:
            raise PluginError(
                f"It offers {', '.join(registered) or 'no provider'}, and is registered as {plugin.name!r}.",
                hint="The name of the entry point is the name of the provider.",
            )
    elif plugin.group in ("naming", "extensions"):
        plugins.load(**{plugin.group: [plugin.name]})
    elif plugin.group == "backends":
        plugins.load(objects=[loaded]).backends()
