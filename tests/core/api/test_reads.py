from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

import pytest

from dpn import api, hookimpl
from dpn.errors import DpnError, InputError
from dpn.model import Observed, Ref, Want
from dpn.provider import Kind, NameRule, Part, Provider


@pytest.fixture
def made(lab: Any) -> Any:
    lab.outcome(
        lab.thing("mem_box.a", size=1),
        lab.thing("mem_shelf.s", box="${mem_box.a}", note="pw ${env:CANARY}"),
        lab.thing("mem_robot.r", job="x"),
    )
    return lab


def read(lab: Any, *addresses: str, **more: Any) -> dict[str, api.Seen]:
    return {seen.address: seen for seen in api.read(lab.options(), addresses, lab.world, **more)[0]}


def test_what_is_read_comes_from_the_cloud(made: Any) -> None:
    for key, seen in list(made.cloud.objects.items()):
        if seen.ref.name == "the-a":
            made.cloud.objects[key] = replace(seen, spec={**seen.spec, "size": 77})
    seen = read(made)["mem_box.a"]
    assert (seen.exists, seen.kind, seen.name, seen.attributes["size"]) == (True, "mem_box", "the-a", 77)
    assert seen.id == made.records()["mem_box.a"].id


def test_what_is_gone_is_told(made: Any) -> None:
    made.cloud.objects.clear()
    assert {seen.exists for seen in read(made).values()} == {False}
    assert {seen.status for seen in read(made).values()} == {"absent"}


@pytest.mark.parametrize(
    ("addresses", "more", "expected"),
    [
        ((), {}, ["mem_box.a", "mem_robot.r", "mem_shelf.s"]),
        (("mem_shelf.s",), {}, ["mem_shelf.s"]),
        ((), {"kinds": "*_box"}, ["mem_box.a"]),
        (("mem_box.a",), {"kinds": "mem_robot"}, []),
    ],
)
def test_some_are_chosen(made: Any, addresses: Any, more: Any, expected: list[str]) -> None:
    assert sorted(read(made, *addresses, **more)) == expected


def test_one_is_chosen_by_its_id(made: Any) -> None:
    assert sorted(read(made, ids=f"*{made.records()['mem_robot.r'].id}")) == ["mem_robot.r"]


def test_what_stands_in_something_is_found_though_that_was_not_asked_for(made: Any) -> None:
    assert read(made, "mem_shelf.s")["mem_shelf.s"].exists


def test_what_stands_in_something_that_exists_only_is_found_by_the_blueprint(lab: Any) -> None:
    lab.cloud.objects["mem_box", "x"] = Observed(Ref("mem_box", "theirs", "x"), {})
    lab.outcome(lab.thing("mem_box.e", "theirs", existing=True), lab.thing("mem_shelf.s", box="${mem_box.e}"))
    assert read(lab)["mem_shelf.s"].exists


def test_a_secret_is_not_shown(made: Any) -> None:
    assert "canary" not in repr(read(made))
    assert read(made)["mem_shelf.s"].attributes["note"] == "(sensitive)"


def test_an_address_that_is_not_in_the_state_is_wrong_input(made: Any) -> None:
    with pytest.raises(InputError, match=r"mem_box\.typo"):
        read(made, "mem_box.typo")


def test_a_cloud_that_does_not_answer_is_an_error_with_addresses(made: Any) -> None:
    made.cloud.fault = lambda kind, method, name: "drop"
    with pytest.raises(DpnError, match="nothing was changed") as caught:
        read(made)
    assert {problem.address for problem in caught.value.problems} == {"mem_box.a", "mem_robot.r"}


# three floors -------------------------------------------------------------------------------------------------------


class Floor(Kind):
    """A thing that stands in another one and is found by the way down to it."""

    name_rule = NameRule("[a-z-]+", unique="parent")
    default_pattern = "{project}"
    schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "properties": {"in": {"type": "string"}, "note": {"type": "string"}},
    }
    parts = (Part("note", ("note",), at_birth=True),)
    parent = "in"
    session: dict[str, str]

    def _path(self, ref: Ref | None) -> str:
        return f"{self._path(ref.parent)}/{ref.name}" if ref else ""

    def create(self, want: Want) -> Ref:
        ref = Ref(self.kind, want.name, None, want.parent)
        self.session[self._path(ref)] = self.kind
        return ref

    def put(self, ref: Ref, part: str, want: Want, seen: Observed) -> None: ...

    def read(self, ref: Ref) -> Observed | None:
        return Observed(ref, {}) if self._path(ref) in self.session else None

    def delete(self, ref: Ref, seen: Observed) -> None:
        del self.session[self._path(ref)]


KINDS = tuple(type(name, (Floor,), {"kind": f"tower_{name}"}) for name in ("house", "floor", "room"))


class Tower:
    def __init__(self) -> None:
        self.there: dict[str, str] = {}

    @hookimpl
    def dpn_providers(self) -> list[Provider]:
        return [Provider("tower", KINDS, connect=lambda settings: self.there)]


def test_what_stands_three_floors_deep_is_made_read_and_deleted(lab: Any) -> None:
    tower = Tower()
    lab.objects.append(tower)
    lab.outcome(
        lab.thing("tower_house.h"),
        lab.thing("tower_floor.f", **{"in": "${tower_house.h}"}),
        lab.thing("tower_room.r", **{"in": "${tower_floor.f}"}),
    )
    assert sorted(tower.there) == ["/the-h", "/the-h/the-f", "/the-h/the-f/the-r"]
    assert read(lab, "tower_room.r")["tower_room.r"].exists
    assert lab.empty()
    assert lab.delete().result.outcome == "done"
    assert tower.there == {}


# stacks and schemas -------------------------------------------------------------------------------------------------


def test_the_stack_is_the_flag_the_blueprint_or_the_only_one(made: Any) -> None:
    for options in ({"stack": "lab.dev", "file": None}, {}, {"file": None}):
        assert len(api.records(made.options(**options), made.world)[0]) == 3
    (made.root / "blueprint.json").unlink()
    assert len(api.records(made.options(file=None), made.world)[0]) == 3


def test_of_several_stacks_one_must_be_named(made: Any) -> None:
    made.write(made.thing("mem_box.z"), stack="other")
    made.apply()
    assert api.stacks(made.options(), made.world) == ["lab.dev", "other.dev"]
    (made.root / "blueprint.json").unlink()
    with pytest.raises(InputError, match=r"lab\.dev, other\.dev"):
        api.records(made.options(file=None), made.world)


def test_without_any_stack_the_next_step_is_said(lab: Any) -> None:
    with pytest.raises(InputError, match="no stack yet") as caught:
        api.records(lab.options(file=None), lab.world)
    assert "dpn apply" in caught.value.hint


def test_the_schema_of_blueprints_holds_those_of_the_kinds(lab: Any) -> None:
    import jsonschema

    whole = api.schema(lab.options(), lab.world, kinds=["mem_box", "mem_shelf"])
    jsonschema.Draft202012Validator.check_schema(whole)
    good = {"version": "1", "resources": {"mem_box": {"a": {"spec": {"size": 1}}}}}
    bad = {"version": "1", "resources": {"mem_box": {"a": {"spec": {"size": "big"}}}}}
    checker = jsonschema.Draft202012Validator(whole)
    assert checker.is_valid(good)
    assert not checker.is_valid(bad)


def test_plugins_are_listed_by_group() -> None:
    assert set(api.installed()) == {
        "providers", "naming", "backends", "emulators", "templates", "commands", "extensions",
    }  # fmt: skip
