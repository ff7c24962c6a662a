"""Forty false secrets go in by every way there is; the cloud gets them, and no byte that dpn writes or says has one."""

from __future__ import annotations

import json
import os
import random
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from functools import cached_property
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import boto3
import keyring
import pytest
from keyring.backend import KeyringBackend
from moto import mock_aws

from dpn.cli import Session, main
from dpn.cli.console import Console
from dpn.testing.clocks import FastClock
from dpn.world import World

sys.path.insert(0, str(Path(__file__).parents[1] / "helpers"))
from canaries import CANARIES, FORMS, CanPlugin, texts, traces

IN_ENV, IN_AWS, IN_KEYRING = range(20), range(20, 30), range(30, 40)
SETTINGS = {0: "${env:C0}", 4: "https://u:${env:C4}@host"}
"""The canaries that provider settings hold as well."""
SOME = ("plain", "json", "base64")


class MemoryKeyring(KeyringBackend):
    priority = 1
    kept: dict[tuple[str, str], str]

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))


def reference(number: int) -> str:
    """Give what stands in the blueprint for a canary."""
    if number in IN_ENV:
        return f"${{env:C{number}}}"
    if number in IN_AWS:
        return f"${{secret:aws-sm:canary/{number}{'#key' if number % 2 else ''}}}"
    return f"${{secret:keyring:canary {number}/me}}"


def spec(numbers: list[int]) -> dict[str, Any]:
    """Put eight canaries into every kind of place that a spec has."""
    one = [reference(number) for number in numbers]
    return {
        "color": one[0], "token": f"pw={one[1]};", "tags": {"plain": one[2], "inside": f"<{one[3]}>"},
        "list": [one[4], f"{one[5]} {one[5]}"], "deep": {"a": {"b": [one[6]]}, "c": one[7]},
    }  # fmt: skip


@dataclass
class Nest:
    """One folder, one home, one cloud, and all that was ever said."""

    root: Path
    plugin: CanPlugin = field(default_factory=CanPlugin)
    said: list[str] = field(default_factory=list)

    @cached_property
    def env(self) -> dict[str, str]:
        return {"DPN_HOME": str(self.root / "home"), **{f"C{number}": CANARIES[number] for number in IN_ENV}}

    def __call__(self, *words: str, code: int = 0) -> str:
        """Run a command, keep all that it says, and give it."""
        world = World(env=self.env, cwd=self.root, clock=FastClock(), rng=random.Random(7), sleep=lambda _: None)
        out = StringIO()
        with redirect_stdout(out), redirect_stderr(out), patch.object(sys, "stdin", StringIO()):
            ended = main(words, Session(world, (self.plugin,), Console(self.env)))
        self.said.append(out.getvalue())
        assert ended == code, out.getvalue()
        return out.getvalue()

    def write(self, boxes: dict[str, dict[str, Any]]) -> None:
        resources = {name: {"naming": {"purpose": name}, "spec": body} for name, body in boxes.items()}
        head = {"version": "1", "stack": "nest", "metadata": {"project": "acme", "environment": "dev"}}
        settings = {"can": {"token": SETTINGS[0], "url": SETTINGS[4]}}
        content = {**head, "providers": settings, "resources": {"can_box": resources}}
        (self.root / "blueprint.json").write_text(json.dumps(content))

    def fail(self, method: str, form: str = "plain") -> None:
        """Let a method fail from now on, and say in a form what it was given; an empty one lets none."""
        self.plugin.cloud.failing, self.plugin.cloud.form = method, FORMS[form]

    def hits(self) -> list[tuple[int, str]]:
        """Give each canary that is anywhere: number and file (or what heard it)."""
        files = {str(path): path.read_bytes() for path in self.root.rglob("*") if path.is_file()}
        heard = {"output": "\n".join(self.said).encode(), "events": "\n".join(self.plugin.heard).encode()}
        everything = {**files, **heard}
        return [
            (number, name)
            for number, value in enumerate(CANARIES)
            for name, content in everything.items()
            if any(trace in content for trace in traces(value))
        ]


