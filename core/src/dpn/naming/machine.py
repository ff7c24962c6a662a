"""A pattern as an automaton over the characters of names: what reading and the verdict on a pattern work with."""

from __future__ import annotations

import re
import string
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from dpn.extensions import BUILT_IN
from dpn.naming.filters import OPAQUE
from dpn.naming.pattern import Token, tokens_of
from dpn.naming.ready import Ready
from dpn.naming.rule import convert_case
from dpn.naming.vocabulary import OPEN, Form
from dpn.provider import NameRule

_VISIBLE = frozenset(string.printable) - frozenset(string.whitespace)
_NEVER = frozenset("-_./")
"""Separators become that of the kind, and a slash is refused: none of them stands inside a word."""


@dataclass(frozen=True, slots=True)
class Machine:
    """The texts that one part can be. moves: for each state, where a character leads; it begins in state 0."""

    moves: tuple[Mapping[str, int], ...]
    final: frozenset[int]


@dataclass(frozen=True, slots=True)
class Network:
    """Machines in the order of the pattern. follow: which may come next; starts, ends: with which a name may do so."""

    machines: tuple[Machine, ...]
    tokens: tuple[Token | None, ...]
    follow: tuple[tuple[int, ...], ...]
    starts: tuple[int, ...]
    ends: frozenset[int]


def network(ready: Ready, words: Mapping[str, Collection[str]], forms: Mapping[str, Form]) -> Network:
    """Join the machines of a pattern. words: what can stand for each variable whose values are known."""
    pattern = ready.style.pattern
    assert pattern
    letters = alphabet(ready.style.rule, ready.style.allowed, pattern.case)

    def machine(part: str | Token) -> Machine:
        if isinstance(part, str):
            return listed([convert_case(part, pattern.case)])
        if part.name in words:
            return listed(words[part.name])
        word = part.word or (forms.get(part.name, OPEN).name == "word" and not part.foreign)
        one = word or not pattern.separator
        chars = left(part, letters, pattern.case)
        separator, (low, high) = "" if one else pattern.separator, bounds(part)
        return endless(chars, separator) if high is None else counted(chars, separator, low, high)

    runs = [[part for part in (one if isinstance(one, tuple) else (one,)) if part] for one in pattern.parts]
    optional = [isinstance(one, tuple) and not _always(one) for one in pattern.parts]
    parts = [part for run in runs for part in run]
    follow, starts, ends = _joints([len(run) for run in runs], optional)
    tokens = tuple(part if isinstance(part, Token) else None for part in parts)
    return Network(tuple(map(machine, parts)), tokens, follow, starts, ends)


def _always(group: tuple[str | Token, ...]) -> bool:
    """Tell whether a group is never left out: the environment always has a value."""
    return any(token.name == "environment" for token in tokens_of(group))


def _joints(
    sizes: list[int], optional: list[bool]
) -> tuple[tuple[tuple[int, ...], ...], tuple[int, ...], frozenset[int]]:
    """Tell which part may follow which, when whole runs may be left out; an empty run always is."""
    follow: list[tuple[int, ...]] = [()] * sum(sizes)
    first, may_end, ends = tuple[int, ...](), True, set[int]()
    at = sum(sizes)
    for size, can_go in reversed(list(zip(sizes, optional, strict=True))):
        at -= size
        if not size:
            continue
        for index in range(at, at + size - 1):
            follow[index] = (index + 1,)
        follow[at + size - 1] = first
        if may_end:
            ends.add(at + size - 1)
        first = (at, *first) if can_go else (at,)
        may_end = may_end and can_go
    return tuple(follow), first, frozenset(ends)


def alphabet(rule: NameRule, allowed: str, case: str) -> frozenset[str]:
    """Give the characters that words in names of a kind can have; names are rendered in ASCII only."""
    chars = {convert_case(char, case) for char in _VISIBLE - _NEVER}
    for body in filter(None, (rule.charset, allowed)):
        chars &= _of_class(body)
    return frozenset(chars)


def left(token: Token, letters: Iterable[str], case: str) -> frozenset[str]:
    """Give the characters that the filters of a token leave; what a plugin's filter makes is what it declares."""
    chars = _VISIBLE
    for (name, _, _), body in zip(token.steps, token.charsets, strict=True):
        if name in ("lower", "upper"):
            chars = frozenset(convert_case(char, name) for char in chars)
        made_anew = name in OPAQUE or name not in BUILT_IN
        chars = _VISIBLE if made_anew else chars
        chars &= _of_class(body) if body else chars
    return frozenset(letters) & {convert_case(char, case) for char in chars}


def _of_class(body: str) -> frozenset[str]:
    found = re.compile(f"[{body}]", re.ASCII)
    return frozenset(char for char in _VISIBLE if found.fullmatch(char))


def bounds(token: Token) -> tuple[int, int | None]:
    """Give the shortest and the longest text that the filters allow; None: any length."""
    name, _, arg = token.steps[-1] if token.steps else ("", None, "")
    if name == "hash":
        return int(arg), int(arg)
    return 1, int(arg) if name == "max" else None


def listed(texts: Iterable[str]) -> Machine:
    """Make a machine that takes just these texts: a tree of their characters."""
    moves: list[dict[str, int]] = [{}]
    final = set()
    for text in texts:
        state = 0
        for char in text:
            if char not in moves[state]:
                moves[state][char] = len(moves)
                moves.append({})
            state = moves[state][char]
        final.add(state)
    return Machine(tuple(moves), frozenset(final))


def endless(chars: Collection[str], separator: str) -> Machine:
    """Make a machine for words of `chars` with single separators between; without a separator it takes one word.

    A text never begins or ends with the separator.
    """
    word = dict.fromkeys(chars, 1)
    return Machine((word, {**word, separator: 2} if separator else word, word), frozenset((1,)))


def counted(chars: Collection[str], separator: str, low: int, high: int) -> Machine:
    """Make a machine as the endless one, for texts of `low` to `high` characters in all."""
    moves: list[dict[str, int]] = [dict.fromkeys(chars, 1)]
    for length in range(1, high + 1):  # a word of this length is state 2 * length - 1, a gap behind it the next
        after = dict.fromkeys(chars, 2 * length + 1) if length < high else {}
        moves += [{**after, separator: 2 * length} if separator and length + 1 < high else after]
        moves += [dict.fromkeys(chars, 2 * length + 3) if length + 1 < high else {}]
    return Machine(tuple(moves), frozenset(2 * length - 1 for length in range(low, high + 1)))


def either(one: Machine, other: Machine) -> Machine:
    """Make a machine that takes the texts of both."""
    if one == other:
        return one
    numbers: dict[tuple[int | None, int | None], int] = {(0, 0): 0}
    states: list[tuple[int | None, int | None]] = [(0, 0)]
    moves: list[dict[str, int]] = []
    for left_at, right_at in states:  # grows while it is walked through
        mine = one.moves[left_at] if left_at is not None else {}
        others = other.moves[right_at] if right_at is not None else {}
        moves.append({})
        for char in {**mine, **others}:
            pair = mine.get(char), others.get(char)
            if pair not in numbers:
                numbers[pair] = len(numbers)
                states.append(pair)
            moves[-1][char] = numbers[pair]
    final = {number for (a, b), number in numbers.items() if a in one.final or b in other.final}
    return Machine(tuple(moves), frozenset(final))
