"""The verdict on a pattern agrees with trying every name, and its counter-example is as short as can be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpn.naming import Namer
from dpn.naming.exact import Verdict, decide
from dpn.naming.reading import Reader
from dpn.provider import KindInfo, NameRule, Variable

Make = Callable[..., Namer]

LONGEST = 7
KNOWN = ("a", "ab", "b-a")
RULE = NameRule(pattern="[ab-]+", max=LONGEST, charset="ab-", case="lower")
VARIABLES = {
    "one": Variable("x"), "two": Variable("x"), "word": Variable("x", "word"), "known": Variable("x", "known", KNOWN),
}  # fmt: skip


def reader(make: Make, pattern: str) -> Reader | None:
    info = KindInfo("aws_thing", "aws", "test", RULE, pattern, VARIABLES)
    namer = make(kinds={info.kind: info})
    return None if namer.problems else Reader(namer.ready(info.kind), namer.forms(info.kind))


@cache
def texts(slot: str) -> list[str]:
    """Give everything that can stand for a slot, the slow way."""
    if not slot.startswith("{"):
        return [slot]
    if slot == "{known}":
        return list(KNOWN)
    every = ["".join(chars) for size in range(1, LONGEST + 1) for chars in product("ab-", repeat=size)]
    sound = [text for text in every if not (text[0] == "-" or text[-1] == "-" or "--" in text)]
    limit = 2 if "max" in slot else LONGEST
    return [text for text in sound if len(text) <= limit and (slot != "{word}" or "-" not in text)]


def every(items: list[Any], size: int) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each name with the texts that make it; an item that is a list may be left out."""
    if not items:
        yield "", ()
        return
    head, *rest = items
    if isinstance(head, list):
        yield from ((name, ("", *parts)) for name, parts in every(rest, size))
        yield from every([*head, *rest], size)
        return
    for text in texts(head):
        if len(text) <= size:
            for name, parts in every(rest, size - len(text)):
                yield text + name, (text, *parts)


def ambiguous(items: list[Any]) -> list[str]:
    """Give the names that are made in two ways."""
    ways = defaultdict(set)
    for name, parts in every(items, LONGEST):
        ways[name].add(parts)
    return [name for name, found in ways.items() if len(found) > 1 and name]


@st.composite
def patterns(draw: st.DrawFn) -> list[Any]:
    slots = draw(
        st.lists(st.sampled_from(["{one}", "{two|max:2}", "{word}", "{known}"]), min_size=1, max_size=3, unique=True)
    )
    items: list[Any] = []
    for at, slot in enumerate(slots):
        between = draw(st.sampled_from(["-", "-", "", "a", "-b-"])) if at else draw(st.sampled_from(["", "b-"]))
        piece = [part for part in (between, slot) if part]
        items += [piece] if draw(st.integers(0, 3)) == 0 else piece
    return items


@given(patterns())
def test_the_verdict_agrees_with_trying_every_name(make: Make, items: list[Any]) -> None:
    text = "".join(f"[{''.join(item)}]" if isinstance(item, list) else item for item in items)
    reading = reader(make, text)
    if reading is None:
        return
    verdict, names = decide(reading.network, LONGEST), ambiguous(items)
    assert verdict.exact is not bool(names), f"{text}: {verdict} {names[:3]}"
    if names:
        assert verdict.example in names
        assert len(verdict.example) == min(map(len, names))
        assert len(reading.readings(verdict.example).readings) > 1


@pytest.mark.parametrize(
    ("pattern", "example"),
    [
        ("{one}-{word}", ""),
        ("{one}-{two}", "a-a-a"),
        ("{one}{word}", "aaa"),
        ("{one}-a-{two}", "a-a-a-a"),
        ("{word}[-{one}]", ""),
        ("{one}[-{word}]", "a-a"),
        ("{known}-{one}", ""),
        ("{word}-b-{known}", ""),
    ],
)
def test_a_shortest_name_with_two_readings_is_shown(make: Make, pattern: str, example: str) -> None:
    found = reader(make, pattern)
    assert found
    shortest = decide(found.network, 20).example
    assert len(shortest) == len(example), shortest


def test_a_name_that_is_too_long_to_be_one_does_not_count(make: Make) -> None:
    found = reader(make, "{one}-a-{two}")
    assert found
    assert decide(found.network, 6) == Verdict(exact=True)
    assert not decide(found.network, 7).exact


def test_what_is_not_decided_counts_as_ambiguous(make: Make) -> None:
    found = reader(make, "{one}-{word}")
    assert found
    assert decide(found.network, LONGEST, most_states=3) == Verdict(exact=False)


def test_hundreds_of_known_values_are_decided(make: Make) -> None:
    projects = [f"p{number}-{number * 7919 % 1000}" for number in range(200)]
    domains = [f"d{number}-{number * 104729 % 1000}" for number in range(300)]
    namer = make(f"vocabulary: {{project: {projects}, domain: {domains}}}")
    for kind in ("aws_s3_bucket", "aws_glue_database"):
        assert decide(Reader(namer.ready(kind), namer.forms(kind)).network, 255).exact
    clash = make("vocabulary: {project: [my, my-app]}")
    found = decide(Reader(clash.ready("aws_s3_bucket"), clash.forms("aws_s3_bucket")).network, 63)
    assert found == Verdict(exact=False, example="my-app-a-dev")
