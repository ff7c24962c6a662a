"""SQL through a warehouse, for what Unity Catalog does in no other way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dpn import Ref
from dpn_databricks.client import DatabricksSession
from dpn_databricks.errors import NotSentError, StatementFailedError, StatementPendingError, WarehouseStartingError

_WAIT = "50s"  # the longest that the API itself waits; the client gives up after 60
_DONE = ("SUCCEEDED", "CLOSED")  # closed: it succeeded, and its rows cannot be fetched any more
_WHICH = "Set `warehouse_id` of the provider databricks, or DATABRICKS_WAREHOUSE_ID."
# The backslash first. `${…}` is replaced by settings before a statement is parsed, also inside of literals
# (spark.sql.variable.substitute).
_ESCAPES = (("\\", "\\\\"), ("'", "\\'"), ("\n", "\\n"), ("\r", "\\r"), ("${", "\\u0024{"))


def quote(identifier: str) -> str:
    """Give an identifier that stands for itself, whatever characters it has."""
    return f"`{identifier.replace('`', '``')}`"


def literal(text: str) -> str:
    """Give a string literal that stands for just this text."""
    for plain, escaped in _ESCAPES:
        text = text.replace(plain, escaped)
    return f"'{text}'"


def path(ref: Ref) -> str:
    """Give the quoted full name of a Ref."""
    return f"{path(ref.parent)}.{quote(ref.name)}" if ref.parent else quote(ref.name)


def pairs(properties: Mapping[str, str]) -> str:
    """Give properties as a list in brackets."""
    return f"({', '.join(f'{literal(key)} = {literal(value)}' for key, value in sorted(properties.items()))})"


def names(identifiers: Iterable[str]) -> str:
    """Give quoted identifiers as a list in brackets."""
    return f"({', '.join(map(quote, identifiers))})"


def run(session: DatabricksSession, statement: str) -> None:
    """Run one statement, sent once; return when it has taken effect.

    Raises StatementFailedError for one that failed, StatementPendingError for one that still runs after 50 s or was
    canceled by somebody. Where nothing was sent: WarehouseStartingError while the warehouse starts, NotSentError if
    there is none.
    """
    from databricks.sdk.service.sql import ExecuteStatementRequestOnWaitTimeout as OnWaitTimeout
    from databricks.sdk.service.sql import StatementExecutionAPI

    warehouse = _running(session)
    api = session.api(StatementExecutionAPI, once=True)
    reply = api.execute_statement(statement, warehouse, wait_timeout=_WAIT, on_wait_timeout=OnWaitTimeout.CONTINUE)
    state = reply.status.state.value if reply.status and reply.status.state else "UNKNOWN"
    error = reply.status.error if reply.status else None
    if state == "FAILED":
        code = error.error_code.value if error and error.error_code else ""
        raise StatementFailedError((error and error.message) or "The statement failed.", code)
    if state not in _DONE:
        raise StatementPendingError(f"The statement {reply.statement_id} is {state.lower()}: it may take effect.")


def _running(session: DatabricksSession) -> str:
    """Give the warehouse, once it runs; it is started if it does not."""
    from databricks.sdk.service.sql import WarehousesAPI

    api = session.api(WarehousesAPI)
    if session.warehouse_id is None:
        session.warehouse_id = _only([(str(found.name), str(found.id)) for found in api.list()])
    found = api.get(session.warehouse_id)
    state = found.state.value if found.state else "UNKNOWN"
    if state == "RUNNING":
        return session.warehouse_id
    if state in ("DELETED", "DELETING"):
        raise NotSentError(f"The SQL warehouse {found.name} is {state.lower()}.", _WHICH)
    if state == "STOPPED":
        api.start(session.warehouse_id)
    raise WarehouseStartingError(f"The SQL warehouse {found.name} is {state.lower()}; nothing was sent.")


def _only(found: list[tuple[str, str]]) -> str:
    if len(found) == 1:
        return found[0][1]
    there = ", ".join(f"{name} ({identity})" for name, identity in found[:5]) or "none"
    raise NotSentError(f"Tables are made by SQL, and it is not clear by which warehouse; there is: {there}.", _WHICH)
