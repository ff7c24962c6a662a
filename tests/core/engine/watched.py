"""What a transaction is watched with: a ledger that remembers, a driver that holds each effect against it, samples.

By default a search takes a sample with a fixed seed; `DPN_SIMULATION=full` takes all.
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
from dpn.testing.ledger import MemoryLedger
from dpn.testing.simulation.cloud import WRITES

sys.path.insert(0, str(Path(__file__).parent))
from bench import Bench, CrashingDriver

MODE = os.environ.get("DPN_SIMULATION", "")


def sample(scenario: str, cases: Iterable[Any], size: int) -> Iterator[Any]:
    """Give the cases to run: all, or a sample that is the same each time."""
    listed = list(cases)
    if MODE == "full" or len(listed) <= size:
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


def at_call(number: int, wrong: str, *, for_ever: bool = False) -> Callable[[Bench], Any]:
    """Let the call with this number go wrong, or all from it on."""

    def fault(bench: Bench) -> Any:
        def decide(_kind: str, _method: str, _name: str) -> str | None:
            made = len(bench.cloud.calls) - 1
            return wrong if made == number or (for_ever and made > number) else None

        return decide

    return fault
