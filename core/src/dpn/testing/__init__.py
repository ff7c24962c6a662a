"""For tests of plugins: what a kind and a state backend must do, and clouds and stores in memory.

Install the extra: `dpn[testing]`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dpn.testing.cloud import Cloud
    from dpn.testing.conformance import ResourceConformance
    from dpn.testing.ledger import MemoryLedger
    from dpn.testing.memory import MemoryPlugin
    from dpn.testing.naming import Naming
    from dpn.testing.objects import MemoryObjects
    from dpn.testing.promises_backend import BackendConformance
    from dpn.testing.promises_names import NamesConformance
    from dpn.testing.promises_objects import ObjectsConformance
    from dpn.testing.trial import Sample

__all__ = [
    "BackendConformance", "Cloud", "MemoryLedger", "MemoryObjects", "MemoryPlugin", "NamesConformance", "Naming",
    "ObjectsConformance", "ResourceConformance", "Sample",
]  # fmt: skip

# Imported when it is asked for: the suites need pytest, the in-memory cloud does not.
_ROOMS = {
    "BackendConformance": "dpn.testing.promises_backend",
    "Cloud": "dpn.testing.cloud",
    "MemoryLedger": "dpn.testing.ledger",
    "MemoryObjects": "dpn.testing.objects",
    "MemoryPlugin": "dpn.testing.memory",
    "NamesConformance": "dpn.testing.promises_names",
    "Naming": "dpn.testing.naming",
    "ObjectsConformance": "dpn.testing.promises_objects",
    "ResourceConformance": "dpn.testing.conformance",
    "Sample": "dpn.testing.trial",
}


def __getattr__(name: str) -> object:
    """Import a name of `_ROOMS`."""
    if name in _ROOMS:
        return getattr(import_module(_ROOMS[name]), name)
    raise AttributeError(f"module 'dpn.testing' has no attribute {name!r}")
