"""What no schema can say of the patterns file: whether a character class means something."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dpn.documents import Document
from dpn.errors import Problem
from dpn.paths import Path, dotted


def class_problems(document: Document) -> Iterator[tuple[Path, Problem]]:
    """Yield each class of `validation.allowed_chars` that has no meaning, with its path."""
    setting = ((document.data or {}).get("validation") or {}).get("allowed_chars")
    at: Path = ("validation", "allowed_chars")
    for path, body in _bodies(setting, at):
        if reason := _fault(body):
            message = f"allowed_chars {body!r} is no character class: {reason}."
            expected = "characters and ranges such as a-z0-9_, with a hyphen first or last"
            yield path, Problem("PATTERNS-CHARS", message, None, dotted(path), document.place(path), expected)


def _bodies(setting: Any, at: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(setting, str):
        yield at, setting
    elif isinstance(setting, Mapping):
        yield from (((*at, glob), body) for glob, body in setting.items())


def _fault(body: str) -> str | None:
    """Tell what is wrong with a class body; two hyphens would one day mean a difference of sets."""
    if "--" in body:
        return "it holds two hyphens in a row"
    position = 0
    while position < len(body):
        part = body[position : position + 3]
        if len(part) == 3 and part[1] == "-":  # noqa: PLR2004 - first, hyphen, last
            if part[0] > part[2]:
                return f"the range {part} runs backwards"
            position += 3
        else:
            position += 1
    return None
