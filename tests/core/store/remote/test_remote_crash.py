"""A crash, a lost reply or an outage at every operation of a store: what was acknowledged is there, the rest absent."""

from __future__ import annotations

import sys
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest

from dpn.errors import DpnError
from dpn.objects import LostReplyError
from dpn.testing import MemoryObjects

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[3] / "helpers"))
from ledger_story import STACK, Story, check, recovery
from story import Crash, Guard, arrive_late, backend_of, operations, restart, scenario, stop_at

LOST = LostReplyError("No reply came.", hint="Try again.")
ALL = range(1, operations(scenario) + 1)


@pytest.mark.parametrize("done", [False, True])
def test_a_crash_at_any_operation_loses_nothing_that_was_acknowledged(*, done: bool) -> None:
    for number in ALL:
        objects, story = MemoryObjects(), Story()
        guard = Guard(objects)
        stop_at(objects, number, done=done, guard=guard)
        with pytest.raises(Crash):
            scenario(backend_of(objects), story)
        restart(objects, guard)
        check(backend_of(objects).read(STACK), story)
        recovery(backend_of(objects, 2), story)
        check(backend_of(objects).read(STACK), story)
        assert backend_of(objects).read(STACK).journal == ()
        scenario(backend_of(objects, 3), story)


@pytest.mark.parametrize("done", [False, True])
def test_a_second_crash_in_recovery_loses_nothing_either(*, done: bool) -> None:
    runs = 0
    for number in ALL:
        for again in count(1 + number % 2, 2):
            objects, story = MemoryObjects(), Story()
            guard = Guard(objects)
            stop_at(objects, number, done=done, guard=guard)
            with suppress(Crash):
                scenario(backend_of(objects), story)
            stop_at(objects, again, done=not done, guard=guard)
            runs += 1
            try:
                recovery(backend_of(objects, 2), story)
            except Crash:
                restart(objects, guard)
                recovery(backend_of(objects, 3), story)
                check(backend_of(objects).read(STACK), story)
            else:
                break  # recovery has fewer operations than that
    assert runs > 5 * len(ALL)


@pytest.mark.parametrize("arrived", [False, True])
def test_a_reply_or_a_request_that_is_lost_makes_no_difference(*, arrived: bool) -> None:
    for number in ALL:
        objects, story = MemoryObjects(), Story()

        def lose(now: int, operation: str, _key: str, number: int = number) -> None:
            if now == number and operation == "put":
                raise LOST

        if arrived:
            objects.after = lose
        else:
            objects.before = lose
        scenario(backend_of(objects), story)
        found = backend_of(objects).read(STACK)
        assert (found.serial, found.generation, found.journal) == (2, 1, ())


@pytest.mark.parametrize("later", [1, 2, 3, 5, 8])
def test_a_request_that_arrives_late_makes_no_difference(later: int) -> None:
    for number in ALL:
        objects, story = MemoryObjects(), Story()
        arrive_late(objects, number, later, LOST)
        scenario(backend_of(objects), story)
        recovery(backend_of(objects, 2), story)
        found = backend_of(objects).read(STACK)
        assert (found.serial, found.generation, found.journal) == (2, 2, ())


@pytest.mark.parametrize("arrived", [False, True])
def test_an_outage_from_any_operation_on_is_told_plainly_and_loses_nothing(*, arrived: bool) -> None:
    for number in ALL:
        objects, story = MemoryObjects(), Story()

        def fail(now: int, operation: str, _key: str, number: int = number) -> None:
            if now == number and operation == "put":
                raise LOST
            if now >= number:
                raise DpnError("Cannot reach memory:.", hint="Look at the network.")

        if arrived:
            objects.after = fail
        else:
            objects.before = fail
        with suppress(DpnError):  # anything else would be shown as a traceback
            scenario(backend_of(objects), story)
        objects.before = objects.after = lambda *_: None
        check(backend_of(objects).read(STACK), story)
        recovery(backend_of(objects, 2), story)
