"""What Unity Catalog or Delta would refuse and JSON Schema cannot say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from dpn import Problem, Resource
from dpn_databricks.delta_types import DeltaTypeError, canonical

_STORED = {"databricks_table": "table_type", "databricks_volume": "volume_type"}


def check(resources: Sequence[Resource]) -> Iterator[Problem]:
    """Look at the specs of tables and volumes; what the schema refuses anyway is passed by."""
    for resource in resources:
        if resource.kind in _STORED and not resource.existing:
            yield from _location(resource, _STORED[resource.kind])
        if resource.kind == "databricks_table":
            columns = _columns(resource)
            for place, column in columns:
                yield from _type(resource, place, column)
            yield from _twice(resource, columns)
            yield from _unknown(resource, [str(column.get("name", "")) for _, column in columns])
            yield from _layout(resource, [column.get("name") for _, column in columns])


def _columns(resource: Resource) -> list[tuple[int, Mapping[str, Any]]]:
    columns = resource.spec.get("columns")
    listed = columns if isinstance(columns, (list, tuple)) else ()
    return [(place, column) for place, column in enumerate(listed) if isinstance(column, Mapping)]


def _problem(resource: Resource, code: str, message: str, field: str, hint: str) -> Problem:
    return Problem(f"DATABRICKS-{code}", message, resource.address, f"spec.{field}", resource.place, hint=hint)


def _type(resource: Resource, place: int, column: Mapping[str, Any]) -> Iterator[Problem]:
    given, field = column.get("type"), f"columns[{place}].type"
    if not isinstance(given, str):
        return
    try:
        written = canonical(given)
    except DeltaTypeError as error:
        message = f"{given!r} is no type of a Delta column: {error}."
        yield _problem(resource, "TYPE", message, field, "Write a type as Delta has it, as bigint or decimal(10,2).")
        return
    if written != given:
        message = f"Delta writes the type {given!r} as {written!r}, and a plan would never be empty."
        yield _problem(resource, "TYPE", message, field, f"Write {written}.")


def _twice(resource: Resource, columns: Sequence[tuple[int, Mapping[str, Any]]]) -> Iterator[Problem]:
    count = Counter(str(column.get("name", "")).lower() for _, column in columns)
    for name, number in count.items():
        if number > 1:
            message = f"The column {name!r} stands {number} times; case does not count."
            yield _problem(resource, "TWICE", message, "columns", "Rename or remove one.")


def _unknown(resource: Resource, columns: Sequence[str]) -> Iterator[Problem]:
    for field in ("partition_by", "cluster_by"):
        listed = resource.spec.get(field)
        for place, name in enumerate(listed if isinstance(listed, (list, tuple)) else ()):
            if isinstance(name, str) and name not in columns:
                near = get_close_matches(name, columns, 1)
                hint = f"Did you mean {near[0]!r}?" if near else "Add it to the columns."
                message = f"There is no column {name!r} to {field.removesuffix('_by')} by."
                yield _problem(resource, "COLUMN", message, f"{field}[{place}]", hint)


def _layout(resource: Resource, columns: Sequence[Any]) -> Iterator[Problem]:
    parted = resource.spec.get("partition_by")
    if columns and isinstance(parted, (list, tuple)) and all(name in parted for name in columns):
        message, hint = "A table keeps one column in its files: it is not partitioned by all.", "Leave one out."
        yield _problem(resource, "LAYOUT", message, "partition_by", hint)
    if resource.spec.get("partition_by") and resource.spec.get("cluster_by"):
        message, hint = "A table is either partitioned or clustered.", "Leave out partition_by: clustering is newer."
        yield _problem(resource, "LAYOUT", message, "cluster_by", hint)


def _location(resource: Resource, field: str) -> Iterator[Problem]:
    external, where = resource.spec.get(field) == "EXTERNAL", resource.spec.get("storage_location")
    if external and not where:
        message = "What is external lies where you say, and it is not said where."
        yield _problem(resource, "LOCATION", message, "storage_location", "Give storage_location.")
    elif where and not external:
        message = "Unity Catalog chooses where managed files lie."
        hint = f'Leave out storage_location, or set "{field}": "EXTERNAL".'
        yield _problem(resource, "LOCATION", message, "storage_location", hint)
