"""What the group `dpn.emulators` is given for each cloud: how `--sandbox` and `dpn sandbox` reach its process.

Importing it is cheap: the cloud itself lives in a process of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dpn import World
from dpn_sandbox import life
from dpn_sandbox.home import Files, Running


@dataclass(frozen=True, slots=True)
class Emulator:
    """One cloud. `name` is that of the provider and of the extra that brings the packages which it `needs`.

    `settings` and `environment` give, for the address of a running sandbox, the settings of the provider and the
    variables of the cloud's own tools. `own` is set in the environment of its process.
    """

    name: str
    settings: Callable[[str], Mapping[str, Any]]
    environment: Callable[[str], Mapping[str, str]]
    needs: tuple[str, ...] = ()
    own: Mapping[str, str] = field(default_factory=dict)

    def start(self, world: World, home: str) -> Mapping[str, Any]:
        """Start the sandbox unless it runs; give the settings of the provider that lead to it."""
        return self.settings(self._running(world, home).url)

    def stop(self, world: World, home: str) -> bool:
        """Stop the sandbox; tell whether it ran. Its objects are there again after the next start."""
        return life.stop(world, self.files(home))

    def reset(self, world: World, home: str) -> None:
        """Drop all objects, whether the sandbox runs or not."""
        life.reset(world, self.files(home))

    def env(self, world: World, home: str) -> Mapping[str, str]:
        """Give the variables that lead the cloud's tools to the sandbox; it is started, as its port is known then."""
        return self.environment(self._running(world, home).url)

    def files(self, home: str) -> Files:
        """Give the names of the files in a home."""
        return Files(Path(home), self.name)

    def _running(self, world: World, home: str) -> Running:
        life.need(self.name, *self.needs)
        return life.ensure(world, self.files(home), self.own)
