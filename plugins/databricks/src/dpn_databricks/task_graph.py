"""The tasks of a job as a graph: keys that stand twice, that nothing has, and tasks that wait for each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Any

Task = Mapping[str, Any]


def depends_on(task: Task) -> Iterator[tuple[int, str]]:
    """Yield the place and the key of each task that comes before this one."""
    there = task.get("depends_on")
    for index, one in enumerate(there if isinstance(there, (list, tuple)) else ()):
        key = one.get("task_key") if isinstance(one, Mapping) else one
        if isinstance(key, str):
            yield index, key


def cycle(tasks: Sequence[Task]) -> list[str]:
    """Give keys of tasks of which each depends on the next, and the last is the first again; or nothing."""
    keys = {task["task_key"] for task in tasks}
    graph = {task["task_key"]: [key for _, key in depends_on(task) if key in keys] for task in tasks}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        ring: list[str] = list(reversed(error.args[1]))[:-1]  # it goes from what is waited for to who waits
        start = ring.index(min(ring))
        return [*ring[start:], *ring[: start + 1]]
    return []
