"""From values to a name, in one order for every kind.

Resolve layers, region code, abbreviations, filters, separator, case, join, validation, rule. Everything that does not
depend on the single resource is done once, when the `Namer` is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypeAlias

from dpn.config import NamingFiles
from dpn.errors import Place, Problem
from dpn.extensions import Convention, NameRequest, Transform
from dpn.naming import complaints, convention
from dpn.naming.convention import Style
from dpn.naming.layers import NOTHING, Inputs, Layers
from dpn.naming.pattern import Pattern
from dpn.naming.regions import code_problems, codes_for, unmapped
from dpn.naming.rule import Checker, checker, convert_case
from dpn.naming.text import ascii_lower
from dpn.naming.values import Value, keys
from dpn.provider import KindInfo

_Answer: TypeAlias = tuple[str | None, list[Problem]]


@dataclass(frozen=True, slots=True)
class Named:
    """A name that its kind's rule accepts, with all resolved values and the region that the resource is placed in."""

    name: str
    variables: Mapping[str, Value]
    region: str | None


@dataclass(frozen=True, slots=True)
class _Ready:
    info: KindInfo
    style: Style
    codes: Mapping[str, str]
    checker: Checker


@dataclass(frozen=True, slots=True)
class _Ask:
    ready: _Ready
    resolved: Mapping[str, Value]
    address: str
    alias: str
    naming: Mapping[str, str | None]


