"""Whether names of a pattern can be read in one way only: decided, not guessed.

Two runs of the automaton over one name are followed together, breadth first; the first name over which two different
ones come to an end is a shortest counter-example.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from dpn.naming.machine import Network
from dpn.naming.walking import State, accepts

MOST_STATES = 200_000

_Edge = tuple[frozenset[str], State]
_Pair = tuple[State, State, bool]  # two runs, and whether they have parted


@dataclass(frozen=True, slots=True)
class Verdict:
    """exact: no name has two readings. example: a shortest name that has two; empty if that is not decided."""

    exact: bool
    example: str = ""


def decide(net: Network, longest: int, most_states: int = MOST_STATES) -> Verdict:
    """Decide whether a name of at most `longest` characters has two readings; too many states count as if one had."""
    start: _Pair = ((-1, 0), (-1, 0), False)
    search = _Search(net)
    before: dict[_Pair, tuple[_Pair, str]] = {}
    todo = deque([(start, 0)])
    while todo:
        pair, length = todo.popleft()
        for char, to in search.steps(pair) if length < longest else ():
            if to in before:
                continue
            before[to] = pair, char
            if to[2] and search.accepts(to[0]) and search.accepts(to[1]):
                return Verdict(exact=False, example=_name(before, to, start))
            if len(before) >= most_states:
                return Verdict(exact=False)
            todo.append((to, length + 1))
    return Verdict(exact=True)


def _name(before: dict[_Pair, tuple[_Pair, str]], pair: _Pair, start: _Pair) -> str:
    chars = []
    while pair != start:
        pair, char = before[pair]
        chars.append(char)
    return "".join(reversed(chars))


class _Search:
    """The edges of an automaton, grouped by where they lead, so that one character stands for all that lead there."""

    def __init__(self, net: Network) -> None:
        self._net = net
        self._edges: dict[State, tuple[_Edge, ...]] = {}

    def accepts(self, state: State) -> bool:
        return accepts(self._net, state)

    def steps(self, pair: _Pair) -> Iterator[tuple[str, _Pair]]:
        """Yield a character for each pair of states that two runs can be in next."""
        one, other, parted = pair
        for index, (chars, to) in enumerate(self.edges(one)):
            for at, (others, also) in enumerate(self.edges(other)):
                together = one == other and index == at
                if one == other and not parted and at < index:
                    continue  # the same two runs, the other way round
                if char := _common(chars, others):
                    first, second = (to, also) if to <= also else (also, to)
                    yield char, (first, second, parted or not together)

    def edges(self, state: State) -> tuple[_Edge, ...]:
        found = self._edges.get(state)
        if found is None:
            found = self._edges[state] = tuple(self._outgoing(state))
        return found

    def _outgoing(self, state: State) -> Iterator[_Edge]:
        part, at = state
        if part >= 0:
            yield from self._grouped(part, at)
        following = self._net.starts if part < 0 else self._net.follow[part]
        for other in following if part < 0 or at in self._net.machines[part].final else ():
            yield from self._grouped(other, 0)

    def _grouped(self, part: int, at: int) -> Iterator[_Edge]:
        grouped: dict[int, set[str]] = {}
        for char, to in self._net.machines[part].moves[at].items():
            grouped.setdefault(to, set()).add(char)
        for to, chars in grouped.items():
            yield frozenset(chars), (part, to)


@lru_cache(maxsize=4096)
def _common(one: frozenset[str], other: frozenset[str]) -> str:
    """Give a character of both, the plainest; empty if there is none."""
    return min(one & other, key=lambda char: (not char.islower(), not char.isalpha(), char), default="")
