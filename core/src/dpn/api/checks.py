"""For `dpn plugins check`: plugins are loaded and held against what they promise, as far as that needs no cloud."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dpn import plugins
from dpn.errors import InputError, PluginError
from dpn.plugins import Installed
from dpn.promises import kinds, names, schemes

_EMULATOR = ("start", "stop", "reset", "env")


@dataclass(frozen=True, slots=True)
class Checked:
    """A plugin that was loaded and judged; `faults` say what it breaks, `hint` what to do."""

    plugin: Installed
    faults: tuple[str, ...] = ()
    hint: str = ""


def check_plugins(name: str | None = None) -> list[Checked]:
    """Load each installed plugin, or those of one name, and hold it against the contract. InputError: none has it."""
    found = [one for group in plugins.GROUPS for one in plugins.installed(group).values() if name in (None, one.name)]
    if not found and name:
        raise InputError(f"No plugin {name!r} is installed.", hint="See: dpn plugins list")
    return [_checked(plugin) for plugin in found]


def _checked(plugin: Installed) -> Checked:
    try:
        faults = tuple(_faults(plugin))
    except PluginError as error:
        return Checked(plugin, (error.message,), error.hint)
    hint = f"Report it to the author of {plugin.package}, or mend it." if faults else ""
    return Checked(plugin, faults, hint)


def _faults(plugin: Installed) -> Iterator[str]:
    """Load a plugin, and yield what it breaks without keeping it from being loaded. PluginError: it cannot be used."""
    loaded = plugins.import_plugin(plugin)
    if plugin.group == "emulators":
        if missing := [method for method in _EMULATOR if not callable(getattr(loaded, method, None))]:
            raise PluginError(f"It has no {', '.join(missing)}.", hint="An emulator has start, stop, reset and env.")
    elif plugin.group == "providers":
        yield from _provider_faults(plugin)
    elif plugin.group == "naming":
        here = {kind: info for _, its in schemes.installed_providers() for kind, info in its.items()}
        yield from schemes.faults(plugins.load(naming=[plugin.name]), here)
    elif plugin.group == "extensions":
        plugins.load(extensions=[plugin.name])
    elif plugin.group == "backends":
        plugins.load(objects=[loaded]).backends()


def _provider_faults(plugin: Installed) -> Iterator[str]:
    loaded = plugins.load([f"{plugin.name}_"])
    if plugin.name not in loaded.providers:
        raise PluginError(
            f"It offers {', '.join(loaded.providers) or 'no provider'}, and is registered as {plugin.name!r}.",
            hint="The name of the entry point is the name of the provider.",
        )
    yield from names.faults(loaded.providers[plugin.name], tuple(loaded.kinds.values()))
    for info in loaded.kinds.values():
        yield from kinds.faults(info) if info.provisions else ()
