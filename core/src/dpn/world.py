"""The world as one value: clock, ids, randomness, sleep, disk, HTTP, processes and environment.

Whatever touches the outside goes through a `World` that is passed in, so that a test can hand over another one.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from dpn.disk import Disk, RealDisk

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"


class Clock(Protocol):
    """Wall time for show, monotonic time for waiting; both in seconds."""

    def now(self) -> float:
        """Give seconds since the epoch."""

    def monotonic(self) -> float:
        """Give seconds of a clock that never goes back, and goes on while the machine is suspended."""


# Linux stops its monotonic clock while the machine sleeps, and a lease would run out unseen; that of macOS goes on.
_MONOTONIC = getattr(time, "CLOCK_BOOTTIME", None) or getattr(time, "CLOCK_MONOTONIC", None)


class RealClock:
    """The clock of this machine."""

    now = staticmethod(time.time)

    def monotonic(self) -> float:
        """Give seconds of a clock that never goes back, and goes on while the machine is suspended."""
        return time.monotonic() if _MONOTONIC is None else time.clock_gettime(_MONOTONIC)


class Rng(Protocol):
    """Randomness; `random.Random` is one."""

    def getrandbits(self, k: int, /) -> int:
        """Give a number of `k` random bits."""

    def random(self) -> float:
        """Give a number in [0, 1)."""


class SystemRng:
    """Randomness of the operating system, without the 5 ms that importing `random` costs."""

    def getrandbits(self, k: int, /) -> int:
        """Give a number of `k` random bits."""
        return int.from_bytes(os.urandom((k + 7) // 8), "big") >> (-k % 8)

    def random(self) -> float:
        """Give a number in [0, 1)."""
        return self.getrandbits(53) / 2.0**53


def ulid(clock: Clock, rng: Rng) -> str:
    """Give a new ULID in lower case: 48 bits of milliseconds, 80 bits of randomness, 26 characters."""
    number = (int(clock.now() * 1000) << 80) | rng.getrandbits(80)
    return "".join(_CROCKFORD[(number >> shift) & 31] for shift in range(125, -1, -5))


def fetch(method: str, url: str, body: bytes | None = None, timeout: float = 5) -> tuple[int, bytes]:
    """Send one HTTP request and give status and body; raise OSError when nobody answers."""
    from urllib.error import HTTPError  # noqa: PLC0415 - costs 40 ms, needed by the sandbox only
    from urllib.request import ProxyHandler, Request, build_opener

    opener = build_opener(ProxyHandler({}))  # loopback never goes through a proxy
    try:
        with opener.open(Request(url, data=body, method=method), timeout=timeout) as reply:  # noqa: S310 - our own URLs
            return reply.status, reply.read()
    except HTTPError as error:
        return error.code, error.read()


def spawn(command: Sequence[str], env: Mapping[str, str]) -> int:
    """Start a detached process (own session, streams on /dev/null, no inherited descriptors); give its id."""
    import subprocess  # noqa: PLC0415 - only here, with a list and never a shell; 8 ms

    null = subprocess.DEVNULL
    process = subprocess.Popen(  # noqa: S603 - a list, no shell, built by us
        list(command), env=dict(env), stdin=null, stdout=null, stderr=null, start_new_session=True, close_fds=True
    )
    process.returncode = 0  # detached on purpose: nobody waits for it, and it is no leak
    return process.pid


@dataclass(frozen=True)
class World:
    """Everything outside that dpn may touch."""

    env: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    cwd: Path = field(default_factory=Path.cwd)
    clock: Clock = field(default_factory=RealClock)
    rng: Rng = field(default_factory=SystemRng)
    sleep: Callable[[float], None] = time.sleep
    disk: Disk = field(default_factory=RealDisk)
    fetch: Callable[..., tuple[int, bytes]] = fetch
    spawn: Callable[[Sequence[str], Mapping[str, str]], int] = spawn

    def new_id(self) -> str:
        """Give a new ULID."""
        return ulid(self.clock, self.rng)

    @property
    def home(self) -> Path:
        """The folder of state and configuration: `DPN_HOME`, else `~/.dpn`."""
        if named := self.env.get("DPN_HOME"):
            return self.cwd / named
        return Path(self.env.get("HOME") or Path.home()) / ".dpn"
