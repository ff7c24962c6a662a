"""For those who write plugins: which hooks are answered, and which commands are added."""

from __future__ import annotations

from typing import Any

from dpn import plugins, sources
from dpn.plugins import Installed


def hooks_of(plugin: Installed) -> tuple[str, ...]:
    """Give the hooks that an installed plugin answers, as its source shows them; nothing of it is imported."""
    return sources.hooks(plugin.value)


def plugin_command(name: str) -> Any:
    """Give the command that a plugin adds under this name (entry-point group `dpn.commands`), else None."""
    plugin = plugins.installed("commands").get(name)
    return plugins.import_plugin(plugin) if plugin else None
