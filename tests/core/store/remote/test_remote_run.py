"""A whole run on a team's stack, which another one takes over in its middle: what that one settles stays so."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from dpn import api, hookimpl
from dpn.errors import LockedError
from dpn.extensions import BackendType
from dpn.testing import MemoryObjects
from dpn.world import RealClock


class Team:
    """The plugin of a backend whose objects are in memory."""

    def __init__(self) -> None:
        self.objects = MemoryObjects()

    @hookimpl
    def dpn_backends(self) -> Iterable[BackendType]:
        yield BackendType("mem", objects=lambda _world, _settings: self.objects)


class NoJitter(random.SystemRandom):
    """Draws the shortest of all pauses."""

    def random(self) -> float:
        return 0.0


@pytest.fixture
def shared(lab: Any) -> Any:
    lab.home.mkdir(mode=0o700)
    (lab.home / "config.yaml").write_text("state: {backend: mem}\n", "utf-8")
    lab.objects.append(Team())
    return lab


@pytest.mark.parametrize("method", ["delete", "create", "put"])
@pytest.mark.parametrize("fault", ["throttle", "drop"])
def test_a_call_is_not_sent_again_by_a_run_that_was_overtaken_in_the_pause(
    shared: Any, method: str, fault: str
) -> None:
    if method == "create":
        shared.write(shared.thing("mem_box.a", size=2))
    else:
        assert shared.outcome(shared.thing("mem_box.a", size=1)) == "done"
        shared.write(shared.thing("mem_box.a", size=2))
    settled: list[Any] = []

    def once(_kind: str, called: str, _name: str) -> str | None:
        if called != method or settled:
            return None
        shared.no_faults()
        api.unlock(shared.options(), shared.world)
        assert shared.recover().outcome == "rolled_back"
        settled.append((shared.standing(), len(shared.called("create", "put", "delete"))))
        return fault

    shared.cloud.fault = once
    world = replace(shared.world, clock=RealClock(), rng=NoJitter())
    carry_out = api.delete if method == "delete" else api.apply
    with pytest.raises(LockedError, match="was taken over by process"):
        carry_out(shared.options(), world=world)
    ((standing, calls),) = settled
    assert shared.standing() == standing
    assert len(shared.called("create", "put", "delete")) == calls
