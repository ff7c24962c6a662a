"""Whose is which parameter of a Glue object: crawlers, Athena and ETL jobs write theirs beside the user's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dpn import Noted

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "propertyNames": {"minLength": 1, "maxLength": 255, "pattern": "^(?!dpn)[^\\u0000-\\u001f]+$(?!\\n)"},
    "additionalProperties": {"type": "string", "maxLength": 512000, "description": "The parameter's value."},
    "description": "Parameters in the catalog; none begins with dpn. Those that others set beside these stay.",
}

_NOTED = Noted("parameters")
read, write, mark = _NOTED.read, _NOTED.write, _NOTED.mark
