"""Each part of a name with its value, its origin and what was done to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dpn.naming import Namer
from dpn.naming.explaining import Part, parts, whole
from dpn.provider import KindInfo, NameRule

Make = Callable[..., Namer]
Kind = Callable[..., KindInfo]

BUCKET = "aws_s3_bucket"


def explained(namer: Namer, **naming: str) -> tuple[str, tuple[Part, ...], tuple[str, ...]]:
    assert namer.problems == ()
    named, problems = namer.name(BUCKET, naming=naming)
    assert named, problems
    taken = parts(namer.ready(BUCKET), named.variables)
    return named.name, taken, whole(namer.ready(BUCKET), named.name, taken)


def changes(taken: tuple[Part, ...]) -> dict[str | None, Any]:
    return {part.variable: part.changes for part in taken if part.variable}


def test_each_thing_that_is_done_to_a_value_is_told_in_its_order(make: Make) -> None:
    patterns = (
        "patterns: {aws_s3_bucket: 'x.{project|slug|max:8}-{purpose|word}-{environment}-{region}'}\n"
        "transformations: {abbreviations: {environment: {dev: d}, region: {use1: u1}}}\n"
    )
    namer = make("defaults: {region: us-east-1}", patterns)
    name, taken, more = explained(namer, project="Our & Their", purpose="raw data")
    assert name == "x.our-thei-rawdata-d-u1" == "".join(part.text for part in taken)
    assert more == ()
    assert changes(taken) == {
        "project": (
            "filter slug: Our & Their → Our-Their", "filter max:8: Our-Their → Our-Thei",
            "letters of the kind: Our-Thei → our-thei",
        ),
        "purpose": ("filter word: raw data → rawdata",),
        "environment": ("abbreviation: dev → d",),
        "region": ("code of the region: us-east-1 → use1", "abbreviation: use1 → u1"),
    }  # fmt: skip
    origins = {part.variable: part.origin.layer for part in taken if part.origin}
    assert origins == {"project": "naming", "purpose": "naming", "environment": "environment", "region": "defaults"}


def test_groups_without_values_have_no_parts(make: Make) -> None:
    namer = make(patterns="patterns: {aws_s3_bucket: '{project}[-{purpose}][-x-{layer}]'}")
    _, taken, _ = explained(namer, layer="raw")
    assert [part.variable or part.text for part in taken] == ["project", "-x-", "layer"]


def test_what_is_done_to_the_whole_name_is_told(make: Make) -> None:
    name, taken, [said] = explained(make(patterns="transformations: {hash_generation: true}"), purpose="lake")
    full = "".join(part.text for part in taken)
    assert name.startswith(full)
    assert said == f"hash_generation: {name.removeprefix(full)} is sha256 of {full}"
    name, taken, told = explained(make(patterns="transformations: {shorten: hash}"), purpose="l" * 60)
    full = "".join(part.text for part in taken)
    assert told == ("shortened to 63 characters", f"{name[-11:]} is sha256 of {full}")


def test_the_ending_that_a_spec_asks_for_is_a_part(make: Make, kind: Kind, rules: Mapping[str, NameRule]) -> None:
    queue = kind("aws_queue", rules["queue"], "{project}-{purpose}", "purpose")
    namer = make(kinds={queue.kind: queue})
    values, _ = namer.values(queue.kind, naming={"purpose": "x"})
    name, _ = namer.render(queue.kind, values, ".fifo")
    made = parts(namer.ready(queue.kind), values, ".fifo")
    assert "".join(part.text for part in made) == name == "platform-x.fifo"
    assert made[-1].changes == ("spec.fifo asks for it",)
    assert whole(namer.ready(queue.kind), "platform-x.fifo", made) == ()
