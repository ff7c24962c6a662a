"""The way to the clouds: sessions by alias and region, made at first use, which is when an SDK is imported."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from dpn import references
from dpn.errors import InputError, Problem
from dpn.plugins import Plugins
from dpn.provider import Identity, Kind
from dpn.references import Reference


class Connections:
    """Sessions by provider alias and region, made at first use and kept for the run."""

    def __init__(
        self,
        plugins: Plugins,
        settings: Mapping[str, Mapping[str, Any]],
        workers: int = 10,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self._plugins = plugins
        self._settings = {alias: dict(values) for alias, values in settings.items()}
        self._workers = workers
        self._env = env or {}
        self._sessions: dict[tuple[str, str | None], Any] = {}
        self._kinds: dict[tuple[str, str, str | None], Kind] = {}
        self._lock = threading.Lock()

    def settings(self, alias: str) -> Mapping[str, Any]:
        """Give the settings of an alias."""
        return self._settings.get(alias, {})

    def session(self, alias: str, region: str | None = None) -> Any:
        """Give the session of an alias, connecting at first use."""
        provider = self._plugins.providers[alias.partition(".")[0]]
        settings = self.settings(alias)
        region = settings.get("region") or region
        with self._lock:
            if (alias, region) not in self._sessions:
                if provider.connect is None:
                    raise InputError(f"Provider {provider.name!r} only names things; it provisions nothing.")
                plain = references.fill(settings, self._from_env)
                full = {**plain, **({"region": region} if region else {}), "workers": self._workers}
                self._sessions[alias, region] = provider.connect(full)
            return self._sessions[alias, region]

    def _from_env(self, reference: Reference) -> str:
        """Give what `${env:NAME}` in a setting stands for; nothing else may stand there."""
        if reference.scheme == "env" and reference.target in self._env:
            return self._env[reference.target]
        raise InputError(
            f"A provider setting refers to ${{{reference.text}}}, which is not set.",
            hint=f"export {reference.target}=…",
        )

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
        provider = self._plugins.providers[alias.partition(".")[0]]
        return list(provider.preflight(self.session(alias, region))) if provider.preflight else []

    def identity(self, alias: str, region: str | None) -> Identity:
        """Ask who is calling."""
        provider = self._plugins.providers[alias.partition(".")[0]]
        return provider.identity(self.session(alias, region)) if provider.identity else Identity("")

    def close(self) -> None:
        """Let go of all sessions."""
        for session in self._sessions.values():
            if close := getattr(session, "close", None):
                close()