class Namer:
    """Gives names; made once for one environment and never changed.

    kinds: those that are used. regions: the region of each provider alias that sets one. region_codes: the short codes
    that each provider ships. custom: asked before the pattern. metadata_places and region_places find a metadata key
    and an alias's region in the blueprint. `problems` holds what is wrong whatever the resource: in both files, and in
    the pattern of each kind.
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
        metadata_places: Callable[[str], Place] | None = None,
        region_places: Callable[[str], Place] | None = None,
    ) -> None:
        inputs = Inputs(environment, metadata, overrides, regions, metadata_places, region_places)
        self._custom = custom
        self._file = files.values.file if files.values else ".dpn/naming-values.yaml"
        self._settings, problems = convention.read(files.patterns, conventions)
        self._abbreviations = self._settings.abbreviations
        self._layers = Layers(files.values, inputs, kinds)
        known, mapping = keys(files.values), self._settings.region_mapping
        problems += _unknown_overrides(overrides, self._settings, {*known, *metadata}, kinds)
        self._kinds = {
            kind: _Ready(
                info,
                convention.style(self._settings, info, known, transforms),
                codes_for(info.provider, region_codes, mapping),
                checker(info.name_rule),
            )
            for kind, info in kinds.items()
        }
        self.problems = tuple(dict.fromkeys([*problems, *self._layers.problems, *self._kind_problems(region_codes)]))

    def pattern(self, kind: str) -> Pattern | None:
        """Give the compiled pattern of a kind; None if it has problems or the kind has no names."""
        return self._kinds[kind].style.pattern

    def pattern_text(self, kind: str) -> str:
        """Give the pattern as written; empty if the kind has no names."""
        return self._kinds[kind].style.text

    def style(self, kind: str) -> Style:
        """Give what the convention says for a kind."""
        return self._kinds[kind].style

    @property
    def declared(self) -> tuple[str, ...]:
        """The variables that the patterns file and its convention declare."""
        return tuple(self._settings.variables)

    def words(self, kind: str) -> dict[str, str]:
        """Give what the files' value of each variable of the pattern becomes in a name."""
        ready, pattern = self._kinds[kind], self._kinds[kind].style.pattern
        if not pattern:
            return {}
        found, _ = self._words(ready, pattern, self._layers.values(ready.info)[0])
        return {one.name: pattern.word(one, found[one.name], []) for one in pattern.tokens if one.name in found}

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
    ) -> tuple[Named | None, list[Problem]]:
        """Give the name of one resource, or all that stands against it.

        None without a problem means that the kind's pattern is at fault: see `problems`. A kind without names gets the
        empty name. literal: a name that is given as it is; only the kind's rule judges it.
        """
        ready = self._kinds.get(kind)
        if ready is None:
            return None, [Problem("KIND-UNKNOWN", f"{kind!r} is no known kind.", address or None)]
        resolved, problems = self._layers.values(ready.info, alias, naming)
        text: str | None = ""
        if not problems and literal is not None:
            text, problems = self._judge(ready, literal, {})
            problems = [replace(problem, field="name") for problem in problems]
        elif not problems and ready.style.text:
            ask = _Ask(ready, resolved, address, alias or ready.info.provider, naming)
            text, problems = self._answered(ask) or self._rendered(ask)
        if text is None or problems:
            return None, [replace(problem, address=address or None) for problem in problems]
        region = resolved.get("region")
        return Named(text, resolved, region.text if region else None), []

    def _answered(self, ask: _Ask) -> _Answer | None:
        """Give what a naming plugin says; None if there is none or it leaves the name to the pattern."""
        if not self._custom:
            return None
        style, plain = ask.ready.style, {name: value.text for name, value in ask.resolved.items()}
        answer = self._custom(NameRequest(ask.ready.info.kind, ask.address, plain, style.rule, style.text))
        return None if answer is None else self._validated(ask.ready, answer, {})

    def _rendered(self, ask: _Ask) -> _Answer:
        pattern = ask.ready.style.pattern
        if pattern is None:
            return None, []
        if problems := self._absent(ask, pattern):
            return None, problems
        words, problems = self._words(ask.ready, pattern, ask.resolved)
        text, more = ("", []) if problems else pattern.render(words)
        if problems := [*problems, *more]:
            return None, [complaints.about(problem, ask.resolved) for problem in problems]
        return self._validated(ask.ready, text, words)

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

    def _words(
        self, ready: _Ready, pattern: Pattern, resolved: Mapping[str, Value]
    ) -> tuple[dict[str, str], list[Problem]]:
        """Look up region code and abbreviation of each variable of the pattern that has a value."""
        words: dict[str, str] = {}
        problems = []
        for token in pattern.tokens:
            value = resolved.get(token.name)
            if value is None:
                continue
            text = value.text
            if token.name == "region" and not token.full:
                if text not in ready.codes:
                    problems.append(unmapped(text, ready.codes))
                text = ready.codes.get(text, text)
            short = self._abbreviations.get(token.name, NOTHING).get(ascii_lower(text))
            if short is None and token.abbr:
                problems.append(complaints.no_abbreviation(token.name, text))
            words[token.name] = text if short is None else short
        return words, problems

    def _validated(self, ready: _Ready, text: str, words: Mapping[str, str]) -> _Answer:
        name, broken = self._judge(ready, text, words)
        wide = text.isascii() or self._settings.is_wide(ready.info.kind)
        return name, [*complaints.validation(ready.style, ready.info, text, self._settings.place, wide=wide), *broken]

    def _judge(self, ready: _Ready, text: str, words: Mapping[str, str]) -> _Answer:
        """Give the name as the service stores it, checked before and after folding."""
        rule = ready.info.name_rule
        name = text if rule.fold == "none" else convert_case(text, rule.fold)
        problems = ready.checker.problems(name)
        if not problems and (stored := rule.canonical(name)) != name:
            name, problems = stored, ready.checker.problems(stored)
        hint = complaints.mend(ready.checker, name, words) if problems else None
        return name, [replace(problem, hint=hint) for problem in problems]

    def _kind_problems(self, shipped: Mapping[str, Mapping[str, str]]) -> list[Problem]:
        mapping, place = self._settings.region_mapping, self._settings.place("transformations", "region_mapping")
        found: list[Problem] = []
        for ready in self._kinds.values():
            found += ready.style.problems
            found += code_problems(ready.codes, mapping, shipped, place)
        return found


def _unknown_overrides(
    overrides: Mapping[str, str], settings: convention.Settings, known: set[str], kinds: Mapping[str, KindInfo]
) -> list[Problem]:
    for info in kinds.values():
        known |= info.variables.keys()
    known |= convention.STANDARD | settings.variables.keys()
    return [complaints.unknown_override(name, known) for name in overrides if name not in known]
