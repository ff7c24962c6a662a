"""A provider's catalogue: the rule, the default pattern and the variables of each of its kinds, read from JSON."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from dpn.name_rule import NameRule, Variable
from dpn.provider import NamedKind

_TUPLES = frozenset(
    (
        "forbid_prefix", "forbid_suffix", "forbid_substring", "forbid_regex", "reserved", "allow_suffix", "good", "bad",
    )
)  # fmt: skip


class Catalogue:
    """The kinds of a provider, as data.

    The text is a JSON object: `kinds` has for each kind `doc` (one sentence), `rule` (the fields of NameRule; `source`
    and `checked`, a date, are required by the conformance tests), `default_pattern` and `variables` (for each a `doc`
    and, unless it is open, its `form` and `values`). An example among `good` and `bad` is a text, or an object
    `{"start": "alias/", "of": "a", "times": 250, "end": ""}`, so that limits need no long lines; `start` and `end` may
    be left out. A rule with `like` begins as that of another kind of the same catalogue.

    Raises KeyError for a kind that is not in it, TypeError for a field that no rule has.
    """

    def __init__(self, text: str) -> None:
        self._rows: Mapping[str, Mapping[str, Any]] = json.loads(text)["kinds"]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def doc(self, kind: str) -> str:
        """Say in one sentence what a kind is."""
        return str(self._rows[kind]["doc"])

    def rule(self, kind: str) -> NameRule:
        """Give what the cloud accepts as a name of a kind."""
        return NameRule(**{name: _field(name, value) for name, value in self._fields(kind).items()})

    def _fields(self, kind: str) -> dict[str, Any]:
        own = dict(self._rows[kind]["rule"])
        like = own.pop("like", None)
        return {**self._fields(like), **own} if like else own

    def pattern(self, kind: str) -> str:
        """Give the pattern of a kind where the user's files have none; empty for a kind without names of its own."""
        return str(self._rows[kind].get("default_pattern", ""))

    def variables(self, kind: str) -> dict[str, Variable]:
        """Give the variables of a kind beyond those that every pattern may use."""
        rows = self._rows[kind].get("variables", {})
        return {name: Variable(x["doc"], x.get("form", "open"), tuple(x.get("values", ()))) for name, x in rows.items()}

    def named(self, but: Collection[str] = ()) -> tuple[type[NamedKind], ...]:
        """Give a class for each kind that dpn names and checks but does not provision: all except those of `but`."""
        return tuple(self._named(kind) for kind in self._rows if kind not in but)

    def _named(self, kind: str) -> type[NamedKind]:
        data = {
            "__doc__": self.doc(kind),
            "kind": kind,
            "name_rule": self.rule(kind),
            "default_pattern": self.pattern(kind),
            "variables": self.variables(kind),
        }
        return type(kind, (NamedKind,), data)


def _field(name: str, value: Any) -> Any:
    if name in ("good", "bad"):
        return tuple(map(_example, value))
    return tuple(value) if name in _TUPLES else value


def _example(example: str | Mapping[str, Any]) -> str:
    if isinstance(example, str):
        return example
    middle = example["of"] * example["times"]
    return f"{example.get('start', '')}{middle}{example.get('end', '')}"
