from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from http.client import HTTPConnection
from typing import Any

import pytest

from dpn_sandbox.testing import Sandbox
from dpn_sandbox.wire import MAX_BODY

CONTROL = [
    ("GET", "health"),
    ("POST", "stop"),
    ("POST", "reset"),
    ("POST", "faults"),
    ("DELETE", "faults"),
    ("POST", "foreign"),
    ("GET", "requests"),
    ("GET", "objects"),
]


def ask(
    sandbox: Sandbox, method: str, target: str, headers: Mapping[str, str] | None = None, body: str = ""
) -> tuple[int, bytes]:
    connection = HTTPConnection("127.0.0.1", sandbox.running.port, timeout=10)
    try:
        connection.request(method, target, body, dict(headers or {}))
        reply = connection.getresponse()
        return reply.status, reply.read()
    finally:
        connection.close()


@pytest.mark.parametrize(("method", "what"), CONTROL)
@pytest.mark.parametrize("secret", ["", "0" * 32, "ü"])
def test_control_needs_the_secret(sandbox: Sandbox, method: str, what: str, secret: str) -> None:
    headers = {"X-Dpn-Nonce": secret.encode().decode("latin-1")} if secret else {}
    status, body = ask(sandbox, method, f"/_dpn/{what}", headers, "[]")
    assert status == 403
    assert sandbox.running.nonce.encode() not in body
    assert sandbox.requests() == []


def test_health_tells_the_process_to_who_knows_the_secret(sandbox: Sandbox) -> None:
    status, body = ask(sandbox, "GET", f"/_dpn/health?nonce={sandbox.running.nonce}")
    assert (status, json.loads(body)) == (200, {"pid": sandbox.running.pid})


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:80"},
        {"Host": "127.0.0.1.evil.example:80"},
        {"Host": "landing.localhost:80"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_web_pages_get_no_answer(sandbox: Sandbox, headers: dict[str, str]) -> None:
    assert ask(sandbox, "PUT", "/landing", headers)[0] == 403
    assert sandbox.objects()["buckets"] == {}


def test_a_wrong_control_request_says_what_there_is(sandbox: Sandbox) -> None:
    secret = {"X-Dpn-Nonce": sandbox.running.nonce}
    status, body = ask(sandbox, "GET", "/_dpn/everything", secret)
    assert status == 404
    assert b"GET /_dpn/objects" in body
    assert ask(sandbox, "POST", "/_dpn/faults", secret, "{")[0] == 400
    with pytest.raises(AssertionError, match="explode"):
        sandbox.faults([{"kind": "explode"}])


def test_a_body_too_large_is_refused_before_it_is_read(sandbox: Sandbox) -> None:
    status, body = ask(sandbox, "PUT", "/landing/k", {"Content-Length": str(MAX_BODY + 1)})
    assert status == 400
    assert b"EntityTooLarge" in body


@pytest.mark.parametrize("length", ["abc", "-1", "1e3", "0x10", "+1"])
def test_a_length_that_is_none_is_a_bad_request_and_nobody_waits(sandbox: Sandbox, length: str) -> None:
    status, body = ask(sandbox, "PUT", "/landing/k", {"Content-Length": length})
    assert status == 400
    assert b"Content-Length" in body


def test_a_service_or_operation_that_is_not_there_is_said_plainly(
    client: Callable[..., Any], glue: Any, sandbox: Sandbox, refused: Callable[..., tuple[str, int]]
) -> None:
    assert refused(client("sqs", sandbox.url).list_queues)[1] == 501
    assert refused(glue.search_tables) == ("NotImplemented", 501)
    assert ask(sandbox, "POST", "/moto-api/reset")[0] != 200


def test_a_failure_inside_is_an_error_reply_and_no_lost_connection(sandbox: Sandbox) -> None:
    scope = "Credential=k/20260101/nowhere-1/glue/aws4_request"
    headers = {"Authorization": f"AWS4-HMAC-SHA256 {scope}", "X-Amz-Target": "AWSGlue.GetDatabases"}
    status, body = ask(sandbox, "POST", "/", headers, "{}")
    assert status == 500
    assert b"aws.log" in body


def test_the_caller_is_an_account(client: Callable[..., Any], sandbox: Sandbox) -> None:
    assert client("sts", sandbox.url).get_caller_identity()["Account"] == "123456789012"
    assert sandbox.requests()[0] | {"service": "sts", "operation": "GetCallerIdentity", "write": False} == (
        sandbox.requests()[0]
    )


def test_settings_and_variables_lead_to_the_sandbox(sandbox: Sandbox) -> None:
    assert sandbox.settings["endpoint_url"] == sandbox.env["AWS_ENDPOINT_URL"] == sandbox.url
    assert sandbox.url.startswith("http://127.0.0.1:")
