"""YAML 1.2, strictly: the core schema, one document, no aliases, no tags, no merge keys, no duplicate keys.

The values are built from the parser's events, so that a hostile text is given up at the first level too deep
and nothing is ever expanded; the events carry the places.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import isfinite, nan
from typing import Any

from dpn.errors import Place, Problem
from dpn.paths import Path, dotted
from dpn.strict_json import CONTROL, DEPTH, control, deep, duplicate, number

_WORDS: dict[str, bool | None] = dict.fromkeys(("", "~", "null", "Null", "NULL"))
_WORDS |= dict.fromkeys(("true", "True", "TRUE"), True) | dict.fromkeys(("false", "False", "FALSE"), False)
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", re.ASCII)
_DIGITS = 20
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", re.ASCII)
_NO_NUMBER = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)", re.ASCII)
_STRING_TAG = "tag:yaml.org,2002:str"


class YamlPlaces:
    """The line and column of each key and value, as the parser saw them."""

    def __init__(self) -> None:
        self._seen: dict[Path, tuple[tuple[int, int], tuple[int, int]]] = {}

    def note(self, path: Path, key: tuple[int, int], value: tuple[int, int]) -> None:
        """Remember where a key and its value begin."""
        self._seen[path] = key, value

    def find(self, path: Sequence[str | int], *, key: bool) -> tuple[int, int]:
        """Give line and column, from 1, of the value (or its key) or of its nearest existing ancestor."""
        steps = tuple(path)
        if found := self._seen.get(steps):
            return found[0 if key else 1]
        while steps and steps not in self._seen:
            steps = steps[:-1]
        return self._seen.get(steps, ((1, 1), (1, 1)))[1]


class _Stop(Exception):  # noqa: N818 - no error: it carries the problem that ends the reading
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class _Builder:
    """Turns events into values; what is wrong but can be passed over is collected."""

    def __init__(self, file: str, events: Iterator[Any]) -> None:
        self.file = file
        self.events = events
        self.places = YamlPlaces()
        self.problems: list[Problem] = []

    def document(self) -> Any:
        """Read the only document; an empty one is null."""
        next(self.events)
        data = None
        if (event := next(self.events)).__class__.__name__ == "DocumentStartEvent":
            data = self.value(next(self.events), (), None)
            next(self.events)
            event = next(self.events)
        if event.__class__.__name__ != "StreamEndEvent":
            raise _Stop(
                self._problem("YAML-DOCUMENTS", "There is a second document in the file.", event, (), expected="one")
            )
        return data

    def value(self, event: Any, path: Path, key: tuple[int, int] | None) -> Any:
        """Build the value that begins with this event."""
        self.places.note(path, key or _at(event), _at(event))
        if event.__class__.__name__ == "AliasEvent":
            self._add("YAML-ALIAS", "An alias (*name) is not accepted.", event, path, hint="Write the value out.")
            return None
        if event.tag is not None and str(event.tag) not in (_STRING_TAG, "!"):
            self._add("YAML-TAG", "A tag is not accepted.", event, path, hint="Remove the tag (!…).")
        if event.__class__.__name__ == "ScalarEvent":
            return self._scalar(event, path)
        if len(path) >= DEPTH:
            raise _Stop(deep(Place(self.file, *_at(event))))
        return self._mapping(path) if event.__class__.__name__ == "MappingStartEvent" else self._list(path)

    def _mapping(self, path: Path) -> dict[str, Any]:
        out: dict[str, Any] = {}
        while (event := next(self.events)).__class__.__name__ != "MappingEndEvent":
            name = self._key(event, path)
            if name in out:
                self.problems.append(self._of(duplicate(), event, (*path, name)))
            out[name] = self.value(next(self.events), (*path, name), _at(event))
        return out

    def _key(self, event: Any, path: Path) -> str:
        if event.__class__.__name__ != "ScalarEvent":
            raise _Stop(self._problem("YAML-KEY", "This key is no text.", event, path, expected="a plain word as key"))
        name: str = event.value
        if event.tag is not None:
            self._add("YAML-TAG", "A tag is not accepted.", event, path, hint="Remove the tag (!…).")
        if _plain(event) and name == "<<":
            self._add("YAML-MERGE", "A merge key (<<) is not accepted.", event, path, hint="Write the keys out.")
        elif _plain(event) and not isinstance(_resolve(name), str):
            self._add("YAML-KEY", "This key is no text.", event, path, hint="Put it in quotes.")
        elif problem := control(name):
            self.problems.append(self._of(problem, event, (*path, name)))
        return name

    def _list(self, path: Path) -> list[Any]:
        out: list[Any] = []
        while (event := next(self.events)).__class__.__name__ != "SequenceEndEvent":
            out.append(self.value(event, (*path, len(out)), None))
        return out

    def _scalar(self, event: Any, path: Path) -> Any:
        text: str = event.value
        if problem := control(text):
            self.problems.append(self._of(problem, event, path))
        if not _plain(event):
            return text
        value = _resolve(text)
        if isinstance(value, float) and not isfinite(value):
            self.problems.append(self._of(number(finite=not _NO_NUMBER.fullmatch(text)), event, path))
        return value

    def _add(self, code: str, message: str, event: Any, path: Path, *, hint: str | None = None) -> None:
        self.problems.append(self._problem(code, message, event, path, hint=hint))

    def _problem(
        self, code: str, message: str, event: Any, path: Path, *, expected: str | None = None, hint: str | None = None
    ) -> Problem:
        return self._of(Problem(code, message, expected=expected, hint=hint), event, path)

    def _of(self, problem: Problem, event: Any, path: Path) -> Problem:
        return replace(problem, field=dotted(path) or None, place=Place(self.file, *_at(event)))


def read(text: str, file: str) -> tuple[Any, YamlPlaces, list[Problem]]:
    """Read one YAML document; with problems, the value is not to be used."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    if raw := _raw_control(text, file):
        return None, YamlPlaces(), raw
    builder = _Builder(file, iter(YAML(typ="safe", pure=True).parse(text)))
    data = None
    try:
        data = builder.document()
    except _Stop as stop:
        builder.problems.append(stop.problem)
    except (YAMLError, UnicodeError, ValueError, AssertionError) as error:  # the last: ruamel, for `%YAML 1.9`
        builder.problems.append(_syntax(error, file))
    return data, builder.places, builder.problems


def _at(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _plain(event: Any) -> bool:
    return bool(event.implicit[0])


def _resolve(text: str) -> Any:
    """Give what a plain scalar means in the core schema of YAML 1.2 (section 10.3.2): `no` is text, `0644` is 644.

    NaN stands for a number that cannot be held.
    """
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10)) if len(text) <= _DIGITS else nan
    if _FLOAT.fullmatch(text):
        return float(text)
    return nan if _NO_NUMBER.fullmatch(text) else text


def _syntax(error: Exception, file: str) -> Problem:
    """Put the parser's complaint into one line with its place."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    said = getattr(error, "problem", None) or "it is no YAML 1.2"
    place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
    return Problem("SYNTAX", f"This is not valid YAML: {said}.", place=place)


def _raw_control(text: str, file: str) -> list[Problem]:
    """Find the first character that no YAML file may hold; the parser would only name its offset."""
    found = CONTROL.search(text)
    if not found or not (problem := control(found[0])):
        return []
    start = text.rfind("\n", 0, found.start()) + 1
    place = Place(file, text.count("\n", 0, start) + 1, found.start() - start + 1)
    return [replace(problem, place=place)]
