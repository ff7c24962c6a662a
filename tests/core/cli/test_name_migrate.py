"""`dpn name migrate` on the command line: its table, its JSON, its codes; and a run of 500 that is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "helpers"))
from library import KeptCloud, LibraryPlugin

from dpn import api
from dpn.testing.memory import Cloud, MemoryPlugin
from dpn.world import World

RESOURCES: dict[str, Any] = {
    "mem_box": {"box": {"naming": {"purpose": "box"}, "spec": {}}},
    "mem_shelf": {"shelf": {"naming": {"purpose": "shelf"}, "spec": {"box": "${mem_box.box}"}}},
    "lib_case": {"case": {"naming": {"purpose": "case"}, "spec": {}}},
    "lib_page": {"page": {"naming": {"purpose": "page"}, "spec": {"case": "${lib_case.case}"}}},
}


def write(shell: Any, project: str, resources: Any = RESOURCES) -> None:
    shell.write(resources, metadata={"project": project, "environment": "dev"})


@pytest.fixture
def library(shell: Any) -> Any:
    """Give a shell with a stack that was made for the project `acme`, and is now for `onco`."""
    shell.plugins = (LibraryPlugin(shell.cloud),)
    write(shell, "acme")
    assert shell("apply", "--yes").code == 0
    write(shell, "onco")
    return shell


KEPT = "mem_box cannot be renamed; tags.project follows"


def test_the_table_says_what_becomes_of_each_name_and_changes_nothing(library: Any) -> None:
    done = library("name", "migrate", "--dry-run")
    assert done.code == 0
    assert done.out.splitlines() == [
        "Names of lab.dev",
        "",
        "WAVE  ADDRESS          NAME               NEW NAME        HOW     WHY",
        "1     lib_case.case    acme-case-dev   →  onco-case-dev   copy",
        f"1     mem_box.box      acme-box-dev       (onco-box-dev)  keep    {KEPT}",
        "2     lib_page.page    acme-page-dev   →  onco-page-dev   copy    goes with lib_case.case",
        "2     mem_shelf.shelf  acme-shelf-dev  →  onco-shelf-dev  rename",
        "",
        "To recreate one, empty, under its new name: dpn name migrate --replace 'mem_box.box'",
        "",
        "Names: 1 to rename, 2 to copy, 1 to update; 1 keeps its name.",
    ]
    assert done.err == "Next: dpn name migrate\n"
    assert "mem_shelf acme-shelf-dev" in library.cloud.names()


def test_it_says_what_it_did(library: Any) -> None:
    done = library("name", "migrate", "--yes")
    assert done.code == 0
    assert done.out.splitlines()[:6] == [
        "  → lib_case.case    acme-case-dev   →  onco-case-dev",
        f"  ~ mem_box.box      acme-box-dev       {KEPT}",
        "  → lib_page.page    acme-page-dev   →  onco-page-dev",
        "  → mem_shelf.shelf  acme-shelf-dev  →  onco-shelf-dev",
        "",
        "Done: 1 renamed, 2 copied, 1 updated; 1 keeps its name.",
    ]
    assert "NAME-KEPT" not in done.err
    assert library("plan", "--detailed-exitcode").code == 0


@pytest.mark.parametrize(("answer", "code"), [("yes\n", 0), ("no\n", 3)])
def test_a_person_is_asked(library: Any, answer: str, code: int) -> None:
    done = library("name", "migrate", typed=answer)
    assert done.code == code
    assert "Change these names? (yes/no)" in done.err
    assert ("mem_shelf onco-shelf-dev" in library.cloud.names()) == (code == 0)


def test_without_a_terminal_nobody_is_asked(library: Any) -> None:
    assert library("name", "migrate").code == 64


def test_with_nothing_to_change_it_says_so(library: Any) -> None:
    library("name", "migrate", "--yes")
    done = library("name", "migrate")
    assert done.code == 0
    assert done.out.splitlines()[-1] == "Names: none to change; 1 keeps its name."
    write(library, "onco", {"lib_case": RESOURCES["lib_case"], "mem_shelf": {}})
    library("apply", "--yes", "--allow-deletes", "9")
    done = library("name", "migrate")
    assert (done.code, done.out) == (0, "Names: none to change.\n")


def test_json_has_the_rows_before_and_after(library: Any) -> None:
    before = library("name", "migrate", "--dry-run", "--json").json
    assert before["format_version"] == "1"
    assert before["names"] == {"rename": 1, "copy": 2, "replace": 0, "update": 1, "keep": 1}
    assert (before["waves"], before["stack"], before["open"], before["problems"]) == (2, "lab.dev", False, [])
    assert before["rows"][3] == {
        "wave": 2, "address": "mem_shelf.shelf", "kind": "mem_shelf", "from": "acme-shelf-dev", "to": "onco-shelf-dev",
        "how": "rename", "why": "", "recreate": False,
    }  # fmt: skip
    after = library("name", "migrate", "--yes", "--json").json
    assert after["outcome"] == "done"
    assert after["rows"] == before["rows"]


def test_what_is_left_out_is_counted_in_one_line(library: Any) -> None:
    box = {
        "box": {**RESOURCES["mem_box"]["box"], "spec": {"size": 3}},
        "new": {"naming": {"purpose": "new"}, "spec": {}},
    }
    write(library, "onco", {**RESOURCES, "mem_box": box})
    done = library("name", "migrate", "--dry-run")
    assert done.err == "Left out: 1 to update, 1 to create. The whole plan: dpn plan\nNext: dpn name migrate\n"
    assert library("name", "migrate", "--yes").code == 0
    assert "mem_box onco-new-dev" not in library.cloud.names()


def test_replace_recreates_and_the_command_shows_how(library: Any) -> None:
    done = library("name", "migrate", "--yes", "--replace", "mem_box.box")
    assert done.code == 0
    assert "± mem_box.box" in done.out
    assert library.cloud.names() == [
        "lib_case onco-case-dev", "lib_page onco-page-dev", "mem_box onco-box-dev", "mem_shelf onco-shelf-dev",
    ]  # fmt: skip


def test_a_circle_is_refused_with_a_way_out(shell: Any) -> None:
    def shelves(one: str, two: str) -> dict[str, Any]:
        return {
            "mem_box": RESOURCES["mem_box"],
            "mem_shelf": {
                "a": {"name": one, "spec": {"box": "${mem_box.box}"}},
                "b": {"name": two, "spec": {"box": "${mem_box.box}"}},
            },
        }

    write(shell, "acme", shelves("one", "two"))
    shell("apply", "--yes")
    write(shell, "acme", shelves("two", "one"))
    done = shell("name", "migrate", "--dry-run")
    assert done.code == 3
    assert "NAME-CIRCLE" in done.err
    assert "third name" in done.err


def test_offline_goes_only_with_a_dry_run(library: Any) -> None:
    done = library("name", "migrate", "--offline")
    assert (done.code, "--dry-run" in done.err) == (64, True)
    calls = len(library.cloud.calls)
    assert library("name", "migrate", "--dry-run", "--offline").code == 0
    assert len(library.cloud.calls) == calls


# 500 resources, killed at 40 % ---------------------------------------------------------------------------------------

SHELVES, PAGES = 399, 99
MANY: dict[str, Any] = {
    "mem_box": RESOURCES["mem_box"],
    "lib_case": RESOURCES["lib_case"],
    "mem_shelf": {
        f"s{number}": {"naming": {"purpose": f"s{number}"}, "spec": {"box": "${mem_box.box}"}}
        for number in range(SHELVES)
    },
    "lib_page": {
        f"p{number}": {"naming": {"purpose": f"p{number}"}, "spec": {"case": "${lib_case.case}"}}
        for number in range(PAGES)
    },
}
PROGRAM = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from library import KeptCloud, LibraryPlugin
from dpn.cli import Session, main
from dpn.testing.memory import MemoryPlugin
cloud = KeptCloud(Path("cloud"))
sys.exit(main(sys.argv[2:], Session(None, (MemoryPlugin(cloud), LibraryPlugin(cloud)))))
"""


