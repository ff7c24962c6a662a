"""When the server ends: it is asked to, or nobody has asked it anything for a while."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from dpn import World


class Pulse:
    """Counts the requests that are being answered, and remembers when the last one was."""

    def __init__(self, world: World) -> None:
        """Begin as if a request had just been answered."""
        self._clock = world.clock
        self._change = threading.Condition()
        self._busy = 0
        self._last = world.clock.monotonic()
        self._ending = False

    @contextmanager
    def beat(self) -> Iterator[bool]:
        """Hold the server alive for one request; False when it is ending already."""
        with self._change:
            alive = not self._ending
            self._busy += 1
        try:
            yield alive
        finally:
            with self._change:
                self._busy -= 1
                self._last = self._clock.monotonic()
                self._change.notify_all()

    def end(self) -> None:
        """Ask the server to end."""
        with self._change:
            self._ending = True
            self._change.notify_all()

    def wait(self, idle: float, grace: float = 5.0) -> None:
        """Return when the server was asked to end, or has been idle for so many seconds.

        From then on new requests are turned away; those in work get `grace` seconds to finish.
        """
        with self._change:
            while not self._ending:
                rest = self._last + idle - self._clock.monotonic()
                if rest <= 0 and not self._busy:
                    self._ending = True
                else:
                    self._change.wait(max(rest, 0.05))
            self._change.wait_for(lambda: not self._busy, grace)
