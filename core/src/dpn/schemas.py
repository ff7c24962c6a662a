"""JSON Schema (2020-12) with messages for people; a sound value is recognised without the jsonschema package.

`jsonschema` is the judge, but it takes 150 microseconds for a resource and 80 ms to import. So a schema is first made
into a plain predicate, which only has to say "surely valid"; whoever fails it is judged by `jsonschema`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dpn.paths import Path, nearest
from dpn.predicates import Excuse, predicate

ARTICLES = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "null",
}
"""How a type is called."""
_LIMITS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "multipleOf": "a multiple of {}",
    "minLength": "at least {} character(s)",
    "maxLength": "at most {} character(s)",
    "minItems": "at least {} entry(s)",
    "maxItems": "at most {} entry(s)",
    "minProperties": "at least {} key(s)",
    "maxProperties": "at most {} key(s)",
    "pattern": "text that matches {}",
    "const": "{}",
    "uniqueItems": "entries that differ",
    "dependentRequired": "the keys that belong together",
}


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that a schema does not allow; `at_key`: it is the key that is wrong. Values are never repeated."""

    path: Path
    message: str
    expected: str | None = None
    hint: str | None = None
    at_key: bool = False
    missing: bool = False


class Checker:
    """One schema, ready to judge many values; `excuse` names texts whose value is known only later (references)."""

    def __init__(self, schema: Mapping[str, Any], excuse: Excuse | None = None) -> None:
        self._schema = schema
        self._excuse = excuse
        self._surely = predicate(schema, excuse)
        self._judge: Any = None

    def violations(self, value: Any) -> list[Violation]:
        """Give everything that is wrong with the value; empty if it is sound."""
        if self._surely is not None and self._surely(value):
            return []
        if self._judge is None:
            self._judge = _judge(self._schema)
        found = [
            one for error in self._judge.iter_errors(value) if not self._excused(error) for one in _said(error, ())
        ]
        return sorted(set(found), key=lambda one: ([(isinstance(step, str), step) for step in one.path], one.message))

    def _excused(self, error: Any) -> bool:
        """Tell whether the value that offends is a reference, or the error is due to one inside."""
        if _about_key(error):
            return False
        if self._excuse and isinstance(error.instance, str) and self._excuse(error.instance, error.validator):
            return True
        return any(all(map(self._excused, branch)) for branch in _branches(error))


def violations(value: Any, schema: Mapping[str, Any]) -> list[Violation]:
    """Hold one value against a schema."""
    return Checker(schema).violations(value)


def _judge(schema: Mapping[str, Any]) -> Any:
    from jsonschema import Draft202012Validator
    from referencing import Registry  # noqa: PLC0415 - as above

    return Draft202012Validator(schema, registry=Registry())  # without retrieval: nothing is ever fetched


def _said(error: Any, base: Path) -> Iterator[Violation]:
    """Say one error of jsonschema in our words, one violation for each key concerned."""
    path = (*base, *error.path)
    said = _bad_key if _about_key(error) else _SAYINGS.get(error.validator)
    if said:
        yield from said(error, path)
    elif error.validator in _LIMITS:
        expected = _limit(error)
        if error.validator in ("pattern", "const"):  # a description says it in words
            expected = error.schema.get("description", expected)
        yield Violation(path, "This value is not accepted.", expected)
    else:
        yield Violation(path, "This value is not accepted.")


def _unknown_keys(error: Any, path: Path) -> Iterator[Violation]:
    import re  # noqa: PLC0415 - cheap, but only errors need it

    known = sorted(error.schema.get("properties", {}))
    patterns = error.schema.get("patternProperties", {})
    for key in error.instance:
        if key in known or any(re.search(pattern, key) for pattern in patterns):
            continue
        yield Violation((*path, key), "This key is not known.", hint=_suggestion(key, known), at_key=True)


def _missing(error: Any, path: Path) -> Iterator[Violation]:
    for key in error.validator_value:
        if key not in error.instance:
            wanted = error.schema.get("properties", {}).get(key)
            expected = wanted.get("description") if isinstance(wanted, dict) else None
            yield Violation((*path, key), "This key is missing.", expected, missing=True)


