from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dpn import DpnError, api, planfile
from dpn.errors import InDoubtError, InputError, PluginError, RefusedError
from dpn.model import Plan
from dpn.testing.memory import MemoryPlugin


@pytest.fixture
def saved(lab: Any) -> Any:
    """Apply one box and save a plan that changes it and adds another."""
    lab.outcome(lab.thing("mem_box.a", size=1))
    lab.write(lab.thing("mem_box.a", size=2), lab.thing("mem_box.b"))
    api.save(lab.plan(), lab.options(), Path("plan.json"), lab.world)
    return lab


def apply(lab: Any, **options: Any) -> api.Applied:
    return api.apply(lab.options(file=lab.root / "plan.json", **options), lab.world)


def content(lab: Any) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((lab.root / "plan.json").read_text())
    return data


def rewrite(lab: Any, data: Any) -> None:
    (lab.root / "plan.json").write_text(json.dumps(data))


def test_a_saved_plan_is_carried_out_as_it_is_without_the_blueprint(saved: Any) -> None:
    (saved.root / "blueprint.json").unlink()
    result = apply(saved).result
    assert result
    assert result.outcome == "done"
    assert saved.cloud.names() == ["mem_box the-a", "mem_box the-b"]
    assert saved.records()["mem_box.a"].spec["size"] == 2


def test_a_saved_plan_is_carried_out_once(saved: Any) -> None:
    apply(saved)
    with pytest.raises(RefusedError, match="stale"):
        apply(saved)


def test_a_plan_that_was_narrowed_stays_so(lab: Any) -> None:
    lab.write(lab.thing("mem_box.a"), lab.thing("mem_box.b"))
    options = lab.options(targets=("mem_box.a",))
    api.save(api.plan(options, lab.world), options, Path("plan.json"), lab.world)
    assert apply(lab).result
    assert lab.cloud.names() == ["mem_box the-a"]


@pytest.mark.parametrize("what", ["state", "cloud"])
def test_a_plan_is_stale_when_the_state_or_the_cloud_has_changed(saved: Any, what: str) -> None:
    if what == "state":
        api.move(saved.options(), "mem_box.a", "mem_box.z", saved.world)
    else:
        saved.cloud.objects.clear()
    with pytest.raises(DpnError, match=r"stale|refused") as caught:
        apply(saved)
    assert caught.value.exit_code == 3
    assert saved.called("create") == [("mem_box", "create", "the-a")]


def test_a_plan_that_was_tampered_with_is_not_carried_out(saved: Any) -> None:
    data = content(saved)
    change = next(one for one in data["dpn_plan"]["plan"]["changes"] if one["address"] == "mem_box.b")
    change["want"]["name"] = "evil"
    rewrite(saved, data)
    with pytest.raises(RefusedError, match="was changed after it was saved"):
        apply(saved)
    change["want"]["name"] = "the-b"
    resource = next(one for one in data["dpn_plan"]["resources"] if one["address"] == "mem_box.b")
    resource["name"] = "evil"
    rewrite(saved, data)
    with pytest.raises(RefusedError, match="stale"):
        apply(saved)
    assert "mem_box evil" not in saved.cloud.names()


def test_a_plan_is_not_carried_out_while_a_transaction_is_open(saved: Any) -> None:
    saved.cloud.fault = lambda kind, method, name: "refuse" if method in ("put", "delete") else None
    saved.outcome()
    saved.no_faults()
    with pytest.raises(InDoubtError, match="open"):
        apply(saved)


def test_a_plan_of_another_plugin_version_is_refused_with_both(saved: Any) -> None:
    data = content(saved)
    data["dpn_plan"]["plugins"] = {"mem": "dpn-mem 9.9"}
    rewrite(saved, data)
    with pytest.raises(PluginError, match=r"dpn-mem 9\.9.*given"):
        apply(saved)


