from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dpn import api, hookimpl, plugins
from dpn import plan as planning
from dpn.errors import DpnError, RefusedError
from dpn.model import Change, Marker, Observed, Record, Ref, Resource
from dpn.provider import Provider
from dpn.testing.memory import Cloud, MemoryPlugin, provider


def change(planned: api.Planned, address: str) -> Change:
    return next(one for one in planned.plan.changes if one.address == address)


def steps(planned: api.Planned, address: str) -> list[str]:
    return [str(step) for step in change(planned, address).steps]


def drift(lab: Any, name: str, **spec: Any) -> None:
    """Change something in the cloud behind dpn's back; None takes a field away."""
    key, seen = next((key, seen) for key, seen in lab.cloud.objects.items() if seen.ref.name == name)
    new = {**seen.spec, **spec}
    lab.cloud.objects[key] = replace(seen, spec={field: value for field, value in new.items() if value is not None})


def plant(lab: Any, kind: str, name: str, marker: Marker | None = None, **spec: Any) -> Ref:
    """Put something into the cloud that dpn did not make."""
    ref = Ref(kind, name, lab.cloud.new_id())
    lab.cloud.objects[kind, ref.id] = Observed(ref, spec, marker)
    return ref


def vanish(lab: Any, name: str) -> None:
    for key in [key for key, seen in lab.cloud.objects.items() if seen.ref.name == name]:
        del lab.cloud.objects[key]


@pytest.fixture
def full(lab: Any) -> Any:
    """Apply a box with two shelves that refer to each other, and a robot."""
    lab.things = [
        lab.thing("mem_box.a", size=3),
        lab.thing("mem_shelf.s", box="${mem_box.a}", note="in ${mem_box.a}"),
        lab.thing("mem_shelf.t", box="${mem_box.a}", note="by ${mem_shelf.s}", beside="${mem_shelf.s}"),
        lab.thing("mem_robot.r", job="${mem_shelf.s}"),
    ]
    assert lab.outcome(*lab.things) == "done"
    return lab


# one change of each sort --------------------------------------------------------------------------------------------


def test_what_is_not_there_is_created_with_a_step_for_each_call(lab: Any) -> None:
    planned = lab.plan(lab.thing("mem_box.a", size=3), lab.thing("mem_robot.r", job="x"))
    assert steps(planned, "mem_box.a") == ["create", "put lock", "put size"]
    assert steps(planned, "mem_robot.r") == ["create", "ready"]
    assert api.summary(planned.plan)["create"] == 2


def test_after_an_apply_there_is_nothing_to_do(full: Any) -> None:
    assert set(full.actions().values()) == {"noop"}
    assert full.empty()
    assert full.outcome() is None


def test_only_the_parts_that_differ_are_put(full: Any) -> None:
    planned = full.plan(full.thing("mem_box.a", size=4), *full.things[1:])
    assert change(planned, "mem_box.a").action == "update"
    assert steps(planned, "mem_box.a") == ["put size"]
    assert [(diff.field, diff.before, diff.after) for diff in change(planned, "mem_box.a").diffs] == [("size", 3, 4)]


def test_a_field_that_leaves_the_blueprint_is_taken_away(full: Any) -> None:
    assert full.actions(full.thing("mem_box.a"), *full.things[1:])["mem_box.a"] == "update"
    assert full.outcome() == "done"
    box = next(seen for seen in full.seen() if seen.ref.name == "the-a")
    assert "size" not in box.spec
    assert full.empty()


def test_a_plain_field_that_drifted_is_set_back(full: Any) -> None:
    drift(full, "the-a", size=99)
    assert steps(full.plan(), "mem_box.a") == ["put size"]
    assert full.outcome() == "done"
    assert full.empty()


def test_a_field_that_nobody_asked_for_is_left_alone(full: Any) -> None:
    drift(full, "the-r", broken=False)
    assert full.empty()


