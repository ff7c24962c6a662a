"""Whether names follow a pattern: fast, for many names, where nobody asks what they mean."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

from dpn.naming.machine import either
from dpn.naming.pattern import Pattern, Token, tokens_of
from dpn.naming.reading import Reader
from dpn.naming.ready import Ready
from dpn.naming.rule import ending_apart
from dpn.naming.shortening import Shortening
from dpn.naming.text import ascii_lower
from dpn.naming.vocabulary import OPEN, Form
from dpn.naming.walking import Walk

T = TypeVar("T")

_TRIED = 10_000


class Fitter:
    """Tells whether names have a reading. `free`: the variables that any text may stand for.

    A value that is not known counts as one wherever a reader would think of it.
    """

    def __init__(
        self, ready: Ready, forms: Mapping[str, Form], closed: Collection[str] = (), free: Collection[str] = ()
    ) -> None:
        strict = Reader(ready, forms, closed)
        loose = strict.loose()
        self._readers, self._free = (strict, loose), free
        both = zip(strict.network.machines, loose.network.machines, strict=True)
        self._net = replace(strict.network, machines=tuple(either(one, other) for one, other in both))
        self._walk = Walk(self._net)
        tokens = [token for token in self._net.tokens if token and token.name not in free]
        found = [reader.doubtful(token) for token in tokens for reader in self._readers]
        self._sure = None not in found
        self._doubtful = frozenset(text for texts in found for text in texts or ())

    def fits(self, name: str) -> bool:
        """Tell whether there is a reading."""
        if not self._walk.walk(name)[1]:
            return False
        if self._sure and not any(text in ascii_lower(name) for text in self._doubtful):
            return True
        return any(self._stands(name, cut) for cut in self._walk.cuts(name, _TRIED))

    def reached(self, name: str) -> tuple[int, bool]:
        """Tell how many characters can be the beginning of a name, and whether its parts alone would fit."""
        return self._walk.walk(name)

    def _stands(self, name: str, cut: Iterable[tuple[int, int]]) -> bool:
        start = 0
        for part, end in cut:
            token, text, start = self._net.tokens[part], name[start:end], end
            if token and token.name not in self._free and not any(one.takes(token, text) for one in self._readers):
                return False
        return True


class Shortened:
    """Tells whether what is left of a shortened name can be what its pattern left."""

    def __init__(self, ready: Ready, forms: Mapping[str, Form], closed: Collection[str], how: Shortening) -> None:
        self._how = how
        loose = {**forms, **dict.fromkeys(how.floors, OPEN)}
        self._fitters = [
            Fitter(replace(ready, style=replace(ready.style, pattern=pattern)), loose, closed, tuple(how.floors))
            for pattern in _dropped(ready.style.pattern, how)
        ]

    def fits(self, name: str) -> bool:
        """Tell whether its visible tokens fit; the hash cannot be proved, for nobody knows the whole name."""
        body, last = ending_apart(name, self._how.ends)
        left = body[: -self._how.ending.size]
        return any(one.fits(text) for one in self._fitters for text in dict.fromkeys((left, left + last)))


def _dropped(pattern: Pattern | None, how: Shortening) -> list[Pattern]:
    """Give the pattern as it is when none, the last, the last two, … of the tokens that may go have gone."""
    if pattern is None:
        return []
    out = [pattern]
    for token in reversed(pattern.tokens):
        if token.name in how.drops:
            out.append(_pattern_without(out[-1], token.name, how.ending.separator))
    return [one for one in out if one.tokens]


def _pattern_without(pattern: Pattern, name: str, separator: str) -> Pattern:
    parts = []
    for part in _parts_without(pattern.parts, name, separator):
        kept = _parts_without(part, name, separator) if isinstance(part, tuple) else part
        if not isinstance(kept, tuple) or tokens_of(kept):
            parts.append(kept)
    tokens = tuple(token for token in pattern.tokens if token.name != name)
    return replace(pattern, parts=tuple(parts), tokens=tokens, variables=tuple(token.name for token in tokens))


def _parts_without(parts: tuple[T, ...], name: str, separator: str) -> tuple[T, ...]:
    """Take a token out with the separator before it, the first one with that behind it: as shortening does."""
    at = next((at for at, one in enumerate(parts) if isinstance(one, Token) and one.name == name), None)
    if at is None:
        return parts
    beside = at - 1 if at else 1
    gone = {at, beside} if 0 <= beside < len(parts) and parts[beside] == separator else {at}
    return tuple(one for index, one in enumerate(parts) if index not in gone)
