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
