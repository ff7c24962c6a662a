from __future__ import annotations

import subprocess
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dpn import api, codec, hookimpl, store
from dpn.errors import DamagedError, DpnError, InDoubtError, InputError, LockedError, PluginError, RefusedError
from dpn.model import Event, Observed, Ref, Want
from dpn.provider import Provider
from dpn.store.file import FileBackend
from dpn.testing.memory import Box, MemoryPlugin

CANARY = "canary-Zq7xN2"


def start(lab: Any) -> list[Any]:
    """Give a first blueprint: a box with two shelves."""
    return [
        lab.thing("mem_box.a", size=1),
        lab.thing("mem_shelf.s", box="${mem_box.a}", note="x"),
        lab.thing("mem_shelf.t", box="${mem_box.a}", beside="${mem_shelf.s}"),
    ]


def later(lab: Any) -> list[Any]:
    """Give a second one: update, rename with a put, delete, create, and something that waits."""
    return [
        lab.thing("mem_box.a", size=2, locked=False),
        lab.thing("mem_shelf.s", "renamed", box="${mem_box.a}", note="y"),
        lab.thing("mem_box.b", size=3),
        lab.thing("mem_robot.r", job="${mem_shelf.s}"),
    ]


# exactly once -------------------------------------------------------------------------------------------------------


def test_apply_twice_is_once(lab: Any) -> None:
    assert lab.outcome(*start(lab)) == "done"
    calls = lab.called("create", "put", "rename", "delete", "mark")
    assert lab.outcome() is None
    assert lab.called("create", "put", "rename", "delete", "mark") == calls
    assert len(lab.called("create")) == 3


def test_delete_twice_is_once(lab: Any) -> None:
    lab.outcome(*start(lab))
    assert lab.delete().result.outcome == "done"
    assert (lab.seen(), lab.records()) == ([], {})
    assert lab.delete().result is None
    assert len(lab.called("delete")) == 3


def test_a_create_whose_reply_is_lost_is_found_and_sent_once(lab: Any) -> None:
    lab.cloud.fault = lambda kind, method, name: "lose" if method == "create" else None
    assert lab.outcome(*start(lab)) == "done"
    assert len(lab.called("create")) == 3
    lab.no_faults()
    assert lab.empty()


# failing at every call ----------------------------------------------------------------------------------------------


def _count(lab: Any) -> int:
    """Give the number of calls of the second apply, from a run without faults."""
    lab.outcome(*start(lab))
    before = len(lab.cloud.calls)
    assert lab.outcome(*later(lab)) == "done"
    return len(lab.cloud.calls) - before


@pytest.mark.parametrize(("fault", "least"), [("refuse", 10), ("drop", 1)])
def test_a_fault_at_any_call_leaves_state_and_cloud_as_they_were_or_as_they_were_to_be(
    lab: Any, tmp_path_factory: pytest.TempPathFactory, fault: str, least: int
) -> None:
    undone = 0
    for number in range(_count(lab)):
        one = type(lab)(tmp_path_factory.mktemp("again"))
        one.outcome(*start(one))
        before = one.standing()
        one.write(*later(one))
        planned = len(one.cloud.calls)
        one.plan()
        reads = len(one.cloud.calls) - planned
        if number < reads:
            continue  # a plan that could not be made has begun nothing: see test_observe
        one.fault_at(number, fault)
        result = one.apply().result
        one.no_faults()
        if result.outcome == "done":
            assert one.empty(), number
            continue
        assert result.outcome == "rolled_back", (number, result)
        assert result.failure.code in ("Denied", "Timeout"), (number, result.failure)
        assert one.standing() == before, number
        assert not one.open()
        undone += 1
    assert undone >= least


def test_a_failed_run_says_where_what_and_why(lab: Any) -> None:
    lab.cloud.fault = lambda kind, method, name: "refuse" if method == "put" else None
    result = lab.apply(lab.thing("mem_box.a", size=1)).result
    assert (result.outcome, result.failure.address, result.failure.code) == ("rolled_back", "mem_box.a", "Denied")
    assert "put lock of the-a" in result.failure.message
    assert result.records == {}


