"""Which of many dependent things can start: a ready queue, longest way to go first, what cannot be undone last."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from heapq import heappop, heappush


class Schedule:
    """Hand out keys whose needs are done; needs that are not keys here count as done.

    Keys in `late` are held back until nothing else is ready or running, so that they come as late as dependencies
    allow.
    """

    def __init__(self, needs: Mapping[str, Iterable[str]], late: Collection[str] = ()) -> None:
        self._open = {key: {need for need in wanted if need in needs and need != key} for key, wanted in needs.items()}
        self._users: dict[str, list[str]] = {key: [] for key in needs}
        for key, wanted in self._open.items():
            for need in wanted:
                self._users[need].append(key)
        self._late = frozenset(late)
        self._heights = self._measure()
        self._ready: list[tuple[int, str]] = []
        self._held: list[tuple[int, str]] = []
        self.running: set[str] = set()
        self.left = set(needs)
        for key in sorted(needs):
            if not self._open[key]:
                self._offer(key)

    def take(self) -> str | None:
        """Start the next key, or None if none can start now."""
        if not self._ready and not self.running and self._held:
            self._ready, self._held = self._held, []
        if not self._ready:
            return None
        key = heappop(self._ready)[1]
        self.running.add(key)
        return key

    def done(self, key: str) -> None:
        """Tell that a key is done; those that waited for it may start."""
        self.running.discard(key)
        self.left.discard(key)
        for user in self._users[key]:
            self._open[user].discard(key)
            if not self._open[user]:
                self._offer(user)

    def drop(self, key: str) -> list[str]:
        """Give up a key and all that waits for it; give the latter."""
        self.running.discard(key)
        self.left.discard(key)
        lost: list[str] = []
        reached = [key]
        while reached:
            for user in self._users[reached.pop()]:
                if user in self.left:
                    self.left.discard(user)
                    lost.append(user)
                    reached.append(user)
        return lost

    def _offer(self, key: str) -> None:
        heappush(self._held if key in self._late else self._ready, (-self._heights[key], key))

    def _measure(self) -> dict[str, int]:
        """Give each key the length of the longest chain that waits for it."""
        heights = dict.fromkeys(self._open, 0)
        waiting = {key: len(users) for key, users in self._users.items()}
        ends = [key for key, count in waiting.items() if not count]
        while ends:
            key = ends.pop()
            for need in self._open[key]:
                heights[need] = max(heights[need], heights[key] + 1)
                waiting[need] -= 1
                if not waiting[need]:
                    ends.append(need)
        return heights
