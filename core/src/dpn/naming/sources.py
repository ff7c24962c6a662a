"""Where the pattern of a kind comes from: the file, a packaged convention, or the provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dpn.config import NamingFiles
from dpn.errors import Place
from dpn.extensions import Convention
from dpn.naming.settings import pattern_of, read
from dpn.paths import dotted
from dpn.provider import KindInfo


@dataclass(frozen=True, slots=True)
class Source:
    """A pattern, empty for a kind without names of its own; `key` is what to edit, `place` where it stands."""

    text: str
    key: str
    place: Place | None = None


def source(files: NamingFiles, info: KindInfo, conventions: Mapping[str, Convention]) -> Source:
    """Give the pattern of a kind and where it comes from."""
    settings, _ = read(files.patterns, conventions)
    text, path, packaged = pattern_of(settings, info)
    if path:
        return Source(text, dotted(path), settings.place(*path))
    name = settings.convention.name if settings.convention and packaged else ""
    return Source(text, f"the convention {name}" if name else f"shipped with {info.plugin}")
