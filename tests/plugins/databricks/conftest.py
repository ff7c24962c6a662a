"""A workspace for the Databricks tests, of prepared answers: which requests were sent, and with which bodies."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
import responses

from dpn import Marker, Ref, Want
from dpn_databricks.client import DatabricksSession, connect
from dpn_sandbox.testing import DatabricksSandbox, running_databricks

HOST = "https://dbc-test.example.com"
MARKER = Marker("lake--dev", "abcdefghijklmnop", "01jdyw0000000000000000000a")


@dataclass(frozen=True)
class Sent:
    """One request: `query` holds the parameters, `body` the JSON of a write."""

    method: str
    path: str
    query: Mapping[str, str]
    body: Any

    @property
    def write(self) -> bool:
        return self.method != "GET"


class Http:
    """Answers by method and path; several for one path are given one after the other, the last one again and again."""

    def __init__(self, mock: responses.RequestsMock) -> None:
        self._mock = mock
        self.on("GET", "/.well-known/databricks-config", {})

    def on(self, method: str, path: str, body: Any = None, *, status: int = 200, query: Any = None) -> None:
        """Answer with JSON; a body that is an exception is raised instead: the reply that is lost.

        With `query`, only a request that has exactly these parameters is answered.
        """
        match = [] if query is None else [responses.matchers.query_param_matcher(query)]
        if isinstance(body, BaseException):
            self._mock.add(method, HOST + path, body=body, match=match)
        else:
            self._mock.add(method, HOST + path, json={} if body is None else body, status=status, match=match)

    def fail(self, method: str, path: str, status: int, code: str, message: str = "no") -> None:
        """Answer with an error as the service shapes it."""
        self.on(method, path, {"error_code": code, "message": message}, status=status)

    def lose(self, method: str, path: str) -> None:
        """Let the request arrive and its reply be lost."""
        self.on(method, path, requests.exceptions.ConnectionError("Connection aborted."))

    def answer(self, method: str, path: str, reply: Callable[[Sent], tuple[int, Any]]) -> None:
        """Answer with what a function makes of the request: status and JSON."""

        def call(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
            status, body = reply(_sent(request))
            return status, {"Content-Type": "application/json"}, json.dumps(body)

        self._mock.add_callback(method, HOST + path, call)

    def sent(self, method: str | None = None, path: str | None = None) -> list[Sent]:
        """Give what was sent, in order: all of it, or of one method and path."""
        every = [_sent(call.request) for call in self._mock.calls if ".well-known" not in (call.request.url or "")]
        return [one for one in every if method in (None, one.method) and path in (None, one.path)]

    def writes(self) -> list[Sent]:
        """Give the requests that were no GET."""
        return [one for one in self.sent() if one.write]


def _sent(request: requests.PreparedRequest) -> Sent:
    url = urlsplit(request.url or "")
    body = json.loads(request.body) if isinstance(request.body, (str, bytes)) and request.body else None
    return Sent(request.method or "", url.path, dict(parse_qsl(url.query, keep_blank_values=True)), body)


@pytest.fixture(scope="session")
def databricks_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder without Databricks settings."""
    return tmp_path_factory.mktemp("databricks")


@pytest.fixture(autouse=True)
def databricks_environment(monkeypatch: pytest.MonkeyPatch, databricks_home: Path) -> None:
    """Keep this machine's own Databricks settings out."""
    for name in [name for name in os.environ if name.startswith("DATABRICKS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DATABRICKS_CONFIG_FILE", str(databricks_home / "databrickscfg"))


@pytest.fixture
def http(databricks_environment: None) -> Iterator[Http]:
    """Give the workspace; a request without a prepared answer fails as an unreachable host does."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield Http(mock)


@pytest.fixture
def session(http: Http) -> Iterator[DatabricksSession]:
    """Give a session of that workspace, with the warehouse `w1`."""
    session = connect({"host": HOST, "token": "test", "warehouse_id": "w1"})
    yield session
    session.close()


@pytest.fixture
def want() -> Callable[..., Want]:
    """Build wants with the marker of these tests: `want(name, parent=REF, marker=…, **spec)`."""

    def make(name: str, parent: Ref | None = None, marker: Marker | None = MARKER, **spec: Any) -> Want:
        return Want(name, spec, parent, marker)

    return make


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabricksSandbox]:
    """Give a workspace that does what it is told, for all tests of a module."""
    with running_databricks(tmp_path_factory.mktemp("databricks")) as running:
        yield running


@pytest.fixture
def cloud(sandbox: DatabricksSandbox) -> Iterator[DatabricksSession]:
    """Give a session of that workspace, which is empty."""
    sandbox.reset()
    session = connect(sandbox.settings)
    yield session
    session.close()
