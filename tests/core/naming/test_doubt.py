"""Names with two readings are told of, one by one; others never, and no pattern without being asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dpn.config import NamingFiles
from dpn.config.shapes import NAMING_PATTERNS
from dpn.documents import check, parse
from dpn.errors import Place, Problem
from dpn.extensions import Transform
from dpn.naming import Doubts, Namer, validate
from dpn.naming.doubt import most_separators
from dpn.naming.exact import decide
from dpn.naming.headroom import rooms
from dpn.naming.reading import Reader
from dpn.provider import KindInfo, NameRule

Make = Callable[..., Namer]

BUCKET, DATABASE = "aws_s3_bucket", "aws_glue_database"


def pattern(text: str, kind: str = BUCKET) -> str:
    return f"patterns: {{{kind}: '{text}'}}\n"


def codes(problems: list[Problem] | tuple[Problem, ...]) -> list[str]:
    return [problem.code for problem in problems]


def doubts(namer: Namer, **naming: str) -> list[Problem]:
    assert namer.problems == ()
    named, problems = namer.name(BUCKET, naming=naming)
    assert named, problems
    return Doubts(namer).about(BUCKET, named, "a.b")


def test_a_name_with_two_readings_is_told_with_both(make: Make) -> None:
    namer = make("vocabulary: {project: [my, my-app]}")
    [problem] = doubts(namer, project="my-app", purpose="lake")
    assert (problem.code, problem.severity, problem.address) == ("NAME-AMBIGUOUS", "warning", "a.b")
    assert "'my-app-lake-dev' can be read in two ways: " in problem.message
    assert "project=my-app purpose=lake environment=dev" in problem.message
    assert "project=my purpose=app-lake environment=dev" in problem.message
    assert doubts(namer, project="my", purpose="lake") == []


def test_the_project_of_a_name_counts_as_known(make: Make) -> None:
    assert doubts(make(), project="my-app", purpose="raw-data") == []
    assert doubts(make(metadata={"project": "my-app"}), purpose="raw-data") == []
    two = make(patterns=pattern("{project}-{purpose}-{layer}"))
    assert codes(doubts(two, purpose="raw-data", layer="x")) == ["NAME-AMBIGUOUS"]
    assert doubts(two, purpose="raw", layer="x") == []


def test_many_names_of_an_exact_pattern_are_cleared_at_once(make: Make) -> None:
    namer = make("vocabulary: {project: [acme]}", pattern("{project}.{purpose}"))
    doubts_of = Doubts(namer)
    for number in range(200):
        named, _ = namer.name(BUCKET, naming={"project": "acme", "purpose": f"raw-{number}"})
        assert named
        assert doubts_of.about(BUCKET, named) == []


def test_of_many_ambiguous_names_the_first_are_told(make: Make) -> None:
    unclear = make(patterns=pattern("{purpose}[-{layer}]"))
    doubts_of, told = Doubts(unclear), list[Problem]()
    for number in range(60):
        named, _ = unclear.name(BUCKET, naming={"purpose": f"raw-{number}"})
        assert named
        told += doubts_of.about(BUCKET, named)
    assert codes(told) == ["NAME-AMBIGUOUS"] * 21
    assert "'raw-19' can be read in two ways" in told[-2].message
    assert "Other names of aws_s3_bucket may have two readings too; 20 have been told." in told[-1].message


def test_what_no_pattern_made_is_not_doubted(make: Make) -> None:
    namer = make(patterns=pattern("{project}-{purpose}-{layer}"), custom=lambda _: "a-b-c-d-e")
    assert doubts(namer, purpose="x", layer="y") == []
    named, _ = make().name(BUCKET, literal="a-b-c-d-e-f")
    assert named
    assert Doubts(make()).about(BUCKET, named) == []


SLOTS = ["{project}", "{purpose}", "{layer}", "{environment}", "{region}"]


@given(
    st.lists(st.sampled_from(SLOTS), min_size=1, max_size=4, unique=True),
    st.sampled_from(["-", "--", "", ".", "-x-"]),
    st.sampled_from(["", "x-", "a-b-"]),
    st.dictionaries(st.sampled_from(["project", "purpose", "layer"]), st.sampled_from(["a", "b-c"]), min_size=3),
)
def test_counting_words_never_hides_a_second_reading(
    make: Make, slots: list[str], joint: str, start: str, values: Mapping[str, str]
) -> None:
    """What is taken for sure without the automaton is so by the automaton."""
    namer = make("vocabulary: {layer: [a, b-c]}", pattern(start + joint.join(slots)) + "variables: {purpose: {}}\n")
    assume(not namer.problems)
    named, _ = namer.name(BUCKET, naming={**values, "region": "us-east-1"})
    assume(named)
    assert named
    found, forms = namer.pattern(BUCKET), namer.forms(BUCKET)
    assert found
    if named.name.count("-") <= most_separators(found, forms):
        assert len(Reader(namer.ready(BUCKET), forms).known(named.name, 5).readings) <= 1


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("{project}-{layer|parted}-{purpose}", ""),
        ("{project}-{layer}-{purpose}", "transformations: {abbreviations: {layer: {gold: go-ld}}}\n"),
    ],
)
def test_one_word_that_becomes_two_is_doubted(make: Make, text: str, more: str) -> None:
    """go-ld-a is the layer gold; and with a layer that nobody lists, it can be something else."""
    parted = Transform(lambda value, _: value[:2] + "-" + value[2:] if value == "gold" else value, lossy=False)
    namer = make("vocabulary: {layer: [gold, go], project: [x]}", pattern(text) + more, transforms={"parted": parted})
    assert namer.problems == ()
    named, _ = namer.name(BUCKET, naming={"project": "x", "layer": "gold", "purpose": "a"})
    assert named
    assert [problem.code for problem in Doubts(namer).about(BUCKET, named)] == ["NAME-AMBIGUOUS"]


def test_warnings_are_about_patterns_of_the_files_alone(
    files: Callable[..., NamingFiles], kinds: Mapping[str, KindInfo], kind: Callable[..., KindInfo]
) -> None:
    shipped = kind("aws_thing", kinds[BUCKET].name_rule, "{one}-{two}", "one", "two")
    assert validate(files(), {shipped.kind: shipped}) == []
    [problem] = validate(files(patterns=pattern("{one}-x-{two}", "aws_thing")), {shipped.kind: shipped})
    assert (problem.code, problem.severity) == ("PATTERN-AMBIGUOUS", "warning")
    assert problem.place == Place("patterns.yaml", 1, 23)
    assert "'a-x-x-a' can mean" in problem.message
    assert validate(files(patterns=pattern("{one}.{two}", "aws_thing")), {shipped.kind: shipped}) == []
    fixed = files("vocabulary: {one: [a, b]}", pattern("{one}-x-{two}", "aws_thing"))
    assert validate(fixed, {shipped.kind: shipped}) == []


def test_projects_of_which_one_begins_with_the_other_are_named(
    files: Callable[..., NamingFiles], kinds: Mapping[str, KindInfo]
) -> None:
    found = validate(files("vocabulary: {project: [my, [my-app, my_app], my-app-two, mine]}"), kinds)
    assert codes(found) == ["PROJECT-PREFIX"] * 3
    assert "'my-app' begins with the project 'my'" in found[0].message
    assert found[0].place == Place("values.yaml", 1, 23)
    many = [f"p{'-x' * number}" for number in range(10)]
    found = validate(files(f"vocabulary: {{project: {many}}}"), kinds)
    assert codes(found) == ["PROJECT-PREFIX"] * 21
    assert "25 more pairs" in found[-1].message


def test_readable_names_can_be_required(make: Make) -> None:
    patterns = "readable: required\n" + pattern("{project}-{purpose}-{layer}")
    [problem] = [one for one in make(patterns=patterns).problems if one.field == BUCKET]
    assert (problem.code, problem.severity, problem.place) == (
        "PATTERN-AMBIGUOUS",
        "error",
        Place("patterns.yaml", 1, 11),
    )
    values = "vocabulary: {project: [acme], layer: [raw]}"
    assert make(values, patterns).problems == ()
    one = make(
        "vocabulary: {project: [acme]}", "readable: {aws_s3_bucket: required}\n" + pattern("{project}-{purpose}")
    )
    assert one.problems == ()
    assert "PATTERN-AMBIGUOUS" in codes(make(patterns="readable: {aws_*: required}").problems)
    assert (
        make(patterns="readable: {aws_*: required, aws_glue_database: optional, aws_s3_bucket: optional}").problems
        == ()
    )


def test_with_readable_values_must_have_the_form_of_their_variable(make: Make) -> None:
    values = "vocabulary: {project: [acme]}"
    patterns = "readable: required\nvariables: {purpose: {form: word}, domain: {form: word}}"
    namer = make(values, patterns)
    assert namer.problems == ()
    assert namer.name(BUCKET, naming={"project": "acme", "purpose": "lake"})[0]
    wordy = namer.name(BUCKET, naming={"project": "acme", "purpose": "raw-data"})[1]
    assert [(problem.code, problem.field) for problem in wordy] == [("VALUE-WORDS", "naming.purpose")]
    strange = namer.name(BUCKET, naming={"project": "other", "purpose": "lake"})[1]
    assert [(problem.code, problem.field) for problem in strange] == [("VALUE-UNKNOWN", "naming.project")]
    assert make(values).name(BUCKET, naming={"project": "other", "purpose": "raw-data"})[0]


def test_hashes_cannot_be_required_to_be_readable(make: Make) -> None:
    hidden = "readable: {aws_s3_bucket: required}\n" + pattern("{project}-{purpose|hash:8}")
    [problem] = make("vocabulary: {project: [a]}", hidden).problems
    assert "The filters of purpose" in problem.message
    assert make("vocabulary: {project: [a], purpose: [lake]}", hidden).problems == ()
    ending = "readable: required\ntransformations: {hash_generation: true}"
    assert set(codes(make("vocabulary: {project: [a]}", ending).problems)) == {"PATTERNS-SETTING"}


def test_the_room_that_is_left_counts_what_is_set_else_the_longest_that_is_known(
    make: Make, kind: Callable[..., KindInfo], kinds: Mapping[str, KindInfo]
) -> None:
    text = "{project}-{purpose}-{layer}-{environment}-{region}[-{team}]"
    bucket = kind(BUCKET, kinds[BUCKET].name_rule, text, "purpose", "layer")
    short = make("defaults: {project: oncology, region: us-east-1}", environment="prd", kinds={BUCKET: bucket})
    [room] = rooms(short, {BUCKET: bucket})
    assert (room.left, room.free, room.words) == (44, ("purpose", "layer"), ("oncology", "prd", "use1"))
    long = make(
        "vocabulary: {project: [oncology, clinical-data-platform]}\nenvironments: {staging: {}}\n",
        kinds={BUCKET: bucket}, region_codes={"aws": {"us-east-1": "use1", "ap-southeast-1": "apse1"}},
        environment="staging",
    )  # fmt: skip
    [room] = rooms(long, {BUCKET: bucket})
    assert (room.left, room.words) == (25, ("clinical-data-platform", "staging", "apse1"))
    chosen = make("defaults: {team: ops}", "transformations: {hash_generation: true}", kinds={BUCKET: bucket})
    assert rooms(chosen, {BUCKET: bucket})[0].left == 63 - len("platform---dev-use1-ops") - 11


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("readable: required", True),
        ("readable: {'aws_*': required, databricks_job: optional}", True),
        ("readable: yes-please", False),
        ("readable: {'aws_*': maybe}", False),
        ("transformations: {shorten: hash, hash_generation: ['aws_*']}", True),
        ("transformations: {shorten: {'aws_*': hash, 'b_*': {hash: 8, tokens: {purpose: 'shorten:9'}}}}", True),
        ("transformations: {shorten: {'aws_*': {tokens: {purpose: cut}}}}", False),
        ("transformations: {shorten: {'aws_*': {hash: 5}}}", False),
        ("transformations: {hash_generation: {'aws_*': {algorithm: md5}}}", False),
        (
            "transformations: {hash_generation: {'aws_*': {algorithm: blake2b, length: 6, prefix: h, separator: _}}}",
            True,
        ),
    ],
)
def test_the_shapes_of_the_settings(text: str, good: bool) -> None:
    assert (not check(parse(text, "patterns.yaml", "yaml"), NAMING_PATTERNS)) is good


def test_a_pattern_without_separators_is_decided_by_its_characters(
    make: Make, kind: Callable[..., KindInfo], rules: Mapping[str, NameRule]
) -> None:
    vault = kind("aws_vault", rules["vault"], "{project}{purpose}", "purpose")
    namer = make("vocabulary: {project: [ab, cd]}", kinds={vault.kind: vault})
    assert decide(Reader(namer.ready("aws_vault"), namer.forms("aws_vault")).network, 24).exact
    clash = make("vocabulary: {project: [ab, abc]}", kinds={vault.kind: vault})
    assert decide(Reader(clash.ready("aws_vault"), clash.forms("aws_vault")).network, 24).example == "abca"
