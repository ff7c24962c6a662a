"""The JSON Schema of a blueprint: what core itself knows of the file, and with each kind's spec joined in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

_EACH = r".*\$\{each\.[^{}]*\}.*"
_KIND = "[a-z][a-z0-9]*_[a-z0-9_]+"
_ID = "[a-z][a-z0-9_-]*"
_INDEX = r"[^\[\]{}$*\x00-\x1f]{1,100}"
_ALIAS = r"[a-z][a-z0-9]*(?:\.[a-z][a-z0-9_-]*)?"
_REFERENCE = r"\$\{[^{}]+\}"


def _text(pattern: str, description: str) -> Json:
    """Match the whole text; `$` alone would let a line end through in Python."""
    return {"type": "string", "pattern": rf"^(?:{pattern})$(?!\n)", "description": description}


def _object(properties: Mapping[str, Any], **more: Any) -> Json:
    return {"type": "object", "properties": dict(properties), "additionalProperties": False, **more}


def _map(names: Json, values: Json, **more: Any) -> Json:
    return {"type": "object", "propertyNames": names, "additionalProperties": values, **more}


def _list(items: Json, **more: Any) -> Json:
    return {"type": "array", "items": items, **more}


STACK = _text("[a-z][a-z0-9-]{0,39}", "1 to 40 of a-z, 0-9 and -, beginning with a letter")
ENVIRONMENT = _text("[a-z0-9][a-z0-9_-]{0,20}", "1 to 21 of a-z, 0-9, - and _, such as dev or prd")
_VARIABLE = _text("[a-z][a-z0-9_]*", "the name of a variable: a-z, 0-9 and _, beginning with a letter")
_KIND_NAME = _text(_KIND, "a kind, <provider>_<thing>, such as aws_s3_bucket")
_ID_NAME = _text(_ID, "an id: a-z, 0-9, - and _, beginning with a letter")
_KEY = _text(_INDEX, "a key of 1 to 100 characters without [ ] { } $ *")
_SAMPLE = "an address, such as aws_s3_bucket.lake or aws_s3_bucket.lake[gold]"
_ADDRESS = _text(rf"{_KIND}\.{_ID}(?:\[{_INDEX}\])?|{_EACH}", _SAMPLE)
_NEED = _text(rf"{_KIND}\.{_ID}(?:\[(?:\*|{_INDEX})\])?|{_EACH}", _SAMPLE)
_NOT_EMPTY: Json = {"type": "string", "minLength": 1}
_DATA: Json = {"type": "object", "propertyNames": _VARIABLE}

_BODY: Json = {
    "naming": _map(_VARIABLE, {"type": "string"}),
    "spec": {"type": "object"},
    "needs": _list(_NEED, uniqueItems=True),
    "for_each": _map(
        _VARIABLE,
        {"anyOf": [_list(_KEY, uniqueItems=True), _map(_KEY, _DATA)]},
        minProperties=1,
        maxProperties=1,
    ),
    "provider": _text(f"{_ALIAS}|{_EACH}", "a provider alias, such as aws or aws.eu"),
    "protect": {"type": "boolean"},
    "on_delete": {"enum": ["delete", "archive", "keep"]},
    "was": _ADDRESS,
    "name": _NOT_EMPTY,
    "existing": {"type": "boolean"},
    "id": _NOT_EMPTY,
}
BODY = _object(_BODY)
"""The body of one resource; its spec is held against the kind's own schema later."""

_SHARED: Json = {
    "metadata": _map(_VARIABLE, {"type": "string"}),
    "providers": _map(_text(_ALIAS, "a provider alias, such as aws or aws.eu"), {"type": "object"}),
    "scope": _object({"include": _list(_NOT_EMPTY), "exclude": _list(_NOT_EMPTY)}),
    "default_tags": _list(_VARIABLE, uniqueItems=True),
    "state": {"type": "object"},
}
_BASE_RESOURCES = _map(_KIND_NAME, _map(_ID_NAME, BODY))
_OVERLAY_RESOURCES: Json = {
    "type": "object",
    "propertyNames": _text(rf"{_KIND}(?:\.{_ID})?", "a kind or an address without index, such as aws_s3_bucket.lake"),
    "patternProperties": {r"\.": BODY, r"^[^.]+$": _map(_ID_NAME, BODY)},
}


