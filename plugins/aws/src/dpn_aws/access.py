"""Who is calling, and what would make every call fail."""

from __future__ import annotations

from collections.abc import Iterator

from dpn import Identity, Problem
from dpn_aws.client import AwsSession
from dpn_aws.errors import classify

_CHAIN = "settings of the provider, environment, profile, web identity, container, instance"


def identity(session: AwsSession) -> Identity:
    """Tell the account and the ARN of the caller."""
    return session.identity()


def preflight(session: AwsSession) -> Iterator[Problem]:
    """Find missing or expired credentials and a missing region before the first write."""
    if not session.region:
        yield Problem(
            "AWS-REGION",
            "No AWS region is set.",
            hint="Set `region` in the blueprint's providers, or AWS_DEFAULT_REGION.",
        )
        return
    yield from _credentials(session)


def _credentials(session: AwsSession) -> Iterator[Problem]:
    try:
        if session.credentials() is None:
            yield Problem(
                "AWS-CREDENTIALS",
                f"No AWS credentials were found (looked at: {_CHAIN}).",
                hint="Run `aws configure` or `aws sso login`, or set AWS_PROFILE.",
            )
            return
        session.identity()
    except Exception as error:  # noqa: BLE001 - each SDK error becomes a problem; none may end the look-round
        fault = classify(error, "read")
        refused = (
            fault.code not in ("EndpointConnectionError", "ConnectTimeoutError") and fault.outcome == "not_applied"
        )
        yield Problem(
            "AWS-CREDENTIALS" if refused else "AWS-IDENTITY",
            f"AWS STS does not tell who is calling: {fault.message}.",
            hint=fault.hint or None,
            severity="error" if refused else "warning",
        )
