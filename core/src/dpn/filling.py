"""Values in place of references, and texts in which nothing is one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dpn.references import TOKEN, UNKNOWN, Reference, form, is_whole, member, parse


def fill(value: Any, lookup: Callable[[Reference], Any], schema: Mapping[str, Any] | None = None) -> Any:
    """Put values in place of references; a string with an Unknown inside becomes UNKNOWN."""
    return _each_text(value, lambda text, field: _fill_text(text, lookup, field), schema)


def substitute(value: Any, lookup: Callable[[Reference], Any], schema: Mapping[str, Any] | None = None) -> Any:
    """Put values in place of some references where the rest stays text; `lookup` gives None for what stays.

    A value is put in escaped, so that nothing in it is a reference; one inside a longer text holds none of `${}`, which
    could not be written next to a reference.
    """
    return _each_text(value, lambda text, field: _substitute_text(text, lookup, field), schema)


def _each_text(value: Any, change: Callable[[str, Mapping[str, Any]], Any], schema: Mapping[str, Any] | None) -> Any:
    """Change each text that may hold a reference; `change` also gets the schema of its field."""
    schema = schema or {}
    if isinstance(value, str):
        return change(value, schema) if "${" in value else value
    if isinstance(value, Mapping):
        return {key: _each_text(item, change, member(schema, str(key))) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_each_text(item, change, schema.get("items")) for item in value]
    return value


def _substitute_text(text: str, lookup: Callable[[Reference], Any], field: Mapping[str, Any]) -> Any:
    if is_whole(text):
        value = lookup(parse(text[2:-1], form(field)))
        return text if value is None else escape(_fitting(value, field))
    out, run, end = "", "", 0
    for found in TOKEN.finditer(text):
        run += text[end : found.start()]
        end = found.end()
        value = None if found[1] is None else lookup(parse(found[1]))
        if value is None:
            out, run = out + escape(run) + found[0], ""
        else:
            run += as_text(value)
    # What stood open in the text could be closed by what follows a value now: so the text around it is escaped too.
    return out + escape(run + text[end:])


def _fill_text(text: str, lookup: Callable[[Reference], Any], field: Mapping[str, Any]) -> Any:
    if is_whole(text):
        return _fitting(lookup(parse(text[2:-1], form(field))), field)
    out: list[str] = []
    end = 0
    for found in TOKEN.finditer(text):
        out.append(text[end : found.start()])
        end = found.end()
        value = "${" if found[1] is None else lookup(parse(found[1]))
        if value is UNKNOWN:
            return UNKNOWN
        out.append(as_text(value))
    return "".join([*out, text[end:]])


def _fitting(value: Any, field: Mapping[str, Any]) -> Any:
    """Give a value as its field takes it: it keeps its type, but where only a text can stand."""
    return as_text(value) if field.get("type") == "string" and is_scalar(value) else value


def is_scalar(value: Any) -> bool:
    """Tell whether a value is a text, a number or a truth value, and so can stand inside a text."""
    return isinstance(value, str | int | float)


def as_text(value: Any) -> str:
    """Give a value as it stands inside a longer text: a truth value as JSON has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def escape(value: Any) -> Any:
    """Give the value with every `${` written so that it stands for itself."""
    if isinstance(value, str):
        return value.replace("${", "$${")
    if isinstance(value, Mapping):
        return {key: escape(item) for key, item in value.items()}
    return [escape(item) for item in value] if isinstance(value, (list, tuple)) else value
