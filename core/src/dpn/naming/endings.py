"""A hash at the end of a name: of every name (`hash_generation`), or of one that was cut (`shorten`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dpn.errors import Problem
from dpn.name_rule import WORLDWIDE
from dpn.naming.filters import ALGORITHMS, BASE32, digest
from dpn.naming.narrowing import setting_problem
from dpn.naming.rule import convert_case, ending_apart, letters, word_separator
from dpn.naming.settings import Settings
from dpn.provider import NameRule

LENGTHS = range(6, 33)
"""Measured collisions among 100,000 names: 276 with 6 hexadecimal digits, none with 8 characters of base 32."""

_LONG, _SHORT, _ROOMY = 10, 8, 40


@dataclass(frozen=True, slots=True)
class Ending:
    """How the hash of a name is made and joined to it; `case` is that of the kind's names."""

    separator: str
    prefix: str = ""
    length: int = _SHORT
    algorithm: str = "sha256"
    case: str = "any"

    @property
    def size(self) -> int:
        """How many characters it adds."""
        return len(self.separator) + len(self.prefix) + self.length

    def of(self, name: str) -> str:
        """Give what is put behind a name; the hash is that of the whole name, never of one that was cut."""
        return convert_case(f"{self.separator}{self.prefix}{digest(name, self.length, self.algorithm)}", self.case)

    def behind(self, name: str, ends: Iterable[str]) -> str:
        """Put it behind a name; a suffix among `ends` (`.fifo`) stays last."""
        body, last = ending_apart(name, ends)
        return f"{body}{self.of(name)}{last}"


def usual_length(rule: NameRule) -> int:
    """Give the length where nobody says one: longer where all the world shares the names and there is room."""
    return _LONG if rule.unique in WORLDWIDE and rule.max >= _ROOMY else _SHORT


def make(settings: Settings, kind: str, rule: NameRule, key: str, given: Mapping[str, Any]) -> Ending | Problem:
    """Make the ending that a transformation asks for; a Problem if names of the kind cannot have it."""
    ending = Ending(
        given.get("separator", word_separator(rule)),
        given.get("prefix", ""),
        given.get("length") or usual_length(rule),
        given.get("algorithm", "sha256"),
        letters(rule),
    )
    reason = next(_faults(ending, rule), None)
    return setting_problem(settings, kind, key, reason) if reason else ending


def _faults(ending: Ending, rule: NameRule) -> Iterator[str]:
    if ending.algorithm not in ALGORITHMS:
        yield f"asks for {ending.algorithm}; only {', '.join(ALGORITHMS)} keep names apart that somebody wants equal"
    if ending.length not in LENGTHS:
        yield f"asks for {ending.length} characters of a hash; {LENGTHS.start} to {LENGTHS.stop - 1} are sound"
    added = convert_case(ending.separator + ending.prefix + BASE32, ending.case)
    wrong = re.sub(f"[{rule.charset}]", "", added, flags=re.ASCII) if rule.charset else ""
    if wrong:
        yield f"adds {wrong[0]!r}, which the names cannot hold"
