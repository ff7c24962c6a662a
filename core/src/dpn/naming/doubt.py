"""Names that can be read in two ways: said of the very name, and only if it is so.

Most names are seen to have one reading without an automaton; the rest of the reading machinery is loaded for the
others alone.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from dpn.errors import Problem
from dpn.naming.pattern import Pattern, Token
from dpn.naming.ready import Ready
from dpn.naming.render import Named, Namer
from dpn.naming.vocabulary import OPEN, Form

if TYPE_CHECKING:
    from dpn.naming.reading import Reader, Reading

_MANY = 50  # names that are read one by one before it is decided for all
_TOLD = 20  # ambiguous names of a kind that are told one by one: a thousand warnings are read by nobody


class Doubts:
    """Looks at the names that a namer gave; what is found out about a kind is kept."""

    def __init__(self, namer: Namer) -> None:
        self._namer = namer
        self._known: dict[tuple[str, str], _Known] = {}
        self._told: Counter[str] = Counter()

    def about(self, kind: str, named: Named, address: str | None = None) -> list[Problem]:
        """Give a warning if the name that the pattern made has two readings; its own project counts as known.

        The twentieth of a kind also says that there may be more, and no further name is looked at.
        """
        pattern = self._namer.pattern(kind)
        if pattern is None or not named.rendered or self._told[kind] >= _TOLD:
            return []
        project = named.variables.get("project")
        key = kind, project.text if project else ""
        known = self._known.get(key)
        if known is None:
            forms = with_project(self._namer.forms(kind), key[1])
            ready = self._namer.ready(kind)
            most = -1 if _parts(ready) else most_separators(pattern, forms)
            known = self._known[key] = _Known(ready, forms, most)
        found = known.readings(named.name)
        if len(found) < 2:  # noqa: PLR2004 - two readings are what ambiguous means
            return []
        self._told[kind] += 1
        return [_two(named.name, found, address), *([_more(kind)] if self._told[kind] == _TOLD else [])]


class _Known:
    """What is known of the names of one kind and project. most: see most_separators."""

    def __init__(self, ready: Ready, forms: Mapping[str, Form], most: float) -> None:
        self._ready, self._forms, self._most = ready, forms, most
        self._separator = ready.style.pattern.separator if ready.style.pattern else ""
        self._reader: Reader | None = None
        self._asked = 0

    def readings(self, name: str) -> tuple[Reading, ...]:
        """Give two readings of a name if there are two; after many names it is decided for all of them."""
        if self._most == math.inf or (self._most >= 0 and name.count(self._separator) <= self._most):
            return ()
        from dpn.naming import exact, reading  # noqa: PLC0415 - a plan does not pay for names that nobody doubts

        self._reader = self._reader or reading.Reader(self._ready, self._forms)
        self._asked += 1
        if self._asked == _MANY and exact.decide(self._reader.network, self._ready.style.rule.max).exact:
            self._most = math.inf
        return self._reader.readings(name, 2).readings


def with_project(forms: Mapping[str, Form], project: str) -> Mapping[str, Form]:
    """Let a project be known, unless a vocabulary or a declaration says which ones there are."""
    former = forms.get("project", OPEN)
    if not project or any(project in entry for entry in former.entries) or former.name == "word":
        return forms
    return {**forms, "project": former._replace(name="known", entries=(*former.entries, (project,)))}


def most_separators(pattern: Pattern, forms: Mapping[str, Form]) -> float:
    """Give up to how many separators a name has one reading at most; -1 where counting them tells nothing.

    Where single separators stand between the tokens, a name has as many words as its tokens have. So there is one
    reading if one token at most can have several words, however many, or if there are no more words than tokens.
    """
    separator = pattern.separator
    tokens = [at for at, part in enumerate(pattern.parts) if isinstance(part, Token)]
    if not separator or not tokens or any(isinstance(part, tuple) for part in pattern.parts):
        return -1
    inner = pattern.parts[tokens[0] : tokens[-1] + 1]
    if len(inner) != 2 * len(tokens) - 1 or any(part != separator for part in inner[1::2]):
        return -1
    if sum(_wide(part, forms) for part in inner if isinstance(part, Token)) <= 1:
        return math.inf
    outer = [*pattern.parts[: tokens[0]], *pattern.parts[tokens[-1] + 1 :]]
    return sum(part.count(separator) for part in outer if isinstance(part, str)) + len(tokens) - 1


def _parts(ready: Ready) -> bool:
    """Tell whether a table makes several words of one: a code such as `us-e1`, an abbreviation such as `s-eu`."""
    tokens = ready.style.pattern.tokens if ready.style.pattern else ()
    shorts = [short for token in tokens for short in ready.abbreviations.get(token.name, {}).values()]
    codes = ready.codes.values() if any(token.name == "region" for token in tokens) else ()
    return any(not short.isalnum() for short in (*shorts, *codes))


def _wide(token: Token, forms: Mapping[str, Form]) -> bool:
    """Tell whether what stands for a token can have several words."""
    form = forms.get(token.name, OPEN)
    if token.word or (form.name == "word" and not token.foreign):
        return False
    if form.name == "open" or token.full or token.foreign:
        return True
    return token.name != "region" and any(not value.isalnum() for entry in form.entries for value in entry)


def _two(name: str, found: tuple[Reading, ...], address: str | None) -> Problem:
    message = f"{name!r} can be read in two ways: {said(found[0])}; or {said(found[1])}."
    hint = "List the values of one of the variables in vocabulary of naming-values.yaml; see: dpn config validate"
    return Problem("NAME-AMBIGUOUS", message, address, hint=hint, severity="warning")


def _more(kind: str) -> Problem:
    message = f"Other names of {kind} may have two readings too; {_TOLD} have been told."
    return Problem("NAME-AMBIGUOUS", message, hint="See: dpn config validate", severity="warning")


def said(reading: Mapping[str, str]) -> str:
    """Give a reading as people write it: `project=acme purpose=lake`."""
    return " ".join(f"{name}={value}" for name, value in reading.items())
