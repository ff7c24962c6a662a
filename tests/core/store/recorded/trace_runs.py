"""Twenty runs that are recorded: between them they do all that is ever done to the files of a stack."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from dpn import api
from dpn.extensions import Holder
from dpn.store.file import FileBackend

STACK = "lab.dev"
HOLDER = Holder(1, "box", "ada", "dpn", 0.0)


class Plug(BaseException):
    """The process ends here."""


def _boxes(lab: Any, *names: str, **spec: Any) -> list[Any]:
    return [lab.thing(f"mem_box.{name}", **spec) for name in names]


def _create(lab: Any) -> None:
    lab.apply(*_boxes(lab, "a"))


def _create_many(lab: Any) -> None:
    lab.apply(*_boxes(lab, "a", "b", "c"), lab.thing("mem_shelf.s", box="${mem_box.a}"), lab.thing("mem_robot.r"))


def _change(lab: Any) -> None:
    _create(lab)
    lab.apply(*_boxes(lab, "a", size=3))


def _replace(lab: Any) -> None:
    _create(lab)
    lab.apply(*_boxes(lab, "a", color="red"))


def _delete(lab: Any) -> None:
    lab.apply(*_boxes(lab, "a", "b"))
    lab.delete()


def _rename(lab: Any) -> None:
    box = _boxes(lab, "a")
    lab.apply(*box, lab.thing("mem_shelf.s", "one", box="${mem_box.a}"))
    lab.apply(*box, lab.thing("mem_shelf.s", "two", box="${mem_box.a}"))


def _failing(lab: Any, method: str, fault: str = "refuse") -> None:
    _create(lab)
    lab.cloud.fault = lambda kind, called, _: fault if (kind, called) == ("mem_robot", method) else None
    lab.apply(*_boxes(lab, "a", "b"), lab.thing("mem_robot.r", job="x"))
    lab.no_faults()


def _rolled_back(lab: Any) -> None:
    _failing(lab, "create")


def _reply_lost(lab: Any) -> None:
    _failing(lab, "create", "lose")


def _request_lost(lab: Any) -> None:
    _failing(lab, "create", "drop")


def _blocked(lab: Any) -> None:
    _create(lab)
    wrong = {("mem_robot", "create"), ("mem_box", "delete")}
    lab.cloud.fault = lambda kind, called, _: "refuse" if (kind, called) in wrong else None
    lab.apply(*_boxes(lab, "a", "b"), lab.thing("mem_robot.r", needs=["mem_box.b"]))
    lab.no_faults()


def _blocked_then_recovered(lab: Any) -> None:
    _blocked(lab)
    lab.recover()


def _blocked_then_skipped(lab: Any) -> None:
    _blocked(lab)
    lab.recover(skip=["mem_box.b"])


def _stopped_at(lab: Any, operation: int) -> None:
    """Stop at an operation of the second run, as a kill does, and go on with another."""
    disk = lab.disk
    start = len(disk.trace)

    def plug() -> None:
        if len(disk.trace) - start >= operation:
            raise Plug

    disk.before = plug
    with pytest.raises(Plug):
        lab.apply(*_boxes(lab, "a", "b", size=2))
    disk.before = lambda: None
    lab.apply()


def _stopped_early(lab: Any) -> None:
    _create(lab)
    _stopped_at(lab, 9)


def _stopped_late(lab: Any) -> None:
    _create(lab)
    _stopped_at(lab, 24)


def _stopped_on_the_first_run(lab: Any) -> None:
    _stopped_at(lab, 14)


def _moved(lab: Any) -> None:
    _create(lab)
    lab.write(lab.thing("mem_box.z", "the-a", was="mem_box.a"))
    lab.apply()


def _forgotten(lab: Any) -> None:
    _create(lab)
    api.forget(lab.options(), ["mem_box.a"], lab.world)


def _held_in_turn(lab: Any) -> None:
    backend = FileBackend(lab.world, lab.home)
    for number in range(4):
        backend.open(STACK, replace(HOLDER, nonce=str(number))).close()
    _create(lab)


def _pruned(lab: Any) -> None:
    backend = FileBackend(lab.world, lab.home)
    ledger = backend.open(STACK, HOLDER)
    for number in range(52):
        if number == 50:
            lab.disk.trace = []
            lab.begun = {path: path.read_bytes() for path in lab.home.rglob("*") if path.is_file()}
        ledger.begin({"number": number}, 100)
        ledger.commit({})
        ledger.end({"outcome": "done"})
    ledger.close()


def _grown(lab: Any) -> None:
    ledger = FileBackend(lab.world, lab.home).open(STACK, HOLDER)
    ledger.begin({"t": "header"}, 100)
    for number in range(4):
        ledger.append({"t": "intent", "number": number, "text": "x" * 30_000})
        ledger.sync()
    ledger.commit({})
    ledger.end({"outcome": "done"})
    ledger.close()


RUNS: Mapping[str, Callable[[Any], None]] = {
    run.__name__.strip("_").replace("_", " "): run
    for run in (
        _create, _create_many, _change, _replace, _delete, _rename, _rolled_back, _reply_lost, _request_lost, _blocked,
        _blocked_then_recovered, _blocked_then_skipped, _stopped_early, _stopped_late, _stopped_on_the_first_run,
        _moved, _forgotten, _held_in_turn, _pruned, _grown,
    )
}  # fmt: skip
