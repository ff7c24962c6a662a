"""Each key that a naming file may hold does something: with it, a name or a problem is another one than without it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import pytest

from dpn.config import SCHEMAS, NamingFiles
from dpn.documents import Document
from dpn.extensions import Convention
from dpn.naming import Namer
from dpn.paths import without
from dpn.provider import KindInfo, NameRule, Variable

THING = KindInfo(
    "app_thing",
    "app",
    "test",
    NameRule(r"[^./\x00-\x20\x7f]{1,40}", max=40),
    "{project}-{team}-{environment}[-{layer}]",
    {"layer": Variable("The layer.")},
)
CONVENTION = Convention("acme", {"app_*": "acme-{project}"})
USUAL = "defaults: {project: My-App, team: Data}"


class Case(NamedTuple):
    """What the files say, and the name or the codes of the problems that come of it."""

    values: str = USUAL
    patterns: str = ""
    outcome: str = ""
    words: str = ""


CASES: Mapping[str, Case] = {
    "defaults": Case("defaults: {project: A, team: B}", outcome="A-B-dev"),
    "environments": Case(f"{USUAL}\nenvironments: {{dev: {{team: E}}}}", outcome="My-App-E-dev"),
    "resource_types": Case(f"{USUAL}\nresource_types: {{'app_*': {{team: K}}}}", outcome="My-App-K-dev"),
    "use": Case(patterns="use: acme", outcome="acme-My-App"),
    "patterns": Case(patterns="patterns: {app_thing: 'p-{team}'}", outcome="p-Data"),
    "variables": Case(
        patterns="variables: {squad: {}}\npatterns: {app_thing: '{project}[-{squad}]'}", outcome="My-App"
    ),
    "variables.description": Case(
        patterns="variables: {squad: {description: Who owns it}}\npatterns: {app_thing: '{squad}'}",
        outcome="NAME-MISSING",
        words="Who owns it",
    ),
    "variables.values": Case(
        patterns="variables: {squad: {values: [data, dams]}}\npatterns: {app_thing: '{project}[-{squad|max:2}]'}",
        outcome="PATTERN-CUT",
    ),
    "transformations.region_mapping": Case(
        "defaults: {project: p, region: moon-1}",
        "transformations: {region_mapping: {moon-1: m1}}\npatterns: {app_thing: '{project}-{region}'}",
        "p-m1",
    ),
    "transformations.abbreviations": Case(
        patterns="transformations: {abbreviations: {team: {data: dt}}}", outcome="My-App-dt-dev"
    ),
    "transformations.lowercase": Case(patterns="transformations: {lowercase: true}", outcome="my-app-data-dev"),
    "transformations.uppercase": Case(patterns="transformations: {uppercase: ['*']}", outcome="MY-APP-DATA-DEV"),
    "transformations.replace_hyphens": Case(
        patterns="transformations: {replace_hyphens: {'*_thing': _}}", outcome="My_App_Data_dev"
    ),
    "validation.max_length": Case(patterns="validation: {max_length: 9}", outcome="NAME-LENGTH"),
    "validation.allowed_chars": Case(patterns="validation: {allowed_chars: a-z-}", outcome="NAME-CHARS"),
    "validation.required_variables": Case(
        patterns="validation: {required_variables: [cost_center]}", outcome="NAME-MISSING"
    ),
    "unicode": Case("defaults: {project: größe, team: x}", "unicode: [app_thing]", "größe-x-dev"),
    "readable": Case(
        "defaults: {project: p, team: two words}", "readable: required\nvariables: {team: {form: word}}", "VALUE-WORDS"
    ),
    "vocabulary": Case(
        "defaults: {project: p, team: data}\nvocabulary: {team: [data, dams]}",
        "patterns: {app_thing: '{project}-{team|max:2}'}",
        "PATTERN-CUT",
    ),
    "transformations.hash_generation": Case(
        patterns="transformations: {hash_generation: [app_thing]}", outcome="My-App-Data-dev-7awu55hg"
    ),
    "transformations.shorten": Case(
        "defaults: {project: a-project-with-a-long-name, team: a-long-team}",
        "transformations: {shorten: hash}",
        "a-project-with-a-long-team-dev-tmh2cehe",
    ),
}
ELSEWHERE = {
    "variables.form": "it decides how names are read backwards, not how they are made",
    "$schema": "it is for editors",
}


def leaves(schema: Mapping[str, Any]) -> Iterator[str]:
    """Give the keys that somebody may write, with the section in front."""
    for key, body in schema["properties"].items():
        inner = body.get("properties") or (body.get("additionalProperties") or {}).get("properties")
        if inner is None or body["additionalProperties"]:  # a map: its sections are chosen by whoever writes them
            yield key
        yield from (f"{key}.{name}" for name in inner or ())


def outcome(files: NamingFiles) -> tuple[str, str]:
    """Give the name, else the codes of the problems, and what is said of them."""
    namer = Namer(files, kinds={THING.kind: THING}, environment="dev", conventions={"acme": CONVENTION})
    named, problems = namer.name(THING.kind)
    found = [*namer.problems, *problems]
    return (named.name if named else " ".join(sorted(problem.code for problem in found))), " ".join(map(str, found))


def cut(document: Document | None, key: str) -> Document | None:
    """Take a key out of a file, for whatever variable it stands."""
    if not document:
        return None
    first, _, rest = key.partition(".")
    middle = list(document.data.get(first) or {}) if first == "variables" and rest else [None]
    paths = [(first, *([name] if name else []), *([rest] if rest else [])) for name in middle]
    return Document(document.file, document.text, without(document.data, paths), document.syntax)


def test_there_is_a_case_for_every_key() -> None:
    assert {key for schema in SCHEMAS.values() for key in leaves(schema)} == {*CASES, *ELSEWHERE}


@pytest.mark.parametrize("key", CASES)
def test_a_key_does_something(files: Callable[..., NamingFiles], key: str) -> None:
    case = CASES[key]
    both = files(case.values, case.patterns)
    result, said = outcome(both)
    assert result == case.outcome
    assert case.words in said
    bare, bare_said = outcome(NamingFiles(cut(both.values, key), cut(both.patterns, key)))
    assert bare != result or (case.words and case.words not in bare_said)