@pytest.mark.parametrize(("field", "edited"), [("note", "edited"), ("beside", "i999999"), ("note", None)])
def test_a_reference_that_drifted_is_set_back(full: Any, field: str, edited: str | None) -> None:
    drift(full, "the-t", **{field: edited})
    assert full.actions() == {
        "mem_box.a": "noop", "mem_shelf.s": "noop", "mem_shelf.t": "update", "mem_robot.r": "noop",
    }  # fmt: skip
    assert full.outcome() == "done"
    assert full.empty()


def test_a_rename_in_place_changes_nothing_that_refers_to_it_now_or_on_the_next_plan(full: Any) -> None:
    full.things[1] = full.thing("mem_shelf.s", "renamed", box="${mem_box.a}", note="in ${mem_box.a}")
    only = {"mem_box.a": "noop", "mem_shelf.s": "rename", "mem_shelf.t": "noop", "mem_robot.r": "noop"}
    assert full.actions(*full.things) == only
    assert full.outcome() == "done"
    assert "mem_shelf renamed" in full.cloud.names()
    assert full.empty()


def test_a_rename_goes_with_the_parts_that_differ(full: Any) -> None:
    full.things[1] = full.thing("mem_shelf.s", "renamed", box="${mem_box.a}", note="new")
    planned = full.plan(*full.things)
    assert steps(planned, "mem_shelf.s") == ["rename", "put definition"]
    assert change(planned, "mem_shelf.s").action == "rename"


def test_an_immutable_field_means_a_replace_that_says_why(full: Any) -> None:
    planned = full.plan(full.thing("mem_box.a", size=3, color="red"), *full.things[1:])
    box = change(planned, "mem_box.a")
    assert (box.action, box.reversible, box.reason) == ("replace", "lossy", "color cannot be changed")
    assert steps(planned, "mem_box.a") == ["delete", "create", "put lock", "put size"]


def test_a_replace_takes_along_what_stands_in_it_and_what_refers_to_it(full: Any) -> None:
    full.write(full.thing("mem_box.a", size=3, color="red"), *full.things[1:])
    assert full.actions() == {
        "mem_box.a": "replace", "mem_shelf.s": "replace", "mem_shelf.t": "replace", "mem_robot.r": "noop",
    }  # fmt: skip
    assert full.outcome() == "done"
    assert full.empty()


def test_a_replaced_target_with_a_new_id_is_referred_to_anew(lab: Any) -> None:
    things = [
        lab.thing("mem_box.a"), lab.thing("mem_box.b"),
        lab.thing("mem_shelf.s", box="${mem_box.a}"),
        lab.thing("mem_shelf.t", box="${mem_box.b}", beside="${mem_shelf.s}"),
    ]  # fmt: skip
    lab.outcome(*things)
    lab.write(*things)
    assert lab.actions(replaced=("mem_shelf.s",))["mem_shelf.t"] == "update"
    assert lab.outcome(replaced=("mem_shelf.s",)) == "done"
    ids = {seen.ref.name: seen.ref.id for seen in lab.seen()}
    assert next(seen for seen in lab.seen() if seen.ref.name == "the-t").spec["beside"] == ids["the-s"]
    assert lab.empty()


def test_a_target_that_vanished_and_is_made_again_is_referred_to_anew(lab: Any) -> None:
    things = [
        lab.thing("mem_box.a"), lab.thing("mem_shelf.s", box="${mem_box.a}"),
        lab.thing("mem_shelf.t", box="${mem_box.a}", beside="${mem_shelf.s}", note="by ${mem_shelf.s}"),
    ]  # fmt: skip
    lab.outcome(*things)
    vanish(lab, "the-s")
    planned = lab.plan(*things)
    assert (change(planned, "mem_shelf.s").action, change(planned, "mem_shelf.t").action) == ("create", "update")
    assert [(diff.field, str(diff.after)) for diff in change(planned, "mem_shelf.t").diffs] == [
        ("beside", "(known after apply)")
    ]
    assert lab.outcome() == "done"
    assert lab.empty()


