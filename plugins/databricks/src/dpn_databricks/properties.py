"""Whose is which property of a catalog, a schema or a table.

Unity Catalog, Delta and other tools write properties beside the user's (`delta.lastUpdateVersion`,
`unity.catalog.managed.…`). dpn therefore notes the keys that it set in one more property, `dpn_keys`. Where it stands,
the spec shows those keys only, and all others stay as they are. Where it does not stand (nobody's or another tool's
object), the spec shows all properties, so that an adoption can be undone, and a write removes none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dpn import Marker

NOTE = "dpn_keys"
_COUNTERS = ("delta.lastCommitTimestamp", "delta.lastUpdateVersion")  # Delta counts its commits; nobody sets them

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "propertyNames": {"minLength": 1, "maxLength": 255, "pattern": "^(?!dpn)[^\\u0000-\\u001f]+$"},
    "additionalProperties": {"type": "string", "maxLength": 4000, "description": "The property's value."},
    "description": "Properties; none begins with dpn. Those that the service or others set beside these stay.",
}


def read(given: Mapping[str, str] | None) -> tuple[dict[str, str], dict[str, Any]]:
    """Split properties into those of the spec, and what `Observed.extra` keeps."""
    plain = {key: value for key, value in (given or {}).items() if not key.startswith("dpn_") and key not in _COUNTERS}
    ours = _noted(given or {})
    if ours is None:
        return plain, {"properties": plain}
    theirs = {key: value for key, value in plain.items() if key not in ours}
    return {key: value for key, value in plain.items() if key in ours}, {"properties": theirs, "noted": sorted(ours)}


def write(spec: Mapping[str, str], extra: Mapping[str, Any], marker: Marker | None) -> dict[str, str]:
    """Give all properties for a create or a put: what others set, what the spec says, the marker and the note."""
    note = {**marker.tags(), NOTE: json.dumps(sorted(spec))} if marker else {}
    return {**extra.get("properties", {}), **spec, **note}


def mark(spec: Mapping[str, str], extra: Mapping[str, Any], marker: Marker | None) -> dict[str, str]:
    """Give all properties with another marker or none; the note stays with the marker, and is not made here."""
    note = {NOTE: json.dumps(extra["noted"])} if marker and "noted" in extra else {}
    return {**extra.get("properties", {}), **spec, **(marker.tags() if marker else {}), **note}


def _noted(given: Mapping[str, str]) -> set[str] | None:
    try:
        keys = json.loads(given[NOTE])
    except (KeyError, ValueError):
        return None  # no note, or one that somebody spoilt: as if dpn had never written here
    return set(keys) if isinstance(keys, list) and all(isinstance(key, str) for key in keys) else None
