"""One embedded AWS for the tests here, led to as a user would: by the environment variables of the AWS tools."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dpn_sandbox.testing import Sandbox, running_sandbox


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """Run the sandbox for one module: moto keeps its objects in the process."""
    with running_sandbox(tmp_path_factory.mktemp("cloud")) as sandbox:
        yield sandbox


@pytest.fixture
def cloud(server: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Sandbox:
    """Give an empty cloud, with an empty home to work from."""
    server.reset()
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name, value in server.env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DPN_HOME", str(tmp_path / "home"))
    return server
