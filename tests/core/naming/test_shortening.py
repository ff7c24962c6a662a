"""Names that are too long: what goes first, what stays, and when nothing helps."""

from __future__ import annotations

import hashlib
from base64 import b32encode
from collections.abc import Callable, Mapping

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dpn.errors import Place, Problem
from dpn.naming import Namer, check
from dpn.provider import KindInfo, NameRule, Variable

Make = Callable[..., Namer]
Kind = Callable[..., KindInfo]

BUCKET = "aws_s3_bucket"
VARIABLES = {"purpose": Variable("p"), "layer": Variable("l")}
RULE = NameRule(pattern=r"[a-z0-9-]{1,30}", max=30, case="lower", charset="a-z0-9-")


def base32(name: str) -> str:
    return b32encode(hashlib.sha256(name.encode()).digest()).decode().lower()[:8]


@pytest.fixture(scope="session")
def short(make: Make, kind: Kind) -> Callable[..., Namer]:
    """Make a namer for a bucket whose names have 30 characters at most."""

    def namer(shorten: str, values: str = "", **options: object) -> Namer:
        bucket = kind(BUCKET, RULE, "{project}-{purpose}-{layer}-{environment}", "purpose", "layer")
        return make(values, f"transformations:\n  shorten: {shorten}\n", **{"kinds": {BUCKET: bucket}, **options})

    return namer


def codes(problems: list[Problem] | tuple[Problem, ...]) -> list[str]:
    return [problem.code for problem in problems]


def name_of(namer: Namer, **naming: str) -> str:
    assert namer.problems == ()
    named, problems = namer.name(BUCKET, naming=naming)
    assert named, problems
    return named.name


def test_a_name_that_fits_is_left_alone(short: Make) -> None:
    assert name_of(short("true"), purpose="a" * 12, layer="raw") == f"platform-{'a' * 12}-raw-dev"


def test_tokens_that_may_go_go_from_the_right_until_it_fits(short: Make) -> None:
    namer = short("{aws_*: {tokens: {project: keep, purpose: drop, layer: drop}}}")
    full = f"acme-{'b' * 5}-{'c' * 15}-dev"
    assert name_of(namer, project="acme", purpose="b" * 5, layer="c" * 15) == full
    full = f"acme-{'b' * 5}-{'c' * 16}-dev"
    assert name_of(namer, project="acme", purpose="b" * 5, layer="c" * 16) == f"acme-bbbbb-dev-{base32(full)}"
    full = f"acme-{'b' * 15}-{'c' * 15}-dev"
    assert name_of(namer, project="acme", purpose="b" * 15, layer="c" * 15) == f"acme-dev-{base32(full)}"


def test_the_first_token_takes_the_separator_behind_it_along(short: Make) -> None:
    namer = short("{aws_*: {tokens: {project: drop, purpose: keep, layer: keep}}}")
    full = f"{'a' * 20}-bb-cc-dev"
    assert name_of(namer, project="a" * 20, purpose="bb", layer="cc") == full
    full = f"{'a' * 21}-bbb-cc-dev"
    assert name_of(namer, project="a" * 21, purpose="bbb", layer="cc") == f"bbb-cc-dev-{base32(full)}"


def test_the_longest_token_is_cut_first_and_the_leftmost_of_equals(short: Make) -> None:
    namer = short("{aws_*: {tokens: {project: shorten, purpose: shorten, layer: shorten}}}")
    full = f"{'a' * 9}-{'b' * 9}-{'c' * 4}-dev"
    assert name_of(namer, project="a" * 9, purpose="b" * 9, layer="c" * 4) == full
    full = f"{'a' * 9}-{'b' * 10}-{'c' * 6}-dev"
    cut = f"{'a' * 5}-{'b' * 5}-{'c' * 5}-dev-{base32(full)}"
    assert name_of(namer, project="a" * 9, purpose="b" * 10, layer="c" * 6) == cut
    full = f"{'a' * 9}-{'b' * 10}-{'c' * 7}-devel"
    named, _ = short("true", environment="devel").name(
        BUCKET, naming={"project": "a" * 9, "purpose": "b" * 10, "layer": "c" * 7}
    )
    assert named
    assert named.name == f"{'a' * 4}-{'b' * 4}-{'c' * 5}-devel-{base32(full)}"


def test_no_separator_is_left_at_the_end_of_what_was_cut(short: Make) -> None:
    namer = short("{aws_*: {tokens: {project: keep, purpose: shorten, layer: keep}}}")
    full = "acme-abcdefg-fghijklmnopqrst-raw-dev"
    name = name_of(namer, project="acme", purpose="abcdefg-fghijklmnopqrst", layer="raw")
    assert name == f"acme-abcdefg-raw-dev-{base32(full)}"
    assert len(name) == 29


