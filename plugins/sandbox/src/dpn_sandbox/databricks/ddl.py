"""What the statements do to the tables of a workspace. Each checks everything before it changes anything."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from dpn_sandbox.databricks import delta, table_store
from dpn_sandbox.databricks.alterations import Alteration
from dpn_sandbox.databricks.securables import look, put, require_own, touched, valid_name
from dpn_sandbox.databricks.sql_text import SqlError
from dpn_sandbox.databricks.table_store import NewTable
from dpn_sandbox.databricks.workspace import Workspace

Parts: TypeAlias = tuple[str, ...]
_DEPTH = 3
_DROPPED = (
    "catalogName",
    "schemaName",
    "tableName",
    "tableId",
    "tableType",
    "deletedAt",
    "createdAt",
    "updatedAt",
    "createdBy",
    "owner",
    "comment",
)


@dataclass(frozen=True, slots=True)
class Session:
    """Where a statement runs: names of fewer than three parts are in this catalog and schema."""

    workspace: Workspace
    catalog: str
    schema: str

    def full_name(self, parts: Parts, depth: int = _DEPTH) -> str:
        """Give a table's full name, or a schema's with depth 2, as it is kept."""
        if len(parts) > depth:
            message = f"The name {quoted(parts)} has too many parts."
            raise SqlError("REQUIRES_SINGLE_PART_NAMESPACE", "42K05", message)
        return ".".join((*(self.catalog, self.schema)[: depth - len(parts)], *parts)).lower()


@dataclass(frozen=True, slots=True)
class Rows:
    """What a statement answers: names of the columns, and rows of text."""

    columns: Sequence[str] = ()
    data: Sequence[Sequence[str | None]] = ()


Step: TypeAlias = Callable[[Session], Rows]


def quoted(parts: Sequence[str]) -> str:
    """Write a name of several parts as messages do."""
    return ".".join("`" + part.replace("`", "``") + "`" for part in parts)


def create_table(parts: Parts, new: NewTable, if_not_exists: bool, session: Session) -> Rows:
    """Make a table; one that is there is left as it is if the statement says so."""
    full_name = session.full_name(parts)
    schema = _schema(session, full_name.rpartition(".")[0])
    name = _name(parts[-1])
    if full_name in look(session.workspace, "tables"):
        if if_not_exists:
            return Rows()
        raise _taken(full_name)
    table_store.add(session.workspace, schema, replace(new, name=name))
    return Rows()


def alter(parts: Parts, change: Alteration, commit: bool, session: Session) -> Rows:
    """Change a table; `commit` tells whether Delta, and not Unity Catalog alone, keeps the change."""
    table = _table(session, parts)
    changed = dict(change(table))
    delta.check_columns(changed["columns"], changed["properties"])
    updated = {**changed, **touched(session.workspace)}
    if commit:
        updated = delta.committed(updated, updated["updated_at"])
    put(session.workspace, "tables", table["full_name"], updated, table["full_name"])
    return Rows()


def rename(parts: Parts, target: Parts, session: Session) -> Rows:
    """Rename a table within its catalog; its id and grants stay."""
    table = _table(session, parts)
    new = session.full_name(target)
    schema = new.rpartition(".")[0]
    if new.partition(".")[0] != table["catalog_name"]:
        raise SqlError("CANNOT_RENAME_ACROSS_CATALOG", "0AKD0", "Renaming a TABLE across catalogs is not allowed.")
    require_own(_schema(session, schema))
    _name(target[-1])
    if new in look(session.workspace, "tables"):
        raise _taken(new)
    put(session.workspace, "tables", table["full_name"], {**table, **touched(session.workspace)}, new)
    return Rows()


def drop(parts: Parts, if_exists: bool, session: Session) -> Rows:
    """Drop a table."""
    full_name = session.full_name(parts)
    if full_name in look(session.workspace, "tables") or not if_exists:
        table_store.drop(session.workspace, _table(session, parts)["full_name"])
    return Rows()


def undrop(parts: Parts, session: Session) -> Rows:
    """Bring back the table of this name that was dropped last."""
    full_name = session.full_name(parts)
    schema = _schema(session, full_name.rpartition(".")[0])
    tables = table_store.dropped(session.workspace, schema["full_name"])
    return _back(session, full_name, [table for table in tables if table["full_name"] == full_name])


def undrop_id(table_id: str, session: Session) -> Rows:
    """Bring back the dropped table of this id."""
    table = look(session.workspace, "dropped_tables").get(table_id.lower())
    schema = "" if table is None else table["full_name"].rpartition(".")[0]
    tables = table_store.dropped(session.workspace, schema)
    return _back(session, table_id, [item for item in tables if item["table_id"] == table_id.lower()])


def show_dropped(parts: Parts, session: Session) -> Rows:
    """Show the tables of a schema that can be brought back."""
    schema = _schema(session, session.full_name(parts, _DEPTH - 1))
    tables = table_store.dropped(session.workspace, schema["full_name"])
    return Rows(_DROPPED, [[_shown(table, column) for column in _DROPPED] for table in tables])


def _shown(table: dict[str, Any], column: str) -> str | None:
    key = {"tableName": "name"}.get(column) or "".join(f"_{c.lower()}" if c.isupper() else c for c in column)
    value = table.get(key)
    if key.endswith("_at"):
        return dt.datetime.fromtimestamp(int(str(value)) / 1000, dt.UTC).isoformat(timespec="milliseconds")
    return value if value is None else str(value)


def _back(session: Session, asked: str, tables: Sequence[dict[str, Any]]) -> Rows:
    if not tables:
        message = f"The dropped table {asked} cannot be found, or its retention is over."
        raise SqlError("TABLE_OR_VIEW_NOT_FOUND", "42P01", message)
    if tables[0]["full_name"] in look(session.workspace, "tables"):
        raise _taken(tables[0]["full_name"])
    table_store.undrop(session.workspace, tables[0])
    return Rows()


def _table(session: Session, parts: Parts) -> dict[str, Any]:
    table = look(session.workspace, "tables").get(session.full_name(parts))
    if table is None:
        message = f"The table or view {quoted(parts)} cannot be found."
        raise SqlError("TABLE_OR_VIEW_NOT_FOUND", "42P01", message)
    return table


def _schema(session: Session, full_name: str) -> dict[str, Any]:
    catalog = full_name.partition(".")[0]
    if catalog not in look(session.workspace, "catalogs"):
        raise SqlError("NO_SUCH_CATALOG_EXCEPTION", "42704", f"Catalog '{catalog}' was not found.")
    schema = look(session.workspace, "schemas").get(full_name)
    if schema is None:
        message = f"The schema {quoted(full_name.split('.'))} cannot be found."
        raise SqlError("SCHEMA_NOT_FOUND", "42704", message)
    return schema


def _name(name: str) -> str:
    if not valid_name(name):
        raise SqlError("UC_INVALID_NAME", "42602", f'"{name}" is not a valid name for a table.')
    return name.lower()


def _taken(full_name: str) -> SqlError:
    message = f"Cannot create table or view {quoted(full_name.split('.'))} because it already exists."
    return SqlError("TABLE_OR_VIEW_ALREADY_EXISTS", "42P07", message)
