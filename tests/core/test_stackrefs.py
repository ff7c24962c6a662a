"""References to another stack, through the doors that a user has: validate, plan, apply."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpn import api, hookimpl
from dpn.errors import InputError, Problem, RefusedError
from dpn.extensions import BackendType
from dpn.filling import fill, substitute
from dpn.references import UNKNOWN

BASE = "stack:base.dev#"


@pytest.fixture
def base(lab: Any) -> Any:
    """Give a laboratory in which the stack base.dev stands: a box, a shelf in it, a robot."""
    _apply_base(lab)
    return lab


def _apply_base(lab: Any, name: str = "the-robot", note: str = "from base", **more: Any) -> None:
    box, robot = lab.thing("mem_box.far", size=3, tags={"a": "b"}), lab.thing("mem_robot.far", name, job="$${x}")
    shelf = lab.thing("mem_shelf.far", box="${mem_box.far}", note=f"{note} ${{mem_box.far}}")
    lab.write(box, robot, shelf, stack="base", **more)
    assert lab.outcome() == "done"


def _shelf(lab: Any, **spec: Any) -> None:
    lab.write(lab.thing("mem_box.near"), lab.thing("mem_shelf.near", box="${mem_box.near}", **spec))


def _problems(lab: Any, **spec: Any) -> tuple[Problem, ...]:
    _shelf(lab, **spec)
    return api.validate(lab.options(), lab.world).problems


def _near(lab: Any) -> Any:
    return next(seen.spec for seen in lab.seen() if seen.ref.name == "the-near" and seen.ref.kind == "mem_shelf")


# what stands in its place -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"${{{BASE}mem_box.far}}", "the-far"),
        (f"in ${{{BASE}mem_box.far}}, $${{mem_box.near}}, ${{mem_box.near}}", "in the-far, ${mem_box.near}, the-near"),
        (f"${{{BASE}mem_shelf.far.full_name}}", "the-far.the-far"),
        (f"${{{BASE}mem_shelf.far.note}}", "from base the-far"),
        (f"${{{BASE}mem_shelf.far.box}}", "the-far"),
        (f"${{{BASE}mem_box.far.size}}", "3"),
        (f"locked: ${{{BASE}mem_box.far.locked}}", "locked: true"),
        (f"size ${{{BASE}mem_box.far.size}}", "size 3"),
        (f"${{{BASE}mem_robot.far.job}}", "${x}"),
    ],
)
def test_a_reference_stands_for_what_is_recorded_there(base: Any, text: str, expected: str) -> None:
    _shelf(base, note=text)
    assert base.outcome() == "done"
    assert _near(base)["note"] == expected
    assert base.empty()


def test_a_field_gets_the_form_that_its_schema_asks_for(base: Any) -> None:
    robot = next(seen.ref.id for seen in base.seen() if seen.ref.kind == "mem_robot")
    _shelf(base, beside=f"${{{BASE}mem_robot.far}}")
    assert base.outcome() == "done"
    assert _near(base)["beside"] == robot


def test_another_value_there_is_an_ordinary_update_here(base: Any) -> None:
    _shelf(base, note=f"${{{BASE}mem_shelf.far.note}}")
    assert base.outcome() == "done"
    _apply_base(base, note="now")
    _shelf(base, note=f"${{{BASE}mem_shelf.far.note}}")
    [change] = [one for one in base.plan().plan.changes if one.steps]
    assert (change.action, [(diff.before, diff.after) for diff in change.diffs]) == (
        "update", [("from base the-far", "now the-far")],
    )  # fmt: skip
    assert base.outcome() == "done"
    assert _near(base)["note"] == "now the-far"


def test_an_offline_plan_needs_no_cloud(base: Any) -> None:
    _shelf(base, note=f"${{{BASE}mem_box.far}}")
    base.cloud.calls.clear()
    changes = base.plan(offline=True).plan.changes
    assert [one.want.spec["note"] for one in changes if one.kind == "mem_shelf"] == ["the-far"]
    assert base.cloud.calls == []


def test_the_other_stack_is_never_written(base: Any) -> None:
    folder = base.home / "stacks" / "base.dev"
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    _shelf(base, note=f"${{{BASE}mem_box.far}}")
    assert base.outcome() == "done"
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_each_stack_is_read_once(base: Any) -> None:
    class Counting:
        reads: list[str]

        def __init__(self, inner: Any) -> None:
            self.inner, self.reads = inner, []

        def __getattr__(self, name: str) -> Any:
            return getattr(self.inner, name)

        def read(self, stack: str) -> Any:
            self.reads.append(stack)
            return self.inner.read(stack)

    backend = Counting(None)
    _through(base, backend)
    _shelf(base, note=f"${{{BASE}mem_box.far}} ${{{BASE}mem_box.far.size}}", beside=f"${{{BASE}mem_robot.far}}")
    base.plan()
    assert backend.reads.count("base.dev") == 1


def _through(lab: Any, backend: Any) -> None:
    """Let everything go through another backend, which is no file to those who ask."""
    from dpn.store.file import FileBackend

    def opened(world: Any, settings: Any) -> Any:
        backend.inner = FileBackend(world, world.home)
        return backend

    class Plugin:
        @hookimpl
        def dpn_backends(self) -> list[BackendType]:
            return [BackendType("team", opened)]

    lab.objects.append(Plugin())
    (lab.home / "config.yaml").write_text("state: {backend: team}\n")


# what is wrong ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "text", "code", "said"),
    [
        ("note", "${stack:bse.dev#mem_box.far}", "REF-STACK", "Did you mean base.dev?"),
        ("note", "${stack:other.prd#mem_box.far}", "REF-STACK", "dpn state list"),
        ("note", "${stack:lab.dev#mem_box.near}", "REF-STACK", "Refer to it as ${mem_box.near}."),
        ("note", f"${{{BASE}mem_box.fra}}", "REF-UNKNOWN", "Did you mean mem_box.far?"),
        ("note", f"${{{BASE}mem_box.quite_another_thing}}", "REF-UNKNOWN", "dpn state list --stack base.dev"),
        ("note", f"${{{BASE}mem_box.far.sice}}", "REF-ATTRIBUTE", "Did you mean size?"),
        ("note", f"${{{BASE}mem_box.far.color}}", "REF-UNRECORDED", "dpn state show --stack base.dev 'mem_box.far'"),
        ("note", f"x ${{{BASE}mem_box.far.tags}}", "REF-STACK", "cannot stand inside a longer one"),
        ("note", f"x ${{{BASE}mem_robot.far.job}}", "REF-STACK", "no text without $, { and }"),
        ("beside", f"${{{BASE}mem_box.far}}", "REF-KIND", "mem_shelf or mem_robot"),
        ("box", f"${{{BASE}mem_box.far}}", "PARENT", '"existing": true and "name": "the-far"'),
    ],
)
def test_what_is_wrong_is_told_offline_with_its_place(base: Any, field: str, text: str, code: str, said: str) -> None:
    base.write(base.thing("mem_box.near"), base.thing("mem_shelf.near", **{"box": "${mem_box.near}", field: text}))
    base.cloud.calls.clear()
    [problem] = api.validate(base.options(), base.world).problems
    assert (problem.code, problem.address, problem.field) == (code, "mem_shelf.near", f"spec.{field}")
    assert said in str(problem)
    assert problem.place
    assert problem.place.line
    assert base.cloud.calls == []
    with pytest.raises(InputError):
        base.plan()


def test_a_secret_is_not_handed_on(lab: Any) -> None:
    _apply_base(lab, note="${env:CANARY}")
    [problem] = _problems(lab, note=f"${{{BASE}mem_shelf.far.note}}")
    assert (problem.code, "${secret:SCHEME:NAME}" in str(problem.hint)) == ("REF-SECRET", True)


def test_a_value_that_the_schema_refuses_is_told(base: Any) -> None:
    problems = _problems(base, note=f"${{{BASE}mem_box.far.tags}}")
    assert [(one.code, one.field) for one in problems] == [("SCHEMA", "spec.note")]


def test_a_run_that_is_open_there_is_a_warning_and_its_committed_records_count(base: Any) -> None:
    base.cloud.fault = lambda kind, method, name: "refuse" if method in ("put", "delete") else None
    box = base.thing("mem_box.far", size=4, tags={"a": "b"})
    base.write(box, base.thing("mem_box.new"), base.thing("mem_robot.far", "the-robot", job="$${x}"), stack="base")
    base.apply(allow_deletes=5)
    base.no_faults()
    _shelf(base, note=f"${{{BASE}mem_box.far.size}} ")
    [problem] = api.validate(base.options(), base.world).problems
    assert (problem.code, problem.severity) == ("STACK-OPEN", "warning")
    assert "dpn recover --stack base.dev" in str(problem.hint)
    assert base.outcome() == "done"
    assert _near(base)["note"] == "3 "


def test_validate_leaves_a_state_that_is_not_in_files_to_the_plan(base: Any) -> None:
    class Backend:
        inner: Any

        def __getattr__(self, name: str) -> Any:
            return getattr(self.inner, name)

    _through(base, Backend())
    [problem] = _problems(base, note=f"${{{BASE}mem_box.nowhere}}")
    assert (problem.code, problem.severity, "dpn plan --offline" in str(problem.hint)) == (
        "STACK-LATER",
        "warning",
        True,
    )
    with pytest.raises(InputError):
        base.plan(offline=True)


# saved plans --------------------------------------------------------------------------------------------------------


def _saved(lab: Any) -> Path:
    path: Path = lab.root / "plan.json"
    api.save(lab.plan(), lab.options(), path, lab.world)
    return path


def test_a_saved_plan_is_carried_out_while_the_other_stack_stands_still(base: Any) -> None:
    _shelf(base, note=f"${{{BASE}mem_shelf.far.note}}")
    saved = _saved(base)
    assert api.apply(base.options(file=saved), base.world).result
    assert _near(base)["note"] == "from base the-far"


def test_a_saved_plan_is_stale_when_the_other_stack_has_changed(base: Any) -> None:
    _shelf(base, note=f"${{{BASE}mem_box.far}}")
    saved = _saved(base)
    _apply_base(base, note="changed, though it is another thing")
    with pytest.raises(RefusedError, match=r"the stack base\.dev, which it refers to, has changed"):
        api.apply(base.options(file=saved), base.world)
    assert not [seen for seen in base.seen() if seen.ref.name == "the-near"]


def test_another_stack_that_changes_while_a_person_thinks_makes_a_plan_stale(base: Any) -> None:
    def slowly(_: api.Planned) -> bool:
        box = base.root / "blueprint.json"
        mine = box.read_text()
        _apply_base(base, note="quick")
        box.write_text(mine)
        return True

    _shelf(base, note=f"${{{BASE}mem_shelf.far.note}}")
    with pytest.raises(RefusedError, match=r"the stack base\.dev, which it refers to, has changed"):
        api.apply(base.options(), base.world, confirm=slowly)
    assert not [seen for seen in base.seen() if seen.ref.name == "the-near"]


def test_what_a_plan_was_made_from_is_in_its_hash(base: Any) -> None:
    _shelf(base, note=f"${{{BASE}mem_box.far}}")
    saved = _saved(base)
    content = json.loads(saved.read_text())
    content["dpn_plan"]["plan"]["stacks"][0]["serial"] += 1
    saved.write_text(json.dumps(content))
    with pytest.raises(RefusedError, match="changed after it was saved"):
        api.apply(base.options(file=saved), base.world)


def test_a_plan_without_other_stacks_says_nothing_of_them(lab: Any) -> None:
    plan = lab.plan(lab.thing("mem_box.a")).plan
    assert plan.stacks == ()
    assert replace(plan, stacks=()) == plan


# text ---------------------------------------------------------------------------------------------------------------

PIECES = st.sampled_from(["$", "{", "}", "x", "${", "$${", f"${{{BASE}mem_box.a}}", "${mem_box.b}", "a b"])


@given(st.lists(PIECES, max_size=8).map("".join), st.sampled_from(["", "x", "env:X", "mem_box.b"]))
def test_no_value_can_pass_for_a_reference(text: str, value: str) -> None:
    def known(reference: Any) -> Any:
        return value if reference.scheme == "stack" else "B"

    at_once = fill(text, known)
    put_in = substitute(text, lambda one: value if one.scheme == "stack" else None)
    assert fill(put_in, lambda one: "B" if one.scheme != "stack" else UNKNOWN) == at_once
