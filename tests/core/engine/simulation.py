"""Searches over crashes, faults and strangers, and what must hold after each run.

By default each search takes a sample with a fixed seed; `DPN_SIMULATION=full` takes all. A failure names its case, and
`DPN_SIMULATION="SCENARIO|CASE"` runs just that one.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dpn.engine.effects import Append, Call, Commit, Effect, End
from dpn.engine.fold import fold
from dpn.model import Plan
from dpn.testing.ledger import MemoryLedger

sys.path.insert(0, str(Path(__file__).parent))
from bench import Bench, CrashingDriver, agree, state_of
from odd import WRITES

MODE = os.environ.get("DPN_SIMULATION", "")
FAULTS = ("refuse", "drop", "lose", "throttle")


def sample(scenario: str, cases: Iterable[Any], size: int) -> Iterator[Any]:
    """Give the cases to run: all, a sample that is the same each time, or the one that is asked for."""
    listed = list(cases)
    if "|" in MODE:
        yield from (case for case in listed if f"{scenario}|{case}" == MODE)
    elif MODE == "full" or len(listed) <= size:
        yield from listed
    else:
        yield from random.Random(f"dpn {scenario}").sample(listed, size)


@dataclass
class RecordingLedger(MemoryLedger):
    """Remembers all entries and syncs of a run after the journal has been put away."""

    written: list[Any] = field(default_factory=list)

    def append(self, entry: Any) -> int:
        seq = super().append(entry)
        self.written.append(self.entries[-1])
        return seq


class WatchingDriver(CrashingDriver):
    """Asserts at every effect that the journal knows of it beforehand."""

    engine: Any = None
    sent: dict[int, str]

    def run(self, engine: Any, effects: Iterable[Effect]) -> None:
        self.engine, self.sent = engine, {}
        super().run(engine, effects)

    def _answer(self, effect: Effect) -> Any:
        ledger, do = self._ledger, effect.do
        assert isinstance(ledger, MemoryLedger)
        durable = ledger.entries[: ledger.durable]
        if isinstance(do, Append):
            self._one_result(durable, do)
        if isinstance(do, (Commit, End)):
            assert any(entry["t"] == "commit" for entry in durable), f"{do} before the decision was durable"
        if isinstance(do, Call) and do.method in WRITES:
            return self._written(durable, effect, do)
        if not isinstance(do, (Commit, End)) and ledger.entries:
            told = fold(ledger.snapshot.records, ledger.entries)
            assert told == dict(self.engine.records), "the journal tells another story than the engine"
        return super()._answer(effect)

    def _one_result(self, durable: list[Any], do: Append) -> None:
        if do.entry["t"] == "result":
            assert any(entry["t"] == "intent" and entry["seq"] == do.entry["of"] for entry in durable)
            assert not any(entry.get("of") == do.entry["of"] for entry in self._ledger.entries), "a second result"  # type: ignore[attr-defined]

    def _written(self, durable: list[Any], effect: Effect, do: Call) -> Any:
        if do.change is None:  # a thing made twice or too late is deleted: its operation id is known
            assert do.method == "delete"
            op = do.args[1].marker.op
            known = {entry.get("op") for entry in durable} | {entry["op"] for entry in self._ledger.snapshot.watch}
            assert op in known, f"{do.args[1]} is deleted and nobody knows it"
            return super()._answer(effect)
        over = {entry["of"] for entry in durable if entry["t"] == "result"}
        intents = [
            entry["seq"] for entry in durable
            if entry["t"] == "intent" and entry["address"] == do.change.address and entry["seq"] not in over
            and do.change.step and entry["method"] == do.change.step.method
        ]  # fmt: skip
        assert intents, f"{do.method} of {do.change.address} without a durable intent"
        if do.method == "create" and do.kind != "mem_pass":
            assert self.sent.get(intents[-1]) != "unknown", "a create was sent again while it was in doubt"
        answer = super()._answer(effect)
        self.sent[intents[-1]] = answer.fault.outcome if answer.fault else "applied"
        return answer


@dataclass
class Lab:
    """A scenario, prepared: what is there before, the plan, and what it leads to."""

    name: str
    start: Bench
    plan: Plan
    was: Any
    will_be: Any
    effects: int
    calls: int
    loose: tuple[str, ...] = ()
    runs: int = 0

    def run(self, case: str, *, at: int = -1, before: bool = False, fault: Any = None, **options: Any) -> Bench:
        """Run the plan on a copy; its last outcome is in `bench.outcome`."""
        bench = self.start.fork()
        return self.go(bench, case, self.plan, at=at, before=before, fault=fault, **options)

    def go(
        self, bench: Bench, case: str, plan: Plan | None = None, *, at: int = -1, before: bool = False,
        fault: Any = None, moments: Any = None, **options: Any,
    ) -> Bench:  # fmt: skip
        """Run a plan, or recover, on this bench."""
        self.runs += 1
        bench.cloud.calls.clear()
        bench.cloud.fault = fault(bench) if fault else lambda *_: None
        bench.cloud.moments = moments(bench) if moments else {}
        try:
            bench.outcome = bench.run(plan, at=at, before=before, driver=CrashingDriver, **options)
        except Exception as error:
            raise AssertionError(f'DPN_SIMULATION="{self.name}|{case}": {error!r}') from error
        bench.cloud.fault, bench.cloud.moments = (lambda *_: None), {}
        return bench

    def settled(self, bench: Bench, case: str, *, allow: Any = None) -> None:
        """Recover without faults until nothing is open, and check what is left."""
        replay = f'DPN_SIMULATION="{self.name}|{case}"'
        if bench.snapshot.journal:
            assert bench.outcome in ("crash", "blocked"), replay
            self.go(bench, case)
            assert bench.outcome in ("rolled_back", "done"), f"{replay}: {bench.engine and dict(bench.engine.blocked)}"
        else:
            assert bench.outcome in ("done", "rolled_back", "crash"), f"{replay}: {bench.outcome}"
        now = state_of(bench)
        try:
            agree(bench, self.loose)
            assert now in (self.was, self.will_be)
        except AssertionError as error:
            raise AssertionError(f"{replay}: {error}\n{now}\nbefore: {self.was}") from error
        if bench.outcome != "crash":
            expected = self.will_be if bench.outcome == "done" else self.was
            assert now == expected, f"{replay}: {bench.outcome}, yet\n{now}\nis not\n{expected}"


def prepare(
    name: str,
    before: tuple[Any, ...],
    after: tuple[Any, ...],
    twist: Callable[[Bench], None] | None = None,
    loose: tuple[str, ...] = (),
) -> Lab:
    """Bring about what is there before, and see what the plan leads to, watched at every effect."""
    start = Bench(ledger_type=RecordingLedger)
    if before:
        assert start.apply(*before) == "done"
        agree(start)
    if twist:
        twist(start)
    plan, problems = start.plan(*after)
    assert not problems, problems
    done = start.fork()
    done.ledger_type = RecordingLedger
    assert done.run(plan, driver=WatchingDriver) == "done"
    agree(done, loose)
    calls = len(done.cloud.calls)
    return Lab(name, start, plan, state_of(start), state_of(done), done.steps.done, calls, loose)


def at_call(number: int, wrong: str, *, for_ever: bool = False) -> Callable[[Bench], Any]:
    """Let the call with this number go wrong, or all from it on."""

    def fault(bench: Bench) -> Any:
        def decide(_kind: str, _method: str, _name: str) -> str | None:
            made = len(bench.cloud.calls) - 1
            return wrong if made == number or (for_ever and made > number) else None

        return decide

    return fault


def at_calls(wrongs: dict[int, str]) -> Callable[[Bench], Any]:
    """Let some calls go wrong."""
    return lambda bench: lambda *_: wrongs.get(len(bench.cloud.calls) - 1)


def failing(number: int, later: Callable[[Bench], Any]) -> Callable[[Bench], Any]:
    """Refuse the call with this number, so that all is undone, and go on with another fault."""

    def fault(bench: Bench) -> Any:
        other = later(bench)
        return lambda *call: "refuse" if len(bench.cloud.calls) - 1 == number else other(*call)

    return fault


def last_write(lab: Lab) -> int:
    """Give the number of the last write call of the plan, by running it."""
    bench = lab.run("writes")
    return max(number for number, (_, method, _) in enumerate(bench.cloud.calls) if method in WRITES)


__all__ = [
    "FAULTS", "Lab", "RecordingLedger", "WatchingDriver", "at_call", "at_calls", "failing", "last_write", "prepare",
    "sample",
]  # fmt: skip
