"""What the cloud accepts as a name, and the variables that names are made of: owned by the provider."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Separator: TypeAlias = Literal["-", "_", "/", ""]


@dataclass(frozen=True, slots=True)
class NameRule:
    """What the cloud accepts as a name of a kind; owned by the provider.

    `pattern` is matched whole with ASCII flags after the length was checked. `unit` says what the service counts.
    `case` is what the class allows, `fold` what the service stores, `unique_fold` how it compares. `unique` is the
    scope within which two things cannot have one name; "none" means that a name is no identity.
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
    good: tuple[str, ...] = ()
    bad: tuple[str, ...] = ()
    source: str = ""
    checked: str = ""

    def size(self, name: str) -> int:
        """Give the length as the service counts it."""
        return len(name) if self.unit == "chars" else len(name.encode(errors="surrogatepass"))

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