def envelope_schema() -> Json:
    """Give the schema of the file as far as core knows it: every key but what is inside a spec."""
    return _envelope(_BASE_RESOURCES, _OVERLAY_RESOURCES)


def joined(schemas: Mapping[str, Mapping[str, Any]]) -> Json:
    """Give the schema of the file with the spec schema of each kind joined in, for editors and `dpn schema`.

    An overlay and an existing resource may leave out what a spec requires; a reference may stand for a scalar or list.
    """
    full = {kind: _body(kind, schema) for kind, schema in schemas.items()}
    partial = {kind: _object({**_BODY, "spec": {"$ref": f"dpn:kind:{kind}:partial"}}) for kind in schemas}
    base = {**_BASE_RESOURCES, "properties": {kind: _map(_ID_NAME, body) for kind, body in full.items()}}
    overlay = {
        "type": "object",
        "propertyNames": _OVERLAY_RESOURCES["propertyNames"],
        "properties": {kind: _map(_ID_NAME, body) for kind, body in partial.items()},
        "patternProperties": {rf"^{kind}\.": body for kind, body in partial.items()},
        "additionalProperties": {"type": "object"},
    }
    definitions: Json = {}
    for kind, schema in schemas.items():
        spec = _referring(schema, top=True)
        definitions[kind] = {**spec, "$id": f"dpn:kind:{kind}"}
        definitions[f"{kind}.partial"] = {**_optional(spec), "$id": f"dpn:kind:{kind}:partial"}
    return {**_envelope(base, overlay), "$defs": definitions}


def _envelope(resources: Json, overlay: Json) -> Json:
    properties = {
        "version": {"const": "1", "description": '"1", the version of the format'},
        "stack": STACK,
        **_SHARED,
        "environments": _map(ENVIRONMENT, _object({**_SHARED, "resources": overlay})),
        "resources": resources,
    }
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "dpn:blueprint:1",
        "title": "dpn blueprint",
    }
    return {**head, **_object({"$schema": {"type": "string"}, **properties}, required=["version"])}


def _body(kind: str, schema: Mapping[str, Any]) -> Json:
    spec: Json = {"properties": {"spec": {"$ref": f"dpn:kind:{kind}"}}}
    if schema.get("required"):
        spec["required"] = ["spec"]
    partial = {"properties": {"spec": {"$ref": f"dpn:kind:{kind}:partial"}}}
    existing = {"properties": {"existing": {"const": True}}, "required": ["existing"]}
    return {**BODY, "if": existing, "then": partial, "else": spec}


def _referring(schema: Any, *, top: bool = False) -> Any:
    """Let a reference stand wherever a schema wants a scalar or a list; plain texts allow one already."""
    if not isinstance(schema, Mapping):
        return schema
    inner = {key: _walked(key, value) for key, value in schema.items()}
    plain = schema.get("type") == "object" or (schema.get("type") == "string" and not _constrained(schema))
    if top or plain or not (_constrained(schema) or "type" in schema):
        return inner
    described = {"description": schema["description"]} if "description" in schema else {}
    return {**described, "anyOf": [inner, {"type": "string", "pattern": f"^{_REFERENCE}$"}]}


def _walked(keyword: str, value: Any) -> Any:
    if keyword in ("properties", "patternProperties", "$defs"):
        return {name: _referring(inner) for name, inner in value.items()}
    if keyword in ("items", "additionalProperties"):
        return _referring(value)
    if keyword in ("anyOf", "oneOf", "allOf"):
        return [_referring(inner) for inner in value]
    return value


def _constrained(schema: Mapping[str, Any]) -> bool:
    return bool({"enum", "const", "pattern", "minLength", "maxLength", "format"} & set(schema))


def _optional(schema: Mapping[str, Any]) -> Json:
    """Give the schema of a part of a spec: nothing is required at its top."""
    return {key: value for key, value in schema.items() if key != "required"}
