"""Where the pattern of a kind comes from: the file, a packaged convention, or the provider."""

from __future__ import annotations

from dataclasses import dataclass

from dpn.errors import Place
from dpn.naming.settings import Settings, pattern_of
from dpn.paths import dotted
from dpn.provider import KindInfo


@dataclass(frozen=True, slots=True)
class Source:
    """A pattern, empty for a kind without names of its own; `key` is what to edit, `place` where it stands.

    convention: the one that brings it, if one does.
    """

    text: str
    key: str
    place: Place | None = None
    convention: str = ""


def source(settings: Settings, info: KindInfo) -> Source:
    """Give the pattern of a kind and where it comes from."""
    text, path, packaged = pattern_of(settings, info)
    if path:
        return Source(text, dotted(path), settings.place(*path))
    name = settings.convention.name if settings.convention and packaged else ""
    return Source(text, f"the convention {name}" if name else f"shipped with {info.plugin}", convention=name)
