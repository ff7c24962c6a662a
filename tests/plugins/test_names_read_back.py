"""The names that our providers give by default can be read back in one way, as soon as one project is known."""

from __future__ import annotations

import os
import random

import pytest

import dpn_aws
import dpn_databricks
from dpn import Provider
from dpn.config import NamingFiles
from dpn.documents import parse
from dpn.naming import Namer
from dpn.naming.exact import decide
from dpn.naming.quick import Quick
from dpn.naming.reading import Reader
from dpn.plugins import kind_info
from dpn.provider import KindInfo

PROVIDERS: tuple[Provider, ...] = (*dpn_aws.dpn_providers(), *dpn_databricks.dpn_providers())
INFOS = [kind_info(cls, one.name, "under test") for one in PROVIDERS for cls in one.kinds if cls.default_pattern]
CODES = {one.name: one.region_codes for one in PROVIDERS}
FULL = os.environ.get("DPN_TESTS") == "full"
TUPLES = 100_000 if FULL else 2_000


@pytest.mark.parametrize("info", INFOS, ids=lambda info: info.kind)
def test_a_default_pattern_is_exact_and_gives_back_what_made_a_name(info: KindInfo) -> None:
    values = parse("vocabulary: {project: [clinical-data-platform]}", "values.yaml", "yaml")
    namer = Namer(NamingFiles(values), kinds={info.kind: info}, environment="pre-prod", region_codes=CODES)
    reader = Reader(namer.ready(info.kind), namer.forms(info.kind))
    assert decide(reader.network, info.name_rule.max).exact
    given = {name: "one" if one.form == "word" else "several-words" for name, one in info.variables.items()}
    given |= {"project": "clinical-data-platform", "region": "us-east-1"}
    named, problems = namer.name(info.kind, naming=given)
    assert named, problems
    expected = reader.canonical({**given, "environment": "pre-prod"})
    assert list(reader.readings(named.name).readings) == [expected]
    for name, value in expected.items():
        assert value.replace("_", "-") == {**given, "environment": "pre-prod"}[name]


@pytest.mark.parametrize("info", INFOS, ids=lambda info: info.kind)
def test_values_that_differ_give_names_that_differ(info: KindInfo) -> None:
    """Values of few letters, so that names would coincide if they could; all three projects begin alike."""
    values = parse("vocabulary: {project: [x, y-x, y-y]}", "values.yaml", "yaml")
    namer = Namer(NamingFiles(values), kinds={info.kind: info}, environment="x", region_codes=CODES)
    quick, reader = Quick(namer, info.kind), Reader(namer.ready(info.kind), namer.forms(info.kind))
    rng = random.Random(info.kind)
    words, texts = ["xxx", "y", "xy", "yx"], ["xxx", "y", "xxx-y", "y-xxx", "y-y", "xy-x", "x-y-x", "yx-y"]
    made: dict[str, dict[str, str]] = {}
    for _ in range(TUPLES):
        chosen = {name: rng.choice(words if one.form == "word" else texts) for name, one in info.variables.items()}
        chosen |= {"project": rng.choice(["x", "y-x", "y-y"]), "region": rng.choice(["us-east-1", "eu-west-1"])}
        if name := quick.name(chosen):
            canonical = reader.canonical({**chosen, "environment": "x"})
            assert made.setdefault(name, canonical) == canonical
    assert len(made) > 1
