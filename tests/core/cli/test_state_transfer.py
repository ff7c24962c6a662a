"""`dpn state pull`, `push` and `migrate`, between two homes of files."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dpn.extensions import Snapshot
from dpn.store.state import State, decode, encode


@pytest.fixture
def made(shell: Any) -> Any:
    """Give a shell with one stack of two boxes."""
    shell.boxes("a", "b")
    assert shell("apply", "--yes").code == 0
    return shell


def state_of(shell: Any, home: str = "home") -> Snapshot:
    path = shell.root / home / "stacks" / "lab.dev" / "state.json"
    return decode(path.read_bytes(), path).snapshot


def pulled(shell: Any, name: str = "state.json") -> Snapshot:
    assert shell("state", "pull", "--out", name).code == 0
    return decode((shell.root / name).read_bytes(), shell.root / name).snapshot


def rewrite(shell: Any, name: str = "state.json", **change: Any) -> None:
    """Write a pulled state once more, changed and sealed anew."""
    path = shell.root / name
    path.write_bytes(encode(State(replace(decode(path.read_bytes(), path).snapshot, **change))))


def opened(shell: Any) -> None:
    """Leave a run open."""
    shell.boxes("a", "b", "c")
    shell.cloud.fault = lambda kind, method, name: "refuse" if method in ("put", "delete") else None
    assert shell("apply", "--yes").code == 4
    shell.cloud.fault = lambda *_: None


# pull ---------------------------------------------------------------------------------------------------------------


def test_what_is_pulled_is_the_committed_state_and_private(made: Any) -> None:
    printed = made("state", "pull")
    assert (printed.code, printed.err) == (0, "")
    snapshot = pulled(made)
    assert (made.root / "state.json").read_text() == printed.out
    assert (made.root / "state.json").stat().st_mode & 0o777 == 0o600
    assert snapshot == state_of(made)
    assert printed.json["serial"] == 1


def test_nothing_is_pulled_while_a_run_is_open(made: Any) -> None:
    opened(made)
    done = made("state", "pull", "--out", "state.json")
    assert (done.code, done.out) == (4, "")
    assert "dpn recover --stack lab.dev" in done.err
    assert not (made.root / "state.json").exists()


def test_a_file_that_cannot_be_written_is_told(made: Any) -> None:
    done = made("state", "pull", "--out", "nowhere/state.json")
    assert (done.code, "nowhere/state.json" in done.err, "--out FILE" in done.err) == (1, True, True)


def test_the_former_copy_stays_when_there_is_no_room(made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pulled(made)
    before = (made.root / "state.json").read_bytes()

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("dpn.disk.RealDisk.sync", full)
    for words in (("state", "pull", "--out", "state.json"), ("plan", "--out", "state.json")):
        done = made(*words)
        assert (done.code, "No space" in done.err, "--out FILE" in done.err) == (1, True, True)
    assert (made.root / "state.json").read_bytes() == before


# push ---------------------------------------------------------------------------------------------------------------


def test_a_state_goes_into_another_home(made: Any) -> None:
    before = pulled(made)
    (made.root / "blueprint.json").unlink()
    made.env["DPN_HOME"] = str(made.root / "other")
    done = made("state", "push", "state.json", "--yes")
    assert (done.code, done.out) == (0, "The state of lab.dev is that of state.json, serial 1.\n")
    assert done.err.splitlines() == ["  + mem_box.a", "  + mem_box.b"]
    there = state_of(made, "other")
    assert (there.lineage, there.serial, there.records) == (before.lineage, 1, before.records)
    made.boxes("a", "b")
    assert made("plan", "--detailed-exitcode").code == 0


def test_pushing_what_is_there_does_nothing(made: Any) -> None:
    pulled(made)
    done = made("state", "push", "state.json", "--json")
    assert (done.code, done.json["same"], done.json["serial"]) == (0, True, 1)
    assert state_of(made).serial == 1


def test_what_changes_is_shown_and_asked(made: Any) -> None:
    before = pulled(made)
    records = {key: record for key, record in before.records.items() if key == "mem_box.a"}
    rewrite(made, serial=2, records={"mem_box.a": replace(records["mem_box.a"], protect=True)})
    asked = made("state", "push", "state.json")
    assert (asked.code, "There is no terminal" in asked.err, "--yes" in asked.err) == (64, True, True)
    refused = made("state", "push", "state.json", typed="no\n")
    assert (refused.code, refused.err.splitlines()[:2]) == (3, ["  - mem_box.b", "  ~ mem_box.a"])
    assert state_of(made).serial == 1
    done = made("state", "push", "state.json", "--yes", "--json")
    assert (done.code, done.json["dropped"], done.json["changed"]) == (0, ["mem_box.b"], ["mem_box.a"])
    assert sorted(state_of(made).records) == ["mem_box.a"]
    assert state_of(made).serial == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"serial": 0}, "changes would be lost"),
        ({"serial": 1, "records": {}}, "both went on from one"),
        ({"lineage": "another"}, "one of them was begun anew"),
    ],
    ids=["older", "diverged", "lineage"],
)
def test_only_force_goes_back(made: Any, change: dict[str, Any], said: str) -> None:
    pulled(made)
    rewrite(made, **change)
    refused = made("state", "push", "state.json", "--yes")
    assert (refused.code, said in refused.err, "--force" in refused.err) == (3, True, True)
    assert (state_of(made).serial, len(state_of(made).records)) == (1, 2)
    assert made("state", "push", "state.json", "--yes", "--force").code == 0
    now = state_of(made)
    assert (now.serial, now.lineage) == (2, change.get("lineage", now.lineage))


def test_a_file_of_another_stack_is_refused_even_by_force(made: Any) -> None:
    pulled(made)
    rewrite(made, stack="other.dev", serial=9)
    done = made("state", "push", "state.json", "--yes", "--force")
    assert (done.code, "state of other.dev, not of lab.dev" in done.err) == (3, True)


def test_a_state_without_a_lineage_is_refused_even_by_force(made: Any) -> None:
    """A run on it would take one that the state does not have, and nobody could read either any more."""
    pulled(made)
    rewrite(made, lineage="", serial=0, records={})
    done = made("state", "push", "state.json", "--yes", "--force")
    assert (done.code, "no lineage" in done.err, "dpn state pull" in done.err) == (3, True, True)
    assert state_of(made).serial == 1


def test_what_is_replaced_can_be_kept(made: Any) -> None:
    pulled(made)
    rewrite(made, serial=2)
    done = made("state", "push", "state.json", "--yes")
    assert "To keep the one that is there: dpn state pull --stack lab.dev --out FILE" in done.err


def test_an_open_run_is_refused_even_by_force(made: Any) -> None:
    pulled(made)
    opened(made)
    done = made("state", "push", "state.json", "--yes", "--force")
    assert (done.code, "dpn recover" in done.err) == (3, True)


def test_a_damaged_file_and_one_that_is_newer_are_told_apart(made: Any) -> None:
    pulled(made)
    path = made.root / "state.json"
    sound = path.read_text()
    path.write_text(sound.replace('"serial": 1', '"serial": 7'))
    done = made("state", "push", "state.json", "--yes", "--force")
    assert (done.code, "checksum" in done.err, "dpn state pull" in done.err) == (6, True, True)
    path.write_text(sound.replace('"format": 1', '"format": 99'))
    assert made("state", "push", "state.json", "--yes", "--force").code == 7
    path.unlink()
    assert made("state", "push", "state.json", "--yes").code == 64
    assert state_of(made).serial == 1


# migrate ------------------------------------------------------------------------------------------------------------


def migrated(shell: Any, *more: str, path: str = "new") -> Any:
    return shell("state", "migrate", "--to", "file", "--set", f"path={path}", *more)


def several(shell: Any) -> None:
    shell.write({"mem_box": {"z": {"naming": {"purpose": "z"}}}}, "second.json", stack="second")
    assert shell("apply", "second.json", "--yes").code == 0


def test_all_stacks_are_copied_and_the_configuration_is_told(made: Any) -> None:
    several(made)
    done = migrated(made)
    assert (done.code, done.out) == (0, 'state:\n  backend: "file"\n  path: "new"\n')
    assert "lab.dev: copied, serial 1\nsecond.dev: copied, serial 1\n2 stacks in the new place.\n" in done.err
    assert "Nothing was deleted here" in done.err
    old, new = state_of(made), state_of(made, "new")
    assert (old.lineage, old.serial, old.records) == (new.lineage, new.serial, new.records)
    (made.root / "home" / "config.yaml").write_text(done.out)
    assert made("plan", "--detailed-exitcode").code == 0


def kept_here(shell: Any, *more: str) -> None:
    """Go on in the old place after all."""
    assert shell("recover", "--force", *more).code == 0


def test_it_can_be_repeated_and_brings_what_came_since(made: Any) -> None:
    assert migrated(made).code == 0
    first = state_of(made, "new")
    again = migrated(made, "--json").json
    assert [(one["stack"], one["same"]) for one in again["stacks"]] == [("lab.dev", True)]
    assert again["state"] == {"backend": "file", "path": "new"}
    assert state_of(made, "new") == replace(first, generation=state_of(made, "new").generation)
    kept_here(made)
    made.boxes("a", "b", "c")
    assert made("apply", "--yes").code == 0
    [later] = migrated(made, "--json").json["stacks"]
    assert (later["added"], later["same"], later["serial"]) == (["mem_box.c"], False, 2)
    assert state_of(made, "new").serial == 2


def test_one_stack_can_be_copied_alone(made: Any) -> None:
    several(made)
    assert [one["stack"] for one in migrated(made, "--stack", "second.dev", "--json").json["stacks"]] == ["second.dev"]
    assert not (made.root / "new" / "stacks" / "lab.dev").exists()
    assert migrated(made, "--stack", "third.dev").code == 64


def test_a_target_with_another_or_a_newer_state_is_refused_before_anything_is_copied(made: Any) -> None:
    several(made)
    assert migrated(made, "--stack", "second.dev").code == 0
    (made.root / "home" / "config.yaml").write_text('state: {backend: file, path: "new"}\n')
    made.write({"mem_box": {"y": {"naming": {"purpose": "y"}}}}, "second.json", stack="second")
    assert made("apply", "second.json", "--yes", "--allow-deletes", "1").code == 0
    (made.root / "home" / "config.yaml").unlink()
    kept_here(made, "--stack", "second.dev")
    done = migrated(made)
    assert (done.code, "second.dev" in done.err, "changes would be lost" in done.err) == (3, True, True)
    assert not (made.root / "new" / "stacks" / "lab.dev").exists()


def test_a_target_that_was_begun_by_itself_is_refused(made: Any) -> None:
    assert migrated(made).code == 0
    rewrite(made, "new/stacks/lab.dev/state.json", lineage="another")
    assert "was moved to" in migrated(made).err
    kept_here(made)
    done = migrated(made)
    assert (done.code, "another lineage" in done.err) == (3, True)
    assert state_of(made, "new").lineage == "another"


def test_an_open_run_is_not_copied(made: Any) -> None:
    opened(made)
    done = migrated(made)
    assert (done.code, "dpn recover --stack lab.dev" in done.err) == (4, True)
    assert not (made.root / "new").exists()


def test_what_was_moved_is_changed_in_the_new_place_only(made: Any) -> None:
    assert migrated(made).code == 0
    place = str(made.root / "new")
    made.boxes("a", "b", "c")
    writing = (
        ("apply", "--yes"), ("delete", "--yes"), ("recover",), ("recover", "--stack", "lab.dev"),
        ("state", "rm", "mem_box.a", "--yes"), ("state", "mv", "mem_box.a", "mem_box.z"), ("state", "pull"),
        ("state", "push", "home/stacks/lab.dev/state.json", "--force", "--yes"),
        ("state", "migrate", "--to", "file", "--set", "path=third"),
    )  # fmt: skip
    for words in writing:
        done = made(*words)
        assert (done.code, f"was moved to {place}" in done.err, "dpn recover --force" in done.err) == (3, True, True)
    for words in (("plan", "--out", "plan.json"), ("state", "list"), ("state", "history")):
        done = made(*words)
        assert (done.code, f"was moved to {place}" in done.err) == (4, True), words
    assert not (made.root / "plan.json").exists()
    assert f"moved to {place}" in made("doctor").out
    assert (state_of(made).serial, sorted(state_of(made).records)) == (1, ["mem_box.a", "mem_box.b"])
    (made.root / "home" / "config.yaml").write_text('state: {backend: file, path: "new"}\n')
    assert made("apply", "--yes").code == 0
    (made.root / "home" / "config.yaml").unlink()
    assert made("apply", "--yes").code == 3
    assert [one["same"] for one in migrated(made, "--json").json["stacks"]] == [True]
    assert state_of(made, "new").serial == 2


def test_a_plan_that_was_saved_before_the_move_is_refused(made: Any) -> None:
    made.boxes("a", "b", "c")
    assert made("plan", "--out", "plan.json").code == 0
    assert migrated(made).code == 0
    done = made("apply", "plan.json")
    assert (done.code, "was moved to" in done.err) == (3, True)


def test_a_stack_can_be_moved_back(made: Any) -> None:
    assert migrated(made).code == 0
    config = made.root / "home" / "config.yaml"
    config.write_text('state: {backend: file, path: "new"}\n')
    made.boxes("a", "b", "c")
    assert made("apply", "--yes").code == 0
    assert migrated(made, path="home").code == 0
    assert made("apply", "--yes").code == 3
    config.unlink()
    made.boxes("a", "c")
    assert made("apply", "--yes").code == 0
    assert sorted(state_of(made).records) == ["mem_box.a", "mem_box.c"]
    outcomes = [row["outcome"] for row in made("state", "history", "--json").json]
    assert outcomes == ["done", "moved back", "done"]


def test_who_goes_on_in_the_old_place_says_so(made: Any) -> None:
    assert migrated(made).code == 0
    done = made("recover", "--force")
    assert (done.code, done.out) == (0, "lab.dev: goes on here\n")
    made.boxes("a", "b", "c")
    assert made("apply", "--yes").code == 0


def test_a_copy_that_was_interrupted_before_its_mark_is_marked_by_the_next_run(made: Any) -> None:
    pulled(made)
    (made.root / "home" / "config.yaml").write_text('state: {backend: file, path: "new"}\n')
    assert made("state", "push", "state.json", "--yes").code == 0
    (made.root / "home" / "config.yaml").unlink()
    assert [one["same"] for one in migrated(made, "--json").json["stacks"]] == [True]
    assert made("delete", "--yes").code == 3


@pytest.mark.parametrize("path", ["home", "./home", "new/../home"])
def test_the_place_where_the_state_is_already_is_refused(made: Any, path: str) -> None:
    assert migrated(made, path=path).code == 64


@pytest.mark.parametrize("words", [("--to", "nothing"), ("--to", "file", "--set", "path=3")])
def test_a_backend_that_cannot_be_opened_is_told(made: Any, words: tuple[str, ...]) -> None:
    assert made("state", "migrate", *words).code in (7, 64)


def test_what_was_written_is_private_whatever_the_umask(made: Any) -> None:
    assert migrated(made).code == 0
    assert [path for path in (made.root / "new").rglob("*") if path.stat().st_mode & 0o077] == []
