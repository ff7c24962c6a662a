"""Arguments that cannot be meant, results that cannot be written, and runs that are open."""

from __future__ import annotations

import errno
import os
import signal
import sys
import threading
from io import StringIO
from typing import Any

import pytest

from dpn import hookimpl
from dpn.cli import Session, main
from dpn.cli.console import Console
from dpn.extensions import BackendType
from dpn.testing.memory import MemoryPlugin
from dpn.world import World


@pytest.fixture
def opened(shell: Any) -> Any:
    """Give a shell whose only run could not be undone."""
    shell.boxes("alpha", "beta")
    shell.cloud.fault = lambda kind, method, name: (
        "refuse" if (method, "beta" in name) == ("put", True) or method == "delete" else None
    )
    assert shell("apply", "--yes").code == 4
    return shell


def test_the_whole_plan_is_named_without_what_narrows_it(shell: Any) -> None:
    shell.boxes("alpha", "beta")
    err = shell("create", "--dry-run", "-e", "prd", "--target", "mem_box.alpha").err
    assert "Left out: 1 to create. The whole plan: dpn apply --environment prd\n" in err


class Broken(StringIO):
    """An output that cannot be written to."""

    number = errno.ENOSPC

    def write(self, text: str) -> int:
        raise OSError(self.number, os.strerror(self.number))


def written_to_nowhere(shell: Any, monkeypatch: pytest.MonkeyPatch, *words: str, number: int) -> tuple[int, str]:
    out, err = Broken(), StringIO()
    out.number = number
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    world = World(env={"DPN_HOME": str(shell.root / "home")}, cwd=shell.root)
    code = main(words, Session(world, (MemoryPlugin(shell.cloud),), Console({})))
    return code, err.getvalue()


