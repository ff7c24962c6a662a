"""One name explained: which value each of its parts is, where that value is set, and what was done to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dpn.errors import Place
from dpn.naming.pattern import Token
from dpn.naming.ready import Ready
from dpn.naming.rule import convert_case
from dpn.naming.text import ascii_lower, separate
from dpn.naming.values import Origin, Value
from dpn.provider import NameRule


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a name. A literal has no variable; changes: what was done to the value, in order."""

    text: str
    variable: str | None = None
    value: str = ""
    origin: Origin | None = None
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """A name with its parts. convention: the one that brings the pattern, if one does.

    changes: what was done to the whole; note: what else there is to say.
    """

    name: str
    kind: str
    rule: NameRule
    address: str | None = None
    pattern: str = ""
    place: Place | None = None
    convention: str = ""
    parts: tuple[Part, ...] = ()
    changes: tuple[str, ...] = ()
    note: str = ""


def parts(ready: Ready, values: Mapping[str, Value], suffix: str = "") -> tuple[Part, ...]:
    """Take a name apart whose values all have what the pattern needs. suffix: the ending that the spec asks for."""
    pattern = ready.style.pattern
    shown = [_part(ready, part, values) for part in pattern.shown(values)] if pattern else []
    if suffix and not (shown and shown[-1].text.endswith(suffix)):
        shown.append(Part(suffix, changes=(f"spec.{ready.style.rule.suffix_field} asks for it",)))
    return tuple(part for part in shown if part.text or part.variable)


def whole(ready: Ready, name: str, made: tuple[Part, ...]) -> tuple[str, ...]:
    """Say what was done to the joined parts to make the name."""
    full = "".join(part.text for part in made)
    if full == name:
        return ()
    ending = ready.style.ending or (ready.style.shortening and ready.style.shortening.ending)
    if not ending:
        return (f"as the service stores it: {full} → {name}",)
    how = f"{ending.of(full)} is {ending.algorithm} of {full}"
    if ready.style.shortening:
        return (f"shortened to {ready.style.rule.max} characters", how)
    return (f"hash_generation: {how}",)


def _part(ready: Ready, part: str | Token, values: Mapping[str, Value]) -> Part:
    if isinstance(part, str):
        return Part(convert_case(part, ready.case))
    value = values[part.name]
    steps = list(_steps(ready, part, value.text))
    changes = tuple(f"{what}: {before} → {after}" for what, before, after in steps if before != after)
    return Part(steps[-1][2], part.name, value.text, value.origin, changes)


def _steps(ready: Ready, token: Token, text: str) -> Iterator[tuple[str, str, str]]:
    """Yield each thing that is done to a value, in the order of rendering: what, before, after."""
    separator = ready.style.pattern.separator if ready.style.pattern else ""
    if token.name == "region" and not token.full:
        code = ready.codes.get(text, text)
        yield "code of the region", text, code
        text = code
    short = ready.abbreviations.get(token.name, {}).get(ascii_lower(text), text)
    yield "abbreviation", text, short
    text = short
    for name, apply, arg in token.steps:
        after = apply(text, arg)
        yield f"filter {name}{f':{arg}' if arg else ''}", text, after
        text = after
    joined = separate(text, separator)
    yield "separator of the kind", text, joined
    final = convert_case(joined, ready.case)
    yield "letters of the kind", joined, final
