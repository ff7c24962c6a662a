from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import replace
from threading import Event
from typing import Any, ClassVar

import pytest

from dpn import codec, hookimpl, plugins
from dpn.answers import Outcome
from dpn.connections import Connections
from dpn.dispatch import Dispatcher
from dpn.engine.effects import Call
from dpn.model import Change, Fault, Receipt, Ref, Step, Want
from dpn.provider import Kind, NameRule, Provider
from dpn.testing.memory import Cloud, CloudError, MemoryPlugin
from dpn.world import World

HOOKS = ("dpn_create", "dpn_update", "dpn_delete", "dpn_rollback", "dpn_read")


class Wrappers:
    """Stands around every hook and writes down what it sees; `act` may do mischief before and after each yield."""

    def __init__(self, act: Callable[[str, str, Any, Any], Any] = lambda *_: None) -> None:
        self.act = act
        self.seen: list[tuple[str, str, Any]] = []

    def _around(self, hook: str, what: Any) -> Generator[None, Any, Any]:
        self.act("before", hook, what, None)
        self.seen.append(("before", hook, what))
        result = yield
        self.seen.append(("after", hook, result))
        answer = self.act("after", hook, what, result)
        return result if answer is None else answer

    @hookimpl(wrapper=True)
    def dpn_read(self, query: Any, kind: Any) -> Generator[None, Any, Any]:
        return (yield from self._around("dpn_read", query))

    @hookimpl(wrapper=True)
    def dpn_create(self, change: Any, kind: Any) -> Generator[None, Any, Any]:
        return (yield from self._around("dpn_create", change))

    @hookimpl(wrapper=True)
    def dpn_update(self, change: Any, kind: Any) -> Generator[None, Any, Any]:
        return (yield from self._around("dpn_update", change))

    @hookimpl(wrapper=True)
    def dpn_delete(self, change: Any, kind: Any) -> Generator[None, Any, Any]:
        return (yield from self._around("dpn_delete", change))

    @hookimpl(wrapper=True)
    def dpn_rollback(self, receipt: Any, undo: Any, kind: Any) -> Generator[None, Any, Any]:
        return (yield from self._around("dpn_rollback", (receipt, undo)))

    def of(self, hook: str, when: str = "before") -> list[Any]:
        return [what for moment, one, what in self.seen if (moment, one) == (when, hook)]


def refusing(hook: str, address: str = "") -> Callable[..., Any]:
    """Raise before the yield of one hook."""

    def act(when: str, name: str, what: Any, result: Any) -> Any:
        if when == "before" and name == hook and (not address or what.address == address):
            raise RuntimeError("the data office says no")

    return act


# refusing -----------------------------------------------------------------------------------------------------------


def test_a_wrapper_that_refuses_before_its_yield_sends_nothing_and_undoes_the_transaction(lab: Any) -> None:
    lab.objects.append(Wrappers(refusing("dpn_create", "mem_shelf.s")))
    result = lab.apply(lab.thing("mem_box.a"), lab.thing("mem_shelf.s", box="${mem_box.a}")).result
    assert result.outcome == "rolled_back"
    assert result.failure.code == "REFUSED"
    assert result.failure.address == "mem_shelf.s"
    assert "the data office says no" in result.failure.message
    assert lab.called("create") == [("mem_box", "create", "the-a")]
    assert lab.seen() == []
    assert lab.records() == {}


@pytest.mark.parametrize(("hook", "method"), [("dpn_update", "put"), ("dpn_delete", "delete")])
def test_any_write_can_be_refused(lab: Any, hook: str, method: str) -> None:
    other = lab.thing("mem_robot.r", job="x")
    lab.outcome(lab.thing("mem_box.a", size=1), other)
    before = lab.standing()
    lab.objects.append(Wrappers(refusing(hook)))
    lab.cloud.calls.clear()
    changed = [lab.thing("mem_box.a", size=2)] if method == "put" else []
    result = lab.apply(*changed, other).result
    assert (result.outcome, result.failure.code) == ("rolled_back", "REFUSED")
    assert lab.called(method) == []
    assert lab.standing() == before


