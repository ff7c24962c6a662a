from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dpn import plugins
from dpn.compare import as_observed, diffs
from dpn.model import Diff, Observed, Record, Ref, Resource
from dpn.references import UNKNOWN
from dpn.testing.memory import MemoryPlugin

KINDS = plugins.load(objects=[MemoryPlugin()]).kinds
SHELF = KINDS["mem_shelf"]
NAMES = {"mem_box.a": "box-a", "mem_shelf.t": "shelf-t"}


def shelf(**spec: Any) -> Resource:
    return Resource("mem_shelf.s", "mem_shelf", "shelf-s", {"box": "${mem_box.a}", **spec}, "mem", parent="mem_box.a")


def record(bound: dict[str, str] | None = None, **spec: Any) -> Record:
    full = {"box": "${mem_box.a}", **spec}
    return Record("mem_shelf.s", "mem_shelf", "shelf-s", full, "mem", id="i1", parent="mem_box.a", bound=bound or {})


def seen(**spec: Any) -> Observed:
    return Observed(Ref("mem_shelf", "shelf-s", "i1"), spec)


@pytest.mark.parametrize(
    ("wanted", "recorded", "there", "expected"),
    [
        ({"note": "a"}, {"note": "a"}, {"note": "a"}, ()),
        ({"note": "b"}, {"note": "a"}, {"note": "a"}, (Diff("note", "a", "b"),)),
        ({"note": "a"}, {"note": "a"}, {"note": "drifted"}, (Diff("note", "drifted", "a"),)),
        ({"note": "a"}, {"note": "a"}, {}, (Diff("note", None, "a"),)),
        ({}, {"note": "a"}, {"note": "a"}, (Diff("note", "a", None),)),
        ({}, {"note": "a"}, {}, ()),
        ({}, {}, {"note": "somebody's"}, ()),
        ({"note": "b"}, {"note": "a"}, {"note": "b"}, ()),
    ],
    ids=["same", "changed", "drift", "lost", "removed", "removed and gone", "not ours to judge", "as wanted already"],
)
def test_a_plain_field(wanted: Any, recorded: Any, there: Any, expected: Any) -> None:
    assert diffs(shelf(**wanted), record(**recorded), seen(**there), SHELF, NAMES) == expected


TEXT = "next to ${mem_shelf.t}"


def held(there: dict[str, Any], wanted: str = TEXT, name: str = "shelf-t") -> tuple[Diff, ...]:
    was = record({"mem_shelf.t#name": "shelf-t"}, note=TEXT)
    return diffs(shelf(note=wanted), was, seen(**there), SHELF, {**NAMES, "mem_shelf.t": name})


def test_a_reference_is_compared_by_its_target_so_another_name_changes_nothing() -> None:
    assert held({"note": "next to shelf-t"}, name="renamed") == ()


def test_a_reference_has_drifted_when_the_cloud_shows_something_else_than_was_applied() -> None:
    assert held({"note": "edited"}) == (Diff("note", "edited", "next to shelf-t"),)
    assert held({}) == (Diff("note", None, "next to shelf-t"),)


def test_another_target_is_a_change_even_with_the_same_name() -> None:
    assert held({"note": "next to shelf-t"}, wanted="next to ${mem_shelf.u}") == (
        Diff("note", "next to shelf-t", UNKNOWN),
    )


def test_without_a_record_the_resolved_text_is_all_there_is() -> None:
    assert diffs(shelf(note=TEXT), None, seen(note="next to shelf-t"), SHELF, NAMES) == ()
    assert diffs(shelf(note=TEXT), None, seen(note="x"), SHELF, NAMES) == (Diff("note", "x", "next to shelf-t"),)


def test_what_only_the_cloud_knows_is_unknown_and_never_a_name() -> None:
    was = record({"mem_shelf.t#id": "i2"}, beside="${mem_shelf.t}")
    assert diffs(shelf(beside="${mem_shelf.t}"), was, seen(beside="i2"), SHELF, NAMES) == ()
    assert diffs(shelf(beside="${mem_shelf.t}"), was, seen(beside="i9"), SHELF, NAMES) == (
        Diff("beside", "i9", UNKNOWN),
    )


def test_a_field_that_holds_a_secret_is_judged_by_its_text_alone() -> None:
    was = record(note="${env:A}")
    assert diffs(shelf(note="${env:A}"), was, seen(note="whatever"), SHELF, NAMES) == ()


@pytest.mark.parametrize("wanted", ["${env:B}", "plain", None])
def test_what_a_secret_stood_for_is_never_shown(wanted: str | None) -> None:
    new = shelf(note=wanted) if wanted else shelf()
    [diff] = diffs(new, record(note="${env:A}"), seen(note="hunter2"), SHELF, NAMES)
    assert diff == Diff("note", "(secret)", wanted)


def test_the_parent_and_what_the_cloud_computes_are_no_fields_to_compare() -> None:
    computed = replace(SHELF, computed=frozenset({"note"}))
    assert diffs(shelf(note="a"), record(note="a"), seen(note="b"), computed, NAMES) == ()


def test_empty_is_the_same_as_absent() -> None:
    info = KINDS["mem_box"]
    want = Resource("mem_box.a", "mem_box", "box-a", {}, "mem")
    was = Record("mem_box.a", "mem_box", "box-a", {"tags": {"a": "b"}}, "mem")
    assert diffs(want, was, Observed(Ref("mem_box", "box-a"), {"tags": {}}), info, {}) == ()


def test_a_record_taken_as_observed_differs_from_nothing_it_was_applied_with() -> None:
    was = record({"mem_shelf.t#name": "shelf-t", "mem_shelf.t#id": "i2"}, note=TEXT, beside="${mem_shelf.t}")
    there = as_observed(was, SHELF)
    assert there.spec == {"note": "next to shelf-t", "beside": "i2"}
    assert diffs(shelf(note=TEXT, beside="${mem_shelf.t}"), was, there, SHELF, NAMES) == ()
    assert there.ref == Ref("mem_shelf", "shelf-s", "i1")


def test_a_list_without_order_is_compared_in_the_order_of_what_its_references_stand_for() -> None:
    kind = replace(SHELF, unordered=frozenset({"beside"}))
    texts = ["${mem_box.a}", "${mem_shelf.t}"]
    was = record({"mem_box.a#name": "z", "mem_shelf.t#name": "b"}, beside=texts)
    want = shelf(beside=texts)
    assert diffs(want, was, seen(beside=["b", "z"]), kind, NAMES) == ()
    assert diffs(want, was, seen(beside=["b", "y"]), kind, NAMES)


def test_entries_that_are_known_by_a_key_may_stand_in_any_order() -> None:
    schema = {"properties": {"note": {"type": "array", "x-dpn-key": "name"}}}
    kind = replace(SHELF, schema=schema)
    rows = [{"name": "b", "at": 1}, {"name": "a", "at": 2}]
    assert diffs(shelf(note=rows), record(note=rows), seen(note=rows[::-1]), kind, NAMES) == ()
    assert diffs(shelf(note=rows), record(note=rows), seen(note=[rows[0], {"name": "a", "at": 3}]), kind, NAMES)
    assert diffs(shelf(note=rows), record(note=rows), seen(note=[rows[0]]), kind, NAMES)
    assert diffs(shelf(note=["b", "a"]), record(note=["b", "a"]), seen(note=["a", "b"]), kind, NAMES)
