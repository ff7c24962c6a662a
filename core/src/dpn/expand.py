"""`for_each`, `${each.…}` and `[*]`: one body in the file becomes the bodies of its instances."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from dpn.paths import Path, nearest

_TOKEN = re.compile(r"\$\$\{|\$\{([^{}]*)\}")
_INDEX = re.compile(r"\[each\.([a-z][a-z0-9_]*)\]", re.ASCII)
_ALL = re.compile(r"([a-z][a-z0-9_]*\.[a-z][a-z0-9_-]*)\[\*\](\.[a-z][a-z0-9_]*)?", re.ASCII)

Report: TypeAlias = Callable[[Path, str, str, str | None], None]
"""Takes the path inside the body, the code, the message and the hint of a problem."""
Groups: TypeAlias = Mapping[str, tuple[str, ...] | None]
"""For each `kind.id` the keys of its instances in order; None if it is a single resource."""


@dataclass(frozen=True, slots=True)
class Each:
    """One instance: the variable of `for_each`, its key, and the data that came with the key."""

    variable: str
    key: str
    data: Mapping[str, Any] = field(default_factory=dict)

    def values(self) -> Mapping[str, Any]:
        """Give what stands behind `each.`: the data, `key`, and the variable by its own name."""
        return {**self.data, self.variable: self.key, "key": self.key}


def instances(for_each: Mapping[str, Any]) -> list[Each]:
    """Give the instances that a sound `for_each` asks for, by key."""
    variable, values = next(iter(for_each.items()))
    if isinstance(values, Mapping):
        return [Each(variable, key, values[key]) for key in sorted(values)]
    return [Each(variable, key) for key in sorted(values)]


def uses_each_or_all(text: str) -> bool:
    """Tell whether a file can hold `${each.…}` or `[*]` at all: one look at its text spares a walk over all values."""
    return "each" in text or "[*]" in text or "\\" in text


@dataclass(frozen=True, slots=True)
class Expander:
    """Puts the values of one instance into its body; without `each` only `[*]` is expanded."""

    each: Each | None
    groups: Groups
    report: Report

    def value(self, value: Any, path: Path) -> Any:
        """Expand all texts inside a value; a list takes in what `[*]` stands for."""
        if isinstance(value, str):
            return self.text(value, path) if "${" in value else value
        if isinstance(value, Mapping):
            return {key: self.value(item, (*path, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [entry for index, item in enumerate(value) for entry in self._entries(item, (*path, index))]
        return value

    def text(self, text: str, path: Path) -> Any:
        """Expand one text; exactly one `${each.…}` takes the type of its value, exactly one `[*]` becomes a list."""
        whole = _TOKEN.fullmatch(text)
        if whole and whole[1] is not None:
            return self._whole(whole[1], path)
        return _TOKEN.sub(lambda found: self._inside(found, path), text)

    def word(self, text: str, path: Path) -> str:
        """Expand a text that must stay one: numbers and truth values are written out."""
        return self._written(self.text(text, path), path) if "${" in text else text

    def address(self, text: str, path: Path) -> list[str]:
        """Expand an address outside of `${}`: `[each.…]` and `[*]` as its index."""
        address = self.indexed(text, path)
        found = _ALL.fullmatch(address)
        return self._all(found, path) if found else [address]

    def _entries(self, item: Any, path: Path) -> list[Any]:
        new = self.value(item, path)
        return new if isinstance(item, str) and isinstance(new, list) and "[*]" in item else [new]

    def _whole(self, inner: str, path: Path) -> Any:
        if inner.startswith("each."):
            return self._each(inner[5:], path)
        inner = self.indexed(inner, path)
        if found := _ALL.fullmatch(inner):
            return [f"${{{address}}}" for address in self._all(found, path)]
        return f"${{{inner}}}"

    def _inside(self, found: re.Match[str], path: Path) -> str:
        inner = found[1]
        if inner is None:
            return found[0]
        if inner.startswith("each."):
            return self._written(self._each(inner[5:], path), path)
        inner = self.indexed(inner, path)
        if "[*]" in inner:
            self.report(path, "ALL-INSIDE", "[*] is a list and cannot stand inside a longer text.", None)
        return f"${{{inner}}}"

    def indexed(self, text: str, path: Path) -> str:
        """Put keys and data in place of `[each.…]`."""
        return _INDEX.sub(lambda found: f"[{self._written(self._each(found[1], path), path)}]", text)

    def _all(self, found: re.Match[str], path: Path) -> list[str]:
        address, attribute = found[1], found[2] or ""
        if address not in self.groups:
            near = nearest(address, self.groups)
            self.report(path, "REF-UNKNOWN", f"There is no {address}.", f"Did you mean {near}[*]?" if near else None)
            return []
        keys = self.groups[address]
        return [address + attribute] if keys is None else [f"{address}[{key}]{attribute}" for key in keys]

    def _each(self, name: str, path: Path) -> Any:
        values = self.each.values() if self.each else {}
        if name in values:
            return values[name]
        if not self.each:
            self.report(path, "EACH", "${each.…} stands in a resource without for_each.", None)
        else:
            near = nearest(name, values)
            hint = (
                f"Did you mean each.{near}?"
                if near
                else f"Known: {', '.join(f'each.{key}' for key in sorted(values))}."
            )
            self.report(path, "EACH", f"[{self.each.key}] has no value for each.{name}.", hint)
        return f"${{each.{name}}}"  # stays as it is: the later check passes over it

    def _written(self, value: Any, path: Path) -> str:
        if isinstance(value, str):
            return value
        if isinstance(value, (dict, list)) or value is None:
            self.report(path, "EACH", "A list, an object or null cannot stand inside a text.", None)
            return ""
        return json.dumps(value)
