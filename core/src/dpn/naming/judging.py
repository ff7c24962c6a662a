"""What is said about patterns before any name is made: whether names can be read back, and how much room is left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from dpn.errors import Problem
from dpn.naming.doubt import said
from dpn.naming.exact import Verdict, decide
from dpn.naming.pattern import Token, tokens_of
from dpn.naming.reading import Reader
from dpn.naming.ready import Ready
from dpn.naming.text import ascii_lower, separate
from dpn.naming.values import Value
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


@dataclass(frozen=True, slots=True)
class Headroom:
    """How many characters are left in the names of a kind: for the variables `free`, with the values that are known."""

    kind: str
    left: int
    free: tuple[str, ...]
    words: tuple[str, ...]


def headroom(ready: Ready, values: Mapping[str, Value], forms: Mapping[str, Form]) -> Headroom | None:
    """Count the room with the values that are set, else the longest that are known; None for a kind without names."""
    pattern = ready.style.pattern
    if pattern is None:
        return None
    longest = {token.name: _longest(ready, token, values, forms) for token in pattern.tokens}
    shown = [part for part in pattern.parts if not isinstance(part, tuple) or _is_set(part, values)]
    flat = [one for part in shown for one in (part if isinstance(part, tuple) else (part,))]
    texts = [longest[one.name] if isinstance(one, Token) else one for one in flat]
    tokens = tokens_of(flat)
    tail = ready.style.ending.size if ready.style.ending else 0
    return Headroom(
        ready.info.kind,
        ready.style.rule.max - sum(map(len, texts)) - tail,
        tuple(token.name for token in tokens if not longest[token.name]),
        tuple(longest[token.name] for token in tokens if longest[token.name]),
    )


def _longest(ready: Ready, token: Token, values: Mapping[str, Value], forms: Mapping[str, Form]) -> str:
    """Give what stands for a variable: what somebody set, else the longest that is known, else what dpn ships."""
    value = values.get(token.name)
    own = (ready.word(token, value.text) or "") if value else ""
    if own and value and value.origin.layer != "shipped":
        return own
    return max(ready.words(token, forms.get(token.name, OPEN)), key=len, default=own)


def _is_set(group: tuple[str | Token, ...], values: Mapping[str, Value]) -> bool:
    return all(token.name in values for token in tokens_of(group))