@pytest.mark.parametrize("error", [RuntimeError("no"), SystemExit(1), StopIteration()])
def test_whatever_a_wrapper_raises_before_its_yield_is_a_refusal(lab: Any, error: BaseException) -> None:
    def act(when: str, hook: str, what: Any, result: Any) -> Any:
        if hook == "dpn_create":
            raise error

    lab.objects.append(Wrappers(act))
    result = lab.apply(lab.thing("mem_box.a")).result
    assert (result.outcome, result.failure.code) == ("rolled_back", "REFUSED")


def test_a_wrapper_around_another_that_swallows_its_refusal_does_not_undo_it(lab: Any) -> None:
    class Swallows:
        @hookimpl(wrapper=True, tryfirst=True)
        def dpn_create(self, change: Any, kind: Any) -> Generator[None, Any, Any]:
            try:
                return (yield)
            except RuntimeError:
                return "all is well"

    lab.objects += [Wrappers(refusing("dpn_create")), Swallows()]
    result = lab.apply(lab.thing("mem_box.a")).result
    assert (result.outcome, result.failure.code) == ("rolled_back", "REFUSED")
    assert lab.called("create") == []


def test_a_refused_read_ends_the_plan_and_changes_nothing(lab: Any) -> None:
    from dpn import DpnError

    def act(when: str, hook: str, what: Any, result: Any) -> None:
        if hook == "dpn_read":
            raise RuntimeError("nobody looks")

    lab.objects.append(Wrappers(act))
    with pytest.raises(DpnError) as caught:
        lab.plan(lab.thing("mem_box.a"))
    assert [problem.code for problem in caught.value.problems] == ["REFUSED"]
    assert lab.cloud.calls == []


# after the yield ----------------------------------------------------------------------------------------------------


def _raise(*_: Any) -> Any:
    raise RuntimeError("too late")


def _exit(*_: Any) -> Any:
    raise SystemExit(3)


MISCHIEF: dict[str, Callable[..., Any]] = {
    "raises": _raise,
    "leaves": _exit,
    "returns nonsense": lambda *_: "nonsense",
    "returns another receipt": lambda when, hook, what, result: (
        replace(result, outcome="not_applied", ref=None) if isinstance(result, Receipt) else ()
    ),
}


@pytest.mark.parametrize("name", MISCHIEF)
def test_what_a_wrapper_does_after_its_yield_changes_nothing(lab: Any, name: str) -> None:
    def act(when: str, hook: str, what: Any, result: Any) -> Any:
        return MISCHIEF[name](when, hook, what, result) if when == "after" else None

    lab.objects.append(Wrappers(act))
    things = lab.thing("mem_box.a", size=1), lab.thing("mem_shelf.s", box="${mem_box.a}")
    assert lab.outcome(*things) == "done"
    assert lab.empty()
    assert lab.outcome(lab.thing("mem_box.a", size=2), things[1]) == "done"
    assert lab.delete().result.outcome == "done"
    assert lab.seen() == []


def test_a_wrapper_that_swallows_a_failure_does_not_make_it_a_success(lab: Any) -> None:
    lab.objects.append(Wrappers(lambda when, hook, what, result: MISCHIEF["returns nonsense"]()))
    lab.cloud.fault = lambda kind, method, name: "refuse" if method == "create" else None
    result = lab.apply(lab.thing("mem_box.a")).result
    assert (result.outcome, result.failure.code) == ("rolled_back", "Denied")


def test_a_wrapper_that_raises_after_its_yield_is_told_of(lab: Any) -> None:
    lab.objects.append(Wrappers(lambda when, hook, what, result: _raise() if when == "after" else None))
    lab.apply(lab.thing("mem_box.a"))
    warnings = [event.message for event in lab.events if event.type == "warning"]
    assert any("dpn_create of mem_box" in text and "the outcome stands" in text for text in warnings)


def results(entries: list[Mapping[str, Any]], step: Step) -> list[str]:
    """Give the outcomes that a journal holds of a step."""
    of = [
        number for number, one in enumerate(entries)
        if one["t"] == "intent" and (one["method"], one["part"]) == (step.method, step.part)
    ]  # fmt: skip
    return [one["outcome"] for one in entries if one["t"] == "result" and one["of"] in of]