def test_a_replaced_target_that_keeps_its_name_changes_nothing_that_refers_to_its_name(full: Any) -> None:
    full.write(*full.things)
    assert full.actions(replaced=("mem_shelf.s",))["mem_robot.r"] == "noop"


def test_what_leaves_the_blueprint_is_deleted_after_what_needs_it(full: Any) -> None:
    full.write(full.things[3] | full.thing("mem_robot.r", job="sort"))
    planned = full.plan(allow_deletes=9)
    assert full.actions(allow_deletes=9) == {
        "mem_box.a": "delete", "mem_shelf.s": "delete", "mem_shelf.t": "delete", "mem_robot.r": "update",
    }  # fmt: skip
    assert set(change(planned, "mem_shelf.s").removal_needs) == {"mem_shelf.t!", "mem_robot.r"}
    assert full.outcome(allow_deletes=9) == "done"
    assert full.cloud.names() == ["mem_robot the-r"]
    assert full.empty()


def test_on_delete_keep_forgets_and_touches_nothing(lab: Any) -> None:
    box = lab.thing("mem_box.a")
    lab.outcome(box, lab.thing("mem_robot.r", job="x", on_delete="keep"))
    calls = len(lab.called("delete", "put", "archive"))
    assert lab.actions(box)["mem_robot.r"] == "noop"
    assert lab.outcome() == "done"
    assert list(lab.records()) == ["mem_box.a"]
    assert len(lab.called("delete", "put", "archive")) == calls
    assert "mem_robot the-r" in lab.cloud.names()
    assert lab.empty()


def test_on_delete_archive_archives_once_and_brings_back(lab: Any) -> None:
    box, robot = lab.thing("mem_box.a"), lab.thing("mem_robot.r", job="x", on_delete="archive")
    lab.outcome(box, robot)
    assert lab.actions(box)["mem_robot.r"] == "archive"
    assert lab.outcome() == "done"
    assert lab.empty()
    assert lab.records()["mem_robot.r"].status == "archived"
    assert lab.actions(box, lab.thing("mem_robot.r", job="y", on_delete="archive"))["mem_robot.r"] == "restore"
    assert lab.outcome() == "done"
    [seen] = [seen for seen in lab.seen() if seen.ref.kind == "mem_robot"]
    assert (seen.status, seen.spec["job"]) == ("ok", "y")
    assert lab.records()["mem_robot.r"].status == "ready"
    assert lab.empty()


def test_what_was_to_be_archived_and_has_vanished_only_leaves_the_state(lab: Any) -> None:
    box = lab.thing("mem_box.a")
    lab.outcome(box, lab.thing("mem_robot.r", job="x", on_delete="archive"))
    vanish(lab, "the-r")
    assert lab.outcome(box) == "done"
    assert list(lab.records()) == ["mem_box.a"]


def test_a_thing_with_our_marker_and_no_record_is_adopted_and_brought_to_what_is_wanted(lab: Any) -> None:
    plant(lab, "mem_box", "the-a", Marker("lab--dev", "whatever", "lost"), locked=True, size=1)
    planned = lab.plan(lab.thing("mem_box.a", size=2))
    assert change(planned, "mem_box.a").action == "adopt"
    assert steps(planned, "mem_box.a") == ["mark", "put size", "put tags"]
    assert lab.outcome() == "done"
    assert len(lab.seen()) == 1
    assert lab.records()["mem_box.a"].origin == "adopted"
    assert lab.empty()


