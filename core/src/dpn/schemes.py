"""What naming plugins bring, taken in: conventions that a file could say, filters held to what they declare."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from dpn.config.shapes import NAMING_PATTERNS
from dpn.errors import PluginError
from dpn.extensions import BUILT_IN, Convention, Transform
from dpn.provider import Variable
from dpn.schemas import violations

_FILTER = re.compile(r"[a-z][a-z0-9_]{0,19}", re.ASCII)
_CLASS_BODY = re.compile(r"[A-Za-z0-9._/=+@-]*", re.ASCII)
_BETWEEN_WORDS = re.compile(r"[-_. \t\n\r\f\v]")


def conventions(offers: Iterable[tuple[str, Any]]) -> dict[str, Convention]:
    """Give the conventions of all plugins by name; `offers` are pairs of a plugin, as users are told of it, and one.

    Raises PluginError: two with one name, or one that no patterns file could say.
    """
    found: dict[str, Convention] = {}
    owners: dict[str, str] = {}
    for who, offered in offers:
        if not isinstance(offered, Convention):
            raise PluginError(f"{who} answered dpn_conventions with {offered!r}, which is no Convention.")
        if offered.name in found:
            raise PluginError(f"{owners[offered.name]} and {who} offer the convention {offered.name!r}.")
        _refuse_shapeless(who, offered)
        found[offered.name], owners[offered.name] = offered, who
    return found


def transforms(offers: Iterable[tuple[str, Any]]) -> dict[str, Transform]:
    """Give the filters of all plugins by name; `offers` are pairs of a plugin and its answer.

    Each is held to what it declares when it is applied, and says whose it is when it fails. Raises PluginError: two
    with one name, one that core has, and what no pattern could say.
    """
    found: dict[str, Transform] = {}
    owners: dict[str, str] = {}
    for who, offered in offers:
        if not isinstance(offered, Mapping):
            raise PluginError(f"{who} answered dpn_transforms with {offered!r}, which is no mapping.")
        for name, transform in offered.items():
            if reason := _unusable(name, transform):
                raise PluginError(f"{who}: {reason}.", hint="See docs/reference/hooks.md.")
            if name in found:
                raise PluginError(f"{owners[name]} and {who} offer the filter {name!r}.")
            found[name], owners[name] = held(transform, who), who
    return found


def held(transform: Transform, who: str) -> Transform:
    """Give the same filter, which raises a ValueError that names `who` when it fails or breaks what it declares."""

    def apply(value: str, arg: str) -> str:
        try:
            text = transform.apply(value, arg)
        except ValueError as error:  # this is how a filter refuses a value, so its text is for the user
            raise ValueError(f"{error} ({who})") from error
        except Exception as error:
            raise ValueError(f"{who} raised {error!r}") from error
        if reason := _broken(transform, text):
            raise ValueError(f"{who} {reason}")
        return text

    return replace(transform, apply=apply)


def _broken(transform: Transform, text: object) -> str:
    if not isinstance(text, str):
        return f"gave {text!r}, which is no text"
    if transform.word and _BETWEEN_WORDS.search(text):
        return f"gave {text!r}, which is not one word as it declares"
    if transform.charset and re.search(f"[^{transform.charset}]", text, re.ASCII):
        return f"gave {text!r}, which is not of [{transform.charset}] as it declares"
    return ""


def _unusable(name: Any, transform: Any) -> str:
    """Say why no pattern could use a filter; empty if one can."""
    if not isinstance(name, str) or not _FILTER.fullmatch(name):
        return f"{name!r} is no name of a filter: a small letter, then small letters, digits or _, 20 at most"
    if name in BUILT_IN:
        return f"the filter {name!r} is one of core's and cannot be replaced"
    if not isinstance(transform, Transform) or not callable(transform.apply):
        return f"the filter {name!r} is {transform!r}, which is no Transform"
    return "" if _is_class(transform.charset) else f"the charset {transform.charset!r} of the filter {name!r} is none"


def _is_class(charset: Any) -> bool:
    if not isinstance(charset, str) or not _CLASS_BODY.fullmatch(charset):
        return False
    try:
        re.compile(f"[{charset}]" if charset else "")
    except re.error:
        return False
    return True


def _refuse_shapeless(who: str, convention: Convention) -> None:
    data = {"use": convention.name, "patterns": convention.patterns, "transformations": convention.transformations}
    plain = _plain({**data, "variables": convention.variables})
    for wrong in violations(plain, NAMING_PATTERNS):
        where = ".".join(map(str, wrong.path)).replace("use", "name", 1)
        expected = f" Expected {wrong.expected}." if wrong.expected else ""
        message = f"{who}: the convention {convention.name!r}: {where}: {wrong.message}{expected}"
        raise PluginError(message, hint="A convention says what naming-patterns.yaml may say.")


def _plain(value: Any) -> Any:
    """Give a value as a file would have it."""
    if isinstance(value, Variable):
        return {"description": value.doc, "form": value.form, "values": list(value.values)}
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, (list, tuple, set, frozenset)) else value
