"""The log of applied writes: what makes the objects of the sandbox survive a restart.

One write a line: CRC-32 of the rest, then JSON. It is not synced, for it guards nobody's data; what is torn or
damaged at its end is cut off at the next start.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from dpn import World
from dpn_sandbox.cloud import Moment
from dpn_sandbox.wire import Request


@dataclass
class RequestLog:
    """The open log. `append` and `replay` are called by one thread at a time."""

    world: World
    path: Path
    _fd: int = field(init=False)
    _end: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        """Open the file, which is made if there is none."""
        self._fd = self.world.disk.open(self.path)

    def replay(self) -> Iterator[tuple[Request, Moment]]:
        """Give each write with its moment, the oldest first; then cut off what cannot be read."""
        self._end = 0
        for line in self.world.disk.read(self.path).splitlines(keepends=True):
            entry = _decode(line)
            if entry is None:
                break
            yield entry
            self._end += len(line)
        self.world.disk.truncate(self._fd, self._end)

    def append(self, request: Request, moment: Moment) -> None:
        """Add a write that was applied."""
        line = _encode(request, moment)
        self.world.disk.write(self._fd, line, self._end)
        self._end += len(line)

    def clear(self) -> None:
        """Forget all writes."""
        self.world.disk.truncate(self._fd, 0)
        self._end = 0

    def close(self) -> None:
        """Let go of the file."""
        self.world.disk.close(self._fd)


def _encode(request: Request, moment: Moment) -> bytes:
    entry = {
        "method": request.method,
        "target": request.target,
        "headers": dict(request.headers),
        "spelling": dict(request.spelling),
        "body": base64.b64encode(request.body).decode(),
        "seed": moment.seed,
        "at": moment.at,
    }
    text = json.dumps(entry, separators=(",", ":")).encode()
    return b"%08x %s\n" % (zlib.crc32(text), text)


def _decode(line: bytes) -> tuple[Request, Moment] | None:
    crc, _, text = line.rstrip(b"\n").partition(b" ")
    if not line.endswith(b"\n") or crc != b"%08x" % zlib.crc32(text):
        return None
    entry = json.loads(text)
    body = base64.b64decode(entry["body"])
    request = Request(entry["method"], entry["target"], entry["headers"], entry["spelling"], body)
    return request, Moment(entry["seed"], entry["at"])
