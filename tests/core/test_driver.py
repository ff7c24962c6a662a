from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Generator, Mapping
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from dpn import codec, hookimpl, store
from dpn.answers import Outcome
from dpn.driver import Control, Inline, Threads
from dpn.engine.core import Engine
from dpn.engine.effects import Answer, Append, Call, Effect, Sleep, Sync, Tell
from dpn.errors import StoppedError
from dpn.store.file import FileBackend
from dpn.testing.clocks import StillClock

# the same with threads and inline -----------------------------------------------------------------------------------


def first(lab: Any) -> list[Any]:
    boxes = [lab.thing(f"mem_box.b{number}", size=number) for number in range(4)]
    shelves = [lab.thing(f"mem_shelf.s{number}", box=f"${{mem_box.b{number}}}", note="x") for number in range(4)]
    return [*boxes, *shelves, lab.thing("mem_robot.r", job="${mem_shelf.s0}"), lab.thing("mem_robot.q", job="y")]


def second(lab: Any) -> list[Any]:
    """One change of each sort: update, rename, replace with what stands in it, delete, create, a note."""
    return [
        lab.thing("mem_box.b0", size=9), lab.thing("mem_box.b1", size=1, color="red"), lab.thing("mem_box.b2", size=2),
        lab.thing("mem_box.new"), lab.thing("mem_shelf.s0", "renamed", box="${mem_box.b0}", note="y"),
        lab.thing("mem_shelf.s1", box="${mem_box.b1}", note="x"), lab.thing("mem_robot.r", job="${mem_shelf.s0}"),
        lab.thing("mem_robot.q", job="y", protect=True),
    ]  # fmt: skip


Made = tuple[dict[str, list[str]], dict[str, Any], list[str]]


def carry_out(lab: Any, driver: Callable[..., Any]) -> Made:
    """Carry out the plan of the blueprint; give the records by address, the state, and what exists."""
    planned = lab.plan(allow_deletes=9)
    ledger = FileBackend(lab.world, lab.home).open("lab.dev", store.holder(lab.world, "dpn"))
    header = {
        "t": "header", "serial": planned.plan.serial, "moves": {}, "existing": [],
        "providers": {"mem": {"settings": {}, "account": "memory", "plugin": "given"}},
    }  # fmt: skip
    ledger.begin(header, 65536)
    numbers = count()
    engine = Engine(
        "lab.dev", planned.kinds, new_id=lambda: f"op{next(numbers):06d}", now=lambda: 0.0, jitter=lambda: 0.5, width=4
    )
    effects = engine.start(replace(ledger.snapshot, journal=()), header, planned.plan)
    driver(ledger, planned.dispatcher, lab.world, lambda tell: None).run(engine, effects)
    ledger.close()
    assert engine.outcome == "done"
    return by_address(lab.last_journal()), plain(codec.dump(lab.records())), lab.cloud.names()


def plain(value: Any) -> Any:
    """Give a value without what a run makes up: operation ids and the ids of the cloud."""
    return json.loads(re.sub(r'"(op\d{6}|i\d{6}|[0-9a-z]{26})"', '"*"', json.dumps(value, sort_keys=True)))


