"""Pairs and triples of crashes and faults, in runs and in what undoes them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from scenarios import LOOSE, SCENARIOS
from simulation import FAULTS, Lab, at_call, at_calls, failing, last_write, prepare, sample

LABS: dict[str, Lab] = {}


def _lab(name: str) -> Lab:
    return LABS.get(name) or LABS.setdefault(name, prepare(name, *SCENARIOS[name], LOOSE.get(name, ())))


@pytest.fixture(params=SCENARIOS)
def lab(request: pytest.FixtureRequest) -> Lab:
    return _lab(request.param)


def test_a_crash_at_any_effect(lab: Lab) -> None:
    for at, before in sample(lab.name, [(at, before) for at in range(lab.effects) for before in (True, False)], 45):
        lab.settled(lab.run(f"({at}, {before})", at=at, before=before), f"({at}, {before})")


def test_a_fault_at_any_call(lab: Lab) -> None:
    for call, wrong in sample(lab.name, [(call, wrong) for call in range(lab.calls) for wrong in FAULTS], 60):
        case = str((call, wrong))
        lab.settled(lab.run(case, fault=at_call(call, wrong)), case)


def test_a_fault_and_a_crash(lab: Lab) -> None:
    cases = [(call, wrong, at) for call in range(lab.calls) for wrong in FAULTS for at in range(lab.effects + 20)]
    for case in sample(lab.name, cases, 45):
        call, wrong, at = case
        lab.settled(lab.run(str(case), at=at, fault=at_call(call, wrong)), str(case))


def test_two_faults(lab: Lab) -> None:
    pairs = [(one, two) for one in range(lab.calls) for two in range(one + 1, lab.calls + 12)]
    cases = [(one, two, a, b) for one, two in pairs for a in FAULTS for b in FAULTS]
    for case in sample(lab.name, cases, 45):
        one, two, a, b = case
        lab.settled(lab.run(str(case), fault=at_calls({one: a, two: b})), str(case))


def test_a_crash_at_every_effect_of_a_recovery(lab: Lab) -> None:
    cases = [(at, then, before) for at in range(lab.effects) for then in range(40) for before in (True, False)]
    for case in sample(lab.name, cases, 45):
        at, then, before = case
        bench = lab.run(str(case), at=at)
        if bench.snapshot.journal:
            lab.go(bench, str(case), at=then, before=before)
        lab.settled(bench, str(case))


def test_three_crashes(lab: Lab) -> None:
    cases = [(at, one, two) for at in range(lab.effects) for one in range(40) for two in range(40)]
    for case in sample(lab.name, cases, 40):
        bench = lab.run(str(case), at=case[0])
        for at in case[1:]:
            if bench.snapshot.journal:
                lab.go(bench, str(case), at=at, before=bool(at % 2))
        lab.settled(bench, str(case))


def test_faults_while_it_is_undone(lab: Lab) -> None:
    last = last_write(lab)
    cases = [(call, wrong, ever) for call in range(last + 1, last + 30) for wrong in FAULTS for ever in (True, False)]
    for case in sample(lab.name, cases, 45):
        call, wrong, ever = case
        bench = lab.run(str(case), fault=failing(last, at_call(call, wrong, for_ever=ever)))
        assert bench.outcome in ("rolled_back", "blocked"), f"{lab.name}|{case}: {bench.outcome}"
        lab.settled(bench, str(case))


def test_faults_while_it_recovers(lab: Lab) -> None:
    cases = [
        (at, call, wrong, ever) for at in range(lab.effects) for call in range(25) for wrong in FAULTS
        for ever in (True, False)
    ]  # fmt: skip
    for case in sample(lab.name, cases, 45):
        at, call, wrong, ever = case
        bench = lab.run(str(case), at=at)
        if bench.snapshot.journal:
            lab.go(bench, str(case), fault=at_call(call, wrong, for_ever=ever))
            assert bench.outcome in ("rolled_back", "blocked", "done"), f"{lab.name}|{case}: {bench.outcome}"
        lab.settled(bench, str(case))
