"""Another holder takes the stack while a call waits to be sent again: it is not sent."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from dpn.errors import LockedError
from dpn.model import Resource
from dpn.testing.ledger import MemoryLedger
from dpn.testing.simulation.scenarios import BOX, SHELF, changed, thing

sys.path.insert(0, str(Path(__file__).parent))
from bench import Bench


@dataclass
class LostLedger(MemoryLedger):
    """A ledger that another holder has taken: no sync is accepted."""

    taken: bool = False

    def sync(self) -> None:
        if self.taken:
            raise LockedError("The stack was taken over.")
        super().sync()


def overtaken(bench: Bench, method: str) -> list[str]:
    """Throttle the first call of a method, whose pause lasts until another holder has the stack; give what was sent."""
    sent: list[str] = []

    def fault(_kind: str, called: str, _name: str) -> str | None:
        sent.append(called)
        if called == method:
            assert isinstance(bench.ledger, LostLedger)
            bench.ledger.taken = True
            return "throttle"
        return None

    bench.ledger_type = LostLedger
    bench.cloud.fault = fault
    return sent


@pytest.mark.parametrize(
    ("method", "before", "after"),
    [
        ("create", (), (BOX,)),
        ("put", (BOX,), (changed(BOX, size=9),)),
        ("rename", (BOX, SHELF), (BOX, changed(SHELF, "other"))),
        ("delete", (BOX,), ()),
    ],
)
def test_a_write_is_not_repeated_when_the_stack_was_taken_in_the_pause(
    method: str, before: tuple[Resource, ...], after: tuple[Resource, ...]
) -> None:
    bench = Bench()
    assert not before or bench.apply(*before) == "done"
    sent = overtaken(bench, method)
    with pytest.raises(LockedError):
        bench.apply(*after)
    assert sent.count(method) == 1


def test_what_was_made_twice_is_not_deleted_when_the_stack_was_taken_meanwhile() -> None:
    """The delete has no intent of its own: the id is in that of the create."""
    bench = Bench()

    def fault(_kind: str, called: str, _name: str) -> str | None:
        if called == "find":
            assert isinstance(bench.ledger, LostLedger)
            bench.ledger.taken = True
        return "twice" if called == "create" else None

    bench.ledger_type = LostLedger
    bench.cloud.fault = fault
    with pytest.raises(LockedError):
        bench.apply(thing("mem_robot.r", "robot", job="x"))
    assert [called for _, called, _ in bench.cloud.calls].count("delete") == 0