@pytest.mark.parametrize(
    ("step", "fault"),
    [
        (Step("put", "size"), None),
        (Step("put", "size"), "refuse"),
        (Step("create"), None),
    ],
    ids=str,
)
def test_the_receipt_is_durable_before_a_wrapper_sees_it(lab: Any, step: Step, fault: str | None) -> None:
    found: list[tuple[str, list[str]]] = []
    heard = Event()

    def act(when: str, hook: str, what: Any, result: Any) -> None:
        if when == "after" and hook == "dpn_create" and result.step == step:
            found.append((result.outcome, results(lab.journal(), step)))
            heard.set()

    def hold_the_next_look(kind: str, method: str, name: str) -> str | None:
        if method in ("read", "find") and lab.called("create"):
            heard.wait(2)  # whatever the engine wants to know first, the wrapper is not to be quicker
        return fault if (method, step.method) in (("put", "put"), ("create", "create")) else None

    lab.objects.append(Wrappers(act))
    lab.cloud.fault = (
        hold_the_next_look
        if step.method == "create"
        else lambda kind, method, name: (fault if method == "put" and len(lab.called("put")) == 2 else None)
    )
    assert lab.outcome(lab.thing("mem_box.a", size=1)) == ("rolled_back" if fault else "done")
    [(outcome, written)] = found
    assert written == [outcome]


@pytest.mark.parametrize(("fault", "becomes"), [("lose", "done"), ("refuse", "rolled_back")])
def test_a_wrapper_hears_that_an_outcome_is_unknown_yet_and_the_intent_is_durable(
    lab: Any, fault: str, becomes: str
) -> None:
    found: list[tuple[Receipt, list[Mapping[str, Any]]]] = []

    def act(when: str, hook: str, what: Any, result: Any) -> None:
        if when == "after" and what.step == Step("create"):
            found.append((result, lab.journal()))

    lab.objects.append(Wrappers(act))
    lab.cloud.fault = lambda kind, method, name: fault if method == "create" else None
    assert lab.outcome(lab.thing("mem_box.a")) == becomes
    [(receipt, entries)] = found
    assert receipt.outcome == "unknown"
    assert next(one["method"] for one in entries if one["t"] == "intent") == "create"
    assert len(lab.called("create")) == 1


# what wrappers see --------------------------------------------------------------------------------------------------


def test_two_wrappers_nest(lab: Any) -> None:
    order: list[str] = []

    class Named:
        def __init__(self, name: str) -> None:
            self.name = name

        @hookimpl(wrapper=True)
        def dpn_create(self, change: Any, kind: Any) -> Generator[None, Any, Any]:
            order.append(f"{self.name} in")
            result = yield
            order.append(f"{self.name} out")
            return result

    lab.objects += [Named("one"), Named("two")]
    assert lab.outcome(lab.thing("mem_robot.r", job="x")) == "done"
    assert order == ["two in", "one in", "one out", "two out"]


def test_a_create_is_seen_call_by_call_with_its_receipts(lab: Any) -> None:
    watch = Wrappers()
    lab.objects.append(watch)
    lab.outcome(lab.thing("mem_box.a", size=1))
    assert [str(change.step) for change in watch.of("dpn_create")] == ["create", "put lock", "put size"]
    assert {change.address for change in watch.of("dpn_create")} == {"mem_box.a"}
    receipts = {receipt.step.part: receipt for receipt in watch.of("dpn_create", "after")}  # heard in any order
    made, puts = receipts.pop(""), receipts
    assert isinstance(made, Receipt)
    assert made.ref
    assert (made.outcome, made.ref.name, made.step) == ("applied", "the-a", Step("create"))
    assert {part: receipt.outcome for part, receipt in puts.items()} == {"lock": "applied", "size": "applied"}


def test_a_receipt_names_the_operation_that_the_journal_names(lab: Any) -> None:
    watch = Wrappers()
    lab.objects.append(watch)
    lab.outcome(lab.thing("mem_box.a"))
    ops = {entry["op"] for entry in lab.last_journal() if entry["t"] == "intent"}
    assert {receipt.op for receipt in watch.of("dpn_create", "after")} == ops