def test_a_run_that_cannot_be_undone_stays_open_names_what_and_is_settled_later(lab: Any) -> None:
    lab.cloud.fault = lambda kind, method, name: "refuse" if method in ("put", "delete") else None
    result = lab.apply(lab.thing("mem_box.a", size=1)).result
    assert result.outcome == "blocked"
    assert list(result.blocked) == ["mem_box.a"]
    assert lab.open()
    lab.no_faults()
    assert lab.recover().outcome == "rolled_back"
    assert (lab.seen(), lab.open()) == ([], False)


def test_an_apply_settles_first_and_then_does_its_work(lab: Any) -> None:
    lab.cloud.fault = lambda kind, method, name: "refuse" if method in ("put", "delete") else None
    lab.outcome(lab.thing("mem_box.a", size=1))
    lab.no_faults()
    applied = lab.apply(lab.thing("mem_box.b"))
    assert (applied.recovered.outcome, applied.result.outcome) == ("rolled_back", "done")
    assert lab.cloud.names() == ["mem_box the-b"]
    assert lab.empty()


def test_an_apply_that_cannot_settle_does_nothing_else(lab: Any) -> None:
    lab.cloud.fault = lambda kind, method, name: "refuse" if method in ("put", "delete") else None
    lab.outcome(lab.thing("mem_box.a", size=1))
    with pytest.raises(InDoubtError, match=r"mem_box\.a"):
        lab.apply(lab.thing("mem_box.b"))
    assert lab.called("create") == [("mem_box", "create", "the-a")]


# recovering ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def blocked(lab: Any) -> Any:
    """Leave a transaction open: a box was made, and could be neither finished nor deleted."""
    lab.outcome(lab.thing("mem_robot.r", job="x"))
    lab.cloud.fault = lambda kind, method, name: "refuse" if method in ("put", "delete") else None
    assert lab.outcome(lab.thing("mem_robot.r", job="x"), lab.thing("mem_box.a", size=1)) == "blocked"
    lab.no_faults()
    return lab


def test_with_nothing_open_there_is_nothing_to_recover(lab: Any) -> None:
    lab.outcome(lab.thing("mem_box.a"))
    assert lab.recover() is None


def test_recovering_with_another_account_is_refused(blocked: Any) -> None:
    blocked.cloud.account = "another"
    blocked.cloud.calls.clear()
    with pytest.raises(InDoubtError, match=r"memory.*another") as caught:
        blocked.recover()
    assert caught.value.exit_code == 4
    assert blocked.cloud.calls == []
    assert blocked.open()
    blocked.cloud.account = "memory"
    assert blocked.recover().outcome == "rolled_back"


def test_an_apply_with_another_account_is_refused_too(lab: Any) -> None:
    from dpn import DpnError

    lab.outcome(lab.thing("mem_box.a"))
    lab.cloud.account = "another"
    with pytest.raises(DpnError, match="made in account memory"):
        lab.apply(lab.thing("mem_box.a", size=2))
    assert lab.called("put") == [("mem_box", "put", "the-a")]


def test_recover_skip_leaves_one_as_it_is(blocked: Any) -> None:
    assert blocked.recover(skip=["mem_box.a"]).outcome == "rolled_back"
    assert not blocked.open()
    assert "mem_box the-a" in blocked.cloud.names()
    assert blocked.records()["mem_box.a"].status == "partial"


def test_skipping_what_the_run_did_not_touch_is_wrong_input(blocked: Any) -> None:
    before = blocked.journal()
    with pytest.raises(InputError, match=r"Not in an open run: mem_box\.typo"):
        blocked.recover(skip=["mem_box.a", "mem_box.typo"])
    assert blocked.journal() == before


def test_what_was_skipped_is_finished_by_the_next_apply(blocked: Any) -> None:
    blocked.recover(skip=["mem_box.a"])
    assert blocked.outcome() == "done"
    assert blocked.records()["mem_box.a"].status == "ready"
    assert blocked.empty()


def test_a_doubt_can_be_skipped(lab: Any) -> None:
    """The create may have been applied, and its look-up fails: --skip is the way out that is offered."""
    lab.cloud.fault = lambda kind, method, name: (
        "lose" if method == "create" else "refuse" if lab.called("create") else None
    )
    assert lab.outcome(lab.thing("mem_box.a")) == "blocked"
    assert lab.recover(skip=["mem_box.a"]).outcome == "rolled_back"
    assert not lab.open()
    [said] = [event.message for event in lab.events if event.type == "warning"]
    assert said.startswith("mem_box.a: Denied")
    assert said.endswith("what this call did is not recorded.")