@pytest.mark.parametrize("marker", [None, Marker("other--dev", "x", "y")])
def test_a_name_that_somebody_else_has_is_found_before_the_first_write(lab: Any, marker: Marker | None) -> None:
    plant(lab, "mem_box", "the-a", marker)
    with pytest.raises(DpnError) as caught:
        lab.apply(lab.thing("mem_box.a"), lab.thing("mem_box.b"))
    assert caught.value.exit_code == 1
    [problem] = caught.value.problems
    assert (problem.code, problem.address) == ("NAME-TAKEN", "mem_box.a")
    assert ("other.dev" if marker else "somebody else") in problem.message
    assert lab.called("create", "put", "mark") == []


@pytest.mark.parametrize("wanted", [True, False])
def test_a_thing_that_lost_our_marker_is_neither_changed_nor_deleted(lab: Any, wanted: bool) -> None:
    box = lab.thing("mem_box.b")
    lab.outcome(lab.thing("mem_box.a"), box)
    for key, seen in list(lab.cloud.objects.items()):
        if seen.ref.name == "the-a":
            lab.cloud.objects[key] = replace(seen, marker=None)
    with pytest.raises(DpnError) as caught:
        lab.apply(*([lab.thing("mem_box.a", size=7)] if wanted else []), box)
    [problem] = caught.value.problems
    assert (problem.code, problem.address) == ("NOT-OURS", "mem_box.a")
    assert "dpn state rm" in (problem.hint or "")


def test_a_name_that_drifted_is_set_back_only_where_a_kind_can_be_renamed(lab: Any) -> None:
    lab.outcome(lab.thing("mem_robot.r", job="x"))
    for key, seen in list(lab.cloud.objects.items()):
        lab.cloud.objects[key] = replace(seen, ref=replace(seen.ref, name="edited"))
    assert lab.actions() == {"mem_robot.r": "noop"}


# what stands against it ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("change_it", ["delete", "replace"])
def test_what_is_protected_is_neither_deleted_nor_replaced(lab: Any, change_it: str) -> None:
    other = lab.thing("mem_box.b")
    lab.outcome(lab.thing("mem_box.a", protect=True), other)
    changed = [lab.thing("mem_box.a", protect=True, color="red")] if change_it == "replace" else []
    with pytest.raises(RefusedError) as caught:
        lab.apply(*changed, other)
    assert [(problem.code, problem.address) for problem in caught.value.problems] == [("PROTECTED", "mem_box.a")]
    assert len(lab.seen()) == 2


def test_protection_is_taken_away_by_an_apply_of_its_own(lab: Any) -> None:
    other = lab.thing("mem_box.b")
    lab.outcome(lab.thing("mem_box.a", protect=True), other)
    with pytest.raises(RefusedError):
        lab.plan(lab.thing("mem_box.a", protect=False, color="red"), other)
    assert lab.outcome(lab.thing("mem_box.a", protect=False), other) == "done"
    assert lab.outcome(other) == "done"
    assert lab.cloud.names() == ["mem_box the-b"]


def test_a_protected_thing_inside_of_a_replaced_one_refuses_the_replace(lab: Any) -> None:
    shelf = lab.thing("mem_shelf.s", box="${mem_box.a}", protect=True)
    lab.outcome(lab.thing("mem_box.a"), shelf)
    with pytest.raises(RefusedError) as caught:
        lab.plan(lab.thing("mem_box.a", color="red"), shelf)
    assert [problem.address for problem in caught.value.problems] == ["mem_shelf.s"]


def test_what_holds_somebody_elses_things_is_not_deleted(lab: Any) -> None:
    other = lab.thing("mem_robot.r", job="x")
    lab.outcome(lab.thing("mem_box.a"), other)
    box = next(seen.ref for seen in lab.seen() if seen.ref.kind == "mem_box")
    lab.cloud.objects["mem_shelf", "theirs"] = Observed(Ref("mem_shelf", "theirs", "theirs", box), {})
    with pytest.raises(RefusedError) as caught:
        lab.plan(other)
    [problem] = caught.value.problems
    assert (problem.code, problem.address) == ("NOT-EMPTY", "mem_box.a")
    assert "mem_shelf theirs" in problem.message