@pytest.mark.parametrize(
    ("action", "hooks"),
    [
        ("update", {"dpn_update": ["put size"]}),
        ("replace", {"dpn_delete": ["delete"], "dpn_create": ["create", "put lock", "put size"]}),
        ("delete", {"dpn_delete": ["delete"]}),
    ],
)
def test_each_call_goes_through_the_hook_of_what_it_does(lab: Any, action: str, hooks: Mapping[str, list[str]]) -> None:
    other = lab.thing("mem_robot.r", job="x")
    lab.outcome(lab.thing("mem_box.a", size=1), other)
    watch = Wrappers()
    lab.objects.append(watch)
    color = {"color": "red"} if action == "replace" else {}
    lab.outcome(*([] if action == "delete" else [lab.thing("mem_box.a", size=2, **color)]), other)
    found = {hook: [str(change.step) for change in watch.of(hook)] for hook in HOOKS[:3]}
    assert {hook: steps for hook, steps in found.items() if steps} == hooks
    assert {change.action for hook in hooks for change in watch.of(hook)} == {action}


def test_renames_archives_restores_and_adoptions_go_through_the_update_hook(lab: Any) -> None:
    robot, box = lab.thing("mem_robot.r", job="x", on_delete="archive"), lab.thing("mem_box.a")
    lab.outcome(robot, box, lab.thing("mem_shelf.s", box="${mem_box.a}"))
    watch = Wrappers()
    lab.objects.append(watch)
    lab.outcome(box, lab.thing("mem_shelf.s", "renamed", box="${mem_box.a}"))
    lab.outcome(box, robot, lab.thing("mem_shelf.s", "renamed", box="${mem_box.a}"))
    lab.outcome()
    # Archive and rename run side by side, so either may be first.
    assert sorted(change.action for change in watch.of("dpn_update")) == ["archive", "rename", "restore"]
    assert watch.of("dpn_create") == watch.of("dpn_delete") == []


def test_a_wrapper_sees_reads_and_lists(lab: Any) -> None:
    boxes = [lab.thing(f"mem_box.b{number}") for number in range(6)]
    lab.outcome(*boxes, lab.thing("mem_shelf.s", box="${mem_box.b0}"))
    watch = Wrappers()
    lab.objects.append(watch)
    lab.plan()
    queries = watch.of("dpn_read")
    assert [(query.method, query.kind) for query in queries] == [("list", "mem_box"), ("read", "mem_shelf")]
    assert queries[1].ref.name == "the-s"
    listed, read = watch.of("dpn_read", "after")
    assert sorted(seen.ref.name for seen in listed) == [f"the-b{number}" for number in range(6)]
    assert [seen.ref.name for seen in read] == ["the-s"]


def test_a_read_that_finds_nothing_is_an_empty_answer(lab: Any) -> None:
    watch = Wrappers()
    lab.objects.append(watch)
    lab.plan(lab.thing("mem_box.a"))
    assert watch.of("dpn_read", "after") == [()]


def test_a_rollback_is_seen_with_the_receipt_of_what_is_undone(lab: Any) -> None:
    watch = Wrappers()
    lab.objects.append(watch)
    lab.cloud.fault = lambda kind, method, name: "refuse" if kind == "mem_shelf" and method == "create" else None
    assert lab.outcome(lab.thing("mem_box.a"), lab.thing("mem_shelf.s", box="${mem_box.a}")) == "rolled_back"
    [(receipt, undo)] = watch.of("dpn_rollback")
    assert (receipt.address, receipt.step, receipt.outcome) == ("mem_box.a", Step("create"), "applied")
    assert receipt.ref.name == "the-a"
    assert receipt.op
    assert undo.step == Step("delete")
    [answer] = watch.of("dpn_rollback", "after")
    assert (answer.address, answer.outcome) == ("mem_box.a", "applied")


def test_all_that_hooks_are_given_can_be_written_as_json(lab: Any) -> None:
    written: list[str] = []

    class Writer:
        @hookimpl(wrapper=True)
        def dpn_create(self, change: Any, kind: Any) -> Generator[None, Any, Any]:
            written.append(json.dumps([codec.dump(change), codec.dump(kind)]))
            result = yield
            written.append(json.dumps(codec.dump(result)))
            return result

        @hookimpl(wrapper=True)
        def dpn_read(self, query: Any, kind: Any) -> Generator[None, Any, Any]:
            written.append(json.dumps([codec.dump(query), codec.dump(kind)]))
            return (yield)

    lab.objects.append(Writer())
    assert lab.outcome(lab.thing("mem_box.a")) == "done"
    assert len(written) >= 4


