from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dpn import api
from dpn.errors import DpnError, InDoubtError, InputError, RefusedError
from dpn.world import World

# validating ---------------------------------------------------------------------------------------------------------


def test_a_sound_blueprint_gives_its_resources_and_touches_nothing(lab: Any) -> None:
    lab.write(lab.thing("mem_box.a"), lab.thing("mem_shelf.s", box="${mem_box.a}"))
    wanted = api.validate(lab.options(), lab.world)
    assert (wanted.key, wanted.environment) == ("lab.dev", "dev")
    assert {resource.address: resource.name for resource in wanted.resources} == {
        "mem_box.a": "the-a", "mem_shelf.s": "the-s",
    }  # fmt: skip
    assert wanted.problems == ()
    assert lab.cloud.calls == []
    assert not lab.home.exists()


def test_all_that_is_wrong_comes_together_with_places(lab: Any) -> None:
    lab.write(
        lab.thing("mem_box.a", size="big"),
        lab.thing("mem_shelf.s", box="${mem_box.nowhere}"),
        lab.thing("mem_box.b", "X"),
    )
    found = api.validate(lab.options(), lab.world).problems
    assert {problem.address for problem in found} == {"mem_box.a", "mem_box.b", "mem_shelf.s"}
    assert all(problem.place and problem.place.line for problem in found)


def test_a_file_that_cannot_be_read_as_a_blueprint_is_a_problem_with_a_place(lab: Any) -> None:
    (lab.root / "blueprint.json").write_text('{"version": "1",\n "stack": }')
    [problem] = api.validate(lab.options(), lab.world).problems
    assert problem.place
    assert (problem.place.line, bool(problem.place.column)) == (2, True)


def test_no_file_at_all_says_what_is_looked_for(lab: Any) -> None:
    with pytest.raises(InputError, match=r"none of blueprint\.json, blueprint\.yaml, blueprint\.yml"):
        api.validate(lab.options(file=None), lab.world)
    [problem] = api.validate(lab.options(file=lab.root / "nowhere.json"), lab.world).problems
    assert "nowhere.json" in str(problem)


def test_the_usual_file_of_the_folder_is_found(lab: Any) -> None:
    lab.write(lab.thing("mem_box.a"))
    assert len(api.validate(lab.options(file=None), lab.world).resources) == 1
    (lab.root / "blueprint.json").rename(lab.root / "blueprint.yml")
    assert len(api.validate(lab.options(file=None), lab.world).resources) == 1


@pytest.mark.parametrize(
    ("env", "flag", "environment"),
    [({}, None, "dev"), ({"DPN_ENVIRONMENT": "tst"}, None, "tst"), ({"DPN_ENVIRONMENT": "tst"}, "prd", "prd")],
)
def test_the_environment_is_chosen_by_flag_then_variable_then_blueprint(
    lab: Any, env: dict[str, str], flag: str | None, environment: str
) -> None:
    lab.write(lab.thing("mem_box.a", naming={"purpose": "raw"}))
    lab.env.update(env)
    wanted = api.validate(lab.options(environment=flag), lab.world)
    assert wanted.key == f"lab.{environment}"
    assert wanted.resources[0].name == f"acme-raw-{environment}"


# planning -----------------------------------------------------------------------------------------------------------


def test_a_plan_writes_nothing(lab: Any) -> None:
    planned = lab.plan(lab.thing("mem_box.a"))
    assert api.summary(planned.plan)["create"] == 1
    assert lab.called("create", "put", "mark") == []
    assert not lab.home.exists()


def test_wrong_input_stops_before_the_cloud_is_asked(lab: Any) -> None:
    with pytest.raises(InputError) as caught:
        lab.plan(lab.thing("mem_box.a", size="big"))
    assert caught.value.exit_code == 64
    assert lab.cloud.calls == []


def test_two_things_with_one_name_are_refused_before_the_cloud_is_asked(lab: Any) -> None:
    with pytest.raises(InputError) as caught:
        lab.plan(lab.thing("mem_box.a", "same"), lab.thing("mem_box.b", "same"))
    assert {problem.address for problem in caught.value.problems} <= {"mem_box.a", "mem_box.b"}
    assert lab.cloud.calls == []


def test_two_things_whose_names_are_no_identity_are_refused_too_unless_their_accounts_differ(lab: Any) -> None:
    other = lab.thing("mem_robot.c", "same", provider="mem.far")
    lab.write(lab.thing("mem_robot.a", "same"), other, providers={"mem.far": {}})
    assert len(lab.plan().plan.changes) == 2
    lab.cloud.calls.clear()
    lab.write(lab.thing("mem_robot.a", "same"), lab.thing("mem_robot.b", "same"), other, providers={"mem.far": {}})
    with pytest.raises(InputError) as caught:
        lab.plan()
    assert [(problem.code, problem.address) for problem in caught.value.problems] == [("NAME-COLLISION", "mem_robot.b")]
    assert lab.cloud.calls == []


