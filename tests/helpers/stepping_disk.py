"""A disk around another one that can stop or fail before any operation, those that only look included."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dpn.disk import Disk


class Crash(BaseException):
    """The machine has stopped."""


class SteppingDisk:
    """`at` is called with the number of each operation, from 1, and may raise before it is done.

    A close that fails has let go even so. After a Crash nothing more can be done until `stopped` is taken back.
    """

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self.at: Callable[[int], None] = lambda _: None
        self.operations = 0
        self.stopped = False

    def __getattr__(self, name: str) -> Callable[..., Any]:
        work = getattr(self._disk, name)

        def do(*args: Any) -> Any:
            if self.stopped:
                raise Crash
            self.operations += 1
            try:
                self.at(self.operations)
            except Crash:
                self.stopped = True
                raise
            except OSError:
                if name == "close":
                    work(*args)
                raise
            return work(*args)

        return do
