"""What the configuration files may hold, as JSON Schema; unknown keys are refused everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

_VARIABLE = "^[a-z][a-z0-9_]{0,39}$"
_GLOB = "^[a-z0-9_*?]{1,100}$"
_CLASS_BODY = "^[A-Za-z0-9._/=+@-]+$"


def _closed(**properties: Schema) -> Schema:
    return {"type": ["object", "null"], "properties": properties, "additionalProperties": False}


def _keyed(pattern: str, value: Schema) -> Schema:
    return {"type": ["object", "null"], "patternProperties": {pattern: value}, "additionalProperties": False}


def _or_by_glob(value: Schema) -> Schema:
    return {"anyOf": [value, {**_keyed(_GLOB, value), "type": "object"}]}


def _list_of(pattern: str) -> Schema:
    return {"type": "array", "items": {"type": "string", "pattern": pattern}, "uniqueItems": True}


def _asked(body: Schema) -> Schema:
    """Give what asks for a transformation: true, wildcards, or what it is told by wildcard; false takes it away."""
    by_glob = {**_keyed(_GLOB, {"anyOf": [{"type": "boolean"}, body]}), "type": "object"}
    return {"anyOf": [{"type": "boolean"}, _list_of(_GLOB), by_glob]}


_VALUES = _keyed(_VARIABLE, {"type": ["string", "null"], "maxLength": 255})
_SWITCH = {"anyOf": [{"type": "boolean"}, _list_of(_GLOB), {**_keyed(_GLOB, {"type": "boolean"}), "type": "object"}]}

_TEXT = {"type": "string", "minLength": 1, "maxLength": 255}
_ENTRIES = {"type": "array", "items": {"anyOf": [_TEXT, {"type": "array", "items": _TEXT, "minItems": 1}]}}

NAMING_VALUES: Schema = _closed(
    defaults=_VALUES,
    environments=_keyed("^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$", _VALUES),
    resource_types=_keyed(_GLOB, _VALUES),
    vocabulary=_keyed(
        _VARIABLE,
        {"anyOf": [_ENTRIES, {**_closed(values=_ENTRIES, closed={"type": "boolean"}), "type": "object"}]},
    ),
)
"""naming-values.yaml: what to substitute."""

_LENGTH = {"type": "integer", "minimum": 6, "maximum": 32}
_HASH = {
    **_closed(
        algorithm={"enum": ["sha256", "sha512", "blake2b"]},
        length=_LENGTH,
        prefix={"type": "string", "pattern": "^[A-Za-z0-9_-]{0,16}$"},
        separator={"enum": ["-", "_", ""]},
    ),
    "type": "object",
}
_TOKEN = {"type": "string", "pattern": "^(keep|drop|shorten(:[1-9][0-9]{0,2})?)$"}
_SHORTEN = {"anyOf": [{**_closed(hash=_LENGTH, tokens=_keyed(_VARIABLE, _TOKEN)), "type": "object"}, {"const": "hash"}]}

NAMING_PATTERNS: Schema = _closed(
    use={"type": "string", "minLength": 1, "maxLength": 100},
    readable=_or_by_glob({"enum": ["required", "optional"]}),
    unicode=_SWITCH,
    patterns=_keyed(_GLOB, {"type": "string", "minLength": 1}),
    variables=_keyed(
        _VARIABLE,
        _closed(
            description={"type": "string"},
            form={"enum": ["known", "word", "open"]},
            values={"type": "array", "items": {"type": "string", "minLength": 1, "maxLength": 255}},
        ),
    ),
    transformations=_closed(
        region_mapping=_keyed("^[A-Za-z0-9-]{1,64}$", {"type": "string", "pattern": "^[A-Za-z0-9-]{1,32}$"}),
        abbreviations=_keyed(_VARIABLE, _keyed("^.{1,255}$", {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"})),
        lowercase=_SWITCH,
        uppercase=_SWITCH,
        replace_hyphens={**_keyed(_GLOB, {"enum": ["-", "_", ""]}), "type": "object"},
        hash_generation=_asked(_HASH),
        shorten={"anyOf": [_asked(_SHORTEN), {"const": "hash"}]},
    ),
    validation=_closed(
        max_length=_or_by_glob({"type": "integer", "minimum": 1}),
        allowed_chars=_or_by_glob({"type": "string", "pattern": _CLASS_BODY, "maxLength": 100}),
        required_variables=_or_by_glob(_list_of(_VARIABLE)),
    ),
)
"""naming-patterns.yaml: templates, and what is done to values and names."""

SETTINGS: Schema = _closed(
    plugins=_list_of("^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"),
    state={"type": "object", "required": ["backend"], "properties": {"backend": {"type": "string", "minLength": 1}}},
    parallelism={"type": "integer", "minimum": 1, "maximum": 1000},
    silence=_list_of("^[A-Z][A-Z0-9-]{0,63}$"),
)
"""config.yaml: how dpn itself works."""
