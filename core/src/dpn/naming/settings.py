"""The patterns file over the packaged convention that it names with `use`: one view of both.

What the file says wins over the convention, and that wins over what the provider ships.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dpn.documents import Document
from dpn.errors import Place, Problem
from dpn.extensions import Convention
from dpn.naming.globs import by_kind, joined, matching
from dpn.naming.text import ascii_lower, did_you_mean
from dpn.paths import follow
from dpn.provider import KindInfo, Variable

DEEP = ("region_mapping", "abbreviations")
"""Transformations that are tables: those of the file are laid over those of the convention."""

_NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True)
class Settings:
    """The patterns file over the packaged convention."""

    document: Document | None = None
    convention: Convention | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    transformations: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Variable] = field(default_factory=dict)

    @property
    def validation(self) -> Mapping[str, Any]:
        """The section of that name."""
        return self.data.get("validation") or _NOTHING

    @property
    def narrows(self) -> bool:
        """Tell whether anything is said that could narrow a kind's rule."""
        return bool(self.validation) or any(name not in DEEP for name in self.transformations)

    @property
    def region_mapping(self) -> Mapping[str, str]:
        """The short codes that the file or the convention gives to regions."""
        return self.transformations.get("region_mapping") or _NOTHING

    @property
    def abbreviations(self) -> dict[str, dict[str, str]]:
        """The short forms of each variable, by the value in small letters."""
        tables = self.transformations.get("abbreviations") or {}
        return {name: {ascii_lower(long): short for long, short in table.items()} for name, table in tables.items()}

    def readable(self, kind: str) -> bool:
        """Tell whether it is required that names of a kind can be read backwards in one way."""
        return bool(by_kind(self.data.get("readable"), kind, "") == "required")

    def unicode(self, kind: str) -> bool:
        """Tell whether names of a kind may hold more than ASCII, as far as its rule lets them."""
        return bool(by_kind(self.data.get("unicode"), kind, default=False))

    def shorten(self, kind: str) -> Mapping[str, Any] | None:
        """Give how names of a kind are shortened; None if they are not. `hash` asks for the usual."""
        said = self.transformations.get("shorten")
        if isinstance(said, Mapping):
            said = {glob: True if how == "hash" else how for glob, how in said.items()}
        return joined(True if said == "hash" else said, kind)

    def place(self, *path: str) -> Place | None:
        """Find a key of the file; None when the file does not have it."""
        _, gone = follow(self.data, path)
        return self.document.place(path) if self.document and path and gone == len(path) else None


def read(document: Document | None, conventions: Mapping[str, Convention]) -> tuple[Settings, list[Problem]]:
    """Join the patterns file with the convention that it uses."""
    data = (document and document.data) or {}
    used = data.get("use")
    convention = conventions.get(used) if used else None
    problems = []
    if document and used and not convention:
        message = f"No naming plugin offers a convention named {used!r}."
        place = document.place(("use",))
        hint = did_you_mean(used, conventions)
        problems.append(Problem("CONVENTION-UNKNOWN", message, field="use", place=place, hint=hint))
    base = convention.transformations if convention else _NOTHING
    transformations = _over(base, data.get("transformations") or {})
    declared = {**(convention.variables if convention else {}), **(data.get("variables") or {})}
    return Settings(document, convention, data, transformations, read_variables(declared)), problems


def read_variables(declared: Mapping[str, Any]) -> dict[str, Variable]:
    """Give the variables that a file or a convention declares."""
    return {name: _variable(body) for name, body in declared.items()}


def pattern_of(settings: Settings, info: KindInfo) -> tuple[str, tuple[str, ...], str]:
    """Give the pattern of a kind, its path in the patterns file, and words for where else it is from.

    Without a path it is not from that file.
    """
    if info.named_by:  # it has no name of its own, whatever a wildcard matches
        return "", (), ""
    own = settings.data.get("patterns") or {}
    if found := matching(own, info.kind):
        return own[found[-1]], ("patterns", found[-1]), ""
    packaged = settings.convention.patterns if settings.convention else {}
    if found := matching(packaged, info.kind):
        name = settings.convention.name if settings.convention else ""
        return packaged[found[-1]], (), f" (convention {name})"
    return info.default_pattern, (), ""


def _over(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Lay the file's transformations over those of the convention; tables are joined, all else is replaced."""
    merged = {**base, **own}
    for name in DEEP:
        below, above = base.get(name) or {}, own.get(name) or {}
        merged[name] = {**below, **above}
        if name == "abbreviations":
            merged[name] = {key: {**below.get(key, {}), **above.get(key, {})} for key in merged[name]}
    return merged


def _variable(body: Any) -> Variable:
    body = body or {}
    if isinstance(body, Variable):
        return body
    values = tuple(body.get("values") or ())
    return Variable(body.get("description", ""), body.get("form", "known" if values else "open"), values)
