"""Measure what the journal costs a step, of a small run and of a large one: `nox -s bench`.

A provider that does nothing makes things, ten calls at a time, with the journal on the real disk. What is counted
for each step (a create) is the journal's bytes, its fsyncs, and the seconds in which it was written and made durable.
None of the three may grow with the size of the run. Small runs are repeated until they have as many steps as one tenth
of a large one, in turn with it, so that a busy disk disturbs both alike. Nothing fails here: the table says `over`
where a budget is exceeded.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

from dpn import Kind, Marker, NameRule, Observed, Provider, Ref, Want, World, api, hookimpl
from dpn.testing.watched import WatchedDisk

SMALL, LARGE = 100, 10_000
FSYNCS, RATIO = 2.0, 1.2
RULE = NameRule(r"[a-z][a-z0-9-]*", min=3, max=40, source="a benchmark", good=("abc",), bad=("A",))


class Thing(Kind):
    """What is made at once and remembered."""

    kind = "null_thing"
    name_rule = RULE
    default_pattern = "{project}"
    schema: ClassVar[Mapping[str, Any]] = {"type": "object", "additionalProperties": False, "properties": {}}
    marker = "tags"
    settle = 0
    session: dict[str, Observed]

    def create(self, want: Want) -> Ref:
        ref = Ref(self.kind, want.name, want.name)
        self.session[want.name] = Observed(ref, {}, want.marker)
        return ref

    def put(self, ref: Ref, part: str, want: Want, seen: Observed) -> None:
        """Do nothing: there are no parts."""

    def read(self, ref: Ref) -> Observed | None:
        return self.session.get(ref.name)

    def list(self, scope: Ref | None) -> Iterator[Observed]:
        yield from self.session.values()

    def delete(self, ref: Ref, seen: Observed) -> None:
        self.session.pop(ref.name, None)

    def mark(self, ref: Ref, marker: Marker | None, seen: Observed) -> None:
        self.session[ref.name] = replace(seen, marker=marker)


class Plugin:
    """The provider `null`."""

    @hookimpl
    def dpn_providers(self) -> list[Provider]:
        """Offer it."""
        return [Provider("null", (Thing,), connect=lambda _: {})]


@dataclass
class Cost:
    """What journals have cost so far."""

    steps: int = 0
    bytes: int = 0
    seconds: float = 0.0
    passed: Counter[str] = field(default_factory=Counter)

    def watch(self) -> Callable[[str], None]:
        """Give what is called before and after each operation of the disk."""
        began = [0.0]

        def at(point: str) -> None:
            file, operation, side = point.split(".")
            if file != "journal":
                return
            if side == "before":
                began[0] = time.perf_counter()
                return
            self.seconds += time.perf_counter() - began[0]
            self.passed[operation] += 1

        return at

    def a_step(self) -> tuple[float, float, float]:
        """Give bytes, fsyncs and microseconds."""
        return self.bytes / self.steps, self.passed["sync"] / self.steps, 1e6 * self.seconds / self.steps


def run(size: int, cost: Cost) -> None:
    """Make so many things in a home of their own, and add what the journal cost."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        things = {f"t{number}": {"name": f"thing-{number:05}"} for number in range(size)}
        document = {"version": "1", "stack": "bench", "metadata": {"project": "b", "environment": "dev"}}
        blueprint = folder / "blueprint.json"
        blueprint.write_text(json.dumps({**document, "resources": {"null_thing": things}}), "utf-8")
        plain = World(env={"HOME": name, "DPN_HOME": f"{name}/home"}, cwd=folder)
        world = replace(plain, disk=WatchedDisk(plain.disk, cost.watch()))
        applied = api.apply(api.Options(file=blueprint, plugins=(Plugin(),), parallelism=10), world)
        if not applied.result or applied.result.outcome != "done":
            sys.exit("the run failed; nothing to measure")
        (journal,) = (folder / "home" / "stacks" / "bench.dev" / "history").iterdir()
        cost.steps, cost.bytes = cost.steps + size, cost.bytes + journal.stat().st_size


def measure(small: int = SMALL, large: int = LARGE) -> tuple[Cost, Cost]:
    """Run both sizes in turn."""
    few, many = Cost(), Cost()
    for half in range(2):
        for _ in range(max(1, large // small // 20)):
            run(small, few)
        if half == 0:
            run(large, many)
    return few, many


def table(few: Cost, many: Cost, small: int = SMALL, large: int = LARGE) -> str:
    """Lay out what a step costs in both, and the ratio."""
    rows = list(zip(("bytes", "fsyncs", "microseconds"), few.a_step(), many.a_step(), strict=True))
    lines = [f"{'the journal, a step':22} {small:>8,} {large:>8,} {'ratio':>6} {'budget':>6}"]
    for name, one, other in rows:
        ratio, value = other / one, other
        kept = value <= FSYNCS and one <= FSYNCS if name == "fsyncs" else ratio <= RATIO
        budget = FSYNCS if name == "fsyncs" else RATIO
        lines.append(f"{name:22} {one:8.2f} {other:8.2f} {ratio:6.2f} {budget:6.2f} {'ok' if kept else 'over'}")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(*measure()))
