"""JSON, strictly: no duplicate keys, no NaN, no endless numbers, no control characters, not too deep.

A sound text costs little more than `json.loads`: what is wrong is only looked for, and only located, when the
fast path has seen that something is.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import isinf
from typing import Any

from dpn.errors import Place, Problem
from dpn.paths import Path, dotted

DEPTH = 50
"""How deep objects and lists may be nested, in JSON and in YAML."""

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Characters that no text of a blueprint needs: C0 but tab and line ends, DEL, C1, surrogates, non-characters."""

_ESCAPED = re.compile(r"\\(?:[bf]|u(?:[dD][89a-fA-F]|00[0189]|007[fF]|[fF]{3}[eEfF]))")
_ONE_SHAPE = bytes.maketrans(b"[]", b"{}")
_DULL = bytes(set(range(256)) - set(b'[]{}"'))
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{}]', re.DOTALL)
_SPACE = re.compile(r"[ \t\n\r]*")
_DIGITS = 20
_LARGEST = "less than 1.8e308"
_SKIP = json.JSONDecoder(parse_int=len, parse_float=len, parse_constant=len)


class _BadNumber:
    """Stands where a number was that JSON does not have (not finite) or that nobody can hold exactly."""

    def __init__(self, *, finite: bool) -> None:
        self.finite = finite


