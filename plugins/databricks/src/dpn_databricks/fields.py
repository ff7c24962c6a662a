"""Fields of a kind's schema, said shortly: what each takes, what it is for, and what the service fills in.

A `default` is what the service takes where nothing is said. `filled` puts it into what is read, as dpn's core puts it
into what is wanted, so that both agree whether or not the service repeats it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Schema = dict[str, Any]


def text(description: str, **more: Any) -> Schema:
    """Give a text that is not empty."""
    return {"type": "string", "minLength": 1, **more, "description": description}


def whole(description: str, minimum: int = 0, **more: Any) -> Schema:
    """Give a whole number."""
    return {"type": "integer", "minimum": minimum, **more, "description": description}


def flag(description: str, **more: Any) -> Schema:
    """Give yes or no."""
    return {"type": "boolean", **more, "description": description}


def choice(description: str, values: Sequence[str], **more: Any) -> Schema:
    """Give one of a few words."""
    return {"enum": list(values), **more, "description": description}


def rows(description: str, item: Schema, **more: Any) -> Schema:
    """Give a list that is not empty."""
    return {"type": "array", "minItems": 1, "items": item, **more, "description": description}


def texts(description: str, item: str) -> Schema:
    """Give a list of texts; `item` says what each is."""
    return rows(description, {"type": "string", "description": item})


def pairs(description: str, value: str) -> Schema:
    """Give a map of texts; `value` says what each is."""
    each = {"type": "string", "description": value}
    return {"type": "object", "minProperties": 1, "additionalProperties": each, "description": description}


def record(description: str, fields: Mapping[str, Schema], required: Sequence[str] = (), **more: Any) -> Schema:
    """Give an object of just these fields."""
    closed = {"type": "object", "additionalProperties": False, "minProperties": 1, "properties": dict(fields)}
    return {**closed, "required": list(required), **more, "description": description}


def ref(description: str, kind: str, use: str) -> Schema:
    """Give a reference to one kind, of which core delivers name or id."""
    return text(description, **{"x-dpn-ref": {"kinds": [kind], "use": use}})


def filled(value: Any, schema: Mapping[str, Any]) -> Any:
    """Give what was read with the service's defaults put in, and its empty lists and objects left out.

    Empty texts stay: they are values, as of a parameter.
    """
    if isinstance(value, Mapping):
        members = schema.get("properties", {})
        given = {key: filled(item, members.get(key, {})) for key, item in value.items()}
        full = {key: member["default"] for key, member in members.items() if "default" in member}
        return {**full, **{key: item for key, item in given.items() if not is_empty(item)}}
    if isinstance(value, (list, tuple)):
        return [filled(item, schema.get("items", {})) for item in value]
    return value


def is_empty(value: Any) -> bool:
    """Tell whether the service says nothing with this value."""
    return value is None or (isinstance(value, (list, dict)) and not value)


def beyond(value: Mapping[str, Any], known: Any) -> dict[str, Any]:
    """Give what others set and a blueprint cannot say: a full-replace write sends it back."""
    return {key: item for key, item in value.items() if key not in known and not is_empty(item)}
