"""One Databricks workspace as plain values, and the words in which its handlers are written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

WORKSPACE_ID = 4242424242424242
USER = "sandbox@example.com"
METASTORE_ID = "0000aaaa-1111-2222-3333-444455556666"


class ApiError(Exception):
    """What the API refuses: HTTP status, `error_code` and message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.status, self.code, self.message = status, code, message


@dataclass(frozen=True, slots=True)
class ApiCall:
    """One request, taken apart: parameters of the path and of the query are text, the body is JSON."""

    operation: str
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Workspace:
    """All objects, by collection and key. `new_id` gives hexadecimal digits that a replay gives again; `now` is in ms.

    A collection's key is what the API takes as the handle: the id, or the full name in Unity Catalog. Keys of an object
    that begin with `_` are the workspace's own and in no reply. `moves` counts the reads that moved a state machine:
    a replay must repeat these reads along with the writes, or an edit would meet a cluster that is still starting.
    """

    new_id: Callable[[int], str]
    now: Callable[[], int]
    collections: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    moves: int = 0

    def of(self, collection: str) -> dict[str, dict[str, Any]]:
        """Give the objects of one collection, which may be changed in place."""
        return self.collections.setdefault(collection, {})

    def uuid(self) -> str:
        """Give an identifier in the form of a UUID."""
        digits = self.new_id(32)
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


Handler: TypeAlias = Callable[[Workspace, ApiCall], dict[str, Any]]


def present(pairs: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what is None."""
    return {key: value for key, value in pairs.items() if value is not None}


def descendants(collection: Mapping[str, dict[str, Any]], parent: str) -> Iterator[str]:
    """Give the keys of what stands below a full name."""
    yield from (key for key in collection if key.startswith(f"{parent}."))
