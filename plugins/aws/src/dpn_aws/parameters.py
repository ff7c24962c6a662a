"""Whose is which parameter of a Glue object.

Crawlers, Athena and ETL jobs write parameters beside the user's (`classification`, `recordCount`, …). dpn therefore
notes the keys that it set in one more parameter, `dpn_keys`. Where it stands, the spec shows those keys only and all
others are sent back unchanged by each write. Where it does not stand (nobody's or another tool's object), the spec
shows all parameters, so that an adoption can be undone, and a write removes none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dpn import Marker

NOTE = "dpn_keys"

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "propertyNames": {"minLength": 1, "maxLength": 255, "pattern": "^(?!dpn)[^\\u0000-\\u001f]+$"},
    "additionalProperties": {"type": "string", "maxLength": 512000, "description": "The parameter's value."},
    "description": "Parameters in the catalog; none begins with dpn. Those that others set beside these stay.",
}


def read(given: Mapping[str, str]) -> tuple[dict[str, str], dict[str, Any]]:
    """Split parameters into those of the spec, and what `Observed.extra` keeps."""
    plain = {key: value for key, value in given.items() if not key.startswith("dpn_")}
    ours = _noted(given)
    if ours is None:
        return plain, {"parameters": plain}
    theirs = {key: value for key, value in plain.items() if key not in ours}
    return {key: value for key, value in plain.items() if key in ours}, {"parameters": theirs, "noted": sorted(ours)}


def write(spec: Mapping[str, str], extra: Mapping[str, Any], marker: Marker | None) -> dict[str, str]:
    """Give all parameters for a create or a put: what others set, what the spec says, the marker and the note."""
    note = {**marker.tags(), NOTE: json.dumps(sorted(spec))} if marker else {}
    return {**extra.get("parameters", {}), **spec, **note}


def mark(spec: Mapping[str, str], extra: Mapping[str, Any], marker: Marker | None) -> dict[str, str]:
    """Give all parameters with another marker or none; the note stays with the marker, and is not made here."""
    note = {NOTE: json.dumps(extra["noted"])} if marker and "noted" in extra else {}
    return {**extra.get("parameters", {}), **spec, **(marker.tags() if marker else {}), **note}


def _noted(given: Mapping[str, str]) -> set[str] | None:
    try:
        keys = json.loads(given[NOTE])
    except (KeyError, ValueError):
        return None  # no note, or one that somebody spoilt: as if dpn had never written here
    return set(keys) if isinstance(keys, list) and all(isinstance(key, str) for key in keys) else None
