"""All kinds of a run made ready, and what is wrong with them before any name is made."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace

from dpn.documents import Document
from dpn.errors import Problem
from dpn.extensions import Transform
from dpn.naming import complaints, vocabulary
from dpn.naming.convention import STANDARD, style
from dpn.naming.ready import Ready
from dpn.naming.regions import code_problems, codes_for
from dpn.naming.rule import checker
from dpn.naming.settings import Settings
from dpn.naming.vocabulary import Form
from dpn.provider import KindInfo

Forms = Callable[[str], Mapping[str, Form]]


def made_ready(
    settings: Settings,
    document: Document | None,
    kinds: Mapping[str, KindInfo],
    known: Collection[str],
    transforms: Mapping[str, Transform],
    region_codes: Mapping[str, Mapping[str, str]],
) -> dict[str, Ready]:
    """Make each kind ready. document: the values file; known: the variables that it sets."""
    mapping, abbreviations = settings.region_mapping, settings.abbreviations
    out = {}
    for kind, info in kinds.items():
        forms = vocabulary.declared(document, {**info.variables, **settings.variables})
        made = style(settings, info, known, transforms, forms)
        codes = codes_for(info.provider, region_codes, mapping)
        out[kind] = Ready(info, made, codes, abbreviations, checker(info.name_rule))
    return out


def problems(
    settings: Settings,
    document: Document | None,
    kinds: Mapping[str, Ready],
    forms: Forms,
    region_codes: Mapping[str, Mapping[str, str]],
) -> Iterator[Problem]:
    """Yield what is wrong with each kind. forms: what a run knows of the values of a kind's variables."""
    mapping, place = settings.region_mapping, settings.place("transformations", "region_mapping")
    for kind, ready in kinds.items():
        yield from ready.style.problems
        yield from code_problems(ready.codes, mapping, region_codes, place)
        yield from (vocabulary.located(problem, document) for problem in ready.vocabulary_problems())
        if ready.style.shortening and ready.style.pattern:
            reach = ready.style.shortening.reach_problems(kind, ready.style.pattern, ready.longest(forms(kind)))
            yield from (replace(one, place=settings.place("transformations", "shorten")) for one in reach)
        if ready.style.readable:
            yield from _unreadable(settings, ready, forms(kind))


def _unreadable(settings: Settings, ready: Ready, forms: Mapping[str, Form]) -> Iterator[Problem]:
    from dpn.naming import judging, narrowing  # noqa: PLC0415 - the automaton is for those who ask for it

    kind = ready.info.kind
    if ready.style.ending:
        yield narrowing.setting_problem(
            settings, kind, "hash_generation", "is asked for, and readable: no hash can be read back"
        )
    for name in judging.opaque(ready, forms):
        message = f"The filters of {name} in the pattern of {kind} leave nothing that can be read back."
        yield Problem("PATTERN-AMBIGUOUS", message, field=kind, place=settings.place("readable"))
    for problem in judging.unreadable(ready, forms):
        yield replace(problem, severity="error", place=settings.place("readable"))


def unknown_overrides(
    overrides: Mapping[str, str], settings: Settings, known: Collection[str], kinds: Mapping[str, KindInfo]
) -> list[Problem]:
    """Warn of each override that no pattern can use."""
    all_known = {*known, *STANDARD, *settings.variables, *(name for info in kinds.values() for name in info.variables)}
    return [complaints.unknown_override(name, all_known) for name in overrides if name not in all_known]
