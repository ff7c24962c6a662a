"""A laboratory for the middle of core: blueprints in a folder, an in-memory cloud, and the public doors to both."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from dpn import api
from dpn.disk import RealDisk
from dpn.model import Event, Record
from dpn.store.journal import decode
from dpn.testing.memory import Cloud, MemoryPlugin
from dpn.world import World

CANARY = "canary-Zq7xN2"


class FastClock:
    """Each look at the monotonic clock finds that a minute has passed: waits are over at once."""

    _ticks = count()  # of all laboratories: no two things happen at one time

    def now(self) -> float:
        return 1_800_000_000.0 + next(self._ticks)

    def monotonic(self) -> float:
        return next(self._ticks) * 60.0


class CountingDisk(RealDisk):
    """Counts what makes things durable instead of waiting for it, and knows how much of each file would be."""

    def __init__(self) -> None:
        self.syncs = 0
        self.durable: dict[Path, int] = {}
        self._paths: dict[int, Path] = {}
        self._ends: dict[Path, int] = {}

    def create(self, path: Path) -> int:
        fd = super().create(path)
        self._paths[fd] = path
        self._ends[path] = self.durable[path] = 0
        return fd

    def open(self, path: Path) -> int:
        fd = super().open(path)
        self._paths[fd] = path
        return fd

    def write(self, fd: int, data: bytes, offset: int) -> None:
        super().write(fd, data, offset)
        path = self._paths[fd]
        self._ends[path] = max(self._ends.get(path, 0), offset + len(data))

    def sync(self, fd: int) -> None:
        self.syncs += 1
        self.durable[self._paths[fd]] = self._ends.get(self._paths[fd], 0)

    def sync_folder(self, folder: Path) -> None:
        """Do nothing: nobody pulls the plug here."""


@dataclass
class Lab:
    """One folder with a blueprint, one home, one cloud."""

    root: Path
    cloud: Cloud = field(default_factory=Cloud)
    plugin: type[MemoryPlugin] = MemoryPlugin
    objects: list[Any] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    disk: CountingDisk = field(default_factory=CountingDisk)
    env: dict[str, str] = field(default_factory=lambda: {"CANARY": CANARY})

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def world(self) -> World:
        env = {"DPN_HOME": str(self.home), **self.env}
        return World(
            env=env, cwd=self.root, clock=FastClock(), rng=random.SystemRandom(), disk=self.disk, sleep=lambda _: None
        )

    def options(self, **more: Any) -> api.Options:
        """Give options for the blueprint of this folder; `file=None` goes without."""
        settings: dict[str, Any] = {"file": self.root / "blueprint.json", "tell": self.events.append, **more}
        return api.Options(plugins=(self.plugin(self.cloud), *self.objects), **settings)

    def write(self, *things: Mapping[str, Any], **more: Any) -> Path:
        """Write a blueprint of bodies that `thing` made."""
        resources: dict[str, dict[str, Any]] = {}
        for body in things:
            for address, content in body.items():
                kind, _, name = address.partition(".")
                resources.setdefault(kind, {})[name] = content
        path = self.root / "blueprint.json"
        content = {"version": "1", "stack": "lab", "metadata": {"project": "acme", "environment": "dev"}, **more}
        path.write_text(json.dumps({**content, "resources": resources}))
        return path

    def thing(self, address: str, name: str | None = None, **spec: Any) -> dict[str, Any]:
        """Give a body: what core knows (`protect`, `was`, …) beside the spec."""
        known = ("needs", "protect", "on_delete", "was", "existing", "id", "provider", "for_each", "naming")
        body = {key: spec.pop(key) for key in known if key in spec}
        if name is not None or "naming" not in body:
            body["name"] = name or "the-" + address.partition(".")[2]
        return {address: {**body, "spec": spec}}

    # doors ----------------------------------------------------------------------------------------------------

    def plan(self, *things: Mapping[str, Any], **options: Any) -> api.Planned:
        if things:
            self.write(*things)
        return api.plan(self.options(**options), self.world)

    def actions(self, *things: Mapping[str, Any], **options: Any) -> dict[str, str]:
        """Plan, and give the action of each address."""
        return {change.address: change.action for change in self.plan(*things, **options).plan.changes}

    def apply(self, *things: Mapping[str, Any], **options: Any) -> api.Applied:
        if things:
            self.write(*things)
        control = options.pop("control", None)
        return api.apply(self.options(**options), self.world, control=control)

    def outcome(self, *things: Mapping[str, Any], **options: Any) -> str | None:
        """Apply, and give the outcome; None if nothing had to be done."""
        result = self.apply(*things, **options).result
        return result.outcome if result else None

    def delete(self, *addresses: str, **more: Any) -> api.Applied:
        options = more.pop("options", None) or self.options()
        return api.delete(options, addresses, self.world, **more)

    def recover(self, *, skip: Iterable[str] = (), accept: bool = False, **options: Any) -> api.Result | None:
        found = api.recover(self.options(**options), self.world, skip=skip, accept=accept)["lab.dev"]
        assert not isinstance(found, Exception)  # of the one stack that is named, it is raised
        return found

    def empty(self) -> bool:
        return api.is_empty(self.plan().plan)

    # looks ----------------------------------------------------------------------------------------------------

    def records(self) -> Mapping[str, Record]:
        return api.records(self.options(file=None, stack="lab.dev"), self.world)[0]

    def open(self) -> bool:
        return bool(api.records(self.options(file=None, stack="lab.dev"), self.world)[1].journal)

    def journal(self) -> list[Mapping[str, Any]]:
        """Give the entries of the open journal that a crash just now would leave."""
        path = self.home / "stacks" / "lab.dev" / "journal"
        durable = self.disk.durable[path]  # before the look: it only grows
        try:
            return list(decode(path.read_bytes()[:durable]).entries)
        except FileNotFoundError:  # it has just ended
            return self.last_journal()

    def last_journal(self) -> list[Mapping[str, Any]]:
        """Give the entries of the journal that ended last."""
        paths = sorted((self.home / "stacks" / "lab.dev" / "history").iterdir())
        return list(decode(paths[-1].read_bytes()).entries)

    def standing(self) -> tuple[list[str], Mapping[str, Record]]:
        """Give what must be the same after an undo: all but the ids of what had to be made again."""
        there = sorted(f"{seen.ref.kind} {seen.ref.name} {sorted(seen.spec.items())}" for seen in self.seen())
        return there, {address: replace(record, op="", id="") for address, record in self.records().items()}

    def seen(self) -> list[Any]:
        return list(self.cloud.objects.values())

    def called(self, *methods: str) -> list[tuple[str, str, str]]:
        """Give the calls of these methods."""
        return [call for call in self.cloud.calls if call[1] in methods]

    def fault_at(self, number: int, fault: str) -> None:
        """Let call `number`, counted from now, go wrong once."""
        start = len(self.cloud.calls)
        self.cloud.fault = lambda *_: fault if len(self.cloud.calls) == start + number + 1 else None

    def no_faults(self) -> None:
        self.cloud.fault = lambda *_: None


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)
