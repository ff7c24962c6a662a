"""From values to a name, in one order for every kind.

Resolve layers, region code, abbreviations, filters, separator, case, join, validation, rule. Everything that does not
depend on the single resource is done once, when the `Namer` is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

from dpn.config import NamingFiles
from dpn.errors import InputError, Place, Problem
from dpn.extensions import Convention, NameRequest, Transform
from dpn.naming import complaints, settings, vocabulary
from dpn.naming.kinds import made_ready, unknown_overrides
from dpn.naming.kinds import problems as kind_problems
from dpn.naming.layers import NOTHING, Inputs, Layers
from dpn.naming.pattern import Pattern
from dpn.naming.ready import Ready
from dpn.naming.rule import convert_case
from dpn.naming.values import Value, keys
from dpn.provider import KindInfo

if TYPE_CHECKING:
    from dpn.naming.sources import Source

_Answer: TypeAlias = tuple[str | None, list[Problem]]


@dataclass(frozen=True, slots=True)
class Named:
    """A name that its kind's rule accepts, with all resolved values and the region that the resource is placed in.

    rendered: the pattern made it; no plugin said it, and nobody wrote it out.
    """

    name: str
    variables: Mapping[str, Value]
    region: str | None
    rendered: bool = False


@dataclass(frozen=True, slots=True)
class _Ask:
    ready: Ready
    resolved: Mapping[str, Value]
    address: str
    alias: str
    naming: Mapping[str, str | None]
    suffix: str = ""


class Namer:
    """Gives names; made once for one environment and never changed.

    kinds: those that are used. regions: the region of each provider alias that sets one. region_codes: the short codes
    that each provider ships. custom: asked before the pattern; custom_by: whose it is. metadata_places and
    region_places find a metadata key and an alias's region in the blueprint. `problems` holds what is wrong whatever
    the resource: in both files, and in the pattern of each kind.
    """

    def __init__(  # noqa: PLR0913 - all that decides a name stands in one call
        self,
        files: NamingFiles,
        *,
        kinds: Mapping[str, KindInfo],
        environment: str,
        metadata: Mapping[str, str | None] = NOTHING,
        overrides: Mapping[str, str] = NOTHING,
        conventions: Mapping[str, Convention] = MappingProxyType({}),
        transforms: Mapping[str, Transform] = MappingProxyType({}),
        regions: Mapping[str, str] = NOTHING,
        region_codes: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
        custom: Callable[[NameRequest], str | None] | None = None,
        custom_by: str = "A naming plugin",
        metadata_places: Callable[[str], Place] | None = None,
        region_places: Callable[[str], Place] | None = None,
    ) -> None:
        inputs = Inputs(environment, metadata, overrides, regions, metadata_places, region_places)
        self._custom, self._custom_by = custom, custom_by
        self._file = files.values.file if files.values else ".dpn/naming-values.yaml"
        self._settings, problems = settings.read(files.patterns, conventions)
        self._layers = Layers(files.values, inputs, kinds)
        self._document, self._inputs = files.values, inputs
        known = keys(files.values)
        problems += unknown_overrides(overrides, self._settings, {*known, *metadata}, kinds)
        self._kinds = made_ready(self._settings, files.values, kinds, known, transforms, region_codes)
        problems += self._layers.problems
        problems += kind_problems(self._settings, files.values, self._kinds, self.forms, region_codes)
        self.problems = tuple(dict.fromkeys(problems))

    def source(self, kind: str) -> Source:
        """Give the pattern of a kind as it is written, and where it comes from."""
        from dpn.naming import sources  # noqa: PLC0415 - names are made without it

        return sources.source(self._settings, self._kinds[kind].info)

    def render(self, kind: str, values: Mapping[str, Value], suffix: str = "") -> tuple[str | None, list[Problem]]:
        """Make a name of values that are resolved already. suffix: the ending that the spec asks for."""
        ready = self._kinds[kind]
        return self._rendered(_Ask(ready, values, "", ready.info.provider, {}, suffix))

    def forms(self, kind: str) -> dict[str, vocabulary.Form]:
        """Give what is known of the values of each variable, declared or seen in this run."""
        ready, inputs = self._kinds[kind], self._inputs
        environments = [inputs.environment, *vocabulary.values_of(self._document, "environment")]
        projects = [text for layer in (inputs.overrides, inputs.metadata) if (text := layer.get("project"))]
        projects += vocabulary.values_of(self._document, "project")
        return vocabulary.inferred(ready.style.forms, ready.codes, environments, projects)

    @property
    def closed(self) -> Mapping[str, frozenset[str]]:
        """Give all values of each variable that takes no others."""
        return self._layers.closed

    @property
    def custom(self) -> bool:
        """Tell whether a plugin may give names otherwise than by the pattern."""
        return self._custom is not None

    def pattern(self, kind: str) -> Pattern | None:
        """Give the compiled pattern of a kind; None if it has problems or the kind has no names."""
        return self._kinds[kind].style.pattern

    def pattern_text(self, kind: str) -> str:
        """Give the pattern as written; empty if the kind has no names."""
        return self._kinds[kind].style.text

    def ready(self, kind: str) -> Ready:
        """Give all that names of a kind are made with, for those who read or explain them."""
        return self._kinds[kind]

    @property
    def declared(self) -> tuple[str, ...]:
        """The variables that the patterns file and its convention declare."""
        return tuple(self._settings.variables)

    def values(
        self, kind: str, *, alias: str | None = None, naming: Mapping[str, str | None] = NOTHING
    ) -> tuple[Mapping[str, Value], list[Problem]]:
        """Give the value of each variable for a resource, each with its origin."""
        return self._layers.values(self._kinds[kind].info, alias, naming)

    def name(
        self,
        kind: str,
        *,
        address: str = "",
        alias: str | None = None,
        naming: Mapping[str, str | None] = NOTHING,
        literal: str | None = None,
        spec: Mapping[str, Any] = NOTHING,
    ) -> tuple[Named | None, list[Problem]]:
        """Give the name of one resource, or all that stands against it.

        None without a problem means that the kind's pattern is at fault: see `problems`. A kind without names gets the
        empty name. literal: a name that is given as it is; only the kind's rule judges it.
        spec: of the resource; the rule tells whether a field of it asks for an ending.
        """
        ready = self._kinds.get(kind)
        if ready is None:
            return None, [Problem("KIND-UNKNOWN", f"{kind!r} is no known kind.", address or None)]
        resolved, problems = self._layers.values(ready.info, alias, naming)
        problems += complaints.unclear_suffix(ready.info, spec)
        suffix = ready.info.name_rule.asked_suffix(spec)
        ask = _Ask(ready, resolved, address, alias or ready.info.provider, naming, suffix)
        text, problems, rendered = (None, problems, False) if problems else self._made(ask, literal)
        if text is None or problems:
            return None, [replace(problem, address=address or None) for problem in problems]
        region = resolved.get("region")
        return Named(text, resolved, region.text if region else None, rendered), []

    def _made(self, ask: _Ask, literal: str | None) -> tuple[str | None, list[Problem], bool]:
        """Give the name, what stands against it, and whether the pattern made it."""
        if literal is not None:
            text, problems = self._judge(ask.ready, literal, {})
            if not literal.endswith(ask.suffix):
                problems = [*problems, complaints.no_suffix(ask.ready.info, literal)]
            return text, [replace(problem, field="name") for problem in problems], False
        if not ask.ready.style.text:
            return "", [], False
        answer = self._answered(ask)
        text, problems = answer or self._rendered(ask)
        return text, problems, answer is None

    def _answered(self, ask: _Ask) -> _Answer | None:
        """Give what a naming plugin says; None if there is none or it leaves the name to the pattern."""
        if not self._custom:
            return None
        style, plain = ask.ready.style, {name: value.text for name, value in ask.resolved.items()}
        try:
            answer = self._custom(NameRequest(ask.ready.info.kind, ask.address, plain, style.rule, style.text))
        except InputError as refusal:
            return None, [complaints.refused(refusal, self._custom_by)]
        if answer is None:
            return None
        answer = answer if answer.endswith(ask.suffix) else f"{answer}{ask.suffix}"
        name, problems = self._validated(ask.ready, answer, {})
        return name, [complaints.given(problem, self._custom_by) for problem in problems]

    def _rendered(self, ask: _Ask) -> _Answer:
        pattern = ask.ready.style.pattern
        if pattern is None:
            return None, []
        if problems := self._absent(ask, pattern):
            return None, problems
        words, problems = ask.ready.looked_up(ask.resolved)
        pieces, more = ([], []) if problems else pattern.pieces(words)
        problems += more or ask.ready.strangers(pieces, ask.resolved)
        if problems:
            return None, [complaints.about(problem, ask.resolved) for problem in problems]
        text, problem = ask.ready.style.joined(pieces, ask.suffix)
        return (None, [problem]) if problem else self._validated(ask.ready, text, words)

    def _absent(self, ask: _Ask, pattern: Pattern) -> list[Problem]:
        missing = pattern.missing(ask.resolved)
        needed = [name for name in ask.ready.style.required if name not in ask.resolved and name not in missing]
        if not missing and not needed:
            return []
        unused = [name for name in ask.naming if name not in pattern.variables]
        docs = {name: variable.doc for name, variable in self._settings.variables.items()}
        where = complaints.Where(self._file, ask.alias, unused, docs)
        info = ask.ready.info
        return [complaints.missing(info, pattern.text, name, where) for name in missing] + [
            complaints.required(info, name, where) for name in needed
        ]

    def _validated(self, ready: Ready, text: str, words: Mapping[str, str]) -> _Answer:
        name, broken = self._judge(ready, text, words)
        return name, [*complaints.validation(ready.style, ready.info, text, self._settings.place), *broken]

    def _judge(self, ready: Ready, text: str, words: Mapping[str, str]) -> _Answer:
        """Give the name as the service stores it, checked before and after folding."""
        rule = ready.info.name_rule
        name = text if rule.fold == "none" else convert_case(text, rule.fold)
        problems = ready.checker.problems(name)
        if not problems and (stored := rule.canonical(name)) != name:
            name, problems = stored, ready.checker.problems(stored)
        hint = complaints.mend(ready.checker, name, words) if problems else None
        return name, [replace(problem, hint=hint) for problem in problems]