@pytest.mark.parametrize("words", [("plan",), ("state", "history"), ("read", "--json"), ("plan", "--help")])
def test_a_result_that_cannot_be_written_is_an_error(
    shell: Any, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    shell.boxes("alpha")
    shell("apply", "--yes")
    code, err = written_to_nowhere(shell, monkeypatch, *words, number=errno.ENOSPC)
    assert code == 1
    assert "error: The result could not be written: No space left on device." in err
    code, err = written_to_nowhere(shell, monkeypatch, *words, number=errno.EPIPE)
    assert (code, "could not be written" in err) == (0, False)


def test_what_was_changed_keeps_its_exit_code(shell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.boxes("alpha")
    code, err = written_to_nowhere(shell, monkeypatch, "apply", "--yes", number=errno.ENOSPC)
    assert code == 0
    assert "error: The result could not be written" in err
    code, _ = written_to_nowhere(shell, monkeypatch, "apply", "--yes", number=errno.ENOSPC)
    assert code == 1  # there was nothing to do


def test_help_and_version_that_cannot_be_written_are_an_error(shell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for word in ("--version", "--help"):
        assert written_to_nowhere(shell, monkeypatch, word, number=errno.ENOSPC)[0] == 1
        assert written_to_nowhere(shell, monkeypatch, word, number=errno.EPIPE)[0] == 0


def test_the_history_tells_of_an_open_run(opened: Any) -> None:
    done = opened("state", "history")
    assert (done.code, done.out) == (4, "No run has ended yet.\n")
    assert "a run of lab.dev is open" in done.err


@pytest.mark.parametrize(("old", "new"), [(b"acme-alpha-dev", b"acme-alphX-dev"), (b'"format": 1,', b'"format": 99,')])
def test_the_history_tells_of_a_state_that_cannot_be_read(shell: Any, old: bytes, new: bytes) -> None:
    shell.boxes("alpha")
    shell("apply", "--yes")
    state = shell.root / "home" / "stacks" / "lab.dev" / "state.json"
    state.write_bytes(state.read_bytes().replace(old, new))
    done = shell("state", "history")
    assert done.code in (6, 7)
    assert (done.code, done.err) == (shell("state", "list").code, shell("state", "list").err)


def test_reading_names_the_stack_of_an_open_run(opened: Any) -> None:
    done = opened("read")
    assert done.code == 4
    assert "a run of lab.dev is open" in done.err
    assert "If none goes on: dpn recover\n" in done.err


def test_the_file_that_was_named_is_named_in_what_to_do_next(shell: Any) -> None:
    shell.write({"mem_box": {"a": {"naming": {"purpose": "a"}}}}, "lake.json", state={"backend": "file", "path": "t"})
    shell.cloud.fault = lambda kind, method, name: "refuse" if method in ("put", "delete") else None
    again = "dpn recover lake.json --environment dev"
    for words in (("apply", "--yes"), ("apply", "--yes"), ("recover",), ("plan",), ("plan", "--out", "p.json")):
        done = shell(*words[:1], "lake.json", *words[1:], "--environment", "dev")
        assert (done.code, again in done.err) == (4, True), words
    shell.cloud.fault = lambda *_: None
    assert shell(*again.split()[1:]).code == 0


def test_every_stack_is_settled_and_the_gravest_code_told(opened: Any) -> None:
    opened.write({"mem_box": {"z": {"naming": {"purpose": "z"}}}}, "second.json", stack="second")
    opened.cloud.fault = lambda kind, method, name: "refuse" if method in ("put", "delete") else None
    assert opened("apply", "second.json", "--yes").code == 4
    opened.cloud.fault = lambda *_: None
    journal = opened.root / "home" / "stacks" / "lab.dev" / "journal"
    journal.write_bytes(b"x" + journal.read_bytes()[1:])
    done = opened("recover")
    assert (done.code, "The journal" in done.err) == (6, True)
    assert done.out == "lab.dev: not settled, as said above\nsecond.dev: undone; nothing is left of it\n"
    again = opened("recover", "--json")
    assert again.code == 6
    [(key, stack)] = again.json["stacks"].items()
    assert (key, stack["outcome"], stack["blocked"], stack["error"]["exit_code"]) == ("lab.dev", "failed", {}, 6)


def test_only_what_an_open_run_has_touched_is_skipped(opened: Any) -> None:
    done = opened("recover", "--skip", "mem_box.nosuch")
    assert done.code == 64
    assert "Not in an open run: mem_box.nosuch." in done.err
    assert "It has: mem_box.alpha, mem_box.beta" in done.err
    opened.cloud.fault = lambda *_: None
    assert opened("recover").code == 0
    done = opened("recover", "--skip", "mem_box.alpha")
    assert done.code == 64
    assert "Nothing is open." in done.err


def test_what_was_undone_first_is_told_even_when_quiet(opened: Any) -> None:
    opened.cloud.fault = lambda *_: None
    done = opened("apply", "--yes", "--quiet")
    assert (done.code, done.err) == (0, "An earlier run was interrupted: what it left open is settled first.\n")


@pytest.mark.parametrize(
    "words",
    [
        ("plan", "--json", "--format", "text"), ("plan", "--format", "text", "--format", "json"),
        ("read", "--json", "--format", "yaml"), ("read", "--format", "yaml", "--format", "table"),
    ],
)  # fmt: skip
def test_two_formats_are_one_too_many(shell: Any, words: tuple[str, ...]) -> None:
    shell.boxes("alpha")
    done = shell(*words)
    assert done.code == 64
    assert "One format at most: " in done.err
    assert f"See: dpn {words[0]} --help" in done.err


def test_one_format_may_be_said_twice(shell: Any) -> None:
    shell.boxes("alpha")
    assert shell("plan", "--json", "--format", "json").json["summary"]["create"] == 1


@pytest.mark.parametrize("command", ["delete", "read", "update"])
def test_what_is_neither_file_nor_address_is_told(shell: Any, command: str) -> None:
    shell.boxes("alpha")
    done = shell(command, "nosuch.x")
    assert done.code == 64
    assert "nosuch.x is neither a file nor an address in the state; see dpn state list" in done.err


def test_a_file_may_look_like_an_address(shell: Any) -> None:
    shell.boxes("alpha").rename(shell.root / "blue.print")
    assert shell("apply", "blue.print", "--yes").code == 0
    assert shell("read", "blue.print").code == 0


def test_an_override_that_nothing_knows_has_no_place_in_a_file(shell: Any) -> None:
    shell.boxes("alpha")
    done = shell("plan", "--override", "nosuchvar=1")
    assert "warning: command line · nosuchvar: --override nosuchvar: " in done.err
    assert "blueprint.json" not in done.err


def test_an_option_without_its_value_names_the_help_of_its_command(shell: Any) -> None:
    done = shell("plan", "--out")
    assert done.code == 64
    assert "See: dpn plan --help" in done.err


def test_a_plan_that_cannot_be_saved_is_refused_before_the_cloud_is_read(shell: Any) -> None:
    shell.boxes("alpha")
    (shell.root / "folder").mkdir()
    for path, why in (("nope/x.json", "there is no folder"), ("folder", "it is a folder")):
        done = shell("plan", "--out", path)
        assert done.code == 64
        assert f"--out {path}: {why}" in done.err
    assert shell.cloud.calls == []


def test_a_folder_that_cannot_be_written_to_holds_no_plan(shell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.boxes("alpha")
    monkeypatch.setattr(os, "access", lambda *_: False)
    done = shell("plan", "--out", "x.json")
    assert done.code == 64
    assert f"the folder {shell.root} cannot be written to" in done.err


def test_naming_options_are_honoured_or_refused(shell: Any) -> None:
    shell.boxes("alpha")
    shell("apply", "--yes")
    for command in ("read", "delete"):
        gone = shell(command, "--values-config", "nope.yaml")
        assert gone.code == 64
        assert "--values-config: there is no file nope.yaml" in gone.err
        useless = shell(command, "--stack", "lab.dev", "--override", "project=x")
        assert useless.code == 64
        assert "--override has no effect with --stack" in useless.err
    assert shell("recover", "--values-config", "nope.yaml").code == 64


def test_the_way_on_has_only_options_that_recover_knows(shell: Any) -> None:
    shell.boxes("alpha", "beta")
    shell.cloud.fault = lambda kind, method, name: (
        "refuse" if method == "delete" or (method, "beta" in name) == ("put", True) else None
    )
    done = shell("apply", "--yes", "--override", "project=x", "--target", "mem_box.*")
    assert done.code == 4
    assert "When the cause is gone: dpn recover\n" in done.err


def test_a_signal_is_told_by_its_name(shell: Any) -> None:
    shell.boxes(*(f"n{index:02}" for index in range(60)))
    sent: list[str] = []

    def fault(kind: str, method: str, name: str) -> None:
        if method == "create" and not sent:
            sent.append(method)
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    shell.cloud.fault = fault
    done = shell("apply", "--yes")
    assert done.code == 130
    assert "stopped by SIGINT (Ctrl-C) [STOPPED]" in done.err


def test_a_bug_is_shown_whole_and_without_the_secrets_of_the_command(shell: Any) -> None:
    class Team:
        @hookimpl
        def dpn_backends(self) -> Any:
            def opened(world: Any, settings: Any) -> Any:
                raise RuntimeError(f"no way in with {settings['token']}")

            yield BackendType("team", open=opened)

    shell.boxes("alpha")
    shell.write({"mem_box": {"a": {"name": "the-a"}}}, state={"backend": "team", "token": "${env:TOKEN}"})
    shell.plugins, shell.env = (Team(),), {"TOKEN": "hunter2hunter2"}
    done = shell("plan")
    assert done.code == 70
    assert "RuntimeError: no way in with (hidden)" in done.err
    assert "hunter2" not in done.out + done.err
