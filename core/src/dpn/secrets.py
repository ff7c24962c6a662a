"""What `${env:NAME}` and `${secret:SCHEME:REST}` stand for: asked for at the call, once in a run, and never kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from threading import Lock
from typing import Any

from dpn import references
from dpn.connections import Connections
from dpn.errors import DpnError, InputError
from dpn.model import Change, Observed
from dpn.plugins import Plugins
from dpn.provider import Provider
from dpn.references import Reference, pieces, provider_of
from dpn.world import World


class Secrets:
    """The secrets of one run. Threads that need the same one wait for one answer."""

    def __init__(self, plugins: Plugins, connections: Connections, world: World) -> None:
        self._plugins, self._connections, self._world = plugins, connections, world
        self._known: dict[tuple[str, str | None, str], str] = {}
        self._asking: dict[tuple[str, str | None, str], Lock] = {}
        self._lock = Lock()

    def value(self, reference: Reference, alias: str, region: str | None) -> str:
        """Give what a reference stands for in a call to `alias`; from now on it is hidden in all that is said."""
        value = self._of_env(reference.target) if reference.scheme == "env" else self._asked(reference, alias, region)
        self._connections.hidden.add(value)
        return value

    def recognise(self, change: Change, seen: Observed) -> None:
        """Hide what a thing holds where its spec has a secret, now or before: a provider that is handed it may tell it.

        A recovery and a delete hand it over though they never ask for the secret.
        """
        for spec in [owner.spec for owner in (change.want, change.before) if owner]:
            for name in references.secret_fields(spec):
                for text, within in _behind(spec[name], seen.spec.get(name)):
                    self._connections.hidden.add(text, within)

    def _of_env(self, name: str) -> str:
        if value := self._world.env.get(name):
            return value
        raise InputError(f"The environment variable {name} is not set.", hint=f"export {name}=…")

    def _asked(self, reference: Reference, alias: str, region: str | None) -> str:
        scheme, _, rest = reference.target.partition(":")
        provider = self._plugins.providers.get(provider_of(scheme))
        if provider is None or scheme not in provider.secrets:
            raise InputError(f"No installed provider knows the secret scheme {scheme!r}.")
        # A call of its own cloud goes by the same account and region; any other by the provider's plain name.
        own = alias.partition(".")[0] == provider.name
        key = (alias, region, reference.target) if own else (provider.name, None, reference.target)
        with self._lock:
            lock = self._asking.setdefault(key, Lock())
        with lock:
            if key not in self._known:
                self._known[key] = _told(provider, self._connections.session(key[0], key[1]), scheme, rest)
            return self._known[key]


def _behind(template: Any, shown: Any) -> Iterator[tuple[str, str]]:
    """Yield the texts that are shown where a template has a secret, and what they stand in.

    Where the two are not alike, all of them.
    """
    if not any(reference.is_secret for _, reference in references.walk(template)):
        return
    if isinstance(template, str) and isinstance(shown, str):
        yield shown, ""
        yield from ((secret, shown) for secret in secrets_of(template, shown))
    elif isinstance(template, Mapping) and isinstance(shown, Mapping):
        for key, item in template.items():
            yield from _behind(item, shown.get(key))
    else:  # of a list, nobody knows in which order it is shown
        yield from ((text, "") for text in _texts(shown))


def secrets_of(text: str, shown: str) -> list[str]:
    """Give what stands for the secrets of a text in what it was filled to; nothing where that is another text.

    Where a value holds what stands after it, the two cannot be told apart: the first place counts.
    """
    literals, secret = [""], []
    for piece in pieces(text):
        if isinstance(piece, str):
            literals[-1] += piece
        else:
            literals.append("")
            secret.append(piece.is_secret)
    return [value for value, kept in zip(_between(literals, shown), secret, strict=False) if kept]


def _between(literals: list[str], shown: str) -> list[str]:
    """Give what stands between literals, from left to right; nothing if they are not there."""
    if len(literals) == 1 or not shown.startswith(literals[0]) or not shown.endswith(literals[-1]):
        return []
    values, at, last = [], len(literals[0]), len(shown) - len(literals[-1])
    for literal in literals[1:-1]:
        there = shown.find(literal, at, last)
        if there < 0:
            return []
        values.append(shown[at:there])
        at = there + len(literal)
    return [*values, shown[at:last]] if at <= last else []


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (Mapping, list, tuple)):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(item)


def _told(provider: Provider, session: object, scheme: str, rest: str) -> str:
    """Ask the provider; of what it raises only the type is told, for the text may hold the secret."""
    try:
        value = provider.secrets[scheme](session, rest)
    except DpnError:
        raise
    except Exception as error:
        raise DpnError(
            f"Provider {provider.name!r} could not give the secret {scheme}:{rest}: {type(error).__name__}.",
            hint="Look whether it is there and you may read it; if so, tell the plugin's author.",
        ) from error
    if not isinstance(value, str):
        raise DpnError(f"Provider {provider.name!r} gave no text for the secret {scheme}:{rest}.")
    return value
