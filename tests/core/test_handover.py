"""Names that pass from one address to another: who is first, who cannot be, and what is taken already."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dpn import api, handover, named, plugins
from dpn.errors import DpnError, InputError, RefusedError
from dpn.model import Marker, Observed, Record, Ref, Resource
from dpn.testing.memory import MemoryPlugin
from dpn.testing.simulation.cloud import SimCloud
from dpn.testing.simulation.kinds import SimPlugin

KINDS = plugins.load(objects=[MemoryPlugin()]).kinds


def shelves(lab: Any, **names: str) -> list[Any]:
    """Give a box with shelves by id and name."""
    return [
        lab.thing("mem_box.a"),
        *(lab.thing(f"mem_shelf.{key}", name, box="${mem_box.a}") for key, name in names.items()),
    ]


def ids(lab: Any) -> dict[str, str | None]:
    return {seen.ref.name: seen.ref.id for seen in lab.seen() if seen.ref.kind == "mem_shelf"}


def needs(planned: api.Planned, address: str) -> tuple[str, ...]:
    return next(one.needs for one in planned.plan.changes if one.address == address)


@pytest.mark.parametrize(
    ("unique", "scope"),
    [
        ("global", "mem"), ("partition", "mem"), ("parent", "mem_box.p"), ("account_region", "mem.eu north-1"),
        ("account", "mem.eu"), ("workspace", "mem.eu"), ("none", "mem.eu"),
    ],
)  # fmt: skip
def test_the_scope_in_which_a_name_must_be_unique(unique: Any, scope: str) -> None:
    info = KINDS["mem_box"]
    info = replace(info, name_rule=replace(info.name_rule, unique=unique))
    thing = Resource("mem_box.a", "mem_box", "x", {}, "mem.eu", parent="mem_box.p", region="north-1")
    assert handover.scope_of(thing, info) == scope


def test_in_a_chain_of_renames_each_waits_until_its_name_is_free(lab: Any) -> None:
    lab.outcome(*shelves(lab, a="one", b="two", c="three"))
    before = ids(lab)
    planned = lab.plan(*shelves(lab, a="two", b="three", c="four"))
    assert needs(planned, "mem_shelf.a") == ("mem_shelf.b",)
    assert needs(planned, "mem_shelf.b") == ("mem_shelf.c",)
    assert lab.outcome() == "done"
    assert [name for _, method, name in lab.called("rename")] == ["three", "two", "one"]
    assert ids(lab) == {"two": before["one"], "three": before["two"], "four": before["three"]}
    assert lab.empty()


def test_a_chain_that_fails_goes_back_through_the_same_names(lab: Any) -> None:
    lab.outcome(*shelves(lab, a="one", b="two", c="three"))
    before = ids(lab)
    lab.cloud.fault = lambda kind, method, name: "refuse" if (method, name) == ("rename", "one") else None
    assert lab.outcome(*shelves(lab, a="two", b="three", c="four")) == "rolled_back"
    assert ids(lab) == before


def test_a_name_that_is_taken_over_by_a_new_thing_is_free_first_and_nobody_is_adopted(lab: Any) -> None:
    lab.outcome(*shelves(lab, a="one"))
    planned = lab.plan(*shelves(lab, a="two", b="one"))
    assert {one.address: one.action for one in planned.plan.changes if one.steps} == {
        "mem_shelf.a": "rename", "mem_shelf.b": "create",
    }  # fmt: skip
    assert "mem_shelf.a" in needs(planned, "mem_shelf.b")
    assert lab.outcome() == "done"
    assert sorted(ids(lab)) == ["one", "two"]
    assert lab.empty()


def test_what_is_made_anew_frees_its_name_with_its_removal(lab: Any) -> None:
    lab.outcome(lab.thing("mem_box.a", "one"), lab.thing("mem_box.b", "two"), lab.thing("mem_robot.r"))
    things = [lab.thing("mem_box.a", "two"), lab.thing("mem_box.b", "three"), lab.thing("mem_robot.r")]
    both = ("mem_box.a", "mem_box.b")
    assert "mem_box.b!" in needs(lab.plan(*things, replaced=both), "mem_box.a")
    assert lab.outcome(replaced=both) == "done"
    assert [name for name in lab.cloud.names() if "box" in name] == ["mem_box three", "mem_box two"]


def test_two_that_are_made_anew_can_change_places(lab: Any) -> None:
    lab.outcome(lab.thing("mem_box.a", "one", size=1), lab.thing("mem_box.b", "two", size=2), lab.thing("mem_robot.r"))
    things = [lab.thing("mem_box.a", "two", size=1), lab.thing("mem_box.b", "one", size=2), lab.thing("mem_robot.r")]
    assert lab.outcome(*things, replaced=("mem_box.a", "mem_box.b")) == "done"
    assert {seen.ref.name: seen.spec["size"] for seen in lab.seen() if seen.ref.kind == "mem_box"} == {
        "two": 1, "one": 2,
    }  # fmt: skip


@pytest.mark.parametrize(
    "names", [{"a": "two", "b": "one"}, {"a": "two", "b": "three", "c": "one"}], ids=["swap", "circle"]
)
def test_a_circle_of_renames_is_refused_before_the_first_call(lab: Any, names: dict[str, str]) -> None:
    lab.outcome(*shelves(lab, **dict(zip("abc", ("one", "two", "three"), strict=True))))
    with pytest.raises(RefusedError) as caught:
        lab.apply(*shelves(lab, **{"c": "three", **names}))
    [problem] = caught.value.problems
    assert (problem.code, problem.address) == ("NAME-CIRCLE", "mem_shelf.a")
    assert all(f"mem_shelf.{one}" in problem.message for one in names)
    assert "third name" in (problem.hint or "")
    assert not lab.called("rename")


def test_each_circle_is_told(lab: Any) -> None:
    lab.outcome(*shelves(lab, a="one", b="two", c="three", d="four"))
    with pytest.raises(RefusedError) as caught:
        lab.plan(*shelves(lab, a="two", b="one", c="four", d="three"))
    assert [problem.address for problem in caught.value.problems] == ["mem_shelf.a", "mem_shelf.c"]


def test_the_way_through_a_third_name_is_open(lab: Any) -> None:
    lab.outcome(*shelves(lab, a="one", b="two"))
    assert lab.outcome(*shelves(lab, a="between", b="two")) == "done"
    assert lab.outcome(*shelves(lab, a="between", b="one")) == "done"
    assert lab.outcome(*shelves(lab, a="two", b="one")) == "done"


@pytest.mark.parametrize("marker", [None, Marker("other--prd", "x", "y"), Marker("lab--dev", "x", "y")])
@pytest.mark.parametrize("more", [0, 3], ids=["read", "listed"])
def test_a_new_name_that_somebody_has_refuses_the_plan(lab: Any, marker: Marker | None, more: int) -> None:
    others = {f"o{number}": f"other-{number}" for number in range(more)}
    lab.outcome(*shelves(lab, a="one", **others))
    box = next(seen.ref for seen in lab.seen() if seen.ref.kind == "mem_box")
    lab.cloud.objects["mem_shelf", "x"] = Observed(Ref("mem_shelf", "two", "x", box), {}, marker)
    calls = lab.called("rename", "create", "put")
    with pytest.raises(DpnError) as caught:
        lab.apply(*shelves(lab, a="two", **others))
    [problem] = caught.value.problems
    assert (caught.value.exit_code, problem.code, problem.address) == (1, "NAME-TAKEN", "mem_shelf.a")
    whose = f"stack {marker.stack.replace('--', '.')}" if marker else "somebody else; it carries no marker of dpn"
    assert problem.message == f"two exists already and belongs to {whose}."
    assert lab.called("rename", "create", "put") == calls


def test_a_new_name_of_what_is_to_be_replaced_is_looked_at_too(lab: Any) -> None:
    lab.outcome(lab.thing("mem_box.a", "one"), lab.thing("mem_robot.r"))
    lab.cloud.objects["mem_box", "x"] = Observed(Ref("mem_box", "two", "x"), {})
    with pytest.raises(DpnError) as caught:
        lab.apply(lab.thing("mem_box.a", "two"), lab.thing("mem_robot.r"), replaced=("mem_box.a",))
    assert [problem.code for problem in caught.value.problems] == ["NAME-TAKEN"]
    assert not lab.called("delete")


def test_the_same_name_in_another_parent_is_nobodys(lab: Any) -> None:
    lab.outcome(*shelves(lab, a="one"), lab.thing("mem_box.b"), lab.thing("mem_shelf.z", "two", box="${mem_box.b}"))
    assert (
        lab.outcome(*shelves(lab, a="two"), lab.thing("mem_box.b"), lab.thing("mem_shelf.z", "two", box="${mem_box.b}"))
        == "done"
    )


def test_a_name_that_a_recorded_thing_keeps_is_a_collision_and_no_adoption(lab: Any) -> None:
    lab.outcome(lab.thing("mem_box.a", "one"))
    with pytest.raises(InputError) as caught:
        lab.apply(lab.thing("mem_box.a", "other"), lab.thing("mem_box.b", "one"))  # a box keeps its name
    assert [problem.code for problem in caught.value.problems] == ["NAME-COLLISION"]


def test_a_thing_of_ours_under_another_alias_is_not_adopted(lab: Any) -> None:
    lab.outcome(lab.thing("mem_box.a", "one"))
    both = lab.thing("mem_box.a", "one"), lab.thing("mem_box.b", "one", provider="mem.eu")
    lab.write(*both, providers={"mem": {}, "mem.eu": {}})
    with pytest.raises(DpnError) as caught:
        lab.apply()
    [problem] = caught.value.problems
    assert (problem.code, problem.address) == ("NAME-TAKEN", "mem_box.b")
    assert "mem_box.a" in problem.message


def test_only_another_case_of_letters_is_no_other_name(lab: Any) -> None:
    info = KINDS["mem_shelf"]
    want = Resource("mem_shelf.a", "mem_shelf", "One", {}, "mem", parent="mem_box.a")
    lab.outcome(*shelves(lab, a="one"))
    record = lab.records()["mem_shelf.a"]
    assert info.name_rule.unique_fold == "lower"
    assert not handover.is_renamed(want, record, KINDS)
    assert handover.is_renamed(replace(want, name="two"), record, KINDS)


def test_what_somebody_renamed_as_it_is_wanted_is_taken_note_of_and_not_made_again(lab: Any) -> None:
    lab.outcome(*shelves(lab, a="one"))
    was = ids(lab)["one"]
    key, seen = next((key, seen) for key, seen in lab.cloud.objects.items() if seen.ref.name == "one")
    lab.cloud.objects[key] = replace(seen, ref=replace(seen.ref, name="two"))
    assert lab.actions(*shelves(lab, a="two"))["mem_shelf.a"] == "rename"
    assert lab.outcome(*shelves(lab, a="two")) == "done"
    assert lab.called("rename") == []
    assert ids(lab) == {"two": was}
    assert lab.actions(*shelves(lab, a="two"))["mem_shelf.a"] == "noop"


def _rename_by_hand(lab: Any, old: str, new: str) -> None:
    for key, seen in list(lab.cloud.objects.items()):
        if seen.ref.name == old:
            lab.cloud.objects[key] = replace(seen, ref=replace(seen.ref, name=new))


@pytest.mark.parametrize("others", [0, 4], ids=["read", "listed"])
def test_a_name_that_was_given_by_hand_is_noted_however_things_are_looked_at(lab: Any, others: int) -> None:
    more = {f"o{number}": f"other-{number}" for number in range(others)}
    lab.outcome(*shelves(lab, a="one", **more))
    _rename_by_hand(lab, "one", "two")
    assert lab.outcome(*shelves(lab, a="two", **more)) == "done"
    assert lab.called("rename") == []
    assert lab.actions(*shelves(lab, a="two", **more))["mem_shelf.a"] == "noop"
    assert lab.outcome(*shelves(lab, a="two", b="one", **more)) == "done"  # the former name is free


def test_what_is_inside_of_a_thing_that_was_renamed_by_hand_is_not_made_again(lab: Any) -> None:
    lab.plugin, lab.cloud = SimPlugin, SimCloud()
    assert lab.outcome(lab.thing("mem_room.m", "one"), lab.thing("mem_desk.d", "ten", room="${mem_room.m}")) == "done"
    was = {seen.ref.id for seen in lab.seen()}
    _rename_by_hand(lab, "one", "two")
    after = (lab.thing("mem_room.m", "two"), lab.thing("mem_desk.d", "eleven", room="${mem_room.m}"))
    assert lab.actions(*after) == {"mem_room.m": "rename", "mem_desk.d": "rename"}
    assert lab.outcome(*after) == "done"
    assert {seen.ref.id for seen in lab.seen()} == was
    assert sorted(seen.ref.name for seen in lab.seen()) == ["eleven", "two"]


def test_two_names_of_the_state_alone_stand_against_no_plan() -> None:
    """As an earlier version allowed: neither can be deleted otherwise."""
    records = {address: Record(address, "mem_robot", "same", {}, "mem") for address in ("mem_robot.a", "mem_robot.b")}
    assert named.clashes({}, records, KINDS, set(), ()) == []
    wanted = {"mem_robot.b": Resource("mem_robot.b", "mem_robot", "same", {}, "mem")}
    [problem] = named.clashes(wanted, records, KINDS, set(), ())
    assert "mem_robot.a is only in the state" in (problem.hint or "")


def test_the_way_out_of_a_collision_is_told_by_what_collides(lab: Any) -> None:
    lab.outcome(lab.thing("mem_box.a", "one"))
    with pytest.raises(InputError) as caught:
        lab.plan(lab.thing("mem_box.a", "two"), lab.thing("mem_box.b", "one"))
    [problem] = caught.value.problems
    assert (problem.code, "mem_box.a keeps that name" in (problem.hint or "")) == ("NAME-COLLISION", True)
    lab.write(lab.thing("mem_box.a", "one"), lab.thing("mem_box.b", "one"))
    with pytest.raises(InputError) as caught:
        lab.plan(excludes=("mem_box.a",))
    assert "mem_box.a is left out" in (caught.value.problems[0].hint or "")


def test_what_is_forgotten_does_not_let_go_of_its_name(lab: Any) -> None:
    lab.outcome(*shelves(lab, b="two"))
    box = next(seen.ref for seen in lab.seen() if seen.ref.kind == "mem_box")
    lab.cloud.objects["mem_shelf", "x"] = Observed(Ref("mem_shelf", "theirs", "x", box), {})
    there = lab.thing("mem_shelf.b", "theirs", box="${mem_box.a}", existing=True)
    with pytest.raises(DpnError) as caught:
        lab.plan(lab.thing("mem_box.a"), there, lab.thing("mem_shelf.n", "two", box="${mem_box.a}"))
    assert [(one.code, one.address) for one in caught.value.problems] == [("NAME-TAKEN", "mem_shelf.n")]
