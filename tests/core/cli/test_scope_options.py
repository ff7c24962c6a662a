"""--include and --exclude narrow every command that plans, by kind and by address."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "helpers"))
from planning import COMMANDS


@pytest.fixture
def mixed(shell: Any) -> Any:
    """Give a blueprint of a box, a robot and a label, which dpn only names."""
    shell.write({kind: {"one": {"naming": {"purpose": "one"}}} for kind in ("mem_box", "mem_robot", "mem_label")})
    return shell


@pytest.mark.parametrize(
    "words",
    [
        ("--include", "mem_box"),
        ("--include", "mem_box.*"),
        ("--include", "mem_*", "--exclude", "mem_robot", "--exclude", "mem_l*"),
        ("--exclude", "mem_robot.one", "--exclude", "mem_label"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_command_is_narrowed(mixed: Any, command: tuple[str, ...], words: tuple[str, ...]) -> None:
    done = mixed(*command, *words)
    assert done.code == 0, done.err
    said = done.out + done.err
    assert "mem_box.one" in said
    assert "mem_robot.one  " not in said
    assert mixed.cloud.names() == (["mem_box acme-one-dev"] if "--yes" in command else [])


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_kind_that_is_only_named_is_refused_unless_it_is_left_out(mixed: Any, command: tuple[str, ...]) -> None:
    done = mixed(*command)
    assert (done.code, "KIND-NAMES-ONLY" in done.err) == (64, True)
    assert "dpn name render mem_label" in done.err


def test_an_update_is_narrowed(mixed: Any) -> None:
    mixed.boxes("one", "two")
    mixed("apply", "--yes")
    mixed.boxes("one", "two", size=3)
    assert mixed("update", "--exclude", "mem_box.two", "--yes").code == 0
    sizes = {seen.ref.name: seen.spec.get("size") for seen in mixed.cloud.objects.values()}
    assert sizes == {"acme-one-dev": 3, "acme-two-dev": None}
