"""The convention changed: what is renamed, what is copied, what keeps its name, and what is left for an apply."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dpn import api
from dpn.errors import DpnError, InputError, RefusedError
from dpn.model import Observed, Ref

sys.path.insert(0, str(Path(__file__).parents[2] / "helpers"))
from library import LibraryPlugin

LIBRARY = ("lib_case", "lib_page")


class Library:
    """A box with a shelf, a case with two pages, and a robot that names one of them; all named by the convention."""

    def __init__(self, lab: Any) -> None:
        self.lab = lab
        lab.objects = [LibraryPlugin(lab.cloud)]
        self.things: dict[str, dict[str, Any]] = {
            "mem_box.box": {"tags": {}},
            "mem_shelf.shelf": {"box": "${mem_box.box}"},
            "lib_case.case": {},
            "lib_page.one": {"case": "${lib_case.case}"},
            "lib_page.two": {"case": "${lib_case.case}", "note": "by ${lib_page.one}"},
            "mem_robot.robot": {"job": "reads ${lib_page.one}"},
        }
        self.more: dict[str, dict[str, Any]] = {}

    def write(self, project: str) -> None:
        bodies = [
            self.lab.thing(address, naming={"purpose": address.partition(".")[2]}, **spec, **self.more.get(address, {}))
            for address, spec in self.things.items()
        ]
        self.lab.write(*bodies, metadata={"project": project, "environment": "dev"})

    def rows(self, **options: Any) -> dict[str, tuple[int | None, str, str, str]]:
        """Give wave, way, old and new name of each address that has a row."""
        given = self.lab.options(**options)
        rows = api.name_rows(api.plan_names(given, self.lab.world), given)
        return {row.address: (row.wave, row.how, row.old, row.new) for row in rows}

    def why(self, address: str, **options: Any) -> str:
        given = self.lab.options(**options)
        return next(
            row.why for row in api.name_rows(api.plan_names(given, self.lab.world), given) if row.address == address
        )

    def migrate(self, **options: Any) -> api.Applied:
        return api.migrate_names(self.lab.options(**options), self.lab.world)

    def names(self) -> list[str]:
        return [name.partition(" ")[2] for name in self.lab.cloud.names()]

    def left(self, *addresses: str, **options: Any) -> dict[str, str]:
        planned = api.plan_names(self.lab.options(**options), self.lab.world)
        return {change.address: change.action for change in planned.left_out}


@pytest.fixture
def library(lab: Any) -> Library:
    made = Library(lab)
    made.write("acme")
    assert lab.outcome() == "done"
    return made


def test_names_are_renamed_copied_kept_and_followed_in_waves(library: Library) -> None:
    library.write("onco")
    assert library.rows() == {
        "mem_box.box": (1, "keep", "acme-box-dev", "onco-box-dev"),  # its tag follows
        "mem_shelf.shelf": (2, "rename", "acme-shelf-dev", "onco-shelf-dev"),
        "lib_case.case": (1, "copy", "acme-case-dev", "onco-case-dev"),
        "lib_page.one": (2, "copy", "acme-one-dev", "onco-one-dev"),
        "lib_page.two": (3, "copy", "acme-two-dev", "onco-two-dev"),
        "mem_robot.robot": (3, "keep", "acme-robot-dev", "onco-robot-dev"),  # what it refers to follows
    }
    assert library.why("mem_box.box") == "mem_box cannot be renamed; tags.project follows"
    assert (
        library.why("mem_robot.robot")
        == "mem_robot cannot be renamed; tags.project follows; job refers to lib_page.one"
    )


def test_it_is_one_transaction_after_which_only_kept_names_are_left(library: Library) -> None:
    shelf = library.lab.records()["mem_shelf.shelf"].id
    library.write("onco")
    applied = library.migrate()
    assert applied.result
    assert applied.result.outcome == "done"
    assert library.names() == [
        "onco-case-dev", "onco-one-dev", "onco-two-dev", "acme-box-dev", "acme-robot-dev", "onco-shelf-dev",
    ]  # fmt: skip
    assert library.lab.records()["mem_shelf.shelf"].id == shelf
    robot = next(seen for seen in library.lab.seen() if seen.ref.kind == "mem_robot")
    assert robot.spec["job"] == "reads onco-one-dev"
    planned = library.lab.plan()
    assert api.is_empty(planned.plan)
    assert {problem.address for problem in planned.plan.problems} == {"mem_box.box", "mem_robot.robot"}
    assert library.migrate().result is None


def test_a_plain_apply_copies_nothing_and_says_what_would(library: Library) -> None:
    library.write("onco")
    planned = library.lab.plan()
    hints = {problem.address: problem.hint or "" for problem in planned.plan.problems}
    assert "dpn name migrate" in hints["lib_case.case"]
    assert "--replace 'mem_box.box'" in hints["mem_box.box"]
    assert library.lab.outcome() == "done"
    assert "acme-case-dev" in library.names()


def test_what_has_another_cause_is_left_out(library: Library) -> None:
    library.things["mem_robot.old"] = {"job": "x"}
    library.write("acme")
    assert library.lab.outcome() == "done"
    del library.things["mem_robot.old"]
    library.things["mem_box.box"]["size"] = 3
    library.things["mem_box.new"] = {}
    library.write("onco")
    assert library.left() == {"mem_box.box": "update", "mem_box.new": "create", "mem_robot.old": "delete"}
    applied = library.migrate()
    assert applied.result
    assert applied.result.outcome == "done"
    assert "onco-shelf-dev" in library.names()
    assert library.lab.actions() == {
        "lib_case.case": "noop", "lib_page.one": "noop", "lib_page.two": "noop", "mem_box.box": "update",
        "mem_box.new": "create", "mem_robot.old": "delete", "mem_robot.robot": "noop", "mem_shelf.shelf": "noop",
    }  # fmt: skip


def test_what_would_lose_what_it_refers_to_is_brought_up_to_date_as_a_whole(library: Library) -> None:
    library.things["mem_robot.robot"]["broken"] = False
    library.write("onco")
    assert library.why("mem_robot.robot").endswith("job refers to lib_page.one; also broken, as the blueprint says")
    assert library.migrate().result
    assert api.is_empty(library.lab.plan().plan)


def test_what_goes_along_may_differ_otherwise(library: Library) -> None:
    library.things["lib_page.two"]["note"] = "plain"
    library.write("onco")
    assert library.rows()["lib_page.two"][1] == "copy"
    assert library.migrate().result
    assert api.is_empty(library.lab.plan().plan)


def test_what_goes_with_a_rename_is_said(library: Library) -> None:
    library.things["mem_shelf.shelf"]["note"] = "another"
    library.write("onco")
    assert library.why("mem_shelf.shelf") == "also note, as the blueprint says"


def _needs_skipped(library: Library) -> tuple[str | None, str]:
    """Migrate to what needs a change that is left out; give where, and what is said."""
    library.write("onco")
    with pytest.raises(RefusedError) as caught:
        library.migrate()
    [problem] = caught.value.problems
    assert problem.code == "NEEDS-SKIPPED"
    return problem.address, problem.message


def test_what_stops_referring_to_a_copied_thing_is_not_left_behind_silently(library: Library) -> None:
    library.things["mem_robot.robot"]["job"] = "nothing"
    where, said = _needs_skipped(library)
    assert where == "lib_page.one"
    assert "mem_robot.robot, whose update is skipped" in said


def test_what_needs_something_that_is_left_out_is_refused(library: Library) -> None:
    library.things["lib_page.three"] = {"case": "${lib_case.case}"}
    library.things["mem_shelf.shelf"]["note"] = "by ${lib_page.three}"
    where, said = _needs_skipped(library)
    assert where == "mem_shelf.shelf"
    assert "lib_page.three, whose create is skipped" in said


def test_with_nothing_to_change_nothing_is_done(library: Library) -> None:
    calls = library.lab.called("put", "create", "rename", "delete")
    assert library.rows() == {}
    assert library.migrate().result is None
    assert library.lab.called("put", "create", "rename", "delete") == calls


def test_what_mentions_a_renamed_thing_is_brought_up_to_date(library: Library) -> None:
    library.things["mem_robot.reader"] = {"job": "reads ${mem_shelf.shelf}"}
    library.things["mem_robot.neighbour"] = {"job": "x"}
    library.things["mem_shelf.next"] = {"box": "${mem_box.box}", "beside": "${mem_shelf.shelf}"}
    library.write("acme")
    assert library.lab.outcome() == "done"
    library.write("onco")
    assert library.why("mem_robot.reader").endswith("job refers to mem_shelf.shelf")
    assert library.why("mem_shelf.next") == ""  # it refers by id, which stays
    assert library.migrate().result
    jobs = {seen.ref.name: seen.spec["job"] for seen in library.lab.seen() if seen.ref.kind == "mem_robot"}
    assert jobs["acme-reader-dev"] == "reads onco-shelf-dev"
    assert library.migrate().result is None


def test_what_an_apply_left_with_a_former_name_is_mended(library: Library) -> None:
    def note() -> str:
        return next(str(seen.spec["note"]) for seen in library.lab.seen() if seen.ref.name == "onco-next-dev")

    library.things["mem_shelf.next"] = {"box": "${mem_box.box}", "note": "by ${mem_shelf.shelf}"}
    library.write("acme")
    assert library.lab.outcome() == "done"
    library.write("onco")
    assert library.lab.outcome() == "done"  # it renames, and changes no text
    assert note() == "by acme-shelf-dev"
    assert library.lab.actions()["mem_shelf.next"] == "noop"
    assert library.rows()["mem_shelf.next"] == (1, "update", "onco-next-dev", "onco-next-dev")
    assert library.why("mem_shelf.next") == "note refers to mem_shelf.shelf"
    assert library.migrate().result
    assert note() == "by onco-shelf-dev"
    assert library.migrate().result is None


# what stands against a copy -----------------------------------------------------------------------------------------


def test_a_case_that_holds_what_is_others_keeps_its_name_and_its_pages_get_theirs(library: Library) -> None:
    case = next(seen.ref for seen in library.lab.seen() if seen.ref.kind == "lib_case")
    library.lab.cloud.objects["lib_page", "x"] = Observed(Ref("lib_page", "theirs", "x", case), {})
    library.write("onco")
    rows = library.rows()
    assert rows["lib_case.case"] == (1, "keep", "acme-case-dev", "onco-case-dev")
    assert rows["lib_page.one"] == (2, "copy", "acme-one-dev", "onco-one-dev")
    assert "its definition cannot be made anew: " in library.why("lib_case.case")
    assert "it holds lib_page theirs" in library.why("lib_case.case")
    assert library.migrate().result
    assert library.names()[:4] == ["acme-case-dev", "onco-one-dev", "onco-two-dev", "theirs"]


def test_a_page_on_which_others_have_set_something_keeps_its_name_and_so_does_its_case(library: Library) -> None:
    objects = library.lab.cloud.objects
    key, seen = next((key, seen) for key, seen in objects.items() if seen.ref.name == "acme-two-dev")
    objects[key] = replace(seen, others=("metadata_location",))
    library.write("onco")
    rows = library.rows()
    assert (rows["lib_page.two"][1], rows["lib_case.case"][1], rows["lib_page.one"][1]) == ("keep", "keep", "copy")
    assert "others have set metadata_location on it" in library.why("lib_page.two")
    assert library.rows(replaced=("lib_page.two",))["lib_page.two"][1] == "replace"


def test_what_only_moves_to_another_address_is_left_for_an_apply(lab: Any) -> None:
    lab.outcome(lab.thing("mem_robot.a", "same"))
    lab.write(lab.thing("mem_robot.b", "same", was="mem_robot.a"))
    planned = api.plan_names(lab.options(), lab.world)
    assert not planned.plan.moves
    assert api.is_empty(planned.plan)
    assert api.migrate_names(lab.options(), lab.world).result is None
    assert list(lab.records()) == ["mem_robot.a"]
    assert lab.outcome() == "done"
    assert list(lab.records()) == ["mem_robot.b"]


def test_what_does_not_exist_yet_has_no_name_to_change(library: Library) -> None:
    library.things["mem_box.new"] = {}
    library.write("onco")
    with pytest.raises(InputError) as caught:
        library.rows(replaced=("mem_box.new",))
    assert "does not exist yet" in caught.value.problems[0].message


def test_a_protected_page_keeps_its_name_and_so_does_its_case(library: Library) -> None:
    library.more["lib_page.two"] = {"protect": True}
    library.write("acme")
    assert library.lab.outcome() == "done"
    library.write("onco")
    rows = library.rows()
    assert {address: row[1] for address, row in rows.items()} == {
        "lib_case.case": "keep", "lib_page.one": "copy", "lib_page.two": "keep", "mem_box.box": "keep",
        "mem_robot.robot": "keep", "mem_shelf.shelf": "rename",
    }  # fmt: skip
    assert library.why("lib_page.two").startswith("its definition cannot be made anew: it is protected")
    assert library.why("lib_case.case").startswith("lib_page.two would have to be made anew with it: it is protected")
    result = library.migrate().result
    assert result
    assert result.outcome == "done"


def test_what_stands_at_a_new_name_refuses_it_all(library: Library) -> None:
    library.lab.cloud.objects["lib_case", "x"] = Observed(Ref("lib_case", "onco-case-dev", "x"), {})
    library.write("onco")
    with pytest.raises(DpnError) as caught:
        library.migrate()
    assert [(one.code, one.address) for one in caught.value.problems] == [("NAME-TAKEN", "lib_case.case")]
    assert "onco-shelf-dev" not in library.names()


# replacing ----------------------------------------------------------------------------------------------------------


def test_replace_recreates_what_cannot_be_renamed(library: Library) -> None:
    library.write("onco")
    rows = library.rows(replaced=("mem_robot.robot",))
    assert rows["mem_robot.robot"][1:] == ("replace", "acme-robot-dev", "onco-robot-dev")
    result = library.migrate(replaced=("mem_robot.robot",)).result
    assert result
    assert result.outcome == "done"
    assert "onco-robot-dev" in library.names()


def test_replace_is_held_by_the_guards_on_contents(library: Library) -> None:
    box = next(seen.ref for seen in library.lab.seen() if seen.ref.kind == "mem_box")
    library.lab.cloud.objects["mem_shelf", "x"] = Observed(Ref("mem_shelf", "theirs", "x", box), {})
    library.write("onco")
    with pytest.raises(RefusedError) as caught:
        library.migrate(replaced=("mem_box.box",))
    assert [(one.code, one.address) for one in caught.value.problems] == [("NOT-EMPTY", "mem_box.box")]


def test_replace_of_what_keeps_its_name_anyway_is_refused(library: Library) -> None:
    with pytest.raises(InputError) as caught:
        library.migrate(replaced=("mem_box.box",))
    [problem] = caught.value.problems
    assert (problem.code, problem.address) == ("NAME-SAME", "mem_box.box")
    assert "dpn apply --replace 'mem_box.box'" in (problem.hint or "")


def test_copies_are_no_deletes_but_replaces_are_counted(library: Library) -> None:
    library.things |= {f"lib_page.p{number}": {"case": "${lib_case.case}"} for number in range(12)}
    library.things |= {f"mem_robot.r{number}": {"job": "x"} for number in range(12)}
    library.write("acme")
    assert library.lab.outcome() == "done"
    library.write("onco")
    robots = tuple(f"mem_robot.r{number}" for number in range(12))
    with pytest.raises(RefusedError) as caught:
        library.migrate(replaced=robots)
    assert caught.value.problems[0].code == "TOO-MANY-DELETES"
    assert "delete 12 resources" in caught.value.problems[0].message
    result = library.migrate(replaced=robots, allow_deletes=12).result
    assert result
    assert result.outcome == "done"


# a part, and what goes wrong ----------------------------------------------------------------------------------------


def test_a_target_takes_only_itself_and_what_it_needs(library: Library) -> None:
    library.write("onco")
    rows = library.rows(targets=("lib_page.one",))
    assert {address for address, row in rows.items() if row[0]} >= {"lib_case.case", "lib_page.one"}
    assert "mem_shelf.shelf" not in rows
    assert "mem_box.box" not in rows


def test_a_scope_leaves_out(library: Library) -> None:
    library.write("onco")
    assert set(library.rows(includes=("mem_shelf", "mem_box"))) == {"mem_shelf.shelf", "mem_box.box"}


def test_an_offline_plan_needs_no_cloud(library: Library) -> None:
    library.write("onco")
    calls = len(library.lab.cloud.calls)
    assert library.rows(offline=True)["lib_case.case"][1] == "copy"
    assert len(library.lab.cloud.calls) == calls


@pytest.mark.parametrize("fault", ["refuse", "drop", "lose"])
@pytest.mark.parametrize("method", ["rename", "create", "delete", "put"])
def test_whatever_fails_each_has_just_one_of_its_names(library: Library, fault: str, method: str) -> None:
    library.write("onco")
    before = library.names()
    number = len(library.lab.called(method))
    library.lab.cloud.fault = lambda kind, called, name: (
        fault if called == method and len(library.lab.called(method)) == number + 2 else None
    )
    result = library.migrate().result
    library.lab.no_faults()
    assert result
    if result.outcome == "rolled_back":
        assert library.names() == before
    again = library.migrate().result
    assert again is None or again.outcome == "done"
    assert "onco-two-dev" in library.names()
    assert len(library.names()) == len(before)
