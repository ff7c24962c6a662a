"""Files into values: strict JSON and YAML 1.2, with the place of everything that is wrong.

Limits hold before anything is parsed (design: untrusted input). A `Document` remembers its text, so that places are
looked for only when a problem needs one.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from dpn import schemas, strict_json, strict_yaml
from dpn.errors import InputError, Place, Problem
from dpn.paths import dotted, follow
from dpn.world import World

__all__ = ["MAX_SIZE", "Document", "Syntax", "check", "dotted", "parse", "problems", "read"]

Syntax = Literal["json", "yaml"]

MAX_SIZE: Mapping[Syntax, int] = {"json": 64_000_000, "yaml": 1_000_000}
"""Bytes that are read at most; YAML is 100 times slower to read than JSON."""


class _Places(Protocol):
    def find(self, path: Sequence[str | int], *, key: bool) -> tuple[int, int]: ...


@dataclass(frozen=True, slots=True)
class Document:
    """A file that was read: `data` is plain JSON data, `file` the path as to be shown, `folder` its folder's name."""

    file: str
    text: str
    data: Any
    syntax: Syntax
    folder: str = ""
    _places: _Places = field(default_factory=strict_yaml.YamlPlaces, repr=False, compare=False)

    def place(self, path: Sequence[str | int], *, key: bool = False) -> Place:
        """Give line and column of the value at `path`, or of its key.

        If the path ends early, the place of the nearest existing ancestor.
        """
        return Place(self.file, *self._places.find(path, key=key))


def read(path: Path, world: World, *, max_size: int | None = None) -> Document:
    """Read a file as JSON or YAML; `max_size` in bytes replaces the limit of the syntax.

    InputError, with all problems and their places: no such file, not UTF-8, too large, too deep, not well formed,
    duplicate keys, NaN and infinity, control characters, YAML aliases, tags, merge keys and second documents.
    """
    full = Path(os.path.normpath(world.cwd / path))
    try:
        raw = world.disk.read(full)
    except OSError as error:
        why = error.strerror or "it cannot be read"
        raise _invalid([Problem("UNREADABLE", f"The file cannot be read: {why}.", place=Place(str(path)))]) from error
    syntax = _syntax(path.suffix, raw[:100].decode("utf-8", "replace"))
    _check_size(len(raw), MAX_SIZE[syntax] if max_size is None else max_size, str(path), syntax)
    return _parse(_text(raw, str(path)), str(path), syntax, full.parent.name)


def parse(text: str, file: str, syntax: Syntax) -> Document:
    """Read a text that came from elsewhere; InputError as in `read`, but the size is not checked."""
    return _parse(text, file, syntax, "")


def check(document: Document, schema: Mapping[str, Any], path: Sequence[str | int] = ()) -> list[Problem]:
    """Hold what stands at `path` against a JSON Schema (2020-12, without remote references).

    Each problem has the code SCHEMA, its place and field, what was expected and, for unknown keys and words, the
    nearest valid one.
    """
    value, gone = follow(document.data, path)
    return problems(document, schemas.violations(value, schema), path) if gone == len(path) else []


def problems(
    document: Document, violations: Iterable[schemas.Violation], path: Sequence[str | int] = ()
) -> list[Problem]:
    """Give the violations of what stands at `path` as problems with their places."""
    return [
        Problem(
            "SCHEMA",
            found.message,
            field=dotted((*path, *found.path)) or None,
            place=document.place((*path, *found.path), key=found.at_key),
            expected=found.expected,
            hint=found.hint,
        )
        for found in violations
    ]


def _parse(text: str, file: str, syntax: Syntax, folder: str) -> Document:
    data, places, found = (strict_json if syntax == "json" else strict_yaml).read(text, file)
    if found:
        raise _invalid(found)
    return Document(file, text, data, syntax, folder, places)


def _syntax(suffix: str, start: str) -> Syntax:
    if suffix.lower() in (".yaml", ".yml"):
        return "yaml"
    return "json" if suffix.lower() == ".json" or start.lstrip("\ufeff \t\r\n").startswith("{") else "yaml"


def _check_size(size: int, limit: int, file: str, syntax: Syntax) -> None:
    if size > limit:
        said, expected = f"The file has {size:,} bytes.", f"at most {limit:,} bytes"
        hint = "Raise the limit with --max-size."
        if syntax == "yaml":
            hint = "Write it as JSON, or raise the limit with --max-size."
        raise _invalid([Problem("SIZE", said, place=Place(file), expected=expected, hint=hint)])


def _text(raw: bytes, file: str) -> str:
    try:
        return raw.decode("utf-8-sig")  # editors of Windows begin files with a byte order mark
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8-sig", "replace")
        line = before.count("\n") + 1
        place = Place(file, line, len(before) - (before.rfind("\n") + 1) + 1)
        raise _invalid(
            [Problem("ENCODING", "The file is not UTF-8.", place=place, hint="Save it as UTF-8.")]
        ) from error


def _invalid(found: Sequence[Problem]) -> InputError:
    return InputError("\n".join(map(str, found)), problems=tuple(found))
