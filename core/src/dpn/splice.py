"""One value set in the text of a JSON or YAML file; all else in it stays as its author wrote it. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from dpn.documents import Document, parse
from dpn.errors import InputError
from dpn.paths import Path, dotted, follow

_INDENT = re.compile(r"[ \t]*")


def put(document: Document, path: Path, value: Any) -> Document:
    """Give the document with `value` at `path`; what is missing on the way is made as objects.

    InputError: something on the way is no object, or the text is written in a way that cannot be edited safely.
    """
    there, gone = follow(document.data, path)
    missing = path[gone:]
    if missing and (not isinstance(there, Mapping) or any(isinstance(step, int) for step in missing)):
        raise InputError(f"{dotted(path)} cannot be set: {dotted(path[:gone]) or 'the file'} is no object.")
    edit = _in_json if document.syntax == "json" else _in_yaml
    text = edit(document, path, gone, _nested(missing[1:], value))
    changed = parse(text, document.file, document.syntax)
    if changed.data != _with(document.data, path, value):
        raise InputError(
            f"{document.file} is written in a way that dpn cannot edit safely.",
            hint=f"Set {dotted(path)} to {json.dumps(value)} by hand.",
        )
    return changed


def _nested(steps: Sequence[str | int], value: Any) -> Any:
    for step in reversed(steps):
        value = {step: value}
    return value


def _with(data: Any, path: Sequence[str | int], value: Any) -> Any:
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(data, list) and isinstance(step, int):
        return [_with(item, rest, value) if index == step else item for index, item in enumerate(data)]
    return {**data, step: _with(data.get(step, {}), rest, value)}


# JSON -----------------------------------------------------------------------------------------------------------


def _in_json(document: Document, path: Path, gone: int, value: Any) -> str:
    text = document.text
    place = document.place(path[:gone])
    start = _offset(text, place.line, place.column)
    end = json.JSONDecoder().raw_decode(text, start)[1]
    if gone == len(path):
        return text[:start] + json.dumps(value, ensure_ascii=False) + text[end:]
    member = f"{json.dumps(path[gone], ensure_ascii=False)}: {json.dumps(value, ensure_ascii=False)}"
    inside = text[start + 1 : end - 1]
    last = start + 1 + len(inside.rstrip())
    if not inside.strip():
        return f"{text[: start + 1]}{member}{text[end - 1 :]}"
    gap = inside[: len(inside) - len(inside.lstrip())]
    return f"{text[:last]},{gap if chr(10) in gap else ' '}{member}{text[last:]}"


def _offset(text: str, line: int, column: int) -> int:
    start = 0
    for _ in range(line - 1):
        start = text.index("\n", start) + 1
    return start + column - 1


# YAML -----------------------------------------------------------------------------------------------------------


def _in_yaml(document: Document, path: Path, gone: int, value: Any) -> str:
    from ruamel.yaml import YAML

    text = document.text
    key, node = None, YAML(typ="rt", pure=True).compose(text)
    for step in path[:gone]:
        key, node = _member(node, step)
    said = json.dumps(value, ensure_ascii=False)
    if gone < len(path):
        return _insert(text, node, f"{path[gone]}: {said}")
    start = node.start_mark.index if key is None or _on_one_line(key, node) else text.index(":", key.end_mark.index) + 1
    gap = "" if start == node.start_mark.index else " "
    return f"{text[:start]}{gap}{said}{text[_end(text, node) :]}"


def _member(node: Any, step: str | int) -> tuple[Any, Any]:
    if isinstance(step, int):
        return None, node.value[step]
    found: tuple[Any, Any] = next((key, value) for key, value in node.value if key.value == step)
    return found


def _on_one_line(key: Any, node: Any) -> bool:
    return bool(key.end_mark.line == node.start_mark.line) and getattr(node, "style", None) not in ("|", ">")


def _end(text: str, node: Any) -> int:
    """Give where what is written of a node ends: a block ends with its last leaf, not with the comments behind it."""
    while isinstance(node.value, list) and node.value and not node.flow_style:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    end = int(node.end_mark.index)
    return len(text[:end].rstrip("\n")) if getattr(node, "style", None) in ("|", ">") else end


def _insert(text: str, node: Any, member: str) -> str:
    if node.flow_style or not node.value:
        end = int(node.end_mark.index) - 1
        empty = not node.value
        return f"{text[:end].rstrip() if not empty else text[:end]}{'' if empty else ', '}{member}{text[end:]}"
    end = _end(text, node)
    end = text.find("\n", end) if "\n" in text[end:] else len(text)
    return f"{text[:end]}\n{' ' * node.value[0][0].start_mark.column}{member}{text[end:]}"
