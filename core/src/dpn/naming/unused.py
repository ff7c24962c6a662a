"""What in the naming files has no effect: `dpn config validate` warns of it, because it is mostly a typing error.

All of these are warnings: a kind, a variable or a region may be of a package that is installed elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from dpn.config import NamingFiles
from dpn.documents import Document
from dpn.errors import Problem
from dpn.naming import grammar
from dpn.naming.convention import STANDARD
from dpn.naming.globs import matching
from dpn.naming.text import did_you_mean
from dpn.naming.values import sections
from dpn.paths import Path, dotted, follow, nearest
from dpn.provider import KindInfo

_TABLES = frozenset(("region_mapping", "abbreviations"))  # keyed by regions and variables, not by kinds
_TAGS = frozenset(("data_classification",))  # a default tag that is in no pattern


def problems(
    files: NamingFiles,
    kinds: Mapping[str, KindInfo],
    patterns: Iterable[str],
    declared: Iterable[str],
    codes: Mapping[str, Mapping[str, str]],
) -> Iterator[Problem]:
    """Yield what has no effect on any installed kind.

    patterns: those of all kinds. declared: the variables of the patterns file and its convention. codes: of regions,
    by provider.
    """
    yield from _globs(files.values, ("resource_types",), kinds)
    yield from _bad_patterns(files.patterns, kinds)
    yield from _nameless(files.patterns, kinds)
    for path in _by_glob(files.patterns):
        yield from _globs(files.patterns, path, kinds)
    known = {
        *STANDARD,
        *_TAGS,
        *declared,
        *_named(patterns),
        *(name for info in kinds.values() for name in info.variables),
    }
    yield from _values(files.values, known)
    yield from _variables(files, known)
    yield from _limits(files.patterns, kinds)
    if codes:
        yield from _regions(files, {region for table in codes.values() for region in table})


def _by_glob(document: Document | None) -> Iterator[Path]:
    """Yield the paths of the settings that are keyed by kinds."""
    yield from (("patterns",), ("readable",), ("unicode",))
    for section in ("transformations", "validation"):
        yield from (
            (section, key)
            for key in _at(document, (section,)) or ()
            if key not in _TABLES and key != "required_variables"
        )
    if isinstance(_at(document, ("validation", "required_variables")), Mapping):
        yield ("validation", "required_variables")


def _at(document: Document | None, path: Path) -> Any:
    if not document:
        return None
    found, gone = follow(document.data, path)
    return found if gone == len(path) else None


def _globs(document: Document | None, path: Path, kinds: Mapping[str, KindInfo]) -> Iterator[Problem]:
    setting = _at(document, path)
    if not document or not isinstance(setting, (Mapping, list)):
        return
    for position, glob in enumerate(setting):
        if any(matching([glob], kind) for kind in kinds):
            continue
        keyed = isinstance(setting, Mapping)
        place = document.place((*path, glob if keyed else position), key=keyed)
        near = nearest(glob, kinds)
        hint = f"Did you mean {near}?" if near else "See `dpn plugins list` for the kinds that are installed."
        message, field = f"{glob!r} matches no installed kind.", dotted((*path, glob))
        yield Problem("GLOB-UNUSED", message, field=field, place=place, hint=hint, severity="warning")


def _bad_patterns(document: Document | None, kinds: Mapping[str, KindInfo]) -> Iterator[Problem]:
    """Yield what is wrong with patterns that are compiled for no kind."""
    for glob, text in (_at(document, ("patterns",)) or {}).items():
        if document and not any(matching([glob], kind) for kind in kinds):
            place = document.place(("patterns", glob))
            _, found = grammar.parse(text)
            yield from (replace(problem, field=f"patterns.{glob}", place=place) for problem in found)


def _nameless(document: Document | None, kinds: Mapping[str, KindInfo]) -> Iterator[Problem]:
    """Yield patterns of kinds that a field of theirs names."""
    for kind in _at(document, ("patterns",)) or ():
        if document and kind in kinds and (field := kinds[kind].named_by):
            message = f"{kind} takes no pattern: its {field} is what it is known by."
            place = document.place(("patterns", kind), key=True)
            hint = "Take the pattern out."
            yield Problem("GLOB-UNUSED", message, None, f"patterns.{kind}", place, hint=hint, severity="warning")


def _named(patterns: Iterable[str]) -> Iterator[str]:
    for text in patterns:
        yield from (item.name for item in grammar.flat(grammar.parse(text)[0]) if isinstance(item, grammar.Slot))


def _values(document: Document | None, known: set[str]) -> Iterator[Problem]:
    """Yield variables that nothing uses and that look like one that is used; others may be tags or a plugin's."""
    for _, path, values in sections(document):
        for name in values:
            near = _alike(name, known) if name not in known else None
            if document and near:
                message = f"No pattern and no kind has a variable {name}."
                hint = f"Did you mean {near}? Else declare it in variables of naming-patterns.yaml."
                place = document.place((*path, name), key=True)
                field = dotted((*path, name))
                yield Problem("VARIABLE-UNUSED", message, field=field, place=place, hint=hint, severity="warning")