@pytest.mark.parametrize("accept", [False, True])
def test_what_is_skipped_and_was_made_after_all_is_recorded(lab: Any, accept: bool) -> None:
    lab.cloud.fault = lambda kind, method, name: (
        "lose" if method == "create" else "refuse" if lab.called("create") else None
    )
    assert lab.outcome(lab.thing("mem_robot.r", job="x")) == "blocked"
    lab.no_faults()
    assert lab.recover(skip=["mem_robot.r"], accept=accept).outcome == ("accepted" if accept else "rolled_back")
    [seen] = lab.seen()
    assert lab.records()["mem_robot.r"].id == seen.ref.id
    assert lab.outcome() in ("done", None)
    assert len(lab.seen()) == 1  # the next apply makes no second one


@pytest.mark.parametrize("accept", [False, True])
def test_what_is_skipped_and_was_deleted_after_all_is_recorded_no_more(lab: Any, accept: bool) -> None:
    lab.outcome(lab.thing("mem_robot.r", job="x"))
    lab.cloud.fault = lambda kind, method, name: (
        "lose" if method == "delete" else "refuse" if lab.called("delete") else None
    )
    assert lab.delete(cascade=True).result.outcome == "blocked"
    lab.no_faults()
    lab.recover(skip=["mem_robot.r"], accept=accept)
    assert lab.seen() == []
    assert lab.records() == {}


def test_recovery_goes_to_where_the_interrupted_run_went(blocked: Any) -> None:
    """The blueprint may be gone or other by now: the journal knows what is needed."""
    (blocked.root / "blueprint.json").unlink()
    results = api.recover(api.Options(plugins=(MemoryPlugin(blocked.cloud),)), blocked.world)
    assert {key: getattr(result, "outcome", result) for key, result in results.items()} == {"lab.dev": "rolled_back"}
    assert blocked.cloud.names() == ["mem_robot the-r"]


# holding ------------------------------------------------------------------------------------------------------------


def test_a_held_stack_is_not_changed(lab: Any) -> None:
    lab.outcome(lab.thing("mem_box.a"))
    ledger = FileBackend(lab.world, lab.home).open("lab.dev", store.holder(lab.world, "dpn apply"))
    with pytest.raises(LockedError):
        lab.apply(lab.thing("mem_box.a", size=2))
    assert lab.actions()["mem_box.a"] == "update"  # reading needs no lock
    ledger.close()
    assert lab.outcome() == "done"


def test_a_state_that_changed_since_the_plan_refuses_the_run(lab: Any) -> None:
    from dpn import flow, transact
    from dpn.desk import Desk

    lab.outcome(lab.thing("mem_box.a"))
    lab.write(lab.thing("mem_box.a", size=2))
    with Desk(lab.options(), lab.world) as desk:
        planned = flow.make_plan(desk, flow.desired(desk))
        lab.outcome(lab.thing("mem_box.a", size=3))
        assert planned.dispatcher
        with pytest.raises(RefusedError, match="has changed"):
            transact.run(desk, planned.plan, planned.dispatcher, planned.accounts)


def test_a_run_that_was_left_open_since_the_plan_is_to_be_settled_first(lab: Any) -> None:
    from dpn import flow, transact
    from dpn.desk import Desk

    lab.write(lab.thing("mem_box.a", size=2))
    with Desk(lab.options(), lab.world) as desk:
        planned = flow.make_plan(desk, flow.desired(desk))
        lab.cloud.fault = lambda kind, method, name: "refuse" if method in ("put", "delete") else None
        assert lab.outcome() == "blocked"
        assert planned.dispatcher
        with pytest.raises(InDoubtError, match="is open") as told:
            transact.run(desk, planned.plan, planned.dispatcher, planned.accounts)
    assert told.value.hint == f"Run this first: dpn recover {lab.root / 'blueprint.json'}"


