"""What a plan changes in the state alone: it is shown, counted and never called "no changes"."""

from __future__ import annotations

from io import BytesIO, StringIO, TextIOWrapper
from typing import Any

import pytest

from dpn.cli.console import Console

BOX = {"naming": {"purpose": "a"}}


def made(shell: Any, **box: Any) -> None:
    shell.write({"mem_box": {"a": {**BOX, **box}, "b": {"naming": {"purpose": "b"}}}})
    assert shell("apply", "--yes").code == 0


def test_what_is_kept_and_forgotten_is_shown_and_counted(shell: Any) -> None:
    made(shell, on_delete="keep")
    shell.boxes("b")
    done = shell("plan", "--detailed-exitcode")
    assert done.code == 2
    assert done.out.splitlines() == [
        "Plan for lab.dev", "",
        "  ○ mem_box.a  acme-a-dev  stays in the cloud, no longer managed", "",
        "Plan: 1 to forget; 1 unchanged.",
    ]  # fmt: skip
    applied = shell("apply", "--yes")
    assert "  ○ mem_box.a  acme-a-dev  stays in the cloud, no longer managed\n\nDone: 1 forgotten.\n" in applied.out
    assert len(shell.cloud.objects) == 2


def test_a_move_is_shown_and_counted(shell: Any) -> None:
    made(shell)
    shell.write({"mem_box": {"moved": {**BOX, "was": "mem_box.a"}, "b": {"naming": {"purpose": "b"}}}})
    done = shell("plan")
    assert "  » mem_box.a is now mem_box.moved\n" in done.out
    assert done.out.splitlines()[-1] == "Plan: 1 to move; 2 unchanged."
    assert done.err == "Next: dpn apply\n"
    assert shell("plan", "--json").json["moves"] == {"mem_box.a": "mem_box.moved"}
    result = shell("apply", "--yes", "--json")
    assert (result.json["outcome"], result.json["moves"]) == ("done", {"mem_box.a": "mem_box.moved"})
    assert shell("plan").out == "No changes: 2 resources are as the blueprint says.\n"


def test_records_that_are_only_updated_are_one_quiet_line(shell: Any) -> None:
    made(shell)
    shell.write({"mem_box": {"a": {**BOX, "protect": True}, "b": {"naming": {"purpose": "b"}}}})
    lines = shell("plan").out.splitlines()
    assert lines[2] == "    state only: 1 record updated"
    assert lines[-1] == "Plan: 1 to update in the state only; 1 unchanged."
    assert shell("apply", "--yes").out.startswith(
        "    state only: 1 record updated\n\nDone: 1 updated in the state only.\n"
    )


def test_the_symbols_have_others_where_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = BytesIO()
    monkeypatch.setattr("sys.stdout", TextIOWrapper(raw, "ascii"))
    monkeypatch.setattr("sys.stderr", StringIO())
    Console({}).result("○ »")
    assert raw.getvalue() == b"o =\n"
