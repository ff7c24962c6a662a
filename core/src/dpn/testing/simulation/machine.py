"""One simulated machine with its disk and its clock, and the cloud that outlives it; every step of both is counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dpn.store.file import FileBackend
from dpn.testing.simulation.cloud import CloudImage, SimCloud
from dpn.testing.simulation.disk import DiskImage, SimDisk
from dpn.world import World

STACK = "lab.dev"
_HOME = Path("/dpn")


class Crash(BaseException):
    """The machine has stopped; nothing may catch it, as nothing catches SIGKILL."""


@dataclass(frozen=True, slots=True)
class Image:
    """Everything that outlives a process, at one moment."""

    disk: DiskImage
    cloud: CloudImage
    now: float
    ids: int


class Machine:
    """A `World` over a simulated disk, clock and randomness, and a cloud. Restored to an image, it is a new process.

    A step is an operation that changes disk or cloud. Step number `crash_at`, from 1 in each life, is not carried out:
    the machine stops before it. `on_step` hears of each step before it takes effect, `on_doing` of everything that a
    process asks for: what is appended, committed, told and called.
    """

    def __init__(self) -> None:
        self.disk, self.cloud = SimDisk(self._step), SimCloud(step=self._step)
        self._now, self._ids = 1_700_000_000.0, 0
        self.steps = 0
        self.crash_at: int | None = None
        self.stopped = False
        self.on_step: Callable[[int], None] | None = None
        self.on_doing: Callable[[str, Any], None] = lambda _what, _value: None
        self.world = World(env={}, cwd=Path("/"), clock=self, rng=self, sleep=self.sleep, disk=self.disk)
        self.backend = FileBackend(self.world, _HOME, insist=True)  # whether a real mount is shared says nothing here

    def _step(self, _: str) -> None:
        self.steps += 1
        if self.on_step:
            self.on_step(self.steps)
        self.stopped = self.stopped or self.steps == self.crash_at
        if self.stopped:  # whoever catches a Crash, as a dispatcher does for what a provider raises, gets no further
            raise Crash

    def image(self) -> Image:
        """Give what a crash at this moment would leave."""
        return Image(self.disk.image(), self.cloud.image(), self._now, self._ids)

    def restore(self, image: Image) -> None:
        """Begin a life as a new process over what an image holds."""
        self.disk.restart(image.disk)
        self.cloud.restore(image.cloud)
        self._now, self._ids, self.steps = image.now, image.ids, 0
        self.crash_at, self.stopped, self.on_step, self.cloud.wrong = None, False, None, {}

    # clock and randomness, as the World wants them ----------------------------------------------------------------

    def now(self) -> float:
        """Give the simulated time."""
        return self._now

    monotonic = now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self._now += seconds

    def getrandbits(self, _: int, /) -> int:
        """Give the next number: every id is new, and the same in each run."""
        self._ids += 1
        return self._ids

    def random(self) -> float:
        """Give the middle."""
        return 0.5
