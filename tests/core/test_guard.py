from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dpn import guard, hookimpl, plugins
from dpn.errors import DpnError, InputError, RefusedError
from dpn.model import Change, Plan, Record, Resource
from dpn.plan import Inputs
from dpn.provider import Identity, Provider
from dpn.testing.memory import Cloud, CloudError, MemoryPlugin

KINDS = plugins.load(objects=[MemoryPlugin()]).kinds

# too many deletes ---------------------------------------------------------------------------------------------------


def refusal(stack: int, deletes: int, *, shared: int = 1, allowed: int | None = None, action: Any = "delete") -> str:
    """Give what is said against deleting so many of a stack; `shared` addresses are in the blueprint too."""
    records = {f"mem_box.b{n}": Record(f"mem_box.b{n}", "mem_box", "x", {}, "mem") for n in range(stack)}
    resources = tuple(Resource(address, "mem_box", "x", {}, "mem") for address in list(records)[-shared:] if shared)
    changes = tuple(Change(address, "mem_box", action, "x") for address in list(records)[:deletes])
    plan = Plan("lab.dev", "dev", 1, "x", changes)
    inputs = Inputs("lab.dev", "dev", KINDS, resources, records, {})
    return "".join(f"{one.code}: {one.message} {one.hint}" for one in guard.deletions(plan, inputs, allowed))


@pytest.mark.parametrize(
    ("stack", "deletes", "shared", "refused"),
    [
        (100, 10, 1, False), (100, 11, 1, True),  # more than ten
        (5, 2, 1, False), (5, 3, 1, True), (6, 3, 1, False), (6, 4, 1, True),  # over half of five or more
        (4, 3, 1, False), (4, 4, 1, False),  # a small stack
        (4, 4, 0, True), (1, 1, 0, True),  # nothing in common: another blueprint
        (0, 0, 0, False),  # the first apply
    ],
)  # fmt: skip
@pytest.mark.parametrize("action", ["delete", "replace"])
def test_a_plan_that_deletes_suspiciously_much_is_refused(
    stack: int, deletes: int, shared: int, refused: bool, action: str
) -> None:
    said = refusal(stack, deletes, shared=shared, action=action)
    assert bool(said) is refused
    assert not refused or (f"delete {deletes} resources of {stack}" in said and f"--allow-deletes {deletes}" in said)


def test_it_is_carried_out_when_as_many_are_allowed() -> None:
    assert refusal(20, 12, allowed=12) == ""
    assert refusal(4, 4, shared=0, allowed=4) == ""
    assert refusal(20, 12, allowed=11)


def test_fewer_allowed_than_the_plan_deletes_refuses_what_would_pass_unasked() -> None:
    assert refusal(20, 2) == ""
    assert refusal(20, 2, allowed=1)


def test_a_foreign_blueprint_says_so() -> None:
    assert "shares no address" in refusal(3, 3, shared=0)


def test_through_the_doors(lab: Any) -> None:
    boxes = [lab.thing(f"mem_box.b{number}") for number in range(6)]
    lab.outcome(*boxes)
    with pytest.raises(RefusedError) as caught:
        lab.apply(*boxes[:2])
    assert caught.value.exit_code == 3
    assert [problem.code for problem in caught.value.problems] == ["TOO-MANY-DELETES"]
    assert len(lab.seen()) == 6
    assert lab.outcome(allow_deletes=4) == "done"
    assert len(lab.seen()) == 2


def test_deleting_the_whole_stack_is_not_a_mistake(lab: Any) -> None:
    lab.outcome(*(lab.thing(f"mem_box.b{number}") for number in range(12)))
    assert lab.delete().result.outcome == "done"
    assert lab.seen() == []


# who is calling -----------------------------------------------------------------------------------------------------


class Odd:
    """A provider that fails at one of the things that come before the first call."""

    def __init__(self, **more: Any) -> None:
        self.more = more

    @hookimpl
    def dpn_providers(self) -> list[Provider]:
        cloud = Cloud()
        [provider] = plugins.load(objects=[MemoryPlugin(cloud)]).providers.values()
        return [replace(provider, **self.more)]


def _raise(*_: Any) -> Any:
    raise CloudError("ExpiredToken")


def _fail(*_: Any) -> Any:
    raise DpnError("Log in first.", hint="acme login")


