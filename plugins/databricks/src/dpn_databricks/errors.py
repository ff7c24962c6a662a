"""What an error of Databricks or of its SDK means for a write: not applied, throttled, or unknown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Literal, TypeAlias

from dpn import Fault

Outcome: TypeAlias = Literal["not_applied", "unknown", "throttled"]

_LOGIN = "Log in again (`databricks auth login`, or renew the token) and run the same command: dpn goes on from there."
_RIGHTS = "Ask an owner or admin for the right that the message names, or run as a caller who has it."
_TAKEN = 'Choose other naming values, or declare it with "existing": true to refer to it only.'
_GONE = "It or its parent is gone, or you may not see it: run `dpn plan` again."
_VALUE = "Databricks refused a value of the spec; its message says which."
_FULL = "It is not empty: dpn never empties a thing. Delete what is in it first, or keep it."
_QUOTA = "A quota is reached: delete what is not needed, or ask for a higher one."
_FEATURE = "It is not enabled in this workspace: ask an admin, or leave it out."
_HOST = "Check the host: this workspace does not have the API, or it is not a workspace."
_SLOW = "The API's rate is exceeded; dpn tries again. A smaller --parallelism avoids it."
_BUSY = "Databricks is still busy with this object; dpn tries again."
_MEANWHILE = "Somebody else changed it meanwhile; dpn tries again."
_NETWORK = "Check the network and the host."
_SQL = "The SQL warehouse refused the statement; its message says why."
_BUG = "Please report it: dpn-databricks sent something that the API does not take."

# (outcome, what to do next, error codes). What is not here is judged by its class below, or unknown for a write.
_ROWS: tuple[tuple[Outcome, str, str], ...] = (
    ("not_applied", _TAKEN, "ALREADY_EXISTS RESOURCE_ALREADY_EXISTS CATALOG_ALREADY_EXISTS SCHEMA_ALREADY_EXISTS"),
    ("not_applied", _TAKEN, "TABLE_ALREADY_EXISTS VOLUME_ALREADY_EXISTS TABLE_OR_VIEW_ALREADY_EXISTS"),
    ("not_applied", _GONE, "RESOURCE_DOES_NOT_EXIST CATALOG_DOES_NOT_EXIST SCHEMA_DOES_NOT_EXIST NOT_FOUND"),
    ("not_applied", _GONE, "TABLE_DOES_NOT_EXIST VOLUME_DOES_NOT_EXIST SCHEMA_NOT_FOUND TABLE_OR_VIEW_NOT_FOUND"),
    ("not_applied", "Create the principal first, or correct its name.", "PRINCIPAL_DOES_NOT_EXIST"),
    ("not_applied", _VALUE, "INVALID_PARAMETER_VALUE BAD_REQUEST MALFORMED_REQUEST INVALID_REQUEST"),
    ("not_applied", _FULL, "CATALOG_NOT_EMPTY SCHEMA_NOT_EMPTY FAILED_PRECONDITION DIRECTORY_NOT_EMPTY"),
    ("not_applied", _RIGHTS, "PERMISSION_DENIED INSUFFICIENT_PERMISSIONS"),
    ("not_applied", _LOGIN, "UNAUTHENTICATED INVALID_TOKEN EXPIRED_TOKEN"),
    ("not_applied", _QUOTA, "QUOTA_EXCEEDED RESOURCE_LIMIT_EXCEEDED"),
    ("not_applied", _FEATURE, "FEATURE_DISABLED"),
    ("not_applied", _HOST, "ENDPOINT_NOT_FOUND"),
    ("not_applied", _BUG, "PARSE_SYNTAX_ERROR"),
    ("throttled", _SLOW, "RESOURCE_EXHAUSTED REQUEST_LIMIT_EXCEEDED TOO_MANY_REQUESTS"),
    ("throttled", _BUSY, "INVALID_STATE ABORTED"),
    # Somebody else's commit came first, so Delta made none of ours.
    ("throttled", _MEANWHILE, "DELTA_CONCURRENT_APPEND DELTA_CONCURRENT_TRANSACTION DELTA_CONCURRENT_WRITE"),
    ("throttled", _MEANWHILE, "DELTA_METADATA_CHANGED DELTA_PROTOCOL_CHANGED"),
)
CODES: Mapping[str, tuple[Outcome, str]] = {
    code: (outcome, hint) for outcome, hint, codes in _ROWS for code in codes.split()
}
# By the name of a class or of one that it is made of: the SDK is not imported to compare classes.
_CLASSES: Mapping[str, tuple[Outcome, str]] = {
    "Unauthenticated": ("not_applied", _LOGIN),
    "PermissionDenied": ("not_applied", _RIGHTS),
    "NotFound": ("not_applied", _GONE),
    "ResourceConflict": ("not_applied", _TAKEN),
    "TooManyRequests": ("throttled", _SLOW),
    "BadRequest": ("not_applied", _VALUE),
    "ConnectTimeout": ("not_applied", _NETWORK),
    "NewConnectionError": ("not_applied", _NETWORK),
    "NameResolutionError": ("not_applied", _NETWORK),
    "InvalidURL": ("not_applied", _NETWORK),
}
_LOOKS = "dpn looks whether the call took effect."
_READS = ("read", "list", "find", "contents", "ready")  # have no effect to look for
# A statement that failed with one of these may have been committed before.
_LATE = frozenset(
    (
        "CANCELLED",
        "DEADLINE_EXCEEDED",
        "DELTA_POST_COMMIT_HOOK_FAILED",
        "INTERNAL_ERROR",
        "IO_ERROR",
        "SERVICE_UNDER_MAINTENANCE",
        "TEMPORARILY_UNAVAILABLE",
        "UNKNOWN",
        "WORKSPACE_TEMPORARILY_UNAVAILABLE",
    )
)
_CONFIG = re.compile(r"\.? Config: \w+=")
_SQL_CLASS = re.compile(r"\[([A-Z][A-Z0-9_]*)[\]. ]")


class StatementFailedError(Exception):
    """A SQL statement failed; `code` is Databricks's error class."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        found = _SQL_CLASS.search(message)
        self.code = found[1] if found else code or "STATEMENT_FAILED"


