"""A store of named objects with compare-and-swap: all that a state backend for teams has to bring."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from dpn.errors import DpnError, Problem

_AGAIN = "Look whether the store can be reached, and run the command again: it goes on from what is recorded."


class ConflictError(Exception):
    """The object is not, or no longer, the one that was expected; nothing was written."""


class LostReplyError(DpnError):
    """No answer came to a put, or its store was not reached: core puts again, and looks what is there on a conflict."""

    def __init__(self, message: str, *, hint: str = "", problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(message, hint=hint or _AGAIN, problems=problems)


class Objects(Protocol):
    """Whole objects by key (`a/b/c`), strongly consistent: a read sees every write that was answered before it.

    Used by several threads at once. What cannot be done raises DpnError with a hint; a read and a delete may be sent
    again by the store itself, a put may not, unless the first one surely took no effect.
    """

    @property
    def name(self) -> str:
        """What stands before a key in messages, as in `s3://acme-state/dpn`; nothing secret."""

    def get(self, key: str) -> tuple[bytes, str] | None:
        """Give content and version; None if there is no such object. Another content has another version."""

    def put(self, key: str, content: bytes, expected: str | None) -> str:
        """Write if the version is still `expected` (None: there must be no such object); give the new version.

        ConflictError when it is not; LostReplyError when it may have been written or not, or may be in a moment.
        """

    def names(self, folder: str) -> list[str]:
        """Give the sorted names of what is right below `folder`, which ends with `/`: objects and folders alike."""

    def delete(self, keys: Iterable[str]) -> None:
        """Delete objects in any order; absent is no error."""

    def close(self) -> None:
        """Let go of connections, when a command ends; raises nothing, and a later use opens them again."""
