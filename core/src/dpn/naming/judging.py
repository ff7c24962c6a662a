"""What is said about patterns before any name is made: whether names can be read back in one way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from dpn.errors import Problem
from dpn.naming.doubt import said
from dpn.naming.exact import Verdict, decide
from dpn.naming.reading import Reader
from dpn.naming.ready import Ready
from dpn.naming.text import ascii_lower, separate
from dpn.naming.vocabulary import OPEN, Form

_PAIRS = 20


def verdict(ready: Ready, forms: Mapping[str, Form]) -> tuple[Verdict, str]:
    """Decide whether names of a kind have one reading; also say what a counter-example can mean."""
    reader = Reader(ready, forms)
    found = decide(reader.network, ready.style.rule.max)
    if found.exact or not found.example:
        return found, (
            "" if found.exact else "whether every name has one reading is not decided: there is too much to try"
        )
    two = reader.readings(found.example, 2).readings
    return found, f"{found.example!r} can mean {' or '.join(map(said, two)) or 'two things'}"


def unreadable(ready: Ready, forms: Mapping[str, Form]) -> Iterator[Problem]:
    """Yield what keeps names of a kind from being read in one way; warnings, until somebody requires it."""
    pattern = ready.style.pattern
    if pattern is None or ready.style.ending:
        return
    found, why = verdict(ready, forms)
    if not found.exact:
        message = f"Names of {ready.info.kind} can have two readings: {why}. The pattern is {pattern.text!r}."
        hint = "List the values of a variable in vocabulary of naming-values.yaml, or declare it a word in variables."
        yield Problem("PATTERN-AMBIGUOUS", message, field=ready.info.kind, hint=hint, severity="warning")


def opaque(ready: Ready, forms: Mapping[str, Form]) -> list[str]:
    """Give the variables whose values cannot be told from names: their filter hides them, and nothing lists them."""
    tokens = ready.style.pattern.tokens if ready.style.pattern else ()
    hidden = [token.name for token in tokens if token.opaque or token.kept]
    return [name for name in hidden if forms.get(name, OPEN).name != "known"]


def prefixes(form: Form) -> Iterator[Problem]:
    """Yield the pairs of projects of which one is the beginning of the other: names of both begin alike."""
    words = {ascii_lower(separate(value, "-")): value for entry in form.entries for value in entry[:1]}
    pairs = [(words[short], value) for long, value in words.items() for short in _beginnings(long) if short in words]
    for short, long in islice(pairs, _PAIRS):
        message = f"The project {long!r} begins with the project {short!r}: some names can be of either."
        hint = "Give one of them an abbreviation, or look at what dpn config validate says of the patterns."
        yield Problem("PROJECT-PREFIX", message, field="vocabulary.project", hint=hint, severity="warning")
    if len(pairs) > _PAIRS:
        message = f"There are {len(pairs) - _PAIRS} more pairs of projects of which one begins with the other."
        yield Problem("PROJECT-PREFIX", message, field="vocabulary.project", severity="warning")


def _beginnings(text: str) -> Iterable[str]:
    return [text[:at] for at, char in enumerate(text) if char == "-"]
