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


def test_render_answers_lines_in_order_and_goes_on_after_a_bad_one(shell: Any) -> None:
    lines = [
        {"kind": "mem_box", "values": {"purpose": "a"}}, {"kind": "mem_box"}, {"kind": 3}, [],
        {"kind": "mem_box", "values": {"purpose": 3}}, {"kind": "mem_box", "values": {"purpose": ["a"]}},
        {"kind": "mem_box", "values": {"purpose": "a/b"}},
        {"kind": "mem_bxo", "values": {}}, {"kind": "nowhere_thing", "values": {}},
        {"kind": "mem_box", "values": {"purpose": "z", "environment": 3}},
        {"kind": "mem_box", "values": {"purpose": "b" * 300}}, {"kind": "mem_box", "values": {"purpose": "z"}},
    ]  # fmt: skip
    asked = "\n".join(
        ["", *map(json.dumps, lines), "no json", "[" * 100_000, '  {"kind": "mem_box", "values": {"purpose": "y"}}  ']
    )
    done = shell("name", "render", "-", stdin=asked)
    answers = [json.loads(line) for line in done.out.splitlines()]
    assert done.code == 1
    assert [answer.get("name") or answer["error"].partition(":")[0] for answer in answers] == [
        "platform-a-dev", "NAME-MISSING", "LINE-SHAPE", "LINE-SHAPE", "VALUE-TYPE", "VALUE-TYPE", "VALUE-SLASH",
        "KIND-UNKNOWN", "PLUGIN-MISSING", "VALUE-TYPE", "VALUE-LENGTH", "platform-z-dev", "LINE-JSON",
        "LINE-JSON", "platform-y-dev",
    ]  # fmt: skip
    assert "pip install dpn-nowhere" in answers[8]["error"]
    assert shell("name", "render", "-", stdin=json.dumps(lines[0])).code == 0


def test_render_of_lines_chooses_the_layer_of_the_environment(shell: Any) -> None:
    (shell.root / ".dpn").mkdir()
    (shell.root / ".dpn" / "naming-values.yaml").write_text(
        "defaults: {project: acme}\nenvironments: {prd: {project: live}, dev: {purpose: raw}}\n"
    )
    lines = [{"kind": "mem_box", "values": {"purpose": "a", "environment": "prd"}}, {"kind": "mem_box"}]
    lines += [{"kind": "mem_label", "values": {"purpose": "a", "project": None}}]
    done = shell("name", "render", "-", stdin="\n".join(map(json.dumps, lines)))
    first, second, third = done.out.splitlines()
    assert (first, second) == ('{"name": "live-a-prd"}', '{"name": "acme-raw-dev"}')
    assert third.startswith('{"error": "NAME-MISSING: ')


def test_render_of_lines_is_refused_when_the_files_are_bad(shell: Any) -> None:
    (shell.root / ".dpn").mkdir()
    (shell.root / ".dpn" / "naming-values.yaml").write_text("defalts: {}\n")
    done = shell("name", "render", "-", stdin='{"kind": "mem_box"}')
    assert (done.code, done.out) == (64, "")
    (shell.root / ".dpn" / "naming-values.yaml").write_text("defaults: {project: 'a/b'}\n")
    (shell.root / ".dpn" / "naming-patterns.yaml").write_text("patterns: {mem_box: '{nothing}'}\n")
    done = shell("name", "render", "-", stdin='{"kind": "mem_box"}')
    assert done.code == 1
    assert done.out.startswith('{"error": "PATTERN-VARIABLE: ')


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


def test_render_warns_of_a_name_with_two_readings_and_config_can_silence_it(shell: Any) -> None:
    (shell.root / ".dpn").mkdir()
    (shell.root / ".dpn" / "naming-values.yaml").write_text("vocabulary: {project: [my, my-app]}\n")
    done = shell("name", "render", "mem_box", "purpose=lake", "project=my-app")
    assert (done.code, done.out) == (0, "my-app-lake-dev\n")
    assert "project=my purpose=app-lake" in done.err
    assert "[NAME-AMBIGUOUS]" in done.err
    (shell.root / ".dpn" / "config.yaml").write_text("silence: [NAME-AMBIGUOUS]\n")
    assert shell("name", "render", "mem_box", "purpose=lake", "project=my-app").err == ""


