"""The door: help, usage, exit codes, and outputs that break."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from importlib.metadata import EntryPoint, entry_points, version
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import Any

import click
import pytest

from dpn import api
from dpn.cli import Session, main
from dpn.cli.console import Console
from dpn.cli.tree import ROOT
from dpn.errors import DpnError, InDoubtError, LockedError, PluginError, RefusedError, StoppedError
from dpn.version import VERSION


def paths(group: click.Group = ROOT, above: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Give each command by its words."""
    found: list[tuple[str, ...]] = []
    with click.Context(group) as context:
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            found.append((*above, name))
            if isinstance(command, click.Group):
                found += paths(command, (*above, name))
    return found


@pytest.mark.parametrize("flag", ["-h", "--help"])
@pytest.mark.parametrize("path", paths(), ids=" ".join)
def test_each_command_has_help_with_examples(shell: Any, path: tuple[str, ...], flag: str) -> None:
    done = shell(*path, flag)
    assert done.code == 0
    assert done.out.startswith(f"Usage: dpn {' '.join(path)}")
    assert "\nExamples:\n  " in done.out
    assert max(map(len, done.out.splitlines())) <= 125


@pytest.mark.parametrize("path", paths(), ids=" ".join)
def test_the_examples_use_options_that_exist(shell: Any, path: tuple[str, ...]) -> None:
    text = shell(*path, "--help").out
    usage, examples = text.split("\nExamples:\n")
    words = {word.split("=")[0].rstrip(",") for word in examples.split() if word.startswith("--")}
    known = set(usage.replace(",", " ").replace("]", " ").split())
    if len(path) == 1 and "[ARGS]" in usage:
        return  # a group's examples are those of its commands
    assert words <= known | {"--out", "--json", "--sandbox"}


def test_the_texts_of_the_list_are_those_of_the_commands() -> None:
    with click.Context(ROOT) as context:
        for name in ROOT.list_commands(context):
            command = ROOT.get_command(context, name)
            assert command
            assert command.help


def test_the_version_is_that_of_the_package(shell: Any) -> None:
    assert shell("--version").out == f"dpn {VERSION}\n"
    assert version("dpn") == VERSION


def test_without_arguments_help_goes_to_stderr(shell: Any) -> None:
    done = shell()
    assert (done.code, done.out) == (64, "")
    assert done.err.startswith("Usage: dpn")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("plam",), "There is no command 'plam'. Did you mean 'plan'?"),
        (("state", "lst"), "There is no command 'lst'. Did you mean 'list'?"),
        (("zzzzzz",), "There is no command 'zzzzzz'."),
        (("plan", "--outt", "x"), "--out"),
        (("plan", "a", "b"), "unexpected extra argument"),
        (("plan", "--override", "x"), "'x' is not KEY=VALUE"),
        (("plan", "--max-size", "many"), "'many' is no size"),
        (("apply", "--parallelism", "0"), "--parallelism"),
        (("name", "render"), "Missing argument 'KIND|-'"),
        (("--nope",), "--nope"),
    ],
)
def test_usage_errors_exit_with_64_and_name_the_help(shell: Any, words: tuple[str, ...], said: str) -> None:
    done = shell(*words)
    assert done.code == 64
    assert said in done.err
    assert "--help" in done.err
    assert done.out == ""


def test_a_usage_error_is_json_too_when_that_was_asked_for(shell: Any) -> None:
    shell.boxes("a")
    done = shell("update", "--set", "spec.size=1", "--json")
    assert (done.code, done.json["error"]["exit_code"]) == (64, 64)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (DpnError("x"), 1), (RefusedError("x"), 3), (InDoubtError("x"), 4), (LockedError("x"), 5),
        (PluginError("x"), 7), (StoppedError("x", signal=15), 143), (KeyboardInterrupt(), 130), (RuntimeError("x"), 70),
    ],
)  # fmt: skip
def test_each_error_has_its_exit_code(shell: Any, monkeypatch: pytest.MonkeyPatch, error: Exception, code: int) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(api, "plan", fail, raising=False)
    done = shell("plan")
    assert done.code == code
    assert ("Traceback" in done.err) == (code == 70)
    assert ("report it" in done.err) == (code == 70)


