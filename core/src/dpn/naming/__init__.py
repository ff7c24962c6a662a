"""Names: from values and patterns to names that the cloud accepts. Pure: nothing here reads a file or calls anyone."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from dpn.naming.collisions import HINT, collisions
from dpn.naming.doubt import Doubts
from dpn.naming.render import Named, Namer
from dpn.naming.rule import check, nearest
from dpn.naming.values import Origin, Value, default_environment

if TYPE_CHECKING:
    from dpn.naming.show import Row, general_rows, judged, rows, validate

_SHOWN = frozenset(("Row", "general_rows", "judged", "rows", "validate"))

__all__ = [
    "HINT",
    "Doubts", "Named", "Namer", "Origin", "Row", "Value", "check", "collisions", "default_environment", "general_rows",
    "judged", "nearest", "rows", "validate",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import what only `dpn config` shows when it is asked for: every plan pays for what stands above."""
    if name in _SHOWN:
        return getattr(import_module("dpn.naming.show"), name)
    raise AttributeError(f"module 'dpn.naming' has no attribute {name!r}")
