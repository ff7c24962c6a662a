"""apply, create, update, delete: what a run says, where it says it, and how it ends."""

from __future__ import annotations

import signal
import threading
from typing import Any

import pytest
from jsonschema import Draft202012Validator


def refuse(shell: Any, *calls: tuple[str, str]) -> None:
    """Let the cloud refuse calls (method, part of the name)."""
    shell.cloud.fault = lambda kind, method, name: (
        "refuse" if any(method == one and part in name for one, part in calls) else None
    )


def test_the_result_goes_to_stdout_and_all_else_to_stderr(shell: Any) -> None:
    shell.boxes("alpha", "beta")
    done = shell("apply", "--yes")
    assert done.code == 0
    assert done.out.splitlines() == [
        "  + mem_box.alpha  acme-alpha-dev",
        "  + mem_box.beta   acme-beta-dev", "",
        "Done: 2 created.", "",
        "Look at it: dpn read --stack lab.dev",
    ]  # fmt: skip
    assert "Plan: 2 to create." in done.err
    assert "(2 of 2)" in done.err


def test_without_a_terminal_nothing_is_asked_and_nothing_done(shell: Any) -> None:
    shell.boxes("alpha")
    done = shell("apply", stdin="yes\n")
    assert done.code == 64
    assert "--yes" in done.err
    assert shell.cloud.objects == {}


@pytest.mark.parametrize(("answer", "code"), [("yes\n", 0), ("y\n", 0), ("no\n", 3), ("\n", 3), ("", 3)])
def test_a_person_is_asked_and_only_yes_is_yes(shell: Any, answer: str, code: int) -> None:
    shell.boxes("alpha")
    done = shell("apply", typed=answer)
    assert done.code == code
    assert "Apply these changes? (yes/no)" in done.err
    assert len(shell.cloud.objects) == (code == 0)


def test_a_failure_says_what_failed_why_and_what_was_undone(shell: Any) -> None:
    shell.boxes("alpha", "beta")
    refuse(shell, ("put", "beta"))
    done = shell("apply", "--yes")
    assert done.code == 1
    assert done.out == ""
    assert "error: mem_box.beta: put lock of acme-beta-dev failed: put was refused: Denied [Denied]" in done.err
    assert sorted(done.err.partition("Undone (2):\n")[2].splitlines()[:2]) == ["  mem_box.alpha", "  mem_box.beta"]
    assert done.err.endswith("Nothing is left of this run; the stack has 0 resources, as before.\n")
    assert shell.cloud.objects == {}


def test_the_result_as_json_has_a_schema_in_success_and_failure(shell: Any) -> None:
    schema = Draft202012Validator(shell("schema", "--of", "result").json)
    shell.boxes("alpha", "beta")
    refuse(shell, ("put", "beta"))
    failed = shell("apply", "--yes", "--json")
    assert (failed.code, failed.json["outcome"], failed.json["failure"]["address"]) == (
        1,
        "rolled_back",
        "mem_box.beta",
    )
    shell.cloud.fault = lambda *_: None
    done = shell("apply", "--yes", "--json")
    assert (done.code, done.json["outcome"], done.json["summary"]["create"]) == (0, "done", 2)
    again = shell("apply", "--yes", "--json")
    assert (again.code, again.json["outcome"]) == (0, "nothing")
    for one in (failed, done, again):
        schema.validate(one.json)


def test_what_cannot_be_undone_is_named_with_the_ways_on(shell: Any) -> None:
    shell.boxes("alpha", "beta")
    refuse(shell, ("put", "beta"), ("delete", ""))
    done = shell("apply", "--yes")
    assert done.code == 4
    assert "mem_box.alpha: Denied: delete was refused: Denied" in done.err
    assert "When the cause is gone: dpn recover\n" in done.err
    assert "dpn recover --skip 'mem_box.alpha'" in done.err
    rows = {row["address"]: row["status"] for row in shell("state", "list", "--json").json}
    assert rows == {"mem_box.alpha": "blocked", "mem_box.beta": "blocked"}


