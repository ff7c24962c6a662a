"""Names for a stream of requests: files and plugins are read once, and bad requests do not end it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from dpn import namers
from dpn.api.names import Once, idle_spec, namable, opened
from dpn.desk import Options, errors_in
from dpn.errors import DpnError, InputError, Problem
from dpn.naming import Namer
from dpn.naming.quick import Quick
from dpn.world import World

_KEPT = 256


class NameStream:
    """Renders names one after the other; `values` stand where a resource's `naming` stands.

    Raises InputError when it is made if the files have problems.
    """

    def __init__(self, options: Options, world: World | None = None) -> None:
        self._desk, self._environment = opened(options, world)
        self._kinds: dict[tuple[str, str], tuple[Namer, Quick]] = {}
        self._info = Once(partial(namable, self._desk))

    def name(self, kind: str, values: Mapping[str, Any], spec: Mapping[str, Any] | None = None) -> str:
        """Give a name; InputError or PluginError with what is wrong, its problems first.

        An environment among the values chooses the layer of the values file. spec: what of a spec decides on the name.
        """
        environment = values.get("environment") or self._environment
        try:
            namer, quick = self._kinds[kind, environment]
        except (KeyError, TypeError):
            namer, quick = self._made(kind, environment)
        name = None if spec else quick.name(values)
        return self._slowly(namer, kind, values, spec or {}) if name is None else name

    def _slowly(self, namer: Namer, kind: str, values: Mapping[str, Any], spec: Mapping[str, Any]) -> str:
        if idle := idle_spec(self._info(kind), spec):
            raise InputError(f"No name for {kind}.", problems=tuple(idle))
        answer, problems = namer.name(kind, naming=values, spec=spec)
        if answer is None or errors_in(namer.problems):
            raise InputError(f"No name for {kind}.", problems=(*errors_in(namer.problems), *errors_in(problems)))
        return answer.name

    def _made(self, kind: str, environment: Any) -> tuple[Namer, Quick]:
        if not isinstance(environment, str):
            raise InputError("", problems=(Problem("VALUE-TYPE", f"A value is text, this is {environment!r}."),))
        namer = namers.namer(self._desk, {kind: self._info(kind)}, environment)
        if len(self._kinds) >= _KEPT:
            self._kinds.clear()
        made = self._kinds[kind, environment] = namer, Quick(namer, kind)
        return made


def said(error: DpnError) -> str:
    """Give an error on one line, with its code first: `NAME-LENGTH: …`."""
    codes = {"PluginError": "PLUGIN-MISSING", "InputError": "KIND-UNKNOWN"}
    if not error.problems:
        return f"{codes.get(type(error).__name__, 'FAILED')}: {error.message} {error.hint}".rstrip()
    return "; ".join(f"{problem.code}: {problem}" for problem in error.problems)
