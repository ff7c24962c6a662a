from __future__ import annotations

from typing import Any

import pytest

from dpn import api
from dpn.errors import InputError, RefusedError
from dpn.testing.memory import MemoryPlugin


@pytest.fixture
def made(lab: Any) -> Any:
    lab.outcome(
        lab.thing("mem_box.a"),
        lab.thing("mem_shelf.s", box="${mem_box.a}"),
        lab.thing("mem_robot.r", job="by ${mem_shelf.s}", on_delete="archive"),
    )
    return lab


def by_key(lab: Any) -> api.Options:
    """Give options without a blueprint and without a provider that could be called."""
    return api.Options(stack="lab.dev", plugins=(MemoryPlugin(lab.cloud),))


def test_records_say_what_state_keeps(made: Any) -> None:
    records, snapshot = api.records(made.options(), made.world)
    shelf = records["mem_shelf.s"]
    assert (shelf.kind, shelf.name, shelf.parent, shelf.needs) == ("mem_shelf", "the-s", "mem_box.a", ("mem_box.a",))
    assert (shelf.origin, shelf.status, shelf.account, shelf.provider) == ("created", "ready", "memory", "mem")
    assert shelf.id
    assert shelf.op
    assert (snapshot.serial, snapshot.journal) == (1, ())


def test_one_record_is_found_by_its_address(made: Any) -> None:
    assert api.record(made.options(), "mem_box.a", made.world)[0].name == "the-a"
    with pytest.raises(InputError, match=r"mem_box\.typo"):
        api.record(made.options(), "mem_box.typo", made.world)


def test_forgetting_leaves_the_thing_and_makes_no_call(made: Any) -> None:
    made.cloud.calls.clear()
    assert api.forget(by_key(made), ["mem_robot.r"], made.world).outcome == "done"
    assert sorted(made.records()) == ["mem_box.a", "mem_shelf.s"]
    assert "mem_robot the-r" in made.cloud.names()
    assert made.cloud.calls == []


def test_what_was_forgotten_and_is_still_wanted_is_adopted_again(made: Any) -> None:
    api.forget(by_key(made), ["mem_shelf.s", "mem_box.a"], made.world)
    assert made.actions() == {"mem_box.a": "adopt", "mem_shelf.s": "adopt", "mem_robot.r": "noop"}
    assert made.outcome() == "done"
    assert len(made.seen()) == 3
    assert made.empty()


def test_what_holds_others_is_forgotten_with_them_only(made: Any) -> None:
    with pytest.raises(RefusedError, match=r"mem_shelf\.s"):
        api.forget(by_key(made), ["mem_box.a"], made.world)
    assert len(made.records()) == 3
    assert api.forget(by_key(made), ["mem_box.a", "mem_shelf.s"], made.world).outcome == "done"


def test_what_is_archived_can_be_forgotten(made: Any) -> None:
    made.outcome(made.thing("mem_box.a"), made.thing("mem_shelf.s", box="${mem_box.a}"))
    assert made.records()["mem_robot.r"].status == "archived"
    api.forget(by_key(made), ["mem_robot.r"], made.world)
    assert "mem_robot.r" not in made.records()


def test_moving_takes_references_and_children_along(made: Any) -> None:
    assert api.move(by_key(made), "mem_box.a", "mem_box.z", made.world).outcome == "done"
    assert api.move(by_key(made), "mem_shelf.s", "mem_shelf.z", made.world).outcome == "done"
    records = made.records()
    assert (records["mem_shelf.z"].parent, records["mem_shelf.z"].needs) == ("mem_box.z", ("mem_box.z",))
    assert records["mem_shelf.z"].spec["box"] == "${mem_box.z}"
    assert records["mem_robot.r"].spec["job"] == "by ${mem_shelf.z}"
    assert made.called("create", "put", "rename", "delete") == made.called("create", "put")
    made.write(
        made.thing("mem_box.z", "the-a"),
        made.thing("mem_shelf.z", "the-s", box="${mem_box.z}"),
        made.thing("mem_robot.r", job="by ${mem_shelf.z}", on_delete="archive"),
    )
    assert made.empty()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("mem_box.typo", "mem_box.z", r"mem_box\.typo"),
        ("mem_box.a", "mem_shelf.z", "keeps its kind"),
        ("mem_box.a", "mem_box.a", "already"),
    ],
)
def test_a_move_that_cannot_be_is_wrong_input(made: Any, old: str, new: str, said: str) -> None:
    before = made.records()
    with pytest.raises(InputError, match=said):
        api.move(by_key(made), old, new, made.world)
    assert made.records() == before


@pytest.mark.parametrize("new", ["mem_box.", "mem_box", "mem_box.A b", "mem_box.x.y", "mem_box.x[", "mem_box.x[]"])
def test_a_new_address_must_be_one(made: Any, new: str) -> None:
    with pytest.raises(InputError):
        api.move(by_key(made), "mem_box.a", new, made.world)


def test_forgetting_what_is_not_there_is_wrong_input(made: Any) -> None:
    with pytest.raises(InputError, match=r"mem_box\.typo"):
        api.forget(by_key(made), ["mem_robot.r", "mem_box.typo"], made.world)
    assert len(made.records()) == 3


def test_each_run_is_a_row_of_the_history(made: Any) -> None:
    made.cloud.fault = lambda kind, method, name: "refuse" if method == "create" else None
    made.outcome(made.thing("mem_box.a"), made.thing("mem_shelf.s", box="${mem_box.a}"), made.thing("mem_box.b"))
    made.no_faults()
    api.move(by_key(made), "mem_box.a", "mem_box.z", made.world)
    rows = api.history(by_key(made), made.world)
    assert [row["outcome"] for row in rows] == ["done", "rolled_back", "done"]
    assert [row["moves"] for row in rows] == [{}, {}, {"mem_box.a": "mem_box.z"}]
