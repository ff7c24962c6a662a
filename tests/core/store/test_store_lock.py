"""One holder at a time, who is named; generations only rise."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dpn.disk import RealDisk
from dpn.errors import LockedError, RefusedError
from dpn.extensions import Holder
from dpn.store import holder as describe
from dpn.store import journal, lock
from dpn.store.file import FileBackend
from dpn.world import World


def test_the_second_is_told_who_is_first(backend: FileBackend, holder: Holder, clock: Any) -> None:
    first = backend.open("lake.dev", holder)
    clock.sleep(125)
    with pytest.raises(LockedError) as told:
        backend.open("lake.dev", holder)
    assert told.value.message == (
        "The stack lake.dev is held by process 42 on box (user ada), which runs `dpn apply` "
        "since 2023-11-14 22:13:20 UTC, 2 min ago."
    )
    assert "--lock-timeout" in told.value.hint
    first.close()
    backend.open("lake.dev", holder).close()


@pytest.mark.parametrize("timeout", [0.0, -1.0, float("nan")])
def test_what_is_no_time_is_not_waited_for(backend: FileBackend, holder: Holder, clock: Any, timeout: float) -> None:
    first = backend.open("lake.dev", holder)
    before = clock.time
    with pytest.raises(LockedError):
        backend.open("lake.dev", holder, timeout)
    assert clock.time == before
    first.close()


@pytest.mark.parametrize(
    ("seconds", "told"), [(-5, "0 s ago"), (59.9, "59 s ago"), (7200, "2 h ago"), (200_000, "2 d ago")]
)
def test_how_long_ago_is_by_wall_time(
    backend: FileBackend, holder: Holder, clock: Any, seconds: float, told: str
) -> None:
    first = backend.open("lake.dev", holder)
    clock.time += seconds
    with pytest.raises(LockedError, match=told):
        backend.open("lake.dev", holder)
    first.close()


def test_waiting_ends_when_the_lock_is_free(make_world: Any, home: Path, holder: Holder, clock: Any) -> None:
    first = FileBackend(make_world(RealDisk()), home).open("lake.dev", holder)
    started = clock.time

    def sleep(seconds: float) -> None:
        clock.time += seconds
        if clock.time >= started + 3:
            first.close()

    world = World(env={}, cwd=home.parent, clock=clock, sleep=sleep)
    second = FileBackend(world, home).open("lake.dev", holder, timeout=10)
    assert started + 3 <= clock.time < started + 4
    second.close()


def test_waiting_has_an_end(backend: FileBackend, holder: Holder, clock: Any) -> None:
    first = backend.open("lake.dev", holder)
    started = clock.time
    with pytest.raises(LockedError):
        backend.open("lake.dev", holder, timeout=2.5)
    assert clock.time == pytest.approx(started + 2.5)
    first.close()


def test_generations_rise_with_each_holder(backend: FileBackend, holder: Holder) -> None:
    seen = []
    for number in range(4):
        ledger = backend.open("lake.dev", holder)
        seen.append(ledger.snapshot.generation)
        if number % 2:
            ledger.commit({})
        ledger.close()
    assert seen == [1, 2, 3, 4]


@pytest.mark.parametrize("content", [b"", b"torn", b"\0" * 80])
def test_a_damaged_lock_file_stops_nobody(backend: FileBackend, home: Path, holder: Holder, content: bytes) -> None:
    ledger = backend.open("lake.dev", holder)
    ledger.commit({})
    with pytest.raises(LockedError, match="process 42"):
        backend.open("lake.dev", holder)
    path = home / "stacks" / "lake.dev" / "lock"
    path.write_bytes(content)
    with pytest.raises(LockedError, match="by another process"):
        backend.open("lake.dev", holder)
    ledger.close()
    again = backend.open("lake.dev", holder)
    assert again.snapshot.generation == 2
    again.close()


def test_a_torn_claim_leaves_the_one_before(world: World, backend: FileBackend, home: Path, holder: Holder) -> None:
    for _ in range(3):
        backend.open("lake.dev", holder).close()
    path = home / "stacks" / "lake.dev" / "lock"
    assert lock.read_claim(world.disk, path) == lock.Claim(3, holder)
    content = path.read_bytes()
    assert content.count(b"\0") == 0
    path.write_bytes(content[:40] + bytes(100) + content[140:])
    assert lock.read_claim(world.disk, path) == lock.Claim(2, holder)


@pytest.mark.parametrize("text", ["x" * 5000, "\u0436" * 300, "\U0001f980" * 300, "\ud800" * 300, '"' * 300])
def test_a_holder_fits_its_slot_whatever_it_is_called(
    world: World, backend: FileBackend, home: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "uname", lambda: SimpleNamespace(nodename=text))
    world = replace(world, env={"LOGNAME": text})
    path = home / "stacks" / "lake.dev" / "lock"
    for generation in (1, 2, 3):
        ledger = backend.open("lake.dev", describe(world, text))
        ledger.commit({})
        assert ledger.snapshot.generation == generation
        ledger.close()
        found = lock.read_claim(world.disk, path)
        assert found
        assert found.holder
        assert text.startswith(found.holder.user)
        assert len(found.holder.user) >= 8
    assert path.stat().st_size == 2048


def test_a_holder_of_a_newer_dpn_is_unknown_and_its_generation_counts(
    world: World, backend: FileBackend, home: Path, holder: Holder
) -> None:
    backend.open("lake.dev", holder).close()
    path = home / "stacks" / "lake.dev" / "lock"
    path.write_bytes(path.read_bytes().ljust(1024) + journal.encode(7, {"pid": 1, "container": "x"}))
    assert lock.read_claim(world.disk, path) == lock.Claim(7, None)
    assert "another process" in lock.held(world, path, "lake.dev").message
    ledger = backend.open("lake.dev", holder)
    assert ledger.snapshot.generation == 8
    ledger.close()


@pytest.mark.parametrize("use", ["begin", "commit"])
def test_who_was_overtaken_writes_nothing(backend: FileBackend, home: Path, holder: Holder, use: str) -> None:
    files = home / "stacks" / "lake.dev"
    stale = backend.open("lake.dev", holder)
    stale.commit({})
    (files / "lock").unlink()  # what no dpn does; the kernel's lock stays on the removed file
    newer = backend.open("lake.dev", holder)
    newer.commit({})
    before = (files / "state.json").read_bytes()
    with pytest.raises(LockedError):
        stale.begin({}, 0) if use == "begin" else stale.commit({})
    assert (files / "state.json").read_bytes() == before
    assert not (files / "journal").exists()
    stale.close()
    newer.close()


def test_a_system_without_locks_refuses_in_plain_words(
    backend: FileBackend, disk: Any, holder: Holder, home: Path
) -> None:
    disk.fail["try_lock"] = errno.ENOLCK
    with pytest.raises(RefusedError, match="cannot lock") as told:
        backend.open("lake.dev", holder)
    assert "plan --offline work everywhere" in told.value.hint
    assert disk.count["close"] == 1


def test_a_system_without_flock_reads_and_refuses_to_write(
    backend: FileBackend, world: World, holder: Holder, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = backend.open("lake.dev", holder)
    ledger.commit({})
    ledger.close()
    home.chmod(0o777)  # which is what such a system tells of any folder
    before = sorted(home.rglob("*"))
    with monkeypatch.context() as patch:
        patch.delattr(os, "getuid")
        assert (describe(world, "x").user, describe(world, "x").host) == ("", "")
        assert backend.read("lake.dev").serial == 1
        with pytest.raises(RefusedError, match="cannot lock files") as told:
            backend.open("new.dev", holder)
    assert "plan --offline work everywhere" in told.value.hint
    assert sorted(home.rglob("*")) == before
