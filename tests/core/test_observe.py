from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dpn import plugins
from dpn.connections import Connections
from dpn.dispatch import Dispatcher
from dpn.errors import DpnError
from dpn.model import Change, Observed, Record, Ref, Resource, Step
from dpn.observe import Observations, Observer, refuse_faults
from dpn.targets import Target, targets
from dpn.testing.memory import Cloud, MemoryPlugin
from dpn.world import World


class Place:
    """A cloud with boxes and shelves in them, and records of some; nothing was applied."""

    def __init__(self) -> None:
        self.cloud = Cloud()
        self.plugins = plugins.load(objects=[MemoryPlugin(self.cloud)])
        self.records: dict[str, Record] = {}
        dispatcher = Dispatcher(self.plugins, Connections(self.plugins, {"mem": {}}), World(env={}))
        self.observer = Observer(dispatcher, self.plugins.kinds, 4)

    def put(self, address: str, name: str, parent: str | None = None, *, recorded: bool = True) -> Ref:
        kind = address.partition(".")[0]
        at = self.records[parent] if parent else None
        ref = Ref(kind, name, address, Ref(at.kind, at.name, at.id) if at else None)
        self.cloud.objects[kind, address] = Observed(ref, {})
        if recorded:
            self.records[address] = Record(address, kind, name, {}, "mem", id=address, parent=parent)
        return ref

    def look(self, *resources: Resource) -> Observations:
        return self.observer.look(targets(resources, self.records, self.plugins.kinds))


@pytest.fixture
def place() -> Place:
    return Place()


def want(address: str, name: str, parent: str | None = None, **more: Any) -> Resource:
    return Resource(address, address.partition(".")[0], name, {}, "mem", parent=parent, **more)


# how many calls -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [10, 100, 1000])
@pytest.mark.parametrize("containers", [1, 2, 5, 10])
def test_a_refresh_costs_at_most_two_calls_for_each_container_and_five(
    place: Place, size: int, containers: int
) -> None:
    for number in range(containers):
        place.put(f"mem_box.b{number}", f"box-{number}")
    for number in range(size - containers):
        place.put(f"mem_shelf.s{number}", f"shelf-{number}", f"mem_box.b{number % containers}")
    found = place.look()
    assert len(found.seen) == size
    assert len(place.cloud.calls) <= 2 * (containers + 1) + 5  # the account itself is a container


def test_others_things_cost_nothing(place: Place) -> None:
    for number in range(3):
        place.put(f"mem_box.b{number}", f"box-{number}")
    alone = len(place.look().seen), len(place.cloud.calls)
    place.cloud.calls.clear()
    for number in range(500):
        place.put(f"mem_box.other{number}", f"other-{number}", recorded=False)
    assert (len(place.look().seen), len(place.cloud.calls)) == alone


# what is looked for, and how ----------------------------------------------------------------------------------------


def test_what_is_recorded_is_looked_for_by_id_and_what_is_not_by_name(place: Place) -> None:
    place.put("mem_box.a", "box-a")
    place.put("mem_box.b", "box-b", recorded=False)
    found = place.look(want("mem_box.a", "box-a"), want("mem_box.b", "box-b"), want("mem_box.c", "box-c"))
    assert sorted(found.seen) == ["mem_box.a", "mem_box.b"]
    assert all(seen.ref.id == address for address, seen in found.seen.items())


@pytest.mark.parametrize("count", [1, 5])
def test_another_thing_at_the_recorded_name_is_not_ours(place: Place, count: int) -> None:
    for number in range(count):
        place.put(f"mem_box.b{number}", f"box-{number}")
    del place.cloud.objects["mem_box", "mem_box.b0"]
    place.cloud.objects["mem_box", "new"] = Observed(Ref("mem_box", "box-0", "new"), {})
    assert sorted(place.look().seen) == [f"mem_box.b{number}" for number in range(1, count)]


def test_a_name_that_is_no_identity_is_never_looked_for(place: Place) -> None:
    place.put("mem_robot.r", "robot", recorded=False)
    assert place.look(want("mem_robot.r", "robot")).seen == {}
    assert place.cloud.calls == []
    assert list(place.look(want("mem_robot.r", "robot", id="mem_robot.r")).seen) == ["mem_robot.r"]


def test_what_stands_in_an_absent_thing_is_absent_without_a_call(place: Place) -> None:
    place.put("mem_box.a", "box-a")
    place.put("mem_shelf.s", "shelf-s", "mem_box.a")
    del place.cloud.objects["mem_box", "mem_box.a"]
    assert place.look().seen == {}
    assert place.cloud.calls == [("mem_box", "read", "box-a")]


def test_parents_are_looked_for_first_and_their_place_is_used(place: Place) -> None:
    for box in "ab":
        place.put(f"mem_box.{box}", f"box-{box}")
        place.put(f"mem_shelf.{box}", "same-name", f"mem_box.{box}")
    found = place.look()
    assert {address: seen.ref.id for address, seen in found.seen.items()} == {one: one for one in place.records}
    assert [call[0] for call in place.cloud.calls] == ["mem_box"] * 2 + ["mem_shelf"] * 2