def test_what_cannot_be_looked_into_is_not_taken_for_empty(lab: Any) -> None:
    other = lab.thing("mem_robot.r", job="x")
    lab.outcome(lab.thing("mem_box.a"), other)
    lab.cloud.fault = lambda kind, method, name: "refuse" if method == "contents" else None
    with pytest.raises(DpnError, match="could not be read") as caught:
        lab.plan(other)
    assert [(problem.code, problem.address) for problem in caught.value.problems] == [("Denied", "mem_box.a")]


# existing, scope, moves ---------------------------------------------------------------------------------------------


def test_what_exists_is_referred_to_and_never_changed(lab: Any) -> None:
    plant(lab, "mem_box", "theirs", size=1)
    before = lab.seen()
    planned = lab.plan(lab.thing("mem_box.e", "theirs", existing=True), lab.thing("mem_shelf.s", box="${mem_box.e}"))
    assert [one.address for one in planned.plan.changes] == ["mem_shelf.s"]
    assert [problem.code for problem in planned.plan.problems] == []
    assert lab.outcome() == "done"
    assert lab.seen()[0] == before[0]
    assert list(lab.records()) == ["mem_shelf.s"]
    assert lab.empty()


def test_what_stands_in_something_that_exists_is_deleted_and_that_stays(lab: Any) -> None:
    plant(lab, "mem_box", "theirs")
    lab.outcome(lab.thing("mem_box.e", "theirs", existing=True), lab.thing("mem_shelf.s", box="${mem_box.e}"))
    result = lab.delete().result
    assert result
    assert result.outcome == "done"
    assert lab.cloud.names() == ["mem_box theirs"]


def test_what_should_exist_and_does_not_ends_the_plan(lab: Any) -> None:
    with pytest.raises(DpnError) as caught:
        lab.plan(lab.thing("mem_box.e", "theirs", existing=True))
    assert [(problem.code, problem.address) for problem in caught.value.problems] == [("MISSING", "mem_box.e")]


def test_a_managed_thing_that_is_declared_as_existing_stays_and_is_forgotten(lab: Any) -> None:
    lab.outcome(lab.thing("mem_box.a"), lab.thing("mem_shelf.s", box="${mem_box.a}"))
    assert lab.outcome(lab.thing("mem_box.a", existing=True), lab.thing("mem_shelf.s", box="${mem_box.a}")) == "done"
    assert list(lab.records()) == ["mem_shelf.s"]
    assert lab.empty()
    lab.delete()
    assert lab.cloud.names() == ["mem_box the-a"]


def test_a_delete_before_that_apply_leaves_it_too(lab: Any) -> None:
    lab.outcome(lab.thing("mem_box.a"))
    lab.write(lab.thing("mem_box.a", existing=True))
    lab.delete()
    assert lab.cloud.names() == ["mem_box the-a"]


def test_what_the_scope_leaves_out_is_neither_planned_nor_deleted(lab: Any) -> None:
    things = lab.thing("mem_box.a"), lab.thing("mem_box.b"), lab.thing("mem_robot.r", job="x")
    lab.outcome(*things)
    lab.write(lab.thing("mem_box.a", size=9), scope={"exclude": ["mem_robot", "mem_box.b"]})
    assert lab.actions() == {"mem_box.a": "update"}
    assert lab.outcome() == "done"
    assert set(lab.records()) == {"mem_box.a", "mem_box.b", "mem_robot.r"}


def test_what_needs_something_outside_of_the_scope_that_does_not_exist_is_refused_in_the_plan(lab: Any) -> None:
    lab.write(lab.thing("mem_box.a"), lab.thing("mem_shelf.s", box="${mem_box.a}"), scope={"include": ["mem_shelf"]})
    with pytest.raises(RefusedError) as caught:
        lab.plan()
    assert [(one.code, one.address) for one in caught.value.problems] == [("NEEDS-SKIPPED", "mem_shelf.s")]


