from __future__ import annotations

from typing import Any

import pytest

from dpn import api
from dpn.errors import InputError, RefusedError
from dpn.model import Change, Plan
from dpn.select import by_actions, by_address


def plan(**needs: tuple[str, ...]) -> Plan:
    """Make a plan of creates; a key that ends in `_noop` has nothing to do."""
    changes = []
    for name, needed in needs.items():
        action: Any = "noop" if name.endswith("_noop") else "create"
        steps: Any = () if action == "noop" else (None,)
        targets = tuple(f"mem_box.{one}" for one in needed)
        changes.append(Change(f"mem_box.{name}", "mem_box", action, name, steps=steps, needs=targets))
    return Plan("lab.dev", "dev", 1, "x", tuple(changes), hash="whole")


def addresses(chosen: Plan) -> list[str]:
    return [change.address.partition(".")[2] for change in chosen.changes]


CHAIN = plan(a=(), b=("a",), c=("b",), d=(), e_noop=())


@pytest.mark.parametrize(
    ("targets", "kept", "words"),
    [
        (("mem_box.b",), ["a", "b", "e_noop"], ["Comes along because a target needs it: mem_box.a."]),
        (("mem_box.[ab]",), None, []),
        (("mem_box.*",), ["a", "b", "c", "d", "e_noop"], []),
        (("mem_box",), ["a", "b", "c", "d", "e_noop"], []),
        (("mem_box.d",), ["d", "e_noop"], []),
    ],
)
def test_targets_with_what_they_need(targets: Any, kept: Any, words: Any) -> None:
    chosen, problems = by_address(CHAIN, targets)
    if kept is None:  # brackets are part of an address, no character class
        assert [problem.code for problem in problems] == ["ADDRESS-UNKNOWN"]
        return
    assert addresses(chosen) == kept
    assert {problem.severity for problem in problems} <= {"warning"}
    assert {problem.message for problem in problems} >= set(words)
    assert chosen.hash != "whole"


def test_an_address_without_its_index_stands_for_all_of_them() -> None:
    keys = Plan("lab.dev", "dev", 1, "x", tuple(Change(f"mem_box.a[{k}]", "mem_box", "create", k) for k in "xyz"))
    assert len(by_address(keys, ("mem_box.a",))[0].changes) == 3
    assert [one.name for one in by_address(keys, ("mem_box.a[x]",))[0].changes] == ["x"]


def test_only_some_actions_and_what_would_be_missing_is_named() -> None:
    whole = plan(a=(), b=("a",))
    update = Change("mem_box.a", "mem_box", "update", "a", steps=(None,))  # type: ignore[arg-type]
    mixed = Plan("lab.dev", "dev", 1, "x", (update, whole.changes[1]))
    chosen, [problem] = by_actions(mixed, ["create"])
    assert addresses(chosen) == ["b"]
    assert (problem.code, problem.address, problem.severity) == ("NEEDS-SKIPPED", "mem_box.b", "error")
    assert "mem_box.a, whose update is skipped" in problem.message
    assert by_actions(mixed, ["update"])[1] == []


# through the doors --------------------------------------------------------------------------------------------------


def test_a_target_is_applied_with_what_it_needs_and_the_rest_later(lab: Any) -> None:
    lab.write(lab.thing("mem_box.a"), lab.thing("mem_shelf.s", box="${mem_box.a}"), lab.thing("mem_box.b"))
    assert lab.outcome(targets=("mem_shelf.s",)) == "done"
    assert lab.cloud.names() == ["mem_box the-a", "mem_shelf the-s"]
    assert lab.outcome() == "done"
    assert lab.empty()


@pytest.mark.parametrize("option", ["targets", "excludes", "replaced"])
def test_an_address_that_is_not_there_is_wrong_input_and_nothing_is_done(lab: Any, option: str) -> None:
    with pytest.raises(InputError) as caught:
        lab.apply(lab.thing("mem_box.a"), **{option: ("mem_box.typo",)})
    assert [problem.code for problem in caught.value.problems] == ["ADDRESS-UNKNOWN"]
    assert "mem_box.typo" in caught.value.problems[0].message
    assert lab.called("create") == []


def test_creates_alone_are_refused_where_they_need_something_else(lab: Any) -> None:
    lab.outcome(lab.thing("mem_box.a", size=1))
    lab.write(lab.thing("mem_box.a", size=2), lab.thing("mem_shelf.s", box="${mem_box.a}"))
    with pytest.raises(RefusedError) as caught:
        api.apply(lab.options(), lab.world, actions=api.CREATES)
    assert [(one.code, one.address) for one in caught.value.problems] == [("NEEDS-SKIPPED", "mem_shelf.s")]


def test_creates_alone_leave_updates_and_deletes_for_later(lab: Any) -> None:
    lab.outcome(lab.thing("mem_box.a", size=1), lab.thing("mem_box.old"))
    lab.write(lab.thing("mem_box.a", size=2), lab.thing("mem_box.new"))
    assert api.apply(lab.options(), lab.world, actions=api.CREATES).result
    assert lab.cloud.names() == ["mem_box the-a", "mem_box the-new", "mem_box the-old"]
    assert lab.actions() == {"mem_box.a": "update", "mem_box.new": "noop", "mem_box.old": "delete"}
    assert lab.outcome() == "done"
    assert lab.empty()
