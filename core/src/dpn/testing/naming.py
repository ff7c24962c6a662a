"""A naming plugin at work, for its tests: the names that it gives, and what it breaks."""

from __future__ import annotations

from typing import Any

from dpn import plugins
from dpn.config import NamingFiles
from dpn.documents import parse
from dpn.errors import InputError
from dpn.naming import Namer
from dpn.promises import schemes


class Naming:
    """A naming plugin as `use:` would choose it.

    plugin: the module or object with the hooks. providers: plugins whose kinds it names, beside those of the providers
    that are installed. use: the convention; it can be left out if there is one at most.
    """

    def __init__(self, plugin: Any, *providers: Any, use: str = "") -> None:
        self._loaded = plugins.load(objects=[plugin])
        given = plugins.load(objects=providers)
        here = list(schemes.installed_providers())
        self._kinds = {**{kind: info for _, its in here for kind, info in its.items()}, **given.kinds}
        everyone = (*(provider for provider, _ in here), *given.providers.values())
        self._codes = {provider.name: provider.region_codes for provider in everyone}
        chosen = use or next(iter(self._loaded.conventions()), "")
        self._files = NamingFiles(patterns=parse(f"use: {chosen}", "use", "yaml") if chosen else None)

    def name(self, kind: str, *, environment: str = "dev", **values: str) -> str:
        """Give the name that a kind gets from values. InputError, with all problems, if it gets none."""
        namer = Namer(
            self._files,
            kinds={name: info for name, info in self._kinds.items() if name == kind},
            environment=environment,
            conventions=self._loaded.conventions(),
            transforms=self._loaded.transforms(),
            region_codes=self._codes,
            custom=self._loaded.name,
            custom_by=self._loaded.askers("dpn_name"),
        )
        named, problems = namer.name(kind, naming=values)
        if named is None or namer.problems:
            found = (*namer.problems, *problems)
            raise InputError("; ".join(map(str, found)), problems=found)
        return named.name

    def faults(self) -> list[str]:
        """Say what `dpn plugins check` would find wrong with it; nothing if all is well."""
        return schemes.faults(self._loaded, self._kinds)