def test_a_moved_address_keeps_its_thing_and_what_refers_to_it_follows(full: Any) -> None:
    before = {seen.ref.id for seen in full.seen()}
    moved = [
        full.things[0],
        full.thing("mem_shelf.new", "the-s", box="${mem_box.a}", note="in ${mem_box.a}", was="mem_shelf.s"),
        full.thing("mem_shelf.t", box="${mem_box.a}", note="by ${mem_shelf.new}", beside="${mem_shelf.new}"),
        full.thing("mem_robot.r", job="${mem_shelf.new}"),
    ]
    planned = full.plan(*moved)
    assert {one.action for one in planned.plan.changes} == {"noop"}
    assert planned.plan.moves == {"mem_shelf.s": "mem_shelf.new"}
    assert not api.is_empty(planned.plan)
    assert full.outcome() == "done"
    assert full.records()["mem_shelf.t"].needs == ("mem_box.a", "mem_shelf.new")
    assert {seen.ref.id for seen in full.seen()} == before
    assert full.empty()


def test_a_moved_parent_is_followed_by_what_stands_in_it(full: Any) -> None:
    full.things[0] = full.thing("mem_box.new", "the-a", size=3, was="mem_box.a")
    full.things[1] = full.thing("mem_shelf.s", box="${mem_box.new}", note="in ${mem_box.new}")
    full.things[2] = full.thing("mem_shelf.t", box="${mem_box.new}", note="by ${mem_shelf.s}", beside="${mem_shelf.s}")
    assert set(full.actions(*full.things).values()) == {"noop"}
    assert full.outcome() == "done"
    assert full.records()["mem_shelf.s"].parent == "mem_box.new"
    assert full.empty()


# the hash -----------------------------------------------------------------------------------------------------------

KINDS = plugins.load(objects=[MemoryPlugin()]).kinds


def build(resources: Iterable[Resource], records: Mapping[str, Record], seen: Mapping[str, Observed]) -> Any:
    inputs = planning.Inputs("lab.dev", "dev", KINDS, tuple(resources), records, seen, 3, "lineage")
    return planning.make(inputs)


@st.composite
def situations(draw: st.DrawFn) -> tuple[list[Resource], dict[str, Record], dict[str, Observed]]:
    """Boxes and shelves in them, some recorded, some gone, some drifted, some existing only."""
    resources: list[Resource] = []
    records: dict[str, Record] = {}
    seen: dict[str, Observed] = {}
    for number in range(draw(st.integers(1, 5))):
        for kind in ("mem_box", "mem_shelf"):
            address = f"{kind}.n{number}"
            parent = f"mem_box.n{number}" if kind == "mem_shelf" else None
            spec: dict[str, Any] = {"note": draw(st.sampled_from(["a", "b"]))}
            needs = tuple(filter(None, [parent]))
            fate = draw(st.sampled_from(["new", "same", "drifted", "gone", "unwanted", "existing"]))
            if kind == "mem_shelf" and fate == "existing":
                fate = "same"
            if fate != "unwanted":
                resources.append(
                    Resource(address, kind, f"name-{number}", spec, "mem", needs, parent, existing=fate == "existing")
                )
            if fate in ("same", "drifted", "gone", "unwanted"):
                records[address] = Record(
                    address, kind, f"name-{number}", spec, "mem", op="op", id=address, parent=parent, needs=needs
                )
            if fate in ("same", "drifted", "unwanted", "existing"):
                there = {"note": "edited"} if fate == "drifted" else spec
                ref = Ref(kind, f"name-{number}", address)
                seen[address] = Observed(ref, there, Marker("lab--dev", "x", "op"))
    return resources, records, seen