def test_a_recorded_name_that_is_no_identity_is_not_given_to_another_address(lab: Any) -> None:
    lab.outcome(lab.thing("mem_robot.a", "same"))
    with pytest.raises(InputError) as caught:
        lab.plan(lab.thing("mem_robot.b", "same"))
    [problem] = caught.value.problems
    assert problem.code == "NAME-COLLISION"
    assert '"was"' in (problem.hint or "")
    assert lab.outcome(lab.thing("mem_robot.b", "same", was="mem_robot.a")) == "done"


def test_a_new_address_for_a_recorded_name_is_refused_until_it_says_what_it_was(lab: Any) -> None:
    lab.outcome(lab.thing("mem_box.a", "same"))
    with pytest.raises(InputError):
        lab.plan(lab.thing("mem_box.b", "same"))
    assert lab.outcome(lab.thing("mem_box.b", "same", was="mem_box.a")) == "done"
    assert list(lab.records()) == ["mem_box.b"]


def test_a_name_is_kept_with_a_warning_until_a_replace_is_asked_for(lab: Any) -> None:
    lab.outcome(lab.thing("mem_box.a", "before"))
    planned = lab.plan(lab.thing("mem_box.a", "after"))
    assert [problem.code for problem in planned.plan.problems] == ["NAME-KEPT"]
    assert lab.actions() == {"mem_box.a": "noop"}
    assert lab.outcome(replaced=("mem_box.a",)) == "done"
    assert lab.cloud.names() == ["mem_box after"]
    assert lab.plan().plan.problems == ()


def test_a_silenced_warning_is_not_heard_and_an_error_cannot_be_silenced(lab: Any) -> None:
    lab.outcome(lab.thing("mem_box.a", "before"))
    (lab.root / ".dpn").mkdir()
    (lab.root / ".dpn" / "config.yaml").write_text("silence: [NAME-KEPT, NAME-TAKEN]\n")
    assert lab.plan(lab.thing("mem_box.a", "after")).plan.problems == ()
    lab.cloud.objects[("mem_box", "x")] = replace(
        lab.seen()[0], marker=None, ref=replace(lab.seen()[0].ref, name="after")
    )
    with pytest.raises(DpnError):
        lab.plan(lab.thing("mem_box.a", "before"), lab.thing("mem_box.b", "after"))


def test_an_offline_plan_is_not_carried_out(lab: Any) -> None:
    with pytest.raises(InputError, match="offline"):
        lab.apply(lab.thing("mem_box.a"), offline=True)


# while a transaction is open ----------------------------------------------------------------------------------------


@pytest.fixture
def opened(lab: Any) -> Any:
    """Leave a transaction open in which one box was created and not finished."""
    lab.outcome(lab.thing("mem_robot.r", job="x"))
    lab.cloud.fault = lambda kind, method, name: "refuse" if method in ("put", "delete") else None
    assert lab.outcome(lab.thing("mem_robot.r", job="x"), lab.thing("mem_box.a", size=1)) == "blocked"
    lab.no_faults()
    return lab


def test_readers_lay_the_journal_over_the_state_and_say_that_a_run_is_open(opened: Any) -> None:
    before = opened.journal()
    planned = opened.plan()
    assert planned.open
    assert sorted(planned.records) == ["mem_box.a", "mem_robot.r"]
    assert opened.actions()["mem_box.a"] == "update"
    seen, is_open = api.read(opened.options(), (), opened.world)
    assert (is_open, [one.address for one in seen]) == (True, ["mem_box.a", "mem_robot.r"])
    records, snapshot = api.records(opened.options(), opened.world)
    assert records["mem_box.a"].status == "partial"
    assert api.unsettled(snapshot) == {"mem_box.a": "blocked"}
    assert opened.journal() == before


def test_nothing_that_changes_the_state_goes_on_beside_an_open_run(opened: Any) -> None:
    with pytest.raises(InDoubtError, match="open"):
        api.forget(opened.options(), ["mem_robot.r"], opened.world)
    with pytest.raises(InDoubtError, match="open"):
        api.move(opened.options(), "mem_robot.r", "mem_robot.q", opened.world)


# applying and deleting ----------------------------------------------------------------------------------------------


