"""What `ALTER TABLE` makes of a table: functions of a table as a plain value, which is not changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from dpn_sandbox.databricks import delta
from dpn_sandbox.databricks.securables import known_principal
from dpn_sandbox.databricks.sql_text import SqlError
from dpn_sandbox.databricks.sql_types import Column, DataType

Table: TypeAlias = Mapping[str, Any]
Alteration: TypeAlias = Callable[[Table], Table]


def set_properties(properties: Mapping[str, str], table: Table) -> Table:
    """Set properties."""
    delta.check_properties(properties)
    if not delta.mapped(properties) and delta.mapped(table["properties"]) and "delta.columnMapping.mode" in properties:
        message = "Changing the column mapping mode from 'name' to 'none' is not supported."
        raise SqlError("DELTA_UNSUPPORTED_COLUMN_MAPPING_MODE_CHANGE", "0AKDC", message)
    return {**table, "properties": {**table["properties"], **properties}}


def unset_properties(keys: Sequence[str], if_exists: bool, table: Table) -> Table:
    """Take properties away."""
    for key in keys:
        if key not in table["properties"] and not if_exists:
            message = f"Attempted to unset non-existent property '{key}' in table {table['full_name']}."
            raise SqlError("DELTA_UNSET_NON_EXISTENT_PROPERTY", "42616", message)
    left = {key: value for key, value in table["properties"].items() if key not in keys}
    return {**table, "properties": left}


def add_columns(columns: Sequence[Column], table: Table) -> Table:
    """Add columns at the end."""
    present = {column["name"].lower() for column in table["columns"]}
    for column in columns:
        if column.name.lower() in present:
            message = f"Cannot add column, because `{column.name}` already exists in the table."
            raise SqlError("FIELD_ALREADY_EXISTS", "42710", message)
        if not column.nullable:
            message = "Operation not allowed: `NOT NULL in ALTER TABLE ADD COLUMNS` is not supported for Delta tables."
            raise SqlError("DELTA_OPERATION_NOT_ALLOWED", "0AKDC", message)
    return _columns(table, (*table["columns"], *(column.info(0) for column in columns)))


def comment_column(name: str, comment: str, table: Table) -> Table:
    """Set a column's comment; an empty one takes it away."""
    return _changed(table, name, {"comment": comment or None})


def set_nullable(name: str, nullable: bool, table: Table) -> Table:
    """Allow or forbid null in a column."""
    return _changed(table, name, {"nullable": nullable})


def move_column(name: str, behind: str | None, table: Table) -> Table:
    """Put a column behind another one, or first."""
    columns = list(table["columns"])
    moved = columns.pop(delta.place_of(columns, name))
    place = 0 if behind is None else delta.place_of(columns, behind) + 1
    return _columns(table, (*columns[:place], moved, *columns[place:]))


def change_type(name: str, kind: DataType, table: Table) -> Table:
    """Widen a column's type."""
    column = table["columns"][delta.place_of(table["columns"], name)]
    delta.check_widening(column, kind.text, table["properties"])
    return _changed(table, name, Column(name, kind).info(0), "type_text", "type_name", "type_precision", "type_scale")


def drop_columns(names: Sequence[str], table: Table) -> Table:
    """Drop columns, which takes column mapping, and leaves partitioning, clustering and one column at least."""
    places = {delta.place_of(table["columns"], name) for name in names}
    _require_mapping(table, "DROP")
    clusters = {name.lower() for name in delta.clustering(table["properties"])}
    for place in places:
        column = table["columns"][place]
        uses = {"PARTITION": "partition_index" in column, "CLUSTERING": column["name"].lower() in clusters}
        for use, held in uses.items():
            if held:
                message = f"Dropping {use.lower()} columns ({column['name']}) is not allowed."
                raise SqlError(f"DELTA_UNSUPPORTED_DROP_{use}_COLUMN", "0AKDC", message)
    left = [column for place, column in enumerate(table["columns"]) if place not in places]
    if not left:
        message = "Cannot drop column from a schema with a single column."
        raise SqlError("DELTA_DROP_COLUMN_ON_SINGLE_FIELD_SCHEMA", "0AKDC", message)
    return _columns(table, left)


def rename_column(old: str, new: str, table: Table) -> Table:
    """Rename a column, which takes column mapping; clustering follows."""
    column = table["columns"][delta.place_of(table["columns"], old)]
    _require_mapping(table, "RENAME")
    if old.lower() != new.lower() and new.lower() in {other["name"].lower() for other in table["columns"]}:
        message = f"Cannot rename column, because `{new}` already exists in the table."
        raise SqlError("FIELD_ALREADY_EXISTS", "42710", message)
    renamed = _changed(table, old, {"name": new})
    names = delta.clustering(table["properties"])
    if column["name"] not in names:
        return renamed
    return cluster_by([new if name == column["name"] else name for name in names], renamed)


def cluster_by(names: Sequence[str], table: Table) -> Table:
    """Cluster by other columns, or by none."""
    if any("partition_index" in column for column in table["columns"]):
        message = "ALTER TABLE CLUSTER BY is not supported for partitioned tables."
        raise SqlError("DELTA_ALTER_TABLE_CLUSTER_BY_ON_PARTITIONED_TABLE_NOT_ALLOWED", "42000", message)
    clustering = delta.clustered(table["full_name"], table["columns"], names)
    if not names and delta.CLUSTERING not in table["properties"]:
        return table
    return {**table, "properties": {**table["properties"], **clustering}}


def set_comment(comment: str | None, table: Table) -> Table:
    """Set the table's comment; none or an empty one takes it away."""
    rest = {key: value for key, value in table.items() if key != "comment"}
    return {**rest, "comment": comment} if comment else rest


def set_owner(principal: str, table: Table) -> Table:
    """Hand the table to another owner."""
    if not known_principal(principal):
        raise SqlError("PRINCIPAL_DOES_NOT_EXIST", "42704", f"Could not find principal with name {principal}.")
    return {**table, "owner": principal}


def _changed(table: Table, name: str, values: Mapping[str, Any], *keys: str) -> Table:
    """Give a table with values (of these keys, else all) put into one column; None takes a value away."""
    place = delta.place_of(table["columns"], name)
    merged = {**table["columns"][place], **{key: values[key] for key in keys or values}}
    columns = list(table["columns"])
    columns[place] = {key: value for key, value in merged.items() if value is not None}
    return _columns(table, columns)


def _columns(table: Table, columns: Sequence[Mapping[str, Any]]) -> Table:
    return {**table, "columns": [{**column, "position": place} for place, column in enumerate(columns)]}


def _require_mapping(table: Table, verb: str) -> None:
    if not delta.mapped(table["properties"]):
        message = f"{verb} COLUMN is not supported for your Delta table: it takes delta.columnMapping.mode = 'name'."
        raise SqlError(f"DELTA_UNSUPPORTED_{verb}_COLUMN", "0AKDC", message)
