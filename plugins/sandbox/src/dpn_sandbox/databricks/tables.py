"""Tables of Unity Catalog as REST has them: external Delta tables can be made here, all others in SQL."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping
from typing import Any

from dpn_sandbox.databricks import table_store
from dpn_sandbox.databricks.checks import invalid
from dpn_sandbox.databricks.securables import (
    children,
    flag,
    folded_name,
    found,
    listed,
    look,
    patched,
    put,
    require_free,
)
from dpn_sandbox.databricks.sql_text import SqlError
from dpn_sandbox.databricks.sql_types import Column, type_of
from dpn_sandbox.databricks.table_store import NewTable
from dpn_sandbox.databricks.workspace import ApiCall, Handler, Workspace

_OMISSIONS = {"omit_columns": "columns", "omit_properties": "properties", "omit_username": "owner"}


def create(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Make an external Delta table."""
    body = call.body
    schema = _schema(workspace, body)
    name = folded_name("CreateTable", "Table", body.get("name"))
    require_free(workspace, "tables", f"{schema['full_name']}.{name}")
    if (body.get("table_type"), body.get("data_source_format")) != ("EXTERNAL", "DELTA"):
        raise invalid("CreateTable Only external Delta tables can be created; use SQL for all others.")
    if not body.get("storage_location"):
        raise invalid("CreateTable Missing required field: storage_location")
    try:
        columns = _columns(body.get("columns") or ())
        new = NewTable(name, columns, body.get("properties") or {}, storage_location=body["storage_location"])
        return copy.deepcopy(table_store.add(workspace, schema, new))
    except SqlError as error:
        raise invalid(str(error)) from error


def _columns(asked: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    columns = []
    for position, item in enumerate(asked):
        kind = type_of(str(item.get("type_text") or item.get("type_name")))
        column = Column(str(item.get("name")), kind, item.get("nullable") is not False, item.get("comment"))
        columns.append(column.info(position))
    return columns


def get(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Show a table."""
    return copy.deepcopy(found(workspace, "tables", call.path["full_name"]))


def exists(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Tell whether a table is there; its schema must be."""
    full_name = call.path["full_name"].lower()
    found(workspace, "schemas", full_name.rpartition(".")[0])
    return {"table_exists": full_name in look(workspace, "tables")}


def list_(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """List the tables of a schema by name."""
    schema = _schema(workspace, call.query)
    omitted = {key for parameter, key in _OMISSIONS.items() if flag(call, parameter)}
    rows = children(workspace, "tables", schema["full_name"])
    return listed(({key: row[key] for key in row if key not in omitted} for row in rows), "tables", call)


def list_summaries(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """List names and types of the tables of a catalog whose schema and name are like the patterns."""
    catalog = found(workspace, "catalogs", call.query.get("catalog_name", ""))["name"]
    like = [_like(call.query.get(f"{part}_name_pattern")) for part in ("schema", "table")]
    rows = (table for name, table in sorted(look(workspace, "tables").items()) if name.startswith(f"{catalog}."))
    wanted = (row for row in rows if like[0].fullmatch(row["schema_name"]) and like[1].fullmatch(row["name"]))
    return listed(({key: row[key] for key in ("full_name", "table_type")} for row in wanted), "tables", call)


def update(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Change the owner, which is all that REST can change."""
    table = found(workspace, "tables", call.path["full_name"])
    changed = patched(workspace, "UpdateTable", table, {"owner": call.body.get("owner")}, ("owner",))
    put(workspace, "tables", table["full_name"], changed, table["full_name"])
    return {}


def delete(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Drop a table, from where SQL can bring it back."""
    table_store.drop(workspace, found(workspace, "tables", call.path["full_name"])["full_name"])
    return {}


def _schema(workspace: Workspace, named: Mapping[str, Any]) -> dict[str, Any]:
    catalog = found(workspace, "catalogs", str(named.get("catalog_name")))
    return found(workspace, "schemas", f"{catalog['name']}.{named.get('schema_name')}")


def _like(pattern: str | None) -> re.Pattern[str]:
    """Give a SQL LIKE pattern (`%`, `_`) as a regular expression; none means all."""
    text = re.escape(pattern or "%").replace("%", ".*").replace("_", ".")
    return re.compile(text, re.IGNORECASE | re.DOTALL)


HANDLERS: Mapping[str, Handler] = {
    "Tables.create": create,
    "Tables.get": get,
    "Tables.exists": exists,
    "Tables.list": list_,
    "Tables.list_summaries": list_summaries,
    "Tables.update": update,
    "Tables.delete": delete,
}
