"""Where configuration files are found, what they may hold, and which one wins."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from dpn.config import SCHEMAS, Settings, load_naming, load_settings
from dpn.config.meaning import class_problems
from dpn.config.starter import init_files
from dpn.documents import parse
from dpn.errors import Place
from dpn.world import World


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "project" / ".dpn").mkdir(parents=True)
    (tmp_path / "home").mkdir()
    return tmp_path / "project"


@pytest.fixture
def home(project: Path) -> Path:
    return project.parent / "home"


def world(project: Path, **env: str) -> World:
    return World(env={"DPN_HOME": str(project.parent / "home"), **env}, cwd=project)


VALUES = "defaults: {{project: {}}}\n"


class TestNaming:
    def test_nothing_is_needed(self, project: Path) -> None:
        files, problems = load_naming(world(project))
        assert (files.values, files.patterns, problems) == (None, None, [])

    def test_no_folders_are_needed(self, tmp_path: Path) -> None:
        files, problems = load_naming(World(env={"HOME": str(tmp_path)}, cwd=tmp_path))
        assert (files.values, files.patterns, problems) == (None, None, [])

    def test_each_file_is_looked_up_on_its_own(self, project: Path, home: Path) -> None:
        (home / "naming-values.yaml").write_text(VALUES.format("home"))
        (home / "naming-patterns.yaml").write_text("patterns: {aws_s3_bucket: 'home-{project}'}")
        (project / ".dpn/naming-values.yml").write_text(VALUES.format("project"))
        files, problems = load_naming(world(project))
        assert not problems
        assert files.values
        assert files.patterns
        assert files.values.data == {"defaults": {"project": "project"}}
        assert files.values.file == ".dpn/naming-values.yml"
        assert files.patterns.data == {"patterns": {"aws_s3_bucket": "home-{project}"}}

    def test_a_flag_wins(self, project: Path) -> None:
        (project / ".dpn/naming-values.yaml").write_text(VALUES.format("project"))
        (project / "mine.json").write_text('{"defaults": {"project": "flag"}}')
        files, problems = load_naming(world(project), Path("mine.json"), None)
        assert not problems
        assert files.values
        assert files.values.data["defaults"]["project"] == "flag"

    def test_a_flag_that_leads_nowhere_is_a_problem(self, project: Path) -> None:
        (project / ".dpn/naming-values.yaml").write_text(VALUES.format("project"))
        files, problems = load_naming(world(project), Path("none.yaml"), Path("nor.yaml"))
        assert files.values is None
        assert [problem.place for problem in problems] == [Place("none.yaml"), Place("nor.yaml")]

    def test_two_files_of_one_name_are_a_problem(self, project: Path) -> None:
        for suffix in ("yaml", "json"):
            (project / f".dpn/naming-values.{suffix}").write_text("{}")
        (problem,) = load_naming(world(project))[1]
        assert problem.code == "CONFIG-TWICE"
        assert "naming-values.yaml and naming-values.json" in problem.message

    def test_a_folder_that_is_a_file_is_a_problem(self, project: Path) -> None:
        (project / ".dpn").rmdir()
        (project / ".dpn").write_text("")
        assert {problem.code for problem in load_naming(world(project))[1]} == {"UNREADABLE"}

    def test_all_problems_of_both_files_come_with_their_places(self, project: Path) -> None:
        (project / ".dpn/naming-values.yaml").write_text("defalts: {}\ndefaults:\n  project: 7\n  Team: x\n")
        (project / ".dpn/naming-patterns.yaml").write_text(
            "transformations:\n  hash_generatoin: {}\n  shortn: {}\nvalidation:\n  max_length: 0\n"
        )
        _, problems = load_naming(world(project))
        assert {(str(problem.place), problem.field) for problem in problems} == {
            (".dpn/naming-values.yaml:1:1", "defalts"),
            (".dpn/naming-values.yaml:3:12", "defaults.project"),
            (".dpn/naming-values.yaml:4:3", "defaults.Team"),
            (".dpn/naming-patterns.yaml:2:3", "transformations.hash_generatoin"),
            (".dpn/naming-patterns.yaml:3:3", "transformations.shortn"),
            (".dpn/naming-patterns.yaml:5:15", "validation.max_length"),
        }
        hints = {problem.field: problem.hint for problem in problems}
        assert hints["defalts"] == "Did you mean 'defaults'?"
        assert hints["defaults.Team"] == "Did you mean 'team'?"

    def test_what_is_sound_in_a_file_counts_so_that_all_problems_come_together(self, project: Path) -> None:
        (project / ".dpn/naming-values.yaml").write_text("defaults: {project: 7, team: x}\nvalues: 3\n")
        files, problems = load_naming(world(project))
        assert len(problems) == 2
        assert files.values
        assert files.values.data == {"defaults": {"team": "x"}}

    def test_a_file_that_is_no_object_counts_as_absent(self, project: Path) -> None:
        (project / ".dpn/naming-values.yaml").write_text("- defaults\n")
        files, problems = load_naming(world(project))
        assert (files.values, [problem.code for problem in problems]) == (None, ["SCHEMA"])

    @pytest.mark.parametrize("body", ["z-a", "a-z9-0", "a--z", "+--", "A-a-Z-A"])
    def test_a_class_of_characters_that_means_nothing_is_a_problem_and_is_left_out(
        self, project: Path, body: str
    ) -> None:
        for setting in (f'"{body}"', f'{{"aws_*": "{body}"}}'):
            (project / "p.yaml").write_text(f"use: acme\nvalidation:\n  allowed_chars: {setting}\n")
            files, [problem] = load_naming(world(project), None, Path("p.yaml"))
            assert (problem.code, problem.place and problem.place.line) == ("PATTERNS-CHARS", 3)
            assert body in problem.message
            assert files.patterns
            assert files.patterns.data["use"] == "acme"
            assert not files.patterns.data["validation"].get("allowed_chars")

    @given(st.text("az09AZ-_.", min_size=1, max_size=8))
    def test_a_class_that_is_accepted_compiles(self, body: str) -> None:
        document = parse(f"validation: {{allowed_chars: '{body}'}}", "p.yaml", "yaml")
        if not list(class_problems(document)):
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                re.compile(f"[{body}]")

    @pytest.mark.parametrize("key", ["Data Owner", "data-owner", "DATA_OWNER"])
    def test_a_name_that_is_spelled_in_another_way_is_respelled(self, project: Path, key: str) -> None:
        (project / "v.yaml").write_text(f"defaults:\n  {key}: x\n")
        [problem] = load_naming(world(project), Path("v.yaml"))[1]
        assert problem.hint == "Did you mean 'data_owner'?"
        assert problem.expected == "the name of a variable: a-z, 0-9 and _, beginning with a letter"

    def test_a_file_that_is_not_well_formed_does_not_hide_the_other(self, project: Path) -> None:
        (project / ".dpn/naming-values.yaml").write_text("defaults: {project: a, project: b}\n")
        (project / ".dpn/naming-patterns.yaml").write_text("use: acme\n")
        files, problems = load_naming(world(project))
        assert problems
        assert files.values is None
        assert files.patterns

    @pytest.mark.parametrize("text", ["", "# only a comment\n", "defaults:\nenvironments:\n", "{}"])
    def test_a_file_that_says_nothing(self, project: Path, text: str) -> None:
        (project / ".dpn/naming-values.yaml").write_text(text)
        assert not load_naming(world(project))[1]

    @pytest.mark.parametrize(
        "text",
        [
            "transformations: {lowercase: true, uppercase: [aws_*], replace_hyphens: {'*': ''}}",
            "transformations: {lowercase: {'aws_*': false}}",
            "transformations: {region_mapping: {us-east-1: use1}, abbreviations: {team: {data: d}}}",
            "validation: {max_length: 60, allowed_chars: a-z0-9_-, required_variables: [team]}",
            "unicode: [aws_*]",
            "$schema: naming-patterns.schema.json\nuse: acme",
            "validation: {max_length: {'*': 60}, allowed_chars: {'*': a-z}, required_variables: {'*': [team]}}",
            "variables: {owner: {description: Who, form: known, values: [a, b]}, other: {}, third: }",
        ],
    )
    def test_all_that_patterns_may_hold(self, project: Path, text: str) -> None:
        (project / "p.yaml").write_text(text)
        assert not load_naming(world(project), None, Path("p.yaml"))[1]

    @pytest.mark.parametrize(
        "text",
        [
            "patterns: {'aws.*': x}",
            "patterns: {aws_s3_bucket: ''}",
            "patterns: {aws_s3_bucket: 7}",
            "transformations: {lowercase: aws_*}",
            "transformations: {replace_hyphens: true}",
            "transformations: {replace_hyphens: {'*': '.'}}",
            "validation: {allowed_chars: '[a-z]+'}",
            "validation: {allowed_chars: '^a'}",
            'validation: {allowed_chars: "a-z\\n"}',
            "unicode: aws_s3_bucket",
            "validation: {required_variables: [Team]}",
            "variables: {owner: {form: any}}",
            "vocabulary: {}",
        ],
    )
    def test_what_patterns_may_not_hold(self, project: Path, text: str) -> None:
        (project / "p.yaml").write_text(text)
        problems = load_naming(world(project), None, Path("p.yaml"))[1]
        assert problems
        assert all(problem.place and problem.place.line for problem in problems)


class TestSettings:
    def test_the_defaults(self, project: Path) -> None:
        assert load_settings(world(project)) == (Settings(), [])
        assert Settings().parallelism == 10

    def test_the_project_wins_over_the_user_key_by_key(self, project: Path, home: Path) -> None:
        (home / "config.yaml").write_text(
            "plugins: [audit]\nparallelism: 3\nsilence: [NAME-KEPT]\nstate: {backend: s3, bucket: b}\n"
        )
        (project / ".dpn/config.yaml").write_text("plugins: [policy]\nparallelism: 5\nstate: {backend: file}\n")
        settings, problems = load_settings(world(project))
        assert not problems
        assert settings == Settings(("policy",), {"backend": "file"}, 5, ("NAME-KEPT",))

    def test_the_environment_wins_over_files(self, project: Path) -> None:
        (project / ".dpn/config.yaml").write_text("parallelism: 5\nsilence: [A]\n")
        settings, problems = load_settings(world(project, DPN_PARALLELISM="7", DPN_SILENCE="B, C,"))
        assert not problems
        assert (settings.parallelism, settings.silence) == (7, ("B", "C"))

    @pytest.mark.parametrize("text", ["0", "-1", "1001", "many", "1.5", "9" * 5000, "²"])
    def test_the_environment_is_checked_too(self, project: Path, text: str) -> None:
        settings, problems = load_settings(world(project, DPN_PARALLELISM=text))
        assert settings.parallelism == 10
        assert [(problem.code, problem.field) for problem in problems] == [("ENV-VALUE", "DPN_PARALLELISM")]

    def test_plugins_come_from_files_only(self, project: Path) -> None:
        assert load_settings(world(project, DPN_PLUGINS="evil"))[0].plugins == ()

    def test_problems_of_both_files_come_together(self, project: Path, home: Path) -> None:
        (home / "config.yaml").write_text("paralelism: 3\n")
        (project / ".dpn/config.yaml").write_text("state: {}\n")
        problems = load_settings(world(project))[1]
        assert {problem.field for problem in problems} == {"paralelism", "state.backend"}

    def test_a_home_that_is_the_project_folder_is_read_once(self, project: Path) -> None:
        (project / ".dpn/config.yaml").write_text("nonsense: 3\n")
        assert len(load_settings(World(env={"DPN_HOME": ".dpn"}, cwd=project))[1]) == 1


def test_first_files_can_be_read_back(project: Path) -> None:
    for name, text in init_files({}).items():
        (project / ".dpn" / name).write_text(text)
    files, problems = load_naming(world(project))
    assert not problems
    assert files.values
    assert files.values.data == {"defaults": {"project": "platform", "environment": "dev"}}
    assert files.patterns is None


def test_the_examples_in_the_first_files_are_valid_once_uncommented(project: Path) -> None:
    for name, text in init_files({"use": "acme"}).items():
        (project / ".dpn" / name).write_text(re.sub(r"(?m)^( *)# ( *[a-z0-9_*-]+:)", r"\1\2", text))
    files, problems = load_naming(world(project))
    assert not problems
    assert files.patterns
    assert set(files.patterns.data) == {"use", "patterns", "variables", "transformations", "validation"}


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_schema_of_a_file_is_a_schema_and_says_what_each_key_is_for(name: str) -> None:
    schema = SCHEMAS[name]
    Draft202012Validator.check_schema(schema)
    assert schema["title"] == f"dpn {name}"
    sections = {key: body for key, body in schema["properties"].items() if key != "$schema"}
    keys = {
        **sections,
        **{key: body for section in sections.values() for key, body in section.get("properties", {}).items()},
    }
    assert [key for key, body in keys.items() if not body.get("description") and not body.get("properties")] == []
