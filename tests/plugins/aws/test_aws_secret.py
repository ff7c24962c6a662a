"""Secrets of AWS Secrets Manager: what is found, what is refused, and that no message holds a value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from dpn import DpnError
from dpn_aws.client import AwsSession, connect
from dpn_aws.secret import secret

VALUE = "s3cr3t-value"
KEYS = {"region": "eu-west-1", "access_key_id": "test", "secret_access_key": "test"}


@pytest.fixture
def session(cloud: Any) -> Iterator[AwsSession]:
    """Give a new session to an empty Secrets Manager: the shared one remembers what it fetched."""
    made = connect(KEYS)
    yield made
    made.close()


@pytest.fixture
def store(session: AwsSession) -> Any:
    return session.secretsmanager()


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("plain", VALUE),
        ("team/db#password", VALUE),
        ("team/db#port", "5432"),
        ("team/db#a#b", "odd"),
        ("team/db", '{"password": "s3cr3t-value", "port": 5432, "a#b": "odd"}'),
    ],
)
def test_a_secret_is_found_whole_or_by_key(store: Any, session: AwsSession, rest: str, expected: str) -> None:
    store.create_secret(Name="plain", SecretString=VALUE)
    store.create_secret(Name="team/db", SecretString='{"password": "s3cr3t-value", "port": 5432, "a#b": "odd"}')
    assert secret(session, rest) == expected


def test_an_arn_leads_to_its_own_region(store: Any, session: AwsSession) -> None:
    there = session.secretsmanager("us-east-1")
    arn = there.create_secret(Name="far", SecretString='{"k": "there"}')["ARN"]
    assert secret(session, f"{arn}#k") == "there"
    with pytest.raises(DpnError):
        secret(session, "far")


def test_a_secret_is_fetched_once_for_all_its_keys(store: Any, session: AwsSession) -> None:
    store.create_secret(Name="db", SecretString='{"a": "1", "b": "2"}')
    asked: list[str] = []
    store.meta.events.register("before-call.secrets-manager.GetSecretValue", lambda **_: asked.append("once"))
    assert [secret(session, f"db#{key}") for key in "aba"] == ["1", "2", "1"]
    assert asked == ["once"]


def test_nothing_is_left_of_it_when_the_session_ends(store: Any, session: AwsSession) -> None:
    store.create_secret(Name="x", SecretString=VALUE)
    assert secret(session, "x") == VALUE
    session.close()
    assert VALUE not in repr(vars(session))


@pytest.mark.parametrize(
    ("rest", "said"),
    [("none", "ResourceNotFoundException"), ("plain#k", "no JSON object"), ("db#k", "no key k"), ("raw", "binary")],
)
def test_what_is_not_there_is_told_without_the_value(store: Any, session: AwsSession, rest: str, said: str) -> None:
    store.create_secret(Name="plain", SecretString=VALUE)
    store.create_secret(Name="db", SecretString=f'{{"other": "{VALUE}"}}')
    store.create_secret(Name="raw", SecretBinary=VALUE.encode())
    with pytest.raises(DpnError, match=said) as caught:
        secret(session, rest)
    assert VALUE not in f"{caught.value.message} {caught.value.hint}"
    assert caught.value.hint


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("AccessDeniedException", "secretsmanager:GetSecretValue"),
        ("DecryptionFailure", "KMS key"),
        ("InvalidRequestException", "restore-secret"),
        ("ExpiredTokenException", "Log in again"),
    ],
)
def test_an_error_is_told_by_its_code_and_not_by_its_text(environment: None, code: str, hint: str) -> None:
    session = connect(KEYS)
    with Stubber(session.secretsmanager()) as stub:
        stub.add_client_error("get_secret_value", code, f"the value is {VALUE}", 400)
        with pytest.raises(DpnError, match=code) as caught:
            secret(session, "x")
    assert hint in caught.value.hint
    assert VALUE not in f"{caught.value.message} {caught.value.hint} {caught.value.__cause__}"
    session.close()


def test_a_network_that_is_gone_is_told(environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    session = connect(KEYS)

    def gone(**_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://nowhere")

    monkeypatch.setattr(session.secretsmanager(), "get_secret_value", gone)
    with pytest.raises(DpnError, match="EndpointConnectionError"):
        secret(session, "x")
    session.close()
