from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dpn import api, hookimpl
from dpn.desk import Desk, Options, errors_in
from dpn.errors import DpnError, InputError, PluginError, Problem
from dpn.extensions import Backend, BackendType
from dpn.store.file import FileBackend
from dpn.testing.memory import Cloud, provider
from dpn.world import World


class Elsewhere:
    """A state backend of a team, as a plugin."""

    def __init__(self) -> None:
        self.opened: list[Mapping[str, Any]] = []

    @hookimpl
    def dpn_backends(self) -> Iterator[BackendType]:
        yield BackendType("acme", open=self._open)

    def _open(self, world: World, settings: Mapping[str, Any]) -> Backend:
        self.opened.append(settings)
        return FileBackend(world, world.cwd / str(settings["folder"]))


def config(lab: Any, text: str) -> None:
    (lab.root / ".dpn").mkdir()
    (lab.root / ".dpn" / "config.yaml").write_text(text)


@pytest.mark.parametrize("where", ["config.yaml", "blueprint"])
def test_state_is_kept_where_the_configuration_or_the_blueprint_says(lab: Any, where: str) -> None:
    backend = Elsewhere()
    lab.objects.append(backend)
    if where == "config.yaml":
        config(lab, "state: {backend: acme, folder: shared}\n")
        lab.write(lab.thing("mem_box.a"))
    else:
        lab.write(lab.thing("mem_box.a"), state={"backend": "acme", "folder": "shared"})
    assert lab.outcome() == "done"
    assert backend.opened[0] == {"folder": "shared"}
    assert (lab.root / "shared" / "stacks" / "lab.dev" / "state.json").exists()
    assert not lab.home.exists()
    assert lab.empty()
    assert lab.delete().result.outcome == "done"


def test_a_backend_that_is_not_installed_is_said_with_those_that_are(lab: Any) -> None:
    config(lab, "state: {backend: nowhere}\n")
    with pytest.raises(PluginError, match="'nowhere' is not installed"):
        lab.plan(lab.thing("mem_box.a"))


def test_a_setting_of_the_state_may_come_from_the_environment(lab: Any) -> None:
    backend = Elsewhere()
    lab.objects.append(backend)
    config(lab, "state: {backend: acme, folder: shared, key: '${env:CANARY}', dsn: 'a ${env:CANARY} b', lease: 3}\n")
    assert lab.outcome(lab.thing("mem_box.a")) == "done"
    value = lab.env["CANARY"]
    assert backend.opened[0] == {"folder": "shared", "key": value, "dsn": f"a {value} b", "lease": 3}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("${env:NOT_SET}", r"state backend refers to \$\{env:NOT_SET\}, which is not set"),
        (
            "${secret:aws-sm:x}",
            r"refers to \$\{secret:aws-sm:x\}, and only \$\{env:NAME\} can stand there",
        ),
    ],
)
def test_what_a_setting_of_the_state_cannot_get_is_said(lab: Any, text: str, why: str) -> None:
    lab.objects.append(Elsewhere())
    config(lab, f"state: {{backend: acme, folder: shared, key: '{text}'}}\n")
    with pytest.raises(InputError, match=why):
        lab.plan(lab.thing("mem_box.a"))


def test_the_stacks_of_the_sandbox_are_in_its_own_home_whatever_the_backend(lab: Any) -> None:
    config(lab, "state: {backend: nowhere}\n")
    backend = Desk(api.Options(sandbox=True), lab.world).backend({"backend": "nowhere"})
    assert isinstance(backend, FileBackend)
    assert backend.stacks() == []


def test_how_many_calls_run_at_once_is_the_flag_then_the_configuration(lab: Any) -> None:
    assert Desk(lab.options(), lab.world).width == 10
    config(lab, "parallelism: 3\n")
    assert Desk(lab.options(), lab.world).width == 3
    assert Desk(lab.options(parallelism=7), lab.world).width == 7


def test_plugins_are_loaded_once_and_providers_as_they_turn_up(lab: Any) -> None:
    desk = Desk(lab.options(), lab.world)
    first = desk.load_plugins(["mem_box"])
    assert desk.load_plugins(["mem_shelf"]) is first
    with pytest.raises(PluginError, match="'nocloud'"):
        desk.load_plugins(["nocloud_thing"])


def test_every_session_is_closed_even_when_the_command_fails(lab: Any) -> None:
    closed: list[str] = []

    class Session(Cloud):
        def close(self) -> None:
            closed.append("closed")

    class Closing:
        @hookimpl
        def dpn_providers(self) -> Any:
            yield replace(provider(lab.cloud), connect=lambda settings: Session(fault=lab.cloud.fault))

    lab.write(lab.thing("mem_box.a"))
    api.plan(replace(lab.options(), plugins=(Closing(),)), lab.world)
    assert closed == ["closed"]
    lab.cloud.fault = lambda kind, method, name: "refuse"
    with pytest.raises(DpnError):
        api.plan(replace(lab.options(), plugins=(Closing(),)), lab.world)
    assert closed == ["closed"] * 2


def test_settings_of_a_provider_may_come_from_the_environment_and_are_stored_as_written(lab: Any) -> None:
    seen: list[Mapping[str, Any]] = []

    class Asking:
        @hookimpl
        def dpn_providers(self) -> Any:
            yield replace(provider(lab.cloud), connect=self._connect)

        def _connect(self, settings: Mapping[str, Any]) -> Cloud:
            seen.append(settings)
            cloud: Cloud = lab.cloud
            return cloud

    lab.write(lab.thing("mem_box.a"), providers={"mem": {"token": "${env:CANARY}"}})
    assert api.apply(replace(lab.options(), plugins=(Asking(),)), lab.world).result
    assert seen[0]["token"] == lab.env["CANARY"]
    assert lab.records()["mem_box.a"].settings == {"token": "${env:CANARY}"}
    lab.env.clear()
    with pytest.raises(InputError, match=r"\$\{env:CANARY\}, which is not set"):
        api.plan(replace(lab.options(), plugins=(Asking(),)), lab.world)


def test_a_provider_that_only_names_things_provisions_nothing(lab: Any) -> None:
    with pytest.raises(InputError) as caught:
        lab.plan(lab.thing("mem_label.a", naming={"purpose": "raw"}))
    assert [problem.code for problem in caught.value.problems] == ["KIND-NAMES-ONLY"]


def test_only_errors_stop_a_command() -> None:
    error, warning = Problem("A", "x"), Problem("B", "y", severity="warning")
    assert errors_in([warning, error]) == (error,)


@pytest.mark.parametrize(("value", "files"), [("file", True), ("s3", False)])
def test_what_backend_a_variable_chooses_is_known_wherever_it_is_asked(tmp_path: Path, value: str, files: bool) -> None:
    world = World(env={"DPN_HOME": str(tmp_path / "home"), "B": value}, cwd=tmp_path)
    chosen = {"backend": "${env:B}"}
    with Desk(Options(), world) as desk:
        assert desk.keeps_files(chosen) is files
        assert bool(desk.state_schema(chosen)) is not files
        assert desk.state_schema({"backend": "${env:UNSET}"}) == {}