@pytest.mark.parametrize("when", ["connect", "identity", "preflight"])
def test_what_a_provider_raises_before_the_first_call_is_an_error_that_names_it(lab: Any, when: str) -> None:
    from dpn import api

    lab.write(lab.thing("mem_box.a"))
    with pytest.raises(DpnError, match=r"'mem' (cannot be used|could not connect).*ExpiredToken") as caught:
        api.plan(replace(lab.options(), plugins=(Odd(**{when: _raise}),)), lab.world)
    assert caught.value.exit_code == 1


def test_what_a_provider_says_itself_is_shown_as_it_is(lab: Any) -> None:
    from dpn import api

    lab.write(lab.thing("mem_box.a"))
    with pytest.raises(DpnError, match=r"^Log in first\.$"):
        api.plan(replace(lab.options(), plugins=(Odd(connect=_fail),)), lab.world)


def test_what_would_make_every_call_fail_ends_the_plan(lab: Any) -> None:
    from dpn import Problem, api

    lab.write(lab.thing("mem_box.a"))
    missing = Problem("CREDENTIALS", "There are none.", hint="acme login")
    odd = Odd(preflight=lambda session: [missing])
    with pytest.raises(DpnError) as caught:
        api.plan(replace(lab.options(), plugins=(odd,)), lab.world)
    assert caught.value.problems == (missing,)


def test_a_warning_before_the_first_call_is_kept_on_the_plan(lab: Any) -> None:
    from dpn import Problem, api

    lab.write(lab.thing("mem_box.a"))
    caution = Problem("SLOW", "It is slow today.", severity="warning")
    planned = api.plan(replace(lab.options(), plugins=(Odd(preflight=lambda session: [caution]),)), lab.world)
    assert caution in planned.plan.problems


def test_records_of_another_account_are_not_taken_for_absent(lab: Any) -> None:
    from dpn import api

    lab.outcome(lab.thing("mem_box.a"))
    odd = Odd(identity=lambda session: Identity("elsewhere"))
    with pytest.raises(DpnError, match=r"mem_box\.a was made in account memory; .* elsewhere"):
        api.plan(replace(lab.options(), plugins=(odd,)), lab.world)


# settings -----------------------------------------------------------------------------------------------------------


def test_settings_of_a_provider_are_held_to_its_schema(lab: Any) -> None:
    from dpn import api

    schema = {"type": "object", "additionalProperties": False, "properties": {"region": {"type": "string"}}}
    lab.write(lab.thing("mem_box.a"), providers={"mem": {"regoin": "north-1"}})
    with pytest.raises(InputError) as caught:
        api.plan(replace(lab.options(), plugins=(Odd(config_schema=schema),)), lab.world)
    [problem] = caught.value.problems
    assert (problem.code, problem.field) == ("SCHEMA", "providers.mem.regoin")
    assert problem.place
    assert problem.place.line == 1


def test_a_secret_that_is_written_out_in_the_settings_is_refused_and_a_reference_is_stored(lab: Any) -> None:
    from dpn import api

    schema = {"type": "object", "properties": {"token": {"type": "string", "x-dpn-secret": True}}}
    options = replace(lab.options(), plugins=(Odd(config_schema=schema, connect=lambda _: Cloud()),))
    lab.write(lab.thing("mem_box.a"), providers={"mem": {"token": "s3cr3t-value"}})
    with pytest.raises(InputError) as caught:
        api.plan(options, lab.world)
    [problem] = caught.value.problems
    assert (problem.code, problem.field, problem.expected) == ("SECRET", "providers.mem.token", "${env:NAME}")
    assert "s3cr3t" not in str(problem)
    lab.write(lab.thing("mem_box.a"), providers={"mem": {"token": "${env:CANARY}"}})
    assert api.apply(options, lab.world).result
    assert lab.last_journal()[0]["providers"]["mem"]["settings"] == {"token": "${env:CANARY}"}


def test_a_kind_that_a_provider_does_not_have_is_said_with_what_is_near(lab: Any) -> None:
    with pytest.raises(InputError) as caught:
        lab.plan(lab.thing("mem_bxo.a"))
    [problem] = [one for one in caught.value.problems if one.code == "KIND-UNKNOWN"]
    assert "mem_box" in (problem.hint or "")
