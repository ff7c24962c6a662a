"""The searches: a crash at every step and whatever the disk makes of it, a fault at every call, and both, repeatedly.

Every search yields, one after another, what runs and judges a case of one scenario; a Violation stops none of them.
`Effort` says how many of the cases are taken: all, or a sample that is the same each time.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import combinations, cycle
from typing import TypeAlias, TypeVar

from dpn.extensions import Snapshot
from dpn.testing.simulation.case import Case, Life
from dpn.testing.simulation.cloud import FAULTS, ON_LOOKS, ON_NAMELESS, WRITES
from dpn.testing.simulation.disk import OUTCOMES
from dpn.testing.simulation.driver import ORDERS, Violation
from dpn.testing.simulation.lab import Lab, telling
from dpn.testing.simulation.machine import Image
from dpn.testing.simulation.process import Ended

T = TypeVar("T")


@dataclass
class Effort:
    """How much is done of what could be: `limit` cases of each search and scenario, or all (None); `seed` chooses."""

    limit: int | None = 100
    seed: str = "dpn"

    def some(self, name: str, cases: Sequence[T], share: float = 1.0) -> Iterable[T]:
        """Give all cases or a sample, in order."""
        size = len(cases) if self.limit is None else int(self.limit * share)
        if size >= len(cases):
            return cases
        picked = random.Random(f"{self.seed} {name}").sample(range(len(cases)), size)  # noqa: S311 - a sample
        return [cases[number] for number in sorted(picked)]


@dataclass
class Found:
    """What came of searching one scenario."""

    scenario: str
    runs: int = 0
    lives: int = 0
    violations: list[str] = field(default_factory=list)


Cases: TypeAlias = Iterator[Callable[[], None]]
"""What runs and judges each case."""

Search: TypeAlias = Callable[[Lab, Effort], Cases]


def searched(lab: Lab, effort: Effort, searches: Iterable[Search] | None = None, *, at_most: int = 20) -> Found:
    """Run searches over one scenario; give up after so many violations."""
    found = Found(lab.scenario.name)
    for search in searches or SEARCHES:
        try:
            with telling(f"{lab.scenario.name}: in {search.__name__}"):  # what it begins with is broken already
                _try_all(search(lab, effort), found, at_most)
        except Violation as broken:
            found.violations.append(str(broken))
        if len(found.violations) >= at_most:
            break
    found.runs, found.lives = lab.runs, lab.lives
    return found


def _try_all(cases: Cases, found: Found, at_most: int) -> None:
    for run in cases:
        try:
            run()
        except Violation as broken:
            found.violations.append(str(broken))
            if len(found.violations) >= at_most:
                return


def _dead(image: Image) -> Ended:
    return Ended("crash", image, Snapshot("", "", 0, 0, {}))


def _deaths(effort: Effort, case: Case, life: Life, ended: Ended, share: float = 1.0) -> Iterator[tuple[Case, Image]]:
    """Give the crashes of a life, each with the case that it makes and what it leaves; a step has a few outcomes."""
    steps = list(enumerate(ended.images, 1))
    for step, image in effort.some(f"{case} {life}", steps, share / 2):
        for data, names, disk in image.disk.survivors():
            yield case.then(life.dying(step, data, names)), replace(image, disk=disk)


def a_crash_at_every_step(lab: Lab, effort: Effort) -> Cases:
    """Crash before each step, with whatever the disk makes of it, in both orders of hearing."""
    for order in ORDERS:
        life = Life(order=order)
        ended = lab.live(lab.start, life, lab.plan, watch=True)
        for case, image in _deaths(effort, Case(lab.scenario.name), life, ended):
            yield partial(lab.settle, _dead(image), case)


def faults_of(lab: Lab, calls: Sequence[tuple[str, str, str]]) -> list[tuple[int, str]]:
    """Give each fault of each call."""
    return [(number, wrong) for number, call in enumerate(calls) for wrong in _possible(lab, *call)]


def _possible(lab: Lab, kind: str, method: str, _name: str) -> Iterable[str]:
    if method not in WRITES:
        return ON_LOOKS
    repeats = method == "create" and lab.kinds[kind].name_rule.unique == "none"
    return (*FAULTS, *ON_NAMELESS) if repeats else FAULTS


def _undisturbed(lab: Lab) -> Ended:
    return lab.live(lab.start, Life(), lab.plan)


def _faulty(lab: Lab, effort: Effort, share: float = 1.0) -> Iterable[Life]:
    faults = faults_of(lab, _undisturbed(lab).calls)
    return [Life(wrong=(fault,)) for fault in effort.some(f"{lab.scenario.name} faults", faults, share)]


def a_fault_at_every_call(lab: Lab, effort: Effort) -> Cases:
    """One fault, of every kind, at every call."""
    for life in _faulty(lab, effort):
        yield partial(lab.run, Case(lab.scenario.name, (life,)))


def two_faults(lab: Lab, effort: Effort) -> Cases:
    """Every pair of faults; the second also in what the first leads to."""
    calls = _undisturbed(lab).calls
    more = [(len(calls) + number, wrong) for number in range(6) for wrong in FAULTS]
    pairs = list(combinations([*faults_of(lab, calls), *more], 2))
    for pair in effort.some(f"{lab.scenario.name} pairs", [pair for pair in pairs if pair[0][0] != pair[1][0]]):
        case = Case(lab.scenario.name, (Life(wrong=pair),))
        yield partial(lab.run, case)


def a_fault_and_a_crash(lab: Lab, effort: Effort) -> Cases:
    """One fault at every call, and a crash at every step of what it leads to."""
    lives = list(_faulty(lab, effort, 0.25))
    for life in lives:
        ended = lab.live(lab.start, life, lab.plan, watch=True)
        for case, image in _deaths(effort, Case(lab.scenario.name), life, ended, 1 / max(1, len(lives))):
            yield partial(lab.settle, _dead(image), case)


def _first_deaths(lab: Lab, effort: Effort) -> list[tuple[Case, Image]]:
    """Give crashes of an undisturbed run, for searches that go on from there."""
    ended = lab.live(lab.start, Life(), lab.plan, watch=True)
    return list(_deaths(effort, Case(lab.scenario.name), Life(), ended, 0.25))


def a_crash_in_recovery(lab: Lab, effort: Effort) -> Cases:
    """Crash at every step, and again at every step of the recovery from it."""
    deaths = _first_deaths(lab, effort)
    for case, image in deaths:
        again = lab.live(image, Life(), watch=True)
        for twice, left in _deaths(effort, case, Life(), again, 1 / max(1, len(deaths))):
            yield partial(lab.settle, _dead(left), twice)


def a_fault_in_recovery(lab: Lab, effort: Effort) -> Cases:
    """Crash at every step, and let every call of the recovery from it go wrong."""
    deaths = _first_deaths(lab, effort)
    for case, image in deaths:
        faults = faults_of(lab, lab.live(image, Life()).calls)
        for fault in effort.some(f"{case} faults", faults, 1 / max(1, len(deaths))):
            disturbed = Life(wrong=(fault,))
            yield partial(lab.go_on, image, disturbed, case.then(disturbed))


def a_signal_at_every_turn(lab: Lab, effort: Effort) -> Cases:
    """Send a signal to stop whenever something is heard."""
    turns = list(range(_undisturbed(lab).turns))
    for stop in effort.some(f"{lab.scenario.name} stops", turns):
        case = Case(lab.scenario.name, (Life(stop=stop, order="burst" if stop % 2 else "eager"),))
        yield partial(lab.run, case)


def _deaths_of_undoing(lab: Lab, effort: Effort) -> Iterator[tuple[Case, Image]]:
    """Give crashes of a run that is being undone, for a person to decide what stays."""
    if lab.scenario.moments or lab.scenario.loose:
        return  # others were at work: applying again leads elsewhere
    for life in _faulty(lab, effort, 0.1):
        if lab.late(life.wrong[0][1]):
            continue  # what lands after it was accepted is drift
        ended = lab.live(lab.start, life, lab.plan, watch=True)
        yield from _deaths(effort, Case(lab.scenario.name), life, ended, 0.1)


def a_person_accepts(lab: Lab, effort: Effort) -> Cases:
    """Crash at every step of a run that is being undone, and let a person accept what there is."""
    for case, image in _deaths_of_undoing(lab, effort):
        accepting = Life(accept=True)
        yield partial(lab.go_on, image, accepting, case.then(accepting))


def a_person_skips(lab: Lab, effort: Effort) -> Cases:
    """Crash in the same way, and let a person leave one address as it is, each in its turn."""
    changed = [change.address for change in lab.plan.changes if change.steps] if lab.plan else []
    for (case, image), address in zip(_deaths_of_undoing(lab, effort), cycle(changed), strict=False):
        skipping = Life(skip=address)
        yield partial(lab.go_on, image, skipping, case.then(skipping))


def damage_after_a_crash(lab: Lab, effort: Effort) -> Cases:
    """Crash, and then do damage that no crash does, to the state or in the middle of the journal."""
    ended = lab.live(lab.start, Life(), lab.plan, watch=True)
    cases = [(how, step) for step, image in enumerate(ended.images, 1) for how in image.disk.spoils()]
    for how, step in effort.some(f"{lab.scenario.name} damage", cases, 0.3):
        case = Case(lab.scenario.name, (Life(spoil=how).dying(step, "kept", "kept"),))
        yield partial(lab.run, case)


def at_random(lab: Lab, effort: Effort) -> Cases:
    """Up to three disturbed lives, each with faults, a signal, a shuffled order and a crash, all by chance."""
    rng = random.Random(f"{effort.seed} {lab.scenario.name}")  # noqa: S311 - a seed that can be said again
    usual = _undisturbed(lab)
    for number in range(effort.limit if effort.limit is not None else 2000):
        lives = tuple(_random_life(rng, usual, f"r{number}x{part}") for part in range(rng.randint(1, 3)))
        case = Case(lab.scenario.name, lives)
        yield partial(lab.run, case)


def _random_life(rng: random.Random, usual: Ended, order: str) -> Life:
    calls = sorted(rng.sample(range(len(usual.calls) + 6), min(rng.randint(0, 3), len(usual.calls))))
    life = Life(
        tuple((call, rng.choice(list(FAULTS))) for call in calls), order=rng.choice((*ORDERS, order)),
        stop=rng.randrange(usual.turns + 5) if rng.randrange(5) == 0 else None,
    )  # fmt: skip
    chosen = rng.choice(OUTCOMES)
    return life.dying(rng.randint(1, usual.steps + 10), *chosen) if rng.randrange(5) else life


SEARCHES: tuple[Search, ...] = (
    a_crash_at_every_step, a_fault_at_every_call, two_faults, a_fault_and_a_crash, a_crash_in_recovery,
    a_fault_in_recovery, a_signal_at_every_turn, damage_after_a_crash, a_person_accepts, a_person_skips,
    at_random,
)  # fmt: skip
