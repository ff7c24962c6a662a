"""Names that are too long: what may go goes, what may be cut is cut, and a hash of the whole name keeps names apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dpn.errors import Problem
from dpn.naming.endings import Ending, make
from dpn.naming.narrowing import setting_problem
from dpn.naming.pattern import Pattern, Piece
from dpn.naming.rule import ending_apart
from dpn.naming.settings import Settings
from dpn.naming.vocabulary import OPEN, Form
from dpn.provider import NameRule

KEPT = frozenset(("environment", "region"))
"""Never cut unless somebody says so of the region: they tell apart what is otherwise alike."""

_LEAST = 3
_SPARED = 2  # what cutting takes away too much: a separator that would stand last


@dataclass(frozen=True, slots=True)
class Shortening:
    """How names of a kind are shortened. floors: the characters that a token keeps at least; drops: tokens that may go.

    limit: the longest name; ends: suffixes that stay last; bytes: the limit counts bytes.
    """

    ending: Ending
    floors: Mapping[str, int]
    drops: frozenset[str]
    limit: int
    ends: tuple[str, ...] = ()
    bytes: bool = False

    def fit(self, pieces: Sequence[Piece]) -> tuple[str, Problem | None]:
        """Give a name that fits: as it is if it does, else cut and with a hash; a Problem with the numbers if not."""
        full = "".join(text for _, text in pieces)
        if self._size(pieces) <= self.limit:
            return full, None
        _, last = ending_apart(full, self.ends)
        room = self.limit - self.ending.size - len(last)
        left = _without_last(pieces, last)
        left = self._cut(self._dropped(left, room), room)
        text = "".join(piece for _, piece in left).rstrip(self.ending.separator or None)
        size = self._size([(None, text)])
        if size <= room:
            return f"{text}{self.ending.of(full)}{last}", None
        return full, self._too_long(full, left, size - room)

    def made(self, name: str) -> bool:
        """Tell whether a name may be a shortened one: it ends as such, and unless whole tokens go it is about full."""
        body, last = ending_apart(name, self.ends)
        tail = re.compile(f"{re.escape(self.ending.separator)}[a-z2-7]{{{self.ending.length}}}", re.IGNORECASE)
        full = len(body) + len(last) >= self.limit - _SPARED or bool(self.drops)
        return full and tail.fullmatch(body[-self.ending.size :]) is not None

    def reach_problems(self, kind: str, pattern: Pattern, longest: Mapping[str, int]) -> Iterator[Problem]:
        """Yield that even the shortest names are too long. longest: of the known values of each variable."""
        sizes = {
            name: self.floors.get(name, longest.get(name, 1)) for name in pattern.variables if name not in self.drops
        }
        pieces: list[Piece] = [(None, one) if isinstance(one, str) else (one.name, "") for one in pattern.flat]
        literals = self._size(self._dropped(pieces, -1))
        least = literals + sum(sizes.values()) + self.ending.size
        if least > self.limit:
            counted = ", ".join(f"{name} {size}" for name, size in sizes.items())
            message = (
                f"Shortened names of {kind} can still have {least} characters, the limit is {self.limit}: {counted}, "
                f"{literals} for what stands between, {self.ending.size} for the hash."
            )
            hint = "Let more tokens be cut or dropped, or abbreviate the longest values."
            yield Problem("LEN-UNREACHABLE", message, field="transformations.shorten", hint=hint)

    def _size(self, pieces: Iterable[Piece]) -> int:
        return sum(len(text.encode() if self.bytes else text) for _, text in pieces)

    def _dropped(self, pieces: list[Piece], room: int) -> list[Piece]:
        """Take out tokens that may go, the last one first, until the rest has room."""
        left = list(pieces)
        for name in [name for name, _ in reversed(pieces) if name in self.drops]:
            if self._size(left) <= room:
                break
            left = _without(left, [one for one, _ in left].index(name), self.ending.separator)
        return left

    def _cut(self, pieces: list[Piece], room: int) -> list[Piece]:
        left = list(pieces)
        while self._size(left) > room:
            sizes = [len(text) if len(text) > self.floors.get(name or "", len(text)) else 0 for name, text in left]
            if not any(sizes):
                break
            at = sizes.index(max(sizes))  # the leftmost of the longest
            name, text = left[at]
            left[at] = name, text[:-1].rstrip(self.ending.separator or None)
        return left

    def _too_long(self, full: str, left: Iterable[Piece], over: int) -> Problem:
        cut = [f"{name} {len(text)}" for name, text in left if name in self.floors]
        kept = [f"{name} {len(text)}" for name, text in left if name and name not in self.floors]
        unit = "bytes" if self.bytes else "characters"
        size = self._size([(None, full)])
        message = (
            f"{full!r} has {size} {unit}, the limit is {self.limit}; shortened as far as allowed, with "
            f"{self.ending.size} for the hash, it has {over} too many (kept: {', '.join(kept) or 'nothing'}; "
            f"cut to: {', '.join(cut) or 'nothing'})."
        )
        hint = (
            "Let more tokens be cut or dropped in transformations.shorten of naming-patterns.yaml, or abbreviate one."
        )
        return Problem("TOO-LONG", message, expected=f"at most {self.limit} {unit}", hint=hint)


def _without_last(pieces: Sequence[Piece], last: str) -> list[Piece]:
    name, text = pieces[-1]
    return [*pieces[:-1], (name, text.removesuffix(last))]


def _without(pieces: list[Piece], at: int, separator: str) -> list[Piece]:
    """Take a token out, with the separator before it; the first one takes the separator behind it along."""
    beside = at - 1 if at else 1
    gone = {at}
    if 0 <= beside < len(pieces) and pieces[beside] == (None, separator):
        gone.add(beside)
    return [piece for index, piece in enumerate(pieces) if index not in gone]


# from the settings -----------------------------------------------------------------------------------------------


def shortening(
    settings: Settings, kind: str, rule: NameRule, pattern: Pattern, forms: Mapping[str, Form]
) -> tuple[Shortening | None, list[Problem]]:
    """Make what `shorten` asks for; None if it does not ask, or cannot be had."""
    given = settings.shorten(kind)
    if given is None:
        return None, []
    tokens: Mapping[str, Any] = given.get("tokens") or _usual(pattern, forms)
    ending = make(settings, kind, rule, "shorten", {"length": given.get("hash")})
    if isinstance(ending, Problem):
        return None, [ending]
    if tokens.get("environment", "keep") != "keep":
        reason = "cannot take away from the environment, which is always kept"
        return None, [setting_problem(settings, kind, "shorten", reason)]
    floors = {name: _floor(how) for name, how in tokens.items() if how.startswith("shorten")}
    drops = frozenset(name for name, how in tokens.items() if how == "drop")
    in_bytes = rule.unit == "bytes"
    return Shortening(ending, floors, drops, rule.max, rule.allow_suffix, in_bytes), []


def _usual(pattern: Pattern, forms: Mapping[str, Form]) -> dict[str, str]:
    """Cut what is not known; without a vocabulary that is everything but environment and region."""
    return {
        name: f"shorten:{_LEAST}"
        for name in pattern.variables
        if name not in KEPT and forms.get(name, OPEN).name != "known"
    }


def _floor(how: str) -> int:
    return int(how.partition(":")[2] or _LEAST)