def by_address(entries: list[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Give the entries of each address in their order; a result names its intent by what that is, not by number."""
    out: dict[str, list[str]] = {}
    for entry in entries:
        intent = entries[entry["of"]] if entry["t"] == "result" else entry
        shown = {**entry, "of": [intent["method"], intent["part"]]} if entry["t"] == "result" else entry
        hidden = {key: item for key, item in shown.items() if key not in ("time", "id", "lineage", "generation", "seq")}
        out.setdefault(intent.get("address", ""), []).append(json.dumps(plain(hidden), sort_keys=True))
    return out


def test_threads_and_inline_give_the_same_records(tmp_path_factory: pytest.TempPathFactory, lab: Any) -> None:
    found: dict[str, list[Made]] = {"inline": [], "threads": []}
    for name, driver in (("inline", Inline), ("threads", Threads)):
        one = type(lab)(tmp_path_factory.mktemp(name))
        for things in (first(one), second(one)):
            one.write(*things)
            found[name].append(carry_out(one, driver))
    for inline, threads in zip(found["inline"], found["threads"], strict=True):
        assert threads[0] == inline[0]
        assert threads[1] == inline[1]
        assert threads[2] == inline[2]
    addresses = set(found["inline"][1][0]) - {""}
    assert addresses >= {"mem_box.b0", "mem_box.b1", "mem_box.new", "mem_shelf.s0", "mem_shelf.s1", "mem_shelf.s3"}


# sharing what is slow -----------------------------------------------------------------------------------------------


class Script:
    """Stands for an engine: says what to do, and writes down the answers."""

    def __init__(self, *rounds: list[Effect]) -> None:
        self.rounds = list(rounds)
        self.answers: list[Answer] = []
        self.outcome: str | None = None
        self.expected = sum(not isinstance(effect.do, Tell) for one in rounds for effect in one)

    def start(self) -> list[Effect]:
        return self.rounds.pop(0)

    def feed(self, answer: Answer) -> list[Effect]:
        self.answers.append(answer)
        if len(self.answers) == self.expected:
            self.outcome = "done"
        return self.rounds.pop(0) if self.rounds and len(self.answers) == 1 else []

    def stop(self, reason: str) -> list[Effect]:
        self.outcome = reason
        return []


class Book:
    """A ledger that counts."""

    def __init__(self) -> None:
        self.entries: list[Any] = []
        self.syncs: list[int] = []

    def append(self, entry: Mapping[str, Any]) -> int:
        self.entries.append(entry)
        return len(self.entries) - 1

    def sync(self) -> None:
        self.syncs.append(len(self.entries))


def test_one_fsync_answers_all_that_gathered(lab: Any) -> None:
    effects = [Effect(2 * n + half, Append({"n": n}) if not half else Sync()) for n in range(8) for half in (0, 1)]
    script, book = Script(effects), Book()
    Threads(book, None, lab.world, lambda tell: None, workers=1).run(script, script.start())  # type: ignore[arg-type]
    assert book.syncs == [8]
    assert sorted(answer.key for answer in script.answers) == list(range(16))


@pytest.mark.parametrize("size", [1, 12])
def test_a_run_makes_at_most_two_fsyncs_for_each_step(lab: Any, size: int) -> None:
    things = [lab.thing(f"mem_box.b{number}", size=number) for number in range(size)]
    planned = lab.plan(*things)
    steps = sum(len(change.steps) for change in planned.plan.changes)
    lab.disk.syncs = 0
    assert lab.outcome() == "done"
    begin_and_end = 6
    assert steps == 3 * size
    assert lab.disk.syncs <= 2 * steps + begin_and_end


class Calls:
    """Stands for a dispatcher: writes down how many syncs were made before each call."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.seen: list[int] = []

    def call(self, call: Call, report: Any, warn: Any = None) -> None:
        self.seen.append(len(self.book.syncs))
        report(Outcome(call.method), False)


@pytest.mark.parametrize("driver", [Inline, Threads])
@pytest.mark.parametrize(
    ("method", "pause", "syncs"), [("put", 4.0, 0), ("put", 6.0, 1), ("delete", 6.0, 1), ("read", 6.0, 0)]
)
def test_a_write_that_begins_long_after_the_last_sync_is_preceded_by_one(
    lab: Any, driver: Any, method: Any, pause: float, syncs: int
) -> None:
    """It waited for its turn, or the machine slept: the stack may be another holder's by now."""
    clock = StillClock()
    world = replace(lab.world, clock=clock)
    book = Book()
    calls = Calls(book)
    script = Script([Effect(-1, Tell("step", "a")), Effect(1, Call("mem_box", "mem", method, ()))])
    driver(book, calls, world, lambda tell: clock.sleep(pause)).run(script, script.start())
    assert calls.seen == [syncs]


# waiting and being told ---------------------------------------------------------------------------------------------


def test_a_wait_holds_no_worker_and_is_answered(lab: Any) -> None:
    script = Script([Effect(1, Sleep(90.0)), Effect(2, Sleep(1.0))])
    Threads(Book(), None, lab.world, lambda tell: None, workers=1).run(script, script.start())  # type: ignore[arg-type]
    assert [(answer.key, answer.value) for answer in script.answers] == [(2, False), (1, False)]


@pytest.mark.parametrize("driver", [Inline, Threads])
def test_what_is_told_is_told_in_order_and_needs_no_answer(lab: Any, driver: Any) -> None:
    told: list[Any] = []
    script = Script([Effect(-1, Tell("step", "a")), Effect(1, Sync()), Effect(-1, Tell("step", "b"))])
    driver(Book(), None, lab.world, told.append).run(script, script.start())
    assert [tell.address for tell in told] == ["a", "b"]


def test_inline_sleeps_through_the_world(lab: Any) -> None:
    slept: list[float] = []
    script = Script([Effect(1, Sleep(7.0))])
    world = replace(lab.world, sleep=slept.append)
    Inline(Book(), None, world, lambda tell: None).run(script, script.start())  # type: ignore[arg-type]
    assert slept == [7.0]


# stopping -----------------------------------------------------------------------------------------------------------


def test_a_stop_before_a_run_undoes_it(lab: Any) -> None:
    control = Control()
    control.stop(15)
    result = lab.apply(lab.thing("mem_box.a"), control=control).result
    assert (result.outcome, result.failure.code) == ("rolled_back", "STOPPED")
    assert result.failure.message == "stopped by SIGTERM"
    assert (lab.seen(), lab.records(), lab.open()) == ([], {}, False)


@pytest.mark.parametrize("method", ["read", "create", "put"])
def test_a_stop_during_a_run_undoes_what_was_done(lab: Any, method: str) -> None:
    control = Control()
    lab.outcome(lab.thing("mem_box.old"))
    before = lab.standing()

    def stop_once(kind: str, called: str, name: str) -> None:
        if called == method and not control.signals:
            control.stop(2)

    lab.write(
        lab.thing("mem_box.old", size=2), lab.thing("mem_box.a", size=1), lab.thing("mem_shelf.s", box="${mem_box.a}")
    )
    lab.cloud.fault = stop_once
    result = lab.apply(control=control).result
    assert (result.outcome, result.failure.code) == ("rolled_back", "STOPPED")
    assert lab.standing() == before
    assert not lab.open()


def test_a_stop_is_not_lost_between_recovering_and_applying(lab: Any) -> None:
    """The first run of a command may swallow the signal; the second must not begin as if nothing were."""
    lab.cloud.fault = lambda kind, method, name: "refuse" if method in ("put", "delete") else None
    assert lab.outcome(lab.thing("mem_box.a", size=1)) == "blocked"
    control = Control()
    lab.cloud.fault = lambda kind, method, name: control.stop(2) if method == "delete" else None
    applied = lab.apply(lab.thing("mem_box.b"), control=control)
    assert applied.recovered.outcome == "rolled_back"
    assert (applied.result.outcome, applied.result.failure.code) == ("rolled_back", "STOPPED")
    assert lab.seen() == []


def test_a_second_stop_leaves_at_once_and_the_next_recovery_settles(lab: Any) -> None:
    control, leave = Control(), threading.Event()

    def stop_twice(kind: str, method: str, name: str) -> None:
        if method == "put" and not control.signals:
            control.stop(2)
            control.stop(15)
            leave.wait(10)  # the call hangs: nobody waits for it

    lab.cloud.fault = stop_twice
    with pytest.raises(StoppedError) as caught:
        lab.apply(lab.thing("mem_box.a", size=1), control=control)
    assert caught.value.signal == 15
    assert "dpn recover" in caught.value.hint
    assert lab.open()
    lab.no_faults()
    result = lab.recover()
    assert result.outcome == "rolled_back"
    assert (lab.seen(), lab.records(), lab.open()) == ([], {}, False)
    leave.set()


# plugins at the end -------------------------------------------------------------------------------------------------


def test_a_run_waits_for_what_a_wrapper_does_after_the_last_call(lab: Any) -> None:
    written: list[str] = []

    class Audit:
        @hookimpl(wrapper=True)
        def dpn_create(self, change: Any, kind: Any) -> Generator[None, Any, Any]:
            receipt = yield
            threading.Event().wait(0.05)  # a slow audit log
            written.append(receipt.address)
            return receipt

    lab.objects.append(Audit())
    assert lab.outcome(lab.thing("mem_shelf.s", box="${mem_box.e}"), lab.thing("mem_box.e")) == "done"
    assert set(written) == {"mem_box.e", "mem_shelf.s"}


def test_a_wrapper_that_never_comes_back_does_not_hold_the_run(lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    never = threading.Event()
    monkeypatch.setattr("dpn.driver.PATIENCE", 0.05)

    class Stuck:
        @hookimpl(wrapper=True)
        def dpn_create(self, change: Any, kind: Any) -> Generator[None, Any, Any]:
            receipt = yield
            never.wait(30)
            return receipt

    lab.objects.append(Stuck())
    assert lab.outcome(lab.thing("mem_box.a", size=1)) == "done"
    never.set()


def test_calls_run_side_by_side_up_to_the_width(lab: Any) -> None:
    together = threading.Barrier(4, timeout=10)

    def meet(kind: str, method: str, name: str) -> None:
        if method == "create":
            together.wait()  # passes only if four creates are in flight at once

    lab.cloud.fault = meet
    assert lab.outcome(*(lab.thing(f"mem_robot.r{number}", job="x") for number in range(4)), parallelism=4) == "done"


def test_no_more_calls_run_side_by_side_than_the_width(lab: Any) -> None:
    lock, now, most = threading.Lock(), [0], [0]

    class Meter:
        @hookimpl(wrapper=True)
        def dpn_create(self, change: Any, kind: Any) -> Generator[None, Any, Any]:
            with lock:
                now[0] += 1
                most[0] = max(most[0], now[0])
            receipt = yield
            with lock:
                now[0] -= 1
            return receipt

    lab.objects.append(Meter())
    assert lab.outcome(*(lab.thing(f"mem_robot.r{number}", job="x") for number in range(9)), parallelism=1) == "done"
    assert most == [1]


def test_an_answer_is_what_the_call_gave(lab: Any) -> None:
    for driver in (Inline, Threads):
        script = Script([Effect(1, Call("mem_box", "mem", "ready", ()))])
        book = Book()
        driver(book, Calls(book), lab.world, lambda tell: None).run(script, script.start())  # type: ignore[arg-type]
        assert [answer.value for answer in script.answers] == ["ready"]
