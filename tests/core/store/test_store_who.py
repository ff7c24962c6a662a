"""Who holds a stack: what this process says of itself, and what can be said of another one from here."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dpn import codec
from dpn.disk import RealDisk
from dpn.extensions import Holder
from dpn.store import alive, described, who
from dpn.store import holder as describe
from dpn.world import World


def test_a_holder_is_this_process(world: World) -> None:
    found = describe(world, "dpn apply")
    stat = Path("/proc/self/stat").read_text()
    assert (found.pid, found.host, found.user) == (os.getpid(), os.uname().nodename, "ada")
    assert found.boot == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    assert found.started == stat.rpartition(")")[2].split()[19]
    assert found.space == str(Path("/proc/self/ns/pid").readlink())
    assert (found.since, found.command) == (world.clock.now(), "dpn apply")
    assert found.nonce != describe(world, "dpn apply").nonce


def test_a_process_is_alive_while_it_is_the_same_one_on_the_same_boot(world: World) -> None:
    this = describe(world, "dpn apply")
    assert alive(world, this)
    for other in (
        replace(this, boot="another boot"), replace(this, started="1"), replace(this, started=""),
        replace(this, pid=2**22 + 1), replace(this, space="pid:[1]"),
    ):  # fmt: skip
        assert not alive(world, other)


def test_a_process_is_gone_only_when_that_can_be_seen(world: World) -> None:
    this = describe(world, "dpn apply")
    for ended in (replace(this, started="1"), replace(this, pid=2**22)):
        assert who.gone(world, ended)
        for elsewhere in (
            replace(ended, boot="another boot"), replace(ended, host="another"), replace(ended, space="pid:[1]"),
            replace(ended, space=""), replace(ended, started=""),
        ):  # fmt: skip
            assert not who.gone(world, elsewhere)
    assert not who.gone(world, this)


class Hidden(RealDisk):
    """A machine that shows nobody the processes of others: /proc with hidepid=2."""

    def read(self, path: Path) -> bytes:
        if path.match("/proc/[0-9]*/stat"):
            raise FileNotFoundError(path)
        return super().read(path)


def test_a_process_that_is_hidden_from_us_runs(make_world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    world = make_world(Hidden())
    this = describe(world, "dpn apply")
    assert this.started

    def refuse(_pid: int, _signal: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", refuse)
    assert not who.gone(world, this)
    assert alive(world, this)


def test_a_system_without_namespaces_has_none_to_tell(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(who, "_SPACE", Path("/proc/self/ns/none"))
    found = describe(world, "dpn apply")
    assert not found.space
    assert alive(world, found)


def test_a_system_that_tells_less_is_no_obstacle(make_world: Any) -> None:
    class Elsewhere(RealDisk):
        def read(self, path: Path) -> bytes:
            raise PermissionError(path)

    found = describe(World(env={}, disk=Elsewhere()), "x")
    assert (found.boot, found.started, found.user) == ("", "", f"uid {os.getuid()}")


def test_an_endless_command_is_cut(world: World) -> None:
    assert len(describe(world, "dpn delete " + "x" * 5000).command) == 200


@pytest.mark.parametrize(
    "change",
    [
        {"since": 1e300}, {"since": float("nan")}, {"since": float("inf")}, {"since": -1}, {"since": "x"}, {"pid": 0},
        {"pid": -1}, {"pid": True}, {"pid": 2**60}, {"pid": "1"}, {"host": None}, {"user": 7}, {"command": ["x"]},
        {"planet": "mars"}, {"boot": {}},
    ],
    ids=str,
)  # fmt: skip
def test_a_holder_that_cannot_be_shown_is_unknown(world: World, holder: Holder, change: dict[str, Any]) -> None:
    data = codec.dump(holder)
    assert who.load(data) == holder
    assert who.load({**data, **change}) is None


@pytest.mark.parametrize("data", [None, 3, "x", [], {}])
def test_what_is_no_holder_is_unknown(world: World, data: Any) -> None:
    assert who.load(data) is None
    assert described(world, who.load(data)) == described(world, who.UNKNOWN) == "another process"
