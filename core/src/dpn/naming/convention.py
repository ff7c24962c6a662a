"""The convention of an organisation, made ready for one kind: its pattern, its letters, its limits, its forms."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dpn.errors import Place, Problem
from dpn.extensions import Transform
from dpn.naming.compiling import compile_pattern
from dpn.naming.globs import by_kind, matching, tie_problem, ties
from dpn.naming.narrowing import allowed_problems, narrow
from dpn.naming.pattern import Pattern
from dpn.naming.settings import DEEP, Settings, pattern_of
from dpn.naming.vocabulary import Form
from dpn.provider import KindInfo, NameRule

STANDARD = frozenset(("project", "environment", "region", "team", "cost_center"))
"""The variables that every pattern may use."""


@dataclass(frozen=True, slots=True)
class Style:
    """What the convention says for one kind. `rule` is the provider's, narrowed; `pattern` is None if it has problems.

    Without `text` the kind has no name of its own. forms: of the variables that are declared somewhere.
    """

    text: str
    pattern: Pattern | None
    rule: NameRule
    allowed: str = ""
    required: tuple[str, ...] = ()
    forms: Mapping[str, Form] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def style(
    settings: Settings,
    info: KindInfo,
    known: Collection[str],
    transforms: Mapping[str, Transform],
    forms: Mapping[str, Form],
) -> Style:
    """Make the convention ready for one kind. known: variables beyond those that kind, files and all patterns have."""
    text, path = pattern_of(settings, info)
    if not text:
        return Style("", None, info.name_rule)
    rule, problems = narrow(settings, info)
    allowed = by_kind(settings.validation.get("allowed_chars"), info.kind, "")
    pattern, found = compile_pattern(
        text,
        rule=replace(rule, charset=allowed or rule.charset),
        known={*known, *forms, *STANDARD},
        transforms=transforms,
        values={name: [entry[0] for entry in form.entries] for name, form in forms.items()},
    )
    problems += [_said_of(problem, info.kind, text, settings.place(*path)) for problem in found]
    problems += allowed_problems(settings, info.kind, allowed, rule)
    problems += _tie_problems(settings, info.kind)
    return Style(text, pattern, rule, allowed, _required(settings, info.kind), forms, tuple(problems))


def _said_of(problem: Problem, kind: str, text: str, place: Place | None) -> Problem:
    return replace(problem, message=f"Pattern {text[:120]!a} of {kind}: {problem.message}", field=kind, place=place)


def _required(settings: Settings, kind: str) -> tuple[str, ...]:
    setting = settings.validation.get("required_variables") or ()
    if isinstance(setting, Mapping):
        return tuple(dict.fromkeys(name for glob in matching(setting, kind) for name in setting[glob]))
    return tuple(setting)


def _tie_problems(settings: Settings, kind: str) -> Iterator[Problem]:
    checked: list[tuple[tuple[str, ...], Any]] = [
        (("patterns",), settings.data.get("patterns")),
        *((("transformations", key), value) for key, value in settings.transformations.items() if key not in DEEP),
        *((("validation", key), settings.validation.get(key)) for key in ("max_length", "allowed_chars")),
    ]
    for path, setting in checked:
        for one, other in ties(setting, kind):
            yield replace(tie_problem(kind, ".".join(path), one, other), place=settings.place(*path, one))