def run(folder: Path, *words: str, point: str = "") -> subprocess.CompletedProcess[str]:
    """Run the real command over a cloud that outlives it."""
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "DPN_HOME": str(folder / "home")}
    helpers = str(Path(__file__).parents[2] / "helpers")
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, helpers, *words], cwd=folder, capture_output=True, text=True, check=False,
        env=env | ({"DPN_FAILPOINT": point} if point else {}),
    )  # fmt: skip


def there(folder: Path) -> dict[str, str | None]:
    """Give the id of each name that there is."""
    return {seen.ref.name: seen.ref.id for seen in KeptCloud(folder / "cloud").objects.values()}


@pytest.mark.parametrize("point", ["rename.after@200:kill", "create.after@40:kill"])
def test_500_names_killed_at_40_percent_have_each_one_name_and_then_the_new_one(tmp_path: Path, point: str) -> None:
    head = {"version": "1", "stack": "many"}
    file = tmp_path / "blueprint.json"
    file.write_text(json.dumps({**head, "metadata": {"project": "acme", "environment": "dev"}, "resources": MANY}))
    assert run(tmp_path, "apply", "--yes").returncode == 0
    before = there(tmp_path)
    assert len(before) == 500
    file.write_text(json.dumps({**head, "metadata": {"project": "onco", "environment": "dev"}, "resources": MANY}))

    assert run(tmp_path, "name", "migrate", "--yes", point=point).returncode == -signal.SIGKILL
    killed = there(tmp_path)
    assert 0 < sum(name.startswith("onco-") for name in killed) < 499
    assert not {name.removeprefix("acme") for name in killed} & {name.removeprefix("onco") for name in killed}

    assert run(tmp_path, "recover").returncode == 0
    settled = there(tmp_path)
    assert settled.keys() == before.keys()
    assert {name: one for name, one in settled.items() if "-s" in name} == {
        name: one for name, one in before.items() if "-s" in name
    }
    assert {record.name: record.id for record in records(tmp_path)} == settled

    done = run(tmp_path, "name", "migrate", "--yes")
    assert done.returncode == 0, done.stderr
    after = there(tmp_path)
    assert after.keys() == {name if name == "acme-box-dev" else f"onco{name.removeprefix('acme')}" for name in before}
    assert all(after[f"onco-s{number}-dev"] == before[f"acme-s{number}-dev"] for number in range(SHELVES))
    assert {record.name: record.id for record in records(tmp_path)} == after
    assert run(tmp_path, "name", "migrate").stdout.splitlines()[-1] == "Names: none to change; 1 keeps its name."


