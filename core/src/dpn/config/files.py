"""The two naming files and config.yaml, read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from dpn.config.lookup import find, folders, load
from dpn.config.shapes import NAMING_PATTERNS, NAMING_VALUES, SETTINGS
from dpn.documents import Document, check
from dpn.errors import Place, Problem
from dpn.paths import without
from dpn.world import World

_DIGITS = 10  # int() takes time that grows with the square of the length


@dataclass(frozen=True, slots=True)
class NamingFiles:
    """naming-values.yaml and naming-patterns.yaml; None for one that is not there or says nothing."""

    values: Document | None = None
    patterns: Document | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """How dpn itself works.

    plugins: extensions to import. state: the backend and its own keys. parallelism: calls at once for each provider.
    silence: codes of warnings that are not shown.
    """

    plugins: tuple[str, ...] = ()
    state: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    parallelism: int = 10
    silence: tuple[str, ...] = ()


def load_naming(
    world: World, values_config: Path | None = None, patterns_config: Path | None = None
) -> tuple[NamingFiles, list[Problem]]:
    """Read both naming files, each from its flag, else `./.dpn/`, else the home; give all problems of both together.

    The first place where a file is found counts alone: files of two places are not merged.
    """
    values, problems = _naming_file(world, values_config, "naming-values", NAMING_VALUES)
    patterns, more = _naming_file(world, patterns_config, "naming-patterns", NAMING_PATTERNS)
    patterns, meaningless = _meaning(patterns)
    return NamingFiles(values, patterns), [*problems, *more, *meaningless]


def _meaning(patterns: Document | None) -> tuple[Document | None, list[Problem]]:
    """Take out of the patterns file what has the right form and no meaning."""
    if patterns is None:
        return None, []
    from dpn.config.meaning import class_problems  # noqa: PLC0415 - only a patterns file needs it

    found = list(class_problems(patterns))
    data = without(patterns.data, (path for path, _ in found)) if found else patterns.data
    return replace(patterns, data=data), [problem for _, problem in found]


def load_settings(world: World) -> tuple[Settings, list[Problem]]:
    """Read config.yaml of the project and of the user, key by key the project's first, and `DPN_*` over both.

    Plugins and state come from files only: what runs and where state is kept must be written down.
    """
    merged: dict[str, Any] = {}
    problems: list[Problem] = []
    for folder, shown in reversed(folders(world)):
        path, found = find(world, folder, shown, "config")
        document, broken = load(world, path, SETTINGS) if path else (None, [])
        problems += [*found, *broken]
        merged |= {key: value for key, value in (document.data if document else {}).items() if value is not None}
    from_env, broken = _environment(world.env)
    merged |= from_env
    for name in ("plugins", "silence"):
        merged[name] = tuple(merged.get(name, ()))
    return Settings(**merged), [*problems, *broken]


def _naming_file(
    world: World, flag: Path | None, stem: str, schema: Mapping[str, Any]
) -> tuple[Document | None, list[Problem]]:
    if flag:
        return load(world, flag, schema)
    for folder, shown in folders(world):
        path, problems = find(world, folder, shown, stem)
        if problems:
            return None, problems
        if path:
            return load(world, path, schema)
    return None, []


def _environment(env: Mapping[str, str]) -> tuple[dict[str, Any], list[Problem]]:
    data: dict[str, Any] = {}
    if text := env.get("DPN_PARALLELISM"):
        data["parallelism"] = int(text) if text.isdecimal() and len(text) < _DIGITS else text
    if text := env.get("DPN_SILENCE"):
        data["silence"] = [code.strip() for code in text.split(",") if code.strip()]
    problems = []
    for problem in check(Document("environment", "", data, "yaml"), SETTINGS):
        name = (problem.field or "").split("[")[0]
        variable = f"DPN_{name.upper()}"
        problems.append(Problem("ENV-VALUE", problem.message, None, variable, Place(variable), problem.expected))
        data.pop(name, None)
    return data, problems
