"""The waves and rows of a change of names, from plans alone; tests/core/api/test_renames.py makes the plans too."""

from __future__ import annotations

from dataclasses import replace

from dpn import migration
from dpn.edges import connect
from dpn.handover import Kept
from dpn.migration import Row
from dpn.model import Action, Change, Diff, Plan, Record, Resource, Step
from dpn.plugins import load
from dpn.testing.memory import MemoryPlugin

KINDS = load(objects=[MemoryPlugin()]).kinds
STEPS: dict[str, tuple[Step, ...]] = {
    "rename": (Step("rename"),), "replace": (Step("delete"), Step("create")), "update": (Step("put", "tags"),),
    "noop": (),
}  # fmt: skip


def change(address: str, action: Action, *needs: str, naming: str = "b", **more: object) -> Change:
    kind, name = address.split(".")
    want = Resource(address, kind, f"new-{name}", {}, "mem", needs=needs, naming={"project": naming})
    before = Record(address, kind, f"old-{name}", {}, "mem", needs=needs, naming={"project": "a"})
    made = Change(address, kind, action, want.name, want=want, before=before, steps=STEPS[action])
    return replace(made, **more)  # type: ignore[arg-type]  # whatever a test says


def plan(*changes: Change, first: dict[str, set[str]] | None = None) -> Plan:
    return Plan("lab.dev", "dev", 1, "", tuple(connect({one.address: one for one in changes}, first)))


def test_a_wave_is_the_longest_way_to_it() -> None:
    made = plan(
        change("mem_shelf.a", "rename"), change("mem_shelf.b", "rename", "mem_shelf.a"),
        change("mem_shelf.c", "rename", "mem_shelf.a", "mem_shelf.b"), change("mem_shelf.d", "rename"),
    )  # fmt: skip
    assert migration.waves(made) == {"mem_shelf.a": 1, "mem_shelf.b": 2, "mem_shelf.c": 3, "mem_shelf.d": 1}


def test_what_does_not_change_is_in_no_wave_and_is_looked_through() -> None:
    made = plan(
        change("mem_shelf.a", "rename"), change("mem_shelf.b", "noop", "mem_shelf.a"),
        change("mem_shelf.c", "rename", "mem_shelf.b"),
    )  # fmt: skip
    assert migration.waves(made) == {"mem_shelf.a": 1, "mem_shelf.c": 2}


def test_the_removal_of_what_is_inside_makes_no_wave_of_its_own() -> None:
    made = plan(change("mem_box.a", "replace"), change("mem_box.b", "replace", "mem_box.a"))
    assert "mem_box.b!" in next(one for one in made.changes if one.address == "mem_box.a").removal_needs
    assert migration.waves(made) == {"mem_box.a": 1, "mem_box.b": 2}


def test_who_takes_a_name_is_a_wave_behind_who_had_it() -> None:
    changes = change("mem_shelf.a", "rename"), change("mem_shelf.b", "rename")
    assert migration.waves(plan(*changes, first={"mem_shelf.a": {"mem_shelf.b"}})) == {
        "mem_shelf.a": 2, "mem_shelf.b": 1,
    }  # fmt: skip


def test_rows_stand_by_wave_and_what_is_only_kept_last() -> None:
    made = plan(change("mem_shelf.b", "rename", "mem_box.z"), change("mem_box.z", "replace"))
    kept = Kept("mem_box.k", "mem_box", "old-k", "new-k", "mem_box cannot be renamed", "")
    assert migration.rows(made, KINDS, [kept], ["mem_box.z"]) == [
        Row(1, "mem_box.z", "mem_box", "old-z", "new-z", "replace", "asked for with --replace"),
        Row(2, "mem_shelf.b", "mem_shelf", "old-b", "new-b", "rename"),
        Row(None, "mem_box.k", "mem_box", "old-k", "new-k", "keep", "mem_box cannot be renamed"),
    ]


def test_tags_follow_only_where_each_of_them_is_a_naming_value_that_changed() -> None:
    def taken(before: dict[str, str], after: dict[str, str], naming: str = "b") -> set[str]:
        tags = (Diff("tags", before, after),)
        return migration.parts(plan(change("mem_box.a", "update", naming=naming, diffs=tags)), KINDS)

    assert taken({"project": "a", "x": "1"}, {"project": "b", "x": "1"}) == {"mem_box.a"}
    assert taken({"project": "a", "x": "1"}, {"project": "b", "x": "2"}) == set()
    assert taken({"project": "by hand"}, {"project": "b"}) == set()
    assert taken({"project": "a"}, {"project": "b"}, naming="c") == set()


def test_what_is_made_anew_for_another_reason_is_no_part_of_it() -> None:
    same = change("mem_box.a", "replace", diffs=(Diff("color", "red", "blue"),))
    assert same.before
    same = replace(same, before=replace(same.before, name=same.name))
    assert migration.parts(plan(same), KINDS) == set()


def test_a_name_that_was_changed_by_hand_is_the_old_one() -> None:
    made = plan(change("mem_shelf.a", "rename", diffs=(Diff("name", "by-hand", "new-a"),)))
    assert [(row.old, row.new) for row in migration.rows(made, KINDS, [])] == [("by-hand", "new-a")]


def test_what_mentions_a_former_name_is_a_part_and_what_refers_by_id_is_not() -> None:
    def user(bound: dict[str, str]) -> Change:
        made = change("mem_robot.r", "update", "mem_shelf.a", diffs=(Diff("job", "reads old-a", "reads new-a"),))
        assert made.want
        assert made.before
        spec = {"job": "reads ${mem_shelf.a}"}
        return replace(made, want=replace(made.want, spec=spec), before=replace(made.before, spec=spec, bound=bound))

    target = change("mem_shelf.a", "noop")
    assert migration.parts(plan(target, user({"mem_shelf.a#name": "old-a"})), KINDS) == {"mem_robot.r"}
    assert migration.parts(plan(target, user({"mem_shelf.a#name": "new-a"})), KINDS) == set()
    assert migration.parts(plan(target, user({"mem_shelf.a#id": "i1"})), KINDS) == set()
