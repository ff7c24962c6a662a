"""Clocks for tests: one stands still until somebody sleeps, for the other every wait is over at once."""

from __future__ import annotations

from itertools import count


class StillClock:
    """A clock that moves only when somebody sleeps; `time` is now, in seconds."""

    def __init__(self, time: float = 1_700_000_000.0) -> None:
        self.time = time

    def now(self) -> float:
        """Give seconds since the epoch."""
        return self.time

    def monotonic(self) -> float:
        """Give the same: it never goes back."""
        return self.time

    def sleep(self, seconds: float) -> None:
        """Let the time pass."""
        self.time += seconds


class FastClock:
    """The same time on each day and each machine; each look at the monotonic clock finds that a minute has passed."""

    def __init__(self) -> None:
        self._ticks = count()

    def now(self) -> float:
        """Give seconds since the epoch."""
        return 1_800_000_000.0

    def monotonic(self) -> float:
        """Give a minute more than the last time."""
        return next(self._ticks) * 60.0
