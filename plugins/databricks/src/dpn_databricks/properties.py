"""Whose is which property of a catalog, a schema or a table: Unity Catalog and Delta write theirs beside the user's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dpn import Noted

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "propertyNames": {"minLength": 1, "maxLength": 255, "pattern": "^(?!dpn)[^\\u0000-\\u001f]+$(?!\\n)"},
    "additionalProperties": {"type": "string", "maxLength": 4000, "description": "The property's value."},
    "description": "Properties; none begins with dpn. Those that the service or others set beside these stay.",
}

# Delta counts its commits and columns there and repeats by what it clusters, and nobody else writes them.
_HIDDEN = (
    "clusteringColumns",
    "delta.columnMapping.maxColumnId",
    "delta.lastCommitTimestamp",
    "delta.lastUpdateVersion",
)
_NOTED = Noted("properties", hidden=_HIDDEN)
write, mark = _NOTED.write, _NOTED.mark


def read(given: Mapping[str, str] | None) -> tuple[dict[str, str], dict[str, Any]]:
    """Split properties into those of the spec, and what `Observed.extra` keeps."""
    return _NOTED.read(given or {})
