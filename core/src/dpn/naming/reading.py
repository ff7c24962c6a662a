"""Names read backwards: all values that give a name, or the sure word that there are none."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import TypeAlias

from dpn.naming.machine import network
from dpn.naming.pattern import Token
from dpn.naming.ready import Ready
from dpn.naming.vocabulary import OPEN, Form
from dpn.naming.walking import Cut, Walk

MOST = 100
"""A name of 411 characters has been seen with 19,701 readings: nobody wants all of them."""

_LEAVING = frozenset(("lower", "upper", "slug", "word"))
"""Filters that leave a text alone which the network takes: it holds only what they make."""

Reading: TypeAlias = Mapping[str, str]

_TRIED = 10_000
_FEW = 3  # unknown values that are thought of in every combination; of more, all at once


@dataclass(frozen=True, slots=True)
class Readings:
    """The readings of a name: values by variable. more: there are others; why: what keeps a name from being read.

    spec: what the spec must say for the name to end as it does.
    """

    readings: tuple[Reading, ...] = ()
    more: bool = False
    why: str = ""
    spec: Mapping[str, bool] = field(default_factory=dict)


class Reader:
    """Reads the names of a kind. `closed`: the variables whose vocabulary is all that there is."""

    def __init__(self, ready: Ready, forms: Mapping[str, Form], closed: Collection[str] = ()) -> None:
        self._ready, self._forms, self._closed = ready, forms, closed
        pattern = ready.style.pattern
        self._tokens = {token.name: token for token in pattern.tokens} if pattern else {}
        self._words = {
            name: ready.words(token, forms[name])
            for name, token in self._tokens.items()
            if name in forms and forms[name].name == "known"
        }
        self._tables = {name: ready.table(token, forms.get(name, OPEN)) for name, token in self._tokens.items()}
        self.network = network(ready, self._words, forms)
        self._walk = Walk(self.network)

    def readings(self, name: str, most: int = MOST) -> Readings:
        """Give the readings of a name, `most` at most.

        Values that a vocabulary does not have, and might, are thought of only if there is no other reading, and as few
        of them as will do.
        """
        if why := self.unreadable(name):
            return Readings(why=why)
        given, name = name, self._ready.style.bare(name)
        found = self.known(name, most)
        open_ = self._open()
        for size in sorted({*range(1, min(len(open_), _FEW) + 1), len(open_)} - {0}):
            if found.readings:
                break
            found = _united([self._without(names).known(name, most) for names in combinations(open_, size)], most)
        return found if name == given else replace(found, spec={self._ready.style.rule.suffix_field: True})

    def loose(self) -> Reader:
        """Give a reader to which no value is known of the variables that may have values beyond those."""
        return self._without(self._open())

    def takes(self, token: Token, text: str) -> bool:
        """Tell whether a text in a name can come from a value of its variable."""
        return self._value(token, text) is not None or self._unknowable(token)

    def doubtful(self, token: Token) -> Collection[str] | None:
        """Give the texts, in small letters, that the network lets stand for a variable though no value may give them.

        None: it can be any text. What has an abbreviation never stands in a name itself.
        """
        if token.name in self._words or self._unknowable(token):
            return ()
        names = {name for name, _, _ in token.steps}
        plain = names <= _LEAVING and ("word" not in names or token.word)
        if not plain or token.abbr or token.name == "region":
            return None
        return self._ready.abbreviations.get(token.name, ())

    def known(self, name: str, most: int) -> Readings:
        """Give the readings with known values alone where values are known."""
        return _some((self._values(name, cut) for cut in self._walk.cuts(name, _TRIED)), most)

    def unreadable(self, name: str) -> str:
        """Tell why a name is not read at all; empty if it is."""
        style = self._ready.style
        if len(name) > style.rule.max:
            return f"Names of {self._ready.info.kind} have at most {style.rule.max} characters."
        if not name.isascii():
            return "Only names of ASCII characters are read."
        if style.ending:
            return f"Names of {self._ready.info.kind} end in a hash (transformations.hash_generation)."
        if style.shortening and style.shortening.made(name):
            return f"The name may be a shortened one (transformations.shorten of {self._ready.info.kind})."
        return ""

    def canonical(self, values: Mapping[str, str]) -> dict[str, str]:
        """Give the values as they are read back: those of the pattern, each by the first that has the same token."""
        out: dict[str, str] = {}
        for name, token in self._tokens.items():
            word = self._ready.word(token, values[name]) if name in values else None
            value = self._value(token, word) if word else None
            if value is not None:
                out[name] = value
        return out

    def _values(self, name: str, cut: Cut) -> dict[str, str] | None:
        """Give the values that a division of the name stands for; None if one of them would not give its token."""
        out: dict[str, str] = {}
        start = 0
        for part, end in cut:
            token, text, start = self.network.tokens[part], name[start:end], end
            value = self._value(token, text) if token else None
            if token and value is not None:
                out[token.name] = value
            elif token and not self._unknowable(token):
                return None
        return out

    def _value(self, token: Token, text: str) -> str | None:
        if token.name in self._words:
            return self._words[token.name].get(text)
        value = self._tables[token.name].get(text, text)
        return value if not token.opaque and self._ready.word(token, value) == text else None

    def _unknowable(self, token: Token) -> bool:
        """Tell whether a name can have a value of which nothing is known."""
        return (token.opaque or token.kept) and token.name not in self._words

    def _open(self) -> list[str]:
        """Give the variables whose values may be others than those that are known."""
        return [one for one in self._words if one not in self._closed and self._may_be_other(self._tokens[one])]

    def _may_be_other(self, token: Token) -> bool:
        """Tell whether values beyond those that are known give a name: not where a table must have them."""
        return not token.abbr and (token.name != "region" or token.full)

    def _without(self, names: Iterable[str]) -> Reader:
        """Give a reader to which the values of some variables are not known, though they are preferred."""
        forms = {name: Form(self._forms[name].beyond, self._forms[name].entries) for name in names}
        return Reader(self._ready, {**self._forms, **forms}, self._closed)


def _some(found: Iterable[dict[str, str] | None], most: int) -> Readings:
    taken: list[Reading] = []
    for number, reading in enumerate(found, 1):
        if reading is not None:
            if len(taken) == most:
                return Readings(tuple(taken), more=True)
            taken.append(reading)
        if number == _TRIED:
            return Readings(tuple(taken), more=True)
    return Readings(tuple(taken))


def _united(found: Iterable[Readings], most: int) -> Readings:
    every: list[Reading] = []
    more = False
    for one in found:
        every += [reading for reading in one.readings if reading not in every]
        more = more or one.more
    return Readings(tuple(every[:most]), more or len(every) > most)
