from __future__ import annotations

from typing import Any

import pytest
import requests
from databricks.sdk import errors as sdk
from databricks.sdk.errors.base import DatabricksError
from urllib3.exceptions import MaxRetryError, NewConnectionError

from dpn_databricks.errors import (
    CODES,
    PartlyAppliedError,
    StatementFailedError,
    StatementPendingError,
    WarehouseStartingError,
    classify,
)


def refused() -> requests.ConnectionError:
    pool: Any = None
    return requests.ConnectionError(MaxRetryError(pool, "/", NewConnectionError(pool, "Connection refused")))


def wrapped(cause: Exception) -> Exception:
    error = TimeoutError("Timed out after 0:00:01")
    error.__cause__ = cause
    return error


CASES: list[tuple[Exception, str, str]] = [
    (sdk.ResourceAlreadyExists("exists", error_code="RESOURCE_ALREADY_EXISTS"), "not_applied", '"existing": true'),
    (
        sdk.BadRequest("Catalog 'x' already exists", error_code="CATALOG_ALREADY_EXISTS"),
        "not_applied",
        '"existing": true',
    ),
    (sdk.NotFound("no", error_code="SCHEMA_DOES_NOT_EXIST"), "not_applied", "gone"),
    (sdk.NotFound("no", error_code="PRINCIPAL_DOES_NOT_EXIST"), "not_applied", "principal"),
    (sdk.PermissionDenied("no", error_code="PERMISSION_DENIED"), "not_applied", "right"),
    (sdk.Unauthenticated("expired", error_code="UNAUTHENTICATED"), "not_applied", "Log in"),
    (sdk.PermissionDenied("odd"), "not_applied", "right"),
    (sdk.BadRequest("odd", error_code="SOMETHING_NEW"), "not_applied", "value"),
    (sdk.InvalidState("busy", error_code="INVALID_STATE"), "throttled", "busy"),
    (sdk.InvalidState("Schema 'x' is not empty.", error_code="INVALID_STATE"), "not_applied", "never empties"),
    (sdk.Aborted("busy", error_code="ABORTED"), "throttled", "busy"),
    (sdk.TooManyRequests("slow", error_code="RESOURCE_EXHAUSTED", retry_after_secs=3), "throttled", "parallelism"),
    (sdk.InternalError("boom", error_code="INTERNAL_ERROR"), "unknown", "looks"),
    (sdk.TemporarilyUnavailable("later", error_code="TEMPORARILY_UNAVAILABLE"), "unknown", "looks"),
    (DatabricksError("what"), "unknown", "looks"),
    (requests.ConnectionError("Connection aborted."), "unknown", "looks"),
    (requests.ReadTimeout("slow"), "unknown", "looks"),
    (requests.ConnectTimeout("slow"), "not_applied", "network"),
    (refused(), "not_applied", "network"),
    (wrapped(sdk.BadRequest("no", error_code="INVALID_PARAMETER_VALUE")), "not_applied", "value"),
    (wrapped(requests.ReadTimeout("slow")), "unknown", "looks"),
    (StatementFailedError("[TABLE_OR_VIEW_ALREADY_EXISTS] Cannot create"), "not_applied", '"existing": true'),
    (StatementFailedError("[DELTA_ODD.SUB] no"), "not_applied", "warehouse"),
    (StatementPendingError("still running"), "unknown", "looks"),
    (WarehouseStartingError("w1 is STARTING"), "throttled", "waits"),
    (ValueError("bug"), "unknown", "looks"),
]


@pytest.mark.parametrize(("error", "outcome", "hint"), CASES, ids=lambda one: type(one).__name__)
def test_an_error_says_what_it_means_for_a_write(error: Exception, outcome: str, hint: str) -> None:
    fault = classify(error, "create")
    assert fault.outcome == outcome
    assert hint in fault.hint
    assert fault.message


def test_only_what_is_throttled_says_when_to_come_back() -> None:
    slow = sdk.TooManyRequests("slow", error_code="RESOURCE_EXHAUSTED", retry_after_secs=3)
    assert classify(slow, "create").retry_after == 3
    assert classify(sdk.InternalError("boom", retry_after_secs=3), "create").retry_after is None
    assert classify(WarehouseStartingError("w"), "create").retry_after


@pytest.mark.parametrize(
    ("cause", "code"),
    [(StatementFailedError("[DELTA_ODD] no"), "DELTA_ODD"), (WarehouseStartingError("w1 stops"), "WAREHOUSE-STARTING")],
)
def test_what_took_effect_in_part_is_unknown_for_the_reason_of_its_end(cause: Exception, code: str) -> None:
    error = PartlyAppliedError(str(cause))
    error.__cause__ = cause
    fault = classify(error, "put")
    assert (fault.outcome, fault.code, fault.message) == ("unknown", code, str(cause))


def test_a_conflict_of_versions_is_looked_at_again_and_one_of_names_is_not() -> None:
    conflict = sdk.ResourceConflict("changed meanwhile", error_code="RESOURCE_CONFLICT")
    again = classify(conflict, "put")
    assert (again.outcome, "meanwhile" in again.hint) == ("throttled", True)
    assert classify(conflict, "create").outcome == "not_applied"
    assert "meanwhile" in classify(StatementFailedError("[DELTA_CONCURRENT_WRITE] no"), "put").hint


@pytest.mark.parametrize(
    "error", [sdk.InternalError("boom", error_code="INTERNAL_ERROR"), requests.ReadTimeout("slow")]
)
def test_a_read_that_failed_has_no_effect_to_look_for(error: Exception) -> None:
    fault = classify(error, "read")
    assert (fault.outcome, fault.hint) == ("unknown", "")


def test_the_configuration_is_left_out() -> None:
    said = "Invalid access token. Config: host=https://x.example.com, token=***, auth_type=pat"
    assert classify(sdk.PermissionDenied(said), "read").message == "PermissionDenied: Invalid access token"


def test_a_statement_tells_its_error_class() -> None:
    assert StatementFailedError("[SCHEMA_NOT_FOUND] The schema").code == "SCHEMA_NOT_FOUND"
    assert StatementFailedError("[DELTA_ODD.SUB] no").code == "DELTA_ODD"
    assert StatementFailedError("no class", "BAD_REQUEST").code == "BAD_REQUEST"
    assert StatementFailedError("nothing").code == "STATEMENT_FAILED"


def test_no_code_is_listed_twice() -> None:
    from dpn_databricks.errors import _ROWS

    listed = [code for _, _, codes in _ROWS for code in codes.split()]
    assert len(listed) == len(set(listed)) == len(CODES)