def _alike(name: str, known: set[str]) -> str | None:
    """Give the variable that is surely meant: a warning of what is right would be worse than none."""
    found = get_close_matches(name, known, n=1, cutoff=0.75)
    return found[0] if found else None


def _variables(files: NamingFiles, known: set[str]) -> Iterator[Problem]:
    """Yield what the files say of variables that nothing knows."""
    known = known | {name for _, _, values in sections(files.values) for name in values}
    said = [(files.values, name, ("vocabulary", name)) for name in _at(files.values, ("vocabulary",)) or ()]
    for document, name, path in [*said, *((files.patterns, *one) for one in _mentioned(files.patterns))]:
        if document and name not in known:
            message = f"No kind, pattern or file knows the variable {name}."
            hint = f"{did_you_mean(name, known)} If only blueprints set it, declare it in variables."
            place = document.place(path, key=isinstance(path[-1], str))
            yield Problem("VARIABLE-UNKNOWN", message, field=dotted(path), place=place, hint=hint, severity="warning")


def _mentioned(document: Document | None) -> Iterator[tuple[str, Path]]:
    """Yield each variable that a setting of the patterns file is for, with its path."""
    at: Path = ("transformations", "abbreviations")
    yield from ((name, (*at, name)) for name in _at(document, at) or ())
    at = ("validation", "required_variables")
    required = _at(document, at) or ()
    lists = required.items() if isinstance(required, Mapping) else [(None, required)]
    for glob, names in lists:
        where = (*at, *([glob] if glob else []))
        yield from ((name, (*where, position)) for position, name in enumerate(names))
    at = ("transformations", "shorten")
    shorten = _at(document, at)
    for glob, how in shorten.items() if isinstance(shorten, Mapping) else ():
        tokens = (how.get("tokens") or ()) if isinstance(how, Mapping) else ()
        yield from ((name, (*at, glob, "tokens", name)) for name in tokens)


def _limits(document: Document | None, kinds: Mapping[str, KindInfo]) -> Iterator[Problem]:
    limits = _at(document, ("validation", "max_length"))
    for kind, limit in limits.items() if isinstance(limits, Mapping) else ():
        if document and kind in kinds and limit > kinds[kind].name_rule.max:
            longest = kinds[kind].name_rule.max
            message = f"max_length is {limit} for {kind}, whose names have at most {longest} anyway."
            path = ("validation", "max_length", kind)
            place = document.place(path)
            yield Problem(
                "PATTERNS-LENGTH", message, None, dotted(path), place, f"at most {longest}", severity="warning"
            )


def _regions(files: NamingFiles, shipped: set[str]) -> Iterator[Problem]:
    """Yield regions that no installed provider has a code for, and the file neither."""
    known = shipped | set(_at(files.patterns, ("transformations", "region_mapping")) or ())
    for _, path, values in sections(files.values):
        region = values.get("region")
        if files.values and region and region not in known:
            message = f"No installed provider and no region_mapping has a short code for the region {region!r}."
            near = nearest(region, known)
            hint = (
                f"Did you mean {near}?" if near else "Add it to transformations.region_mapping, or use {region|full}."
            )
            place = files.values.place((*path, "region"))
            field = dotted((*path, "region"))
            yield Problem("REGION-UNMAPPED", message, field=field, place=place, hint=hint, severity="warning")
