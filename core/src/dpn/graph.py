"""Directed graphs of names: order, cycles, what is reached. Without recursion, linear but for the ties."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from heapq import heapify, heappop, heappush


class CycleError(ValueError):
    """Things need each other in a circle; `path` begins and ends with the same name."""

    def __init__(self, path: list[str]) -> None:
        super().__init__(" -> ".join(path))
        self.path = path


def order(needs: Mapping[str, Iterable[str]]) -> list[str]:
    """Give all keys so that each stands after what it needs, ties by name; needs that are no keys are ignored.

    CycleError if there is no such order. O((n + edges) log n).
    """
    waiting = {name: {need for need in wanted if need in needs} for name, wanted in needs.items()}
    users: dict[str, list[str]] = {}
    for name, wanted in waiting.items():
        for need in wanted:
            users.setdefault(need, []).append(name)
    left = {name: len(wanted) for name, wanted in waiting.items()}
    free = [name for name, count in left.items() if not count]
    heapify(free)
    out: list[str] = []
    while free:
        out.append(name := heappop(free))
        for user in users.get(name, ()):
            left[user] -= 1
            if not left[user]:
                heappush(free, user)
    if len(out) < len(needs):
        raise CycleError(find_cycle(waiting) or [])
    return out


def find_cycle(needs: Mapping[str, Iterable[str]]) -> list[str] | None:
    """Give one cycle as a path that ends where it began, the same one each time; None if there is none."""
    done: set[str] = set()
    for start in sorted(needs):
        trail: list[str] = [start]
        on_trail = {start}
        branches = [iter(sorted(needs[start]))] if start not in done else []
        while branches:
            step = next(branches[-1], None)
            if step is None:
                branches.pop()
                last = trail.pop()
                on_trail.discard(last)
                done.add(last)
            elif step in on_trail:
                return [*trail[trail.index(step) :], step]
            elif step not in done and step in needs:
                trail.append(step)
                on_trail.add(step)
                branches.append(iter(sorted(needs[step])))
    return None


def closure(needs: Mapping[str, Iterable[str]], *starts: str) -> set[str]:
    """Give the starts and everything they need, directly or not; for dependents, pass the graph turned round."""
    out: set[str] = set()
    queue = list(starts)
    while queue:
        name = queue.pop()
        if name not in out:
            out.add(name)
            queue.extend(needs.get(name, ()))
    return out
