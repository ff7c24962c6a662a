"""--values-config, --patterns-config and --override decide the names of every command that names something."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "helpers"))
import planning

COMMANDS = [*planning.COMMANDS, ("name", "render", "mem_box", "purpose=alpha")]


@pytest.fixture
def named(shell: Any) -> Any:
    """Give a shell with one box, and naming files that are not where dpn looks for them."""
    resources = {"mem_box": {"alpha": {"naming": {"purpose": "alpha"}}}}
    shell.write(resources, metadata={"environment": "dev"})
    (shell.root / "mine.yaml").write_text("defaults: {project: fromfile}\n")
    (shell.root / "form.yaml").write_text('patterns: {mem_box: "x-{purpose}-{project}"}\n')
    return shell


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ((), "platform-alpha-dev"),
        (("--values-config", "mine.yaml"), "fromfile-alpha-dev"),
        (("--patterns-config", "form.yaml"), "x-alpha-platform"),
        (("--override", "project=asked"), "asked-alpha-dev"),
        (("--values-config", "mine.yaml", "--override", "project=asked"), "asked-alpha-dev"),
        (("--values-config", "mine.yaml", "--patterns-config", "form.yaml"), "x-alpha-fromfile"),
        (("--override", "purpose=beta"), "platform-beta-dev"),
    ],
)
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_naming_option_has_its_effect(
    named: Any, command: tuple[str, ...], words: tuple[str, ...], name: str
) -> None:
    done = named(*command, *words)
    assert done.code == 0, done.err
    assert name in done.out + done.err
    if "--yes" in command:
        assert named.cloud.names() == [f"mem_box {name}"]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_file_that_is_not_valid_stops_each_command_at_the_line(named: Any, command: tuple[str, ...]) -> None:
    (named.root / "bad.yaml").write_text("\ndefalts: {}\n")
    for option in ("--values-config", "--patterns-config"):
        done = named(*command, option, "bad.yaml")
        assert (done.code, "bad.yaml:2:1" in done.err) == (64, True), done.err
        assert named(*command, option, "nowhere.yaml").code == 64
    assert named.cloud.names() == []


@pytest.mark.parametrize("command", [words for words in COMMANDS if words[0] != "name"], ids=" ".join)
def test_an_override_that_nothing_knows_is_warned_of(named: Any, command: tuple[str, ...]) -> None:
    done = named(*command, "--override", "purpsoe=x")
    assert done.code == 0
    assert "OVERRIDE-UNKNOWN" in done.err + done.out
    assert "purpose" in done.err + done.out


def test_a_saved_plan_keeps_the_names_that_it_was_made_with(named: Any) -> None:
    assert named("plan", "--out", "plan.json", "--override", "project=asked").code == 0
    assert named("apply", "plan.json").code == 0
    assert named.cloud.names() == ["mem_box asked-alpha-dev"]
