"""The names that our providers give by default can be read back in one way, as soon as one project is known."""

from __future__ import annotations

import json
import os
import random

import pytest

import dpn_aws
import dpn_azure
import dpn_databricks
import dpn_gcp
import dpn_snowflake
from dpn import Provider
from dpn.config import NamingFiles
from dpn.documents import parse
from dpn.naming import Namer
from dpn.naming.auditing import Auditor
from dpn.naming.exact import decide
from dpn.naming.quick import Quick
from dpn.naming.reading import Reader
from dpn.naming.text import separate
from dpn.offers import kind_info
from dpn.provider import KindInfo, Variable

PROVIDERS: tuple[Provider, ...] = tuple(
    provider
    for module in (dpn_aws, dpn_azure, dpn_databricks, dpn_gcp, dpn_snowflake)
    for provider in module.dpn_providers()
)
INFOS = [kind_info(cls, one.name, "under test") for one in PROVIDERS for cls in one.kinds if cls.default_pattern]
CODES = {one.name: one.region_codes for one in PROVIDERS}
FULL = os.environ.get("DPN_TESTS") == "full"
TUPLES = 100_000 if FULL else 2_000
TRIES = 20


def regions(info: KindInfo) -> list[str]:
    """Give two regions of a kind; one whose provider ships no codes runs on the clouds of others."""
    return list(CODES[info.provider] or CODES["aws"])[:2]


def usual(variable: Variable) -> str:
    """Give a value of as many words as its form lets it have; some kinds have room for few characters."""
    return {"word": "one", "open": "c-d"}.get(variable.form) or variable.values[-1]


@pytest.mark.parametrize("info", INFOS, ids=lambda info: info.kind)
def test_a_default_pattern_is_exact_and_gives_back_what_made_a_name(info: KindInfo) -> None:
    values = parse("vocabulary: {project: [a-b]}", "values.yaml", "yaml")
    namer = Namer(NamingFiles(values), kinds={info.kind: info}, environment="e-f", region_codes=CODES)
    reader = Reader(namer.ready(info.kind), namer.forms(info.kind))
    assert decide(reader.network, info.name_rule.max).exact
    given = {name: usual(one) for name, one in info.variables.items()}
    given |= {"project": "a-b", "region": regions(info)[0]}
    named, problems = namer.name(info.kind, naming=given)
    assert named, problems
    assert Auditor(namer, info.kind).judge(named.name).complies == "yes"
    expected = reader.canonical({**given, "environment": "e-f"})
    assert list(reader.readings(named.name).readings) == [expected]
    assert expected.keys() == set(namer.ready(info.kind).style.pattern.variables)  # type: ignore[union-attr] # it is exact
    for name, value in expected.items():
        assert separate(value, "").lower() == separate({**given, "environment": "e-f"}[name], "")


def letters(rng: random.Random) -> str:
    """Give a word of few letters, so that names would coincide if they could."""
    return "".join(rng.choices("xyz", k=rng.randint(1, 5 if FULL else 3)))


def value(variable: Variable, rng: random.Random) -> str:
    """Give one of the known values, one word, or up to four of them."""
    if variable.values:
        return rng.choice(variable.values)
    return "-".join(letters(rng) for _ in range(1 if variable.form == "word" else rng.randint(1, 4)))


@pytest.mark.parametrize("info", INFOS, ids=lambda info: info.kind)
def test_values_that_differ_give_names_that_differ(info: KindInfo) -> None:
    """As many tuples as are asked for, all of which differ when they are read back; the projects begin alike."""
    projects = ["x", "y-x", "y-y"]
    if not any(one.form == "open" for one in info.variables.values()):  # then little else makes names differ
        projects += [f"y-{number}" for number in range(2 * TUPLES)]
    values = parse(json.dumps({"vocabulary": {"project": projects}}), "values.json", "json")
    namer = Namer(NamingFiles(values), kinds={info.kind: info}, environment="x", region_codes=CODES)
    quick, reader = Quick(namer, info.kind), Reader(namer.ready(info.kind), namer.forms(info.kind))
    auditor, rng = Auditor(namer, info.kind), random.Random(info.kind)
    made: dict[str, tuple[str, ...]] = {}
    for _ in range(TRIES * TUPLES):
        chosen = {name: value(one, rng) for name, one in info.variables.items()}
        chosen |= {"project": rng.choice(projects), "region": rng.choice(regions(info))}
        if name := quick.name(chosen):
            name = name.lower() if info.name_rule.unique_fold == "lower" else name
            canonical = tuple(reader.canonical({**chosen, "environment": "x"}).values())
            if name not in made:
                assert auditor.judge(name).complies == "yes"
            assert made.setdefault(name, canonical) == canonical
        if len(made) == TUPLES:
            break
    assert len(made) == TUPLES
