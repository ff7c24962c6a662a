"""The embedded cloud behind `--sandbox`: emulators are plugins, named as the provider they stand in for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from dpn import plugins
from dpn.errors import PluginError
from dpn.extensions import Emulator
from dpn.world import World


def world_of(world: World) -> World:
    """Give the world with the sandbox's own home, `$DPN_HOME/sandbox`."""
    return replace(world, env={**world.env, "DPN_HOME": str(world.home / "sandbox")})


def emulators(providers: Iterable[str] | None = None) -> dict[str, Emulator]:
    """Load the emulators of the providers, or all that are installed."""
    here = plugins.installed("emulators")
    wanted = sorted(here) if providers is None else sorted(set(providers))
    missing = [name for name in wanted if name not in here]
    if missing or not here:
        raise PluginError(
            f"No emulator of {', '.join(missing) or 'any provider'} is installed, which --sandbox needs.",
            hint=f"Install it: pip install 'dpn-sandbox[{','.join(missing) or 'aws'}]'",
        )
    return {name: plugins.import_plugin(here[name]) for name in wanted}


def start(world: World, providers: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """Start what is not running, in the sandbox's world; give for each provider the settings that lead to it."""
    return {name: emulator.start(world, str(world.home)) for name, emulator in emulators(providers).items()}
