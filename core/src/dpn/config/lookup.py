"""Where configuration files are looked up: the folder of the project before that of the user."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from dpn.documents import Document, problems, read
from dpn.errors import InputError, Place, Problem
from dpn.paths import without
from dpn.schemas import violations
from dpn.world import World

SUFFIXES = (".yaml", ".yml", ".json")


def folders(world: World) -> list[tuple[Path, Path]]:
    """Give the folders, the strongest first, each with the form in which it is shown; one that is both stands once."""
    project, user = Path(".dpn"), world.home
    both = [(world.cwd / project, project), (user, user)]
    return both if os.path.normpath(both[0][0]) != os.path.normpath(user) else both[:1]


def find(world: World, folder: Path, shown: Path, stem: str) -> tuple[Path | None, list[Problem]]:
    """Give the file `stem` with one of the suffixes in a folder, if there is one; two of them are a problem."""
    try:
        names = set(world.disk.names(folder))
    except OSError as error:
        why = error.strerror or "it cannot be read"
        return None, [Problem("UNREADABLE", f"The folder cannot be listed: {why}.", place=Place(str(shown)))]
    found = [stem + suffix for suffix in SUFFIXES if stem + suffix in names]
    if len(found) > 1:
        message = f"There are {' and '.join(found)}; dpn does not guess which one counts."
        return None, [Problem("CONFIG-TWICE", message, place=Place(str(shown)), hint="Keep one of them.")]
    return (shown / found[0] if found else None), []


def load(world: World, path: Path, schema: Mapping[str, Any]) -> tuple[Document | None, list[Problem]]:
    """Read a file and hold it against its schema; what is sound is gone on with, so that all problems come together.

    A file that says nothing counts as absent.
    """
    try:
        document = read(path, world)
    except InputError as error:
        return None, list(error.problems)
    found = violations(document.data, schema)
    if found:
        bad = (one.path[:-1] if one.missing else one.path for one in found)
        sound = without(document.data, bad) if isinstance(document.data, Mapping) else None
        return (replace(document, data=sound) if sound else None), problems(document, found)
    return (document if document.data else None), []