def test_a_plan_of_another_format_is_refused(saved: Any) -> None:
    rewrite(saved, {**content(saved), "format_version": "2"})
    with pytest.raises(PluginError, match="plan format 2"):
        apply(saved)


@pytest.mark.parametrize("broken", [[], 7, "x", None, {}, {"plan": {}}, {"plan": 1, "colour": "red"}])
def test_what_is_no_plan_is_said_in_one_sentence(saved: Any, broken: Any) -> None:
    rewrite(saved, {"format_version": "1", "dpn_plan": broken})
    with pytest.raises(InputError, match="no valid plan file"):
        apply(saved)


BROKEN = st.recursive(
    st.none() | st.integers() | st.text(max_size=3), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


@settings(max_examples=50)
@given(st.sampled_from(["plan", "resources", "providers", "state", "scope", "choice", "plugins", "sandbox"]), BROKEN)
def test_no_damage_gets_through_as_a_bug(field: str, value: Any) -> None:
    good = planfile.dump(
        planfile.PlanFile(Plan("lab.dev", "dev", 0, "", ()), (), {}, {}, {}, {}, {})
    )  # the smallest one
    good["dpn_plan"][field] = value
    try:
        planfile.load(good, "plan.json")
    except InputError as error:
        assert "plan.json" in error.message  # noqa: PT017 - some damage is none: {} for {}


def test_a_plan_survives_the_way_through_its_file(saved: Any) -> None:
    first = planfile.load(content(saved), "plan.json")
    assert planfile.load(json.loads(json.dumps(planfile.dump(first))), "plan.json") == first
    assert first.plan.hash == saved.plan().plan.hash


def test_a_plan_is_told_from_a_blueprint_by_its_content(saved: Any) -> None:
    assert planfile.is_plan(content(saved))
    assert not planfile.is_plan(json.loads((saved.root / "blueprint.json").read_text()))
    assert not planfile.is_plan([])


def test_a_plan_is_written_where_the_command_stands_and_over_an_old_one(saved: Any) -> None:
    path = saved.root / "plan.json"
    path.chmod(0o644)
    api.save(saved.plan(), saved.options(), Path("plan.json"), saved.world)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_link_in_its_place_is_not_followed(saved: Any) -> None:
    path, victim = saved.root / "plan.json", saved.root / "victim"
    victim.write_text("mine")
    path.unlink()
    path.symlink_to(victim)
    api.save(saved.plan(), saved.options(), path, saved.world)
    assert victim.read_text() == "mine"


def test_a_plan_that_cannot_be_written_is_an_error_in_plain_words(saved: Any) -> None:
    with pytest.raises(DpnError, match=r"could not be written to no/such/plan\.json"):
        api.save(saved.plan(), saved.options(), Path("no/such/plan.json"), saved.world)


def test_a_plan_made_while_a_transaction_is_open_cannot_be_saved(saved: Any) -> None:
    saved.cloud.fault = lambda kind, method, name: "refuse" if method in ("put", "delete") else None
    saved.outcome()
    saved.no_faults()
    planned = saved.plan()
    assert planned.open
    with pytest.raises(InDoubtError, match="cannot be saved") as caught:
        api.save(planned, saved.options(), Path("other.json"), saved.world)
    assert caught.value.exit_code == 4
    assert not (saved.root / "other.json").exists()


def test_a_plan_made_for_the_sandbox_says_so(saved: Any) -> None:
    assert planfile.load(content(saved), "p").sandbox is False
    api.save(saved.plan(), saved.options(sandbox=True), Path("plan.json"), saved.world)
    assert planfile.load(content(saved), "p").sandbox is True


def test_a_saved_plan_needs_its_provider(saved: Any) -> None:
    data = json.loads(json.dumps(content(saved)).replace("mem_", "nocloud_"))
    rewrite(saved, data)
    with pytest.raises(PluginError, match="'nocloud' is not installed"):
        api.apply(api.Options(file=saved.root / "plan.json", plugins=(MemoryPlugin(saved.cloud),)), saved.world)
