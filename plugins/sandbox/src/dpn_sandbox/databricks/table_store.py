"""Tables of Unity Catalog and their soft delete, for the REST handlers and for SQL alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dpn_sandbox.databricks import delta
from dpn_sandbox.databricks.securables import born, location, look, managed_location, purge, require_apart, require_own
from dpn_sandbox.databricks.workspace import Workspace, present

_HOUR = 3_600_000
_RETENTION_HOURS = 7 * 24


@dataclass(frozen=True, slots=True)
class NewTable:
    """What a new table is to be. `columns` are as in a reply; `storage_location` makes it external."""

    name: str
    columns: Sequence[Mapping[str, Any]] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    comment: str | None = None
    storage_location: str | None = None
    partitions: Sequence[str] = ()
    clusters: Sequence[str] = ()


def add(workspace: Workspace, schema: Mapping[str, Any], new: NewTable) -> dict[str, Any]:
    """Add a table whose name is free; its rules are checked before anything changes.

    Raises SqlError for what Delta refuses and ApiError for what Unity Catalog refuses.
    """
    require_own(schema)
    full_name = f"{schema['full_name']}.{new.name}"
    delta.check_properties(new.properties)
    delta.check_columns(new.columns, new.properties)
    columns = delta.partitioned(full_name, new.columns, new.partitions)
    clusters = delta.clustered(full_name, columns, new.clusters) if new.clusters else {}
    url = location(new.storage_location)
    if url is not None:
        require_apart(workspace, url)
    table_id = workspace.uuid()
    table = {
        "name": new.name,
        "catalog_name": schema["catalog_name"],
        "schema_name": schema["name"],
        "full_name": full_name,
        "table_id": table_id,
        "table_type": "EXTERNAL" if url else "MANAGED",
        "data_source_format": "DELTA",
        "columns": list(columns),
        "properties": {**new.properties, **clusters},
        "storage_location": url or managed_location(workspace, schema, "tables", table_id),
        "enable_predictive_optimization": "INHERIT",
        "effective_predictive_optimization_flag": {"value": "DISABLE", "inherited_from_type": "METASTORE"},
        **born(workspace),
        **present({"comment": new.comment or None}),
    }
    kept = workspace.of("tables")[full_name] = delta.committed(table, table["created_at"])
    return kept


def drop(workspace: Workspace, full_name: str) -> None:
    """Drop a table: it can be brought back for as long as catalog or schema say, seven days if neither does."""
    purge(workspace, [key for key, table in look(workspace, "dropped_tables").items() if _gone(workspace, table)])
    table = workspace.of("tables").pop(full_name)
    workspace.of("dropped_tables")[table["table_id"]] = {**table, "deleted_at": workspace.now()}


def dropped(workspace: Workspace, schema: str) -> list[dict[str, Any]]:
    """Give the tables of a schema that can be brought back, the last dropped first."""
    tables = [table for table in look(workspace, "dropped_tables").values() if not _gone(workspace, table)]
    tables = [table for table in tables if table["full_name"].rpartition(".")[0] == schema]
    # The one that was dropped later stands later in the collection, also where two were in one millisecond.
    return tables[::-1]


def undrop(workspace: Workspace, table: Mapping[str, Any]) -> None:
    """Bring a dropped table back under its name, which must be free, with id, properties and grants."""
    workspace.of("dropped_tables").pop(table["table_id"])
    workspace.of("tables")[table["full_name"]] = {key: value for key, value in table.items() if key != "deleted_at"}


def _gone(workspace: Workspace, table: Mapping[str, Any]) -> bool:
    schema, _, _ = table["full_name"].rpartition(".")
    parents = (look(workspace, "schemas").get(schema), look(workspace, "catalogs").get(table["catalog_name"]))
    hours = next((item["custom_max_retention_hours"] for item in parents if item and _ruled(item)), _RETENTION_HOURS)
    return bool(workspace.now() - table["deleted_at"] > hours * _HOUR)


def _ruled(item: Mapping[str, Any]) -> bool:
    return item.get("custom_max_retention_hours") is not None
