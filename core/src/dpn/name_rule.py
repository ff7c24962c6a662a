"""What the cloud accepts as a name, and the variables that names are made of: owned by the provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Separator: TypeAlias = Literal["-", "_", "/", ""]

WORLDWIDE = frozenset(("global", "partition"))
"""Scopes of names that strangers take, too."""


@dataclass(frozen=True, slots=True)
class NameRule:
    """What the cloud accepts as a name of a kind; owned by the provider.

    `pattern` is matched whole with ASCII flags after the length was checked. `unit` says what the service counts.
    `case` is what the class allows, `fold` what the service stores, `unique_fold` how it compares. `unique` is the
    scope within which two things cannot have one name; "none" means that a name is no identity. `allow_suffix` are
    endings that the class need not hold; where the field `suffix_field` of a spec is true, a name gets the first one.
    """

    pattern: str
    min: int = 1
    max: int = 255
    unit: Literal["chars", "bytes"] = "chars"
    separator: Separator = "-"
    case: Literal["lower", "upper", "any"] = "any"
    fold: Literal["lower", "upper", "none"] = "none"
    unique: Literal["global", "partition", "account", "account_region", "workspace", "parent", "none"] = "account"
    unique_fold: Literal["lower", "none"] = "none"
    charset: str = ""
    forbid_prefix: tuple[str, ...] = ()
    forbid_suffix: tuple[str, ...] = ()
    forbid_substring: tuple[str, ...] = ()
    forbid_regex: tuple[str, ...] = ()
    reserved: tuple[str, ...] = ()
    allow_suffix: tuple[str, ...] = ()
    suffix_field: str = ""
    good: tuple[str, ...] = ()
    bad: tuple[str, ...] = ()
    source: str = ""
    checked: str = ""

    def size(self, name: str) -> int:
        """Give the length as the service counts it."""
        return len(name) if self.unit == "chars" else len(name.encode(errors="surrogatepass"))

    @property
    def suffix(self) -> str:
        """Give the ending that a spec can ask for; empty if there is none."""
        return self.allow_suffix[0] if self.suffix_field and self.allow_suffix else ""

    def asked_suffix(self, spec: Mapping[str, Any]) -> str:
        """Give the ending that this spec asks for; empty if it asks for none."""
        return self.suffix if spec.get(self.suffix_field) is True else ""

    def canonical(self, name: str) -> str:
        """Give the name as the service stores it."""
        if self.fold == "none":
            return name
        return name.lower() if self.fold == "lower" else name.upper()


@dataclass(frozen=True, slots=True)
class Variable:
    """A naming variable of a kind. known: one of `values`; word: one word; open: anything."""

    doc: str
    form: Literal["known", "word", "open"] = "open"
    values: tuple[str, ...] = ()
