from __future__ import annotations

from dataclasses import dataclass
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dpn import graph
from dpn.edges import connect
from dpn.engine.nodes import nodes
from dpn.engine.schedule import Schedule
from dpn.model import Change, Record, Resource, Step

CREATE, PUT, DELETE = Step("create"), Step("put", "part"), Step("delete")
STEPS = {"create": (CREATE,), "update": (PUT,), "replace": (DELETE, CREATE), "delete": (DELETE,), "noop": ()}


def change(address: str, action: str, wants: set[str], had: set[str]) -> Change:
    want = before = None
    if action != "delete":
        want = Resource(address, "mem_box", address, {}, "mem", needs=tuple(sorted(wants)))
    if action != "create":
        before = Record(address, "mem_box", address, {}, "mem", needs=tuple(sorted(had)))
    return Change(
        address, "mem_box", action, address, want=want, before=before, steps=STEPS[action]  # type: ignore[arg-type]
    )  # fmt: skip


@dataclass
class World:
    """What is recorded and what is wanted: two graphs over the same addresses, and the actions between them."""

    actions: dict[str, str]
    wants: dict[str, set[str]]
    had: dict[str, set[str]]

    @property
    def changes(self) -> dict[str, Change]:
        return {a: change(a, action, self.wants[a], self.had[a]) for a, action in self.actions.items()}

    def still_using(self, target: str) -> list[str]:
        """Give what used the target, stays, and will not use it any more."""
        return [
            user for user, action in self.actions.items()
            if target in self.had[user] and action == "update" and target not in self.reached(user)
        ]  # fmt: skip

    def reached(self, user: str) -> set[str]:
        """Give what a thing will need, looking through what does not change itself."""
        out: set[str] = set()
        todo = set(self.wants[user])
        while todo:
            need = todo.pop()
            out.add(need)
            if self.actions[need] == "noop":
                todo |= self.wants[need] - out
        return out

    def ideal(self) -> dict[str, set[str]]:
        """Give all that should wait for what, by key; it may hold circles that no order can respect."""
        out: dict[str, set[str]] = {}
        for address, action in self.actions.items():
            if action in ("create", "update", "replace"):
                mains = {
                    need for need in self.reached(address) if self.actions[need] in ("create", "update", "replace")
                }
                out[address] = mains | ({f"{address}!"} if action == "replace" else set())
            if action in ("replace", "delete"):
                gone = {
                    f"{u}!"
                    for u, had in self.had.items()
                    if address in had and self.actions[u] in ("replace", "delete")
                }
                out[f"{address}!"] = gone | set(self.still_using(address))
        return out


@st.composite
def worlds(draw: st.DrawFn) -> World:
    size = draw(st.integers(1, 8))
    random = Random(draw(st.integers(0, 2**32)))
    addresses = [f"mem_box.{letter}" for letter in "abcdefgh"[:size]]
    actions = {address: random.choice([*STEPS]) for address in addresses}
    density = random.choice([0.2, 0.5, 0.9])

    def acyclic(members: list[str]) -> dict[str, set[str]]:
        rank = random.sample(members, len(members))
        return {a: {b for b in rank[: rank.index(a)] if random.random() < density} for a in rank}

    wants = {key: set[str]() for key in addresses} | acyclic([a for a in addresses if actions[a] != "delete"])
    had = {key: set[str]() for key in addresses} | acyclic([a for a in addresses if actions[a] != "create"])
    for address in addresses:
        if actions[address] == "noop" and wants[address] != had[address]:
            actions[address] = "update"  # another reference is a change
    return World(actions, wants, had)