def test_sizes_and_pairs_are_read(shell: Any) -> None:
    shell.boxes("a")
    assert shell("plan", "--offline", "--max-size", "1MB", "--override", "note=x=y").code == 0
    assert shell("plan", "--offline", "--max-size", "12").code == 64


def test_a_plugin_adds_a_command(shell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    def hello() -> None:
        click.echo("hello")

    monkeypatch.setattr(api, "plugin_command", lambda name: hello if name == "hello" else None, raising=False)
    assert shell("hello").out == "hello\n"
    assert shell("hallo").code == 64
    assert "hello" not in shell("--help").out


def test_a_command_of_a_plugin_is_found_by_its_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("hello", "click:Command", "dpn.commands")
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: [point] if group == "dpn.commands" else [])
    assert api.plugin_command("hello") is click.Command
    assert api.plugin_command("other") is None


def test_the_console_script_is_this_door() -> None:
    (point,) = entry_points(group="console_scripts", name="dpn")
    assert point.load() is main


class Broken(StringIO):
    """An output whose reader has gone, or whose disk is full."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def write(self, text: str) -> int:
        raise OSError(self.number, os.strerror(self.number))


@pytest.mark.parametrize("number", [errno.EPIPE, errno.ENOSPC])
def test_an_output_that_breaks_changes_neither_outcome_nor_code(
    shell: Any, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    shell.boxes("a")
    words = ("apply", "--yes")
    from dpn.testing.memory import MemoryPlugin
    from dpn.world import World

    world = World(env={"DPN_HOME": str(shell.root / "home")}, cwd=shell.root)
    for stream in ("stdout", "stderr"):
        monkeypatch.setattr(sys, stream, Broken(number))
    assert main(words, Session(world, (MemoryPlugin(shell.cloud),), Console({}))) == 0
    assert shell.cloud.names() == ["mem_box acme-a-dev"]


def test_an_output_without_such_characters_gets_others_of_the_same_width(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = BytesIO()
    monkeypatch.setattr(sys, "stdout", TextIOWrapper(raw, "ascii"))
    Console({}).result("a → b ± … é")
    assert raw.getvalue() == b"a > b ! . \\xe9\n"


def test_no_output_at_all_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    Console({}).result("nobody hears")


def run(*words: str, home: Path, **more: Any) -> subprocess.CompletedProcess[bytes]:
    env = {"PATH": os.environ["PATH"], "HOME": str(home), **more.pop("env", {})}
    command = [sys.executable, "-c", "import sys; from dpn.cli import main; sys.exit(main())", *words]
    return subprocess.run(command, check=False, env=env, cwd=home, timeout=60, **more)


def test_a_reader_that_has_gone_is_no_failure(tmp_path: Path) -> None:
    for words in (("--help",), ("plan", "--help"), ("--version",), ("plugins", "list"), ("schema", "--of", "plan")):
        read, write = os.pipe()
        os.close(read)
        done = run(*words, home=tmp_path, stdout=write, stderr=subprocess.PIPE)
        os.close(write)
        assert (done.returncode, done.stderr) == (0, b""), words


@pytest.mark.parametrize("shell_name", ["bash", "zsh", "fish"])
def test_a_shell_completes_commands(shell: Any, shell_name: str) -> None:
    done = shell("completion", shell_name)
    assert done.code == 0
    assert "_DPN_COMPLETE" in done.out


def test_completion_answers_the_shell(tmp_path: Path) -> None:
    env = {"_DPN_COMPLETE": "bash_complete", "COMP_WORDS": "dpn pl", "COMP_CWORD": "1"}
    done = run(home=tmp_path, env=env, stdout=subprocess.PIPE)
    assert done.stdout.split() == [b"plain,plan", b"plain,plugins"]