def test_plan_warns_of_a_name_with_two_readings(shell: Any) -> None:
    (shell.root / ".dpn").mkdir()
    (shell.root / ".dpn" / "naming-values.yaml").write_text("vocabulary: {project: [acme, acme-two]}\n")
    shell.write({"mem_box": {"one": {"naming": {"purpose": "two-x"}}, "b": {"naming": {"purpose": "y"}}}})
    done = shell("plan", "--offline")
    assert done.code == 0
    assert done.err.count("NAME-AMBIGUOUS") == 1
    assert "mem_box.one" in done.err


def test_parse_has_the_fixed_shape_and_one_reading_is_success(shell: Any) -> None:
    done = shell("name", "parse", "mem_box", "acme-lake-dev", "--json")
    assert done.code == 0
    assert done.json["readings"] == [{"project": "acme", "purpose": "lake", "environment": "dev"}]
    assert shell("name", "parse", "mem_box", "acme-lake-dev").out == "project=acme purpose=lake environment=dev\n"


def test_parse_shows_every_reading_of_an_ambiguous_name_and_says_when_there_is_none(shell: Any) -> None:
    done = shell("name", "parse", "mem_box", "my-app-lake-dev")
    assert done.code == 1
    assert done.out.splitlines() == [
        "project=my-app purpose=lake environment=dev",
        "project=my purpose=app-lake environment=dev",
    ]
    assert "2 readings" in done.err
    none = shell("name", "parse", "mem_box", "Nothing", "--json")
    assert (none.code, none.json["readings"]) == (1, [])
    assert "does not make 'Nothing'" in none.err


def test_parse_says_when_there_are_too_many_readings(shell: Any) -> None:
    (shell.root / ".dpn").mkdir()
    (shell.root / ".dpn" / "naming-patterns.yaml").write_text(
        "patterns: {mem_box: '{project}-{purpose}-{team}-{cost_center}'}\n"
    )
    done = shell("name", "parse", "mem_box", "-".join("a" * 12), "--json")
    assert (done.code, len(done.json["readings"]), done.json["more"]) == (1, 100, True)
    assert "More than 100 readings" in done.err


def test_parse_refuses_a_kind_without_names_and_bad_files(shell: Any) -> None:
    (shell.root / ".dpn").mkdir()
    (shell.root / ".dpn" / "naming-patterns.yaml").write_text("patterns: {mem_box: '{nothing}'}\n")
    done = shell("name", "parse", "mem_box", "a-b")
    assert done.code == 64
    assert "[PATTERN-VARIABLE]" in done.err


def test_suggest_gives_the_nearest_valid_name(shell: Any) -> None:
    assert shell("name", "suggest", "mem_box", "My_Box").out == "my-box\n"
    assert shell("name", "suggest", "mem_box", "my-box", "--json").json == {
        "format_version": "1", "name": "my-box", "valid": True, "suggestion": "my-box",
    }  # fmt: skip
    none = shell("name", "suggest", "mem_box", "--", "!")
    assert (none.code, none.out) == (1, "")
    assert "dpn name check mem_box" in none.err


def test_explain_tells_of_each_part_where_it_is_set(shell: Any) -> None:
    (shell.root / ".dpn").mkdir()
    (shell.root / ".dpn" / "naming-patterns.yaml").write_text(
        "patterns:\n  mem_box: '{project}-{purpose}-{environment}'\n"
        "transformations: {abbreviations: {environment: {dev: d}}}\n"
    )
    shell.write({"mem_box": {"lake": {"naming": {"purpose": "Raw Data"}, "spec": {}}}})
    done = shell("name", "explain", "mem_box.lake")
    lines = done.out.splitlines()
    assert lines[:2] == [
        "acme-raw-data-d (mem_box.lake)",
        "pattern: {project}-{purpose}-{environment} (.dpn/naming-patterns.yaml:2:12)",
    ]
    assert lines[3].split()[:4] == ["acme", "project", "acme", "metadata.project"]
    assert "blueprint.json:5:16" in lines[3]
    assert "Raw Data" in lines[4]
    assert "separator of the kind: Raw Data → Raw-Data" in lines[4]
    assert "abbreviation: dev → d" in lines[5]
    assert lines[-1].startswith("rule: 3 to 40 characters, [a-z][a-z0-9-]*; dpn.testing")
    [by_name] = shell("name", "explain", "acme-raw-data-d", "--json").json["names"]
    assert by_name["address"] == "mem_box.lake"
    token = by_name["tokens"][2]
    assert (token["text"], token["variable"], token["value"], token["layer"]) == (
        "raw-data", "purpose", "Raw Data", "naming",
    )  # fmt: skip
    assert token["place"] == "blueprint.json:12:22"