class StatementPendingError(Exception):
    """A SQL statement was still running when the API stopped waiting for it, or was canceled: it may take effect."""


class PartlyAppliedError(Exception):
    """A write of several statements ended after the first had taken effect; `__cause__` says why."""


class WarehouseStartingError(Exception):
    """The SQL warehouse is starting, so no statement was sent."""


class NotSentError(Exception):
    """A write would do what nobody can want, so it was not sent; `hint` is the next thing to do."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def classify(error: Exception, method: str) -> Fault:
    """Tell what `error`, raised by `method`, says about whether the call took effect.

    Whatever is not known to be refused is unknown: a lost reply, a 5xx, an answer that is no answer of Databricks.
    """
    cause = error.__cause__ if isinstance(error, TimeoutError) and isinstance(error.__cause__, Exception) else error
    if isinstance(cause, PartlyAppliedError) and isinstance(cause.__cause__, Exception):
        return replace(classify(cause.__cause__, method), outcome="unknown")
    if (fault := _statement(cause)) is not None:
        return fault
    code = str(getattr(cause, "error_code", None) or type(cause).__name__)
    # The SDK puts its whole configuration behind what the service says; who runs dpn knows it.
    message = f"{code}: {_CONFIG.split(str(cause), maxsplit=1)[0]}"
    outcome, hint = _known(cause, code, message, method) or ("unknown", "" if method in _READS else _LOOKS)
    after = getattr(cause, "retry_after_secs", None)
    return Fault(outcome, code, message, float(after) if after and outcome == "throttled" else None, hint)


def _statement(cause: Exception) -> Fault | None:
    """Judge what `sql.run` and what asks before a write raise."""
    if isinstance(cause, WarehouseStartingError):
        return Fault("throttled", "WAREHOUSE-STARTING", str(cause), 30, "dpn waits until it runs.")
    if isinstance(cause, NotSentError):
        return Fault("not_applied", "NOT-SENT", str(cause), hint=cause.hint)
    if not isinstance(cause, StatementFailedError):
        return None
    if cause.code in _LATE:
        return Fault("unknown", cause.code, str(cause), hint=_LOOKS)
    outcome, hint = CODES.get(cause.code, ("not_applied", _SQL))
    return Fault(outcome, cause.code, str(cause), hint=hint)


def _known(cause: Exception, code: str, message: str, method: str) -> tuple[Outcome, str] | None:
    if "is not empty" in message:  # the codes that come with it differ
        return "not_applied", _FULL
    if code in CODES:
        return CODES[code]
    names = list(_names(cause))
    if "ResourceConflict" in names and method != "create":  # a version that another write has changed
        return "throttled", _MEANWHILE
    return next((_CLASSES[name] for name in names if name in _CLASSES), None)


def _names(error: BaseException) -> Iterator[str]:
    """Give the names of an error's classes, then of what it wraps: requests hides urllib3's reason in its arguments."""
    yield from (base.__name__ for base in type(error).__mro__)
    for inner in error.args:
        if isinstance(inner, BaseException):
            yield from _names(inner)
        elif isinstance(reason := getattr(inner, "reason", None), BaseException):
            yield from _names(reason)
    if isinstance(reason := getattr(error, "reason", None), BaseException):
        yield from _names(reason)
