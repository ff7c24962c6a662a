"""The layers of one run: all but a resource's own naming are laid once for each kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from dpn.documents import Document
from dpn.errors import Place, Problem
from dpn.naming import complaints, values, vocabulary
from dpn.naming.values import Origin, Value, origin
from dpn.provider import KindInfo

NOTHING: Mapping[str, str] = MappingProxyType({})

_GENERAL = frozenset(("defaults", "environments", "metadata"))


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a run brings beside the files. regions: of the provider aliases that set one; places: where they stand."""

    environment: str
    metadata: Mapping[str, str | None]
    overrides: Mapping[str, str]
    regions: Mapping[str, str]
    metadata_places: Callable[[str], Place] | None = None
    region_places: Callable[[str], Place] | None = None


class Layers:
    """Resolves values. `problems` holds what is wrong whatever the resource, `closed` the only values of variables."""

    def __init__(self, document: Document | None, inputs: Inputs, kinds: Iterable[str]) -> None:
        self._inputs = inputs
        self._environment = Value(inputs.environment, origin("environment", "the environment of this run"))
        self._overrides: dict[str, Value] = {}
        self._dropped = tuple(name for name, text in inputs.overrides.items() if not text)
        self.closed = vocabulary.closed(document)
        metadata: dict[str, Value] = {}
        problems = [
            *values.file_problems(document, inputs.environment),
            *vocabulary.file_problems(document),
            *values.put({}, {"environment": inputs.environment}, lambda _: self._environment.origin),
            *values.put(metadata, inputs.metadata, self._metadata_origin),
            *values.put(self._overrides, inputs.overrides, lambda name: origin("override", f"--override {name}")),
            *self._misplaced_environment(self._overrides),
        ]
        for kind in kinds:
            problems += values.tie_problems(document, kind)
        self.problems = tuple(problems)
        dropped = [name for name, text in inputs.metadata.items() if not text]
        self._base = {
            kind: _without(values.lower_layers(document, kind, inputs.environment), dropped) | metadata
            for kind in kinds
        }

    def values(
        self, info: KindInfo, alias: str | None = None, naming: Mapping[str, str | None] = NOTHING
    ) -> tuple[dict[str, Value], list[Problem]]:
        """Give the value of each variable for a resource, and what is wrong with its own naming and its region."""
        resolved, problems = self._base[info.kind].copy(), []
        if naming:
            own: dict[str, Value] = {}
            problems += values.put(own, naming, lambda name: origin("naming", f"naming.{name}"))
            problems += self._misplaced_environment(own)
            resolved = _without(resolved, [name for name in naming if name not in own]) | own
        if self._inputs.overrides:
            resolved = _without(resolved, self._dropped) | self._overrides
        resolved["environment"] = self._environment
        if self._inputs.regions:
            problems += self._place(alias or info.provider, info.provider, resolved)
        if self.closed:
            problems += vocabulary.outside(self.closed, resolved)
        return resolved, problems

    def _place(self, alias: str, provider: str, resolved: dict[str, Value]) -> list[Problem]:
        """Let the alias decide the region.

        The default alias speaks for the same stack as defaults and metadata, so it must agree with them. A second alias
        (`aws.eu`) exists to be elsewhere: only what is said of the resource or its kind contradicts it.
        """
        given = self._inputs.regions.get(alias)
        if not given:
            return []
        find = self._inputs.region_places
        decided = Value(given, Origin("provider", f"providers.{alias}.region", partial(find, alias) if find else None))
        said = resolved.get("region")
        resolved["region"] = decided
        if said is None or said.text == given or (alias != provider and said.origin.layer in _GENERAL):
            return []
        return [complaints.two_regions(said, decided)]

    def _misplaced_environment(self, layer: Mapping[str, Value]) -> list[Problem]:
        given = layer.get("environment")
        if given is None or given.text == self._inputs.environment:
            return []
        return [values.environment_problem(given.text, self._inputs.environment, given.origin.key)]

    def _metadata_origin(self, name: str) -> Origin:
        find = self._inputs.metadata_places
        return Origin("metadata", f"metadata.{name}", partial(find, name) if find else None)


def _without(layer: dict[str, Value], names: Iterable[str]) -> dict[str, Value]:
    """Take away what a higher layer sets to nothing."""
    for name in names:
        layer.pop(name, None)
    return layer
