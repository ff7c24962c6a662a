"""Names that all the world shares are asked for before a plan takes them; all that are not free are told together."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dpn import DpnError, Fault, Provider, hookimpl
from dpn.model import Marker, Observed, Ref
from dpn.testing.memory import Box, Cloud, CloudError, classify


class Vat(Box):
    """A box whose name is shared with strangers, whose things cannot be seen."""

    kind = "wide_vat"
    name_rule = replace(Box.name_rule, unique="global")

    def available(self, name: str) -> bool:
        def free() -> bool:
            return not any(seen.ref.name == name for seen in self.session.objects.values())

        found: bool = self._call("available", name, free)
        return found

    def read(self, ref: Ref) -> Observed | None:
        seen = super().read(ref)
        if seen is None and not self._free(ref.name):
            match self.session.account:
                case "says so":
                    raise CloudError("TAKEN")
                case "denies":
                    raise CloudError("Denied")
        return seen

    def _free(self, name: str) -> bool:
        return ("strange", name) not in self.session.objects


class Wide:
    """A plugin with the provider `wide` over a cloud."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud

    @hookimpl
    def dpn_providers(self) -> list[Provider]:
        def errors(error: Exception, method: str) -> Fault:
            fault = classify(error, method)
            return replace(fault, code="NAME-TAKEN") if fault.code == "TAKEN" else fault

        return [Provider("wide", (Vat,), connect=lambda _: self.cloud, errors=errors)]


@pytest.fixture
def wide(lab: Any) -> Any:
    lab.objects.append(Wide(lab.cloud))
    return lab


def strange(lab: Any, name: str) -> None:
    """Give a name to a stranger."""
    lab.cloud.objects["strange", name] = Observed(Ref("strange", name, name), {})


def stands(lab: Any, name: str, marker: Marker | None = None) -> None:
    """Put something there that can be seen."""
    lab.cloud.objects["wide_vat", name] = Observed(Ref("wide_vat", name, name), {}, marker)


def asked(lab: Any) -> list[tuple[str, str]]:
    return sorted((method, name) for kind, method, name in lab.cloud.calls if kind == "wide_vat")


def refused(lab: Any, *things: Any, **options: Any) -> dict[str, str]:
    """Plan, and give by address why the names are not free."""
    with pytest.raises(DpnError, match="nothing was changed") as caught:
        lab.plan(*things, **options)
    assert caught.value.exit_code == 1
    assert {problem.code for problem in caught.value.problems} == {"NAME-TAKEN"}
    assert lab.called("create", "put", "mark", "delete") == []
    return {problem.address or "": problem.message for problem in caught.value.problems}


def test_a_free_name_costs_one_call_and_is_not_spoken_of(wide: Any) -> None:
    planned = wide.plan(*(wide.thing(f"wide_vat.v{number}") for number in range(12)))
    assert {change.action for change in planned.plan.changes} == {"create"}
    assert planned.plan.problems == ()
    assert asked(wide) == sorted(("available", f"the-v{number}") for number in range(12))


def test_all_that_is_taken_is_told_together_with_whose_it_is(wide: Any) -> None:
    strange(wide, "the-stranger")
    stands(wide, "the-plain")
    stands(wide, "the-other", Marker("other--prd", "a", "o"))
    names = ("stranger", "plain", "other", "free")
    found = refused(wide, *(wide.thing(f"wide_vat.{name}") for name in names))
    assert found == {
        "wide_vat.other": "the-other exists already and belongs to stack other.prd.",
        "wide_vat.plain": "the-plain exists already and belongs to your account; dpn did not make it.",
        "wide_vat.stranger": "the-stranger exists already and belongs to another account.",
    }
    assert asked(wide) == sorted(
        [("available", f"the-{name}") for name in names] + [("read", f"the-{name}") for name in names[:3]]
    )


def test_what_to_do_about_it_is_said(wide: Any) -> None:
    strange(wide, "the-v")
    with pytest.raises(DpnError) as caught:
        wide.plan(wide.thing("wide_vat.v"))
    [problem] = caught.value.problems
    assert "another purpose" in (problem.hint or "")
    assert "hash_generation of wide_vat" in (problem.hint or "")
    assert "existing" not in (problem.hint or "")


def test_our_own_without_a_record_is_adopted_as_ever(wide: Any) -> None:
    stands(wide, "the-v", Marker("lab--dev", "a", "o"))
    assert wide.actions(wide.thing("wide_vat.v")) == {"wide_vat.v": "adopt"}


@pytest.mark.parametrize(
    ("account", "message"),
    [
        ("says so", "the-v exists already and belongs to another account."),
        ("denies", "the-v is not free, and what has it cannot be looked at (read was refused: Denied)"),
    ],
)
def test_a_look_that_is_refused_is_told_as_what_it_is(wide: Any, account: str, message: str) -> None:
    wide.cloud.account = account
    strange(wide, "the-v")
    found = refused(wide, wide.thing("wide_vat.v"))
    assert found["wide_vat.v"].startswith(message)


@pytest.mark.parametrize("method", ["available", "read"])
def test_a_question_that_fails_is_no_answer(wide: Any, method: str) -> None:
    strange(wide, "the-v")
    wide.cloud.fault = lambda _, called, __: "throttle" if called == method else None
    with pytest.raises(DpnError, match="could not be read") as caught:
        wide.plan(wide.thing("wide_vat.v"))
    assert [problem.code for problem in caught.value.problems] == ["SlowDown"]


def test_offline_asks_nothing(wide: Any) -> None:
    strange(wide, "the-v")
    assert wide.actions(wide.thing("wide_vat.v"), offline=True) == {"wide_vat.v": "create"}
    assert wide.cloud.calls == []


def test_what_is_recorded_or_only_referred_to_is_not_asked_for(wide: Any) -> None:
    stands(wide, "the-old")
    assert wide.outcome(wide.thing("wide_vat.v")) == "done"
    wide.cloud.calls.clear()
    assert wide.actions(wide.thing("wide_vat.v"), wide.thing("wide_vat.old", existing=True)) == {"wide_vat.v": "noop"}
    assert asked(wide) == [("read", "the-old"), ("read", "the-v")]


def test_the_new_name_of_what_is_made_anew_is_asked_for(wide: Any) -> None:
    assert wide.outcome(wide.thing("wide_vat.v", "before")) == "done"
    wide.cloud.calls.clear()
    assert wide.actions(wide.thing("wide_vat.v", "after"), replaced=("wide_vat.v",)) == {"wide_vat.v": "replace"}
    assert ("available", "after") in asked(wide)
    wide.cloud.calls.clear()
    strange(wide, "after")
    found = refused(wide, wide.thing("wide_vat.v", "after"), replaced=("wide_vat.v",))
    assert found == {"wide_vat.v": "after exists already and belongs to another account."}
    stands(wide, "later")
    found = refused(wide, wide.thing("wide_vat.v", "later"), replaced=("wide_vat.v",))
    assert found == {"wide_vat.v": "later exists already and belongs to your account; dpn did not make it."}


def test_what_is_made_anew_under_its_name_is_not_asked_for(wide: Any) -> None:
    assert wide.outcome(wide.thing("wide_vat.v", color="red")) == "done"
    wide.cloud.calls.clear()
    assert wide.actions(wide.thing("wide_vat.v", color="blue")) == {"wide_vat.v": "replace"}
    assert not [name for method, name in asked(wide) if method == "available"]


def test_names_of_other_kinds_are_not_asked_for(wide: Any) -> None:
    wide.plan(wide.thing("mem_box.b"))
    assert [method for _, method, _ in wide.cloud.calls] == ["read"]