def test_explain_finds_a_shortened_name_by_what_was_recorded(shell: Any) -> None:
    (shell.root / ".dpn").mkdir()
    patterns = shell.root / ".dpn" / "naming-patterns.yaml"
    patterns.write_text("transformations: {shorten: {mem_box: {tokens: {purpose: shorten}}}}\n")
    path = shell.write({"mem_box": {"lake": {"naming": {"purpose": "p" * 50}, "spec": {}}}})
    assert shell("apply", "--yes").code == 0
    [row] = shell("state", "list", "--json").json
    path.unlink()
    done = shell("name", "explain", row["name"])
    assert done.code == 0
    assert "recorded in the state of lab.dev" in done.out
    assert "shortened to 40 characters" in done.out
    assert f"acme-{'p' * 50}-dev" in done.out
    patterns.write_text("patterns: {mem_box: '{project}-x'}\n")
    assert "Today's convention would give acme-x" in shell("name", "explain", "mem_box.lake").out


def test_explain_takes_all_that_a_for_each_makes(shell: Any) -> None:
    shell.write({"mem_box": {"lake": {"for_each": {"purpose": ["raw", "gold"]}, "spec": {}}}})
    rows = shell("name", "explain", "mem_box.lake", "--json").json["names"]
    assert [(row["address"], row["name"]) for row in rows] == [
        ("mem_box.lake[gold]", "acme-gold-dev"), ("mem_box.lake[raw]", "acme-raw-dev"),
    ]  # fmt: skip
    assert rows[0]["tokens"][2]["place"] is None  # for_each sets it, not the naming of the resource
    assert "acme-gold-dev (mem_box.lake[gold])" in shell("name", "explain", "mem_box.lake[gold]").out


def test_explain_says_what_nobody_made_and_what_nobody_knows(shell: Any) -> None:
    shell.write({"mem_box": {"lake": {"name": "written-out", "spec": {}}}})
    written = shell("name", "explain", "written-out").out
    assert "The blueprint itself says this name" in written
    assert "pattern:" not in written
    unknown = shell("name", "explain", "no-such-name")
    assert unknown.code == 64
    assert "dpn name parse KIND no-such-name" in unknown.err
    assert "dpn state list" in shell("name", "explain", "mem_box.other").err


def test_explain_says_why_there_is_no_name(shell: Any) -> None:
    shell.write({"mem_box": {"lake": {"naming": {}, "spec": {}}}})
    done = shell("name", "explain", "mem_box.lake")
    assert done.code == 64
    assert "[NAME-MISSING]" in done.err


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


def test_validate_tells_how_much_room_names_have(shell: Any) -> None:
    (shell.root / ".dpn").mkdir()
    (shell.root / ".dpn" / "naming-values.yaml").write_text("defaults:\n  project: acme\n")
    lines = [line.split() for line in shell("config", "validate", "-v").out.splitlines()]
    assert ["aws_glue_database", "245", "domain,", "layer", "acme", "dev", "domain,", "layer"] in lines
    rows = {row["kind"]: row for row in shell("config", "validate", "--json").json["headroom"]}
    database = rows["aws_glue_database"]
    assert (database["left"], database["variables"], database["with"]) == (245, ["domain", "layer"], ["acme", "dev"])


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


def test_render_refuses_what_of_a_spec_has_no_part_in_the_name(shell: Any) -> None:
    done = shell("name", "render", "mem_box", "purpose=lake", "--spec", "size=true")
    assert done.code == 64
    assert "NAME-SPEC" in done.err
    specs: tuple[Any, ...] = ({}, {"size": 1}, [])
    lines = [{"kind": "mem_box", "values": {"purpose": "a"}, "spec": spec} for spec in specs]
    done = shell("name", "render", "-", stdin="\n".join(map(json.dumps, lines)))
    first, second, third = done.out.splitlines()
    assert first == '{"name": "platform-a-dev"}'
    assert second.startswith('{"error": "NAME-SPEC: ')
    assert third.startswith('{"error": "LINE-SHAPE: ')