# one call -----------------------------------------------------------------------------------------------------------

WANT = Want("the-a", {"locked": True})


class Odd(Kind):
    """A kind whose every method answers or raises what the test says."""

    kind = "odd_thing"
    name_rule = NameRule("[a-z-]+")
    default_pattern = "{project}"
    schema: ClassVar[Mapping[str, Any]] = {"type": "object"}

    def _do(self, *_: Any) -> Any:
        if isinstance(self.session, BaseException):
            raise self.session
        return self.session

    create = put = read = delete = find = ready = rename = contents = list = _do  # type: ignore[assignment]


def _call(method: Any, behaviour: Any, classify: Any = None, *args: Any) -> Outcome:
    class Plugin:
        @hookimpl
        def dpn_providers(self) -> list[Provider]:
            return [Provider("odd", (Odd,), connect=lambda settings: behaviour, errors=classify)]

    loaded = plugins.load(objects=[Plugin()])
    dispatcher = Dispatcher(loaded, Connections(loaded, {"odd": {}}), World(env={"HERE": "value"}))
    outcomes: list[Outcome] = []
    call = Call("odd_thing", "odd", method, args or (Ref("odd_thing", "a"),))
    dispatcher.call(call, lambda outcome, heard: outcomes.append(outcome))
    [outcome] = outcomes
    return outcome


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        ("create", None), ("create", "id-1"), ("rename", None), ("read", "yes"), ("read", True), ("find", ["x"]),
        ("find", None), ("find", 7), ("list", None), ("list", [Ref("odd_thing", "a")]), ("contents", ["x"]),
        ("ready", None), ("ready", True),
    ],
)  # fmt: skip
def test_an_answer_that_breaks_the_contract_leaves_the_outcome_unknown(method: str, answer: Any) -> None:
    outcome = _call(method, answer)
    assert outcome.value is None
    assert outcome.fault
    assert outcome.fault.outcome == "unknown"


def test_what_a_kind_raises_is_classified_by_its_provider() -> None:
    fault = Fault("throttled", "Slow", "too fast", retry_after=3)
    assert _call("create", ValueError("x"), lambda error, method: fault).fault == fault


def test_without_a_classifier_the_outcome_of_what_was_sent_is_unknown() -> None:
    fault = _call("create", ValueError("boom")).fault
    assert fault
    assert (fault.outcome, fault.message) == ("unknown", "ValueError: boom")


@pytest.mark.parametrize("broken", [lambda error, method: 1 / 0, lambda error, method: None])
def test_a_classifier_that_fails_does_not_lose_the_outcome(broken: Any) -> None:
    fault = _call("create", ValueError("boom"), broken).fault
    assert fault
    assert (fault.outcome, fault.code) == ("unknown", "PLUGIN-BUG")
    assert "boom" in fault.message


def test_a_kind_that_leaves_the_process_fails_its_own_call_only() -> None:
    fault = _call("create", SystemExit(1)).fault
    assert fault
    assert fault.outcome == "unknown"


def test_a_generator_that_raises_in_its_middle_is_a_fault_of_the_call() -> None:
    def half() -> Iterator[Any]:
        yield from ()
        raise CloudError("Denied")

    assert _call("list", half()).fault


class UnspeakableError(Exception):
    """Cannot even be shown."""

    def __str__(self) -> str:
        raise ValueError("hunter2hunter2")

    __repr__ = __str__


def test_what_nobody_foresaw_is_reported_once_and_by_its_type_only() -> None:
    fault = _call("create", UnspeakableError()).fault
    assert fault
    assert (fault.outcome, fault.code) == ("unknown", "BUG")
    assert "ValueError" in fault.message
    assert "hunter2" not in fault.message


def test_what_was_reported_is_not_reported_again_when_its_hearer_fails(lab: Any) -> None:
    lab.outcome(lab.thing("mem_box.a"))
    dispatcher = lab.plan(lab.thing("mem_box.a")).dispatcher
    heard: list[Outcome] = []

    def hear(outcome: Outcome, _: bool) -> None:
        heard.append(outcome)
        raise RuntimeError

    dispatcher.call(Call("mem_box", "mem", "read", (Ref("mem_box", "the-a"),)), hear)
    assert len(heard) == 1
    assert heard[0].fault is None