@settings(max_examples=100, deadline=None)
@given(situations(), st.integers())
def test_the_order_of_what_comes_in_says_nothing(situation: Any, seed: int) -> None:
    resources, records, seen = situation
    mixed = random.Random(seed)
    items = [list(records.items()), list(seen.items())]
    for one in (resources_too := list(resources), *items):
        mixed.shuffle(one)
    plan, problems = build(resources, records, seen)
    again, same_problems = build(resources_too, dict(items[0]), dict(items[1]))
    assert again.hash == plan.hash
    assert again.changes == plan.changes
    assert sorted(map(str, problems)) == sorted(map(str, same_problems))


def test_a_plan_made_again_from_the_same_has_the_same_hash(full: Any) -> None:
    full.write(full.thing("mem_box.a", size=4), *full.things[1:])
    assert full.plan().plan.hash == full.plan().plan.hash


@pytest.mark.parametrize("what", ["blueprint", "cloud", "state"])
def test_the_hash_changes_with_the_blueprint_the_cloud_and_the_state(full: Any, what: str) -> None:
    full.write(full.thing("mem_box.a", size=4), *full.things[1:])
    before = full.plan().plan.hash
    if what == "blueprint":
        full.write(full.thing("mem_box.a", size=5), *full.things[1:])
    elif what == "cloud":
        drift(full, "the-s", note="edited")
    else:
        api.forget(full.options(), ["mem_robot.r"], full.world)
    assert full.plan().plan.hash != before


def test_shuffled_blueprints_give_one_plan(full: Any) -> None:
    full.write(*full.things)
    before = full.plan().plan.hash
    full.write(*reversed(full.things))
    assert full.plan().plan.hash == before


# offline ------------------------------------------------------------------------------------------------------------


def test_an_offline_plan_takes_the_records_for_what_is_there_and_makes_no_call(full: Any) -> None:
    full.cloud.calls.clear()
    assert set(full.actions(*full.things, offline=True).values()) == {"noop"}
    planned = full.plan(full.thing("mem_box.a", size=4), *full.things[1:], offline=True)
    assert change(planned, "mem_box.a").action == "update"
    assert full.cloud.calls == []


def test_notes_alone_are_a_plan_without_calls(full: Any) -> None:
    full.things[3] = full.thing("mem_robot.r", job="${mem_shelf.s}", protect=True, on_delete="archive")
    planned = full.plan(*full.things)
    assert {one.action for one in planned.plan.changes} == {"noop"}
    assert not api.is_empty(planned.plan)
    full.cloud.calls.clear()
    assert full.outcome() == "done"
    assert full.called("put", "create", "delete") == []
    assert (full.records()["mem_robot.r"].protect, full.records()["mem_robot.r"].on_delete) == (True, "archive")
    assert full.empty()


def test_a_put_of_one_part_says_nothing_of_the_references_in_another(lab: Any) -> None:
    lab.outcome(
        lab.thing("mem_box.a"),
        lab.thing("mem_shelf.s", "before", box="${mem_box.a}"),
        lab.thing("mem_box.b", size=1, tags={"of": "${mem_shelf.s}"}),
    )
    lab.outcome(
        lab.thing("mem_box.a"),
        lab.thing("mem_shelf.s", "after", box="${mem_box.a}"),
        lab.thing("mem_box.b", size=2, tags={"of": "${mem_shelf.s}"}),
    )
    assert lab.empty()


# where a thing is ---------------------------------------------------------------------------------------------------


class Clouds:
    """The provider `mem` over as many clouds as its aliases name with `cloud`."""

    def __init__(self) -> None:
        self.of: dict[str, Cloud] = {}

    @hookimpl
    def dpn_providers(self) -> list[Provider]:
        return [replace(provider(Cloud()), connect=self._connect)]

    def _connect(self, settings: Mapping[str, Any]) -> Cloud:
        account = settings.get("cloud", "one")
        return self.of.setdefault(account, Cloud(account=account))

    def names(self) -> dict[str, list[str]]:
        return {account: cloud.names() for account, cloud in self.of.items() if cloud.objects}