def _wrong_type(error: Any, path: Path) -> Iterator[Violation]:
    types = [error.validator_value] if isinstance(error.validator_value, str) else error.validator_value
    bare = "string" in types and isinstance(error.instance, (bool, int, float))
    expected = _either(ARTICLES.get(name, name) for name in types)
    yield Violation(path, f"This is {_type(error.instance)}.", expected, "Put it in quotes." if bare else None)


def _not_listed(error: Any, path: Path) -> Iterator[Violation]:
    words = [word for word in error.validator_value if isinstance(word, str)]
    hint = (
        f"Did you mean {near!r}?"
        if isinstance(error.instance, str) and (near := nearest(error.instance, words))
        else None
    )
    yield Violation(
        path, "This value is not one of those accepted.", _either(_show(v) for v in error.validator_value), hint
    )


def _bad_key(error: Any, path: Path) -> Iterator[Violation]:
    expected = error.schema.get("description", _limit(error))
    hint = f"Did you mean {near!r}?" if (near := _respelled(error.instance, error.schema)) else None
    yield Violation((*path, error.instance), "This key is not accepted.", expected, hint, at_key=True)


def _respelled(key: str, schema: Mapping[str, Any]) -> str | None:
    """Give a key in small letters with `_` or `-` between its words, if the schema takes it so."""
    import re  # noqa: PLC0415 - cheap, but only errors need it

    words = [word.lower() for word in re.findall(r"[A-Za-z0-9]+", key)]
    spelled = ("_".join(words), "-".join(words))
    return next((near for near in spelled if near != key and re.search(schema.get("pattern", "^(?!)"), near)), None)


def _limit(error: Any) -> str:
    value = error.validator_value if error.validator == "pattern" else _show(error.validator_value)
    text = _LIMITS.get(error.validator, "another value").format(value)
    one = error.validator_value == 1
    return text.replace("entry(s)", "entry" if one else "entries").replace("(s)", "" if one else "s")


def _about_key(error: Any) -> bool:
    """Tell whether the error comes from `propertyNames`: then the path ends at the object and the value is the key."""
    steps = list(error.schema_path)[-3:-1]
    return steps[-1:] == ["propertyNames"] and steps[0] not in ("properties", "patternProperties", "$defs")


def _branches(error: Any) -> list[list[Any]]:
    """Group the errors inside an `anyOf` or `oneOf` by branch."""
    branches: dict[Any, list[Any]] = {}
    for inner in error.context or ():
        branches.setdefault(inner.schema_path[0] if inner.schema_path else None, []).append(inner)
    return list(branches.values())


def _no_branch(error: Any, path: Path) -> Iterator[Violation]:
    """Say why the likeliest of several forms was not met: the one that the value gets furthest into."""
    inside = [one for one in _branches(error) if all(inner.path or inner.validator != "type" for inner in one)]
    if len(inside) == 1:
        for inner in inside[0]:
            yield from _said(inner, path)
        return
    types = [inner.validator_value for inner in error.context or () if inner.validator == "type" and not inner.path]
    names = [ARTICLES.get(name, name) for name in types if isinstance(name, str)]
    yield Violation(path, "This value has none of the forms accepted.", _either(names) or None)


_SAYINGS: Mapping[str, Callable[[Any, Path], Iterator[Violation]]] = {
    "additionalProperties": _unknown_keys,
    "required": _missing,
    "type": _wrong_type,
    "enum": _not_listed,
    "anyOf": _no_branch,
    "oneOf": _no_branch,
}


def _suggestion(key: str, known: list[str]) -> str:
    near = nearest(key, known)
    if near:
        return f"Did you mean {near!r}?"
    return f"Known here: {', '.join(known[:20])}." if known else "No keys are known here."


def _either(words: Iterable[str]) -> str:
    *some, last = [*dict.fromkeys(words)] or [""]
    return f"{', '.join(some)} or {last}" if some else last


def _show(value: Any) -> str:
    import json  # noqa: PLC0415 - only errors need it

    return json.dumps(value, ensure_ascii=False)


def _type(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return _show(value)
    names = {str: "string", int: "integer", float: "number", dict: "object"}
    return ARTICLES[names.get(type(value), "array")]
