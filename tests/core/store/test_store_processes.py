"""Real processes and real locks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dpn.errors import LockedError
from dpn.store import holder
from dpn.store.file import FileBackend
from dpn.world import World

HOLD = """
import sys, time
from pathlib import Path
from dpn.store import holder
from dpn.store.file import FileBackend
from dpn.world import World
world = World()
ledger = FileBackend(world, Path(sys.argv[1])).open("lake.dev", holder(world, "dpn apply"))
ledger.begin({}, 0)
ledger.append({"t": "intent"})
ledger.sync()
print("held", flush=True)
time.sleep(60)
"""

CYCLES = """
import os, sys
from pathlib import Path
from dpn.store import holder
from dpn.store.file import FileBackend
from dpn.world import World
world = World()
backend = FileBackend(world, Path(sys.argv[1]))
log = os.open(sys.argv[2], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
for _ in range(int(sys.argv[3])):
    ledger = backend.open("lake.dev", holder(world, "cycle"), timeout=60)
    generation = ledger.snapshot.generation
    os.write(log, f"enter {generation}\\n".encode())
    ledger.begin({}, 0)
    ledger.append({"t": "intent"})
    ledger.commit({})
    os.write(log, f"leave {generation}\\n".encode())
    ledger.end({"outcome": "done"})
    ledger.close()
"""


def start(script: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", script, *arguments], stdout=subprocess.PIPE, text=True)


@pytest.fixture
def world() -> World:
    return World()


def test_a_killed_holder_frees_the_lock_and_what_it_synced_is_there(world: World, home: Path) -> None:
    backend = FileBackend(world, home)
    with start(HOLD, str(home)) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(LockedError, match=f"process {process.pid} on {os.uname().nodename} .*`dpn apply`"):
            backend.open("lake.dev", holder(world, "second"))
        assert [entry["t"] for entry in backend.read("lake.dev").journal] == ["header", "intent"]
        process.send_signal(signal.SIGKILL)
        process.wait()
    ledger = backend.open("lake.dev", holder(world, "second"))
    assert [entry["t"] for entry in ledger.snapshot.journal] == ["header", "intent"]
    assert ledger.snapshot.generation == 2
    ledger.close()


def test_a_child_of_the_holder_does_not_keep_the_lock(world: World, home: Path) -> None:
    backend = FileBackend(world, home)
    ledger = backend.open("lake.dev", holder(world, "first"))
    script = "print('up', flush=True); input()"
    command, pipe = [sys.executable, "-c", script], subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, close_fds=False, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "up\n"  # until it runs a program of its own, a child has all that we have
        ledger.close()
        backend.open("lake.dev", holder(world, "second")).close()
        child.communicate("\n")


def test_eight_processes_never_overlap(home: Path, tmp_path: Path) -> None:
    log, cycles = tmp_path / "log", 6
    processes = [start(CYCLES, str(home), str(log), str(cycles)) for _ in range(8)]
    for process in processes:
        process.communicate()
    assert [process.returncode for process in processes] == [0] * 8
    lines = [line.split() for line in log.read_text().splitlines()]
    generations = [int(number) for _, number in lines]
    assert [what for what, _ in lines] == ["enter", "leave"] * (8 * cycles)
    assert generations == [number for number in range(1, 8 * cycles + 1) for _ in range(2)]
    assert FileBackend(World(), home).read("lake.dev").serial == 8 * cycles
