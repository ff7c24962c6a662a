"""The way to the clouds: sessions by alias and region, made at first use, which is when an SDK is imported."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from dpn.errors import DpnError, InputError, Problem
from dpn.hidden import Hidden
from dpn.plugins import Plugins
from dpn.provider import Identity, Kind, Provider
from dpn.settings import filled, public


class Connections:
    """Sessions by provider alias and region, made at first use and kept for the run."""

    def __init__(
        self,
        plugins: Plugins,
        settings: Mapping[str, Mapping[str, Any]],
        workers: int = 10,
        env: Mapping[str, str] | None = None,
        hidden: Hidden | None = None,
    ) -> None:
        self.hidden = hidden or Hidden()
        self._plugins = plugins
        self._settings = {alias: dict(values) for alias, values in settings.items()}
        self._workers = workers
        self._env = env or {}
        self._plain: dict[str, dict[str, Any]] = {}
        self._sessions: dict[tuple[str, str | None], Any] = {}
        self._kinds: dict[tuple[str, str, str | None], Kind] = {}
        self._lock = threading.Lock()

    def settings(self, alias: str) -> Mapping[str, Any]:
        """Give the settings of an alias."""
        return self._settings.get(alias, {})

    def session(self, alias: str, region: str | None = None) -> Any:
        """Give the session of an alias, connecting at first use."""
        provider = self._plugins.providers[alias.partition(".")[0]]
        with self._lock:
            if alias not in self._plain:
                self._plain[alias] = filled(
                    self.settings(alias), self._env, self.hidden, "A provider setting", public(provider.config_schema)
                )
            plain = self._plain[alias]
            region = plain.get("region") or region
            if (alias, region) not in self._sessions:
                full = {**plain, **({"region": region} if region else {}), "workers": self._workers}
                self._sessions[alias, region] = _connect(provider, alias, full, self.hidden)
            return self._sessions[alias, region]

    def kind(self, kind: str, alias: str, region: str | None) -> Kind:
        """Give the handler of a kind."""
        session = self.session(alias, region)
        with self._lock:
            if (kind, alias, region) not in self._kinds:
                cls = self._plugins.classes[kind]
                if not issubclass(cls, Kind):
                    raise InputError(
                        f"{kind} is only named and checked; {kind.partition('_')[0]} provisions no such thing."
                    )
                self._kinds[kind, alias, region] = cls(session)
            return self._kinds[kind, alias, region]

    def preflight(self, alias: str, region: str | None) -> list[Problem]:
        """Ask what would make every call fail."""
        provider, session = self._plugins.providers[alias.partition(".")[0]], self.session(alias, region)
        with self._secretly():
            return [self.hidden.problem(one) for one in provider.preflight(session)] if provider.preflight else []

    def identity(self, alias: str, region: str | None) -> Identity:
        """Ask who is calling."""
        provider, session = self._plugins.providers[alias.partition(".")[0]], self.session(alias, region)
        with self._secretly():
            return provider.identity(session) if provider.identity else Identity("")

    @contextmanager
    def _secretly(self) -> Iterator[None]:
        """Let a provider refuse in plain words, and in none that a setting was filled with."""
        try:
            yield
        except DpnError as error:
            raise self.hidden.cleared(error) from error.__cause__

    def close(self) -> None:
        """Let go of all sessions."""
        sessions, self._sessions, self._kinds = list(self._sessions.values()), {}, {}
        for session in sessions:
            if close := getattr(session, "close", None):
                with suppress(Exception):  # what is over is over: one that does not close must not hide an outcome
                    close()


def _connect(provider: Provider, alias: str, settings: Mapping[str, Any], hidden: Hidden) -> Any:
    """Connect; what a plugin or its SDK raises becomes an error that names both, and nothing was sent yet."""
    if provider.connect is None:
        raise InputError(f"Provider {provider.name!r} only names things; it provisions nothing.")
    try:
        return provider.connect(settings)
    except DpnError as error:
        raise hidden.cleared(error) from error.__cause__
    except (Exception, SystemExit) as error:  # a plugin may end in anything
        said = hidden.hide(f"{type(error).__name__}: {error}")
        raise DpnError(
            f"Provider {provider.name!r} could not connect as {alias!r}: {said}.",
            hint=f"Look at the settings of {alias!r} in the blueprint and at its environment variables; "
            "if they are right, tell the plugin's author.",
        ) from error
