from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dpn import plugins
from dpn.items import Item
from dpn.model import Record, Resource
from dpn.resolve import keep_names, moves, resource
from dpn.testing.memory import MemoryPlugin

KINDS = plugins.load(objects=[MemoryPlugin()]).kinds
VARIABLES = {"project": "acme", "environment": "dev", "team": "", "purpose": "raw"}


def item(address: str, **more: Any) -> Item:
    kind, _, name = address.partition(".")
    return Item(address, kind, name, **more)


def built(one: Item, name: str = "the-name", tags: tuple[str, ...] | None = None) -> Resource:
    return resource(one, KINDS[one.kind], name, VARIABLES, "north-1", tags)


def test_needs_are_the_references_and_what_was_said_beside_them() -> None:
    spec = {"box": "${mem_box.a}", "note": "by ${mem_shelf.t.id} with ${env:X} and $${mem_box.no}"}
    made = built(item("mem_shelf.s", spec=spec, needs=("mem_robot.r", "mem_box.a")))
    assert made.needs == ("mem_box.a", "mem_robot.r", "mem_shelf.t")
    assert made.parent == "mem_box.a"


def test_a_parent_with_an_index_is_found() -> None:
    assert built(item("mem_shelf.s", spec={"box": "${mem_box.a[gold]}"})).parent == "mem_box.a[gold]"


def test_the_name_is_as_the_service_stores_it() -> None:
    assert built(item("mem_shelf.s", spec={"box": "${mem_box.a}"}), "Mixed").name == "mixed"


def test_default_tags_are_those_that_have_a_value_and_a_tag_of_its_own_wins() -> None:
    own = item("mem_box.a", spec={"tags": {"project": "other", "x": "y"}})
    assert built(own).spec["tags"] == {"project": "other", "environment": "dev", "x": "y"}
    assert built(own, tags=("purpose",)).spec["tags"] == {"purpose": "raw", "project": "other", "x": "y"}
    assert built(own, tags=()).spec["tags"] == {"project": "other", "x": "y"}


def test_a_kind_without_tags_gets_none() -> None:
    assert "tags" not in built(item("mem_shelf.s", spec={"box": "${mem_box.a}"})).spec


def test_what_exists_already_gets_neither_tags_nor_defaults() -> None:
    assert built(item("mem_box.a", existing=True)).spec == {}


def test_defaults_of_the_schema_are_filled_in() -> None:
    assert built(item("mem_box.a")).spec["locked"] is True


def test_the_provider_is_the_alias_or_the_kinds_own() -> None:
    assert built(item("mem_box.a")).provider == "mem"
    assert built(item("mem_box.a", provider="mem.eu")).provider == "mem.eu"


# names ------------------------------------------------------------------------------------------------------------

BOX = Resource("mem_box.a", "mem_box", "new-name", {}, "mem")
WAS = Record("mem_box.a", "mem_box", "old-name", {}, "mem")


def test_a_name_that_cannot_change_in_place_is_kept_with_a_warning() -> None:
    [named], [kept] = keep_names([BOX], {"mem_box.a": WAS}, KINDS)
    problem = kept.problem
    assert named.name == "old-name"
    assert (problem.code, problem.severity, problem.address) == ("NAME-KEPT", "warning", "mem_box.a")
    assert "new-name" in problem.message
    assert "--replace 'mem_box.a'" in (problem.hint or "")


@pytest.mark.parametrize(
    ("want", "record", "replaced"),
    [
        (BOX, None, ()),
        (BOX, replace(WAS, name="new-name"), ()),
        (BOX, WAS, ("mem_box.a",)),
        (replace(BOX, existing=True), WAS, ()),
        (replace(BOX, kind="mem_shelf"), replace(WAS, kind="mem_shelf"), ()),
    ],
    ids=["new", "same", "asked to be replaced", "existing", "renamed in place"],
)  # fmt: skip
def test_in_all_other_cases_the_new_name_stands(want: Resource, record: Record | None, replaced: Any) -> None:
    records = {record.address: record} if record else {}
    assert keep_names([want], records, KINDS, replaced) == ([want], [])


def test_a_record_moves_to_the_address_that_says_what_it_was() -> None:
    moved = replace(BOX, address="mem_box.b", was="mem_box.a")
    assert moves([moved], {"mem_box.a": WAS}) == {"mem_box.a": "mem_box.b"}


def test_nothing_moves_where_nothing_was_or_something_is_already() -> None:
    moved = replace(BOX, address="mem_box.b", was="mem_box.a")
    assert moves([moved], {}) == {}
    assert moves([moved], {"mem_box.a": WAS, "mem_box.b": replace(WAS, address="mem_box.b")}) == {}
    assert moves([BOX], {"mem_box.a": WAS}) == {}
