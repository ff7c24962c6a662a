"""Hostile patterns, values and names, through the doors that a stranger's file or words come in by.

Each is refused with the code of its mistake: nothing is evaluated, written, or asked of a cloud. What refusing costs
is measured by tests/benchmarks/hostile.py.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dpn import api
from dpn.errors import DpnError, InputError
from dpn.testing.memory import Cloud, MemoryPlugin
from dpn.world import World

LONG = 100_000
PATTERNS = {
    "attribute access": "{project.__class__.__init__.__globals__[CONFIG]}",
    "index": "{project[0]}",
    "conversion": "{project!r}",
    "width bomb": "{project:>200000000}",
    "percent bomb": "%(project)999999999s",
    "nested braces": "{project:{environment}}",
    "doubled braces": "{{project}}",
    "Jinja": "{{ cycler.__init__.__globals__.os.popen('touch hacked').read() }}",
    "Jinja loop": "{% for x in range(999999999) %}a{% endfor %}",
    "shell": "$(touch hacked)",
    "variable of a shell": "${HOME}",
    "code in a filter": "{project|max:__import__('os').system('touch hacked')}",
    "new line": "{project}\n{purpose}",
    "control character": "{project}\x07",
    "not ASCII": "{project}-\u00e4",
    "301 characters": "x" * 301,
    "100,000 characters": "{project}" + "x" * LONG,
    "open brackets": "[" * 300,
    "no variable": "{nobody}",
    "a huge number": "{project|max:9999999999999999}",
}
PATTERN_CODES = {
    "PATTERN-SYNTAX",
    "PATTERN-LENGTH",
    "PATTERN-VARIABLE",
    "PATTERN-FILTER",
    "PATTERN-LITERAL",
    "CHARACTER",
}
VALUES = {
    "256 characters": ("a" * 256, "VALUE-LENGTH"),
    "100,000 characters": ("a-" * LONG, "VALUE-LENGTH"),
    "new line": ("a\nb", "VALUE-CHARS"),
    "control character": ("a\x07b", "VALUE-CHARS"),
    "turned writing": ("a\u202eb", "VALUE-CHARS"),
    "nothing to see": ("a\u200bb", "VALUE-CHARS"),
    "not composed": ("a\u0308", "VALUE-NFC"),
    "a way out": ("../../etc/passwd", "VALUE-SLASH"),
    "nothing left": ("-._ ", "VALUE-EMPTY"),
    "attribute access": ("{project.__class__}", "NAME-FORM"),
    "shell": ("$(touch hacked)", "NAME-FORM"),
    "percent": ("%n%s%99999999d", "NAME-FORM"),
    "not ASCII": ("\u00e4", "NAME-FORM"),
    "too long for the kind": ("b" * 200, "NAME-LENGTH"),
}
NAMES = {
    "empty": ("", "NAME-EMPTY"),
    "longer by one": ("a" * 41, "NAME-LENGTH"),
    "a run": ("a-" * LONG, "NAME-LENGTH"),
    "dots": ("." * LONG, "NAME-LENGTH"),
    "marks without end": ("\u0301" * LONG, "NAME-LENGTH"),
    "new line": ("abc\n", "NAME-CHARS"),
    "control character": ("a\x00bc", "NAME-CHARS"),
    "template": ("{project}", "NAME-FORM"),
    "half a character": ("abc\ud800", "NAME-CHARS"),
}


class Desk:
    """A folder with files of strangers, and a world that notices what is done to it."""

    def __init__(self, root: Path) -> None:
        self.root, self.cloud = root, Cloud()
        self.world = World(env={"DPN_HOME": str(root / "home")}, cwd=root)

    def options(self, **more: Any) -> api.Options:
        return api.Options(plugins=(MemoryPlugin(self.cloud),), **more)

    def write(self, name: str, data: Any) -> Path:
        path = self.root / name
        path.write_text(json.dumps(data), encoding="utf-8")
        return path

    def blueprint(self, **naming: Any) -> Path:
        metadata = {"project": "acme", "environment": "dev"}
        body = {"version": "1", "stack": "lab", "metadata": metadata, "resources": {"mem_box": {"a": naming}}}
        return self.write("blueprint.json", body)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Give a desk; afterwards no file is there that was not written here, and nobody was called."""
    desk = Desk(tmp_path)

    def never(*_: Any, **__: Any) -> Any:
        raise AssertionError("hostile input was carried out")

    for module, name in ((os, "system"), (subprocess, "Popen"), (socket, "socket")):
        monkeypatch.setattr(module, name, never)
    yield desk
    assert {path.name for path in tmp_path.iterdir()} <= {"blueprint.json", "patterns.yaml", "values.yaml"}
    assert desk.cloud.calls == []


