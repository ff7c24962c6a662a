"""How many characters are left in the names of a kind, and which variables are left to blueprints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dpn.naming.pattern import Token, tokens_of
from dpn.naming.ready import Ready
from dpn.naming.render import Namer
from dpn.naming.values import Value
from dpn.naming.vocabulary import OPEN, Form


@dataclass(frozen=True, slots=True)
class Headroom:
    """How many characters are left in the names of a kind: for the variables `free`, with the values that are known."""

    kind: str
    left: int
    free: tuple[str, ...]
    words: tuple[str, ...]


def rooms(namer: Namer, kinds: Iterable[str]) -> list[Headroom]:
    """Give how many characters are left in the names of each kind that has a sound pattern."""
    return [_room(namer.ready(kind), namer.values(kind)[0], namer.forms(kind)) for kind in kinds if namer.pattern(kind)]


def _room(ready: Ready, values: Mapping[str, Value], forms: Mapping[str, Form]) -> Headroom:
    """Count the room with the values that are set, else the longest that are known."""
    parts = ready.style.pattern.parts if ready.style.pattern else ()
    shown = [part for part in parts if not isinstance(part, tuple) or _is_set(part, values)]
    flat = [one for part in shown for one in (part if isinstance(part, tuple) else (part,))]
    longest = {token.name: _longest(ready, token, values, forms) for token in tokens_of(flat)}
    taken = sum(len(longest[one.name] if isinstance(one, Token) else one) for one in flat)
    tail = ready.style.ending.size if ready.style.ending else 0
    return Headroom(
        ready.info.kind,
        ready.style.rule.max - taken - tail,
        tuple(name for name, word in longest.items() if not word),
        tuple(word for word in longest.values() if word),
    )


def _longest(ready: Ready, token: Token, values: Mapping[str, Value], forms: Mapping[str, Form]) -> str:
    """Give what stands for a variable: what somebody set, else the longest that is known, else what dpn ships."""
    value = values.get(token.name)
    own = (ready.word(token, value.text) or "") if value else ""
    if own and value and value.origin.layer != "shipped":
        return own
    return max(ready.words(token, forms.get(token.name, OPEN)), key=len, default=own)


def _is_set(group: Iterable[str | Token], values: Mapping[str, Value]) -> bool:
    return all(token.name in values for token in tokens_of(group))


def needs(namer: Namer, kinds: Iterable[str]) -> dict[str, list[str]]:
    """Give for each kind the variables that its names need and that no layer of the files sets."""
    out = {}
    for kind in kinds:
        pattern, (values, _) = namer.pattern(kind), namer.values(kind)
        missing = pattern.missing(values) if pattern else []
        out[kind] = [*missing, *(name for name in asked_for(namer, kind) if name not in missing)]
    return {kind: names for kind, names in out.items() if names}


def asked_for(namer: Namer, kind: str) -> list[str]:
    """Give what validation.required_variables asks for and no layer of the files sets: a blueprint may bring it."""
    values, _ = namer.values(kind)
    return [name for name in namer.ready(kind).style.required if name not in values]
