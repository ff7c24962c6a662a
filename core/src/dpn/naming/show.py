"""Data for `dpn config show` and `dpn config validate`: values in, values out, nothing is printed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dpn.config import NamingFiles
from dpn.documents import Document
from dpn.errors import Place, Problem
from dpn.extensions import Convention, Transform
from dpn.naming import grammar
from dpn.naming.globs import matching
from dpn.naming.render import Namer
from dpn.naming.values import default_environment
from dpn.naming.vocabulary import OPEN, located
from dpn.paths import nearest
from dpn.provider import KindInfo

if TYPE_CHECKING:
    from dpn.naming.judging import Headroom


@dataclass(frozen=True, slots=True)
class Row:
    """One variable of a kind. `value` is None when no layer sets it; `used`: the pattern holds it."""

    variable: str
    value: str | None
    layer: str
    origin: str
    place: Place | None
    used: bool


def rows(
    namer: Namer, kind: str, *, alias: str | None = None, naming: Mapping[str, str | None] | None = None
) -> tuple[list[Row], list[Problem]]:
    """Give each variable of a kind with the value that wins, those of the pattern first and in its order."""
    values, problems = namer.values(kind, alias=alias, naming=naming or {})
    pattern = namer.pattern(kind)
    used = pattern.variables if pattern else ()
    shown = []
    for name in [*used, *sorted(set(values) - set(used))]:
        value = values.get(name)
        if value:
            origin = value.origin
            shown.append(Row(name, value.text, origin.layer, origin.key, origin.place, name in used))
        else:
            shown.append(Row(name, None, "", "", None, True))
    return shown, problems


def validate(
    files: NamingFiles,
    kinds: Mapping[str, KindInfo],
    *,
    environment: str | None = None,
    conventions: Mapping[str, Convention] | None = None,
    transforms: Mapping[str, Transform] | None = None,
    region_codes: Mapping[str, Mapping[str, str]] | None = None,
) -> list[Problem]:
    """Give all problems of both files; each pattern is compiled for each installed kind.

    Wildcards that match no installed kind are warnings: their provider may be installed elsewhere. Warnings are also
    the patterns of the files whose names can be read in two ways, and projects of which one begins with the other.
    """
    namer = Namer(
        files,
        kinds=kinds,
        environment=environment or default_environment(files),
        conventions=conventions or {},
        transforms=transforms or {},
        region_codes=region_codes or {},
    )
    return [
        *namer.problems,
        *_unmatched_patterns(files.patterns, kinds),
        *_unmatched_types(files.values, kinds),
        *_doubtful(namer, files.values, kinds),
    ]


def _doubtful(namer: Namer, document: Document | None, kinds: Mapping[str, KindInfo]) -> Iterator[Problem]:
    from dpn.naming import judging  # noqa: PLC0415 - `dpn config validate` alone asks for verdicts

    for kind, info in kinds.items():
        if namer.pattern_text(kind) != info.default_pattern and not namer.ready(kind).style.readable:
            found = judging.unreadable(namer.ready(kind), namer.forms(kind))
            yield from (replace(problem, place=namer.place(kind)) for problem in found)
    if kinds:
        pairs = judging.prefixes(namer.forms(next(iter(kinds))).get("project", OPEN))
        yield from (located(problem, document) for problem in pairs)


def rooms(namer: Namer, kinds: Mapping[str, KindInfo]) -> list[Headroom]:
    """Give how many characters are left in the names of each kind."""
    from dpn.naming import judging  # noqa: PLC0415 - as above

    found = (judging.headroom(namer.ready(kind), namer.values(kind)[0], namer.forms(kind)) for kind in kinds)
    return [one for one in found if one]


def _unmatched_patterns(document: Document | None, kinds: Mapping[str, KindInfo]) -> Iterator[Problem]:
    for glob, text in _entries(document, "patterns"):
        if document and not any(matching([glob], kind) for kind in kinds):
            place = document.place(("patterns", glob))
            _, problems = grammar.parse(text)
            yield from (replace(problem, field=f"patterns.{glob}", place=place) for problem in problems)
            yield _unmatched(document, "patterns", glob, kinds)


def _unmatched_types(document: Document | None, kinds: Mapping[str, KindInfo]) -> Iterator[Problem]:
    for glob, _ in _entries(document, "resource_types"):
        if document and not any(matching([glob], kind) for kind in kinds):
            yield _unmatched(document, "resource_types", glob, kinds)


def _entries(document: Document | None, section: str) -> list[tuple[str, Any]]:
    data = (document and document.data) or {}
    return list((data.get(section) or {}).items())


def _unmatched(document: Document, section: str, glob: str, kinds: Mapping[str, KindInfo]) -> Problem:
    near = nearest(glob, kinds)
    hint = f"Did you mean {near}?" if near else "See `dpn plugins list` for the kinds that are installed."
    place = document.place((section, glob), key=True)
    message = f"{glob!r} matches no installed kind."
    return Problem("GLOB-UNUSED", message, field=f"{section}.{glob}", place=place, hint=hint, severity="warning")
