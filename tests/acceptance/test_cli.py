"""Each folder of `cli` holds files, commands, and what the last of them prints.

`cmd`: a command a line, run in this process with the in-memory provider `mem` beside those that are installed. What is
checked is the last one: its standard output (`stdout.txt`), its exit code (`code`) and, where there is one, standard
error (`stderr.txt`). A line `refuse METHOD NAME` lets the cloud refuse such calls from then on, `copy FILE FILE`
copies. `ROOT` stands for the folder. All other files are what the commands work on.
"""

from __future__ import annotations

import random
import shlex
import shutil
import sys
from contextlib import redirect_stderr, redirect_stdout
from functools import partial
from io import StringIO
from pathlib import Path
from unittest.mock import patch

import pytest

from dpn.cli import Session, main
from dpn.cli.console import Console
from dpn.testing.clocks import FastClock
from dpn.testing.memory import Cloud, MemoryPlugin
from dpn.world import World

CASES = Path(__file__).with_name("cli")
EXPECTED = {"cmd", "stdout.txt", "stderr.txt", "code"}


def carried_out(case: Path, folder: Path) -> tuple[str, str, int]:
    """Run the commands of a case in a folder; give output, errors and exit code of the last one."""
    for path in case.iterdir():
        if path.name not in EXPECTED:
            (shutil.copytree if path.is_dir() else shutil.copy)(path, folder / path.name)
    cloud, last = Cloud(), ("", "", 0)
    refused: list[tuple[str, str]] = []
    env = {"DPN_HOME": str(folder / "home"), "TERM": "dumb"}
    world = World(env=env, cwd=folder, clock=FastClock(), rng=random.Random(7), sleep=lambda _: None)
    for line in (case / "cmd").read_text("utf-8").splitlines():
        name, *words = shlex.split(line)
        if name == "dpn":
            last = ran(words, world, cloud)
        elif name == "copy":
            shutil.copy(folder / words[0], folder / words[1])
        else:
            refused.append((words[0], words[1]))
            cloud.fault = partial(refusing, refused)
    out, err, code = last
    return out.replace(str(folder), "ROOT"), err.replace(str(folder), "ROOT"), code


def refusing(refused: list[tuple[str, str]], kind: str, method: str, name: str) -> str | None:
    return "refuse" if any(method == one and part in name for one, part in refused) else None


def ran(words: list[str], world: World, cloud: Cloud) -> tuple[str, str, int]:
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err), patch.object(sys, "stdin", StringIO()):
        code = main(words, Session(world, (MemoryPlugin(cloud),), Console(world.env)))
    return out.getvalue(), err.getvalue(), code


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir()))
def test_cli(case: str, tmp_path: Path) -> None:
    out, err, code = carried_out(CASES / case, tmp_path)
    assert out == (CASES / case / "stdout.txt").read_text("utf-8")
    if (CASES / case / "stderr.txt").exists():
        assert err == (CASES / case / "stderr.txt").read_text("utf-8")
    assert code == int((CASES / case / "code").read_text("utf-8"))
