"""Who is calling, and what would make every call fail."""

from __future__ import annotations

from collections.abc import Iterator

from dpn import Identity, Problem
from dpn_databricks.client import DatabricksSession
from dpn_databricks.errors import classify


def identity(session: DatabricksSession) -> Identity:
    """Tell the workspace id and the user name of the caller."""
    return session.identity()


def preflight(session: DatabricksSession) -> Iterator[Problem]:
    """Find a token that is missing, wrong or expired before the first write."""
    try:
        session.identity()
    except Exception as error:  # noqa: BLE001 - each SDK error becomes a problem; none may end the look-round
        fault = classify(error, "read")
        yield Problem(
            "DATABRICKS-CREDENTIALS",
            f"Databricks does not tell who is calling: {fault.message}.",
            hint=fault.hint or None,
        )
