"""What a blueprint may say of a `databricks_table`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dpn_databricks import properties
from dpn_databricks.schema import stored
from dpn_databricks.securable import COMMENT, OWNER

_COLUMN = {
    "type": "string",
    "minLength": 1,
    "maxLength": 255,
    "pattern": "^[^ ,;{}()\\n\\t=]+$(?!\\n)",
    "description": "The column's name.",
}
_NAMES = {"type": "array", "minItems": 1, "uniqueItems": True, "items": _COLUMN}

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["schema"],
    "properties": {
        **stored("table"),
        "columns": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["name", "type"],
                "properties": {
                    "name": _COLUMN,
                    "type": {
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 10000,
                        "description": "Its type, as decimal(10,2).",
                    },
                    "nullable": {"type": "boolean", "default": True, "description": "Whether it may be null."},
                    "comment": {"type": "string", "minLength": 1, "maxLength": 1024, "description": "What it holds."},
                },
            },
            "description": "The columns, in order.",
        },
        "partition_by": {**_NAMES, "description": "Columns that the files are partitioned by, for ever."},
        "cluster_by": {**_NAMES, "maxItems": 4, "description": "Columns for liquid clustering."},
        "comment": COMMENT,
        "properties": properties.SCHEMA,
        "owner": OWNER,
    },
}
