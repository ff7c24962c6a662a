"""`dpn name` and `dpn config`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dpn.documents import check, parse


def test_render_gives_the_name_alone(shell: Any) -> None:
    done = shell("name", "render", "mem_box", "purpose=lake", "project=acme")
    assert (done.code, done.out, done.err) == (0, "acme-lake-dev\n", "")
    assert shell("name", "render", "mem_box", "purpose=lake", "--json").json["name"] == "platform-lake-dev"


def test_render_says_what_is_missing(shell: Any) -> None:
    done = shell("name", "render", "mem_box")
    assert done.code == 64
    assert "purpose" in done.err


def test_render_answers_lines_and_goes_on_after_a_bad_one(shell: Any) -> None:
    lines = [
        {"kind": "mem_box", "values": {"purpose": "a"}}, {"kind": "mem_box"}, {"kind": 3}, [],
        {"kind": "mem_box", "values": {"purpose": 3}},
    ]  # fmt: skip
    asked = "\n".join([*map(json.dumps, lines), "no json", ""])
    done = shell("name", "render", "-", stdin=asked)
    answers = [json.loads(line) for line in done.out.splitlines()]
    assert done.code == 1
    assert answers[0] == {"name": "platform-a-dev"}
    assert [list(answer) for answer in answers[1:]] == [["error"]] * 5
    assert shell("name", "render", "-", stdin=json.dumps(lines[0])).code == 0


def test_check_has_the_fixed_shape(shell: Any) -> None:
    done = shell("name", "check", "mem_box", "good-name", "Bad_Name", "--json")
    assert done.code == 1
    good, bad = done.json
    assert good == {"name": "good-name", "valid": True, "problems": []}
    assert (bad["name"], bad["valid"]) == ("Bad_Name", False)
    assert all(problem.keys() == {"rule", "message"} for problem in bad["problems"])
    assert shell("name", "check", "mem_box", "good-name").out == "good-name: valid\n"


def test_check_reads_names_from_its_input(shell: Any) -> None:
    done = shell("name", "check", "mem_box", "-", stdin="one-name\nother-name\n")
    assert (done.code, done.out) == (0, "one-name: valid\nother-name: valid\n")
    evil = shell("name", "check", "mem_box", "\x1b[2Jx")
    assert evil.code == 1
    assert "\x1b" not in evil.out


@pytest.mark.parametrize("words", [("name", "render"), ("name", "check")])
def test_an_unknown_provider_is_named_with_the_install_command(shell: Any, words: tuple[str, ...]) -> None:
    done = shell(*words, "nowhere_thing", "a=b")
    assert done.code == 7
    assert "pip install dpn-nowhere" in done.err


def test_an_unknown_kind_is_told_with_those_that_are_known(shell: Any) -> None:
    done = shell("name", "render", "mem_bx", "purpose=a")
    assert done.code == 64
    assert "mem_box" in done.err


def test_init_writes_files_that_are_valid_and_never_overwrites_them(shell: Any) -> None:
    done = shell("config", "init", "--project", "acme", "--environments", "dev, prd", "--region", "north-1")
    assert done.code == 0
    assert (shell.root / ".dpn" / "naming-values.yaml").exists()
    assert shell("config", "validate").out == "Valid.\n"
    assert shell("name", "render", "mem_box", "purpose=lake").out == "acme-lake-dev\n"
    again = shell("config", "init", "--project", "other")
    assert again.code == 3
    assert "--force" in again.err
    assert shell("config", "init", "--project", "other", "--force").code == 0
    assert shell("name", "render", "mem_box", "purpose=lake").out == "other-lake-dev\n"


def test_init_asks_on_a_terminal_and_writes_to_the_home_on_demand(shell: Any) -> None:
    done = shell("config", "init", "--home", "--team", "core", typed="acme\n\nnorth-1\n\n\n")
    assert done.code == 0
    assert "Project" in done.err
    assert "Team" not in done.err
    text = (shell.root / "home" / "naming-values.yaml").read_text()
    for line in ("  project: acme\n", "  environment: dev\n", "  region: north-1\n", "  team: core\n", "  prd: {}\n"):
        assert line in text


def test_validate_points_at_what_is_wrong(shell: Any) -> None:
    (shell.root / ".dpn").mkdir()
    (shell.root / ".dpn" / "naming-values.yaml").write_text("defaults:\n  Project: x\n")
    done = shell("config", "validate", "--json")
    assert done.code == 64
    assert done.json["valid"] is False
    assert done.json["problems"][0]["place"]["line"] == 2
    assert ".dpn/naming-values.yaml:2:3" in done.err


def test_show_tells_which_value_wins_and_where_it_comes_from(shell: Any) -> None:
    (shell.root / ".dpn").mkdir()
    (shell.root / ".dpn" / "naming-values.yaml").write_text("defaults:\n  project: acme\n")
    plain = shell("config", "show", "mem_box").out.splitlines()
    assert plain[0].split() == ["VARIABLE", "VALUE"]
    assert plain[1].split() == ["project", "acme"]
    assert plain[-1] == "Pattern: {project}-{purpose}-{environment}"
    assert "purpose      (not set)" in plain
    assert "defaults.project (.dpn/naming-values.yaml:2:12)" in shell("config", "show", "mem_box", "--origin").out
    row = shell("config", "show", "mem_box", "--json").json["variables"][0]
    assert (row["variable"], row["value"], row["layer"]) == ("project", "acme", "defaults")


@pytest.mark.parametrize("name", ["naming-values", "naming-patterns"])
def test_the_schema_of_a_naming_file_judges_as_dpn_does(shell: Any, name: str) -> None:
    schema = shell("schema", "--of", name).json
    shell("config", "init", "--project", "acme", "--environments", "dev,prd")
    document = parse((shell.root / ".dpn" / f"{name}.yaml").read_text(), name, "yaml")
    assert check(document, schema) == []
    assert [problem.hint for problem in check(parse("{usee: x, defalts: {}}", name, "yaml"), schema)]


def test_show_takes_the_kind_in_both_spellings_or_none(shell: Any) -> None:
    first = shell("config", "show", "mem_box", "--environment", "prd", "--json")
    assert first.json["kind"] == "mem_box"
    assert first.json["pattern"]["text"] == "{project}-{purpose}-{environment}"
    assert shell("config", "show", "--resource-type", "mem_box", "--environment", "prd", "--json").out == first.out
    assert shell("config", "show", "mem_box", "--resource-type", "mem_box", "-e", "prd", "--json").out == first.out
    assert shell("config", "show", "mem_box", "--resource-type", "mem_shelf").code == 64
    done = shell("config", "show", "--origin")
    assert done.code == 0
    assert "project      platform   shipped with dpn: project" in done.out.splitlines()
    assert "Pattern" not in done.out


def test_show_tells_where_a_pattern_comes_from(shell: Any) -> None:
    (shell.root / "p.yaml").write_text('patterns:\n  mem_*: "{project}-{purpose}"\n')
    done = shell("config", "show", "mem_box", "--origin", "--patterns-config", "p.yaml")
    assert done.out.splitlines()[-1] == "Pattern: {project}-{purpose} (patterns.mem_*, p.yaml:2:10)"


def test_init_asks_for_the_kinds_last_and_writes_them_out(shell: Any) -> None:
    done = shell("config", "init", typed="acme\n\n\n\n\nmem_box, mem_sh*\n")
    assert done.code == 0
    assert "Kinds to write out" in done.err
    text = (shell.root / ".dpn" / "naming-patterns.yaml").read_text()
    assert '  mem_box: "{project}-{purpose}-{environment}"\n  mem_shelf: ' in text
    assert shell("config", "validate").code == 0


ANSWERS = {
    "--project": "acme", "--environments": "dev", "--region": "north-1", "--team": "t", "--cost-center": "c",
    "--kinds": "mem_box",
}  # fmt: skip


@pytest.mark.parametrize("flag", ANSWERS)
def test_every_prompt_of_init_has_a_flag(shell: Any, flag: str) -> None:
    given = [word for name, value in ANSWERS.items() if name != flag for word in (name, value)]
    asked = shell("config", "init", *given, typed="\n")
    assert asked.code == 0
    assert asked.err.count(":") - asked.err.count("Next:") == 1  # one question is left
    told = shell("config", "init", "--force", *given, flag, ANSWERS[flag], typed="")
    assert told.err == "Next: dpn config validate\n"


def test_validate_tells_headroom_and_what_is_left_to_blueprints(shell: Any) -> None:
    (shell.root / "p.yaml").write_text("validation: {required_variables: {mem_box: [team, project]}}\n")
    plain = shell("config", "validate", "--patterns-config", "p.yaml")
    assert plain.out == "Valid.\n"
    assert plain.err == "Required, and left to blueprints: team. For each kind: dpn config validate -v\n"
    assert shell("config", "validate").err == ""
    rows = [line.split() for line in shell("config", "validate", "-v").out.splitlines()]
    assert ["mem_box", "27", "purpose", "platform", "dev", "purpose"] in rows
    data = shell("config", "validate", "--json").json
    assert {"kind": "mem_box", "left": 27, "variables": ["purpose"], "with": ["platform", "dev"]} in data["headroom"]
    assert data["needs"]["mem_box"] == ["purpose"]
