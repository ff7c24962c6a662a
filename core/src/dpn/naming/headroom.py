"""How many characters are left in the names of a kind, and which variables are left to blueprints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dpn.naming.pattern import Pattern, Token, tokens_of
from dpn.naming.render import Namer
from dpn.naming.values import Value
from dpn.provider import KindInfo


@dataclass(frozen=True, slots=True)
class Headroom:
    """How many characters are left in the names of a kind: for the variables `free`, with the values that are known."""

    kind: str
    left: int
    free: tuple[str, ...]
    words: tuple[str, ...]


def rooms(namer: Namer, kinds: Mapping[str, KindInfo]) -> list[Headroom]:
    """Give how many characters are left in the names of each kind that has a sound pattern."""
    found = ((kind, namer.pattern(kind)) for kind in kinds)
    return [_room(namer, kind, pattern) for kind, pattern in found if pattern]


def _room(namer: Namer, kind: str, pattern: Pattern) -> Headroom:
    values, _ = namer.values(kind)
    words = namer.words(kind)
    shown = [part for part in pattern.parts if not isinstance(part, tuple) or _is_set(part, values)]
    flat = [one for part in shown for one in (part if isinstance(part, tuple) else (part,))]
    taken = sum(len(words.get(one.name, "")) if isinstance(one, Token) else len(one) for one in flat)
    free = tuple(token.name for token in tokens_of(flat) if not words.get(token.name))
    return Headroom(
        kind,
        namer.style(kind).rule.max - taken,
        free,
        tuple(words[one.name] for one in tokens_of(flat) if one.name not in free),
    )


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
    return [name for name in namer.style(kind).required if name not in values]
