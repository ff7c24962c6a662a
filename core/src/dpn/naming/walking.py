"""Ways through a pattern's automaton: how a name can be divided among the parts of the pattern."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice
from typing import TypeAlias

from dpn.naming.machine import Network

State: TypeAlias = tuple[int, int]
"""A part, and a state of its machine."""

Cut: TypeAlias = tuple[tuple[int, int], ...]
"""For each part that stands in a name: which one, and where it ends."""


def cuts(net: Network, name: str, most: int) -> Iterator[Cut]:
    """Yield the ways to divide a name among the parts of a pattern, without a step that leads nowhere."""
    reached = _reached(net, name)
    useful = _useful(net, name, reached)
    return islice(_walk(net, name, useful), most)


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


def _reached(net: Network, name: str) -> list[set[State]]:
    """Give the states in which one can be after each character."""
    layers: list[set[State]] = []
    before: Collection[State | None] = (None,)
    for char in name:
        layers.append({to for state in before for to in steps(net, state, char)})
        before = layers[-1]
    return layers


def accepts(net: Network, state: State) -> bool:
    """Tell whether a name may end in a state."""
    return state[0] in net.ends and state[1] in net.machines[state[0]].final


def _useful(net: Network, name: str, reached: list[set[State]]) -> list[set[State]]:
    """Keep the states from which the end of the name can be reached."""
    useful = [set[State]() for _ in reached]
    for at in range(len(name) - 1, -1, -1):
        if at == len(name) - 1:
            useful[at] = {state for state in reached[at] if accepts(net, state)}
        else:
            after = useful[at + 1]
            useful[at] = {state for state in reached[at] if any(to in after for to in steps(net, state, name[at + 1]))}
    return useful


def _walk(net: Network, name: str, useful: list[set[State]]) -> Iterator[Cut]:
    if not name:
        return
    open_: list[tuple[int, State | None, Cut]] = [(0, None, ())]
    while open_:
        at, state, cut = open_.pop()
        if at == len(name):
            assert state
            yield (*cut, (state[0], at))
            continue
        for to in reversed([to for to in steps(net, state, name[at]) if to in useful[at]]):
            entered = state is not None and (to[0] != state[0])
            assert state or not entered
            open_.append((at + 1, to, (*cut, (state[0], at)) if entered and state else cut))
