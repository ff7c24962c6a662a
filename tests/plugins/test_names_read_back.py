"""The names that our providers give by default can be read back in one way, as soon as one project is known."""

from __future__ import annotations

import pytest

import dpn_aws
import dpn_databricks
from dpn import Provider
from dpn.config import NamingFiles
from dpn.documents import parse
from dpn.naming import Namer
from dpn.naming.exact import decide
from dpn.naming.reading import Reader
from dpn.plugins import kind_info
from dpn.provider import KindInfo

PROVIDERS: tuple[Provider, ...] = (*dpn_aws.dpn_providers(), *dpn_databricks.dpn_providers())
INFOS = [kind_info(cls, one.name, "under test") for one in PROVIDERS for cls in one.kinds if cls.default_pattern]
CODES = {one.name: one.region_codes for one in PROVIDERS}


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
