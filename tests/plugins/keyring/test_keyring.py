"""Secrets of the system's keyring, for which a keyring in memory stands in."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring

from dpn import DpnError, Resource, api, guard
from dpn.testing.memory import Cloud, MemoryPlugin
from dpn.world import World
from dpn_keyring import connect, dpn_providers, secret

VALUE = "s3cr3t-value"


class MemoryKeyring(KeyringBackend):
    """Keeps what it is given, and fails where it is told to."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # the library is typed in part
        self.kept: dict[tuple[str, str], str] = {}
        self.error: Exception | None = None
        self.asked = 0

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def get_password(self, service: str, username: str) -> str | None:
        self.asked += 1
        if self.error:
            raise self.error
        return self.kept.get((service, username))


@pytest.fixture
def chain() -> Iterator[MemoryKeyring]:
    before = keyring.get_keyring()
    made = MemoryKeyring()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


@pytest.mark.parametrize(
    ("rest", "service", "user"),
    [
        ("warehouse/dpn", "warehouse", "dpn"),
        ("https://x.example/y/me", "https://x.example/y", "me"),
        ("My Service/a b", "My Service", "a b"),
    ],
)
def test_a_secret_is_found_by_service_and_user(chain: MemoryKeyring, rest: str, service: str, user: str) -> None:
    chain.kept[service, user] = VALUE
    assert secret(connect({}), rest) == VALUE


@pytest.mark.parametrize("rest", ["alone", "/user", "service/"])
def test_what_names_no_secret_is_refused(chain: MemoryKeyring, rest: str) -> None:
    with pytest.raises(DpnError) as caught:
        secret(connect({}), rest)
    assert "${secret:keyring:SERVICE/USER}" in caught.value.hint


def test_what_is_not_there_says_how_to_store_it(chain: MemoryKeyring) -> None:
    with pytest.raises(DpnError, match="no secret of me for there") as caught:
        secret(connect({}), "there/me")
    assert caught.value.hint == 'Store it: keyring set "there" "me"'


def test_a_keyring_that_fails_is_told_by_the_kind_of_its_error(chain: MemoryKeyring) -> None:
    chain.error = keyring.errors.KeyringLocked(f"locked, and {VALUE}")
    with pytest.raises(DpnError, match="KeyringLocked") as caught:
        secret(connect({}), "a/b")
    assert "Unlock it" in caught.value.hint
    assert VALUE not in f"{caught.value.message} {caught.value.hint} {caught.value.__cause__}"


def test_where_there_is_no_keyring_another_way_is_told(chain: MemoryKeyring) -> None:
    keyring.set_keyring(NoKeyring())  # type: ignore[no-untyped-call]  # as above
    with pytest.raises(DpnError, match="NoKeyringError") as caught:
        secret(connect({}), "a/b")
    assert "${env:NAME}" in caught.value.hint


def test_a_blueprint_that_uses_the_scheme_loads_the_plugin(chain: MemoryKeyring, tmp_path: Path) -> None:
    keyring.set_password("warehouse", "dpn", VALUE)
    cloud = Cloud()
    body = {"naming": {"purpose": "a"}, "spec": {"color": "${secret:keyring:warehouse/dpn}"}}
    content = {
        "version": "1",
        "metadata": {"project": "acme", "environment": "dev"},
        "resources": {"mem_box": {"a": body}},
    }
    path = tmp_path / "lab.json"
    path.write_text(json.dumps(content))
    world = World(env={"DPN_HOME": str(tmp_path / "home")}, cwd=tmp_path, rng=random.Random(7))
    applied: Any = api.apply(api.Options(file=path, plugins=(MemoryPlugin(cloud),)), world)
    assert applied.result.outcome == "done"
    assert [seen.spec["color"] for seen in cloud.objects.values()] == [VALUE]
    assert chain.asked == 1
    assert VALUE not in "".join(file.read_text() for file in (tmp_path / "home").rglob("*") if file.is_file())


def test_importing_the_plugin_does_not_import_the_library() -> None:
    code = "import sys, dpn_keyring; sys.exit('keyring' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_reference_that_names_no_user_is_told_by_validate() -> None:
    good = "${secret:keyring:a/b} $${secret:keyring:x}"
    spec = {"note": f"{good} ${{secret:keyring:x}}", "tags": {"a": good, "b": ["${secret:keyring:/me}"]}, "size": 3}
    problems = guard.secrets([Resource("mem_box.a", "mem_box", "a", spec, "mem")], dpn_providers())
    assert [(one.code, one.address, one.field) for one in problems] == [
        ("REF-SECRET", "mem_box.a", "spec.note"),
        ("REF-SECRET", "mem_box.a", "spec.tags.b[0]"),
    ]
    assert [one.expected for one in problems] == ["${secret:keyring:SERVICE/USER}"] * 2
