"""What holds for every name, whatever the files and the values; and what hostile input cannot do."""

from __future__ import annotations

import os
import random
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpn.naming import Namer, check, collisions
from dpn.naming.quick import Quick
from dpn.naming.reading import Reader
from dpn.provider import KindInfo, NameRule

Make = Callable[..., Namer]
Kind = Callable[..., KindInfo]

BUCKET = "aws_s3_bucket"
FULL = os.environ.get("DPN_TESTS") == "full"
TUPLES = 100_000 if FULL else 3_000

PATTERNS = [
    "{project}-{purpose}-{environment}",
    "x.{purpose|max:4}[-{layer}]",
    "{purpose|word}{layer|hash:8}-{project}",
]
SETTINGS = [
    "{}", "{hash_generation: true}", "{hash_generation: {'*': {prefix: h, length: 6, separator: ''}}}",
    "{shorten: hash}", "{shorten: {'*': {tokens: {purpose: drop, layer: 'shorten:1', project: shorten}}}}",
    "{uppercase: ['aws_r*', 'aws_q*']}", "{abbreviations: {purpose: {lake: l}, project: {a: b}}}",
    "{replace_hyphens: {'aws_q*': ''}}",
]  # fmt: skip
VALUES = st.one_of(st.sampled_from(["lake", "a", "x" * 90, "Raw_Data", "a.b", "-", "ß"]), st.text(max_size=30))


@given(st.sampled_from(PATTERNS), st.sampled_from(SETTINGS), st.fixed_dictionaries({
    "project": VALUES, "purpose": VALUES, "layer": VALUES | st.none(),
}))  # fmt: skip
def test_no_name_is_given_that_the_rule_refuses(
    make: Make, kind: Kind, rules: Mapping[str, NameRule], text: str, settings: str, values: dict[str, str | None]
) -> None:
    kinds = {f"aws_{name}": kind(f"aws_{name}", rule, text, "purpose", "layer") for name, rule in rules.items()}
    namer = make(patterns=f"transformations: {settings}", kinds=kinds)
    for name, info in kinds.items():
        named, problems = namer.name(name, naming=values)
        assert named is None or (not problems and check(info.name_rule, named.name) == [])
        broken = [problem for problem in namer.problems if name in str(problem)]
        assert named or problems or broken


def test_names_of_an_exact_pattern_differ_where_their_values_do(make: Make) -> None:
    namer = make("vocabulary: {project: [a, a-b, b]}", "patterns: {aws_s3_bucket: '{project}.{purpose}-{layer}'}\n"
                 "variables: {layer: {form: word}}")  # fmt: skip
    assert len(_ways(namer)) == 0


def test_names_of_other_patterns_that_coincide_are_all_found(make: Make, kinds: Mapping[str, KindInfo]) -> None:
    namer = make(patterns="patterns: {aws_s3_bucket: '{project}-{purpose}-{layer}'}")
    ways = _ways(namer)
    assert ways
    for name, found in ways.items():
        entries = [(f"{BUCKET}.b{at}", kinds[BUCKET], name, "aws") for at in range(len(found))]
        assert len(collisions(entries)) == len(found) - 1


def _ways(namer: Namer) -> dict[str, set[tuple[tuple[str, str], ...]]]:
    """Make names of random values of few letters; give those that are made of different ones."""
    rng = random.Random(1)
    words = ["a", "b", "a-b", "b-a", "a-a", "ab", "a-b-a"]
    reader, quick = Reader(namer.ready(BUCKET), namer.forms(BUCKET)), Quick(namer, BUCKET)
    ways = defaultdict(set)
    for _ in range(TUPLES):
        values = {"project": rng.choice(words[:3]), "purpose": rng.choice(words), "layer": rng.choice(words[:2])}
        name = quick.name(values)
        assert name
        ways[name].add(tuple(reader.canonical(values).items()))
    return {name: found for name, found in ways.items() if len(found) > 1}


@pytest.mark.parametrize(
    "value",
    ["a" * 256, "a" * 1_000_000, "{project}", "{0.__class__}", "${HOME}", "$(id)", "a\nb", "a\x00b", "%n%n%s", "../..",
     "\u202eabc", "a\u200bb", "\ud800", "a/b", ["a"], {"a": "b"}, 7, True],
    ids=lambda value: repr(value)[:20],
)  # fmt: skip
def test_hostile_values_are_refused_at_once(make: Make, value: Any) -> None:
    namer = make()
    quick, before = Quick(namer, BUCKET), time.process_time()
    assert quick.name({"purpose": value}) is None
    named, problems = namer.name(BUCKET, naming={"purpose": value})
    assert named is None
    assert problems
    assert len(str(problems[0].message)) < 2_000_000
    assert time.process_time() - before < 1


@pytest.mark.parametrize(
    "name",
    ["-".join("ab" * 1_000), "a" * 4_000, "-" * 4_000, "a" * 1_000_000, "{project}", "a\nb", "\x00", "é" * 2_000],
)
def test_reading_a_hostile_name_takes_no_time_to_speak_of(make: Make, kind: Kind, name: str) -> None:
    variables = [f"v{number}" for number in range(12)]
    rule = NameRule(pattern=r"[^\x00-\x1f\x7f]+", max=4096)
    job = kind("aws_job", rule, "-".join(f"{{{one}}}" for one in variables) + "[-{team}]", *variables)
    namer = make(kinds={job.kind: job})
    reader, before = Reader(namer.ready(job.kind), namer.forms(job.kind)), time.process_time()
    found = reader.readings(name)
    assert len(found.readings) <= 100
    assert time.process_time() - before < 10
