"""What is said when a name cannot be made: what is missing or wrong, where it was set, and what to do next."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dpn.errors import InputError, Place, Problem
from dpn.naming.convention import Style
from dpn.naming.rule import Checker, ending_apart
from dpn.naming.text import did_you_mean
from dpn.naming.values import Value
from dpn.paths import nearest
from dpn.provider import KindInfo


@dataclass(frozen=True, slots=True)
class Where:
    """Where values could be set: the values file, the provider alias; `unused`: names set on the resource in vain.

    docs: what the patterns file says of variables.
    """

    file: str
    alias: str
    unused: Sequence[str] = ()
    docs: Mapping[str, str] = field(default_factory=dict)


def missing(info: KindInfo, pattern: str, name: str, where: Where) -> Problem:
    """Say that the pattern needs a variable that no layer sets."""
    message = f"The pattern {pattern!r} of {info.kind} needs {_described(info, name, where)}, which no layer sets."
    code = "NAME-REGION" if name == "region" else "NAME-MISSING"
    return Problem(code, message, field=f"naming.{name}", hint=_where_to_set(info, name, where))


def required(info: KindInfo, name: str, where: Where) -> Problem:
    """Say that validation.required_variables asks for a variable that no layer sets."""
    what = _described(info, name, where)
    message = f"validation.required_variables asks for {what} in names of {info.kind}, which no layer sets."
    return Problem("NAME-MISSING", message, field=f"naming.{name}", hint=_where_to_set(info, name, where))


def _described(info: KindInfo, name: str, where: Where) -> str:
    doc = where.docs.get(name) or (info.variables[name].doc if name in info.variables else "")
    return f"{name} ({doc.rstrip('.')})" if doc else name


def _where_to_set(info: KindInfo, name: str, where: Where) -> str:
    near = nearest(name, where.unused)
    begin = f"Is naming.{near} meant to be {name}? " if near else ""
    if name == "region":
        return (
            f"{begin}Set providers.{where.alias}.region or metadata.region in the blueprint, or defaults.region in "
            f"{where.file}."
        )
    if name in info.variables:
        return f"{begin}Set naming.{name} of the resource, or resource_types.{info.kind}.{name} in {where.file}."
    return f"{begin}Set metadata.{name} in the blueprint, or defaults.{name} in {where.file}."


def unknown_override(name: str, known: Collection[str]) -> Problem:
    """Warn of an override that no pattern can use."""
    message = f"--override {name}: no kind, file or blueprint knows a variable of that name."
    hint, place = did_you_mean(name, known), Place("command line")  # else it would be sought in the blueprint
    return Problem("OVERRIDE-UNKNOWN", message, field=name, place=place, hint=hint, severity="warning")


def about(problem: Problem, values: Mapping[str, Value]) -> Problem:
    """Add to a problem with a variable's value where that value was set."""
    value = values.get(problem.field or "")
    return replace(problem, field=value.origin.key, place=value.origin.place) if value else problem


def refused(refusal: InputError, who: str) -> Problem:
    """Say that a naming plugin gives these values no name, in its own words."""
    return Problem("NAME-REFUSED", f"{refusal.message} Said by {who} in dpn_name.", hint=refusal.hint or None)


def given(problem: Problem, who: str) -> Problem:
    """Add to what is wrong with a name that a naming plugin gave it, so that nobody looks into the patterns."""
    return replace(problem, message=f"{problem.message} The name is given by {who} in dpn_name.")


def no_abbreviation(name: str, text: str) -> Problem:
    """Say that the filter abbr found no entry."""
    hint = f"Add it to transformations.abbreviations.{name} of naming-patterns.yaml."
    return Problem(
        "ABBR-MISSING", f"{text!r} has no abbreviation, and the pattern asks for one.", field=name, hint=hint
    )


def not_of_form(name: str, text: str, form: str) -> Problem:
    """Say that a value would keep its name from being read back, which is required."""
    if form == "word":
        message = f"{text!r} has several words, and {name} must be one word so that names can be read back (readable)."
        return Problem("VALUE-WORDS", message, field=name, hint=f"Write it as one word, or use {{{name}|word}}.")
    message = f"{text!r} is not in the vocabulary of {name}, so the name could not be read back (readable)."
    hint = f"Add it to vocabulary.{name} of naming-values.yaml."
    return Problem("VALUE-UNKNOWN", message, field=name, hint=hint)


def two_regions(said: Value, decided: Value) -> Problem:
    """Say that a layer and the provider alias name different regions."""
    message = f"Two regions: {said.text!r} by {said.origin}, {decided.text!r} by {decided.origin}."
    hint = "Take one of them out: one region both places a resource and stands in its name."
    return Problem("REGION-CONFLICT", message, field=said.origin.key, place=said.origin.place, hint=hint)


def validation(style: Style, info: KindInfo, name: str, place: Callable[..., Place | None]) -> Iterator[Problem]:
    """Yield what the patterns file's own limits forbid; names are in ASCII unless it says otherwise."""
    limit = style.rule.max
    size = style.rule.size(name)
    if limit < size <= info.name_rule.max:
        message = f"{name!r} is {size - limit} longer than validation.max_length allows for {info.kind}."
        yield Problem("NAME-LENGTH", message, place=place("validation", "max_length"), expected=f"at most {limit}")
    wrong = re.sub(f"[{style.allowed}]", "", ending_apart(name, style.rule.allow_suffix)[0]) if style.allowed else ""
    if wrong:
        message = f"{name!r} holds {wrong[0]!a}, which validation.allowed_chars leaves out."
        where = place("validation", "allowed_chars")
        yield Problem("NAME-CHARS", message, place=where, expected=f"characters of [{style.allowed}]")
    elif not name.isascii() and not style.unicode:
        odd = next(char for char in name if not char.isascii())
        message = f"{name!a} holds {odd!a}; names are made of ASCII characters only."
        hint = f"Write the value in ASCII letters, use the filter slug, or let {info.kind} have more: unicode."
        yield Problem("NAME-CHARS", message, hint=hint)


def unclear_suffix(info: KindInfo, spec: Mapping[str, Any]) -> list[Problem]:
    """Say that a field that decides on the name is neither true nor false."""
    field = info.name_rule.suffix_field
    value = spec.get(field) if field else None
    if value is None or isinstance(value, bool):
        return []
    message = f"{field} decides on the name, so it must be known before anything is made; this is {value!r}."
    return [Problem("NAME-SPEC", message, field=f"spec.{field}", expected="true or false")]


def no_suffix(info: KindInfo, name: str) -> Problem:
    """Say that a name that is written out has not the ending that its spec asks for."""
    rule = info.name_rule
    message = f"{name!r} does not end in {rule.suffix!r}, which spec.{rule.suffix_field} asks for."
    return Problem("NAME-SPEC", message, hint=f"Write the ending into the name, or set {rule.suffix_field} to false.")


def mend(checker: Checker, name: str, words: Mapping[str, str]) -> str | None:
    """Give the hint for a name that the rule refuses: what to shorten, or the nearest name that would do."""
    if words and len(name) > checker.rule.max:
        longest = sorted(words, key=lambda word: (-len(words[word]), word))[:2]
        listed = " or ".join(f"{word} ({len(words[word])} characters)" for word in longest)
        return (
            f"Shorten {listed}, or abbreviate it in transformations.abbreviations of naming-patterns.yaml, or let "
            "transformations.shorten cut it."
        )
    near = checker.nearest(name)
    return f"{near!r} would be valid." if near else None
