"""Names that others gave: whose rule they break, what cannot be told, and which name would do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpn.extensions import Transform
from dpn.naming import Namer
from dpn.naming.auditing import Audited, Auditor
from dpn.naming.fitting import Fitter
from dpn.naming.reading import Reader
from dpn.provider import KindInfo, NameRule

Make = Callable[..., Namer]
Kind = Callable[..., KindInfo]

BUCKET, DATABASE = "aws_s3_bucket", "aws_glue_database"
RULE = NameRule(pattern=r"[a-z0-9-]{1,30}", max=30, case="lower", charset="a-z0-9-")


def judged(namer: Namer, name: str, kind: str = BUCKET) -> Audited:
    assert namer.problems == ()
    return Auditor(namer, kind).judge(name)


def codes(found: Audited) -> list[str]:
    return [problem.code for problem in found.problems]


def test_a_name_that_the_convention_makes_complies(make: Make) -> None:
    namer = make("defaults: {project: acme}")
    found = judged(namer, "acme-raw-data-dev")
    assert (found.complies, found.by, found.problems, found.nearest) == ("yes", "", (), None)
    assert judged(namer, "other-lake-prd").complies == "yes"  # no vocabulary is closed


def test_a_name_that_the_cloud_refuses_is_not_held_against_the_convention(make: Make) -> None:
    found = judged(make(), "Acme_Raw_Data_Dev")
    assert (found.complies, found.by, codes(found)) == ("no", "cloud", ["NAME-CHARS"])
    assert found.nearest == "acme-raw-data-dev"
    assert codes(judged(make(), "")) == ["NAME-EMPTY"]
    assert codes(judged(make(), "a" * 64)) == ["NAME-LENGTH"]


def test_a_name_that_cannot_be_read_back_says_how_far_it_can_be(make: Make) -> None:
    namer = make("vocabulary: {project: {values: [acme], closed: true}}")
    found = judged(namer, "acne-lake-dev")
    assert (found.complies, found.by, codes(found)) == ("no", "convention", ["NAME-PATTERN"])
    assert "'n' cannot follow 'ac'" in found.problems[0].message
    assert "'x' cannot be its beginning" in judged(namer, "xylo-lake-dev").problems[0].message
    assert "at most the beginning of one" in judged(namer, "acme-lake").problems[0].message


def test_a_long_form_that_has_an_abbreviation_is_no_part_of_a_name(make: Make) -> None:
    namer = make(patterns="transformations: {abbreviations: {environment: {dev: d}, purpose: {raw: r}}}")
    assert judged(namer, "acme-lake-d").complies == "yes"
    assert judged(namer, "acme-raw-x-d").complies == "yes"  # no value is raw-x, but one could be
    found = judged(namer, "acme-lake-dev")
    assert codes(found) == ["NAME-PATTERN"]
    assert "abbreviation" in found.problems[0].message


def test_the_nearest_name_is_one_that_complies_if_there_is_such_a_one(make: Make) -> None:
    namer = make("vocabulary: {project: {values: [acme], closed: true}}")
    assert judged(namer, "acme.lake.dev").nearest == "acme-lake-dev"
    assert judged(namer, "old.lake.dev").nearest is None
    assert judged(namer, "Old.Lake.Dev").nearest == "old.lake.dev"  # the cloud would take it, at least


def test_the_limits_of_the_patterns_file_count(make: Make) -> None:
    short = make(patterns="validation: {max_length: 20}")
    found = judged(short, "acme-lake-for-all-dev")
    assert (found.by, codes(found)) == ("convention", ["NAME-LENGTH"])
    found = judged(make(patterns="validation: {allowed_chars: {aws_s3_bucket: 'a-z-'}}"), "acme-lake2-dev")
    assert (found.by, codes(found)) == ("convention", ["NAME-CHARS"])


def test_names_are_judged_as_the_service_keeps_them(make: Make) -> None:
    assert judged(make(), "acme_sales_dev", DATABASE).complies == "yes"


def test_a_hash_behind_every_name_is_made_anew(make: Make) -> None:
    namer = make("defaults: {project: acme}", "transformations: {hash_generation: {aws_s3_bucket: {length: 8}}}")
    named, _ = namer.name(BUCKET, naming={"purpose": "lake"})
    assert named
    assert judged(namer, named.name).complies == "yes"
    for wrong in (f"{named.name[:-1]}{'a' if named.name[-1] != 'a' else 'b'}", "acme-lake-dev", "abc"):
        assert codes(judged(namer, wrong)) == ["NAME-HASH"]


@pytest.fixture(scope="session")
def short(make: Make, kind: Kind) -> Callable[..., Namer]:
    def namer(shorten: str, values: str = "") -> Namer:
        bucket = kind(BUCKET, RULE, "{project}-{purpose}-{layer}-{environment}", "purpose", "layer")
        return make(values, f"transformations:\n  shorten: {shorten}\n", kinds={BUCKET: bucket})

    return namer


@pytest.mark.parametrize(
    "shorten",
    [
        "hash",
        "{aws_s3_bucket: {tokens: {purpose: shorten}}}",
        "{aws_s3_bucket: {tokens: {purpose: 'shorten:5', layer: drop}}}",
        "{aws_s3_bucket: {tokens: {project: drop, purpose: drop, layer: shorten}}}",
    ],
)
@given(
    purpose=st.from_regex(r"[a-z0-9]{1,9}(-[a-z0-9]{1,9}){0,4}", fullmatch=True), layer=st.sampled_from(["b", "gold"])
)
def test_what_the_convention_shortens_complies(
    short: Callable[..., Namer], shorten: str, purpose: str, layer: str
) -> None:
    namer = short(shorten, "defaults: {project: acme}")
    named, _ = namer.name(BUCKET, naming={"purpose": purpose, "layer": layer})
    if named:  # else it is too long whatever goes
        assert judged(namer, named.name).complies == "yes"


def test_of_what_may_be_shortened_and_does_not_fit_it_cannot_be_told(short: Callable[..., Namer]) -> None:
    closed = "vocabulary: {project: {values: [acme], closed: true}, layer: {values: [gold], closed: true}}"
    namer = short("{aws_s3_bucket: {tokens: {purpose: shorten}}}", closed)
    assert judged(namer, "acme-cus-gold-dev-abcdefgh").complies == "no"  # there was room: nobody cut it
    found = judged(namer, "old-customers-of-all-abcdefgh")
    assert (found.complies, found.by, codes(found)) == ("unknown", "convention", ["NAME-UNTOLD"])
    assert found.problems[0].severity == "warning"


def test_of_names_that_a_plugin_may_have_given_it_cannot_be_told(make: Make) -> None:
    values = "vocabulary: {project: {values: [acme], closed: true}}"
    namer = make(values, custom=lambda _: None, custom_by="Plugin 'acme'")
    auditor = Auditor(namer, BUCKET, "Plugin 'acme'")
    assert auditor.judge("acme-lake-dev").complies == "yes"
    found = auditor.judge("asset-17")
    assert (found.complies, codes(found)) == ("unknown", ["NAME-UNTOLD"])
    assert "Plugin 'acme'" in found.problems[0].message


def test_other_letters_than_ascii_are_no_name_or_cannot_be_told(make: Make, kind: Kind) -> None:
    free = kind("mem_free", NameRule(pattern=r"[^/]{1,40}", max=40), "{project}-{purpose}", "purpose")
    found = judged(make(kinds={free.kind: free}), "straße-1", free.kind)
    assert (found.complies, codes(found)) == ("no", ["NAME-CHARS"])
    found = judged(make(patterns="unicode: true", kinds={free.kind: free}), "straße-1", free.kind)
    assert (found.complies, codes(found)) == ("unknown", ["NAME-UNTOLD"])


PATTERNS = [
    "{project}-{purpose}-{environment}", "{project}[-{layer}]-{environment}", "{project}{purpose|word}-{region}",
    "{layer|lower}-{purpose|max:3}[-{project|slug}]", "x.{purpose|hash:6}-{region|full}-{environment|abbr}",
    "{project|swap}-{layer}-{environment}", "{project|lower|slug}-{purpose|slug}-{environment|word}",
    "{project|slug|word}.{purpose|word|slug}-{layer|lower}",
]  # fmt: skip
VALUES = """
vocabulary: {project: [my, my-app, [acme, acme-inc]], layer: {values: [raw, gold-1], closed: true}}
environments: {prd: {}, dev: {}}
"""
SWAP = Transform(lambda value, _: value.swapcase() if value.isupper() else value, charset="a-z0-9-")
WORDS = [
    "my",
    "app",
    "acme",
    "inc",
    "raw",
    "gold",
    "1",
    "dev",
    "prd",
    "d",
    "use1",
    "us",
    "east",
    "x",
    "",
    "abcdef",
    "q7",
]


@pytest.mark.parametrize("pattern", PATTERNS)
@given(parts=st.lists(st.sampled_from(WORDS), min_size=1, max_size=7), joint=st.sampled_from(["-", "."]))
def test_a_name_fits_just_if_it_has_a_reading(make: Make, pattern: str, parts: list[str], joint: str) -> None:
    short = "{environment: {prd: d}, purpose: {inc: q7}}"
    patterns = f"patterns: {{{BUCKET}: '{pattern}'}}\ntransformations: {{abbreviations: {short}}}"
    namer: Any = make(VALUES, patterns, transforms={"swap": SWAP})
    name = f"{parts[0]}{joint}{'-'.join(parts[1:])}"
    parts_of = namer.ready(BUCKET), namer.forms(BUCKET), namer.closed
    assert Fitter(*parts_of).fits(name) == bool(Reader(*parts_of).readings(name, 1).readings)


def test_what_is_kept_of_names_has_a_bound(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dpn.naming.walking._KEPT", 3)
    namer = make()
    fitter = Fitter(namer.ready(BUCKET), namer.forms(BUCKET), namer.closed)
    assert [fitter.fits(name) for name in ("a-b-dev", "a-b-c-d-prd", "a--dev", "a-b")] == [True, True, False, False]