def records(folder: Path) -> list[Any]:
    cloud = Cloud()
    options = api.Options(stack="many.dev", plugins=(MemoryPlugin(cloud), LibraryPlugin(cloud)))
    world = World(env={"DPN_HOME": str(folder / "home")}, cwd=folder)
    return list(api.records(options, world)[0].values())


def test_the_next_migrate_recovers_by_itself(tmp_path: Path) -> None:
    head = {"version": "1", "stack": "many"}
    file = tmp_path / "blueprint.json"
    file.write_text(json.dumps({**head, "metadata": {"project": "acme", "environment": "dev"}, "resources": RESOURCES}))
    assert run(tmp_path, "apply", "--yes").returncode == 0
    file.write_text(json.dumps({**head, "metadata": {"project": "onco", "environment": "dev"}, "resources": RESOURCES}))
    assert run(tmp_path, "name", "migrate", "--yes", point="create.after:kill").returncode == -signal.SIGKILL
    looked = run(tmp_path, "name", "migrate", "--dry-run")
    assert looked.returncode == 4, looked.stderr
    assert "dpn recover" in looked.stderr
    done = run(tmp_path, "name", "migrate", "--yes")
    assert done.returncode == 0, done.stderr
    assert "settled first" in done.stderr
    assert sorted(there(tmp_path)) == ["acme-box-dev", "onco-case-dev", "onco-page-dev", "onco-shelf-dev"]
