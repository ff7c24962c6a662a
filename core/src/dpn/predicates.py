"""A JSON Schema as a plain predicate: "surely valid", fast, standard library only.

It never says yes to what jsonschema refuses (a property test holds the two together); a keyword that is not known here
makes the whole schema unknown, so that jsonschema judges.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

Predicate: TypeAlias = Callable[[Any], bool]
Excuse: TypeAlias = Callable[[str, str], bool]
"""Tells for a text and a keyword whether the text may break the keyword, because its value comes later."""

_NO_CONSTRAINT = frozenset({"$schema", "$id", "$comment", "title", "description", "default", "examples", "format"})
_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,), "object": (dict,),
    "array": (list,), "null": (type(None),),
}  # fmt: skip


class _UnknownKeywordError(Exception):
    pass


def predicate(schema: Any, excuse: Excuse | None = None) -> Predicate | None:
    """Make the predicate, or None if the schema says something that is not known here."""
    try:
        return _compile(schema, excuse)
    except (_UnknownKeywordError, re.error, AttributeError, TypeError):
        return None


def _compile(schema: Any, excuse: Excuse | None) -> Predicate:
    if isinstance(schema, bool):
        return lambda _: schema
    tests: list[Predicate] = []
    if {"properties", "patternProperties", "additionalProperties"} & set(schema):
        tests.append(_members(schema, excuse))
    for keyword, argument in schema.items():
        make = _KEYWORDS.get(keyword)
        if make:
            tests.append(_excusing(make(argument, excuse), keyword, excuse))
        elif keyword not in _NO_CONSTRAINT and keyword not in _DONE and not keyword.startswith("x-"):
            raise _UnknownKeywordError(keyword)
    if len(tests) == 1:
        return tests[0]
    return lambda value: all(test(value) for test in tests)


_DONE = frozenset({"properties", "patternProperties", "additionalProperties"})


def _excusing(test: Predicate, keyword: str, excuse: Excuse | None) -> Predicate:
    if excuse is None:
        return test
    return lambda value: test(value) or (type(value) is str and excuse(value, keyword))


def _type(names: Any, _: Excuse | None) -> Predicate:
    allowed = [kind for name in ([names] if isinstance(names, str) else names) for kind in _TYPES[name]]
    exact = frozenset(allowed)  # by type(), so that True is no integer; 1.0 as an integer is left to jsonschema
    return lambda value: type(value) in exact


def _enum(values: Any, _: Excuse | None) -> Predicate:
    if not all(type(value) is str for value in values):
        raise _UnknownKeywordError("enum")
    words = frozenset(values)
    return lambda value: type(value) is str and value in words


def _const(wanted: Any, _: Excuse | None) -> Predicate:
    if type(wanted) not in (str, bool):
        raise _UnknownKeywordError("const")
    return lambda value: type(value) is type(wanted) and value == wanted


def _pattern(text: str, _: Excuse | None) -> Predicate:
    search = re.compile(text).search
    return lambda value: type(value) is not str or search(value) is not None


def _least(kind: type[Any]) -> Callable[[Any, Excuse | None], Predicate]:
    return lambda limit, _: lambda value: type(value) is not kind or len(value) >= limit


def _most(kind: type[Any]) -> Callable[[Any, Excuse | None], Predicate]:
    return lambda limit, _: lambda value: type(value) is not kind or len(value) <= limit


def _bound(test: Callable[[Any, Any], bool]) -> Callable[[Any, Excuse | None], Predicate]:
    def make(limit: Any, _: Excuse | None) -> Predicate:
        return lambda value: type(value) not in (int, float) or test(value, limit)

    return make


def _required(keys: Any, _: Excuse | None) -> Predicate:
    wanted = frozenset(keys)
    return lambda value: type(value) is not dict or wanted <= value.keys()


def _items(schema: Any, excuse: Excuse | None) -> Predicate:
    test = _compile(schema, excuse)
    return lambda value: type(value) is not list or all(map(test, value))


def _names(schema: Any, _: Excuse | None) -> Predicate:
    test = _compile(schema, None)
    return lambda value: type(value) is not dict or all(map(test, value))


def _unique(wanted: Any, _: Excuse | None) -> Predicate:
    def test(value: Any) -> bool:
        if not wanted or type(value) is not list:
            return True
        return all(type(item) is str for item in value) and len(set(value)) == len(value)

    return test


def _any_of(schemas: Any, excuse: Excuse | None) -> Predicate:
    tests = [_compile(schema, excuse) for schema in schemas]
    return lambda value: any(test(value) for test in tests)


def _all_of(schemas: Any, excuse: Excuse | None) -> Predicate:
    tests = [_compile(schema, excuse) for schema in schemas]
    return lambda value: all(test(value) for test in tests)


def _members(schema: Mapping[str, Any], excuse: Excuse | None) -> Predicate:
    known = {name: _compile(inner, excuse) for name, inner in schema.get("properties", {}).items()}
    shaped = [
        (re.compile(text).search, _compile(inner, excuse))
        for text, inner in schema.get("patternProperties", {}).items()
    ]
    others = _compile(schema.get("additionalProperties", True), excuse)

    def test(value: Any) -> bool:
        if type(value) is not dict:
            return True
        for key, item in value.items():
            own = known.get(key)
            ours = [inner for search, inner in shaped if search(key)] if shaped else ()
            if own is None and not ours:
                if not others(item):
                    return False
            elif (own is not None and not own(item)) or not all(inner(item) for inner in ours):
                return False
        return True

    return test


_KEYWORDS: Mapping[str, Callable[[Any, Excuse | None], Predicate]] = {
    "type": _type, "enum": _enum, "const": _const, "pattern": _pattern, "required": _required, "items": _items,
    "propertyNames": _names, "uniqueItems": _unique, "anyOf": _any_of, "allOf": _all_of,
    "minLength": _least(str), "maxLength": _most(str), "minItems": _least(list), "maxItems": _most(list),
    "minProperties": _least(dict), "maxProperties": _most(dict),
    "minimum": _bound(lambda value, limit: value >= limit), "maximum": _bound(lambda value, limit: value <= limit),
    "exclusiveMinimum": _bound(lambda value, limit: value > limit),
    "exclusiveMaximum": _bound(lambda value, limit: value < limit),
}  # fmt: skip
