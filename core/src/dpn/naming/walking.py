"""Ways through a pattern's automaton: whether a name fits, and how it can be divided among the parts of the pattern."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TypeAlias

from dpn.naming.machine import Network

State: TypeAlias = tuple[int, int]
"""A part, and a state of its machine."""

States: TypeAlias = frozenset[State | None]

Cut: TypeAlias = tuple[tuple[int, int], ...]
"""For each part that stands in a name: which one, and where it ends."""

_KEPT = 4096
_NOWHERE = -1


def steps(net: Network, state: State | None, char: str) -> Iterator[State]:
    """Yield where a character leads: on in its part, or into the parts that may follow."""
    if state is None:
        following: tuple[int, ...] = net.starts
    else:
        part, at = state
        if (to := net.machines[part].moves[at].get(char)) is not None:
            yield part, to
        following = net.follow[part] if at in net.machines[part].final else ()
    for part in following:
        if (to := net.machines[part].moves[0].get(char)) is not None:
            yield part, to


def accepts(net: Network, state: State) -> bool:
    """Tell whether a name may end in a state."""
    return state[0] in net.ends and state[1] in net.machines[state[0]].final


class Walk:
    """Walks through a network; the sets of states that names lead to are kept, so that a step is one look-up."""

    def __init__(self, net: Network) -> None:
        self._net = net
        self._forget()

    def _forget(self) -> None:
        self._numbers: dict[States, int] = {}
        self._sets: list[States] = []
        self._moves: list[dict[str, int]] = []
        self._ends: list[bool] = []
        self._number(frozenset((None,)))

    def walk(self, name: str) -> tuple[int, bool]:
        """Tell how many characters of a name lead on, and whether a name may end there."""
        path, ended = self._path(name)
        if len(self._sets) > _KEPT:
            self._forget()
        return len(path), ended

    def cuts(self, name: str, most: int) -> Iterator[Cut]:
        """Yield the ways to divide a name among the parts of a pattern, without a step that leads nowhere."""
        path, ended = self._path(name)
        sets = [self._sets[number] for number in path] if ended else []
        if len(self._sets) > _KEPT:
            self._forget()
        return islice(_Ways(self._net, name, sets).walk(), most) if sets else iter(())

    def _path(self, name: str) -> tuple[list[int], bool]:
        """Give the set of states after each character, until one leads nowhere, and whether a name may end there."""
        at, moves, path = 0, self._moves, []
        for char in name:
            to = moves[at].get(char)
            if to is None:
                to = self._step(at, char)
            if to == _NOWHERE:
                break
            path.append(to)
            at = to
        return path, len(path) == len(name) and self._ends[at]

    def _step(self, at: int, char: str) -> int:
        reached = frozenset(to for state in self._sets[at] for to in steps(self._net, state, char))
        to = self._number(reached) if reached else _NOWHERE
        if char.isascii():  # what is kept stays small, whatever the names hold
            self._moves[at][char] = to
        return to

    def _number(self, states: States) -> int:
        if states not in self._numbers:
            self._numbers[states] = len(self._sets)
            self._sets.append(states)
            self._moves.append({})
            self._ends.append(any(state is not None and accepts(self._net, state) for state in states))
        return self._numbers[states]


class _Ways:
    """All ways through one name. Long names go through the same few states again and again: each is looked at once."""

    def __init__(self, net: Network, name: str, reached: Sequence[States]) -> None:
        self._net, self._name = net, name
        self._next: dict[tuple[State | None, str, States], tuple[State, ...]] = {}
        self._useful = self._back(reached)

    def _back(self, reached: Sequence[States]) -> list[States]:
        """Keep, from the end on, the states from which the end of the name can be reached."""
        known: dict[tuple[States, str, States], States] = {}
        after: States = frozenset(state for state in reached[-1] if state and accepts(self._net, state))
        useful = [after]
        for at in range(len(self._name) - 2, -1, -1):
            key = reached[at], self._name[at + 1], after
            if key not in known:
                known[key] = frozenset(state for state in key[0] if self._on(state, key[1], key[2]))
            after = known[key]
            useful.append(after)
        return useful[::-1]

    def _on(self, state: State | None, char: str, useful: States) -> tuple[State, ...]:
        key = state, char, useful
        if key not in self._next:
            self._next[key] = tuple(to for to in steps(self._net, state, char) if to in useful)
        return self._next[key]

    def walk(self) -> Iterator[Cut]:
        """Yield them, the longest first part first."""
        open_: list[tuple[int, State | None, Cut]] = [(0, None, ())]
        known, look, name, useful = self._next, self._on, self._name, self._useful
        while open_:
            start, state, cut = open_.pop()
            for at in range(start, len(name)):
                char, goals = name[at], useful[at]
                found = known.get((state, char, goals)) or look(state, char, goals)
                if len(found) > 1:
                    open_ += [(at + 1, to, _entered(cut, state, to, at)) for to in found[:0:-1]]
                if state and found[0][0] != state[0]:
                    cut = (*cut, (state[0], at))
                state = found[0]
            assert state
            yield (*cut, (state[0], len(name)))


def _entered(cut: Cut, state: State | None, to: State, at: int) -> Cut:
    """Give a cut with the end of the part that is left, if one is."""
    return (*cut, (state[0], at)) if state and state[0] != to[0] else cut
