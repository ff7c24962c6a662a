"""The tags of what takes some: the user's, and the marker's beside them."""

from __future__ import annotations

from typing import Any

from dpn import Marker, Observed, Want

MARKER_TAGS = 3


def tags_schema(limit: int) -> dict[str, Any]:
    """Give the schema of a kind's tags, of which the service takes `limit` and the marker needs three."""
    return {
        "type": "object",
        "maxProperties": limit - MARKER_TAGS,
        "propertyNames": {"minLength": 1, "maxLength": 127, "pattern": "^(?!dpn)[^\\u0000-\\u001f]+$(?!\\n)"},
        "additionalProperties": {"type": "string", "maxLength": 255, "description": "The tag's value."},
        "description": f"The user's tags, at most {limit - MARKER_TAGS}; none begins with dpn.",
    }


def tags_with(seen: Observed, marker: Marker | None) -> dict[str, str]:
    """Give the user's tags as they are, with another marker or none."""
    return Want(seen.ref.name, seen.spec, marker=marker).tags