def test_an_open_run_is_shown_by_those_that_read_and_settled_by_the_next_that_writes(shell: Any) -> None:
    shell.boxes("alpha", "beta")
    refuse(shell, ("put", "beta"), ("delete", ""))
    shell("apply", "--yes")
    for words in (("plan",), ("read",), ("state", "list"), ("doctor",)):
        assert shell(*words).code == 4, words
    assert shell("plan", "--json").json["open"] is True
    saved = shell("plan", "--out", "plan.json")
    assert saved.code == 4
    assert not (shell.root / "plan.json").exists()
    shell.cloud.fault = lambda *_: None
    done = shell("apply", "--yes")
    assert done.code == 0
    assert "An earlier run was still open; it was settled first: rolled_back." in done.err
    assert len(shell.cloud.objects) == 2


def test_recover_settles_or_skips(shell: Any) -> None:
    assert shell("recover").out == "There is no stack yet.\n"
    shell.boxes("alpha", "beta")
    refuse(shell, ("put", "beta"), ("delete", ""))
    shell("apply", "--yes")
    still = shell("recover", "--json")
    assert (still.code, still.json["stacks"]["lab.dev"]["outcome"]) == (4, "blocked")
    shell.cloud.fault = lambda kind, method, name: "refuse" if method == "delete" and "beta" in name else None
    done = shell("recover", "--skip", "mem_box.beta")
    assert (done.code, done.out) == (0, "lab.dev: undone; left as it is: mem_box.beta\n")
    assert shell.cloud.names() == ["mem_box acme-beta-dev"]
    assert shell("recover").out == "lab.dev: nothing is open\n"
    assert shell("recover", "--continue", "--skip", "mem_box.x").code == 64


def test_create_makes_only_what_is_new(shell: Any) -> None:
    shell.boxes("alpha")
    shell("apply", "--yes")
    shell.boxes("alpha", "beta", size=2)
    dry = shell("create", "--dry-run")
    assert (dry.code, dry.out.splitlines()[-1]) == (0, "Plan: 1 to create.")
    assert "Left out: 1 to update. The whole plan: dpn apply" in dry.err
    assert "Done: 1 created." in shell("create", "--yes").out
    assert [change["action"] for change in shell("plan", "--json").json["changes"]] == ["update", "noop"]


def test_update_changes_only_what_is_there(shell: Any) -> None:
    shell.boxes("alpha")
    shell("apply", "--yes")
    shell.boxes("alpha", "beta", size=2)
    done = shell("update", "--yes")
    assert "Done: 1 updated." in done.out
    assert "Left out: 1 to create. The whole plan: dpn apply" in done.err
    assert "Done: nothing to do." in shell("update", "--rename", "--yes").out


@pytest.mark.parametrize("suffix", ["json", "yaml"])
def test_update_edits_the_blueprint_and_shows_the_edit(shell: Any, suffix: str) -> None:
    text = {
        "json": '{\n  "version": "1", "stack": "lab",\n  "metadata": {"project": "acme", "environment": "dev"},\n'
        '  "resources": {"mem_box": {"a": {"naming": {"purpose": "a"}, "spec": {"size": 1}}}}\n}\n',
        "yaml": 'version: "1"\nstack: lab\nmetadata: {project: acme, environment: dev}\nresources:\n  mem_box:\n'
        "    a:  # ours\n      naming: {purpose: a}\n      spec:\n        size: 1  # litres\n",
    }[suffix]
    path = shell.root / f"blueprint.{suffix}"
    path.write_text(text)
    path.chmod(0o640)
    shell("apply", "--yes")
    done = shell("update", "mem_box.a", "--set", "spec.size=12", "--yes")
    assert done.code == 0
    assert path.read_text() == text.replace("1}", "12}") if suffix == "json" else text.replace("size: 1", "size: 12")
    assert path.stat().st_mode & 0o777 == 0o640
    assert any(line.startswith("+") and "12" in line for line in done.err.splitlines())
    assert "Done: 1 updated." in done.out


def test_an_edit_that_is_not_valid_is_taken_back(shell: Any) -> None:
    path = shell.boxes("a")
    before = path.read_text()
    done = shell("update", "mem_box.a", "--set", "spec.size=big", "--yes")
    assert done.code == 64
    assert "The edit is not valid and was taken back." in done.err
    assert path.read_text() == before


def test_an_edit_is_written_only_when_agreed_to(shell: Any) -> None:
    path = shell.boxes("a")
    before = path.read_text()
    assert shell("update", "mem_box.a", "--set", "spec.size=3", typed="no\n").code == 3
    assert path.read_text() == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--set", "spec.size=3"), "--set needs the one ADDRESS"),
        (("mem_box.zz", "--set", "spec.size=3"), "mem_box.zz is not in blueprint.json"),
        (("mem_box.a[x]", "--set", "spec.size=3"), "Edit them together: mem_box.a"),
        (("a.json", "b.json"), "One FILE at most"),
    ],
)
def test_an_edit_that_makes_no_sense_is_refused(shell: Any, words: tuple[str, ...], said: str) -> None:
    shell.boxes("a")
    done = shell("update", *words)
    assert done.code == 64
    assert said in done.err


