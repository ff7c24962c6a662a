"""Names against rules: each way to be wrong has its code, and a hint is itself valid."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpn.naming import check, nearest
from dpn.naming.rule import checker
from dpn.provider import NameRule

NAMES = st.one_of(
    st.text(max_size=80),
    st.text(alphabet="abzAZ019.-_ +=@/", max_size=80),
    st.from_regex(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", fullmatch=True),
)


def test_good_names(rules: Mapping[str, NameRule]) -> None:
    for rule, names in {
        "s3": ["abc", "a" * 63, "my-bucket.1", "1.2.3", "0-0"],
        "glue": ["a", "_a", "1", "a" * 255],
        "queue": ["a", "a.fifo", "a" * 75 + ".fifo"],
        "vault": ["abc", "a" * 24],
        "free": ["größe-1", "a" * 100],
    }.items():
        for name in names:
            assert check(rules[rule], name) == []


@pytest.mark.parametrize(
    ("rule", "name", "codes"),
    [
        ("s3", "", ["NAME-EMPTY"]),
        ("s3", "ab", ["NAME-LENGTH"]),
        ("s3", "a" * 64, ["NAME-LENGTH"]),
        ("s3", "A" * 1_000_000, ["NAME-LENGTH"]),
        ("s3", "under_score", ["NAME-CHARS"]),
        ("s3", "Capital", ["NAME-CHARS"]),
        ("s3", "abc\n", ["NAME-CHARS"]),
        ("s3", "ab\x00c", ["NAME-CHARS"]),
        ("s3", "\N{KELVIN SIGN}elvin", ["NAME-CHARS"]),
        ("s3", "-abc", ["NAME-FORM"]),
        ("s3", "abc-", ["NAME-FORM"]),
        ("s3", "a..b", ["NAME-SUBSTRING"]),
        ("s3", "a.-b", ["NAME-SUBSTRING"]),
        ("s3", "192.168.0.1", ["NAME-FORM"]),
        ("s3", "xn--abc", ["NAME-PREFIX"]),
        ("s3", "sthree-configurator", ["NAME-PREFIX"]),
        ("s3", "abc-s3alias", ["NAME-SUFFIX"]),
        ("s3", "abc.mrap", ["NAME-SUFFIX"]),
        ("s3", "abc--x-s3", ["NAME-SUFFIX"]),
        ("s3", "abc-an", ["NAME-SUFFIX"]),
        ("s3", "xn--a..b-an", ["NAME-PREFIX", "NAME-SUFFIX", "NAME-SUBSTRING"]),
        ("s3", "A_", ["NAME-LENGTH", "NAME-CHARS"]),
        ("glue", "", ["NAME-EMPTY"]),
        ("glue", "a" * 256, ["NAME-LENGTH"]),
        ("glue", "é" * 128, ["NAME-LENGTH"]),
        ("glue", "é" * 127, ["NAME-CHARS"]),
        ("glue", "with-hyphen", ["NAME-CHARS"]),
        ("glue", "a\n", ["NAME-CHARS"]),
        ("role", "awsservicerolefors3", ["NAME-PREFIX"]),
        ("role", "ADMIN", ["NAME-RESERVED"]),
        ("role", "größe", ["NAME-CHARS"]),
        ("free", "a\u200bb", ["NAME-CHARS"]),
        ("free", "a\u202eb", ["NAME-CHARS"]),
        ("free", "a b", ["NAME-FORM"]),
        ("queue", "a.b", ["NAME-CHARS"]),
        ("queue", "a" * 76 + ".fifo", ["NAME-LENGTH"]),
        ("queue", ".fifo", ["NAME-FORM"]),
    ],
)
def test_each_way_to_be_wrong(rule: str, name: str, codes: list[str], rules: Mapping[str, NameRule]) -> None:
    assert [problem.code for problem in check(rules[rule], name)] == codes


def test_a_problem_tells_what_is_expected_and_who_says_so(rules: Mapping[str, NameRule]) -> None:
    (problem,) = check(rules["s3"], "a" * 70)
    assert "70 characters, 7 too many" in problem.message
    assert "S3 User Guide" in problem.message
    assert problem.expected == "3 to 63 characters"
    (problem,) = check(rules["glue"], "a\N{ZERO WIDTH SPACE}")
    assert "U+200B ZERO WIDTH SPACE" in problem.message


def test_a_long_name_is_not_repeated_in_full(rules: Mapping[str, NameRule]) -> None:
    assert len(check(rules["s3"], "a" * 10_000)[0].message) < 300


@given(name=NAMES)
def test_the_fast_way_and_the_explaining_way_agree(name: str, rules: Mapping[str, NameRule]) -> None:
    for rule in rules.values():
        assert checker(rule).accepts(name) == (not check(rule, name))


@given(name=NAMES)
def test_the_nearest_name_is_valid(name: str, rules: Mapping[str, NameRule]) -> None:
    for rule in rules.values():
        near = nearest(rule, name)
        assert near is None or check(rule, near) == []


@pytest.mark.parametrize(
    ("rule", "name", "near"),
    [
        ("s3", "My_Bucket", "my-bucket"),
        ("s3", "-abc-", "abc"),
        ("s3", "a..b", "a-b"),
        ("s3", "xn--data", "data"),
        ("s3", "a" * 70, "a" * 63),
        ("s3", "192.168.0.1", "192-168-0-1"),
        ("s3", "x", None),
        ("s3", "", None),
        ("glue", "My-Table", "my_table"),
        ("vault", "my-vault", "myvault"),
    ],
)
def test_the_nearest_name(rule: str, name: str, near: str | None, rules: Mapping[str, NameRule]) -> None:
    assert nearest(rules[rule], name) == near
