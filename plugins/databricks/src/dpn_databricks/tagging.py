"""Whose is which tag or property."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dpn import user_tags

MARKER_TAGS = 3


def tags_schema(limit: int, what: str = "tags") -> dict[str, Any]:
    """Give the schema of a kind's tags, of which the service takes `limit` and the marker needs three."""
    return {
        "type": "object",
        "maxProperties": limit - MARKER_TAGS,
        "propertyNames": {"minLength": 1, "maxLength": 127, "pattern": "^(?!dpn)[^\\u0000-\\u001f]+$"},
        "additionalProperties": {"type": "string", "maxLength": 255, "description": "The tag's value."},
        "description": f"The user's {what}, at most {limit - MARKER_TAGS}; none begins with dpn.",
    }


def users(tags: Mapping[str, str] | None) -> dict[str, str]:
    """Give the tags without those of the marker."""
    return user_tags(tags or {})
