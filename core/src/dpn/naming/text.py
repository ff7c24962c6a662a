"""Small pure functions on text that the rooms of naming share."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from dpn.paths import nearest

_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_UPPER = {code + 32: code for code in range(ord("A"), ord("Z") + 1)}
_LONG = 64
_BETWEEN = "-_. \t\n\r\f\v"
_SEPARATORS = re.compile(f"[{_BETWEEN}]+")
_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))


def ascii_lower(text: str) -> str:
    """Give small ASCII letters; others stay, because `str.lower` makes `k` of the KELVIN SIGN."""
    return text.lower() if text.isascii() else text.translate(_LOWER)


def ascii_upper(text: str) -> str:
    """Give capital ASCII letters; others stay."""
    return text.upper() if text.isascii() else text.translate(_UPPER)


def separate(text: str, separator: str) -> str:
    """Put `separator` for each run of `- _ .` and white space, and take it off both ends."""
    if text.isalnum() or (len(text) > _LONG and separator and _is_separate(text, separator)):
        return text
    return _SEPARATORS.sub(separator, text).strip(separator or None)


def _is_separate(text: str, separator: str) -> bool:
    """Tell whether it is so already; of a long text this is known thirty times as fast as it is made so."""
    if text.startswith(separator) or text.endswith(separator) or separator * 2 in text:
        return False
    return not any(char in text for char in _BETWEEN if char != separator)


def unseen(text: str) -> str | None:
    """Give the first control, format, surrogate, private, unassigned or line-breaking character, if there is one."""
    if text.isascii() and text.isprintable():
        return None
    return next((char for char in text if unicodedata.category(char) in _UNSEEN), None)


def code_point(char: str) -> str:
    """Give `U+200B ZERO WIDTH SPACE`: how a character that cannot be shown is called."""
    return f"U+{ord(char):04X} {unicodedata.name(char, '')}".rstrip()


def did_you_mean(word: str, among: Iterable[str]) -> str:
    """Give the hint for a word that is not known: the nearest, or all of them."""
    known = sorted(among)
    near = nearest(word, known)
    if near:
        return f"Did you mean {near}?"
    return f"Known are {', '.join(known)}." if known else "None is known."
