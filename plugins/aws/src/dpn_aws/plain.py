"""Replies of boto3 as plain JSON data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any


def plain(value: Any) -> Any:
    """Give a copy that can be written as JSON and sent back: times become ISO 8601 text, which boto3 takes."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value


def present(value: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what is absent: None and empty texts, lists and maps."""
    return {key: item for key, item in value.items() if item not in (None, "", [], {})}
