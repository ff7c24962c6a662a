"""The canonical form of a spec, so that two specs that mean the same are equal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dpn.provider import KindInfo


def canonical(spec: Mapping[str, Any], info: KindInfo, *, defaults: bool = True) -> dict[str, Any]:
    """Give the spec with defaults filled in, unordered lists sorted, folded texts in lower case, absent left out.

    A field that is null, or an empty text, list or object, is the same as absent. What was observed gets no defaults.
    """
    given = {key: plain for key, value in spec.items() if not is_absent(plain := _plain(value))}
    out: dict[str, Any] = _with_defaults(given, info.schema) if defaults else given
    for key, value in out.items():
        if key in info.unordered and isinstance(value, list):
            out[key] = ordered(value)
        if key in info.folded and isinstance(value, str):
            out[key] = value.lower()
    return {key: value for key, value in out.items() if not is_absent(value)}


def ordered(items: list[Any]) -> list[Any]:
    """Give a list whose order means nothing in the one order that all such lists have."""
    return sorted(items, key=lambda item: json.dumps(item, sort_keys=True))


def is_absent(value: Any) -> bool:
    """Tell whether a value is the same as no value."""
    return value is None or (isinstance(value, (str, list, dict)) and not value)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _with_defaults(value: Any, schema: Mapping[str, Any]) -> Any:
    if isinstance(value, Mapping):
        members = schema.get("properties", {})
        out = {key: _with_defaults(item, members.get(key, {})) for key, item in value.items()}
        for key, member in members.items():
            if key not in out and "default" in member:
                out[key] = member["default"]
        return out
    if isinstance(value, (list, tuple)):
        return [_with_defaults(item, schema.get("items", {})) for item in value]
    return value