def codes(work: Callable[[], Any]) -> set[str]:
    """Give the codes with which something is refused; what is said of it stays short enough to be read."""
    with pytest.raises(InputError) as caught:
        work()
    assert caught.value.exit_code == 64
    said = [str(problem) for problem in caught.value.problems]
    assert max(map(len, said)) < 2_000
    return {problem.code for problem in caught.value.problems}


@pytest.mark.parametrize("case", PATTERNS.values(), ids=PATTERNS)
def test_a_pattern_of_a_file_is_data(desk: Desk, case: str) -> None:
    patterns = desk.write("patterns.yaml", {"patterns": {"mem_box": case}})
    options = desk.options(patterns_config=patterns)
    assert codes(lambda: api.render_name(options, "mem_box", {"purpose": "a"}, desk.world)) <= PATTERN_CODES
    assert codes(lambda: api.parse_name(options, "mem_box", "acme-a-dev", desk.world)) <= PATTERN_CODES
    file = desk.blueprint(naming={"purpose": "a"})
    planned = desk.options(patterns_config=patterns, file=file)
    assert codes(lambda: api.plan(planned, desk.world)) <= PATTERN_CODES


@pytest.mark.parametrize("case", VALUES.values(), ids=VALUES)
def test_a_value_is_data_whichever_way_it_comes(desk: Desk, case: tuple[str, str]) -> None:
    value, code = case
    asked = {"purpose": value}
    file = desk.blueprint(naming=asked)
    over = desk.options(overrides=asked)
    values = desk.options(values_config=desk.write("values.yaml", {"defaults": asked}))
    for found in (
        codes(lambda: api.render_name(desk.options(), "mem_box", asked, desk.world)),
        codes(lambda: api.NameStream(desk.options(), desk.world).name("mem_box", asked)),
        codes(lambda: api.render_name(over, "mem_box", {}, desk.world)),
        codes(lambda: api.plan(desk.options(file=file), desk.world)),
        codes(lambda: api.render_name(values, "mem_box", {}, desk.world)),
    ):
        assert found & {code, "CHARACTER", "SCHEMA"}  # of a file, its reader speaks first
        assert found <= {code, "CHARACTER", "SCHEMA", "NAME-CHARS", "NAME-MISSING"}


@pytest.mark.parametrize("case", NAMES.values(), ids=NAMES)
def test_a_name_is_refused_by_the_rule_of_its_kind(desk: Desk, case: tuple[str, str]) -> None:
    name, code = case
    (problems,) = api.check_names(desk.options(), "mem_box", [name], desk.world).values()
    assert code in {problem.code for problem in problems}
    assert api.parse_name(desk.options(), "mem_box", name, desk.world).readings == ()
    found = api.NameAudit(desk.options(), desk.world).judge("mem_box", name)
    assert (found.complies, found.by) == ("no", "cloud")
    near = api.suggest_name(desk.options(), "mem_box", name, desk.world)
    assert near is None or api.check_names(desk.options(), "mem_box", [near], desk.world) == {near: []}


@pytest.mark.parametrize("case", [case for what, case in NAMES.items() if what not in ("empty", "half a character")])
def test_a_written_name_of_a_blueprint_is_refused_too(desk: Desk, case: tuple[str, str]) -> None:
    name, code = case
    found = codes(lambda: api.plan(desk.options(file=desk.blueprint(name=name)), desk.world))
    assert found & {code, "CHARACTER"}  # of a file, its reader speaks first


def test_a_kind_that_is_hostile_is_none(desk: Desk) -> None:
    for kind in ("mem_" + "a" * LONG, "../mem_box", "mem_box\n", "{project}", "__import__('os')"):
        with pytest.raises(DpnError):
            api.render_name(desk.options(), kind, {}, desk.world)
