"""The convention of an organisation, made ready for one kind: its pattern, its letters, its limits, its tables.

What the patterns file says wins over the packaged convention that it names with `use`, and that wins over what the
provider ships.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dpn.documents import Document
from dpn.errors import Place, Problem
from dpn.extensions import Convention, Transform
from dpn.naming.compiling import compile_pattern
from dpn.naming.globs import by_kind, matching, tie_problem, ties
from dpn.naming.pattern import Pattern
from dpn.naming.rule import letters, word_separator
from dpn.naming.text import ascii_lower, did_you_mean
from dpn.paths import follow
from dpn.provider import KindInfo, NameRule, Variable

STANDARD = frozenset(("project", "environment", "region", "team", "cost_center"))
"""The variables that every pattern may use."""

_DEEP = ("region_mapping", "abbreviations")
_NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Style:
    """What the convention says for one kind. `rule` is the provider's, narrowed; `pattern` is None if it has problems.

    Without `text` the kind has no name of its own.
    """

    text: str
    pattern: Pattern | None
    rule: NameRule
    allowed: str = ""
    required: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Settings:
    """The patterns file over the packaged convention."""

    document: Document | None = None
    convention: Convention | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    transformations: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Variable] = field(default_factory=dict)

    @property
    def validation(self) -> Mapping[str, Any]:
        """The section of that name."""
        return self.data.get("validation") or _NOTHING

    @property
    def region_mapping(self) -> Mapping[str, str]:
        """The short codes that the file or the convention gives to regions."""
        return self.transformations.get("region_mapping") or _NOTHING

    @property
    def abbreviations(self) -> dict[str, dict[str, str]]:
        """The short forms of each variable, by the value in small letters."""
        tables = self.transformations.get("abbreviations") or {}
        return {name: {ascii_lower(long): short for long, short in table.items()} for name, table in tables.items()}

    def is_wide(self, kind: str) -> bool:
        """Tell whether names of a kind may hold other than ASCII characters."""
        return bool(by_kind(self.validation.get("unicode"), kind, False))

    def place(self, *path: str) -> Place | None:
        """Find a key of the file; None when the file does not have it."""
        _, gone = follow(self.data, path)
        return self.document.place(path) if self.document and path and gone == len(path) else None


def read(document: Document | None, conventions: Mapping[str, Convention]) -> tuple[Settings, list[Problem]]:
    """Join the patterns file with the convention that it uses."""
    data = (document and document.data) or {}
    used = data.get("use")
    convention = conventions.get(used) if used else None
    problems = []
    if document and used and not convention:
        message = f"No installed package brings a convention named {used!r}."
        place = document.place(("use",))
        hint = did_you_mean(used, conventions)
        problems.append(Problem("CONVENTION-UNKNOWN", message, field="use", place=place, hint=hint))
    base = convention.transformations if convention else _NOTHING
    transformations = _over(base, data.get("transformations") or {})
    declared = {**(convention.variables if convention else {}), **(data.get("variables") or {})}
    variables = {name: _variable(body) for name, body in declared.items()}
    return Settings(document, convention, data, transformations, variables), problems


def style(settings: Settings, info: KindInfo, known: Collection[str], transforms: Mapping[str, Transform]) -> Style:
    """Make the convention ready for one kind."""
    text, path = pattern_of(settings, info)
    if not text:
        return Style("", None, info.name_rule)
    rule, problems = _narrow(settings, info)
    values = {name: variable.values for name, variable in {**info.variables, **settings.variables}.items()}
    allowed = by_kind(settings.validation.get("allowed_chars"), info.kind, "")
    pattern, found = compile_pattern(
        text,
        rule=replace(rule, charset=allowed or rule.charset),
        known={*known, *info.variables, *settings.variables, *STANDARD},
        transforms=transforms,
        values=values,
    )
    problems += [_said_of(problem, info.kind, text, settings.place(*path)) for problem in found]
    problems += _allowed_problems(settings, info.kind, allowed, rule)
    problems += _tie_problems(settings, info.kind)
    return Style(text, pattern, rule, allowed, _required(settings, info.kind), tuple(problems))


def pattern_of(settings: Settings, info: KindInfo) -> tuple[str, tuple[str, ...]]:
    """Give the pattern of a kind and the path of it in the patterns file; without a path it is not from there."""
    own = settings.data.get("patterns") or {}
    if found := matching(own, info.kind):
        return own[found[-1]], ("patterns", found[-1])
    packaged = settings.convention.patterns if settings.convention else {}
    if found := matching(packaged, info.kind):
        return packaged[found[-1]], ()
    return info.default_pattern, ()


def _over(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Lay the file's transformations over those of the convention; tables are joined, all else is replaced."""
    merged = {**base, **own}
    for name in _DEEP:
        below, above = base.get(name) or {}, own.get(name) or {}
        merged[name] = {**below, **above}
        if name == "abbreviations":
            merged[name] = {key: {**below.get(key, {}), **above.get(key, {})} for key in merged[name]}
    return merged


