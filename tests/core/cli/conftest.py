"""The command line in this process: words in; exit code, standard output and standard error out."""

from __future__ import annotations

import importlib
import json
import random
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from dpn.cli import Session, main
from dpn.cli.console import Console
from dpn.testing.clocks import FastClock
from dpn.testing.memory import Cloud, MemoryPlugin
from dpn.world import World


class Terminal(StringIO):
    """A stream that says that a person sits there."""

    def isatty(self) -> bool:
        return True


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Shell:
    """One folder, one home, one cloud with the provider `mem`; `typed` answers prompts, as on a terminal."""

    root: Path
    cloud: Cloud = field(default_factory=Cloud)
    env: dict[str, str] = field(default_factory=dict)
    plugins: tuple[Any, ...] = ()
    rng: random.Random = field(default_factory=lambda: random.Random(7))  # of all commands: no two ids are the same

    def __call__(self, *words: str, stdin: str = "", typed: str | None = None) -> Done:
        env = {"DPN_HOME": str(self.root / "home"), "TERM": "dumb", **self.env}
        world = World(env=env, cwd=self.root, clock=FastClock(), rng=self.rng, sleep=lambda _: None)
        new = StringIO if typed is None else Terminal
        out, err, answers = new(), new(), new(stdin if typed is None else typed)
        with redirect_stdout(out), redirect_stderr(err), patch.object(sys, "stdin", answers):
            session = Session(world, (MemoryPlugin(self.cloud), *self.plugins), Console(env))
            code = main(words, session)
        return Done(code, out.getvalue(), err.getvalue())

    def write(self, resources: Mapping[str, Any], name: str = "blueprint.json", **more: Any) -> Path:
        """Write a blueprint of resources by kind and id."""
        head = {"version": "1", "stack": "lab", "metadata": {"project": "acme", "environment": "dev"}}
        path = self.root / name
        path.write_text(json.dumps({**head, **more, "resources": resources}, indent=2) + "\n", "utf-8")
        return path

    def boxes(self, *names: str, **spec: Any) -> Path:
        """Write a blueprint of boxes."""
        return self.write({"mem_box": {name: {"naming": {"purpose": name}, "spec": spec} for name in names}})


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


@pytest.fixture
def install(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Give a function that lays down a package as pip would: metadata with entry points, and one module."""
    site, modules = tmp_path_factory.mktemp("site"), set[str]()
    monkeypatch.syspath_prepend(str(site))

    def lay_down(package: str, points: Mapping[str, str], code: str, version: str = "1.2") -> None:
        module = package.replace("-", "_")
        info = site / f"{module}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n")
        lines = [f"[{group}]\n{name} = {module}\n" for group, name in points.items()]
        (info / "entry_points.txt").write_text("".join(lines))
        (site / f"{module}.py").write_text(code)
        modules.add(module)
        importlib.invalidate_caches()

    yield lay_down
    for module in modules:
        sys.modules.pop(module, None)