def test_a_person_is_asked_once_and_no_is_a_refusal(lab: Any) -> None:
    asked: list[api.Planned] = []

    def no(planned: api.Planned) -> bool:
        asked.append(planned)
        return False

    lab.write(lab.thing("mem_box.a"))
    with pytest.raises(RefusedError):
        api.apply(lab.options(), lab.world, confirm=no)
    assert [api.summary(planned.plan)["create"] for planned in asked] == [1]
    assert lab.called("create") == []


def test_nobody_is_asked_when_there_is_nothing_to_do(lab: Any) -> None:
    lab.outcome(lab.thing("mem_box.a"))
    applied = api.apply(lab.options(), lab.world, confirm=lambda planned: pytest.fail("asked"))
    assert applied.result is None


def test_addresses_are_deleted_with_their_dependents_only_if_that_is_said(lab: Any) -> None:
    lab.outcome(lab.thing("mem_box.a"), lab.thing("mem_shelf.s", box="${mem_box.a}"), lab.thing("mem_box.b"))
    with pytest.raises(RefusedError, match=r"mem_shelf\.s"):
        lab.delete("mem_box.a")
    assert len(lab.seen()) == 3
    assert lab.delete("mem_box.a", cascade=True).result.outcome == "done"
    assert lab.cloud.names() == ["mem_box the-b"]


def test_an_address_of_a_for_each_is_deleted_alone(lab: Any) -> None:
    lab.outcome(lab.thing("mem_box.a", naming={"purpose": "raw-${each.key}"}, for_each={"layer": ["x", "y"]}))
    assert lab.delete("mem_box.a[x]").result.outcome == "done"
    assert list(lab.records()) == ["mem_box.a[y]"]


def test_deleting_what_is_not_there_is_wrong_input(lab: Any) -> None:
    lab.outcome(lab.thing("mem_box.a"))
    with pytest.raises(InputError, match=r"mem_box\.typo"):
        lab.delete("mem_box.typo")


def test_deleting_keeps_what_is_protected_kept_or_out_of_scope(lab: Any) -> None:
    lab.outcome(lab.thing("mem_box.a", protect=True), lab.thing("mem_box.b", on_delete="keep"), lab.thing("mem_box.c"))
    with pytest.raises(RefusedError):
        lab.delete()
    lab.write(lab.thing("mem_box.a"), scope={"exclude": ["mem_box.a"]})
    assert lab.delete().result.outcome == "done"
    assert lab.cloud.names() == ["mem_box the-a", "mem_box the-b"]
    assert list(lab.records()) == ["mem_box.a"]


def test_a_delete_can_archive_what_can_be_archived(lab: Any) -> None:
    lab.outcome(lab.thing("mem_robot.r", job="x"))
    assert lab.delete(archive=True).result.outcome == "done"
    assert [seen.status for seen in lab.seen()] == ["archived"]
    assert lab.delete(archive=True).result is None
    assert lab.delete().result.outcome == "done"
    assert (lab.seen(), lab.records()) == ([], {})


def test_what_has_vanished_is_deleted_from_the_state(lab: Any) -> None:
    lab.outcome(lab.thing("mem_box.a"), lab.thing("mem_shelf.s", box="${mem_box.a}"))
    lab.cloud.objects.clear()
    assert lab.delete().result.outcome == "done"
    assert lab.records() == {}


def test_a_stack_is_deleted_without_its_blueprint(lab: Any) -> None:
    lab.outcome(lab.thing("mem_box.a"), lab.thing("mem_shelf.s", box="${mem_box.a}"))
    (lab.root / "blueprint.json").unlink()
    assert lab.delete(options=lab.options(file=None)).result.outcome == "done"
    assert lab.seen() == []


def test_without_the_blueprint_what_stands_in_others_things_is_not_lost_silently(lab: Any) -> None:
    from dpn.model import Observed, Ref

    lab.cloud.objects["mem_box", "x"] = Observed(Ref("mem_box", "theirs", "x"), {})
    lab.outcome(lab.thing("mem_box.e", "theirs", existing=True), lab.thing("mem_shelf.s", box="${mem_box.e}"))
    with pytest.raises(DpnError) as caught:
        lab.delete(options=lab.options(file=None, stack="lab.dev"))
    assert [problem.code for problem in caught.value.problems] == ["PARENT-UNKNOWN"]
    assert list(lab.records()) == ["mem_shelf.s"]


def test_every_door_works_with_a_plain_world(lab: Any) -> None:
    """Servers hand over a world of their own; only what a test replaces is another."""
    lab.write(lab.thing("mem_box.a"))
    world = World(env={"DPN_HOME": str(lab.home)}, cwd=lab.root)
    result = api.apply(lab.options(), world).result
    assert result
    assert result.outcome == "done"
