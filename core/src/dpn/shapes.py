"""JSON Schema of dataclasses, as `dpn.codec` writes them: fields that hold their default may be left out."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any

_PLAIN: Mapping[Any, Mapping[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
    Any: {},
}
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(cls: type, title: str) -> dict[str, Any]:
    """Give the schema (2020-12) of a dataclass under a title; those inside it stand once each under `$defs`."""
    definitions: dict[str, Any] = {}
    top = _of(cls, definitions)
    return {"$schema": _DIALECT, "title": title, **top, "$defs": dict(sorted(definitions.items()))}


def _of(hint: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    if is_dataclass(hint) and isinstance(hint, type):
        return _reference(hint, definitions)
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        return {"enum": list(args)}
    if origin in (typing.Union, types.UnionType):
        return {"anyOf": [_of(arg, definitions) for arg in args]}
    if origin in (tuple, list, frozenset):
        return {"type": "array", "items": _of(args[0], definitions)}
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _of(args[1], definitions)}
    return dict(_PLAIN[hint])


def _reference(cls: type, definitions: dict[str, Any]) -> dict[str, Any]:
    name = cls.__name__
    if name not in definitions:
        definitions[name] = {}  # a Ref holds a Ref: the name is taken before its members are looked at
        definitions[name] = _object(cls, definitions)
    return {"$ref": f"#/$defs/{name}"}


def _object(cls: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    hints = typing.get_type_hints(cls)
    described = {"description": cls.__doc__.partition("\n")[0]} if cls.__doc__ else {}
    return {
        **described,
        "type": "object",
        "properties": {item.name: _of(hints[item.name], definitions) for item in fields(cls)},
        "required": [item.name for item in fields(cls) if not _has_default(item)],
    }


def _has_default(item: Field[Any]) -> bool:
    return item.default is not MISSING or item.default_factory is not MISSING
