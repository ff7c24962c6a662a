"""Environments: the overlay of one environment is merged over the base of a blueprint."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dpn.paths import Path, follow, undotted


def merge(base: Any, over: Any) -> Any:
    """Merge deeply: objects key by key; lists and scalars of `over` replace. Nothing is changed in place."""
    if not (isinstance(base, Mapping) and isinstance(over, Mapping)):
        return over
    return {**base, **{key: merge(base[key], item) if key in base else item for key, item in over.items()}}


def apply(data: Mapping[str, Any], environment: str) -> dict[str, Any]:
    """Give the blueprint as it is in one environment; `resources` of an overlay may be keyed by kind or by address."""
    base = {key: value for key, value in data.items() if key != "environments"}
    over = data.get("environments", {}).get(environment)
    if not over:
        return base
    nested: dict[str, Any] = {}
    for key, value in sorted(over.get("resources", {}).items()):  # kinds before their addresses
        kind, dot, name = key.partition(".")
        nested = merge(nested, {kind: {name: value} if dot else value})
    rest = {key: value for key, value in over.items() if key != "resources"}
    return {**merge(base, rest), "resources": merge(base.get("resources", {}), nested)}


def bodies(data: Any, environment: str, address: str) -> Iterator[Path]:
    """Yield the paths at which the file says something of an address, the strongest first."""
    kind, _, name = address.partition(".")
    name = name.partition("[")[0]
    over: Path = ("environments", environment, "resources")
    for path in ((*over, f"{kind}.{name}"), (*over, kind, name), ("resources", kind, name)):
        if follow(data, path)[1] == len(path):
            yield path


def locate(data: Any, environment: str, address: str | None, field: str) -> Path | None:
    """Find where the value of a field comes from: the overlay if it has all of the path, else who has most of it.

    `field` is relative to the body of the address, without one to the root. None if the address is nowhere.
    """
    starts = [("environments", environment), ()] if address is None else list(bodies(data, environment, address))
    best: tuple[int, Path] | None = None
    for start in starts:
        body, gone = follow(data, start)
        if gone < len(start):
            continue
        path = undotted(field, body)
        reached = follow(body, path)[1]
        if reached == len(path) and path:
            return (*start, *path)
        if best is None or reached >= best[0]:
            best = reached, (*start, *path)
    return best[1] if best else None
