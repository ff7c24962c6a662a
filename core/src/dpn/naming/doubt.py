"""Names that can be read in two ways: said of the very name, and only if it is so.

Most names are seen to have one reading without an automaton; the rest of the reading machinery is loaded for the
others alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from dpn.errors import Problem
from dpn.naming.pattern import Pattern, Token
from dpn.naming.render import Named, Namer
from dpn.naming.vocabulary import OPEN, Form


class Doubts:
    """Looks at the names that a namer gave; what is found out about a kind is kept."""

    def __init__(self, namer: Namer) -> None:
        self._namer = namer
        self._forms: dict[tuple[str, str], Mapping[str, Form]] = {}

    def about(self, kind: str, named: Named, address: str | None = None) -> list[Problem]:
        """Give a warning if the name that the pattern made has two readings; its own project counts as known."""
        pattern = self._namer.pattern(kind)
        if pattern is None or not named.rendered:
            return []
        project = named.variables.get("project")
        forms = self._known(kind, project.text if project else "")
        if surely_one(pattern, forms, named.name):
            return []
        from dpn.naming.reading import Reader  # noqa: PLC0415 - a plan does not pay for names that nobody doubts

        found = Reader(self._namer.ready(kind), forms).readings(named.name, 2).readings
        return [_two(named.name, found, address)] if len(found) > 1 else []

    def _known(self, kind: str, project: str) -> Mapping[str, Form]:
        forms = self._forms.get((kind, project))
        if forms is None:
            forms = self._forms[kind, project] = with_project(self._namer.forms(kind), project)
        return forms


def with_project(forms: Mapping[str, Form], project: str) -> Mapping[str, Form]:
    """Let a project be known, unless a vocabulary or a declaration says which ones there are."""
    former = forms.get("project", OPEN)
    if not project or any(project in entry for entry in former.entries) or former.name == "word":
        return forms
    return {**forms, "project": replace(former, name="known", entries=(*former.entries, (project,)))}


def surely_one(pattern: Pattern, forms: Mapping[str, Form], name: str) -> bool:
    """Tell whether a name has one reading at most, as far as counting words can tell; False decides nothing.

    Where single separators stand between the tokens, a name has as many words as its tokens have. So there is one
    reading if one token at most can have several words, or if there are no more words than tokens.
    """
    separator = pattern.separator
    if not separator or any(isinstance(part, tuple) for part in pattern.parts):
        return False
    tokens = [at for at, part in enumerate(pattern.parts) if isinstance(part, Token)]
    if not tokens:
        return True
    inner = pattern.parts[tokens[0] : tokens[-1] + 1]
    if len(inner) != 2 * len(tokens) - 1 or any(part != separator for part in inner[1::2]):
        return False
    wide = sum(_wide(part, forms) for part in inner if isinstance(part, Token))
    outer = [*pattern.parts[: tokens[0]], *pattern.parts[tokens[-1] + 1 :]]
    ends = sum(part.count(separator) for part in outer if isinstance(part, str))
    return wide <= 1 or name.count(separator) == ends + len(tokens) - 1


def _wide(token: Token, forms: Mapping[str, Form]) -> bool:
    """Tell whether what stands for a token can have several words."""
    form = forms.get(token.name, OPEN)
    if token.word or form.name == "word":
        return False
    if form.name == "open" or token.full:
        return True
    return token.name != "region" and any(not value.isalnum() for entry in form.entries for value in entry)


def _two(name: str, found: tuple[Mapping[str, str], ...], address: str | None) -> Problem:
    message = f"{name!r} can be read in two ways: {said(found[0])}; or {said(found[1])}."
    hint = "List the values of one of the variables in vocabulary of naming-values.yaml; see: dpn config validate"
    return Problem("NAME-AMBIGUOUS", message, address, hint=hint, severity="warning")


def said(reading: Mapping[str, str]) -> str:
    """Give a reading as people write it: `project=acme purpose=lake`."""
    return " ".join(f"{name}={value}" for name, value in reading.items())
