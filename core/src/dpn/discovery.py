"""Which plugins are installed, from the metadata of packages; nothing of a plugin is imported to list it.

The group of an entry point says when it is imported, its name is what a user writes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dpn.errors import PluginError

GROUPS = ("providers", "naming", "backends", "emulators", "templates", "commands", "extensions")


@dataclass(frozen=True, slots=True)
class Installed:
    """A plugin as its package's metadata tells; nothing of it was imported."""

    group: str
    name: str
    package: str
    version: str
    value: str


def installed(group: str) -> dict[str, Installed]:
    """List the plugins of a group by name, sorted; two packages with one name are an error."""
    from importlib.metadata import entry_points

    found: dict[str, Installed] = {}
    for point in sorted(entry_points(group=f"dpn.{group}"), key=lambda point: point.name):
        package, version = (point.dist.name, point.dist.version) if point.dist else ("?", "?")
        plugin = Installed(group, point.name, package, version, point.value)
        other = found.setdefault(point.name, plugin)
        if other.package != package:
            raise PluginError(
                f"Two packages offer the {group} plugin {point.name!r}: {other.package} and {package}.",
                hint=f"Uninstall one: pip uninstall {package}",
            )
    return found


def import_plugin(plugin: Installed) -> Any:
    """Import a plugin; whatever it raises becomes an error that names plugin, package and version."""
    from importlib.metadata import EntryPoint

    try:
        return EntryPoint(plugin.name, plugin.value, f"dpn.{plugin.group}").load()
    except Exception as error:
        raise PluginError(
            f"Plugin {plugin.name!r} ({plugin.package} {plugin.version}) could not be imported: {error!r}.",
            hint=f"Reinstall it: pip install --force-reinstall {plugin.package}",
        ) from error