def test_a_disk_that_fails_in_the_middle_is_said_and_settled_by_the_next_command(lab: Any) -> None:
    class Failing(type(lab.disk)):  # type: ignore[misc]  # the class of the laboratory's disk
        def sync(self, fd: int) -> None:
            super().sync(fd)
            if lab.called("create"):
                raise OSError(5, "Input/output error")

    good, lab.disk = lab.disk, Failing()
    with pytest.raises(DamagedError):
        lab.apply(lab.thing("mem_box.a", size=1))
    lab.disk = good
    lab.disk.durable.clear()
    assert lab.open()
    assert lab.recover().outcome == "rolled_back"
    assert (lab.seen(), lab.records()) == ([], {})


# what a person decides ----------------------------------------------------------------------------------------------


def _blocked(lab: Any) -> None:
    """End in a run that cannot be undone: a shelf is refused, and the box that was made will not go."""
    lab.cloud.fault = lambda kind, method, name: (
        "refuse" if (kind, method) in (("mem_shelf", "create"), ("mem_box", "delete")) else None
    )
    assert lab.outcome(*start(lab)) == "blocked"
    lab.no_faults()


def test_what_is_blocked_goes_on_when_its_cause_is_gone(lab: Any) -> None:
    _blocked(lab)
    assert lab.recover().outcome == "rolled_back"
    assert (lab.seen(), lab.records()) == ([], {})


def test_what_was_done_may_be_accepted_and_is_managed_from_then_on(lab: Any) -> None:
    _blocked(lab)
    calls = len(lab.called("delete"))
    accepted = lab.recover(accept=True)
    assert accepted.outcome == "accepted"
    assert list(lab.records()) == ["mem_box.a"]
    assert not lab.open()
    assert len(lab.called("delete")) == calls
    assert lab.outcome(*start(lab)) == "done"
    assert lab.empty()
    assert {record.status for record in lab.records().values()} == {"ready"}


def test_an_acceptance_survives_a_crash(lab: Any) -> None:
    """The journal is told first: a later process goes on with it, whoever starts it."""
    _blocked(lab)
    ledger = FileBackend(lab.world, lab.home).open("lab.dev", store.holder(lab.world, "dpn recover"))
    ledger.append({"t": "accept"})
    ledger.sync()
    ledger.close()
    assert lab.recover().outcome == "accepted"
    assert list(lab.records()) == ["mem_box.a"]


def test_what_lands_late_is_found_by_a_command_with_nothing_to_do(lab: Any) -> None:
    first, second = lab.thing("mem_box.a", size=1), lab.thing("mem_box.b", size=2)
    assert lab.outcome(first) == "done"
    lab.cloud.fault = lambda kind, method, name: "drop" if method == "create" else None
    assert lab.outcome(first, second) == "rolled_back"
    lab.no_faults()
    (entry,) = FileBackend(lab.world, lab.home).read("lab.dev").watch
    want = codec.load(Want, entry["want"])
    late = Observed(Ref("mem_box", want.name, "late"), {}, want.marker)
    for command in (lambda: lab.outcome(first), lab.recover):
        lab.cloud.objects["mem_box", "late"] = late
        assert command() is None
        assert [seen.ref.name for seen in lab.seen()] == ["the-a"]


# events -------------------------------------------------------------------------------------------------------------


class Listener:
    def __init__(self) -> None:
        self.heard: list[Event] = []

    @hookimpl
    def dpn_event(self, event: Event) -> None:
        self.heard.append(event)


def test_events_come_in_order_and_count_what_is_done(lab: Any) -> None:
    listener = Listener()
    lab.objects.append(listener)
    lab.outcome(lab.thing("mem_box.a", size=1))
    assert listener.heard == lab.events
    assert [(event.type, event.step, event.outcome) for event in lab.events] == [
        ("run", "", ""), ("step", "create", "applied"), ("step", "put lock", "applied"),
        ("step", "put size", "applied"), ("end", "", "done"),
    ]  # fmt: skip
    assert [event.done for event in lab.events] == [0, 1, 2, 3, 3]
    assert {event.total for event in lab.events} == {3}
    assert {event.stack for event in lab.events} == {"lab.dev"}


