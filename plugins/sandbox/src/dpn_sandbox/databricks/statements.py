"""Statements: SQL that a warehouse runs."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any

from dpn_sandbox.databricks import sql
from dpn_sandbox.databricks.checks import invalid
from dpn_sandbox.databricks.ddl import Rows, Session
from dpn_sandbox.databricks.securables import look
from dpn_sandbox.databricks.sql_text import SqlError
from dpn_sandbox.databricks.states import enter, observe
from dpn_sandbox.databricks.workspace import ApiCall, ApiError, Handler, Workspace, present

_KEPT_MS = 3_600_000
_STARTS = {"STARTING": "RUNNING"}


def execute(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Run a statement, after those that already wait for its warehouse.

    A warehouse that is stopped is started; until it runs the statement is PENDING, or, if the caller would not wait,
    CANCELED. With `wait_timeout` 0s the reply says PENDING in any case, and the outcome is read later.
    """
    body = call.body
    warehouse = _warehouse(workspace, str(body.get("warehouse_id")))
    seconds = _wait_seconds(str(body.get("wait_timeout") or "10s"))
    cancels = body.get("on_wait_timeout") == "CANCEL"
    _forget_old(workspace)
    statement = {
        "statement_id": workspace.uuid(),
        "warehouse_id": body["warehouse_id"],
        "statement": str(body.get("statement") or ""),
        "catalog": body.get("catalog") or "main",
        "schema": body.get("schema") or "default",
        "created_at": workspace.now(),
        "state": "PENDING",
    }
    workspace.of("statements")[str(statement["statement_id"])] = statement
    if _runs(warehouse):
        _run_waiting(workspace, str(body["warehouse_id"]))
    else:
        statement["state"] = "CANCELED" if cancels and seconds else "PENDING"
    return _reply(statement) if seconds else _reply({**statement, "state": "PENDING"})


def get(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Show a statement. Reading one that waits lets its warehouse start, as reading the warehouse does."""
    statement = _found(workspace, call)
    if statement["state"] == "PENDING":
        _await(workspace, statement)
    return _reply(statement)


def _await(workspace: Workspace, statement: dict[str, Any]) -> None:
    """Let a read move what a statement waits for; a replay must repeat it, so it is counted as a move."""
    workspace.moves += 1
    warehouse = look(workspace, "warehouses").get(statement["warehouse_id"])
    if warehouse is None:
        statement["state"] = "CANCELED"
        return
    observe(workspace, warehouse, _STARTS, lambda _workspace, row, state: enter(row, state))
    if _runs(warehouse):
        _run_waiting(workspace, statement["warehouse_id"])


def _runs(warehouse: dict[str, Any]) -> bool:
    """Tell whether a warehouse runs; one that is stopped, or stops, is started."""
    if warehouse["state"] not in {"RUNNING", "STARTING"}:
        enter(warehouse, "STARTING")
    return bool(warehouse["state"] == "RUNNING")


def cancel(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Cancel a statement that waits; one that is over stays as it is."""
    statement = _found(workspace, call)
    if statement["state"] == "PENDING":
        statement["state"] = "CANCELED"
    return {}


def _run_waiting(workspace: Workspace, warehouse_id: str) -> None:
    """Run all statements that wait for a warehouse, in the order in which they came."""
    for statement in workspace.of("statements").values():
        if statement["state"] == "PENDING" and statement["warehouse_id"] == warehouse_id:
            statement.update(_outcome(workspace, statement))


def _outcome(workspace: Workspace, statement: Mapping[str, Any]) -> dict[str, Any]:
    try:
        rows = sql.parse(statement["statement"])(Session(workspace, statement["catalog"], statement["schema"]))
    except SqlError as error:
        return {"state": "FAILED", "message": str(error), "sql_state": error.state}
    except ApiError as error:
        return {"state": "FAILED", "message": f"[{error.code}] {error.message}", "sql_state": "22023"}
    return {"state": "SUCCEEDED", "columns": list(rows.columns), "data": [list(row) for row in rows.data]}


def _reply(statement: Mapping[str, Any]) -> dict[str, Any]:
    state = statement["state"]
    error = {"error_code": "BAD_REQUEST", "message": statement["message"]} if state == "FAILED" else None
    status = present({"state": state, "error": error, "sql_state": statement.get("sql_state") if error else None})
    reply = {"statement_id": statement["statement_id"], "status": status}
    return {**reply, **_result(Rows(statement["columns"], statement["data"]))} if state == "SUCCEEDED" else reply


def _result(rows: Rows) -> dict[str, Any]:
    count = len(rows.data)
    columns = [
        {"name": name, "position": place, "type_name": "STRING", "type_text": "STRING"}
        for place, name in enumerate(rows.columns)
    ]
    schema = {"column_count": len(columns), **({"columns": columns} if columns else {})}
    chunk = {"chunk_index": 0, "row_offset": 0, "row_count": count}
    manifest = {"format": "JSON_ARRAY", "schema": schema, "total_row_count": count, "truncated": False}
    data = {"data_array": copy.deepcopy(list(rows.data))} if count else {}
    chunks = {"total_chunk_count": 1 if count else 0, **({"chunks": [chunk]} if count else {})}
    return {"manifest": {**manifest, **chunks}, "result": {**chunk, **data}}


def _warehouse(workspace: Workspace, warehouse_id: str) -> dict[str, Any]:
    warehouse = look(workspace, "warehouses").get(warehouse_id)
    if warehouse is None:
        raise ApiError(404, "RESOURCE_DOES_NOT_EXIST", f"SQL warehouse {warehouse_id} does not exist.")
    return warehouse


def _wait_seconds(text: str) -> int:
    match = re.fullmatch(r"(\d{1,2})s", text)
    if match is None or not (int(match[1]) == 0 or 5 <= int(match[1]) <= 50):  # noqa: PLR2004 - the API's own bounds
        raise invalid(f"wait_timeout must be 0s or between 5s and 50s, not '{text}'.")
    return int(match[1])


def _found(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    statement_id = call.path["statement_id"]
    statement = look(workspace, "statements").get(statement_id)
    if statement is None:
        raise ApiError(404, "NOT_FOUND", f"The statement {statement_id} was not found.")
    return statement


def _forget_old(workspace: Workspace) -> None:
    """Forget statements that ended an hour ago, as the service does."""
    statements, now = workspace.of("statements"), workspace.now()
    for key, statement in list(statements.items()):
        if statement["state"] != "PENDING" and now - statement["created_at"] > _KEPT_MS:
            del statements[key]


HANDLERS: Mapping[str, Handler] = {
    "StatementExecution.execute_statement": execute,
    "StatementExecution.get_statement": get,
    "StatementExecution.cancel_execution": cancel,
}