def test_known_values_environment_and_region_are_kept(short: Make) -> None:
    namer = short("hash", "vocabulary: {layer: [landing]}\n")
    full = f"platform-{'b' * 12}-landing-dev"
    name = name_of(namer, purpose="b" * 12, layer="landing")
    assert name == f"plat-bbbb-landing-dev-{base32(full)}"
    assert len(name) == 30


def test_what_cannot_be_made_to_fit_is_told_with_the_numbers(short: Make) -> None:
    namer = short("{aws_*: {tokens: {project: keep, purpose: 'shorten:4', layer: drop}}}")
    [problem] = namer.name(BUCKET, naming={"project": "p" * 20, "purpose": "q" * 9, "layer": "r"})[1]
    assert problem.code == "TOO-LONG"
    assert "has 36 characters, the limit is 30" in problem.message
    assert "with 9 for the hash, it has 8 too many (kept: project 20, environment 3; cut to: purpose 4)" in (
        problem.message
    )


def test_lengths_that_no_values_can_reach_are_found_when_patterns_are_compiled(short: Make) -> None:
    values = f"vocabulary: {{layer: [raw, {'c' * 14}]}}"
    [problem] = short("hash", values).problems
    assert (problem.code, problem.place) == ("LEN-UNREACHABLE", Place("patterns.yaml", 2, 12))
    assert "can still have 35 characters, the limit is 30" in problem.message
    assert short("{aws_*: {tokens: {layer: drop, purpose: shorten}}}", values).problems == ()
    environments = f"environments: {{{'e' * 20}: {{}}}}"
    assert codes(short("hash", environments).problems) == ["LEN-UNREACHABLE"]


def test_the_environment_is_always_kept_and_only_one_hash_is_asked_for(make: Make) -> None:
    patterns = "transformations: {shorten: {aws_s3_bucket: {tokens: {environment: drop}}}}"
    assert codes(make(patterns=patterns).problems) == ["PATTERNS-SETTING"]
    both = make(patterns="transformations: {shorten: [aws_s3_bucket], hash_generation: true}")
    assert codes(both.problems) == ["PATTERNS-SETTING"]
    assert "hash_generation are both asked for" in both.problems[0].message


def test_a_limit_of_the_file_counts_and_a_suffix_stays_last(
    make: Make, kind: Kind, rules: Mapping[str, NameRule]
) -> None:
    queue = kind("aws_queue", rules["queue"], "{project}-{purpose}.fifo", "purpose")
    patterns = "transformations: {shorten: hash}\nvalidation: {max_length: 30}"
    namer = make(patterns=patterns, kinds={queue.kind: queue})
    named, problems = namer.name("aws_queue", naming={"project": "acme", "purpose": "q" * 40})
    assert named, problems
    assert named.name == f"acme-{'q' * 11}-{base32('acme-' + 'q' * 40 + '.fifo')}.fifo"
    assert len(named.name) == 30


def test_a_limit_of_bytes_is_kept_in_bytes(make: Make, kind: Kind) -> None:
    rule = NameRule(pattern=r"[^\x00-\x20]+", max=40, unit="bytes")
    job = kind("aws_job", rule, "{project}-{purpose}-{environment}", "purpose")
    namer = make(patterns="unicode: ['aws_*']\ntransformations: {shorten: hash}", kinds={job.kind: job})
    named, problems = namer.name("aws_job", naming={"project": "größe", "purpose": "ü" * 30})
    assert named, problems
    assert named.name.startswith("größe-ü")
    assert "-dev-" in named.name
    assert 38 <= len(named.name.encode()) <= 40


WORDS = st.text("ab-", min_size=1, max_size=40).filter(lambda text: text.strip("-"))


@given(WORDS, WORDS, WORDS)
def test_a_shortened_name_keeps_the_environment_and_is_valid(short: Make, one: str, two: str, three: str) -> None:
    name = name_of(short("hash"), project=one, purpose=two, layer=three)
    assert check(RULE, name) == []
    assert "-dev" in name


@given(st.tuples(WORDS, WORDS, WORDS), st.tuples(WORDS, WORDS, WORDS))
def test_shortening_keeps_names_apart(short: Make, one: tuple[str, ...], other: tuple[str, ...]) -> None:
    long = short("{aws_*: false}", kinds={BUCKET: _roomy()})
    names = ("project", "purpose", "layer")
    first, second = (dict(zip(names, texts, strict=True)) for texts in (one, other))
    assume(name_of(long, **first) != name_of(long, **second))
    assert name_of(short("hash"), **first) != name_of(short("hash"), **second)


def _roomy() -> KindInfo:
    rule = NameRule(pattern=r"[a-z0-9-]+", max=255, case="lower", charset="a-z0-9-")
    return KindInfo(BUCKET, "aws", "test", rule, "{project}-{purpose}-{layer}-{environment}", VARIABLES)
