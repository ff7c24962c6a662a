"""The small values of a kind: its parts, what `ready` answers, and what is inside a thing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Part:
    """A group of spec fields that one repeatable write sets.

    at_birth: the create call sets it already. settles: the object is busy afterwards and must be polled. reversible:
    what setting it back gives back of what was there.
    """

    name: str
    fields: tuple[str, ...]
    at_birth: bool = False
    settles: bool = False
    reversible: Literal["yes", "lossy", "no"] = "yes"


@dataclass(frozen=True, slots=True)
class Ready:
    """The object can be used."""


@dataclass(frozen=True, slots=True)
class Wait:
    """The object is busy: ask again in so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Broken:
    """The object will never be ready."""

    reason: str


@dataclass(frozen=True, slots=True)
class Inside:
    """Something inside an object that is to be deleted; `goes_with_it`: the API deletes it without asking."""

    kind: str
    name: str
    goes_with_it: bool = False
