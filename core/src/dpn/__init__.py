"""What a plugin author may import; nothing else of dpn is promised to stay."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from dpn.errors import DpnError, Place, Problem
from dpn.hookspecs import hookimpl
from dpn.model import Change, Event, Fault, Marker, Observed, Plan, Query, Receipt, Ref, Resource, Want, user_tags
from dpn.provider import (
    API,
    Broken,
    Identity,
    Inside,
    Kind,
    KindInfo,
    NamedKind,
    NameRule,
    Part,
    Provider,
    Ready,
    Variable,
    Wait,
)

if TYPE_CHECKING:
    from dpn.world import World

__all__ = [
    "API",
    "Broken",
    "Change",
    "DpnError",
    "Event",
    "Fault",
    "Identity",
    "Inside",
    "Kind",
    "KindInfo",
    "Marker",
    "NameRule",
    "NamedKind",
    "Observed",
    "Part",
    "Place",
    "Plan",
    "Problem",
    "Provider",
    "Query",
    "Ready",
    "Receipt",
    "Ref",
    "Resource",
    "Variable",
    "Wait",
    "Want",
    "World",
    "hookimpl",
    "user_tags",
]

# What only emulators and backends need; imported when it is asked for, since each start would pay for it.
_LATER = {"World": "dpn.world"}


def __getattr__(name: str) -> object:
    """Import a name of `_LATER`."""
    if name in _LATER:
        return getattr(import_module(_LATER[name]), name)
    raise AttributeError(f"module 'dpn' has no attribute {name!r}")