def test_a_run_ends_though_a_wrapper_raises_what_cannot_be_shown(lab: Any) -> None:
    def act(when: str, hook: str, *_: Any) -> None:
        if (when, hook) == ("before", "dpn_create"):
            raise UnspeakableError

    lab.objects.append(Wrappers(act))
    result = lab.apply(lab.thing("mem_box.a")).result
    assert (result.outcome, result.failure.code) == ("rolled_back", "BUG")


def test_nothing_was_sent_when_a_secret_cannot_be_resolved() -> None:
    fault = _call("create", Ref("odd_thing", "a"), None, Want("a", {"x": "${env:NOT_SET}"})).fault
    assert fault
    assert (fault.outcome, fault.code) == ("not_applied", "REFUSED")
    assert "NOT_SET is not set" in fault.message


def test_nothing_was_sent_when_nobody_knows_the_scheme_of_a_secret() -> None:
    fault = _call("create", Ref("odd_thing", "a"), None, Want("a", {"x": "${secret:vault:a/b}"})).fault
    assert fault
    assert fault.outcome == "not_applied"
    assert "'vault'" in fault.message


def test_a_thing_is_looked_for_also_where_its_secret_is_missing() -> None:
    cloud = Cloud()
    loaded = plugins.load(objects=[MemoryPlugin(cloud)])
    dispatcher = Dispatcher(loaded, Connections(loaded, {"mem": {}}), World(env={}))
    outcomes: list[Outcome] = []
    call = Call("mem_shelf", "mem", "find", (Want("the-s", {"note": "${env:NOT_SET}"}),))
    dispatcher.call(call, lambda outcome, _: outcomes.append(outcome))
    assert outcomes == [Outcome([])]


def test_nothing_was_sent_when_no_plugin_has_the_kind() -> None:
    loaded = plugins.load(objects=[MemoryPlugin()])
    dispatcher = Dispatcher(loaded, Connections(loaded, {"mem": {}}), World(env={}))
    told: list[tuple[Outcome, bool]] = []
    call = Call("gone_thing", "gone", "delete", (Ref("gone_thing", "a"),))
    dispatcher.call(call, lambda outcome, heard: told.append((outcome, heard)))
    fault = Fault("not_applied", "NO-PLUGIN", "the installed plugins have no kind gone_thing")
    assert told == [(Outcome(fault=fault), False)]


def test_references_and_secrets_are_put_in_at_the_call_only() -> None:
    cloud = Cloud()
    loaded = plugins.load(objects=[MemoryPlugin(cloud)])
    dispatcher = Dispatcher(loaded, Connections(loaded, {"mem": {}}), World(env={"HERE": "hidden"}))
    want = Want("the-s", {"note": "${env:HERE} in ${mem_box.a}", "beside": "${mem_shelf.t}"})
    bound = {"mem_box.a#name": "the-a", "mem_shelf.t#id": "i9"}
    call = Call("mem_shelf", "mem", "create", (want,), bound=bound)
    dispatcher.call(call, lambda *_: None)
    [seen] = cloud.objects.values()
    assert seen.spec == {"note": "hidden in the-a", "beside": "i9"}
    assert "hidden" not in repr(call)


def test_a_second_dispatcher_over_the_same_plugins_works_beside_the_first() -> None:
    cloud, watch = Cloud(), Wrappers()
    loaded = plugins.load(objects=[MemoryPlugin(cloud), watch])
    both = [Dispatcher(loaded, Connections(loaded, {"mem": {}}), World(env={})) for _ in range(2)]
    change = Change("mem_box.a", "mem_box", "create", "the-a", step=Step("create"))
    outcomes: list[Outcome] = []
    for number, dispatcher in enumerate(both):
        call = Call("mem_box", "mem", "create", (Want(f"the-{number}", {}),), change=change)
        dispatcher.call(call, lambda outcome, heard: outcomes.append(outcome))
    assert [outcome.value.name for outcome in outcomes] == ["the-0", "the-1"]
    assert len(watch.of("dpn_create")) == 2
