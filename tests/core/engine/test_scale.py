"""Many things at once: random graphs, signals, sleepers that are woken, and what one answer costs."""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from dpn.engine.core import Engine
from dpn.engine.effects import Answer, Append, Call, Effect, Sleep, Tell
from dpn.model import Observed, Ref
from dpn.testing.simulation.process import header_of
from dpn.testing.simulation.scenarios import BOX, CRATE, DESK, NEXT, ROBOT, ROOM, SHELF, thing

sys.path.insert(0, str(Path(__file__).parent))
from bench import Bench, CrashingDriver, agree, state_of
from watched import sample

ALL = (BOX, SHELF, NEXT, ROBOT, CRATE, ROOM, DESK)


class StoppingDriver(CrashingDriver):
    """Tells the engine to stop after effect number `stop`; answers sleepers last, as a clock would."""

    stop = -1

    def run(self, engine: Any, effects: Any) -> None:
        waiting: list[Effect] = list(effects)
        slept = 0
        while waiting:
            if self.done == self.stop:
                self.done += 1
                waiting += engine.stop("a signal")
            awake = next((item for item in waiting if not isinstance(item.do, Sleep)), waiting[0])
            waiting.remove(awake)
            if isinstance(awake.do, Tell):
                self._tell(awake.do)
                continue
            slept += isinstance(awake.do, Sleep)
            waiting += engine.feed(self._answer(awake))


def _stopping(at: int) -> Any:
    def make(*args: Any) -> StoppingDriver:
        driver = StoppingDriver(*args)
        driver.stop = at
        return driver

    return make


@pytest.mark.parametrize("way", ["create", "delete", "change"])
def test_a_signal_at_any_effect_undoes_what_was_done(way: str) -> None:
    start = Bench()
    red = thing("mem_crate.c", "crate-c", size=4, color="red")
    before, after = {"create": ((), ALL), "delete": (ALL, ()), "change": (ALL, (*ALL[:4], red, ROOM))}[way]
    assert not before or start.apply(*before) == "done"
    plan, _ = start.plan(*after)
    was = state_of(start)
    done = start.fork()
    assert done.run(plan, driver=_stopping(-1)) == "done"
    will_be = state_of(done)
    for at in sample(f"signal {way}", range(done.steps.done), 80):
        bench = start.fork()
        outcome = bench.run(plan, driver=_stopping(at))
        assert outcome in ("done", "rolled_back"), (at, bench.engine and bench.engine.blocked)
        assert state_of(bench) == (will_be if outcome == "done" else was), at
        agree(bench)


def test_many_sleepers_are_woken_by_one_failure() -> None:
    bench = Bench()
    robots = [thing(f"mem_robot.r{number:02}", f"robot-{number:02}", job="x") for number in range(30)]

    def fault(kind: str, method: str, _name: str) -> str | None:
        return "refuse" if (kind, method) == ("mem_crate", "put") else None

    bench.cloud.fault = fault
    plan, _ = bench.plan(*robots, CRATE)
    assert bench.run(plan, driver=_stopping(-1)) == "rolled_back"
    assert bench.cloud.names() == []


def _graph(seed: int, size: int, salt: str = "") -> list[Any]:
    rng = random.Random(seed)
    out: list[Any] = []
    shelves: list[str] = []
    box = 0
    for number in range(size):
        if number % 3 == 0 or not shelves:
            out.append(thing(f"mem_box.b{number}", f"box-{number}", size=number, color=salt if number % 7 == 0 else ""))
            box = number
            shelves.append(f"mem_shelf.s{number}")
            out.append(
                thing(shelves[-1], f"shelf-{number}", box=f"${{mem_box.b{number}}}", note=f"${{mem_box.b{box}}}")
            )
        elif number % 3 == 1:
            near = rng.choice(shelves)
            shelves.append(f"mem_shelf.n{number}")
            out.append(thing(shelves[-1], f"near-{number}{salt}", box=f"${{mem_box.b{box}}}", beside=f"${{{near}}}"))
        else:
            out.append(thing(f"mem_robot.r{number}", f"robot-{number}", job=f"${{{rng.choice(shelves)}}}"))
    return out


