"""The provider `keyring` of dpn: no kinds, only secrets of the system's keyring, `${secret:keyring:SERVICE/USER}`.

Importing this package does not import the library: `connect` does, when the first secret is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from dpn import DpnError, Provider, hookimpl

_UNLOCK = "Unlock it, or use ${env:NAME} where nobody can."
_HINTS = {
    "NoKeyringError": "Use ${env:NAME} where there is no keyring; `keyring --list-backends` tells which there are.",
    "KeyringLocked": _UNLOCK,
    "InitError": _UNLOCK,
}


@dataclass(frozen=True)
class Keyring:
    """The system's keyring; its libraries do not like to be asked by two threads at once."""

    ask: Callable[[str, str], str | None]
    lock: Lock = field(default_factory=Lock)

    def close(self) -> None:
        """Do nothing: nothing is held."""


def connect(_: Mapping[str, Any]) -> Keyring:
    """Load the library; which keyring it takes is its own affair."""
    from keyring import get_password  # 60 ms that only a run with such a secret pays

    return Keyring(get_password)


def secret(session: Keyring, rest: str) -> str:
    """Give the secret `SERVICE/USER`; DpnError in plain words, which never hold the value."""
    service, user = _parts(rest)
    if not (service and user):
        raise DpnError(f"{rest} names no secret of the keyring.", hint="Write ${secret:keyring:SERVICE/USER}.")
    try:
        with session.lock:
            value = session.ask(service, user)
    except Exception as error:  # noqa: BLE001 - each keyring has errors of its own
        name = type(error).__name__
        hint = _HINTS.get(name, "Look what is wrong with it: keyring diagnose")
        raise DpnError(f"The keyring does not give {service}/{user}: {name}.", hint=hint) from None
    if value is None:
        raise DpnError(
            f"The keyring has no secret of {user} for {service}.", hint=f'Store it: keyring set "{service}" "{user}"'
        )
    return value


def _parts(rest: str) -> tuple[str, str]:
    service, _, user = rest.rpartition("/")
    return service, user


@hookimpl
def dpn_providers() -> Iterable[Provider]:
    """Offer the provider `keyring`."""
    yield Provider(
        name="keyring",
        kinds=(),
        connect=connect,
        config_schema={"type": "object", "additionalProperties": False},
        secrets={"keyring": secret},
        secret_forms={"keyring": (r".+/[^/]+", "SERVICE/USER")},
    )
