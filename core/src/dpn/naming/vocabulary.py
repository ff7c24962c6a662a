"""Which values a variable can have: those of a vocabulary, one word, or anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Literal, NamedTuple

from dpn.documents import Document
from dpn.errors import Problem
from dpn.naming.text import did_you_mean
from dpn.naming.values import Origin, Value, fault, maker, sections
from dpn.provider import Variable

Entries = tuple[tuple[str, ...], ...]

_SECTION = "vocabulary"
_OF_A_RUN = frozenset(("metadata", "provider", "naming", "override", "environment"))
"""Layers that no file holds: their values are seen only when a name is made."""


class Form(NamedTuple):
    """What values a variable can have: known (one of the entries), word (one word) or open (anything).

    An entry is one value with its synonyms, the one that is read back first. `beyond`: how a value is read that is
    none of them.
    """

    name: Literal["known", "word", "open"] = "open"
    entries: Entries = ()
    beyond: Literal["word", "open"] = "open"


OPEN = Form()


def entries(document: Document | None) -> dict[str, Entries]:
    """Give the vocabulary of each variable that the values file has one for."""
    return {name: _entries(body) for name, body in _bodies(document).items()}


def closed(document: Document | None) -> dict[str, frozenset[str]]:
    """Give all values of each vocabulary that takes no others."""
    return {
        name: frozenset(value for entry in _entries(body) for value in entry)
        for name, body in _bodies(document).items()
        if isinstance(body, Mapping) and body.get("closed")
    }


def declared(document: Document | None, variables: Mapping[str, Variable]) -> dict[str, Form]:
    """Give the form of each variable that has one by declaration: a vocabulary wins over the variable's own data."""
    forms = {name: _form(variable) for name, variable in variables.items()}
    for name, found in entries(document).items():
        forms[name] = Form("known", found, forms.get(name, OPEN).beyond)
    return forms


def _form(variable: Variable) -> Form:
    if variable.form == "known" and variable.values:
        return Form("known", tuple((value,) for value in variable.values), "word")
    return Form("word", (), "word") if variable.form == "word" else OPEN


def inferred(
    forms: Mapping[str, Form], codes: Mapping[str, str], environments: Iterable[str], projects: Iterable[str]
) -> dict[str, Form]:
    """Add what a run knows without a declaration: the regions with a code, the environments and the projects it saw.

    For reading names and for what is said about patterns; no name is made differently by it.
    """
    found = {
        "region": Form("known", tuple((region,) for region in codes), "open"),
        "environment": Form("known", tuple((name,) for name in dict.fromkeys(environments)), "word"),
        "project": Form("known", tuple((name,) for name in dict.fromkeys(projects)), "open"),
    }
    return {**{name: form for name, form in found.items() if form.entries}, **_said(forms)}


def _said(forms: Mapping[str, Form]) -> dict[str, Form]:
    """Leave out what is declared and says nothing: a variable that has only a description."""
    return {name: form for name, form in forms.items() if form != OPEN}


def values_of(document: Document | None, name: str) -> list[str]:
    """Give each value that a layer of the file has for a variable; of the environment also those with a section."""
    found = [values[name] for _, _, values in sections(document) if values.get(name)]
    if name == "environment":
        found += [path[-1] for layer, path, _ in sections(document) if layer == "environments"]
    return found


def outside(allowed: Mapping[str, frozenset[str]], values: Mapping[str, Value]) -> Iterator[Problem]:
    """Yield the values of this run that a closed vocabulary does not have; those of files are judged once."""
    for name, words in allowed.items():
        value = values.get(name)
        if value and value.text not in words and value.origin.layer in _OF_A_RUN:
            yield _stranger(name, value.text, words, value.origin)


def file_problems(document: Document | None) -> list[Problem]:
    """Give what is wrong with the vocabularies, and with the values of the file that a closed one does not have."""
    problems: list[Problem] = []
    for name, found in entries(document).items():
        assert document
        where = Origin("defaults", f"{_SECTION}.{name}", partial(document.place, (_SECTION, name)))
        problems += _entry_problems(name, found, where)
    allowed = closed(document)
    for layer, path, values in sections(document) if allowed else ():
        assert document
        make = maker(document, layer, path)
        for name in allowed.keys() & {name for name, value in values.items() if value}:
            if values[name] not in allowed[name]:
                problems.append(_stranger(name, values[name], allowed[name], make(name)))
    return problems


def _entry_problems(name: str, found: Entries, where: Origin) -> Iterator[Problem]:
    seen: set[str] = set()
    for value in (value for entry in found for value in entry):
        if wrong := fault(value):
            yield Problem(wrong[0], f"{wrong[1]}.", field=where.key, place=where.place)
        elif value in seen:
            yield Problem("VOCABULARY-TWICE", f"{name} has {value!r} twice.", field=where.key, place=where.place)
        seen.add(value)


def _stranger(name: str, text: str, words: frozenset[str], where: Origin) -> Problem:
    message = f"{text!r} is no value of {name}: its vocabulary is closed."
    hint = f"{did_you_mean(text, words)} Or add it to {_SECTION}.{name} of naming-values.yaml."
    return Problem("VALUE-UNKNOWN", message, field=where.key, place=where.place, hint=hint)


def same_token(kind: str, name: str, token: str, one: str, other: str) -> Problem:
    """Say that two entries of a vocabulary look the same in the names of a kind."""
    message = f"{one!r} and {other!r}, two values of {name}, are both {token!r} in names of {kind}."
    hint = f"If they mean the same, make them one entry of {_SECTION}.{name}: [[{one}, {other}], ...]."
    return Problem("VOCABULARY-TOKEN", message, field=f"{_SECTION}.{name}", hint=hint)


def located(problem: Problem, document: Document | None) -> Problem:
    """Add where the vocabulary stands, if the values file has it."""
    name = (problem.field or "").partition(".")[2]
    known = document and name in _bodies(document)
    return replace(problem, place=document.place((_SECTION, name))) if document and known else problem


def _bodies(document: Document | None) -> Mapping[str, Any]:
    found: Mapping[str, Any] = ((document and document.data) or {}).get(_SECTION) or {}
    return found


def _entries(body: Any) -> Entries:
    listed = body.get("values") or () if isinstance(body, Mapping) else body or ()
    return tuple((entry,) if isinstance(entry, str) else tuple(entry) for entry in listed)
