"""Settings by kind: a kind or a wildcard such as `aws_*` as key, the more specific one wins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from dpn.errors import Problem


def matching(globs: Iterable[str], kind: str) -> list[str]:
    """Give the wildcards that match, the least specific first (fewest literal characters) and the exact kind last."""
    return sorted((glob for glob in globs if fnmatchcase(kind, glob)), key=lambda glob: (weight(glob, kind), glob))


def weight(glob: str, kind: str) -> int:
    """Give how specific a wildcard is for a kind."""
    return len(kind) + 1 if glob == kind else sum(char not in "*?" for char in glob)


def by_kind(setting: Any, kind: str, default: Any) -> Any:
    """Read a setting that is one value for all kinds, a list of wildcards (true for those), or a map by wildcard."""
    if isinstance(setting, Mapping):
        found = matching(setting, kind)
        return setting[found[-1]] if found else default
    if isinstance(setting, list):
        return bool(matching(setting, kind))
    return default if setting is None else setting


def joined(setting: Any, kind: str) -> Mapping[str, Any] | None:
    """Read a setting whose entries are maps: those that match are laid over each other, the more specific on top.

    `true`, and a list of wildcards, ask for the usual; None: it is not asked for, or a more specific `false` takes it
    away.
    """
    if not isinstance(setting, Mapping):
        return {} if by_kind(setting, kind, False) else None
    out: dict[str, Any] | None = None
    for glob in matching(setting, kind):
        said = setting[glob]
        out = {**(out or {}), **(said if isinstance(said, Mapping) else {})} if said or said == {} else None
    return out


def ties(setting: Any, kind: str) -> Iterator[tuple[str, str]]:
    """Yield pairs of wildcards that are equally specific for a kind and say different things."""
    if isinstance(setting, Mapping):
        found = matching(setting, kind)
        for index, one in enumerate(found):
            for other in found[index + 1 :]:
                if weight(one, kind) == weight(other, kind) and _differ(setting[one], setting[other]):
                    yield one, other


def tie_problem(kind: str, path: str, one: str, other: str) -> Problem:
    """Say that two wildcards decide about one kind and neither wins."""
    message = f"{one!r} and {other!r} are equally specific for {kind} and say different things."
    return Problem("GLOB-TIE", message, field=f"{path}.{one}", hint=f"Add an entry for {kind} itself.")


def _differ(one: Any, other: Any) -> bool:
    """Tell whether two entries clash; maps of values clash only in a key that both set."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return any(one[key] != other[key] for key in one.keys() & other.keys())
    return bool(one != other)