def test_an_undo_and_a_wait_are_told(lab: Any) -> None:
    lab.cloud.fault = lambda kind, method, name: "refuse" if kind == "mem_shelf" and method == "create" else None
    lab.outcome(lab.thing("mem_robot.r", job="x"), lab.thing("mem_box.a"), lab.thing("mem_shelf.s", box="${mem_box.a}"))
    told = {(event.type, event.address) for event in lab.events}
    assert {("undo", "mem_box.a"), ("undo", "mem_robot.r")} <= told
    assert lab.events[-1].outcome == "rolled_back"


def test_a_listener_that_raises_changes_nothing_and_silences_nobody(lab: Any) -> None:
    class Raising:
        @hookimpl
        def dpn_event(self, event: Event) -> None:
            raise RuntimeError("deaf")

    first, last = Listener(), Listener()
    lab.objects += [first, Raising(), last]
    assert lab.outcome(lab.thing("mem_box.a")) == "done"
    assert first.heard == last.heard == lab.events


def test_a_listener_that_blocks_delays_no_step(lab: Any) -> None:
    done = threading.Event()
    seen: list[bool] = []

    class Blocking:
        @hookimpl
        def dpn_event(self, event: Event) -> None:
            if event.type == "run":
                seen.append(done.wait(10))  # the listener goes on only when the last call was made

    def note(kind: str, method: str, name: str) -> None:
        if method == "put" and len(lab.called("put")) == 2:
            done.set()

    lab.objects.append(Blocking())
    lab.cloud.fault = note
    assert lab.outcome(lab.thing("mem_box.a", size=1)) == "done"
    assert seen == [True]


# secrets ------------------------------------------------------------------------------------------------------------


def _everything(lab: Any) -> str:
    """Give all that dpn wrote, names and contents."""
    files = [path for path in lab.root.rglob("*") if path.is_file() and path.name != "blueprint.json"]
    return "".join(f"{path}\n{path.read_text(errors='replace')}\n" for path in files)


def test_a_secret_reaches_the_cloud_and_nothing_that_dpn_writes_or_says(lab: Any) -> None:
    lab.env["OTHER"] = f"{CANARY}-2"
    box = lab.thing("mem_box.a")
    said: list[Any] = []

    def apply(note: str, fault: str | None = None) -> str | None:
        lab.write(box, lab.thing("mem_shelf.s", box="${mem_box.a}", note=note))
        planned = lab.plan()
        api.save(planned, lab.options(), lab.root / "plan.json", lab.world)
        lab.cloud.fault = lambda kind, method, name: fault if kind == "mem_shelf" and method == "put" else None
        applied = lab.apply()
        lab.no_faults()
        said.extend([planned.plan, applied.planned.plan, applied.result, codec.canonical(planned.plan)])
        return applied.result.outcome if applied.result else None

    assert apply("pw ${env:CANARY}") == "done"
    assert [seen.spec.get("note") for seen in lab.seen()] == [None, f"pw {CANARY}"]
    assert apply("pw ${env:CANARY}") is None
    assert CANARY not in _everything(lab) + repr(said) + repr(lab.events)


@pytest.mark.parametrize("fault", [None, "refuse", "drop"])
def test_a_secret_that_is_changed_or_undone_is_not_written_either(lab: Any, fault: str | None) -> None:
    lab.env["OTHER"] = f"{CANARY}-2"
    box = lab.thing("mem_box.a")
    lab.outcome(box, lab.thing("mem_shelf.s", box="${mem_box.a}", note="${env:CANARY}"))
    lab.cloud.fault = lambda kind, method, name: fault if method == "put" else None
    lab.apply(box, lab.thing("mem_shelf.s", box="${mem_box.a}", note="${env:OTHER}"))
    lab.no_faults()
    lab.recover()
    expected = f"{CANARY}-2" if fault is None else CANARY
    assert expected in [seen.spec.get("note") for seen in lab.seen()]
    assert CANARY not in _everything(lab) + repr(lab.events)


def test_deleting_a_thing_with_a_secret_does_not_write_that(lab: Any) -> None:
    lab.outcome(lab.thing("mem_box.a"), lab.thing("mem_shelf.s", box="${mem_box.a}", note="${env:CANARY}"))
    assert lab.delete().result.outcome == "done"
    assert CANARY not in _everything(lab)


