"""Places inside nested data as text, and the nearest valid word: what every message about a file needs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

Path: TypeAlias = tuple[str | int, ...]

_PLAIN = re.compile(r"[^.\[\]\"\s]+")
_STEP = re.compile(r'\.?(?:\[(\d{1,9})\]|\["((?:[^"\\]|\\.)*)"\]|([^.\[\]]+))')
_MANY = 1000


def dotted(path: Iterable[str | int]) -> str:
    """Give a path as a person writes it: `spec.columns[0].type`; odd keys are quoted, `spec.tags["a.b"]`."""
    out = ""
    for step in path:
        if isinstance(step, int):
            out += f"[{step}]"
        elif _PLAIN.fullmatch(step) and step.isprintable():
            out += f".{step}" if out else step
        else:
            out += json.dumps(
                [step], ensure_ascii=not step.isprintable()
            )  # escapes what would move a terminal's cursor
    return out


def undotted(field: str, data: Any) -> Path:
    """Find the path that `field` means in `data`; a key with a dot in it is found without quotes too.

    Where the data ends, the rest is read by its spelling; the path then leads to something that is not there.
    """
    path: list[str | int] = []
    while field:
        step, rest = _known(field, data) or _spelled(field)
        path.append(step)
        data = _inside(data, step)
        field = rest
    return tuple(path)


def follow(data: Any, path: Iterable[str | int]) -> tuple[Any, int]:
    """Go down a path as far as it exists; give what is there and the number of steps gone."""
    gone = 0
    for step in path:
        found = _inside(data, step)
        if found is _ABSENT:
            break
        data, gone = found, gone + 1
    return data, gone


def nearest(word: str, words: Iterable[str]) -> str | None:
    """Give the most similar of the words, if one is similar."""
    import difflib  # noqa: PLC0415 - only a message needs it

    pool = [other for other in words if abs(len(other) - len(word)) <= max(3, len(word) // 3)]
    if len(pool) > _MANY:  # each comparison costs microseconds: keep those that begin alike
        pool = [other for other in pool if other[:4] == word[:4]][:_MANY]
    found = difflib.get_close_matches(word[:200], pool, n=1)
    return found[0] if found else None


_ABSENT = object()


def _inside(data: Any, step: str | int) -> Any:
    if isinstance(step, str):
        return data.get(step, _ABSENT) if isinstance(data, Mapping) else _ABSENT
    if isinstance(data, Sequence) and not isinstance(data, str) and 0 <= step < len(data):
        return data[step]
    return _ABSENT


def _known(field: str, data: Any) -> tuple[str, str] | None:
    """Take the longest key of a mapping that the field begins with."""
    if not isinstance(data, Mapping):
        return None
    text = field.removeprefix(".")
    ends = [at for at in range(len(text), 0, -1) if at == len(text) or text[at] in ".["]
    return next(((text[:at], text[at:]) for at in ends if text[:at] in data), None)


def _spelled(field: str) -> tuple[str | int, str]:
    found = _STEP.match(field)
    if not found:
        return field, ""
    index, quoted, plain = found.groups()
    rest = field[found.end() :]
    if index is not None:
        return int(index), rest
    return (plain if quoted is None else _unquoted(quoted)), rest


def _unquoted(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"'))
    except json.JSONDecodeError:
        return text


def without(data: Any, paths: Iterable[Path]) -> Any:
    """Give the data without what stands at these paths; the root itself always stays, and nothing changes in place."""
    for path in sorted({*paths} - {()}, key=lambda path: tuple(map(_order, path)), reverse=True):
        data = _dropped(data, path)
    return data


def _order(step: str | int) -> tuple[int, str]:
    return (step, "") if isinstance(step, int) else (-1, step)


def _dropped(data: Any, path: Path) -> Any:
    head, rest = path[0], path[1:]
    if isinstance(data, dict) and head in data:
        return {key: item if key != head else _dropped(item, rest) for key, item in data.items() if rest or key != head}
    if isinstance(data, list) and isinstance(head, int) and head < len(data):
        middle = [_dropped(data[head], rest)] if rest else []
        return [*data[:head], *middle, *data[head + 1 :]]
    return data
