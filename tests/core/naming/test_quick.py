"""The quick way to names gives what the namer gives, or leaves the name to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpn.naming import Namer, quick
from dpn.naming.quick import Quick

Make = Callable[..., Namer]

BUCKET, DATABASE = "aws_s3_bucket", "aws_glue_database"
VALUES = [
    "",
    "defaults: {project: My-App, team: ops}\nvocabulary: {layer: [raw, [gold, Au]]}\n",
    "vocabulary: {purpose: {values: [lake, raw-data], closed: true}}\n",
]
DECLARED = "variables: {purpose: {}, layer: {}}\n"
PATTERNS = [
    "",
    DECLARED + "patterns: {'*': '{project}[-{purpose}][-{layer|max:4}]-{environment}-{region}'}\n",
    DECLARED + "patterns: {'*': 'x{purpose|slug}a{project|word}'}\ntransformations: {lowercase: true}\n",
    DECLARED + "patterns: {'*': '{project}-{purpose}-{region|full}'}\ntransformations: {hash_generation: true}\n",
    DECLARED + "patterns: {'*': '{project}-{purpose}-{layer}'}\ntransformations: {shorten: hash}\n",
    "transformations: {abbreviations: {purpose: {lake: l, raw-data: rd}}}\nvalidation: {max_length: 30}\n",
    "validation: {allowed_chars: {aws_s3_bucket: a-m-}, required_variables: [team]}\n",
    "readable: {aws_s3_bucket: required}\nvariables: {purpose: {form: word}}\n",
]
TEXTS = st.one_of(
    st.sampled_from(
        ["lake", "raw-data", "Raw Data", "us-east-1", "a" * 60, "9", "\u017f", "\u212a", "", "-", "a/b", "%s"]
    ),
    st.text(max_size=12),
)
REQUESTS = st.dictionaries(
    st.sampled_from(["project", "purpose", "layer", "team", "region", "domain", "environment", "other"]),
    TEXTS | st.none() | st.integers() | st.lists(st.text()) | st.just("dev"),
)


@given(
    st.sampled_from(VALUES), st.sampled_from(PATTERNS), st.sampled_from([BUCKET, DATABASE]),
    st.lists(REQUESTS, min_size=1, max_size=4),
)  # fmt: skip
def test_both_ways_give_one_name(
    make: Make, values: str, patterns: str, kind: str, requests: list[dict[str, Any]]
) -> None:
    namer = make(values, patterns)
    fast = Quick(namer, kind)
    for request in [*requests, *requests]:  # the second time from memory
        found = fast.name(request)
        slow, problems = namer.name(kind, naming=request)
        if found is not None:
            assert slow, problems
            assert found == slow.name


@pytest.mark.parametrize("values", VALUES)
def test_what_is_plain_is_not_left_to_the_namer(make: Make, values: str) -> None:
    fast = Quick(make(values), BUCKET)
    for purpose in ("lake", "raw-data"):
        for request in ({"purpose": purpose}, {"purpose": purpose, "environment": "dev", "unused": "x"}):
            assert fast.name(request)


SOUND = [
    {"project": "acme", "purpose": "lake", "layer": "raw", "region": "us-east-1", "domain": "sales"},
    {"purpose": "raw-data", "region": "eu-west-1", "layer": "gold", "domain": "x", "team": "ops", "other": "y z"},
    {"purpose": "lake", "region": "us-east-1", "domain": "a b", "environment": "dev"},
    {"purpose": "l" * 60, "region": "us-east-1", "layer": "x", "domain": "d" * 250},
    {"purpose": "lake", "region": "nowhere", "domain": "a", "environment": "prd"},
]


@pytest.mark.parametrize("kind", [BUCKET, DATABASE])
@pytest.mark.parametrize("patterns", PATTERNS)
@pytest.mark.parametrize("values", VALUES)
def test_sound_requests_are_answered_alike(make: Make, values: str, patterns: str, kind: str) -> None:
    namer = make(values, patterns)
    fast = Quick(namer, kind)
    for request in [*SOUND, *SOUND]:
        slow, _ = namer.name(kind, naming=request)
        assert fast.name(request) in (None, slow and slow.name)


def test_what_a_convention_puts_behind_names_is_put_there_quickly(make: Make) -> None:
    for patterns in PATTERNS[:7]:
        namer = make(VALUES[1], patterns.replace("a-m-", "a-z0-9-"))
        slow, problems = namer.name(BUCKET, naming=SOUND[0])
        assert slow, problems
        assert Quick(namer, BUCKET).name(SOUND[0]) == slow.name


def test_what_a_plugin_says_is_asked_for_each_time(make: Make) -> None:
    assert Quick(make(custom=lambda _: "given-name"), BUCKET).name({"purpose": "lake"}) is None


def test_memory_is_bounded(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quick, "REMEMBERED", 8)
    fast = Quick(make(), BUCKET)
    for number in range(50):
        assert fast.name({"purpose": f"Lake {number}"}) == f"platform-lake-{number}-dev"
    assert fast.remembered <= 9
    for number in range(2000):
        assert fast.name({"purpose": "lake", f"unused_{number}": "x"}) == "platform-lake-dev"
    assert fast.remembered <= 600
