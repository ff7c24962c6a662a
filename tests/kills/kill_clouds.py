"""The two clouds as processes of their own: they keep their objects when dpn dies."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dpn import World, api
from dpn_sandbox import aws, databricks
from dpn_sandbox.home import Running, read_running
from dpn_sandbox.testing import DatabricksSandbox, Sandbox

Objects = Mapping[tuple[str, str], Any]
"""What there is in both clouds, by collection and id."""

_AWS = ("buckets", "databases", "tables")
# What tells one from another of the same name; a catalog has no id, and dpn takes the time of its birth for one.
_DATABRICKS = {"catalogs": "created_at", "schemas": "schema_id", "tables": "table_id", "jobs": "job_id"}


@dataclass(frozen=True)
class Clouds:
    """Both clouds, and the home from which dpn works on them."""

    home: Path
    aws: Sandbox
    databricks: DatabricksSandbox

    @property
    def world(self) -> World:
        """Give the world of a user who has that home."""
        env = {"HOME": str(self.home), "DPN_HOME": str(self.home / "home")}
        return World(env=env, cwd=self.home)

    @property
    def stacks(self) -> Path:
        """Give the folder of the stacks of the sandbox's home."""
        return self.home / "home" / "sandbox" / "stacks"

    def options(self, blueprint: Mapping[str, Any], name: str) -> api.Options:
        """Write a blueprint and give what `dpn VERB FILE --sandbox` gives."""
        file = self.home / f"{name}.json"
        file.write_text(json.dumps(blueprint), "utf-8")
        return api.Options(file=file, sandbox=True)

    def objects(self) -> Objects:
        """Give what there is; what comes and goes with a catalog, such as its information_schema, has no id."""
        here, there = self.aws.objects(), self.databricks.objects()
        found = {(f"aws.{name}", key): value for name in _AWS for key, value in here[name].items()}
        for name, identity in _DATABRICKS.items():
            things = there.get(name, {}).values()
            found |= {(f"databricks.{name}", str(thing[identity])): thing for thing in things if identity in thing}
        return found

    def reset(self) -> None:
        """Drop all objects and rules."""
        self.aws.reset()
        self.databricks.reset()


@contextmanager
def running_clouds(home: Path) -> Iterator[Clouds]:
    """Start both servers, each a process of its own, and stop them at the end."""
    world = World(env={"PATH": World().env["PATH"], "HOME": str(home)}, cwd=home)
    folder = str(home / "home" / "sandbox")
    (home / "home").mkdir(mode=0o700)
    emulators = (aws, databricks)
    try:
        for emulator in emulators:
            emulator.start(world, folder)
        yield Clouds(home, Sandbox(_of(world, aws, folder)), DatabricksSandbox(_of(world, databricks, folder)))
    finally:
        for emulator in emulators:
            emulator.stop(world, folder)


def _of(world: World, emulator: Any, folder: str) -> Running:
    running = read_running(world, emulator.files(folder))
    assert running
    return running
