"""What a plugin author may import; nothing else of dpn is promised to stay."""

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
    "hookimpl",
    "user_tags",
]
