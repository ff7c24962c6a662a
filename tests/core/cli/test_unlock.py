"""Commands on a stack that a team shares, and taking it from a holder that is gone."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from dpn import hookimpl, store
from dpn.errors import LockedError
from dpn.extensions import BackendType, Ledger
from dpn.store.file import FileBackend
from dpn.store.remote.backend import ObjectBackend
from dpn.testing import MemoryObjects
from dpn.world import World


class Team:
    """A plugin with a state backend in memory."""

    def __init__(self) -> None:
        self.objects = MemoryObjects()

    @hookimpl
    def dpn_backends(self) -> Iterable[BackendType]:
        yield BackendType("team", objects=lambda world, settings: self.objects)


@pytest.fixture
def team(shell: Any) -> Team:
    team = Team()
    shell.plugins = (team,)
    (shell.root / "home").mkdir(mode=0o700)
    (shell.root / "home" / "config.yaml").write_text("state: {backend: team, lease: 90}\n")
    shell.boxes("a")
    return team


@pytest.fixture
def other(team: Team, shell: Any) -> Ledger:
    """Hold the stack as another machine does."""
    assert shell("apply", "--yes").code == 0
    world = World(env={"USER": "bob"})
    return ObjectBackend(world, team.objects, 90, lambda _: None).open("lab.dev", store.holder(world, "dpn apply"))


def test_commands_work_on_a_stack_of_a_team(team: Team, shell: Any) -> None:
    assert shell("plan", "--detailed-exitcode").code == 2
    assert shell("apply", "--yes").code == 0
    assert shell("plan", "--detailed-exitcode").code == 0
    assert [row["address"] for row in shell("state", "list", "--json").json] == ["mem_box.a"]
    assert len(shell("state", "history", "--json").json) == 1
    assert shell("read", "--stack", "lab.dev").code == 0
    assert not (shell.root / "home" / "stacks").exists()
    done = shell("doctor")
    assert "stack lab.dev: 1 records, serial 1" in done.out
    assert "which has let it go: `dpn apply`" in done.out
    assert shell("delete", "--yes").code == 0
    assert shell.cloud.objects == {}


def test_the_blueprint_may_choose_the_backend(team: Team, shell: Any) -> None:
    (shell.root / "home" / "config.yaml").unlink()
    shell.write({"mem_box": {"a": {"naming": {"purpose": "a"}}}}, state={"backend": "team", "lease": 30})
    assert shell("apply", "--yes").code == 0
    assert "stacks/lab.dev/state.json" in team.objects.objects


@pytest.mark.parametrize("lease", ["true", "0", "-1", "soon", ".nan"])
def test_a_lease_that_is_none_is_refused(team: Team, shell: Any, lease: str) -> None:
    (shell.root / "home" / "config.yaml").write_text(f"state: {{backend: team, lease: {lease}}}\n")
    done = shell("plan")
    assert done.code == 64
    assert "lease" in done.err


def test_a_stack_that_is_held_says_how_long_it_may_be(other: Ledger, shell: Any) -> None:
    done = shell("delete", "--yes")
    assert done.code == 5
    assert "The stack lab.dev is held by process" in done.err
    assert "its lease runs out in 90 s, so --lock-timeout 91 is enough; at once: dpn unlock --stack lab.dev" in done.err
    assert "which has not let it go; last sign of life" in shell("doctor").out


def test_a_stack_is_taken_from_its_holder(team: Team, other: Ledger, shell: Any) -> None:
    assert shell("unlock", typed="no\n").code == 3
    assert shell("unlock").code == 64  # nobody is there to ask
    done = shell("unlock", typed="yes\n")
    assert done.code == 0
    assert "it stops at its next write" in done.out + done.err
    assert "can write nothing more" in done.out
    with pytest.raises(LockedError, match="was taken over by process"):
        other.begin({}, 0)
    assert shell("unlock").out == "Nobody holds lab.dev.\n"
    assert shell("unlock", "--stack", "lab.dev", "--json").json == {
        "format_version": "1", "stack": "lab.dev", "unlocked": False,
    }  # fmt: skip
    assert shell("delete", "--yes").code == 0


def test_who_took_it_after_the_question_keeps_it(
    team: Team, other: Ledger, shell: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(env={"USER": "eve"})
    later: list[Ledger] = []

    def slow(*_: Any) -> None:
        other.close()
        again = ObjectBackend(world, team.objects, 90, lambda _: None)
        later.append(again.open("lab.dev", store.holder(world, "dpn delete")))

    monkeypatch.setattr("dpn.cli.session.Session.confirm", slow)
    done = shell("unlock")
    assert (done.code, "user eve" in done.err, "once more" in done.err) == (3, True, True)
    later[0].begin({}, 0)
    monkeypatch.setattr("dpn.cli.session.Session.confirm", lambda *_: later[0].close())
    assert shell("unlock").out == "Nobody holds lab.dev.\n"


@pytest.mark.parametrize("words", [(), ("--stack", "lab.dev"), ("blueprint.json",)])
def test_the_blueprint_that_lies_here_says_where(team: Team, shell: Any, words: tuple[str, ...]) -> None:
    (shell.root / "home" / "config.yaml").unlink()
    shell.write({"mem_box": {"a": {"naming": {"purpose": "a"}}}}, state={"backend": "team", "lease": 30})
    world = World(env={"USER": "bob"})
    ObjectBackend(world, team.objects, 90, lambda _: None).open("lab.dev", store.holder(world, "dpn apply"))
    assert shell("unlock", *words, "--yes", "--json").json["unlocked"] is True


def test_the_store_is_let_go_by_every_command(team: Team, shell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[bool] = []
    monkeypatch.setattr(team.objects, "close", lambda: closed.append(True))
    assert shell("apply", "--yes").code == 0
    words: tuple[tuple[str, ...], ...] = (
        ("plan",), ("read",), ("recover",), ("unlock",), ("doctor",), ("state", "list"), ("state", "history"),
        ("state", "pull", "--out", "s.json"), ("state", "push", "s.json"), ("state", "mv", "mem_box.a", "mem_box.b"),
        ("state", "rm", "mem_box.b", "--yes"), ("state", "migrate", "--to", "file", "--set", "path=new"),
    )  # fmt: skip
    for one in words:
        closed.clear()
        assert shell(*one).code == 0, one
        assert closed, one


def test_a_stack_of_a_team_can_be_moved_away_and_back(team: Team, shell: Any) -> None:
    config = shell.root / "home" / "config.yaml"
    ours = config.read_text()
    assert shell("apply", "--yes").code == 0
    config.write_text(shell("state", "migrate", "--to", "file", "--set", "path=new").out)
    shell.boxes("a", "b")
    assert shell("apply", "--yes").code == 0
    config.write_text(ours)
    done = shell("apply", "--yes")
    assert (done.code, f"was moved to {shell.root / 'new'}" in done.err) == (3, True)
    same = shell("state", "migrate", "--to", "team", "--set", "lease=30", "--json")
    assert same.code == 3  # what is here was moved, and not to there
    config.write_text("state: {backend: file, path: new}\n")
    assert shell("state", "migrate", "--to", "team", "--set", "lease=90").code == 0
    assert "was moved to memory:" in shell("apply", "--yes").err
    config.write_text(ours)
    assert sorted(row["address"] for row in shell("state", "list", "--json").json) == ["mem_box.a", "mem_box.b"]
    assert shell("delete", "--yes").code == 0


def test_another_setting_is_no_other_place(team: Team, shell: Any) -> None:
    assert shell("apply", "--yes").code == 0
    done = shell("state", "migrate", "--to", "team", "--set", "lease=30", "--lock-timeout", "60")
    assert (done.code, "where the state is already" in done.err) == (64, True)
    assert shell("delete", "--yes").code == 0


def test_what_the_holder_had_begun_stays_open_until_it_is_settled(other: Ledger, shell: Any) -> None:
    other.begin({"command": "dpn apply", "providers": {}}, 0)
    other.append({"t": "abort", "failure": None})
    other.sync()
    assert shell("unlock", "--yes", "--json").json["unlocked"] is True
    assert shell("plan").code == 4
    assert shell("recover").code == 0
    assert shell("plan").code == 0


def test_a_stack_in_files_is_never_stale(shell: Any) -> None:
    shell.boxes("a")
    assert shell("unlock").out == "Nobody holds lab.dev.\n"
    assert shell("apply", "--yes").code == 0
    assert shell("unlock").out == "Nobody holds lab.dev.\n"
    world = World(env={"USER": "bob"})
    ledger = FileBackend(world, Path(shell.root / "home")).open("lab.dev", store.holder(world, "dpn apply"))
    done = shell("unlock", "--yes")
    assert done.code == 5
    assert "never before: kill " in done.err
    ledger.close()
    assert shell("unlock").out == "Nobody holds lab.dev.\n"
