"""A store of objects in memory, in which every operation can be stopped before or after it took effect."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar

from dpn.objects import ConflictError

T = TypeVar("T")
Hook = Callable[[int, str, str], None]


def _pass(_number: int, _operation: str, _key: str) -> None:
    """Let it happen."""


class MemoryObjects:
    """Objects by key. `before` and `after` get number, operation and key, and may raise what a caller is to see.

    Raise LostReplyError after a put for a reply that is lost, and before it for a request that is; a crash is any
    BaseException. The number counts operations from 1.
    """

    name = "memory:"

    def __init__(self) -> None:
        self.objects: dict[str, tuple[bytes, str]] = {}
        self.operations = 0
        self.before: Hook = _pass
        self.after: Hook = _pass
        self._versions = 0
        self._mutex = threading.RLock()

    def get(self, key: str) -> tuple[bytes, str] | None:
        """Give content and version; None if there is no such object."""
        return self._step("get", key, lambda: self.objects.get(key))

    def put(self, key: str, content: bytes, expected: str | None) -> str:
        """Write if the version is still the expected one."""
        return self._step("put", key, lambda: self.apply(key, content, expected))

    def apply(self, key: str, content: bytes, expected: str | None) -> str:
        """Carry out a put that counts as no operation: one that the network held back arrives."""
        if key in self.objects if expected is None else self.objects.get(key, (b"", None))[1] != expected:
            raise ConflictError
        self._versions += 1
        self.objects[key] = (bytes(content), str(self._versions))
        return str(self._versions)

    def close(self) -> None:
        """Do nothing: there is no connection."""

    def names(self, folder: str) -> list[str]:
        """Give the sorted names of what is right below a folder."""
        return self._step("names", folder, lambda: self._names(folder))

    def _names(self, folder: str) -> list[str]:
        below = (key.removeprefix(folder) for key in self.objects if key.startswith(folder))
        return sorted({name.partition("/")[0] for name in below})

    def delete(self, keys: Iterable[str]) -> None:
        """Delete objects, one operation for each: a crash may leave any of them."""
        for key in keys:
            self._step("delete", key, partial(self.objects.pop, key, None))

    def _step(self, operation: str, key: str, act: Callable[[], T]) -> T:
        with self._mutex:
            self.operations += 1
            number = self.operations
            self.before(number, operation, key)
            result = act()
            self.after(number, operation, key)
            return result
