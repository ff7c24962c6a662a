"""read, state, doctor, plugins, schema: looking, and mending records."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML


@pytest.fixture
def made(shell: Any) -> Any:
    """Give a shell with a box and a shelf that exist."""
    box = {"naming": {"purpose": "b"}, "spec": {"size": 2}}
    shelf = {"naming": {"purpose": "s"}, "spec": {"box": "${mem_box.b}", "note": "a\x7f\u202eb"}}
    shell.write({"mem_box": {"b": box}, "mem_shelf": {"s": {**shelf, "spec": {**shelf["spec"], "note": "plain"}}}})
    assert shell("apply", "--yes").code == 0
    return shell


def test_read_has_the_fixed_shape(made: Any) -> None:
    rows = made("read", "--format", "json").json
    assert [row["address"] for row in rows] == ["mem_box.b", "mem_shelf.s"]
    assert all(row.keys() >= {"address", "kind", "name", "exists", "attributes"} for row in rows)
    assert rows[0]["attributes"]["size"] == 2
    assert made("read", "--json").json == rows


def test_read_tells_what_is_gone(made: Any) -> None:
    made.cloud.objects = {key: seen for key, seen in made.cloud.objects.items() if key[0] != "mem_shelf"}
    done = made("read", "mem_shelf.s", "--json")
    assert (done.code, done.json[0]["exists"], done.json[0]["attributes"]) == (0, False, {})
    assert made("read").out.splitlines()[-1].split() == ["mem_shelf.s", "acme-s-dev", "absent"]


@pytest.mark.parametrize(
    ("words", "addresses"),
    [(("--type", "mem_s*"), ["mem_shelf.s"]), (("mem_box.b",), ["mem_box.b"]), (("--id", "nope*"), [])],
)
def test_read_chooses(made: Any, words: tuple[str, ...], addresses: list[str]) -> None:
    assert [row["address"] for row in made("read", "--json", *words).json] == addresses


def test_read_as_yaml_and_in_full(made: Any) -> None:
    assert YAML(typ="safe").load(made("read", "--format", "yaml").out) == made("read", "--json").json
    assert "  size: 2\n" in made("read", "--verbose").out
    assert made("read", "--id", "nope").out == "No resources.\n"


def test_a_secret_is_never_read_back(shell: Any) -> None:
    shell.env["JOB"] = "canary-4711"
    shell.write({"mem_robot": {"r": {"naming": {"purpose": "r"}, "spec": {"job": "${env:JOB}"}}}})
    for words in (
        ("apply", "--yes"),
        ("read", "--json"),
        ("read", "-v"),
        ("plan", "-v"),
        ("state", "show", "mem_robot.r"),
    ):
        done = shell(*words)
        assert done.code == 0
        assert "canary" not in done.out + done.err
    assert shell("read", "--json").json[0]["attributes"]["job"] == "(sensitive)"


def test_an_unknown_address_is_told(made: Any) -> None:
    for words in (("read", "mem_box.x"), ("state", "show", "mem_box.x"), ("state", "rm", "-y", "mem_box.x")):
        done = made(*words)
        assert done.code == 64
        assert "Not in the state of lab.dev: mem_box.x" in done.err


def test_list_and_show(made: Any) -> None:
    rows = made("state", "list", "--json").json
    assert [row.keys() for row in rows] == [{"address", "kind", "name", "id", "status"}] * 2
    assert made("state", "list").out.splitlines()[1].split() == ["mem_box.b", "acme-b-dev", "ready"]
    assert made("state", "show", "mem_shelf.s", "--json").json["needs"] == ["mem_box.b"]
    shown = made("state", "show", "mem_shelf.s").out
    assert '    note: "plain"\n' in shown
    assert "  parent: mem_box.b\n" in shown


def test_history_lists_the_runs(made: Any) -> None:
    made("delete", "--yes")
    rows = made("state", "history", "--json").json
    assert [(row["command"], row["outcome"]) for row in rows] == [("dpn apply", "done"), ("dpn delete", "done")]
    assert "dpn delete" in made("state", "history").out


def test_mv_and_rm_change_records_and_nothing_else(made: Any) -> None:
    before = made.cloud.names()
    moved = made("state", "mv", "mem_box.b", "mem_box.c")
    assert (moved.code, moved.out) == (0, "mem_box.b is now mem_box.c.\n")
    assert made("state", "show", "mem_shelf.s", "--json").json["needs"] == ["mem_box.c"]
    assert made("state", "rm", "mem_shelf.s").code == 64
    assert made("state", "rm", "mem_shelf.s", typed="no\n").code == 3
    assert made("state", "rm", "mem_shelf.s", "--yes").out == "Forgotten: 1 resource.\n"
    assert [row["address"] for row in made("state", "list", "--json").json] == ["mem_box.c"]
    assert made.cloud.names() == before


def test_which_stack_is_asked_for_when_there_are_several(made: Any) -> None:
    assert made("apply", "--yes", "-e", "prd").code == 0
    (made.root / "blueprint.json").unlink()
    done = made("state", "list")
    assert done.code == 64
    assert "lab.dev, lab.prd" in done.err
    assert made("state", "list", "--stack", "lab.prd", "--json").json[0]["name"] == "acme-b-prd"


def test_a_stack_that_is_not_there_is_told_and_one_whose_runs_were_all_undone_is_there(shell: Any) -> None:
    assert "There is none." in shell("state", "list", "--stack", "lab.dev").err
    shell.boxes("alpha")
    shell.cloud.fault = lambda kind, method, name: "refuse" if method == "put" else None
    assert shell("apply", "--yes").code == 1
    assert shell("state", "history", "--stack", "lab.dev", "--json").json[0]["outcome"] == "rolled_back"
    assert shell("read", "--stack", "lab.dev").out == "No resources.\n"
    assert shell("state", "list", "--stack", "lab.prd").code == 64


def test_doctor_finds_all_well(made: Any) -> None:
    done = made("doctor")
    assert done.code == 0
    assert "✓ stack lab.dev: 2 records, serial 1" in done.out
    assert "which still runs: `dpn apply`" in done.out
    assert all(finding["code"] == 0 for finding in made("doctor", "--json").json["findings"])


def test_doctor_names_damage_with_the_way_to_restore_and_goes_on(made: Any) -> None:
    made("apply", "--yes", "-e", "prd")
    state = made.root / "home" / "stacks" / "lab.dev" / "state.json"
    state.write_bytes(state.read_bytes().replace(b"acme-b-dev", b"acme-X-dev"))
    done = made("doctor")
    assert done.code == 6
    assert "✗ stack lab.dev:" in done.out
    assert f'cp "{state}.backup" "{state}"' in done.out
    assert "✓ stack lab.prd: 2 records" in done.out
    assert "Traceback" not in done.err
    assert made("state", "list", "--stack", "lab.dev").code == 6


def test_doctor_names_a_damaged_journal_of_the_history(made: Any) -> None:
    (journal,) = (made.root / "home" / "stacks" / "lab.dev" / "history").iterdir()
    data = bytearray(journal.read_bytes())
    data[len(data) // 2] ^= 1
    journal.write_bytes(data)
    done = made("doctor")
    assert done.code == 6
    assert "damaged at byte" in done.out
    assert "last good record" in done.out


def test_doctor_looks_at_home_and_configuration(made: Any) -> None:
    (made.root / ".dpn").mkdir()
    (made.root / ".dpn" / "config.yaml").write_text("parallelsm: 3\n")
    assert made("doctor").code == 64
    (made.root / "home").chmod(0o777)
    done = made("doctor")
    assert "Others can write to the home" in done.out
    assert "chmod 700" in done.out
    (made.root / "home").chmod(0o700)


@pytest.mark.parametrize("what", ["plan", "result", "event", "receipt", "problem", "blueprint"])
def test_schemas_are_schemas(shell: Any, what: str) -> None:
    Draft202012Validator.check_schema(shell("schema", "--of", what).json)


def test_the_schema_of_blueprints_accepts_the_blueprint(made: Any) -> None:
    schema = made("schema", "--kind", "mem_box", "--kind", "mem_shelf").json
    blueprint = json.loads((made.root / "blueprint.json").read_text())
    Draft202012Validator(schema).validate(blueprint)
    blueprint["resources"]["mem_box"]["b"]["spec"]["siz"] = 1
    assert not Draft202012Validator(schema).is_valid(blueprint)


def test_validate_reports_without_a_cloud(made: Any) -> None:
    calls = len(made.cloud.calls)
    done = made("validate", "--json")
    assert done.json["valid"] is True
    assert done.json["resources"][0] == {"address": "mem_box.b", "kind": "mem_box", "name": "acme-b-dev"}
    assert made("validate").out == "Valid: 2 resources in lab.dev.\n"
    assert "mem_box.b    acme-b-dev" in made("validate", "--verbose").out
    made.write({"mem_box": {"b": {"naming": {}}}})
    bad = made("validate", "--json")
    assert (bad.code, bad.json["valid"]) == (64, False)
    assert "Not valid: 1 error." in made("validate").err
    assert len(made.cloud.calls) == calls
