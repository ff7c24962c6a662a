"""What a run is about: the scope of the blueprint and of the command line, and what of a blueprint that leaves."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from dpn import references
from dpn.items import Item


@lru_cache(maxsize=256)
def _glob(pattern: str) -> Callable[[str], object]:
    """Make `*` and `?` work; a bracket is part of an address and no character class."""
    return re.compile(fnmatch.translate(pattern.replace("[", "[[]"))).match


def matches(pattern: str, kind: str, address: str) -> bool:
    """Tell whether a wildcard is like the kind, the address, or the address without its index."""
    match = _glob(pattern)
    return any(match(name) for name in (kind, address, address.partition("[")[0]))


@dataclass(frozen=True, slots=True)
class Scope:
    """What is planned: wildcards over kinds and addresses; no `include` means everything, `exclude` wins.

    outer: a scope that must cover it as well.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    outer: Scope | None = None

    def __bool__(self) -> bool:
        """Tell whether it leaves anything out."""
        return bool(self.include or self.exclude or self.outer)

    def covers(self, kind: str, address: str) -> bool:
        """Tell whether a resource is inside."""
        if any(matches(pattern, kind, address) for pattern in self.exclude):
            return False
        if self.include and not any(matches(pattern, kind, address) for pattern in self.include):
            return False
        return not self.outer or self.outer.covers(kind, address)

    def narrowed(self, include: Iterable[str], exclude: Iterable[str]) -> Scope:
        """Give the scope of what this one and the wildcards cover."""
        more = Scope(tuple(include), tuple(exclude), self or None)
        return more if more.include or more.exclude else self


def split(items: Iterable[Item], scope: Scope) -> tuple[list[Item], list[Item], list[Item]]:
    """Give what a run has to know of, what it may have to, and what it can do without.

    The first are covered, or were another address, or are needed by those. The second exist already: what the state has
    may stand in them. The third is not even named.
    """
    known = {item.address: item for item in items}
    start = [item for item in known.values() if item.was or scope.covers(item.kind, item.address)]
    kept = {item.address for item in start}
    while start:
        for address in _needs(start.pop()):
            if address in known and address not in kept:
                kept.add(address)
                start.append(known[address])
    inside, rest = _parted(known.values(), lambda item: item.address in kept)
    spare, outside = _parted(rest, lambda item: item.existing)
    return inside, spare, outside


def _needs(item: Item) -> set[str]:
    found: Iterable[tuple[Any, references.Reference]] = references.walk(item.spec)
    return {*item.needs, *(one.target for _, one in found if one.scheme == "resource")}


def _parted(items: Iterable[Item], test: Callable[[Item], object]) -> tuple[list[Item], list[Item]]:
    yes, no = list[Item](), list[Item]()
    for item in items:
        (yes if test(item) else no).append(item)
    return yes, no
