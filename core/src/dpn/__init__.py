"""What a plugin author may import; nothing else of dpn is promised to stay.

Each name is imported when it is asked for: the command line imports this package too, and its help needs none of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dpn.catalogue import Catalogue
    from dpn.errors import DpnError, InputError, Place, PluginError, Problem
    from dpn.extensions import BackendType, Convention, NameRequest, Transform
    from dpn.hookspecs import hookimpl
    from dpn.model import Change, Event, Fault, Marker, Observed, Plan, Query, Receipt, Ref, Resource, Want, user_tags
    from dpn.noted import Noted
    from dpn.objects import ConflictError, LostReplyError, Objects
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
    from dpn.world import World

_ROOMS = {
    "dpn.catalogue": "Catalogue",
    "dpn.errors": "DpnError InputError Place PluginError Problem",
    "dpn.extensions": "BackendType Convention NameRequest Transform",
    "dpn.hookspecs": "hookimpl",
    "dpn.model": "Change Event Fault Marker Observed Plan Query Receipt Ref Resource Want user_tags",
    "dpn.noted": "Noted",
    "dpn.objects": "ConflictError LostReplyError Objects",
    "dpn.provider": "API Broken Identity Inside Kind KindInfo NameRule NamedKind Part Provider Ready Variable Wait",
    "dpn.world": "World",
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names.split()}

__all__ = [
    "API",
    "BackendType",
    "Broken",
    "Catalogue",
    "Change",
    "ConflictError",
    "Convention",
    "DpnError",
    "Event",
    "Fault",
    "Identity",
    "InputError",
    "Inside",
    "Kind",
    "KindInfo",
    "LostReplyError",
    "Marker",
    "NameRequest",
    "NameRule",
    "NamedKind",
    "Noted",
    "Objects",
    "Observed",
    "Part",
    "Place",
    "Plan",
    "PluginError",
    "Problem",
    "Provider",
    "Query",
    "Ready",
    "Receipt",
    "Ref",
    "Resource",
    "Transform",
    "Variable",
    "Wait",
    "Want",
    "World",
    "hookimpl",
    "user_tags",
]


def __getattr__(name: str) -> object:
    """Import a name from its room."""
    if name in _ROOM_OF:
        return getattr(import_module(_ROOM_OF[name]), name)
    raise AttributeError(f"module 'dpn' has no attribute {name!r}")
