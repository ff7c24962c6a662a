"""The spec of an `aws_glue_table` as JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dpn_aws import parameters
from dpn_aws.formats import FORMATS

# One pass, no nesting: that brackets match is checked by dpn_validate, which a regular expression cannot do.
TYPE_PATTERN = (
    r"^(?:tinyint|smallint|int|integer|bigint|float|double|boolean|string|binary|date|timestamp"
    r"|decimal(?:\([0-9]{1,2}(?:,[0-9]{1,2})?\))?|(?:char|varchar)\([0-9]{1,5}\)"
    r"|(?:array|map|struct|uniontype)<[a-z0-9_.:,<>()]+>)$(?!\n)"
)


def _columns(description: str) -> dict[str, Any]:
    return {
        "type": "array",
        "minItems": 1,
        "description": description,
        "items": {
            "type": "object",
            "additionalProperties": False,
            "required": ["name", "type"],
            "properties": {
                "name": {
                    "type": "string",
                    "maxLength": 255,
                    "pattern": "^[a-z0-9_]+$(?!\\n)",
                    "description": "Lower case letters, digits and underscores: what Athena can query.",
                },
                "type": {
                    "type": "string",
                    "maxLength": 131072,
                    "pattern": TYPE_PATTERN,
                    "description": "A Hive type, lower case, no spaces: bigint, decimal(10,2), array<string>.",
                },
                "comment": {"type": "string", "minLength": 1, "maxLength": 255, "description": "What it holds."},
            },
        },
    }


SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["database"],
    "properties": {
        "database": {
            "type": "string",
            "minLength": 1,
            "x-dpn-ref": {"kinds": ["aws_glue_database"], "use": "name"},
            "description": "The database that the table is in, as ${aws_glue_database.ID}.",
        },
        "description": {"type": "string", "minLength": 1, "maxLength": 2048, "description": "What is in the table."},
        "location": {
            "type": "string",
            "maxLength": 2056,
            "pattern": "^s3://[^/\\s]+/[^\\n]*$(?!\\n)",
            "description": "Where the files lie, as s3://${aws_s3_bucket.ID}/PREFIX/.",
        },
        "columns": _columns("The columns in their order, without the partition keys."),
        "partition_keys": _columns("The columns that folders stand for, in their order."),
        "format": {
            "enum": list(FORMATS),
            "default": "parquet",
            "description": "How the files are written: sets input format, output format, SerDe and `classification`.",
        },
        "parameters": parameters.SCHEMA,
    },
}
