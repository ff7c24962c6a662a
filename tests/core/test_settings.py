"""What may stand in the settings of providers and of a state backend, and what of it is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from dpn import api, hookimpl
from dpn.errors import DpnError, InputError
from dpn.extensions import Backend, BackendType, Holder, Ledger, Snapshot
from dpn.hidden import Hidden
from dpn.settings import filled, public
from dpn.store import open_backend
from dpn.store.file import FileBackend
from dpn.testing.memory import provider
from dpn.testing.objects import MemoryObjects

SCHEMA = {"properties": {"token": {"x-dpn-secret": True}, "region": {}, "url": {}}}


def told(settings: Mapping[str, str], env: Mapping[str, str]) -> str:
    """Give what is told of all values after the settings were filled."""
    hidden = Hidden()
    filled(settings, env, hidden, "A setting", public(SCHEMA))
    return hidden.hide(" ".join(env.values()))


def test_what_is_no_secret_is_not_hidden_and_all_else_is() -> None:
    env = {"R": "eu-west-1", "T": "tokentoken", "X": "unknown-one"}
    settings = {"region": "${env:R}", "token": "${env:T}", "other": "${env:X}"}
    assert told(settings, env) == "eu-west-1 (hidden) (hidden)"


def test_a_part_of_a_setting_is_hidden_and_an_address_with_a_password_too() -> None:
    assert told({"url": "https://u:${env:P}@host"}, {"P": "pass-word"}) == "(hidden)"
    hidden = Hidden()
    filled({"url": "${env:U}"}, {"U": "https://u:pass-word@host"}, hidden, "A setting", public(SCHEMA))
    assert hidden.hide("no https://u:pass-word@host, and pass-word is wrong") == "no (hidden), and (hidden) is wrong"


@pytest.mark.parametrize("env", [{}, {"T": ""}])
def test_a_variable_that_is_empty_is_not_set(env: Mapping[str, str]) -> None:
    with pytest.raises(InputError, match=r"\$\{env:T\}, which is not set"):
        filled({"token": "${env:T}"}, env, Hidden(), "A setting")


# in a blueprint -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["${secret:keyring:a/b}", "${mem_box.a}", "${stack:x.dev#mem_box.a}", "${env:A B}", "${", "x-${env:A"]
)
@pytest.mark.parametrize("where", ["providers.mem.profile", "state.profile"])
def test_what_cannot_stand_in_a_setting_is_told_by_validate(lab: Any, text: str, where: str) -> None:
    given = {"providers": {"mem": {"profile": text}}} if "providers" in where else {"state": {"profile": text}}
    lab.write(lab.thing("mem_box.a"), **given)
    problems = api.validate(lab.options(), lab.world).problems
    assert [(one.code, one.field) for one in problems] == [("REF-SETTING", where)]
    assert problems[0].place


def test_a_region_of_the_environment_places_and_names(lab: Any) -> None:
    seen: list[Any] = []

    def connect(settings: Mapping[str, Any]) -> Any:
        seen.append(settings)
        return lab.cloud

    class Asking:
        @hookimpl
        def dpn_providers(self) -> Any:
            yield replace(provider(lab.cloud), connect=connect)

    lab.env["REGION"] = "north-1"
    folder = lab.root / ".dpn"
    folder.mkdir()
    (folder / "naming-patterns.yaml").write_text('patterns: {mem_box: "{project}-{purpose}-{region}"}\n')
    lab.write(lab.thing("mem_box.a", naming={"purpose": "raw"}), providers={"mem": {"region": "${env:REGION}"}})
    options = replace(lab.options(), plugins=(Asking(),))
    assert api.apply(options, lab.world).result
    assert lab.cloud.names() == ["mem_box acme-raw-n1"]
    assert lab.records()["mem_box.a"].region == "north-1"
    assert seen[0]["region"] == "north-1"
    lab.env["REGION"] = ""
    problems = api.validate(options, lab.world).problems
    assert [(one.code, one.field) for one in problems] == [("REF-ENV", "providers.mem.region")]


class Team:
    """A state backend whose every answer repeats what it was given; `failing` says which one fails."""

    failing = ""
    schema: Mapping[str, Any] = {"properties": {"token": {"x-dpn-secret": True}, "folder": {}}}

    @hookimpl
    def dpn_backends(self) -> Iterator[BackendType]:
        yield BackendType("team", open=self._open, config_schema=self.schema)

    def _open(self, world: Any, settings: Mapping[str, Any]) -> Backend:
        inner = FileBackend(world, world.cwd / "shared")
        team, said = self, f"no way in with {settings.get('token')}"

        def fail(method: str) -> None:
            if team.failing == method:
                raise DpnError(said, hint=said)

        class Held(FileBackend):
            def read(self, stack: str) -> Snapshot:
                fail("read")
                return inner.read(stack)

            def open(self, stack: str, holder: Holder, timeout: float = 0) -> Ledger:
                fail("open")
                ledger = inner.open(stack, holder, timeout)
                sync = ledger.sync

                def failing() -> None:
                    fail("sync")
                    sync()

                ledger.sync = failing  # type: ignore[method-assign]  # one method of one ledger
                return ledger

        fail("connect")
        return Held(world, world.cwd / "shared")


@pytest.mark.parametrize("method", ["connect", "read", "open", "sync"])
def test_what_a_state_backend_says_tells_none_of_its_secrets(lab: Any, method: str) -> None:
    team = Team()
    lab.objects.append(team)
    team.failing = method
    lab.write(lab.thing("mem_box.a"), state={"backend": "team", "token": "${env:CANARY}"})
    with pytest.raises(DpnError) as caught:
        lab.apply()
    assert caught.value.message == "no way in with (hidden)"
    assert lab.env["CANARY"] not in f"{caught.value} {caught.value.hint}"


def test_a_state_backend_that_is_discreet_does_its_work(lab: Any) -> None:
    lab.objects.append(Team())
    lab.write(lab.thing("mem_box.a"), state={"backend": "team", "token": "${env:CANARY}"})
    assert lab.outcome() == "done"
    assert lab.empty()


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"token": "s3cr3t-value"}, "state.token"),
        ({"dsn": "postgresql://u:s3cr3t-value@h/db"}, "state.dsn"),
        ({"dsn": "host=h password=s3cr3t-value"}, "state.dsn"),
    ],
)
def test_a_secret_that_is_written_out_in_the_state_is_refused(lab: Any, settings: Any, field: str) -> None:
    lab.objects.append(Team())
    lab.write(lab.thing("mem_box.a"), state={"backend": "team", **settings})
    with pytest.raises(InputError) as caught:
        lab.plan()
    [problem] = caught.value.problems
    assert (problem.code, problem.field) == ("SECRET", field)
    assert "s3cr3t" not in str(problem)


@pytest.mark.parametrize("dsn", ["postgresql://u:${env:CANARY}@h/db", "host=h password=${env:CANARY}", "host=h user=u"])
def test_a_password_of_the_environment_in_the_state_is_none_that_is_written_out(lab: Any, dsn: str) -> None:
    lab.objects.append(Team())
    lab.write(lab.thing("mem_box.a"), state={"backend": "team", "dsn": dsn})
    assert lab.plan()


def test_a_lease_of_the_environment_is_a_number(lab: Any) -> None:
    kind = BackendType("acme", objects=lambda world, settings: MemoryObjects())
    open_backend(kind, lab.world, {"lease": "2.5"})
    for wrong in ("soon", "0.1", "", "nan"):
        with pytest.raises(InputError, match="does not take lease"):
            open_backend(kind, lab.world, {"lease": wrong})