def _variable(body: Any) -> Variable:
    body = body or {}
    if isinstance(body, Variable):
        return body
    return Variable(body.get("description", ""), body.get("form", "open"), tuple(body.get("values") or ()))


def _narrow(settings: Settings, info: KindInfo) -> tuple[NameRule, list[Problem]]:
    """Give the kind's rule with the case, the separator and the maximum that the file asks for."""
    rule, problems = info.name_rule, list[Problem]()
    for part in (_cased, _separated, _limited):
        narrowed = part(settings, info.kind, rule)
        if isinstance(narrowed, Problem):
            problems.append(narrowed)
        else:
            rule = narrowed
    return rule, problems


def _cased(settings: Settings, kind: str, rule: NameRule) -> NameRule | Problem:
    said = [settings.transformations.get(name) for name in ("lowercase", "uppercase")]
    lower, upper = (by_kind(one, kind, False) for one in said)
    if lower and upper:
        return _setting_problem(settings, kind, "uppercase", "and lowercase are both asked for")
    if said[upper] is True and letters(rule) not in ("any", "lower" if lower else "upper"):
        return rule  # true speaks of all kinds that have a choice
    if lower and letters(rule) == "upper":
        return _setting_problem(settings, kind, "lowercase", "is asked for, but names have capitals only")
    if upper and letters(rule) == "lower":
        return _setting_problem(settings, kind, "uppercase", "is asked for, but names have no capitals")
    return replace(rule, case="lower") if lower else replace(rule, case="upper") if upper else rule


def _separated(settings: Settings, kind: str, rule: NameRule) -> NameRule | Problem:
    separator = by_kind(settings.transformations.get("replace_hyphens"), kind, rule.separator)
    if separator and rule.charset and not re.fullmatch(f"[{rule.charset}]", separator, re.ASCII):
        reason = f"asks for the separator {separator!r}, which the names cannot hold"
        return _setting_problem(settings, kind, "replace_hyphens", reason)
    return rule if separator == rule.separator else replace(rule, separator=separator)


def _limited(settings: Settings, kind: str, rule: NameRule) -> NameRule | Problem:
    limit = by_kind(settings.validation.get("max_length"), kind, rule.max)
    if limit >= rule.min:
        return replace(rule, max=min(rule.max, limit))
    message = f"validation.max_length is {limit} for {kind}, whose names have at least {rule.min} characters."
    place = settings.place("validation", "max_length")
    return Problem("PATTERNS-LENGTH", message, field="validation.max_length", place=place)


def _setting_problem(settings: Settings, kind: str, key: str, reason: str) -> Problem:
    place = settings.place("transformations", key)
    return Problem("PATTERNS-SETTING", f"{key} {reason} ({kind}).", field=f"transformations.{key}", place=place)


def _said_of(problem: Problem, kind: str, text: str, place: Place | None) -> Problem:
    return replace(problem, message=f"Pattern {text[:120]!a} of {kind}: {problem.message}", field=kind, place=place)


def _allowed_problems(settings: Settings, kind: str, allowed: str, rule: NameRule) -> Iterator[Problem]:
    separator = word_separator(rule)
    if allowed and separator and not re.fullmatch(f"[{allowed}]", separator):
        message = f"allowed_chars {allowed!r} leaves out {separator!r}, the separator of {kind}."
        place = settings.place("validation", "allowed_chars")
        yield Problem("PATTERNS-CHARS", message, field="validation.allowed_chars", place=place)


def _required(settings: Settings, kind: str) -> tuple[str, ...]:
    setting = settings.validation.get("required_variables") or ()
    if isinstance(setting, Mapping):
        return tuple(dict.fromkeys(name for glob in matching(setting, kind) for name in setting[glob]))
    return tuple(setting)


def _tie_problems(settings: Settings, kind: str) -> Iterator[Problem]:
    checked: list[tuple[tuple[str, ...], Any]] = [
        (("patterns",), settings.data.get("patterns")),
        *((("transformations", key), value) for key, value in settings.transformations.items() if key not in _DEEP),
        *((("validation", key), settings.validation.get(key)) for key in ("max_length", "allowed_chars", "unicode")),
    ]
    for path, setting in checked:
        for one, other in ties(setting, kind):
            yield replace(tie_problem(kind, ".".join(path), one, other), place=settings.place(*path, one))
