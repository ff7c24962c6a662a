"""Data for `dpn config show` and `dpn config validate`: values in, values out, nothing is printed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from dpn.config import NamingFiles
from dpn.documents import Document
from dpn.errors import Place, Problem
from dpn.extensions import Convention, Transform
from dpn.naming.convention import STANDARD
from dpn.naming.render import Namer
from dpn.naming.values import Value, default_environment, lower_layers, origin, put
from dpn.naming.vocabulary import OPEN, located
from dpn.provider import KindInfo


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


def general_rows(files: NamingFiles, environment: str, overrides: Mapping[str, str]) -> list[Row]:
    """Give the values that hold for every kind; the variables that every pattern may use are there even if not set."""
    found = lower_layers(files.values, "", environment)
    put(found, overrides, lambda name: origin("override", f"--override {name}"))
    found["environment"] = Value(environment, origin("environment", "the environment of this run"))
    unset = [Row(name, None, "", "", None, used=False) for name in STANDARD if name not in found]
    rows = [
        Row(name, value.text, value.origin.layer, value.origin.key, value.origin.place, used=False)
        for name, value in found.items()
    ]
    return sorted([*rows, *unset], key=lambda row: row.variable)


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

    What has no effect is a warning: its provider may be installed elsewhere. Warnings are also the patterns of the
    files whose names can be read in two ways, and projects of which one begins with the other.
    """
    namer = Namer(
        files,
        kinds=kinds,
        environment=environment or default_environment(files),
        conventions=conventions or {},
        transforms=transforms or {},
        region_codes=region_codes or {},
    )
    return judged(namer, files, kinds, region_codes or {})


def judged(
    namer: Namer, files: NamingFiles, kinds: Mapping[str, KindInfo], region_codes: Mapping[str, Mapping[str, str]]
) -> list[Problem]:
    """Give all that a namer of all installed kinds found, and what in the files has no effect."""
    from dpn.naming import unused  # noqa: PLC0415 - `dpn config validate` alone needs it

    patterns = [namer.pattern_text(kind) for kind in kinds]
    return [
        *namer.problems,
        *unused.problems(files, kinds, patterns, namer.declared, region_codes),
        *_doubtful(namer, files.values, kinds),
    ]


def _doubtful(namer: Namer, document: Document | None, kinds: Mapping[str, KindInfo]) -> Iterator[Problem]:
    from dpn.naming import judging  # noqa: PLC0415 - as above

    for kind, info in kinds.items():
        if namer.pattern_text(kind) != info.default_pattern and not namer.ready(kind).style.readable:
            source = namer.source(kind)
            for problem in judging.unreadable(namer.ready(kind), namer.forms(kind)):
                whose = f" It is of {source.key}." if source.convention else ""
                yield replace(problem, message=f"{problem.message}{whose}", place=source.place)
    if kinds:
        pairs = judging.prefixes(namer.forms(next(iter(kinds))).get("project", OPEN))
        yield from (located(problem, document) for problem in pairs)
