from __future__ import annotations

from typing import Any

import pytest
from botocore.stub import Stubber

from dpn import Identity
from dpn_aws.access import identity, preflight
from dpn_aws.client import AwsSession, connect

KEYS = {"access_key_id": "test", "secret_access_key": "test"}


def sts_says(session: AwsSession, code: str, status: int = 403) -> Stubber:
    stub = Stubber(session._client("sts", once=True))  # noqa: SLF001 - the only way to the client of STS
    stub.add_client_error("get_caller_identity", code, "why", status)
    return stub


def test_who_is_calling(cloud: Any) -> None:
    who = identity(cloud.session)
    assert who == Identity("123456789012", who.caller)
    assert who.caller.startswith("arn:aws:sts::123456789012:")
    assert list(preflight(cloud.session)) == []


def test_no_credentials_are_found_before_any_write() -> None:
    session = connect({"region": "eu-west-1"})
    (problem,) = preflight(session)
    assert (problem.code, problem.severity) == ("AWS-CREDENTIALS", "error")
    assert problem.hint
    assert "aws configure" in problem.hint
    session.close()


def test_no_region_is_found_before_any_write() -> None:
    session = connect(KEYS)
    (problem,) = preflight(session)
    assert problem.code == "AWS-REGION"
    session.close()


@pytest.mark.parametrize("code", ["ExpiredToken", "InvalidClientTokenId", "SignatureDoesNotMatch"])
def test_expired_and_wrong_credentials_are_found_before_any_write(code: str) -> None:
    session = connect({"region": "eu-west-1", **KEYS})
    with sts_says(session, code):
        (problem,) = preflight(session)
    assert (problem.code, problem.severity) == ("AWS-CREDENTIALS", "error")
    assert code in problem.message
    assert problem.hint
    session.close()


def test_an_sts_in_trouble_is_only_a_warning() -> None:
    session = connect({"region": "eu-west-1", **KEYS})
    with sts_says(session, "ServiceUnavailable", 503):
        (problem,) = preflight(session)
    assert (problem.code, problem.severity) == ("AWS-IDENTITY", "warning")
    session.close()
