"""Recovering one stack, or all: where they are looked for, and what one that cannot be settled does to the others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dpn import api, store
from dpn.errors import InDoubtError, InputError, LockedError
from dpn.store.file import FileBackend
from dpn.testing.memory import MemoryPlugin


def interrupted(lab: Any, stack: str, environment: str = "dev", **more: Any) -> None:
    """Leave a run open that could not be undone."""
    lab.cloud.fault = lambda kind, method, name: "refuse" if method in ("put", "delete") else None
    lab.write(lab.thing(f"mem_box.{stack}", size=1), stack=stack, **more)
    assert lab.outcome(environment=environment) == "blocked"
    lab.no_faults()


@pytest.fixture
def two(lab: Any) -> Any:
    for stack in ("alpha", "beta"):
        interrupted(lab, stack)
    (lab.root / "blueprint.json").unlink()
    return lab


def everywhere(lab: Any, **more: Any) -> dict[str, Any]:
    """Recover without naming a stack."""
    return dict(api.recover(api.Options(plugins=(MemoryPlugin(lab.cloud),)), lab.world, **more))


def journal(lab: Any, key: str) -> list[str]:
    snapshot = FileBackend(lab.world, lab.home).read(key)
    return [str(entry["t"]) for entry in snapshot.journal]


# all stacks ----------------------------------------------------------------------------------------------------------


def test_a_stack_that_cannot_be_settled_keeps_no_other_from_it(two: Any) -> None:
    held = FileBackend(two.world, two.home).open("alpha.dev", store.holder(two.world, "dpn apply"))
    found = everywhere(two)
    held.close()
    assert isinstance(found["alpha.dev"], LockedError)
    assert found["beta.dev"].outcome == "rolled_back"
    assert journal(two, "beta.dev") == []
    assert everywhere(two)["alpha.dev"].outcome == "rolled_back"


def test_of_the_one_that_was_named_it_is_raised(two: Any) -> None:
    held = FileBackend(two.world, two.home).open("alpha.dev", store.holder(two.world, "dpn apply"))
    with pytest.raises(LockedError):
        api.recover(api.Options(stack="alpha.dev", plugins=(MemoryPlugin(two.cloud),)), two.world)
    held.close()


def test_an_address_is_skipped_in_the_stack_that_has_it(two: Any) -> None:
    found = everywhere(two, skip=["mem_box.beta"])
    assert {key: one.outcome for key, one in found.items()} == {"alpha.dev": "rolled_back", "beta.dev": "rolled_back"}
    assert two.cloud.names() == ["mem_box the-beta"]


def test_a_damaged_stack_hides_no_other_ones_addresses(two: Any) -> None:
    damaged = two.home / "stacks" / "alpha.dev" / "journal"
    damaged.write_bytes(b"x" + damaged.read_bytes()[1:])
    found = everywhere(two, skip=["mem_box.beta"])
    assert (found["alpha.dev"].exit_code, found["beta.dev"].outcome) == (6, "rolled_back")
    with pytest.raises(InputError, match=r"Not in an open run: mem_box\.beta"):
        everywhere(two, skip=["mem_box.beta"])


# what is decided -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("decision", [{"accept": True}, {"skip": ["mem_box.alpha"]}])
def test_what_a_person_decides_is_not_recorded_if_nothing_can_be_settled(two: Any, decision: dict[str, Any]) -> None:
    before, two.cloud.account = journal(two, "alpha.dev"), "another"
    options = api.Options(stack="alpha.dev", plugins=(MemoryPlugin(two.cloud),))
    with pytest.raises(InDoubtError, match="the credentials now lead to another"):
        api.recover(options, two.world, **decision)
    assert journal(two, "alpha.dev") == before
    two.cloud.account = "memory"
    assert everywhere(two)["alpha.dev"].outcome == "rolled_back"
    assert two.cloud.names() == []


# where ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def elsewhere(lab: Any) -> Any:
    """Give a run that is open in the place that the blueprint chooses."""
    interrupted(lab, "lake", state={"backend": "file", "path": "team"})
    return lab


def options(lab: Any, **more: Any) -> api.Options:
    return api.Options(plugins=(MemoryPlugin(lab.cloud),), **more)


@pytest.mark.parametrize("named", [{}, {"environment": "dev"}, {"stack": "lake.dev"}, {"file": Path("blueprint.json")}])
def test_the_blueprint_that_lies_here_says_where(elsewhere: Any, named: dict[str, Any]) -> None:
    found = api.recover(options(elsewhere, **named), elsewhere.world)
    assert {key: getattr(one, "outcome", one) for key, one in found.items()} == {"lake.dev": "rolled_back"}
    assert not elsewhere.home.exists()


def test_what_is_not_there_is_told_with_the_place(elsewhere: Any) -> None:
    with pytest.raises(InputError, match=r"There is no stack lake\.prd in .*/team\.$") as told:
        api.recover(options(elsewhere, stack="lake.prd"), elsewhere.world)
    assert told.value.hint == "There are: lake.dev"


def test_the_environment_of_the_key_counts(lab: Any) -> None:
    overlay = {"environments": {"prd": {"state": {"path": "production"}}}}
    state = {"state": {"backend": "file", "path": "team"}}
    for environment, place in (("dev", "team"), ("prd", "production")):
        interrupted(lab, "lake", environment, **state, **overlay)
        assert (lab.root / place / "stacks" / f"lake.{environment}" / "journal").exists()
        found = api.recover(options(lab, stack=f"lake.{environment}"), lab.world)
        assert [getattr(one, "outcome", one) for one in found.values()] == ["rolled_back"]


def test_every_command_on_a_stack_by_its_key_looks_there(elsewhere: Any) -> None:
    api.recover(options(elsewhere), elsewhere.world)
    assert elsewhere.outcome() == "done"
    by_key = options(elsewhere, stack="lake.dev")
    assert list(api.records(by_key, elsewhere.world)[0]) == ["mem_box.lake"]
    assert [row["outcome"] for row in api.history(by_key, elsewhere.world)] == ["rolled_back", "done"]
    assert api.stacks(options(elsewhere), elsewhere.world) == ["lake.dev"]
    assert [one.address for one in api.read(by_key, world=elsewhere.world)[0]] == ["mem_box.lake"]
    state = elsewhere.root / "lake.json"
    state.write_bytes(api.pull(by_key, elsewhere.world))
    assert api.push(by_key, state, elsewhere.world).same
    assert any(one.subject == "stack lake.dev" for one in api.doctor(options(elsewhere), elsewhere.world))
    assert api.delete(by_key, world=elsewhere.world).result
    assert not elsewhere.home.exists()


def test_a_blueprint_that_is_wrong_in_all_else_says_where(elsewhere: Any) -> None:
    path = elsewhere.root / "blueprint.json"
    path.write_text(path.read_text().replace('"mem_box"', '"no kind"').replace('"lake"', '"No Stack"'))
    found = api.recover(options(elsewhere, stack="lake.dev"), elsewhere.world)
    assert list(found) == ["lake.dev"]


@pytest.mark.parametrize(("old", "new"), [('"file"', '"file'), ('{"backend": "file", "path": "team"}', '"team"')])
def test_a_blueprint_that_does_not_say_where_is_not_passed_over(elsewhere: Any, old: str, new: str) -> None:
    path = elsewhere.root / "blueprint.json"
    path.write_text(path.read_text().replace(old, new))
    for use in (api.recover, api.unlock):
        with pytest.raises(InputError, match=r"blueprint\.json|where its state is"):
            use(options(elsewhere, stack="lake.dev"), elsewhere.world)
