"""What `dpn doctor` finds in a home."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dpn import api
from dpn.errors import DamagedError, RefusedError


def found(lab: Any, **more: Any) -> list[api.Finding]:
    return [finding for finding in api.doctor(lab.options(file=None, **more), lab.world) if finding.code]


def test_a_sound_home_has_no_findings(lab: Any) -> None:
    lab.outcome(lab.thing("mem_box.a", size=1))
    assert found(lab) == []


@pytest.mark.parametrize(
    ("name", "mode", "proper"),
    [("state.json", 0o644, "600"), ("lock", 0o604, "600"), ("history", 0o755, "700"), ("../../stacks", 0o711, "700")],
)
def test_wrong_modes_are_found(lab: Any, name: str, mode: int, proper: str) -> None:
    lab.outcome(lab.thing("mem_box.a", size=1))
    path = (lab.home / "stacks" / "lab.dev" / name).resolve()
    path.chmod(mode)
    (finding,) = found(lab)
    assert f"{path} has mode {mode:04o}" in finding.message
    assert finding.hint == f'Close it: chmod {proper} "{path}"'
    assert finding.code == RefusedError.exit_code


def test_a_folder_of_stacks_that_others_can_write_to_is_found(lab: Any) -> None:
    lab.outcome(lab.thing("mem_box.a", size=1))
    (lab.home / "stacks").chmod(0o777)
    (finding,) = found(lab)
    assert "Others can write" in finding.message
    with pytest.raises(RefusedError, match="Others can write"):
        lab.plan()


def test_a_folder_in_the_place_of_the_state_is_found_once(lab: Any) -> None:
    lab.outcome(lab.thing("mem_box.a", size=1))
    state = lab.home / "stacks" / "lab.dev" / "state.json"
    state.unlink()
    state.mkdir(mode=0o700)
    (finding,) = found(lab)
    assert finding.code == DamagedError.exit_code


@pytest.mark.parametrize("sandbox", [False, True])
def test_a_home_that_is_a_file_is_found(lab: Any, sandbox: bool) -> None:
    lab.home.write_text("")
    (finding,) = found(lab, sandbox=sandbox)
    assert (finding.subject, finding.code) == ("home", RefusedError.exit_code)
    assert "is not a folder" in finding.message


def _shared(home: Path) -> None:
    home.mkdir()
    home.chmod(0o777)


def _linked(home: Path) -> None:
    (home.parent / "real").mkdir(mode=0o700)
    home.symlink_to(home.parent / "real")


def _below(home: Path) -> None:
    home.write_text("")


@pytest.mark.parametrize("spoil", [_shared, _linked, _below])
@pytest.mark.parametrize("sandbox", [False, True])
def test_a_home_that_is_not_to_be_trusted_is_refused_with_and_without_the_sandbox(
    lab: Any, spoil: Any, sandbox: bool
) -> None:
    spoil(lab.home)
    with pytest.raises(RefusedError, match=str(lab.home)):
        lab.apply(lab.thing("mem_box.a", size=1), sandbox=sandbox)
    assert not (lab.home / "sandbox").exists()
    assert lab.cloud.objects == {}


@pytest.mark.parametrize("spoil", [_shared, _linked, _below])
@pytest.mark.parametrize("act", ["sandbox_start", "sandbox_stop", "sandbox_env", "sandbox_reset"])
def test_the_sandbox_does_not_start_in_a_home_that_is_not_to_be_trusted(lab: Any, spoil: Any, act: str) -> None:
    spoil(lab.home)
    with pytest.raises(RefusedError, match=str(lab.home)):
        getattr(api, act)(lab.world)
    assert not (lab.home / "sandbox").exists()


@pytest.mark.parametrize("sandbox", [False, True])
def test_a_home_that_cannot_be_made_is_refused(lab: Any, monkeypatch: pytest.MonkeyPatch, sandbox: bool) -> None:
    def refuse(folder: Path) -> None:
        raise FileNotFoundError(2, "No such file or directory", str(folder))

    monkeypatch.setattr(lab.disk, "make_folder", refuse)
    with pytest.raises(RefusedError, match=f"The home {lab.home}.* cannot be made: No such file") as told:
        lab.apply(lab.thing("mem_box.a", size=1), sandbox=sandbox)
    assert "DPN_HOME" in told.value.hint


def test_the_home_of_the_sandbox_is_refused_when_it_is_a_link(lab: Any) -> None:
    lab.home.mkdir(mode=0o700)
    (lab.home / "sandbox").symlink_to(lab.root)
    with pytest.raises(RefusedError, match="sandbox is a symbolic link"):
        api.sandbox_start(lab.world)