@pytest.mark.parametrize("seed", range(3))
def test_random_graphs_survive_crashes_and_faults(seed: int) -> None:
    rng, start = random.Random(seed), Bench()
    assert start.apply(*_graph(seed, 30)) == "done"
    plan, problems = start.plan(*_graph(seed, 30, "x")[:-8])
    assert not problems
    done = start.fork()
    assert done.run(plan) == "done"
    was, will_be = state_of(start), state_of(done)
    for case in sample(f"graph {seed}", range(done.steps.done), 25):
        bench = start.fork()
        calls = rng.randrange(len(done.cloud.calls))
        bench.cloud.fault = lambda *_, b=bench, n=calls: "lose" if len(b.cloud.calls) - 1 == n else None
        bench.run(plan, at=case)
        bench.cloud.fault = lambda *_: None
        if bench.snapshot.journal:
            assert bench.run() in ("rolled_back", "done"), (case, bench.engine and bench.engine.blocked)
        agree(bench)
        assert state_of(bench) in (was, will_be), case


def test_a_thousand_things_are_made_and_undone() -> None:
    bench = Bench()
    wants = _graph(7, 770)
    assert len(wants) >= 1000
    last = {"n": 0}

    def fault(_kind: str, method: str, _name: str) -> str | None:
        last["n"] += method == "create"
        return "refuse" if method == "create" and last["n"] > len(wants) - 3 else None

    bench.cloud.fault = fault
    assert bench.apply(*wants) == "rolled_back"
    assert bench.cloud.names() == []
    agree(bench)


class Echo:
    """Answers as a provider would that does nothing, and counts."""

    def __init__(self, bench: Bench) -> None:
        self.seq, self.things, self.bench, self.answers = 0, {}, bench, 0  # type: ignore[var-annotated]

    def answer(self, effect: Effect) -> Answer:
        do, self.answers = effect.do, self.answers + 1
        if isinstance(do, Append):
            self.seq += 1
            return Answer(effect.key, self.seq - 1)
        if not isinstance(do, Call):
            return Answer(effect.key, value=False)
        if do.method == "create":
            want = do.args[0]
            made = Ref(do.kind, want.name, want.name, want.parent)
            self.things[do.kind, want.name] = Observed(made, {}, want.marker)
            return Answer(effect.key, made)
        if do.method == "delete":
            self.things.pop((do.kind, do.args[0].name))
        value = (
            self.things.get((do.kind, do.args[0].name))
            if do.method == "read"
            else [] if do.method == "contents" else None
        )
        return Answer(effect.key, value)


def _cost(size: int, fail: bool) -> tuple[float, int]:
    """Give seconds for each answer of a run with so many things, and the answers."""
    bench = Bench()
    wants = [thing(f"mem_box.b{number}", f"box-{number:06}", size=1) for number in range(size)]
    plan, _ = bench.plan(*wants)
    engine = _engine(bench)
    echo = Echo(bench)
    began = time.process_time()
    waiting = list(engine.start(bench.snapshot, header_of(plan, bench.snapshot.serial), plan))
    echo.seq = 1
    while waiting:
        effect = waiting.pop()
        if isinstance(effect.do, Tell):
            continue
        waiting += engine.feed(echo.answer(effect))
        if fail and echo.answers == size * 9:
            waiting += engine.stop("enough")
    assert engine.outcome == ("rolled_back" if fail else "done")
    return (time.process_time() - began) / echo.answers, echo.answers


def _engine(bench: Bench) -> Any:
    kinds = bench.plugins().kinds
    return Engine("lab.dev", kinds, new_id=lambda: "op", now=lambda: 0.0, jitter=lambda: 0.5, width=10, settle=0.0)


@pytest.mark.parametrize("fail", [False, True])
def test_an_answer_costs_the_same_however_many_things_there_are(fail: bool) -> None:
    small, few = _cost(150, fail)
    large, many = _cost(1500, fail)
    assert many < 11 * few
    assert large < 3 * small, f"{small * 1e6:.0f} us with 150 things, {large * 1e6:.0f} us with 1,500"