def test_a_secret_that_is_missing_is_refused_before_anything_is_begun(lab: Any) -> None:
    box = lab.thing("mem_box.a")
    with pytest.raises(InputError) as caught:
        lab.apply(box, lab.thing("mem_shelf.s", box="${mem_box.a}", note="${env:NOT_SET}"))
    assert [(one.code, one.address, one.field) for one in caught.value.problems] == [
        ("REF-ENV", "mem_shelf.s", "spec.note")
    ]
    assert lab.called("create") == []
    assert lab.plan(offline=True)


def test_a_secret_scheme_that_its_provider_does_not_have_is_bad_input(lab: Any) -> None:
    with pytest.raises(InputError) as caught:
        lab.apply(lab.thing("mem_box.a", color="${secret:mem-vault:bar}"))
    assert [one.code for one in caught.value.problems] == ["REF-SECRET"]


def test_a_secret_scheme_of_a_provider_that_is_not_installed_says_how_to_install_it(lab: Any) -> None:
    with pytest.raises(PluginError, match="'foo' is not installed") as caught:
        lab.apply(lab.thing("mem_box.a", color="${secret:foo-vault:bar}"))
    assert caught.value.hint == "Install it: pip install dpn-foo"


def test_archiving_what_cannot_be_archived_is_refused_and_deletes_nothing(lab: Any) -> None:
    assert lab.outcome(lab.thing("mem_box.a")) == "done"
    with pytest.raises(RefusedError) as caught:
        api.delete(lab.options(), ["mem_box.a"], lab.world, archive=True)
    assert [one.code for one in caught.value.problems] == ["NO-ARCHIVE"]
    assert lab.seen()


def test_what_dpn_writes_is_private(lab: Any) -> None:
    lab.outcome(lab.thing("mem_box.a"))
    api.save(lab.plan(), lab.options(), Path("plan.json"), lab.world)
    loose = subprocess.run(
        ["find", lab.home, lab.root / "plan.json", "-perm", "/077"], capture_output=True, text=True, check=True
    )
    assert loose.stdout == ""


def test_a_region_that_is_written_down_later_replaces_nothing(lab: Any) -> None:
    assert lab.outcome(lab.thing("mem_box.a")) == "done"
    lab.write(lab.thing("mem_box.a"), metadata={"environment": "dev", "region": "north-1"})
    [change] = lab.plan().plan.changes  # the tags follow the metadata; the thing itself stays
    assert change.action in ("noop", "update")


def test_what_a_provider_refuses_after_it_has_sent_something_is_undone(lab: Any) -> None:
    class LoudError(DpnError):
        """What a provider raises too late."""

    lab.outcome(lab.thing("mem_box.a", size=1))
    put, done = Box._put, threading.Event()  # noqa: SLF001 - the provider's inside is what misbehaves

    def late(self: Any, *args: Any) -> None:
        put(self, *args)
        if not done.is_set():
            done.set()
            raise LoudError("not like this")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Box, "_put", late)
        lab.cloud.fault = lambda kind, method, name: "drop" if method == "put" and done.is_set() else None
        outcome = lab.outcome(lab.thing("mem_box.a", size=2))
    lab.no_faults()
    if outcome == "blocked":
        lab.recover()
    assert [seen.spec["size"] for seen in lab.seen()] in ([1], [2])
    assert lab.actions(lab.thing("mem_box.a", size=lab.seen()[0].spec["size"])) == {"mem_box.a": "noop"}


def test_a_worker_survives_whatever_a_provider_raises(lab: Any) -> None:
    class Gone(BaseException):
        """No exception that anyone expects."""

    def raises(*_: Any) -> None:
        raise Gone

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Box, "create", raises)
        assert lab.outcome(lab.thing("mem_box.a")) == "rolled_back"


def test_a_record_whose_kind_is_no_longer_installed_says_what_made_it(lab: Any) -> None:
    lab.outcome(lab.thing("mem_box.a"))

    class Smaller(MemoryPlugin):
        @hookimpl
        def dpn_providers(self) -> list[Provider]:
            [whole] = super().dpn_providers()
            return [replace(whole, kinds=tuple(kind for kind in whole.kinds if kind.kind != "mem_box"))]

    options = api.Options(file=lab.root / "blueprint.json", plugins=(Smaller(lab.cloud),))
    with pytest.raises(PluginError, match="mem_box"):
        api.read(api.Options(stack="lab.dev", plugins=options.plugins), (), lab.world)
