"""Names read backwards: every reading gives the name again, and what made the name is among them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dpn.extensions import Transform
from dpn.naming import Namer
from dpn.naming.exact import decide
from dpn.naming.reading import Reader

Make = Callable[..., Namer]

BUCKET, DATABASE = "aws_s3_bucket", "aws_glue_database"


def pattern(text: str, kind: str = BUCKET) -> str:
    return f"patterns:\n  {kind}: '{text}'\n"


def reader(namer: Namer, kind: str = BUCKET) -> Reader:
    assert namer.problems == ()
    return Reader(namer.ready(kind), namer.forms(kind))


def read(namer: Namer, name: str, kind: str = BUCKET) -> list[dict[str, str]]:
    return [dict(found) for found in reader(namer, kind).readings(name).readings]


def test_a_known_project_leaves_one_reading(make: Make) -> None:
    name = "my-app-raw-data-dev"
    assert len(read(make(), name)) == 3
    expected = {"project": "my-app", "purpose": "raw-data", "environment": "dev"}
    assert read(make("vocabulary: {project: [my-app]}"), name) == [expected]
    assert read(make("defaults: {project: my-app}"), name) == [expected]
    assert read(make(metadata={"project": "my-app"}), name) == [expected]


def test_the_separator_of_the_kind_is_read_as_such(make: Make) -> None:
    namer = make("vocabulary: {project: [my-app]}")
    assert read(namer, "my_app_sales_dev", DATABASE) == [{"project": "my-app", "domain": "sales", "environment": "dev"}]


def test_regions_and_abbreviations_are_read_as_what_they_stand_for(make: Make) -> None:
    patterns = pattern("{project}-{environment}-{region}") + (
        "transformations:\n  abbreviations:\n    environment: {production: prd}\n    project: {oncology: onc}\n"
    )
    assert read(make(patterns=patterns), "onc-prd-euw1") == [
        {"project": "oncology", "environment": "production", "region": "eu-west-1"}
    ]
    assert read(make(patterns=patterns), "oncology-prd-euw1") == []  # that value is never rendered like that
    assert read(make(patterns=patterns), "onc-prd-nowhere") == []
    full = make(patterns=pattern("{project}-{region|full}"))
    assert read(full, "acme-eu-west-1") == [{"project": "acme", "region": "eu-west-1"}]


def test_the_first_value_of_an_entry_is_read(make: Make) -> None:
    namer = make("vocabulary: {purpose: [[raw-data, raw_data], lake], project: [acme]}")
    assert read(namer, "acme-raw-data-dev")[0]["purpose"] == "raw-data"
    assert reader(namer).canonical({"purpose": "raw_data", "project": "acme", "environment": "dev", "x": "y"}) == {
        "project": "acme", "purpose": "raw-data", "environment": "dev",
    }  # fmt: skip


def test_values_outside_of_a_vocabulary_are_read_only_if_nothing_else_fits(make: Make) -> None:
    namer = make("vocabulary: {project: [acme], purpose: {values: [lake], closed: true}}")
    assert read(namer, "acme-lake-dev") == [{"project": "acme", "purpose": "lake", "environment": "dev"}]
    assert read(namer, "acme-other-thing-dev") == [{"project": "acme", "purpose": "other-thing", "environment": "dev"}]
    assert read(namer, "acme-other-tst") == [{"project": "acme", "purpose": "other", "environment": "tst"}]
    closed = Reader(namer.ready(BUCKET), namer.forms(BUCKET), {"purpose"})
    assert closed.readings("acme-other-dev").readings == ()
    assert closed.readings("my-own-lake-tst").readings == (
        {"project": "my-own", "purpose": "lake", "environment": "tst"},
    )


def test_groups_literals_and_characters_that_no_value_has_divide_a_name(make: Make) -> None:
    namer = make(patterns=pattern("raw.{project}[.{purpose}][-x-{layer}]"))
    assert read(namer, "raw.a-b") == [{"project": "a-b"}]
    assert read(namer, "raw.a-b.c-x-d") == [
        {"project": "a-b", "purpose": "c-x-d"},
        {"project": "a-b", "purpose": "c", "layer": "d"},
    ]
    assert read(namer, "a-b.c") == []
    assert read(namer, "raw.") == []


def test_filters_that_hide_a_value_leave_it_out_and_max_gives_what_is_left(make: Make) -> None:
    namer = make(patterns=pattern("{project}-{purpose|hash:6}-{layer|max:3}-{environment}"))
    named, _ = namer.name(BUCKET, naming={"project": "acme", "purpose": "lake", "layer": "bronze"})
    assert named
    assert read(namer, named.name) == [{"project": "acme", "layer": "bro", "environment": "dev"}]
    listed = make("vocabulary: {purpose: [lake, logs]}", pattern("{project}-{purpose|hash:6}-{environment}"))
    named, _ = listed.name(BUCKET, naming={"project": "acme", "purpose": "logs"})
    assert named
    assert read(listed, named.name) == [{"project": "acme", "purpose": "logs", "environment": "dev"}]


def test_a_filter_of_a_plugin_hides_what_no_vocabulary_lists(make: Make) -> None:
    transforms = {"first": Transform(lambda value, _: value[0], word=True, charset="a-z")}
    namer = make(patterns=pattern("{project}-{purpose|first}-{environment}"), transforms=transforms)
    assert read(namer, "acme-l-dev") == [{"project": "acme", "environment": "dev"}]
    assert read(namer, "acme-9-dev") == []
    listed = make("vocabulary: {purpose: [lake]}", pattern("{project}-{purpose|first}-dev"), transforms=transforms)
    assert read(listed, "acme-l-dev") == [{"project": "acme", "purpose": "lake"}]


def test_a_filter_that_is_not_lossy_shows_what_it_leaves_alone(make: Make) -> None:
    """Nothing else can have become that text; what was changed cannot be told."""
    swapped = {"sales": "fin", "fin": "sales"}
    transforms = {"swap": Transform(lambda value, _: swapped.get(value, value), lossy=False)}
    namer = make(patterns=pattern("{project}-{purpose|swap}-{environment}"), transforms=transforms)
    assert read(namer, "acme-lake-dev") == [{"project": "acme", "purpose": "lake", "environment": "dev"}]
    assert read(namer, "acme-fin-dev") == [{"project": "acme", "environment": "dev"}]
    assert reader(namer).canonical({"project": "acme", "purpose": "sales"}) == {"project": "acme"}


def test_what_a_filter_of_a_plugin_declares_holds_until_another_filter_changes_it(
    make: Make, kind: Callable[..., Any], rules: Any
) -> None:
    transforms = {
        "hex": Transform(lambda value, _: value.encode().hex(), lossy=False, word=True, charset="a-f0-9"),
        "parted": Transform(lambda value, _: f"{value[:2]}-{value[2:]}", lossy=False),
    }
    values = {"project": "acme", "purpose": "clinical-data"}
    for filters in ("hex|upper", "hex|parted", "upper|hex", "hex|parted|max:7"):
        role = kind("aws_role", rules["role"], f"{{project}}-{{purpose|{filters}}}", "purpose")
        namer = make("vocabulary: {project: [acme]}", kinds={role.kind: role}, transforms=transforms)
        named, problems = namer.name(role.kind, naming=values)
        assert named, problems
        assert [found["project"] for found in read(namer, named.name, role.kind)] == ["acme"]


def test_letters_are_read_as_the_kind_writes_them(make: Make) -> None:
    namer = make("vocabulary: {project: [Acme]}")
    assert read(namer, "acme-lake-dev")[0]["project"] == "Acme"
    assert read(namer, "Acme-lake-dev") == []


def test_many_readings_are_cut_and_the_search_stays_small(make: Make, kind: Callable[..., Any], rules: Any) -> None:
    variables = [f"v{number}" for number in range(5)]
    job = kind("aws_job", rules["free"], "_".join(f"{{{name}}}" for name in variables), *variables)
    reading = reader(make(kinds={job.kind: job}), job.kind)
    found = reading.readings("_".join(["ab"] * 33))
    assert (len(found.readings), found.more) == (100, True)
    assert reading.readings("_".join(["ab"] * 5)).more is False
    assert "at most 100 characters" in reading.readings("a" * 101).why


@pytest.mark.parametrize(
    "name", ["", "-", "a", "a--b-dev", "-a-b-dev", "a-b-dev-", "ä-b-dev", "a-b-dev\n", "a/b-c-dev"]
)
def test_what_the_pattern_cannot_have_made_has_no_reading(make: Make, name: str) -> None:
    assert read(make(), name) == []


def test_names_with_a_hash_are_never_read(make: Make) -> None:
    hashed = reader(make(patterns="transformations: {hash_generation: true}"))
    assert "end in a hash" in hashed.readings("acme-lake-dev").why
    short = reader(make(patterns="transformations: {shorten: hash}"))
    name = "a" * 20 + "-" + "b" * 27 + "-dev-abcdefghij"
    assert len(name) == 63
    assert "may be a shortened one" in short.readings(name).why
    assert short.readings("acme-lake-dev").readings
    drops = reader(make(patterns="transformations: {shorten: {aws_*: {tokens: {purpose: drop}}}}"))
    assert drops.readings("acme-dev-abcdefghij").why


VALUES = st.text("ab-", min_size=1, max_size=5).filter(lambda text: text.strip("-"))
SLOTS = ["{project}", "{purpose}", "{layer}", "{environment}"]


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, str, dict[str, str]]:
    """Give a values file, a patterns file and values that have the forms of their variables."""
    slots = draw(st.lists(st.sampled_from(SLOTS), min_size=1, max_size=4, unique=True))
    parts = [slot + draw(st.sampled_from(["-", "-", "", ".", "-x-", "b"])) for slot in slots[:-1]] + slots[-1:]
    group = draw(st.integers(0, 4)) if len(parts) > 1 else 9
    text = "".join(f"[{part}]" if at == group else part for at, part in enumerate(parts))
    values = {name: draw(VALUES) for name in ("project", "purpose", "layer")}
    vocabulary = f"vocabulary: {{purpose: ['{values['purpose']}', aab]}}\n" if draw(st.booleans()) else ""
    if draw(st.booleans()):
        return vocabulary, pattern(text), values
    word = {**values, "layer": values["layer"].replace("-", "")}
    return vocabulary, pattern(text) + "variables: {layer: {form: word}}\n", word


@given(cases())
def test_the_laws_of_reading(make: Make, case: tuple[str, str, dict[str, str]]) -> None:
    """What made a name is among its readings, each of which gives it again; there is one if the pattern is exact."""
    vocabulary, patterns, values = case
    namer = make(vocabulary, patterns)
    assume(not namer.problems)
    named, _ = namer.name(BUCKET, naming=values)
    assume(named)
    assert named
    reading = reader(namer)
    canonical = reading.canonical({name: value.text for name, value in named.variables.items()})
    found = reading.readings(named.name)
    assert canonical in found.readings
    for one in found.readings:
        again, _ = namer.name(BUCKET, naming={**dict.fromkeys(values), **one})
        assert again
        assert again.name == named.name
    if decide(reading.network, 63).exact:
        assert list(found.readings) == [canonical]
