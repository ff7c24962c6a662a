"""An ending that the spec asks for: put behind the name, measured, kept last, and taken off to read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpn.naming import Namer
from dpn.naming.auditing import Auditor
from dpn.naming.filters import digest
from dpn.naming.reading import Reader
from dpn.offers import kind_info
from dpn.promises import kinds as promised
from dpn.provider import KindInfo, NamedKind, NameRule

Make = Callable[..., Namer]
Kind = Callable[..., KindInfo]
QUEUE = "aws_queue"
FIFO = {"fifo": True}


@pytest.fixture(scope="session")
def queues(make: Make, kind: Kind, rules: Mapping[str, NameRule]) -> Callable[..., Namer]:
    """Make a namer for queues."""

    def namer(patterns: str = "", text: str = "{project}-{purpose}", values: str = "", **options: Any) -> Namer:
        return make(values, patterns, kinds={QUEUE: kind(QUEUE, rules["queue"], text, "purpose")}, **options)

    return namer


def name_of(namer: Namer, purpose: str = "x", spec: Mapping[str, Any] = FIFO) -> str:
    named, problems = namer.name(QUEUE, naming={"purpose": purpose}, spec=spec)
    assert named, problems
    return named.name


def refusal(namer: Namer, **more: Any) -> tuple[str, str | None]:
    named, (problem,) = namer.name(QUEUE, naming={"purpose": "x"}, **more)
    assert named is None
    return problem.code, problem.field


def test_the_ending_is_put_behind_the_name_where_the_spec_asks_for_it(queues: Make) -> None:
    namer = queues()
    assert name_of(namer) == "platform-x.fifo"
    for spec in ({}, {"fifo": False}, {"fifo": None}, {"delay": True}):
        assert name_of(namer, spec=spec) == "platform-x"


def test_a_pattern_that_writes_it_itself_gets_it_once(queues: Make) -> None:
    namer = queues(text="{project}-{purpose}.fifo")
    assert name_of(namer) == name_of(namer, spec={}) == "platform-x.fifo"
    assert not Reader(namer.ready(QUEUE), namer.forms(QUEUE)).readings("platform-x.fifo").spec


def test_capitals_and_fewer_characters_leave_it_alone(queues: Make) -> None:
    assert name_of(queues("transformations: {uppercase: true}")) == "PLATFORM-X.fifo"
    assert name_of(queues("validation: {allowed_chars: a-z-}")) == "platform-x.fifo"


def test_it_counts_for_the_length(queues: Make) -> None:
    namer = queues()
    room = 80 - len("platform-")
    assert len(name_of(namer, "q" * room, {})) == len(name_of(namer, "q" * (room - 5))) == 80
    named, (problem,) = namer.name(QUEUE, naming={"purpose": "q" * (room - 4)}, spec=FIFO)
    assert (named, problem.code) == (None, "NAME-LENGTH")
    assert "81" in problem.message


def test_a_shortened_name_keeps_it_and_has_room_for_it(queues: Make) -> None:
    namer = queues("transformations: {shorten: hash}")
    assert name_of(namer) == "platform-x.fifo"
    full = f"platform-{'q' * 70}.fifo"
    assert name_of(namer, "q" * 70) == f"platform-{'q' * 57}-{digest(full, 8, 'sha256')}.fifo"[-80:]
    assert len(name_of(namer, "q" * 70)) == 80
    assert name_of(namer, "q" * 70, {}) != name_of(namer, "q" * 70)[: -len(".fifo")]


def test_a_hash_stands_before_it(queues: Make) -> None:
    namer = queues("transformations: {hash_generation: true}")
    assert name_of(namer) == f"platform-x-{digest('platform-x.fifo', 8, 'sha256')}.fifo"


@given(purpose=st.from_regex(r"[a-z0-9]{1,30}", fullmatch=True), fifo=st.booleans())
def test_a_name_is_read_without_it_and_made_again_with_it(queues: Make, purpose: str, fifo: bool) -> None:
    namer = queues()
    name = name_of(namer, purpose, {"fifo": fifo})
    found = Reader(namer.ready(QUEUE), namer.forms(QUEUE)).readings(name)
    assert found.readings == ({"project": "platform", "purpose": purpose},)
    assert found.spec == ({"fifo": True} if fifo else {})
    assert name_of(namer, found.readings[0]["purpose"], found.spec) == name


@pytest.mark.parametrize(
    "settings", ["", "transformations: {hash_generation: true}", "transformations: {shorten: hash}"]
)
@pytest.mark.parametrize("size", [1, 30, 71])
def test_names_with_and_without_it_comply(queues: Make, settings: str, size: int) -> None:
    namer = queues(settings)
    auditor = Auditor(namer, QUEUE)
    for spec in ({}, FIFO):
        named, _ = namer.name(QUEUE, naming={"purpose": "q" * size}, spec=spec)
        if named:
            assert auditor.judge(named.name).complies == "yes"
    assert auditor.judge(".fifo").complies == auditor.judge("a.fifo.fifo").complies == "no"


def test_a_written_name_must_have_it_and_may_have_it_unasked(queues: Make) -> None:
    namer = queues()
    named, _ = namer.name(QUEUE, literal="x.fifo")
    assert named
    assert refusal(namer, literal="x", spec=FIFO) == ("NAME-SPEC", "name")


@pytest.mark.parametrize("value", ["true", 1, 0, "${env:FIFO}", [], {}])
def test_what_is_neither_true_nor_false_is_refused(queues: Make, value: Any) -> None:
    assert refusal(queues(), spec={"fifo": value}) == ("NAME-SPEC", "spec.fifo")


def test_names_that_a_plugin_gives_get_it(queues: Make) -> None:
    assert name_of(queues(custom=lambda _: "own")) == "own.fifo"
    assert name_of(queues(custom=lambda _: "own.fifo")) == "own.fifo"


def test_the_nearest_name_keeps_it(queues: Make) -> None:
    checker = queues().ready(QUEUE).checker
    assert checker.nearest(f"{'q' * 90}.fifo") == f"{'q' * 75}.fifo"
    assert checker.nearest("a b.fifo") == "a-b.fifo"


def test_a_kind_that_promises_an_ending_must_take_it(rules: Mapping[str, NameRule]) -> None:
    def faults(**more: Any) -> list[str]:
        class Queue(NamedKind):
            kind = QUEUE
            name_rule = replace(rules["queue"], good=("a",), **more)
            default_pattern = "{project}"

        return [one for one in promised.name_rule(kind_info(Queue, "aws", "here"), "a") if "suffix" in one]

    assert faults() == []
    assert len(faults(allow_suffix=())) == 1
    assert len(faults(forbid_suffix=(".fifo",))) == 1
