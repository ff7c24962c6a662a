from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from dpn import DpnError, Observed, Ref, Want
from dpn.predicates import predicate
from dpn_aws.bucket import Bucket
from dpn_aws.client import CONFIG_SCHEMA, AwsSession, NoAnswerOfAwsError, connect, refuse_pages
from dpn_aws.errors import classify
from dpn_aws.glue_database import GlueDatabase
from dpn_aws.glue_table import GlueTable

KEYS = {"access_key_id": "test", "secret_access_key": "test"}
DB = Ref("aws_glue_database", "db", "db")


class Deaf(BaseHTTPRequestHandler):
    """Takes every request and answers none, except that STS is not there."""

    asked: list[str]

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline()
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.asked.append(f"{self.command} {self.path}")
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def deaf() -> Iterator[tuple[list[str], AwsSession]]:
    asked: list[str] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Deaf,), {"asked": asked}))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    session = connect({"region": "eu-west-1", "endpoint_url": f"http://127.0.0.1:{server.server_port}", **KEYS})
    yield asked, session
    session.close()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("kind", "want"),
    [
        (Bucket, Want("some-bucket", {"tags": {"a": "b"}})),
        (GlueDatabase, Want("db", {})),
        (GlueTable, Want("t", {"format": "orc"}, DB)),
    ],
)
def test_a_create_whose_reply_is_lost_was_sent_once_and_is_unknown(
    deaf: tuple[list[str], AwsSession], kind: Any, want: Want
) -> None:
    asked, session = deaf
    with pytest.raises(Exception) as lost:  # noqa: PT011 - whatever the SDK makes of a closed connection
        kind(session).create(want)
    assert len(asked) == 1
    assert classify(lost.value, "create").outcome == "unknown"


PAGE = b"<!DOCTYPE html><title>Please log in</title>"


@pytest.mark.parametrize(("protocol", "body", "taken"), [
    ("json", b"", True), ("json", b'{"Database": {}}', True), ("json", PAGE, False), ("json", b"It works!", False),
    ("rest-xml", b"", True), ("rest-xml", b"<?xml version='1.0'?><Tagging/>", True), ("rest-xml", PAGE, False),
])  # fmt: skip
def test_a_page_of_a_proxy_does_not_pass_for_success(protocol: str, body: bytes, taken: bool) -> None:
    model = SimpleNamespace(name="Put", has_streaming_output=False, service_model=SimpleNamespace(protocol=protocol))
    refuse_pages(SimpleNamespace(status_code=500, content=body, raw=body), model)
    if taken:
        refuse_pages(SimpleNamespace(status_code=200, content=body, raw=body), model)
        return
    with pytest.raises(NoAnswerOfAwsError, match="proxy") as refused:
        refuse_pages(SimpleNamespace(status_code=200, content=body, raw=body), model)
    assert classify(refused.value, "create").outcome == "unknown"


def test_a_repeatable_call_is_sent_again_by_the_sdk(
    deaf: tuple[list[str], AwsSession], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, session = deaf
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    with pytest.raises(Exception) as lost:  # noqa: PT011 - as above
        GlueDatabase(session).delete(Ref("aws_glue_database", "db", "db"), Observed(DB, {}))
    assert len(asked) == 3
    assert classify(lost.value, "delete").outcome == "unknown"


def test_an_account_that_nobody_tells_stands_in_no_calls_way(deaf: tuple[list[str], AwsSession]) -> None:
    asked, session = deaf
    assert session.owner() == session.owner() == {}
    assert asked == ["POST /"]


def test_nobody_at_the_endpoint_is_not_applied() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    session = connect({"region": "eu-west-1", "endpoint_url": f"http://127.0.0.1:{port}", **KEYS})
    with pytest.raises(Exception) as error:  # noqa: PT011 - as above
        GlueDatabase(session).create(Want("db", {}))
    session.close()
    fault = classify(error.value, "create")
    assert (fault.outcome, fault.code) == ("not_applied", "EndpointConnectionError")


def test_how_clients_are_set_up() -> None:
    session = connect({"region": "eu-west-1", "workers": 32, **KEYS})
    once: Any = session.glue(once=True).meta.config
    again: Any = session.glue().meta.config
    assert once.retries == {"mode": "standard", "total_max_attempts": 1}
    assert again.retries == {"mode": "standard"}
    for config in (once, again):
        assert (config.connect_timeout, config.read_timeout, config.max_pool_connections) == (5, 60, 32)
    session.close()


def test_threads_share_one_client_for_each_service_and_region() -> None:
    session = connect({"region": "eu-west-1", **KEYS})
    with ThreadPoolExecutor(8) as pool:
        clients = {id(client) for client in pool.map(lambda _: session.s3(), range(32))}
    assert len(clients) == 1
    assert session.s3(region="us-east-2").meta.region_name == "us-east-2"
    assert session.s3() is session.s3(region="eu-west-1")
    session.close()


def test_settings_beat_the_environment_and_what_they_leave_out_comes_from_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "us-west-2")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "fromenv")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
    env, ours = connect({}), connect({"region": "eu-west-1", "endpoint_url": "http://127.0.0.1:2", **KEYS})
    found, given = env.credentials(), ours.credentials()
    assert found
    assert given
    assert (env.region, found.access_key, env.s3().meta.endpoint_url) == (
        "us-west-2",
        "fromenv",
        "http://127.0.0.1:1",
    )
    assert (ours.region, given.access_key, ours.s3().meta.endpoint_url) == ("eu-west-1", "test", "http://127.0.0.1:2")
    env.close()
    ours.close()


def test_a_profile_that_does_not_exist_and_half_a_key_are_plain_errors() -> None:
    with pytest.raises(DpnError, match="nobody") as missing:
        connect({"profile": "nobody"})
    assert "list-profiles" in missing.value.hint
    with pytest.raises(DpnError, match="belong together"):
        connect({"access_key_id": "x"})


@pytest.mark.parametrize(
    ("settings", "valid"),
    [
        ({}, True),
        ({"region": "eu-west-1", "profile": "dev", "workers": 4}, True),
        ({"endpoint_url": "http://127.0.0.1:5000"}, True),
        ({"endpoint_url": "https://s3.example.com/"}, True),
        ({"endpoint_url": "https://user:secret@example.com"}, False),
        ({"endpoint_url": "file:///etc/passwd"}, False),
        ({"endpoint_url": "https://example.com/path"}, False),
        ({"workers": 0}, False),
        ({"regoin": "eu-west-1"}, False),
    ],
)
def test_what_settings_are_accepted(settings: dict[str, Any], valid: bool) -> None:
    assert Draft202012Validator(CONFIG_SCHEMA).is_valid(settings) == valid
    surely = predicate(CONFIG_SCHEMA)
    assert surely
    assert surely(settings) == valid
