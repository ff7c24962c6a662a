"""What the scope leaves out: of the blueprint or of the command line, it means the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpn import api
from dpn.errors import InputError, PluginError, RefusedError
from dpn.items import Item
from dpn.scope import Scope, split

# pure ---------------------------------------------------------------------------------------------------------------

GLOBS = st.lists(st.sampled_from(["a_*", "b_y", "*.p", "a_x.p", "a_x.q[k]", "b_*", "*"]), max_size=3).map(tuple)
ADDRESSES = st.sampled_from(["a_x.p", "a_x.q[k]", "a_x.q[j]", "b_y.p", "b_z.r"])


@given(GLOBS, GLOBS, GLOBS, GLOBS, ADDRESSES)
def test_two_scopes_cover_what_both_cover(
    one: tuple[str, ...], other: tuple[str, ...], more: tuple[str, ...], less: tuple[str, ...], address: str
) -> None:
    kind = address.partition(".")[0]
    both = Scope(one, other).narrowed(more, less)
    assert both.covers(kind, address) == (
        Scope(one, other).covers(kind, address) and Scope(more, less).covers(kind, address)
    )


@given(GLOBS, GLOBS, st.sets(ADDRESSES), st.dictionaries(ADDRESSES, st.sets(ADDRESSES)))
def test_what_is_inside_never_lacks_what_it_needs(
    include: tuple[str, ...], exclude: tuple[str, ...], addresses: set[str], needs: dict[str, set[str]]
) -> None:
    items = [
        Item(address, address.partition(".")[0], address.partition(".")[2], needs=tuple(needs.get(address, ())))
        for address in addresses
    ]
    scope = Scope(include, exclude)
    inside, spare, outside = split(items, scope)
    kept = {item.address for item in inside}
    assert sorted(item.address for item in (*inside, *spare, *outside)) == sorted(addresses)
    assert all(not scope.covers(item.kind, item.address) for item in (*spare, *outside))
    assert all(need in kept for item in inside for need in item.needs if need in addresses)


# through the doors --------------------------------------------------------------------------------------------------


def scoped(lab: Any, where: str, include: tuple[str, ...] = (), exclude: tuple[str, ...] = ()) -> dict[str, Any]:
    """Narrow in the blueprint, in the command line, or one in each; give the options."""
    sections = {"include": list(include), "exclude": list(exclude)}
    said = {key: globs for key, globs in sections.items() if globs and where in ("blueprint", f"{key} in blueprint")}
    path = lab.root / "blueprint.json"
    text = path.read_text()
    path.write_text(text.replace('"resources"', f'"scope": {said}, "resources"'.replace("'", '"'), 1) if said else text)
    return {f"{key}s": tuple(globs) for key, globs in sections.items() if key not in said and globs}


WHERES = ["blueprint", "command", "include in blueprint", "exclude in blueprint"]


@pytest.fixture
def things(lab: Any) -> Any:
    """Write a blueprint with boxes, a robot, and shelves in a box."""
    lab.write(
        lab.thing("mem_box.a"), lab.thing("mem_box.b", for_each={"purpose": ["x", "y"]}, naming={}),
        lab.thing("mem_shelf.s", box="${mem_box.a}"), lab.thing("mem_robot.r", job="x"),
    )  # fmt: skip
    return lab


@pytest.mark.parametrize("where", WHERES)
@pytest.mark.parametrize(
    ("include", "exclude", "planned"),
    [
        (("mem_box",), (), ["mem_box.a", "mem_box.b[x]", "mem_box.b[y]"]),
        (("mem_*",), ("mem_box.b",), ["mem_box.a", "mem_robot.r", "mem_shelf.s"]),
        ((), ("mem_s*", "mem_robot"), ["mem_box.a", "mem_box.b[x]", "mem_box.b[y]"]),
        (("mem_box.b[x]", "mem_robot.?"), (), ["mem_box.b[x]", "mem_robot.r"]),
        (("*",), ("*.b[y]",), ["mem_box.a", "mem_box.b[x]", "mem_robot.r", "mem_shelf.s"]),
        (("mem_robot",), ("mem_robot",), []),
    ],
)
def test_it_means_the_same_wherever_it_stands(
    things: Any, where: str, include: tuple[str, ...], exclude: tuple[str, ...], planned: list[str]
) -> None:
    options = scoped(things, where, include, exclude)
    assert sorted(things.actions(**options)) == planned
    found = api.validate(things.options(**options), things.world)
    assert found.problems == ()
    assert set(planned) <= {resource.address for resource in found.resources}
    assert things.outcome(**options) == ("done" if planned else None)
    assert not planned or sorted(things.records()) == planned


@pytest.mark.parametrize("where", WHERES)
def test_what_it_leaves_out_is_not_deleted(things: Any, where: str) -> None:
    things.outcome()
    things.write(things.thing("mem_box.a"))
    options = scoped(things, where, ("mem_*",), ("mem_shelf", "mem_box.b[x]", "mem_robot.r"))
    assert things.actions(**options) == {"mem_box.a": "noop", "mem_box.b[y]": "delete"}


@pytest.mark.parametrize("where", ["blueprint", "command"])
@pytest.mark.parametrize("existing", [{}, {"existing": True}])
def test_a_kind_that_is_only_named_may_stand_in_a_blueprint_if_it_is_left_out(
    lab: Any, where: str, existing: dict[str, Any]
) -> None:
    lab.write(lab.thing("mem_box.a"), {"mem_label.l": {"name": "some-label", **existing}})
    refused = api.validate(lab.options(), lab.world).problems
    assert [one.code for one in refused] == ["KIND-NAMES-ONLY"]
    assert "--exclude mem_label" in (refused[0].hint or "")
    options = scoped(lab, where, (), ("mem_label",))
    assert api.validate(lab.options(**options), lab.world).problems == ()
    assert lab.outcome(**options) == "done"
    assert lab.cloud.names() == ["mem_box the-a"]


def test_a_kind_that_is_only_named_is_refused_where_something_in_scope_refers_to_it(lab: Any) -> None:
    lab.write(lab.thing("mem_robot.r", job="${mem_label.l}"), {"mem_label.l": {"name": "some-label"}})
    [problem] = api.validate(lab.options(excludes=("mem_label",)), lab.world).problems
    assert (problem.code, problem.address) == ("KIND-NAMES-ONLY", "mem_label.l")


@pytest.mark.parametrize("where", ["blueprint", "command"])
@pytest.mark.parametrize("existing", [{}, {"existing": True}])
def test_the_plugin_of_what_is_left_out_need_not_be_installed(lab: Any, where: str, existing: dict[str, Any]) -> None:
    lab.write(lab.thing("mem_box.a"), {"nowhere_thing.t": {"name": "x", **existing}})
    with pytest.raises(PluginError):
        lab.plan()
    options = scoped(lab, where, (), ("nowhere_*",))
    assert lab.actions(**options) == {"mem_box.a": "create"}
    assert lab.outcome(**options) == "done"


def test_what_is_left_out_is_not_judged(lab: Any) -> None:
    lab.write(lab.thing("mem_box.a"), lab.thing("mem_box.b", "NOT GOOD", size="big"))
    assert len(api.validate(lab.options(), lab.world).problems) > 1
    assert api.validate(lab.options(excludes=("mem_box.b",)), lab.world).problems == ()


def test_what_is_left_out_is_not_looked_at_unless_something_stands_on_it(things: Any) -> None:
    things.outcome()
    things.cloud.calls.clear()
    things.plan(includes=("mem_shelf",))
    assert {kind for kind, _, _ in things.cloud.calls} == {"mem_shelf", "mem_box"}
    assert not any("the-b" in name for _, _, name in things.cloud.calls)


def test_what_was_another_address_moves_though_it_is_left_out(lab: Any) -> None:
    lab.outcome(lab.thing("mem_box.old"), lab.thing("mem_box.a"))
    lab.write(lab.thing("mem_box.new", "the-old", was="mem_box.old"), lab.thing("mem_box.a", size=1))
    assert lab.actions(excludes=("mem_box.new",)) == {"mem_box.a": "update"}
    assert lab.outcome(excludes=("mem_box.new",)) == "done"
    assert "mem_box the-old" in lab.cloud.names()


def test_what_stands_in_something_that_exists_and_is_left_out_is_found(lab: Any) -> None:
    from dpn.model import Observed, Ref

    lab.cloud.objects["mem_box", "x"] = Observed(Ref("mem_box", "theirs", "x"), {})
    theirs = lab.thing("mem_box.e", "theirs", existing=True)
    lab.outcome(theirs, lab.thing("mem_shelf.s", box="${mem_box.e}"))
    lab.write(theirs)
    assert lab.actions(includes=("mem_shelf",), allow_deletes=1) == {"mem_shelf.s": "delete"}


def test_what_needs_something_that_is_left_out_and_not_there_is_refused(things: Any) -> None:
    with pytest.raises(RefusedError) as caught:
        things.plan(excludes=("mem_box.a",))
    [problem] = caught.value.problems
    assert (problem.code, problem.address) == ("NEEDS-SKIPPED", "mem_shelf.s")
    assert "leave mem_shelf.s out too" in (problem.hint or "")
    things.outcome(includes=("mem_box",))
    assert things.actions(includes=("mem_shelf",)) == {"mem_shelf.s": "create"}


@pytest.mark.parametrize("replaced", [(), ("mem_box.a",)])
def test_nothing_is_taken_away_that_something_outside_stands_on(things: Any, replaced: tuple[str, ...]) -> None:
    things.outcome()
    if not replaced:
        things.write(things.thing("mem_robot.r", job="x"))
    with pytest.raises(RefusedError) as caught:
        things.plan(excludes=("mem_shelf",), allow_deletes=9, replaced=replaced)
    assert {(one.code, one.address) for one in caught.value.problems} >= {("NEEDS-SKIPPED", "mem_box.a")}
    assert "mem_shelf.s, which is outside" in caught.value.problems[0].message


def test_a_scope_that_covers_only_what_goes_is_no_mistake(things: Any) -> None:
    things.outcome()
    things.write(things.thing("mem_box.a"), things.thing("mem_shelf.s", box="${mem_box.a}"))
    options = things.options(includes=("mem_robot.r",))
    api.save(api.plan(options, things.world), options, Path("plan.json"), things.world)
    assert api.apply(things.options(file=things.root / "plan.json"), things.world).result
    assert sorted(things.records()) == ["mem_box.a", "mem_box.b[x]", "mem_box.b[y]", "mem_shelf.s"]


def test_a_saved_plan_keeps_its_scope(things: Any) -> None:
    options = things.options(excludes=("mem_robot",), includes=("mem_*",))
    api.save(api.plan(options, things.world), options, Path("plan.json"), things.world)
    assert api.apply(things.options(file=things.root / "plan.json"), things.world).result
    assert "mem_robot.r" not in things.records()


def test_creating_is_narrowed_as_applying_is(things: Any) -> None:
    assert api.apply(things.options(includes=("mem_robot",)), things.world, actions=api.CREATES).result
    assert list(things.records()) == ["mem_robot.r"]


# what nothing is like -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "code", "severity"),
    [
        ({"excludes": ("mem_box.typo",)}, "ADDRESS-UNKNOWN", "error"),
        ({"excludes": ("mem_bxo",)}, "ADDRESS-UNKNOWN", "error"),
        ({"includes": ("mem_bxo*",)}, "ADDRESS-UNKNOWN", "error"),
        ({"excludes": ("azure_*",)}, "ADDRESS-UNKNOWN", "warning"),
    ],
)
def test_what_the_command_line_asks_for_must_be_there(
    things: Any, options: dict[str, Any], code: str, severity: str
) -> None:
    found = api.validate(things.options(**options), things.world).problems
    assert [(one.code, one.severity) for one in found] == [(code, "warning")]  # it may be in the state
    if severity == "error":
        with pytest.raises(InputError) as caught:
            things.plan(**options)
        assert [one.code for one in caught.value.problems] == [code]
    else:
        assert [one.code for one in things.plan(**options).plan.problems] == [code]


def test_what_only_the_state_has_is_there(things: Any) -> None:
    things.outcome()
    things.write(things.thing("mem_box.a"), things.thing("mem_shelf.s", box="${mem_box.a}"))
    planned = things.plan(excludes=("mem_robot.r", "mem_box.b[x]"))
    assert planned.plan.problems == ()


def test_what_the_blueprint_leaves_out_in_vain_is_warned_of_at_its_line(lab: Any) -> None:
    lab.write(lab.thing("mem_box.a"), scope={"exclude": ["mem_robot", "mem_bx"]})
    found = api.validate(lab.options(), lab.world).problems
    assert [(one.code, one.severity, one.field) for one in found] == [
        ("SCOPE-UNUSED", "warning", "scope.exclude[0]"),
        ("SCOPE-UNUSED", "warning", "scope.exclude[1]"),
    ]
    assert found[1].hint == "Did you mean mem_box?"
    assert all(one.place and one.place.line for one in found)
    assert lab.outcome() == "done"
