"""A case: what goes wrong in each life of a scenario. It can be written, and read back to be replayed.

`create a box: 3 lose, burst, crash 17 torn/kept | crash 4 lost/lost` means: the reply to call 3 is lost; all calls in
flight are carried out before one is heard; the machine stops before step 17, what was unsynced is torn in the middle
and new names are kept; the next process stops before its step 4. What comes after the last life is undisturbed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from dpn.testing.simulation.disk import Data, Names

_WORDS = re.compile(
    r"(?P<call>\d+) (?P<fault>[a-z]+)|stop (?P<stop>\d+)|crash (?P<crash>\d+) (?P<data>\w+)/(?P<names>\w+)"
    r"|spoil (?P<spoil>[a-z-]+)|skip (?P<skip>[^,|]+)|(?P<accept>accept)|(?P<order>eager|burst|[rs]\d\w*)"
)


@dataclass(frozen=True, slots=True)
class Life:
    """One process: which calls go wrong, in which order things are heard, when it is stopped, how it dies.

    skip, accept: what a person tells it to leave as it is, an address or all.
    """

    wrong: tuple[tuple[int, str], ...] = ()
    order: str = "eager"
    stop: int | None = None
    crash: int | None = None
    data: Data = "kept"
    names: Names = "kept"
    spoil: str = ""
    accept: bool = False
    skip: str = ""

    def __str__(self) -> str:
        words = [f"{call} {fault}" for call, fault in self.wrong]
        words += [self.order] if self.order != "eager" else []
        words += [] if self.stop is None else [f"stop {self.stop}"]
        words += [] if self.crash is None else [f"crash {self.crash} {self.data}/{self.names}"]
        words += [f"skip {self.skip}"] if self.skip else []
        words += ["accept"] if self.accept else []
        words += [f"spoil {self.spoil}"] if self.spoil else []
        return ", ".join(words) or "eager"

    def dying(self, crash: int, data: Data, names: Names) -> Life:
        """Give the same life with a crash."""
        return replace(self, crash=crash, data=data, names=names)


@dataclass(frozen=True, slots=True)
class Case:
    """A scenario and its disturbed lives; written, it can be replayed."""

    scenario: str
    lives: tuple[Life, ...] = ()

    def __str__(self) -> str:
        return f"{self.scenario}: {' | '.join(map(str, self.lives))}"

    def then(self, life: Life) -> Case:
        """Give the case with one more life."""
        return Case(self.scenario, (*self.lives, life))


def parse(text: str) -> Case:
    """Read a case back; ValueError when it is none."""
    scenario, colon, rest = text.rpartition(": ")
    if not colon:
        raise ValueError(f"{text!r} is no case: SCENARIO: LIFE | LIFE …")
    return Case(scenario, tuple(_life(part.strip()) for part in rest.split("|")))


def _life(text: str) -> Life:
    life = Life()
    for word in text.split(", "):
        found = _WORDS.fullmatch(word)
        if not found:
            raise ValueError(f"{word!r} says nothing of a life")
        if found["fault"]:
            life = replace(life, wrong=(*life.wrong, (int(found["call"]), found["fault"])))
        elif found["stop"]:
            life = replace(life, stop=int(found["stop"]))
        elif found["spoil"] or found["skip"]:
            life = replace(life, spoil=found["spoil"] or life.spoil, skip=found["skip"] or life.skip)
        elif found["accept"]:
            life = replace(life, accept=True)
        elif found["crash"]:
            life = life.dying(int(found["crash"]), found["data"], found["names"])  # type: ignore[arg-type]  # as written
        else:
            life = replace(life, order=found["order"])
    return life
