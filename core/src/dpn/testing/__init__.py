"""For tests of providers: the conformance suite, and an in-memory cloud. Install the extra: `dpn[testing]`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dpn.testing.cloud import Cloud
    from dpn.testing.conformance import ResourceConformance
    from dpn.testing.ledger import MemoryLedger
    from dpn.testing.memory import MemoryPlugin
    from dpn.testing.trial import Sample

__all__ = ["Cloud", "MemoryLedger", "MemoryPlugin", "ResourceConformance", "Sample"]

# Imported when it is asked for: the suite needs pytest, the in-memory cloud does not.
_ROOMS = {
    "Cloud": "dpn.testing.cloud",
    "MemoryLedger": "dpn.testing.ledger",
    "MemoryPlugin": "dpn.testing.memory",
    "ResourceConformance": "dpn.testing.conformance",
    "Sample": "dpn.testing.trial",
}


def __getattr__(name: str) -> object:
    """Import a name of `_ROOMS`."""
    if name in _ROOMS:
        return getattr(import_module(_ROOMS[name]), name)
    raise AttributeError(f"module 'dpn.testing' has no attribute {name!r}")
