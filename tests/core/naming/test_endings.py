"""A hash behind every name: how it is made, where it goes, what cannot be asked for."""

from __future__ import annotations

import hashlib
from base64 import b32encode
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpn.errors import Place
from dpn.extensions import Convention
from dpn.naming import Namer, check
from dpn.provider import KindInfo, NameRule

Make = Callable[..., Namer]
Kind = Callable[..., KindInfo]

BUCKET, DATABASE = "aws_s3_bucket", "aws_glue_database"


def base32(name: str, algorithm: str = "sha256") -> str:
    return b32encode(hashlib.new(algorithm, name.encode()).digest()).decode().lower()


def hashed(text: str) -> str:
    return f"transformations:\n  hash_generation: {text}\n"


def name_of(namer: Namer, kind: str = BUCKET, **naming: str) -> str:
    assert namer.problems == ()
    named, problems = namer.name(kind, naming=naming or {"purpose": "lake", "domain": "lake"})
    assert named, problems
    return named.name


def test_every_name_gets_a_hash_of_itself_longer_where_the_world_shares_names(make: Make) -> None:
    namer = make(patterns=hashed("true"))
    assert name_of(namer) == f"platform-lake-dev-{base32('platform-lake-dev')[:10]}"
    assert name_of(namer, DATABASE) == f"platform_lake_dev_{base32('platform_lake_dev')[:8]}"


def test_wildcards_choose_and_a_more_specific_one_takes_it_away(make: Make) -> None:
    namer = make(patterns=hashed("{'aws_*': {length: 6}, aws_s3_bucket: false}"))
    assert name_of(namer) == "platform-lake-dev"
    assert name_of(namer, DATABASE) == f"platform_lake_dev_{base32('platform_lake_dev')[:6]}"
    assert name_of(make(patterns=hashed("[aws_glue_*]"))) == "platform-lake-dev"


def test_what_less_specific_wildcards_say_is_kept(make: Make) -> None:
    namer = make(patterns=hashed("{'aws_*': {length: 6, prefix: h}, aws_s3_bucket: {separator: ''}}"))
    assert name_of(namer) == f"platform-lake-devh{base32('platform-lake-dev')[:6]}"


@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
def test_the_algorithm_can_be_chosen(make: Make, algorithm: str) -> None:
    namer = make(patterns=hashed(f"{{aws_s3_bucket: {{algorithm: {algorithm}, length: 32}}}}"))
    assert name_of(namer) == f"platform-lake-dev-{base32('platform-lake-dev', algorithm)[:32]}"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"algorithm": "md5"}, "asks for md5"),
        ({"algorithm": "sha1"}, "asks for sha1"),
        ({"length": 5}, "asks for 5 characters"),
        ({"separator": "_"}, "adds '_'"),
    ],
)
def test_what_a_packaged_convention_asks_for_is_judged_too(make: Make, asked: Mapping[str, object], said: str) -> None:
    acme = Convention("acme", {}, {"hash_generation": {BUCKET: asked}})
    [problem] = make(patterns="use: acme", conventions={"acme": acme}).problems
    assert problem.code == "PATTERNS-SETTING"
    assert said in problem.message


def test_what_names_cannot_hold_is_said_with_its_place(make: Make) -> None:
    [problem] = make(patterns=hashed("{aws_s3_bucket: {prefix: _}}")).problems
    assert (problem.code, problem.place) == ("PATTERNS-SETTING", Place("patterns.yaml", 2, 20))
    digits = make(patterns=hashed("true") + "validation: {allowed_chars: {aws_s3_bucket: a-z-}}").problems
    assert [problem.code for problem in digits] == ["PATTERNS-SETTING"]


def test_a_hash_that_leaves_no_room_is_found_when_patterns_are_compiled(make: Make) -> None:
    patterns = hashed("true") + f"patterns: {{aws_s3_bucket: '{'a' * 52}{{purpose}}'}}"
    assert [problem.code for problem in make(patterns=patterns).problems] == ["LEN-UNREACHABLE"]
    assert make(patterns=patterns.replace("aaa", "a", 1)).problems == ()


def test_a_suffix_of_the_service_stays_last_and_capitals_stay_capitals(
    make: Make, kind: Kind, rules: Mapping[str, NameRule]
) -> None:
    queue = kind("aws_queue", rules["queue"], "{project}-{purpose}.fifo", "purpose")
    namer = make(patterns=hashed("true"), kinds={queue.kind: queue})
    assert name_of(namer, "aws_queue", purpose="x") == f"platform-x-{base32('platform-x.fifo')[:8]}.fifo"
    upper = make(patterns=hashed("true").rstrip() + "\n  uppercase: true\n", kinds={queue.kind: queue})
    [wrong] = upper.name("aws_queue", naming={"purpose": "x"})[1:]
    assert wrong  # `.FIFO` is no suffix of the service
    plain = kind("aws_queue", rules["queue"], "{project}-{purpose}", "purpose")
    shouted = make(patterns=hashed("true").rstrip() + "\n  uppercase: true\n", kinds={plain.kind: plain})
    assert name_of(shouted, "aws_queue", purpose="x") == f"PLATFORM-X-{base32('PLATFORM-X')[:8].upper()}"


@given(st.text("abc-", min_size=1, max_size=9).filter(lambda text: text.strip("-")))
def test_names_with_a_hash_are_what_the_service_accepts(make: Make, rules: Mapping[str, NameRule], text: str) -> None:
    assert check(rules["s3"], name_of(make(patterns=hashed("true")), purpose=text)) == []