@pytest.fixture
def vaults(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put the canaries into AWS Secrets Manager and into a keyring."""
    for name, value in {"DEFAULT_REGION": "eu-west-1", "ACCESS_KEY_ID": "test", "SECRET_ACCESS_KEY": "test"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    before, chain = keyring.get_keyring(), MemoryKeyring()  # type: ignore[no-untyped-call]  # typed in part
    chain.kept = {(f"canary {number}", "me"): CANARIES[number] for number in IN_KEYRING}
    keyring.set_keyring(chain)
    with mock_aws():
        store = boto3.client("secretsmanager", region_name="eu-west-1")
        for number in IN_AWS:
            value = json.dumps({"key": CANARIES[number], "other": "x"}) if number % 2 else CANARIES[number]
            store.create_secret(Name=f"canary/{number}", SecretString=value)
        yield
    keyring.set_keyring(before)


@pytest.fixture
def nest(tmp_path: Path, vaults: None) -> Iterator[Nest]:
    before = os.umask(0)
    yield Nest(tmp_path)
    os.umask(before)


def boxes() -> dict[str, dict[str, Any]]:
    """Give five boxes with eight canaries each."""
    return {f"b{first}": spec(list(range(first * 8, first * 8 + 8))) for first in range(5)}


@pytest.fixture
def made(nest: Nest) -> Nest:
    nest.write(boxes())
    nest("apply", "--yes", "-v")
    return nest


def test_the_canaries_are_forty_and_no_two_are_alike() -> None:
    assert len(set(CANARIES)) == 40


def test_the_traces_would_be_found(nest: Nest) -> None:
    for number, value in enumerate(CANARIES):
        for form in FORMS:
            if form == "header" and len(value) < 10:
                continue  # what of it stands in the base64 of a longer text is no more than a few letters
            nest.said = [f"it is {FORMS[form](value)}."]
            assert number in {hit for hit, _ in nest.hits()}, (form, value)
    nest.said = []
    assert nest.hits() == []


def test_the_cloud_gets_what_nobody_else_does(nest: Nest) -> None:
    nest.write(boxes())
    for words in (
        ["validate", "-v"],
        ["validate", "--json"],
        ["plan", "-v"],
        ["plan", "--json"],
        ["plan", "--offline"],
    ):
        nest(*words)
    nest("plan", "--out", "plan.json", "--show-rollback")
    nest("apply", "plan.json", "--yes", "-v")
    there = {text for seen in nest.plugin.cloud.objects.values() for text in texts(seen.spec)}
    assert all(any(value in text for text in there) for value in CANARIES)
    assert nest.plugin.cloud.settings["token"] == CANARIES[0]
    assert nest.plugin.cloud.settings["url"] == f"https://u:{CANARIES[4]}@host"
    assert nest.hits() == []


def test_what_only_looks_says_nothing(made: Nest) -> None:
    made("plan", "-v", "--detailed-exitcode")
    for words in (
        "read -v", "read --format json", "read --format yaml", "doctor -v", "doctor --json", "state list --json",
        "state show can_box.b0", "state show can_box.b3 --json", "state history --json", "state pull",
        "state pull --out state.json", "plugins list", "schema",
    ):  # fmt: skip
        made(*words.split())
    made("state", "push", "state.json", "--yes")
    made("state", "migrate", "--to", "file", "--set", "path=moved")
    assert made.hits() == []


def test_changing_and_deleting_says_nothing(made: Nest) -> None:
    changed = {name: {**body, "token": "${env:C3}", "tags": {"now": "open"}} for name, body in boxes().items()}
    made.write(changed)
    made("plan", "-v")
    made("plan", "--json")
    made("apply", "--yes", "--json")
    made("delete", "--yes", "-v")
    assert made.plugin.cloud.objects == {}
    assert made.hits() == []


@pytest.mark.parametrize(
    ("method", "form"), [("create", "plain"), ("ready", "json"), *(("put", form) for form in FORMS)]
)
def test_an_error_that_says_them_back_is_told_without_them(nest: Nest, method: str, form: str) -> None:
    nest.write(boxes())
    nest.fail(method, form)
    told = nest("apply", "--yes", "-v", code=1) + nest("apply", "--yes", "--json", code=1)
    assert "(hidden)" in told
    assert nest.plugin.cloud.objects == {}
    assert nest.hits() == []


@pytest.mark.parametrize("form", SOME)
def test_an_update_that_is_undone_says_nothing(made: Nest, form: str) -> None:
    changed = {name: {**body, "size": 2, "deep": {"c": reference(9)}} for name, body in boxes().items()}
    made.write(changed)
    made.fail("put", form)
    made("apply", "--yes", "-v", code=1)
    made.fail("")
    made.write(boxes())
    assert "No changes" in made("plan")
    assert made.hits() == []


@pytest.mark.parametrize("form", SOME)
def test_a_blocked_undo_says_nothing(nest: Nest, form: str) -> None:
    nest.write(boxes())
    nest.fail("put", form)
    nest.plugin.cloud.fault = lambda kind, method, name: "refuse" if method == "delete" else None
    nest("apply", "--yes", "-v", code=4)
    nest("state", "list", code=4)
    nest("plan", "-v", code=4)
    nest.fail("delete", form)
    nest.plugin.cloud.fault = lambda *_: None
    nest("recover", code=4)
    assert nest.hits() == []
    nest.fail("")
    nest("recover")
    assert nest.plugin.cloud.objects == {}
    assert nest.hits() == []


def test_a_run_that_died_and_its_recovery_say_nothing(made: Nest) -> None:
    crashed, home = made.root / "crashed", made.root / "home"

    one = threading.Lock()  # calls come from several workers

    def die(kind: str, method: str, name: str) -> None:
        with one:
            if method == "put" and not crashed.exists():
                shutil.copytree(home, crashed)

    made.write({name: {**body, "token": "${env:C3}"} for name, body in boxes().items()})
    made.plugin.cloud.fault = die
    made("apply", "--yes")
    shutil.rmtree(home)
    crashed.rename(home)
    made("read", "-v", code=4)
    made("state", "history", "--json", code=4)
    made("doctor", "-v", code=4)
    made("state", "pull", code=4)
    made("recover", "-v")
    assert made.hits() == []
    made.write(boxes())
    made("apply", "--yes")
    there = {text for seen in made.plugin.cloud.objects.values() for text in texts(seen.spec)}
    assert all(any(value in text for text in there) for value in CANARIES)
    assert made.hits() == []


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("method", ["connect", "preflight", "identity"])
def test_what_a_provider_says_of_its_settings_is_told_without_them(nest: Nest, method: str, form: str) -> None:
    nest.write({"b0": {}})
    nest.fail(method, form)
    told = nest("plan", "-v", code=1) + nest("apply", "--yes", "--json", code=1)
    assert "(hidden)" in told
    assert nest.hits() == []


def test_a_plugin_that_raises_what_it_saw_is_told_without_it(nest: Nest) -> None:
    nest.plugin.raising = True
    nest.write(boxes())
    assert "the outcome stands" in nest("apply", "--yes", "-v")
    assert nest.hits() == []


def test_a_vault_that_is_closed_says_nothing(nest: Nest) -> None:
    nest.write({"b0": {"token": "${secret:aws-sm:canary/1}", "color": "${env:C1}"}})
    assert "ResourceNotFoundException" in nest("apply", "--yes", code=1)
    nest.write({"b0": {"token": "${secret:keyring:canary 1/me}", "color": "${env:C1}"}})
    assert 'keyring set "canary 1" "me"' in nest("apply", "--yes", code=1)
    nest.write({"b0": {"token": "${secret:aws-sm:canary/21#none}", "color": "${env:C1}"}})
    assert "no key none" in nest("apply", "--yes", code=1)
    assert nest.hits() == []


def test_all_that_is_written_is_private_though_the_umask_lets_everybody_in(made: Nest) -> None:
    made("plan", "--out", "plan.json", "--replace", "can_box.b0")
    made("state", "pull", "--out", "state.json")
    home = made.root / "home"
    written = [home, *home.rglob("*"), made.root / "plan.json", made.root / "state.json"]
    modes = {path: path.stat().st_mode & 0o777 for path in written}
    assert {path: mode for path, mode in modes.items() if mode != (0o700 if path.is_dir() else 0o600)} == {}
