"""The Databricks SDK without what is not used of it.

`import databricks.sdk` runs a package `__init__` that imports every service: 1.7 s of CPU where the client and Unity
Catalog alone need 0.5 s. So the package is put in place without running it; its submodules can then be imported one by
one. Whoever asks the package itself for something (`databricks.sdk.WorkspaceClient`) gets it run then, as always.
docs/decisions/0008-databricks-sdk-by-parts.md has the measurements.
"""

from __future__ import annotations

import logging
import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from threading import RLock
from types import ModuleType

PACKAGE = "databricks.sdk"
_lock = RLock()


class _Later(ModuleType):
    """A package whose own code runs when it is first asked for a name that is none of its submodules."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(f"module {PACKAGE!r} has no attribute {name!r}")
        if find_spec(f"{PACKAGE}.{name}") is not None:
            return import_module(f"{PACKAGE}.{name}")
        with _lock:
            if type(self) is _Later:  # nobody ran it while this thread waited
                self.__class__ = ModuleType  # type: ignore[assignment]  # Python allows it for modules
                assert self.__spec__
                assert self.__spec__.loader
                self.__spec__.loader.exec_module(self)
        return getattr(self, name)


def prepare() -> None:
    """Make the SDK's submodules importable one by one; what is imported already stays as it is.

    Raises ModuleNotFoundError when the SDK is not installed.
    """
    with _lock:
        if PACKAGE in sys.modules:
            return
        spec = find_spec(PACKAGE)
        if spec is None:
            raise ModuleNotFoundError(f"No module named {PACKAGE!r}", name=PACKAGE)
        # What the SDK warns of also comes as an error; without a handler Python would print it between our lines.
        logging.getLogger(PACKAGE).addHandler(logging.NullHandler())
        package = module_from_spec(spec)
        package.__class__ = _Later
        sys.modules[PACKAGE] = package
        sys.modules["databricks"].sdk = package  # type: ignore[attr-defined]  # as an import statement would
