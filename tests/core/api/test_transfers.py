"""What can go wrong while a state is moved: somebody else is faster, or the new place does not keep what it took."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dpn import api, hookimpl
from dpn.errors import DamagedError, InputError, LockedError, RefusedError
from dpn.extensions import BackendType, Holder, Ledger, Snapshot
from dpn.store.file import FileBackend
from dpn.store.state import State, decode, encode


@pytest.fixture
def made(lab: Any) -> Any:
    assert lab.outcome(lab.thing("mem_box.a")) == "done"
    return lab


def pulled(lab: Any, **change: Any) -> Path:
    """Pull the state into a file, changed and sealed anew."""
    path = Path("state.json")
    snapshot = decode(api.pull(lab.options(), lab.world), path).snapshot
    api.write_state(encode(State(replace(snapshot, **change))), path, lab.world)
    return path


def test_a_run_that_came_in_between_is_not_overwritten(made: Any) -> None:
    path = pulled(made, serial=5, records={})

    def slow(_: api.Transfer) -> None:
        assert made.outcome(made.thing("mem_box.a", size=2)) == "done"

    with pytest.raises(RefusedError, match="changed meanwhile"):
        api.push(made.options(), path, made.world, agree=slow)
    assert sorted(made.records()) == ["mem_box.a"]


def test_a_no_changes_nothing(made: Any) -> None:
    path = pulled(made, serial=5, records={})

    def no(_: api.Transfer) -> None:
        raise RefusedError("no")

    with pytest.raises(RefusedError, match=r"^no$"):
        api.push(made.options(), path, made.world, agree=no)
    assert sorted(made.records()) == ["mem_box.a"]


def test_a_stack_that_somebody_holds_is_not_pushed_to(made: Any) -> None:
    path = pulled(made, serial=5, records={})
    held = FileBackend(made.world, made.home).open("lab.dev", Holder(1, "box", "ada", "dpn apply", 0.0))
    with pytest.raises(LockedError):
        api.push(made.options(), path, made.world)
    held.close()


def test_a_stack_without_a_state_has_nothing_to_pull(lab: Any) -> None:
    lab.cloud.fault = lambda kind, method, name: "refuse" if method == "create" else None
    assert lab.outcome(lab.thing("mem_box.a")) == "rolled_back"
    options = lab.options(file=None, stack="lab.dev")
    with pytest.raises(InputError, match="no state yet"):
        api.pull(options, lab.world)


class Forgetful(FileBackend):
    """Takes everything and shows nothing of it."""

    def read(self, stack: str) -> Snapshot:
        return Snapshot(stack, "", 0, 0, {})

    def open(self, stack: str, holder: Holder, timeout: float = 0) -> Ledger:
        return super().open(stack, holder, timeout)


class Team:
    """A plugin with the backend `forgetful`."""

    @hookimpl
    def dpn_backends(self) -> list[BackendType]:
        return [BackendType("forgetful", lambda world, settings: Forgetful(world, world.cwd / settings["path"]))]


def test_what_is_not_read_back_as_it_was_written_is_told(made: Any) -> None:
    made.objects.append(Team())
    before = made.records()
    with pytest.raises(DamagedError, match="not what was written"):
        api.migrate(made.options(file=None), "forgetful", {"path": "new"}, made.world)
    assert made.records() == before
