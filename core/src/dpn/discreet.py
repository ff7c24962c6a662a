"""A state backend whose errors tell none of the secrets that its settings were filled with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from dpn.errors import DpnError
from dpn.extensions import Backend
from dpn.hidden import Hidden


def discreet(backend: Backend, hidden: Hidden) -> Backend:
    """Give the backend, and the stacks that it opens, with all that they refuse in words without secrets."""
    return cast("Backend", _Discreet(backend, hidden))


class _Discreet:
    """Stands before a backend or a ledger, and is in nothing else another than it."""

    def __init__(self, inner: Any, hidden: Hidden) -> None:
        self._inner, self._hidden = inner, hidden

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        return self._asked(name, found) if callable(found) else found

    def _asked(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def ask(*args: Any, **more: Any) -> Any:
            try:
                answer = method(*args, **more)
            except DpnError as error:
                raise self._hidden.cleared(error) from error.__cause__
            return _Discreet(answer, self._hidden) if name == "open" else answer

        return ask