def test_what_stands_in_something_unknown_never_passes_for_absent(place: Place) -> None:
    place.put("mem_box.a", "box-a")
    place.put("mem_shelf.s", "shelf-s", "mem_box.a")
    del place.records["mem_box.a"]
    found = place.look()
    assert list(found.faults) == ["mem_shelf.s"]
    with pytest.raises(DpnError) as caught:
        refuse_faults(found)
    [problem] = caught.value.problems
    assert (problem.code, problem.address) == ("PARENT-UNKNOWN", "mem_shelf.s")
    assert "mem_box.a" in problem.message


def test_what_is_to_stand_in_something_that_cannot_be_looked_for_is_absent(place: Place) -> None:
    found = place.look(want("mem_robot.r", "robot"), want("mem_shelf.s", "shelf", "mem_robot.r"))
    assert (found.seen, found.faults) == ({}, {})


def test_targets_come_in_one_order() -> None:
    kinds = plugins.load(objects=[MemoryPlugin()]).kinds
    made = [want("mem_box.b", "x"), want("mem_box.a", "y")]
    assert targets(made, {}, kinds) == targets(reversed(made), {}, kinds)
    assert targets(made, {}, kinds)[0] == Target("mem_box.a", "mem_box", "y", "mem")


# faults -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 5])
def test_what_could_not_be_read_is_a_problem_with_an_address_and_nothing_else_is_lost(place: Place, count: int) -> None:
    for number in range(count):
        place.put(f"mem_box.b{number}", f"box-{number}")
    place.put("mem_robot.r", "robot")
    place.cloud.fault = lambda kind, method, name: "refuse" if kind == "mem_box" else None
    found = place.look()
    assert list(found.seen) == ["mem_robot.r"]
    assert sorted(found.faults) == [f"mem_box.b{number}" for number in range(count)]
    with pytest.raises(DpnError, match="nothing was changed") as caught:
        refuse_faults(found)
    assert caught.value.exit_code == 1
    assert [(one.code, one.address) for one in caught.value.problems] == [
        ("Denied", f"mem_box.b{number}") for number in range(count)
    ]


def test_without_a_fault_nothing_is_refused() -> None:
    refuse_faults(Observations())


# contents -----------------------------------------------------------------------------------------------------------


def _doomed(place: Place, *addresses: str) -> list[Change]:
    records = [place.records[address] for address in addresses]
    return [
        Change(one.address, one.kind, "delete", one.name, before=one, steps=(Step("delete"),)) for one in records
    ]  # fmt: skip


def test_what_the_plan_deletes_too_does_not_stand_in_the_way(place: Place) -> None:
    place.put("mem_box.a", "box-a")
    place.put("mem_shelf.s", "shelf-s", "mem_box.a")
    changes = _doomed(place, "mem_box.a", "mem_shelf.s")
    assert place.observer.contents(changes, place.records, place.look()) == []


def test_others_things_inside_stand_in_the_way_and_are_named(place: Place) -> None:
    box = place.put("mem_box.a", "box-a")
    place.put("mem_shelf.s", "shelf-s", "mem_box.a")
    place.cloud.objects["mem_shelf", "x"] = Observed(Ref("mem_shelf", "theirs", "x", box), {})
    [problem] = place.observer.contents(_doomed(place, "mem_box.a", "mem_shelf.s"), place.records, place.look())
    assert (problem.code, problem.address) == ("NOT-EMPTY", "mem_box.a")
    assert "mem_shelf theirs" in problem.message
    assert "shelf-s" not in problem.message


def test_only_what_is_there_and_is_deleted_is_looked_into(place: Place) -> None:
    place.put("mem_box.a", "box-a")
    place.put("mem_box.b", "box-b")
    del place.cloud.objects["mem_box", "mem_box.b"]
    seen = place.look()
    place.cloud.calls.clear()
    kept = Change("mem_box.a", "mem_box", "noop", "box-a", before=place.records["mem_box.a"])
    assert place.observer.contents([kept, *_doomed(place, "mem_box.b")], place.records, seen) == []
    assert place.cloud.calls == []


def test_a_box_that_cannot_be_looked_into_refuses(place: Place) -> None:
    place.put("mem_box.a", "box-a")
    seen = place.look()
    place.cloud.fault = lambda kind, method, name: "drop"
    with pytest.raises(DpnError) as caught:
        place.observer.contents(_doomed(place, "mem_box.a"), place.records, seen)
    assert [(one.code, one.address) for one in caught.value.problems] == [("Timeout", "mem_box.a")]


def test_regions_are_looked_at_each_on_its_own(place: Place) -> None:
    for number in range(6):
        place.put(f"mem_box.b{number}", f"box-{number}")
        address = f"mem_box.b{number}"
        place.records[address] = replace(place.records[address], region=("north-1", "south-1")[number % 2])
    assert len(place.look().seen) == 6
    assert [call[1] for call in place.cloud.calls] == ["list", "list"]
