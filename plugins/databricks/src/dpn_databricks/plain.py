"""The SDK's dataclasses as plain JSON data, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from dpn import Ref

T = TypeVar("T")


def present(value: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what is absent: None and empty texts, lists and maps."""
    return {key: item for key, item in value.items() if item not in (None, "", [], {})}


def full_name(ref: Ref) -> str:
    """Give the name in up to three tiers: its own behind those of its parents."""
    return f"{full_name(ref.parent)}.{ref.name}" if ref.parent else ref.name


def same(ref: Ref, identity: str | None) -> bool:
    """Tell whether what was found is what the Ref means: a name may belong to another object by now."""
    return ref.id in (None, identity)


def unless_gone(call: Callable[..., T], *args: Any, **request: Any) -> T | None:
    """Make the call and give its reply, or None if what it is about does not exist."""
    from databricks.sdk.errors import NotFound  # the session has paid for it

    try:
        return call(*args, **request)
    except NotFound:
        return None


def handle(ref: Ref) -> str:
    """Give the id, for APIs that take nothing else: whoever acts on a thing has read it, and so knows its id."""
    assert ref.id
    return ref.id
