"""A kind's rule as the patterns file narrows it: its case, its separator, its maximum, its characters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from dpn.errors import Problem
from dpn.naming.globs import by_kind
from dpn.naming.rule import letters, word_separator
from dpn.naming.settings import Settings
from dpn.provider import KindInfo, NameRule


def narrow(settings: Settings, info: KindInfo) -> tuple[NameRule, list[Problem]]:
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
        return setting_problem(settings, kind, "uppercase", "and lowercase are both asked for")
    if said[upper] is True and letters(rule) not in ("any", "lower" if lower else "upper"):
        return rule  # true speaks of all kinds that have a choice
    if lower and letters(rule) == "upper":
        return setting_problem(settings, kind, "lowercase", "is asked for, but names have capitals only")
    if upper and letters(rule) == "lower":
        return setting_problem(settings, kind, "uppercase", "is asked for, but names have no capitals")
    return replace(rule, case="lower") if lower else replace(rule, case="upper") if upper else rule


def _separated(settings: Settings, kind: str, rule: NameRule) -> NameRule | Problem:
    separator = by_kind(settings.transformations.get("replace_hyphens"), kind, rule.separator)
    if separator and rule.charset and not re.fullmatch(f"[{rule.charset}]", separator, re.ASCII):
        reason = f"asks for the separator {separator!r}, which the names cannot hold"
        return setting_problem(settings, kind, "replace_hyphens", reason)
    return rule if separator == rule.separator else replace(rule, separator=separator)


def _limited(settings: Settings, kind: str, rule: NameRule) -> NameRule | Problem:
    limit = by_kind(settings.validation.get("max_length"), kind, rule.max)
    if limit >= rule.min:
        return replace(rule, max=min(rule.max, limit))
    message = f"validation.max_length is {limit} for {kind}, whose names have at least {rule.min} characters."
    place = settings.place("validation", "max_length")
    return Problem("PATTERNS-LENGTH", message, field="validation.max_length", place=place)


def setting_problem(settings: Settings, kind: str, key: str, reason: str) -> Problem:
    """Say that a transformation cannot be for a kind."""
    place = settings.place("transformations", key)
    return Problem("PATTERNS-SETTING", f"{key} {reason} ({kind}).", field=f"transformations.{key}", place=place)


def allowed_problems(settings: Settings, kind: str, allowed: str, rule: NameRule) -> Iterator[Problem]:
    """Yield that allowed_chars leaves out the separator."""
    separator = word_separator(rule)
    if allowed and separator and not re.fullmatch(f"[{allowed}]", separator):
        message = f"allowed_chars {allowed!r} leaves out {separator!r}, the separator of {kind}."
        place = settings.place("validation", "allowed_chars")
        yield Problem("PATTERNS-CHARS", message, field="validation.allowed_chars", place=place)
