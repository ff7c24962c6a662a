"""What the configuration files may hold, as JSON Schema; unknown keys are refused everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def _text(pattern: str, description: str, **more: Any) -> Schema:
    """Match the whole text; `$` alone would let a line end through in Python."""
    return {"type": "string", "pattern": rf"^(?:{pattern})$(?!\n)", "description": description, **more}


_VARIABLE = _text("[a-z][a-z0-9_]{0,39}", "the name of a variable: a-z, 0-9 and _, beginning with a letter")
_GLOB = _text(r"[a-z0-9_*?]{1,100}", "a kind or a wildcard over kinds, such as aws_s3_bucket or aws_*")
_ENVIRONMENT = _text("[A-Za-z0-9][A-Za-z0-9_-]{0,39}", "the name of an environment, such as dev or prd")
_REGION = _text("[A-Za-z0-9-]{1,64}", "the name of a region, such as us-east-1")
_ANY = _text(".{1,255}", "a value, of at most 255 characters")
_CLASS_BODY = _text("[A-Za-z0-9._/=+@-]+", "what stands between the brackets of a character class, such as a-z0-9-")


def _closed(**properties: Schema) -> Schema:
    return {"type": ["object", "null"], "properties": properties, "additionalProperties": False}


def _keyed(names: Schema, value: Schema) -> Schema:
    return {"type": ["object", "null"], "propertyNames": names, "additionalProperties": value}


def _or_by_glob(value: Schema) -> Schema:
    return {"anyOf": [value, {**_keyed(_GLOB, value), "type": "object"}]}


def _list_of(item: Schema) -> Schema:
    return {"type": "array", "items": item, "uniqueItems": True}


def _file(name: str, description: str, schema: Schema) -> Schema:
    """Give the schema of a whole file, as an editor takes it."""
    head = {"$schema": _DIALECT, "$id": f"dpn:{name}:1", "title": f"dpn {name}", "description": description}
    return {**head, **schema, "properties": {"$schema": {"type": "string"}, **schema["properties"]}}


def _said(description: str, schema: Schema) -> Schema:
    return {**schema, "description": description}


def _asked(body: Schema) -> Schema:
    """Give what asks for a transformation: true, wildcards, or what it is told by wildcard; false takes it away."""
    by_glob = {**_keyed(_GLOB, {"anyOf": [{"type": "boolean"}, body]}), "type": "object"}
    return {"anyOf": [{"type": "boolean"}, _list_of(_GLOB), by_glob]}


_VALUES = _keyed(_VARIABLE, {"type": ["string", "null"], "maxLength": 255})
_SWITCH = {"anyOf": [{"type": "boolean"}, _list_of(_GLOB), {**_keyed(_GLOB, {"type": "boolean"}), "type": "object"}]}

_TEXT = {"type": "string", "minLength": 1, "maxLength": 255}
_ENTRIES = {"type": "array", "items": {"anyOf": [_TEXT, {"type": "array", "items": _TEXT, "minItems": 1}]}}
_VOCABULARY = {"anyOf": [_ENTRIES, {**_closed(values=_ENTRIES, closed={"type": "boolean"}), "type": "object"}]}

NAMING_VALUES: Schema = _file(
    "naming-values",
    "What is substituted in names. Low to high: defaults, environments, resource_types; a blueprint goes over it.",
    _closed(
        defaults=_said("Values for everything.", _VALUES),
        environments=_said("Values for one environment, over the defaults.", _keyed(_ENVIRONMENT, _VALUES)),
        resource_types=_said("Values for kinds, the more specific wildcard over the other.", _keyed(_GLOB, _VALUES)),
        vocabulary=_said(
            "The values of a variable; a list among them is one value in several spellings.",
            _keyed(_VARIABLE, _VOCABULARY),
        ),
    ),
)
"""naming-values.yaml: what to substitute."""

_VARIABLES = _keyed(
    _VARIABLE,
    _closed(
        description={"type": "string", "description": "Shown where the variable is missing."},
        form={"enum": ["known", "word", "open"], "description": "One of its values; one word; anything."},
        values={"type": "array", "items": {"type": "string", "minLength": 1, "maxLength": 255}},
    ),
)
_CODE = _text("[A-Za-z0-9-]{1,32}", "a code of 1 to 32 of A-Z, a-z, 0-9 and -")
_SHORT = _text("[A-Za-z0-9._-]{1,64}", "a short form of 1 to 64 of A-Z, a-z, 0-9, ., _ and -")
_LENGTH = {"type": "integer", "minimum": 6, "maximum": 32}
_HASH = {
    **_closed(
        algorithm={"enum": ["sha256", "sha512", "blake2b"]},
        length=_LENGTH,
        prefix=_text("[A-Za-z0-9_-]{0,16}", "at most 16 of A-Z, a-z, 0-9, _ and -"),
        separator={"enum": ["-", "_", ""]},
    ),
    "type": "object",
}
_TOKEN = _text("keep|drop|shorten(:[1-9][0-9]{0,2})?", "keep, drop, shorten or shorten:N")
_SHORTEN = {"anyOf": [{**_closed(hash=_LENGTH, tokens=_keyed(_VARIABLE, _TOKEN)), "type": "object"}, {"const": "hash"}]}

NAMING_PATTERNS: Schema = _file(
    "naming-patterns",
    "How names are made: templates, what is done to values and names, and limits.",
    _closed(
        use={"type": "string", "minLength": 1, "maxLength": 100, "description": "A packaged naming scheme."},
        readable=_said(
            "Kinds whose names must be readable backwards.", _or_by_glob({"enum": ["required", "optional"]})
        ),
        unicode=_said("Kinds whose names may hold other than ASCII characters.", _SWITCH),
        patterns=_said("Templates by kind.", _keyed(_GLOB, {"type": "string", "minLength": 1})),
        variables=_said("Variables that only blueprints set, and what is known of others.", _VARIABLES),
        transformations=_closed(
            region_mapping=_said("Short codes of regions.", _keyed(_REGION, _CODE)),
            abbreviations=_said("Short forms of values by variable.", _keyed(_VARIABLE, _keyed(_ANY, _SHORT))),
            lowercase=_said("Kinds whose names are in small letters.", _SWITCH),
            uppercase=_said("Kinds whose names are in capitals.", _SWITCH),
            replace_hyphens={
                **_said("What stands between words.", _keyed(_GLOB, {"enum": ["-", "_", ""]})),
                "type": "object",
            },
            hash_generation=_said("Kinds whose names all get a hash.", _asked(_HASH)),
            shorten=_said(
                "How names that are too long are shortened.", {"anyOf": [_asked(_SHORTEN), {"const": "hash"}]}
            ),
        ),
        validation=_closed(
            max_length=_said("A limit below that of the kind.", _or_by_glob({"type": "integer", "minimum": 1})),
            allowed_chars=_said("The characters that names may hold.", _or_by_glob({**_CLASS_BODY, "maxLength": 100})),
            required_variables=_said("Variables that must have a value.", _or_by_glob(_list_of(_VARIABLE))),
        ),
    ),
)
"""naming-patterns.yaml: templates, and what is done to values and names."""

SCHEMAS: Mapping[str, Schema] = {"naming-values": NAMING_VALUES, "naming-patterns": NAMING_PATTERNS}
"""The naming files by name."""

SETTINGS: Schema = _closed(
    plugins=_list_of(_text("[A-Za-z0-9][A-Za-z0-9._-]{0,99}", "the name of an installed extension")),
    state={"type": "object", "required": ["backend"], "properties": {"backend": {"type": "string", "minLength": 1}}},
    parallelism={"type": "integer", "minimum": 1, "maximum": 1000},
    silence=_list_of(_text("[A-Z][A-Z0-9-]{0,63}", "the code of a warning, such as NAME-KEPT")),
)
"""config.yaml: how dpn itself works."""