def test_delete_asks_takes_dependents_on_demand_and_says_what_went(shell: Any) -> None:
    shell.write(
        {
            "mem_box": {"b": {"naming": {"purpose": "b"}}},
            "mem_shelf": {"s": {"naming": {"purpose": "s"}, "spec": {"box": "${mem_box.b}"}}},
        }
    )
    shell("apply", "--yes")
    assert shell("delete").code == 64
    needed = shell("delete", "mem_box.b", "--yes")
    assert needed.code == 3
    assert "--cascade" in needed.err
    done = shell("delete", "mem_box.b", "--cascade", "--yes")
    assert done.code == 0
    assert "Done: 2 deleted.\n" in done.out
    assert "not in the blueprint" not in done.err
    assert shell.cloud.objects == {}
    assert shell("delete", "--yes").out == "Done: nothing to do.\n"


def test_archive_puts_out_of_use_what_can_be(shell: Any) -> None:
    shell.write({"mem_robot": {"r": {"naming": {"purpose": "r"}}}})
    shell("apply", "--yes")
    done = shell("delete", "--archive", "--yes")
    assert "  ↓ mem_robot.r  acme-r-dev\n" in done.out
    assert shell("state", "list", "--json").json[0]["status"] == "archived"


def interrupt(shell: Any, number: int, *methods: str) -> None:
    """Send a signal to the command while it makes the first call of these methods."""
    sent: list[str] = []

    def fault(kind: str, method: str, name: str) -> None:
        if method in methods and not sent:
            sent.append(method)
            signal.pthread_kill(threading.main_thread().ident or 0, number)

    shell.cloud.fault = fault


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_undoes_and_the_exit_code_tells_which(shell: Any, name: str) -> None:
    number = getattr(signal, name)
    before = signal.getsignal(number)
    shell.boxes(*(f"n{index:02}" for index in range(60)))
    interrupt(shell, number, "create")
    done = shell("apply", "--yes", "--quiet")
    assert done.code == 128 + number
    assert "Nothing is left of this run" in done.err
    assert shell.cloud.objects == {}
    assert signal.getsignal(number) == before


def test_a_signal_while_nothing_runs_ends_the_command(shell: Any) -> None:
    shell.boxes("alpha")
    interrupt(shell, signal.SIGTERM, "list", "read", "find")
    done = shell("apply", "--yes")
    assert done.code == 143
    assert "Stopped; nothing was changed." in done.err
    assert shell.cloud.objects == {}


def test_what_is_ignored_from_the_start_stays_ignored(shell: Any) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    try:
        shell.boxes("alpha")
        interrupt(shell, signal.SIGHUP, "create")
        assert shell("apply", "--yes").code == 0
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_bar_moves_on_a_terminal_only(shell: Any) -> None:
    shell.boxes("alpha")
    shell.env["TERM"] = "xterm"
    assert "\x1b[" in shell("apply", typed="yes\n").err
    assert "\x1b[" not in shell("delete", "--yes").err


def test_verbose_tells_each_step(shell: Any) -> None:
    shell.boxes("alpha")
    assert "  mem_box.alpha: create\n" in shell("apply", "--yes", "--verbose").err


def test_quiet_leaves_result_and_errors(shell: Any) -> None:
    shell.boxes("alpha")
    done = shell("apply", "--yes", "--quiet")
    assert (done.code, done.err) == (0, "")
    assert done.out == "  + mem_box.alpha  acme-alpha-dev\n\nDone: 1 created.\n"


def test_a_recovery_says_what_it_found_and_not_that_it_updated_it(shell: Any) -> None:
    shell.boxes("alpha")
    shell.env["DPN_FAILPOINT"] = "journal.write@3:eio"  # the header, the intent, and then the result of the create
    assert shell("apply", "--yes").code == 6
    del shell.env["DPN_FAILPOINT"]
    done = shell("recover")
    assert "mem_box.alpha: create was applied\n" in done.err
    assert "updated" not in done.err
    assert done.out == "lab.dev: undone; nothing is left of it\n"
