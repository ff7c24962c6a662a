from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpn.graph import CycleError, closure, find_cycle, order

NAMES = st.sampled_from("abcdefgh")
GRAPHS = st.dictionaries(NAMES, st.sets(NAMES))


def test_order_is_by_need_and_then_by_name() -> None:
    assert order({"b": [], "a": ["c"], "c": [], "d": ["a", "b"]}) == ["b", "c", "a", "d"]


def test_needs_that_are_no_keys_do_not_matter() -> None:
    assert order({"a": ["elsewhere"]}) == ["a"]
    assert find_cycle({"a": ["elsewhere"]}) is None


def test_a_circle_is_told_as_a_path() -> None:
    with pytest.raises(CycleError, match="a -> b -> a") as caught:
        order({"a": ["b"], "b": ["a"], "c": ["a"]})
    assert caught.value.path == ["a", "b", "a"]


def test_what_needs_itself_is_a_circle() -> None:
    assert find_cycle({"a": ["a"]}) == ["a", "a"]


def test_closure_holds_the_starts_and_all_they_need() -> None:
    needs = {"a": ["b"], "b": ["c"], "d": ["a"]}
    assert closure(needs, "a") == {"a", "b", "c"}
    assert closure(needs, "d", "c") == {"a", "b", "c", "d"}


@given(GRAPHS)
def test_either_there_is_an_order_or_a_circle(needs: dict[str, set[str]]) -> None:
    circle = find_cycle(needs)
    if circle is None:
        place = {name: index for index, name in enumerate(order(needs))}
        assert sorted(place) == sorted(needs)
        assert all(place[need] < place[name] for name in needs for need in needs[name] if need in needs)
    else:
        assert circle[0] == circle[-1]
        assert all(after in needs[before] for before, after in pairwise(circle))
        with pytest.raises(CycleError):
            order(needs)


@given(GRAPHS, st.randoms())
def test_the_order_of_the_input_never_matters(needs: dict[str, set[str]], rng: st.DataObject) -> None:
    names = list(needs)
    rng.shuffle(names)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    shuffled = {name: needs[name] for name in names}
    assert find_cycle(shuffled) == find_cycle(needs)
    if find_cycle(needs) is None:
        assert order(shuffled) == order(needs)


def test_a_hundred_thousand_nodes_in_a_chain_take_no_recursion_and_little_time() -> None:
    needs = {f"n{i:06}": [f"n{i - 1:06}"] if i else [] for i in range(100_000)}
    begun = time.process_time()
    assert order(needs)[-1] == "n099999"
    assert find_cycle(needs) is None
    assert time.process_time() - begun < 5
