"""The filters that core brings: `{name|lower}`, `{name|max:8}` and so on."""

from __future__ import annotations

import hashlib
import re
from base64 import b32encode
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from dpn.extensions import Transform
from dpn.naming.text import ascii_lower, ascii_upper, separate

LAST = frozenset(("max", "hash"))
"""Filters that cut or replace the value; a variable takes one of them at most, as its last filter."""

ALGORITHMS: Mapping[str, Callable[[bytes], Any]] = {
    "sha256": hashlib.sha256,
    "sha512": hashlib.sha512,
    "blake2b": hashlib.blake2b,
}
"""Hashes for which nobody can make two texts with one hash; MD5 and SHA-1 are none."""

BASE32 = "abcdefghijklmnopqrstuvwxyz234567"

TABLES = frozenset(("full", "abbr"))
"""Filters that steer what is looked up, and change nothing themselves."""

OPAQUE = frozenset(("hash",))
"""Core's filters from whose text no value can be read."""

WHOLE = frozenset(("lower", "upper", "max"))
"""Filters that leave one word one word; `slug` does not: it makes separators of other characters."""

_LIMITS = {"max": (1, 255), "hash": (6, 32)}
_NOT_ALPHANUMERIC = re.compile(r"[^A-Za-z0-9]+")


@cache
def builtin(separator: str) -> Mapping[str, Transform]:
    """Give core's filters for kinds whose words are separated by `separator`.

    `full` and `abbr` leave the value alone here: they steer which table is looked up before any filter runs.
    """
    return {
        "lower": Transform(lambda value, _: ascii_lower(value), lossy=False),
        "upper": Transform(lambda value, _: ascii_upper(value), lossy=False),
        "full": Transform(lambda value, _: value, lossy=False),
        "abbr": Transform(lambda value, _: value, lossy=False),
        "slug": Transform(lambda value, _: _NOT_ALPHANUMERIC.sub("-", value).strip("-"), charset="A-Za-z0-9-"),
        "word": Transform(lambda value, _: separate(value, ""), word=True),
        "max": Transform(lambda value, size: cut(separate(value, separator), int(size), separator)),
        "hash": Transform(lambda value, size: digest(value, int(size)), word=True, charset="a-z2-7"),
    }


def cut(text: str, size: int, separator: str) -> str:
    """Give the first characters, without a separator at the end."""
    return text[:size].rstrip(separator) if separator else text[:size]


def digest(text: str, size: int, algorithm: str = "sha256") -> str:
    """Give the first `size` characters of a hash of the text (UTF-8) in lower-case base 32."""
    return b32encode(ALGORITHMS[algorithm](text.encode()).digest()).decode().lower()[:size]


def argument_problem(name: str, arg: str) -> str | None:
    """Tell what is wrong with the argument of one of core's filters; None if nothing is."""
    if name not in _LIMITS:
        return f"The filter {name} takes no argument" if arg else None
    low, high = _LIMITS[name]
    if arg.isdecimal() and low <= int(arg) <= high:  # the grammar keeps arguments short
        return None
    return f"The filter {name} needs a number from {low} to {high}, as in {name}:8"
