from __future__ import annotations

from typing import Any

import pytest
from botocore import exceptions as sdk
from botocore.exceptions import ClientError

from dpn_aws.errors import CODES, BucketTakenError, classify, unless


def refused(code: str, status: int = 400, **headers: str) -> ClientError:
    meta: Any = {"HTTPStatusCode": status, "RequestId": "R1", "HTTPHeaders": headers}
    return ClientError({"Error": {"Code": code, "Message": "why"}, "ResponseMetadata": meta}, "CreateBucket")


TABLE = [
    (refused("BucketAlreadyExists", 409), "not_applied"),
    (refused("BucketAlreadyOwnedByYou", 409), "not_applied"),
    (refused("AlreadyExistsException"), "not_applied"),
    (refused("InvalidBucketName"), "not_applied"),
    (refused("EntityNotFoundException"), "not_applied"),
    (refused("AccessDenied", 403), "not_applied"),
    (refused("403", 403), "not_applied"),
    (refused("301", 301), "not_applied"),
    (refused("ExpiredToken", 400), "not_applied"),
    (refused("BucketNotEmpty", 409), "not_applied"),
    (refused("OperationAborted", 409), "throttled"),
    (refused("ConcurrentModificationException"), "throttled"),
    (refused("ResourceNotReadyException"), "throttled"),
    (refused("ThrottlingException"), "throttled"),
    (refused("SlowDown", 503), "throttled"),
    (refused("InternalError", 500), "unknown"),
    (refused("ServiceUnavailable", 503), "unknown"),
    (refused("OperationTimeoutException"), "unknown"),
    (refused("NeverHeardOf", 400), "unknown"),
    (refused("", 502), "unknown"),
    (sdk.EndpointConnectionError(endpoint_url="http://x"), "not_applied"),
    (sdk.ConnectTimeoutError(endpoint_url="http://x"), "not_applied"),
    (sdk.ProxyConnectionError(proxy_url="http://x"), "not_applied"),
    (sdk.NoCredentialsError(), "not_applied"),
    (sdk.PartialCredentialsError(provider="env", cred_var="x"), "not_applied"),
    (sdk.UnauthorizedSSOTokenError(), "not_applied"),
    (sdk.NoRegionError(), "not_applied"),
    (sdk.ParamValidationError(report="x"), "not_applied"),
    (BucketTakenError("b"), "not_applied"),
    (sdk.ReadTimeoutError(endpoint_url="http://x"), "unknown"),
    (sdk.ConnectionClosedError(endpoint_url="http://x"), "unknown"),
    (sdk.SSLError(endpoint_url="http://x", error=OSError("x")), "unknown"),
    (sdk.ResponseStreamingError(error="x"), "unknown"),
    (ValueError("unparseable"), "unknown"),
]


@pytest.mark.parametrize(("error", "outcome"), TABLE, ids=lambda value: str(value)[:40])
def test_what_an_error_means_for_a_write(error: Exception, outcome: str) -> None:
    for method in ("create", "put", "delete", "mark"):
        fault = classify(error, method)
        assert fault.outcome == outcome
        assert fault.code
        assert fault.message
    if outcome == "not_applied":
        assert classify(error, "create").hint


def test_the_message_holds_code_text_and_request() -> None:
    fault = classify(refused("AccessDenied", 403), "put")
    assert fault.message == "AccessDenied: why (request R1)"


def test_a_refused_read_is_not_tried_again() -> None:
    assert classify(refused("NeverHeardOf", 400), "read").outcome == "not_applied"
    assert classify(refused("NeverHeardOf", 500), "read").outcome == "unknown"


@pytest.mark.parametrize(("header", "seconds"), [("7", 7.0), ("soon", None), ("", None)])
def test_how_long_aws_asks_to_wait(header: str, seconds: float | None) -> None:
    assert classify(refused("SlowDown", 503, **{"retry-after": header}), "put").retry_after == seconds


def test_every_row_tells_what_to_do() -> None:
    assert all(hint.endswith((".", "first.")) for _, hint in CODES.values())
    assert len(CODES) > 50


def test_only_the_codes_that_were_named_are_absent() -> None:
    def fail() -> None:
        raise refused("NoSuchTagSet")

    assert unless(("NoSuchTagSet",), fail) is None
    with pytest.raises(ClientError):
        unless(("NoSuchBucket",), fail)
    assert unless((), lambda: 7) == 7
