from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import responses

from dpn import DpnError
from dpn_databricks.access import preflight
from dpn_databricks.client import CONFIG_SCHEMA, connect
from dpn_databricks.errors import classify

ME = "/api/2.0/preview/scim/v2/Me"


class Broken(BaseHTTPRequestHandler):
    """Takes each request, and then breaks in the way that the path names."""

    asked: list[str]

    def do_GET(self) -> None:
        self._reply(200, b"{}")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.asked.append(self.path)
        if self.path == "/lost":
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        else:
            self._reply(int(self.path[1:]), b'{"error_code": "UNEXPECTED", "message": "Unexpected error"}')

    def _reply(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Retry-After", "7")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the server's own name
        pass


@pytest.fixture
def broken() -> Iterator[tuple[list[str], str]]:
    asked: list[str] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Broken,), {"asked": asked}))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield asked, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def anywhere() -> Iterator[None]:
    """Let every host tell about itself, so that nothing is looked for in the network."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.add("GET", re.compile("https://.*/.well-known/databricks-config"), json={})
        yield


@pytest.mark.parametrize("path", ["/lost", "/503", "/429", "/500", "/504"])
def test_what_is_sent_once_is_sent_once_and_fails_as_it_failed(broken: tuple[list[str], str], path: str) -> None:
    asked, host = broken
    session = connect({"host": host, "token": "x"})
    with pytest.raises(Exception, match=r"Unexpected error|Connection|Remote") as caught:
        session.client(once=True).do("POST", path, body={})
    assert asked == [path]
    assert not isinstance(caught.value, TimeoutError)
    fault = classify(caught.value, "create")
    assert fault.outcome == ("throttled" if path == "/429" else "unknown")
    assert fault.retry_after == (7 if path == "/429" else None)
    session.close()


def test_the_identity_is_the_workspace_and_is_asked_once(http: Any, session: Any) -> None:
    http.on("GET", ME, {"userName": "ada@example.com"})
    assert session.identity().caller == "ada@example.com"
    session.identity()
    assert len(http.sent("GET", ME)) == 1


@pytest.mark.parametrize(("status", "code"), [(401, "UNAUTHENTICATED"), (403, "PERMISSION_DENIED")])
def test_a_token_that_has_expired_is_found_before_the_first_write(
    http: Any, session: Any, status: int, code: str
) -> None:
    http.fail("GET", ME, status, code, "Access token expired.")
    (problem,) = preflight(session)
    assert problem.code == "DATABRICKS-CREDENTIALS"
    assert "Access token expired" in problem.message
    assert problem.hint
    assert "token" not in problem.message.replace("Access token expired", "")


def test_settings_beat_the_environment_which_beats_the_profile(
    monkeypatch: pytest.MonkeyPatch, anywhere: None, tmp_path: Path
) -> None:
    def host(settings: dict[str, Any]) -> str:
        session = connect(settings)
        return str(session.client()._cfg.host)  # noqa: SLF001 - where requests go is known nowhere else

    file = tmp_path / "databrickscfg"
    monkeypatch.setenv("DATABRICKS_CONFIG_FILE", str(file))
    file.write_text("[DEFAULT]\nhost = https://profile.example.com\ntoken = p\n")
    assert host({}) == "https://profile.example.com"
    monkeypatch.setenv("DATABRICKS_HOST", "https://environment.example.com")
    monkeypatch.setenv("DATABRICKS_TOKEN", "e")
    monkeypatch.setenv("DATABRICKS_CLIENT_ID", "another way")
    monkeypatch.setenv("DATABRICKS_CLIENT_SECRET", "another way")
    assert host({"host": "https://settings.example.com", "token": "s"}) == "https://settings.example.com"
    monkeypatch.delenv("DATABRICKS_CLIENT_ID")
    monkeypatch.delenv("DATABRICKS_CLIENT_SECRET")
    assert host({}) == "https://environment.example.com"


def test_the_warehouse_comes_from_settings_or_environment(monkeypatch: pytest.MonkeyPatch, anywhere: None) -> None:
    where = {"host": "https://w.example.com", "token": "t"}
    assert connect(where).warehouse_id is None
    monkeypatch.setenv("DATABRICKS_WAREHOUSE_ID", "w1")
    assert connect(where).warehouse_id == "w1"
    assert connect({**where, "warehouse_id": "w2"}).warehouse_id == "w2"


@pytest.mark.parametrize(
    "settings",
    [{}, {"token": "hunter2"}, {"profile": "nobody"}, {"host": "https://x.example.com", "auth_type": "nothing"}],
)
def test_what_cannot_log_in_says_how_to(settings: dict[str, Any], anywhere: None) -> None:
    with pytest.raises(DpnError) as caught:
        connect(settings)
    assert "databricks auth login" in (caught.value.hint or "")
    assert "hunter2" not in str(caught.value)


def test_services_are_made_once_and_by_client(http: Any, session: Any) -> None:
    from databricks.sdk.service.catalog import CatalogsAPI

    assert session.api(CatalogsAPI) is session.api(CatalogsAPI)
    assert session.api(CatalogsAPI) is not session.api(CatalogsAPI, once=True)
    assert session.client(once=True) is not session.client()


def test_every_setting_is_one_of_the_sdk(http: Any) -> None:
    from databricks.sdk.core import Config

    known = {attribute.name for attribute in Config.attributes()}
    assert set(CONFIG_SCHEMA["properties"]) - {"workers"} <= known