def run(changes: list[Change], random: Random) -> list[tuple[str, frozenset[str]]]:
    """Start keys as the engine might, in any order; give each with what was done when it was started."""
    made = nodes(changes, {change.address: change.before for change in changes if change.before})
    schedule = Schedule(
        {key: node.needs for key, node in made.items()}, {key for key, node in made.items() if node.late}
    )
    started: list[tuple[str, frozenset[str]]] = []
    done: set[str] = set()
    running: list[str] = []
    while schedule.left:
        if random.random() < 0.6 and (key := schedule.take()):
            started.append((key, frozenset(done)))
            running.append(key)
        elif running:
            key = running.pop(random.randrange(len(running)))
            schedule.done(key)
            done.add(key)
        else:
            key = schedule.take() or ""
            assert key, f"nothing can start: {sorted(schedule.left)}"
            started.append((key, frozenset(done)))
            running.append(key)
    return started


@settings(max_examples=400, deadline=None)
@given(worlds(), st.integers(0, 2**32))
def test_every_order_that_the_schedule_allows_is_sound(world: World, seed: int) -> None:
    ideal = world.ideal()
    sound = graph.find_cycle(ideal) is None
    order = run(connect(world.changes), Random(seed))
    assert sorted(key for key, _ in order) == sorted(ideal)
    for key, done in order:
        hard = {need for need in ideal[key] if need.endswith("!") or not key.endswith("!")}
        assert hard <= done, f"{key} started before {hard - done}"
        if sound:
            assert ideal[key] <= done, f"{key} started before {ideal[key] - done}"


@settings(max_examples=100, deadline=None)
@given(worlds(), st.randoms())
def test_the_order_of_the_changes_that_come_in_says_nothing(world: World, random: Random) -> None:
    items = list(world.changes.items())
    random.shuffle(items)
    assert connect(dict(items)) == connect(world.changes)


@settings(max_examples=100, deadline=None)
@given(worlds())
def test_changes_are_listed_once_and_after_what_their_main_half_needs(world: World) -> None:
    listed = [one.address for one in connect(world.changes)]
    assert sorted(listed) == sorted(world.actions)
    place = {address: index for index, address in enumerate(listed)}
    for one in connect(world.changes):
        assert all(place[need] < place[one.address] for need in one.needs)


def edges(*changes: Change) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    return {one.address: (one.needs, one.removal_needs) for one in connect({one.address: one for one in changes})}


def test_a_thing_waits_for_what_it_needs_also_through_something_unchanged() -> None:
    found = edges(
        change("a", "create", set(), set()), change("b", "noop", {"a"}, {"a"}), change("c", "create", {"b"}, set())
    )
    assert found == {"a": ((), ()), "b": ((), ()), "c": (("a",), ())}


def test_a_replace_comes_between_the_removal_and_the_making_of_what_stands_in_it() -> None:
    found = edges(change("a", "replace", set(), set()), change("b", "replace", {"a"}, {"a"}))
    assert found == {"a": ((), ("b!",)), "b": (("a",), ())}


def test_what_stops_using_a_thing_is_updated_before_that_is_removed() -> None:
    found = edges(change("a", "delete", set(), set()), change("b", "update", set(), {"a"}))
    assert found["a"] == ((), ("b",))
    found = edges(change("a", "replace", set(), set()), change("b", "update", set(), {"a"}))
    assert found["a"] == ((), ("b",))


def test_what_goes_on_using_a_replaced_thing_is_updated_after_it_is_there_again() -> None:
    found = edges(change("a", "replace", set(), set()), change("b", "update", {"a"}, {"a"}))
    assert found == {"a": ((), ()), "b": (("a",), ())}


def test_in_a_circle_of_waiting_the_removal_gives_way() -> None:
    # d goes over from c, which is deleted, to a, which is replaced only when c, which uses it, is gone.
    found = edges(
        change("a", "replace", set(), set()), change("c", "delete", set(), {"a"}), change("d", "update", {"a"}, {"c"})
    )
    assert found == {"a": ((), ("c!",)), "c": ((), ()), "d": (("a",), ())}


@pytest.mark.parametrize("size", [2_000])
def test_a_long_chain_is_connected_without_recursion(size: int) -> None:
    chain = {f"n{i:05d}": change(f"n{i:05d}", "create", {f"n{i - 1:05d}"} if i else set(), set()) for i in range(size)}
    assert [one.address for one in connect(chain)] == sorted(chain)
