"""The rules of Delta tables, over tables as plain values: nothing here changes what it is given."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dpn_sandbox.databricks.sql_text import SqlError

_OPTIONS = frozenset(
    [
        "appendOnly",
        "autoOptimize.autoCompact",
        "autoOptimize.optimizeWrite",
        "checkpoint.writeStatsAsJson",
        "checkpoint.writeStatsAsStruct",
        "checkpointInterval",
        "checkpointPolicy",
        "columnMapping.mode",
        "constraints",
        "compatibility.symlinkFormatManifest.enabled",
        "dataSkippingNumIndexedCols",
        "dataSkippingStatsColumns",
        "deletedFileRetentionDuration",
        "enableChangeDataFeed",
        "enableDeletionVectors",
        "enableIcebergCompatV2",
        "enableRowTracking",
        "enableTypeWidening",
        "isolationLevel",
        "logRetentionDuration",
        "minReaderVersion",
        "minWriterVersion",
        "parquet.compression.codec",
        "randomizeFilePrefixes",
        "randomPrefixLength",
        "setTransactionRetentionDuration",
        "targetFileSize",
        "tuneFileSizesForRewrites",
        "universalFormat.enabledFormats",
    ]
)
_RESERVED = frozenset({"external", "location", "owner", "provider"})
_MAPPING = "delta.columnMapping.mode"
_UNMAPPED = re.compile(r"[ ,;{}()\n\t=]")
_MOST_CLUSTERING = 4
CLUSTERING = "clusteringColumns"
# Feature of the table -> whether a reader must know it too.
_FEATURES = {
    "appendOnly": False,
    "invariants": False,
    "changeDataFeed": False,
    "clustering": False,
    "domainMetadata": False,
    "columnMapping": True,
    "deletionVectors": True,
    "timestampNtz": True,
    "typeWidening": True,
    "variantType": True,
}
_WIDER = {
    "tinyint": ("smallint", "int", "bigint", "double"),
    "smallint": ("int", "bigint", "double"),
    "int": ("bigint", "double"),
    "float": ("double",),
    "date": ("timestamp_ntz",),
}


def mapped(properties: Mapping[str, str]) -> bool:
    """Tell whether columns have names apart from those in the files: only then can they be dropped or renamed."""
    return properties.get(_MAPPING, "none") in {"id", "name"}


def check_properties(properties: Mapping[str, str]) -> None:
    """Refuse reserved properties, unknown ones that begin `delta.`, and modes of column mapping that do not exist."""
    for key in properties:
        if key.lower() in _RESERVED:
            message = f"The feature is not supported: {key} is a reserved table property."
            raise SqlError("UNSUPPORTED_FEATURE.SET_TABLE_PROPERTY", "0A000", message)
        option = key.removeprefix("delta.")
        if option != key and option not in _OPTIONS and not option.startswith(("feature.", "constraints.")):
            message = f"Unknown configuration was specified: {key}."
            raise SqlError("DELTA_UNKNOWN_CONFIGURATION", "F0000", message)
    if properties.get(_MAPPING, "none") not in {"none", "id", "name"}:
        message = f"The column mapping mode '{properties[_MAPPING]}' is not supported."
        raise SqlError("DELTA_COLUMN_MAPPING_INVALID_MODE", "0AKDC", message)


def check_columns(columns: Sequence[Mapping[str, Any]], properties: Mapping[str, str]) -> None:
    """Refuse one name twice (case does not count) and, without column mapping, names that files cannot have."""
    seen: set[str] = set()
    for name in (str(column["name"]) for column in columns):
        if name.lower() in seen:
            message = f"The column `{name.lower()}` already exists. Choose another name or rename the existing column."
            raise SqlError("COLUMN_ALREADY_EXISTS", "42711", message)
        seen.add(name.lower())
        if not mapped(properties) and _UNMAPPED.search(name):
            message = f"Found invalid character(s) among ' ,;{{}}()\\n\\t=' in the column name '{name}'."
            raise SqlError("DELTA_INVALID_CHARACTERS_IN_COLUMN_NAMES", "42K05", message)


def partitioned(
    table: str, columns: Sequence[Mapping[str, Any]], partitions: Sequence[str]
) -> tuple[dict[str, Any], ...]:
    """Give the columns with those that partition the table numbered."""
    order = [name.lower() for name in partitions]
    require_columns(table, columns, order)
    if order and len(order) == len(columns):
        raise SqlError("ALL_PARTITION_COLUMNS_NOT_ALLOWED", "KD005", "Cannot use all columns for partition columns.")
    numbered = []
    for column in columns:
        place = {"partition_index": order.index(column["name"].lower())} if column["name"].lower() in order else {}
        numbered.append({**column, **place})
    return tuple(numbered)


def clustered(table: str, columns: Sequence[Mapping[str, Any]], names: Sequence[str]) -> dict[str, str]:
    """Give the property that tells the clustering columns; none for a table that is not clustered."""
    require_columns(table, columns, names)
    if any("partition_index" in column for column in columns):
        message = "Cannot specify both CLUSTER BY and PARTITIONED BY."
        raise SqlError("SPECIFY_CLUSTER_BY_WITH_PARTITIONED_BY_IS_NOT_ALLOWED", "42908", message)
    if len(names) > _MOST_CLUSTERING:
        message = f"CLUSTER BY supports up to {_MOST_CLUSTERING} clustering columns, but there are {len(names)}."
        raise SqlError("DELTA_CLUSTER_BY_INVALID_NUM_COLUMNS", "54000", message)
    written = {column["name"].lower(): column["name"] for column in columns}
    return {CLUSTERING: json.dumps([[written[name.lower()]] for name in names], separators=(",", ":"))}


def clustering(properties: Mapping[str, str]) -> list[str]:
    """Give the names of the clustering columns."""
    return [path[0] for path in json.loads(properties.get(CLUSTERING, "[]"))]


def require_columns(table: str, columns: Iterable[Mapping[str, Any]], names: Iterable[str]) -> None:
    """Refuse names that the table has no column for."""
    known = {str(column["name"]).lower() for column in columns}
    for name in names:
        if name.lower() not in known:
            message = f"Column `{name}` is not defined in table {table}, defined table columns are: {sorted(known)}."
            raise SqlError("COLUMN_NOT_DEFINED_IN_TABLE", "42703", message)


def place_of(columns: Sequence[Mapping[str, Any]], name: str) -> int:
    """Give the place of a column by name; refuse one that is not there."""
    for place, column in enumerate(columns):
        if column["name"].lower() == name.lower():
            return place
    names = ", ".join(f"`{column['name']}`" for column in columns)
    message = f"A column with name `{name}` cannot be resolved. Did you mean one of the following? [{names}]."
    raise SqlError("UNRESOLVED_COLUMN.WITH_SUGGESTION", "42703", message)


def check_widening(column: Mapping[str, Any], wanted: str, properties: Mapping[str, str]) -> None:
    """Refuse another type than the present one, unless type widening is on and the new type is wider."""
    present = str(column["type_text"])
    wider = wanted in _WIDER.get(present, ()) or _wider_decimal(present, wanted)
    if present != wanted and not (wider and properties.get("delta.enableTypeWidening", "").lower() == "true"):
        message = f"ALTER TABLE CHANGE COLUMN is not supported for changing column {present} to {wanted}."
        raise SqlError("DELTA_UNSUPPORTED_ALTER_TABLE_CHANGE_COL_OP", "0AKDC", message)


def _wider_decimal(present: str, wanted: str) -> bool:
    digits = [re.fullmatch(r"decimal\((\d+),(\d+)\)", text) for text in (present, wanted)]
    if digits[0] is None or digits[1] is None:
        return False
    (old, old_scale), (new, new_scale) = (tuple(map(int, match.groups())) for match in digits if match)
    return new_scale >= old_scale and new - new_scale >= old - old_scale


def committed(table: Mapping[str, Any], now: int) -> dict[str, Any]:
    """Give a table after one more commit: Delta adds to its properties what it keeps there itself."""
    properties = {"delta.enableDeletionVectors": "true", **table["properties"]}
    version = int(properties.get("delta.lastUpdateVersion", "-1")) + 1
    needed = _needed(properties, table["columns"])
    features = {key.removeprefix("delta.feature.") for key in properties if key.startswith("delta.feature.")} | needed
    reads = any(_FEATURES.get(feature, True) for feature in features)
    if mapped(properties):
        properties["delta.columnMapping.maxColumnId"] = str(len(table["columns"]))
    kept = {
        **{f"delta.feature.{feature}": "supported" for feature in sorted(needed)},
        "delta.lastCommitTimestamp": str(now),
        "delta.lastUpdateVersion": str(version),
        "delta.minReaderVersion": "3" if reads else "1",
        "delta.minWriterVersion": "7",
    }
    return {**table, "properties": {**properties, **kept}}


def _needed(properties: Mapping[str, str], columns: Iterable[Mapping[str, Any]]) -> set[str]:
    types = {column["type_name"] for column in columns}
    switches = {
        "changeDataFeed": properties.get("delta.enableChangeDataFeed") == "true",
        "clustering": CLUSTERING in properties,
        "columnMapping": mapped(properties),
        "deletionVectors": properties["delta.enableDeletionVectors"] == "true",
        "domainMetadata": CLUSTERING in properties,
        "timestampNtz": "TIMESTAMP_NTZ" in types,
        "typeWidening": properties.get("delta.enableTypeWidening") == "true",
        "variantType": "VARIANT" in types,
    }
    return {"appendOnly", "invariants"} | {feature for feature, needed in switches.items() if needed}
