"""The files of an emulator in the sandbox's home, and what a running server says of itself there."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from dpn import World

_PORTS = 65536


@dataclass(frozen=True, slots=True)
class Running:
    """A server that listens on 127.0.0.1; `nonce` is the secret of its control endpoints, `failed` why it ended."""

    pid: int
    port: int
    nonce: str
    failed: str = ""

    @property
    def url(self) -> str:
        """Give the address of the server."""
        return f"http://127.0.0.1:{self.port}"


@dataclass(frozen=True, slots=True)
class Files:
    """The names of one emulator in a home folder, which several may share."""

    folder: Path
    emulator: str

    @property
    def server(self) -> Path:
        """What the running server says of itself (0600)."""
        return self.folder / f"{self.emulator}.json"

    @property
    def starting(self) -> Path:
        """Locked by the process that starts a server."""
        return self.folder / f"{self.emulator}.starting"

    @property
    def serving(self) -> Path:
        """Locked by the server for as long as it lives, so that a home never has two."""
        return self.folder / f"{self.emulator}.serving"

    @property
    def log(self) -> Path:
        """What the server has to say: it has no standard streams."""
        return self.folder / f"{self.emulator}.log"

    @property
    def requests(self) -> Path:
        """The writes that were applied, replayed at the next start."""
        return self.folder / f"{self.emulator}.requests"


def read_running(world: World, files: Files) -> Running | None:
    """Give what the file says; None when there is none or it is not readable as such. It may be out of date."""
    try:
        said = json.loads(world.disk.read(files.server))
        running = Running(int(said["pid"]), int(said["port"]), str(said["nonce"]), str(said.get("failed", "")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return running if running.port in range(_PORTS) else None


def write_running(world: World, files: Files, running: Running) -> None:
    """Replace the file in one step; it is private from its first byte."""
    disk, draft = world.disk, files.server.with_suffix(f".json.{running.pid}")
    disk.remove(draft)
    fd = disk.create(draft)
    try:
        disk.write(fd, json.dumps(asdict(running)).encode(), 0)
    finally:
        disk.close(fd)
    disk.rename(draft, files.server)