def carry_out(lab: Any, clouds: Clouds, providers: Mapping[str, Any], **thing: Any) -> tuple[str, str | None]:
    """Apply one box with these providers; give its action and the outcome."""
    lab.write(lab.thing("mem_box.a", **thing), lab.thing("mem_box.b"), providers=providers)
    options = replace(lab.options(), plugins=(clouds,))
    action = change(api.plan(options, lab.world), "mem_box.a").action
    result = api.apply(options, lab.world).result
    return action, result.outcome if result else None


def test_another_alias_of_the_same_account_changes_the_record_only(lab: Any) -> None:
    clouds = Clouds()
    providers: dict[str, Any] = {"mem": {}, "mem.too": {}}
    carry_out(lab, clouds, providers)
    assert carry_out(lab, clouds, providers, provider="mem.too") == ("noop", "done")
    assert lab.records()["mem_box.a"].provider == "mem.too"
    assert carry_out(lab, clouds, providers, provider="mem.too") == ("noop", None)


def test_an_alias_of_another_account_means_a_replace_from_there_to_here(lab: Any) -> None:
    clouds = Clouds()
    providers: dict[str, Any] = {"mem": {}, "mem.two": {"cloud": "two"}}
    carry_out(lab, clouds, providers)
    assert carry_out(lab, clouds, providers, provider="mem.two") == ("replace", "done")
    assert clouds.names() == {"one": ["mem_box the-b"], "two": ["mem_box the-a"]}
    record = lab.records()["mem_box.a"]
    assert (record.provider, record.account, record.settings) == ("mem.two", "two", {"cloud": "two"})
    assert carry_out(lab, clouds, providers, provider="mem.two") == ("noop", None)


def test_what_an_alias_made_is_deleted_there_when_the_alias_is_no_longer_in_the_blueprint(lab: Any) -> None:
    clouds = Clouds()
    carry_out(lab, clouds, {"mem": {}, "mem.two": {"cloud": "two"}}, provider="mem.two")
    lab.write(lab.thing("mem_box.b"))
    result = api.apply(replace(lab.options(), plugins=(clouds,)), lab.world).result
    assert result
    assert result.outcome == "done"
    assert clouds.names() == {"one": ["mem_box the-b"]}


def test_another_region_means_a_replace(lab: Any) -> None:
    clouds = Clouds()
    assert carry_out(lab, clouds, {"mem": {"region": "north-1"}, "mem.x": {}}) == ("create", "done")
    assert carry_out(lab, clouds, {"mem": {"region": "north-1"}, "mem.s": {"region": "south-1"}}, provider="mem.s") == (
        "replace", "done",
    )  # fmt: skip
    assert lab.records()["mem_box.a"].region == "south-1"


def test_another_parent_means_a_replace(lab: Any) -> None:
    boxes = lab.thing("mem_box.a"), lab.thing("mem_box.b")
    lab.outcome(*boxes, lab.thing("mem_shelf.s", box="${mem_box.a}"))
    planned = lab.plan(*boxes, lab.thing("mem_shelf.s", box="${mem_box.b}"))
    assert change(planned, "mem_shelf.s").action == "replace"
    assert [diff.field for diff in change(planned, "mem_shelf.s").diffs] == ["box"]
    assert lab.outcome() == "done"
    assert lab.records()["mem_shelf.s"].parent == "mem_box.b"
    assert lab.empty()


def test_an_immutable_reference_to_what_is_made_anew_means_a_replace_too(lab: Any) -> None:
    things = [
        lab.thing("mem_box.a"), lab.thing("mem_shelf.s", box="${mem_box.a}"),
        lab.thing("mem_box.b", color="${mem_shelf.s.id}"),
    ]  # fmt: skip
    lab.outcome(*things)
    assert lab.empty()
    assert lab.actions(replaced=("mem_shelf.s",))["mem_box.b"] == "replace"
    assert lab.outcome(replaced=("mem_shelf.s",)) == "done"
    assert lab.empty()
