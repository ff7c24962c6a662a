"""A provider `lib` beside `mem`: cases and the pages in them, definitions that are copied when their names change.

And a cloud that keeps its objects in a file, so that they outlive the process that made them.
"""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

from dpn import hookimpl
from dpn.provider import Identity, Provider
from dpn.testing.memory import Box, Cloud, Shelf, classify


class Case(Box):
    """A container that is a definition: it cannot be renamed, only made anew."""

    kind = "lib_case"
    rename_how = "copy"
    data_bearing = False
    undelete = "yes"  # type: ignore[assignment]  # its base says that of a box


class Page(Shelf):
    """A definition in a case."""

    kind = "lib_page"
    parent = "case"
    rename_how = "copy"  # type: ignore[assignment]  # its base is renamed
    schema: ClassVar[Mapping[str, Any]] = {
        "type": "object", "additionalProperties": False, "required": ["case"],
        "properties": {
            "case": {"type": "string", "description": "Its case.", "x-dpn-ref": {"kinds": ["lib_case"], "use": "name"}},
            "note": {"type": "string", "description": "What is written on it."},
            "beside": {"type": "string", "description": "Its neighbour."},
        },
    }  # fmt: skip


class LibraryPlugin:
    """A plugin object with the provider `lib`, over the cloud that `mem` works on."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud

    @hookimpl
    def dpn_providers(self) -> list[Provider]:
        """Offer the provider."""
        return [
            Provider(
                "lib", (Case, Page), connect=lambda _: self.cloud, errors=classify,
                identity=lambda session: Identity(session.account, "memory"),
            )
        ]  # fmt: skip


class KeptCloud(Cloud):
    """Keeps its objects in a file: each write is there before its reply."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file, self._lock = file, threading.Lock()
        if file.exists():
            self.objects, self.made = pickle.loads(file.read_bytes())

    def call(self, kind: str, method: str, name: str, work: Callable[[], Any]) -> Any:
        """Make a call, and keep what it left."""
        with self._lock:
            result = super().call(kind, method, name, work)
            if method not in ("read", "list", "find", "contents"):
                draft = self.file.with_suffix(".draft")
                draft.write_bytes(pickle.dumps((self.objects, self.made)))
                draft.replace(self.file)
            return result
