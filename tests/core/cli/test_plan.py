"""`dpn plan`: what is shown, in which order, on which stream, with which exit code."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

SUMMARY = {"create", "update", "rename", "replace", "delete", "adopt", "noop"}


def test_creates_are_listed_and_counted_and_the_next_command_is_named(shell: Any) -> None:
    shell.boxes("alpha", "beta")
    done = shell("plan")
    assert done.code == 0
    assert done.out.splitlines() == [
        "Plan for lab.dev", "",
        "  + mem_box.alpha  acme-alpha-dev",
        "  + mem_box.beta   acme-beta-dev", "",
        "Plan: 2 to create.",
    ]  # fmt: skip
    assert done.err == "Next: dpn apply\n"


def test_nothing_to_do_is_said_in_one_line(shell: Any) -> None:
    shell.boxes("alpha")
    shell("apply", "--yes")
    assert shell("plan").out == "No changes: 1 resource is as the blueprint says.\n"


def test_what_destroys_comes_first_and_the_summary_last(shell: Any) -> None:
    shell.boxes("alpha", "beta")
    shell("apply", "--yes")
    shell.write(
        {
            "mem_box": {
                "beta": {"naming": {"purpose": "beta"}, "spec": {"size": 2}},
                "gamma": {"naming": {"purpose": "gamma"}},
            }
        }
    )
    lines = shell("plan").out.splitlines()
    heads = [line.split()[:2] for line in lines if line.startswith("  ") and not line.startswith("   ")]
    assert heads == [["-", "mem_box.alpha"], ["~", "mem_box.beta"], ["+", "mem_box.gamma"]]
    assert "      it is not in the blueprint" in lines
    assert "      size: (absent) → 2" in lines
    assert lines[-1] == "Plan: 1 to create, 1 to update, 1 to delete."


def test_each_action_has_its_symbol(shell: Any) -> None:
    box = {"naming": {"purpose": "b"}, "spec": {"color": "red"}}
    robot = {"naming": {"purpose": "r"}, "on_delete": "archive"}
    shelf = {"naming": {"purpose": "s"}, "spec": {"box": "${mem_box.b}"}}
    shell.write({"mem_box": {"b": box}, "mem_robot": {"r": robot}, "mem_shelf": {"s": shelf}})
    shell("apply", "--yes")
    shell.write({"mem_box": {"b": box}, "mem_shelf": {"s": {**shelf, "naming": {"purpose": "t"}}}})
    renamed = shell("plan", "--allow-deletes", "9").out
    assert "  → mem_shelf.s  acme-t-dev\n      its name follows the convention\n" in renamed
    assert '      name: "acme-s-dev" → "acme-t-dev"\n' in renamed
    assert "  ↓ mem_robot.r  acme-r-dev" in renamed
    shell.write({"mem_box": {"b": {**box, "spec": {"color": "blue"}}}, "mem_shelf": {"s": shelf}})
    replaced = shell("plan", "--allow-deletes", "9").out
    assert "  ± mem_box.b    acme-b-dev\n      color cannot be changed\n" in replaced


def test_the_json_has_the_fixed_shape_and_its_own_schema(shell: Any) -> None:
    shell.boxes("alpha")
    shell("apply", "--yes")
    shell.boxes("alpha", "beta", size=3)
    done = shell("plan", "--json")
    data = done.json
    assert data["format_version"] == "1"
    assert data["summary"].keys() >= SUMMARY
    assert {key: data["summary"][key] for key in ("create", "update", "noop")} == {"create": 1, "update": 1, "noop": 0}
    for change in data["changes"]:
        assert change.keys() >= {"address", "kind", "name", "action", "reversible"}
        assert change["reversible"] in ("yes", "lossy", "no")
    assert data["problems"] == []
    assert shell("plan", "--format", "json").out == done.out
    Draft202012Validator(shell("schema", "--of", "plan").json).validate(data)


@pytest.mark.parametrize(("changed", "code"), [(True, 2), (False, 0)])
def test_the_detailed_exit_code_tells_whether_there_are_changes(shell: Any, changed: bool, code: int) -> None:
    shell.boxes("alpha")
    if not changed:
        shell("apply", "--yes")
    assert shell("plan", "--detailed-exitcode").code == code
    assert shell("plan").code == 0


def test_a_saved_plan_is_applied_without_asking_and_only_once(shell: Any) -> None:
    shell.boxes("alpha")
    assert shell("plan", "--out", "plan.json").err == "Next: dpn apply plan.json\n"
    assert (shell.root / "plan.json").stat().st_mode & 0o777 == 0o600
    done = shell("apply", "plan.json")
    assert done.code == 0
    assert "Done: 1 created." in done.out
    stale = shell("apply", "plan.json")
    assert stale.code == 3
    assert "The plan is stale" in stale.err


def test_the_hint_repeats_what_decides_the_plan(shell: Any) -> None:
    shell.boxes("alpha")
    words = ("-e", "prd", "--override", "project=two words", "--target", "mem_box.*")
    hint = shell("plan", *words).err.splitlines()[-1]
    assert hint == "Next: dpn apply --environment prd --target 'mem_box.*' --override 'project=two words'"


def test_offline_calls_nobody(shell: Any) -> None:
    shell.boxes("alpha")
    assert shell("plan", "--offline").code == 0
    assert shell.cloud.calls == []


def test_verbose_shows_what_is_created_and_how_each_change_is_undone(shell: Any) -> None:
    shell.boxes("alpha", size=3)
    lines = shell("plan", "--verbose", "--show-rollback").out.splitlines()
    assert "      size: 3" in lines
    assert "      undo: delete it" in lines


def test_quiet_gives_the_summary_alone(shell: Any) -> None:
    shell.boxes("alpha")
    done = shell("plan", "--quiet")
    assert (done.out, done.err) == ("Plan: 1 to create.\n", "")


def test_long_values_are_shortened_and_nothing_moves_the_cursor(shell: Any) -> None:
    shell.write({"mem_shelf": {"s": {"naming": {"purpose": "s"}, "spec": {"box": "${mem_box.b}", "note": "x"}}},
                 "mem_box": {"b": {"naming": {"purpose": "b"}}}})  # fmt: skip
    shell("apply", "--yes")
    for ref, seen in list(shell.cloud.objects.items()):
        if seen.ref.kind == "mem_shelf":
            shell.cloud.objects[ref] = type(seen)(seen.ref, {"note": "\x1b[2Jred\nline" + "z" * 300}, seen.marker)
    out = shell("plan").out
    assert max(map(len, out.splitlines())) <= 100
    assert "\x1b" not in out
    assert '"\\u001b[2Jred\\nline' in out
    assert "…" in out


def test_colours_are_for_terminals_that_want_them(shell: Any) -> None:
    shell.boxes("alpha")
    shell.env["TERM"] = "xterm"
    assert "\x1b[32m  + mem_box.alpha" in shell("plan", typed="").out
    assert "\x1b" not in shell("plan").out
    shell.env["NO_COLOR"] = "1"
    assert "\x1b" not in shell("plan", typed="").out


def test_all_problems_are_told_together_with_their_places(shell: Any) -> None:
    (shell.root / "blueprint.json").write_text(
        json.dumps(
            {
                "version": "1",
                "metadata": {"environment": "dev"},
                "resources": {"mem_box": {"a": {"naming": {"purpose": "a"}, "spec": {"siz": 1, "locked": 3}}}},
            },
            indent=2,
        )
    )
    done = shell("plan", "--json")
    assert done.code == 64
    assert [problem["code"] for problem in done.json["problems"]] == ["SCHEMA", "SCHEMA"]
    assert done.json["error"]["exit_code"] == 64
    assert all(problem["place"]["file"] == "blueprint.json" for problem in done.json["problems"])
    assert "Did you mean 'size'?" in done.err
    assert "error: blueprint.json:" in done.err
    assert done.err.splitlines()[-1].startswith("error: The input is not valid")


def test_what_for_each_multiplies_is_told_once(shell: Any) -> None:
    shell.write({"mem_box": {"a": {"for_each": {"purpose": ["x", "y", "z"]}, "spec": {"siz": 1}}}})
    done = shell("plan")
    assert done.err.count("This key is not known") == 1
    assert "mem_box.a[x] and 2 more" in done.err
    assert len(shell("plan", "--json").json["problems"]) == 3


def test_validate_looks_into_the_stacks_of_the_sandbox(shell: Any) -> None:
    shell.boxes("alpha")
    assert shell("validate", "--sandbox").code == 0
    spec = {"tags": {"other": "${stack:other.dev#mem_box.a}"}}
    shell.write({"mem_box": {"alpha": {"naming": {"purpose": "alpha"}, "spec": spec}}})
    done = shell("validate", "--sandbox")
    assert done.code == 64
    assert "There is no stack other.dev." in done.err