class JsonPlaces:
    """Finds line and column of a value by walking the text along its path; remembers the containers it has seen."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._members: dict[int, dict[str | int, tuple[int, int]]] = {}
        self._starts: list[int] = []

    def find(self, path: Sequence[str | int], *, key: bool) -> tuple[int, int]:
        """Give line and column, from 1, of the value (or its key) or of its nearest existing ancestor."""
        at = name = _skip(self._text, 0)
        for step in path:
            if at not in self._members:
                self._members[at] = dict(_members(self._text, at))
            if step not in self._members[at]:
                return self.position(at)
            name, at = self._members[at][step]
        return self.position(name if key else at)

    def position(self, offset: int) -> tuple[int, int]:
        """Give line and column, from 1, of a character."""
        if not self._starts:
            self._starts = [0, *(found.end() for found in re.finditer("\n", self._text))]
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


def read(text: str, file: str) -> tuple[Any, JsonPlaces, list[Problem]]:
    """Read one JSON value; with problems, the value is not to be used."""
    places = JsonPlaces(text)
    if (at := _too_deep(text)) is not None:
        return None, places, [deep(Place(file, *places.position(at)))]
    doubles: list[tuple[dict[str, Any], str]] = []
    bad: list[_BadNumber] = []
    try:
        data = _decoder(doubles, bad).decode(text)
    except json.JSONDecodeError as error:
        place = Place(file, error.lineno, error.colno)
        return None, places, [Problem("SYNTAX", f"This is not valid JSON: {error.msg}.", place=place)]
    problems: list[Problem] = []
    if doubles or bad or _suspect(text):
        problems = [
            replace(problem, field=dotted(path) or None, place=Place(file, *places.find(path, key=key)))
            for problem, path, key in _faults(data, doubles)
        ]
        problems.sort(key=lambda problem: (problem.place.line, problem.place.column) if problem.place else (0, 0))
    return data, places, problems


def _suspect(text: str) -> bool:
    """Tell whether a control character may be in it; json refuses raw C0 itself, so ASCII is told at once."""
    return ("\\" in text and bool(_ESCAPED.search(text))) or (
        "\x7f" in text if text.isascii() else bool(CONTROL.search(text))
    )


def deep(place: Place) -> Problem:
    """Say that a file is nested too deeply."""
    return Problem("DEPTH", "The file is nested too deeply.", place=place, expected=f"at most {DEPTH} levels")


def control(text: str) -> Problem | None:
    """Say that a text holds a character that it must not have; the text itself is not repeated."""
    found = CONTROL.search(text)
    if not found:
        return None
    code, what, expected = f"U+{ord(found[0]):04X}", "character", "text without control characters"
    if "\ud800" <= found[0] <= "\udfff":
        what, expected = "lone surrogate", "a whole character, or both surrogates of its pair"
    elif found[0] > "\udfff":
        expected = "text without non-characters"
    return Problem("CHARACTER", f"The text holds the {what} {code}.", expected=expected)


def number(*, finite: bool) -> Problem:
    """Say that a number cannot be held: `finite` tells one that is too long from NaN and infinity."""
    if finite:
        return Problem(
            "NUMBER", "This is no number that dpn can hold.", expected=f"at most {_DIGITS} digits and {_LARGEST}"
        )
    return Problem("NUMBER", "NaN and infinity are not accepted.", expected="a finite number, or text in quotes")


def _decoder(doubles: list[tuple[dict[str, Any], str]], bad: list[_BadNumber]) -> json.JSONDecoder:
    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        out = dict(items)
        if len(out) != len(items):
            doubles.extend((out, key) for key, count in Counter(key for key, _ in items).items() if count > 1)
        return out

    def refuse(_: str, *, finite: bool = False) -> _BadNumber:
        bad.append(_BadNumber(finite=finite))
        return bad[-1]

    def whole(text: str) -> int | _BadNumber:
        return int(text) if len(text) <= _DIGITS else refuse(text, finite=True)

    def real(text: str) -> float | _BadNumber:
        value = float(text)
        return refuse(text, finite=True) if isinf(value) else value

    return json.JSONDecoder(object_pairs_hook=pairs, parse_constant=refuse, parse_int=whole, parse_float=real)


def _faults(data: Any, doubles: list[tuple[dict[str, Any], str]]) -> Iterator[tuple[Problem, Path, bool]]:
    """Find all faults in what was read, with the path of each and whether the key is meant."""
    twice: dict[int, list[str]] = {}
    for found, key in doubles:
        twice.setdefault(id(found), []).append(key)
    queue: list[tuple[Any, Path]] = [(data, ())]
    while queue:
        value, path = queue.pop()
        if isinstance(value, _BadNumber):
            yield number(finite=value.finite), path, False
        elif isinstance(value, str) and (problem := control(value)):
            yield problem, path, False
        elif isinstance(value, list):
            queue += [(item, (*path, index)) for index, item in reversed(list(enumerate(value)))]
        elif isinstance(value, dict):
            queue += [(item, (*path, name)) for name, item in reversed(value.items())]
            yield from ((duplicate(), (*path, name), True) for name in twice.get(id(value), ()))
            yield from ((problem, (*path, name), True) for name in value if (problem := control(name)))


def duplicate() -> Problem:
    """Say that a key stands twice in one object."""
    return Problem("DUPLICATE-KEY", "This key stands twice in one object.", hint="Keep one of the two.")


def _too_deep(text: str) -> int | None:
    """Give the offset of the first bracket that is too deep; for a sound text without a loop over it."""
    plain = text.replace("\\\\", "").replace('\\"', "") if "\\" in text else text
    brackets = plain.encode("utf-8", "surrogatepass").translate(_ONE_SHAPE, _DULL).replace(b'""', b"")
    brackets = b"".join(brackets.split(b'"')[::2])  # what stands outside of strings
    for _ in range(DEPTH):
        if not brackets:
            return None
        brackets = brackets.replace(b"{}", b"")  # one level less
    return _first_too_deep(text) if brackets else None


def _first_too_deep(text: str) -> int | None:
    depth = 0
    for token in _TOKEN.finditer(text):
        if token[0] in ("[", "{"):
            depth += 1
        elif token[0] in ("]", "}"):
            depth -= 1
        if depth > DEPTH:
            return token.start()
    return None


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _members(text: str, at: int) -> Iterator[tuple[str | int, tuple[int, int]]]:
    """Yield each member of the container at `at`: its key or index, where the key begins and where the value does."""
    opening = text[at : at + 1]
    if opening not in ("{", "["):
        return
    at, index = _skip(text, at + 1), 0
    while text[at] not in "]}":
        name, key = at, index
        if opening == "{":
            member, at = _SKIP.raw_decode(text, at)
            at = _skip(text, _skip(text, at) + 1)
            yield member, (name, at)
        else:
            yield key, (at, at)
        at = _skip(text, _SKIP.raw_decode(text, at)[1])
        at, index = _skip(text, at + 1) if text[at] == "," else at, index + 1
