from __future__ import annotations

from typing import Any

import pytest

from dpn import api
from dpn.errors import InputError, PluginError


def test_a_name_is_rendered_from_values_alone(lab: Any) -> None:
    values = {"project": "acme", "purpose": "raw", "environment": "prd"}
    assert api.render_name(lab.options(file=None), "mem_box", values, lab.world) == "acme-raw-prd"


def test_what_is_missing_is_said(lab: Any) -> None:
    with pytest.raises(InputError, match="No name for mem_box") as caught:
        api.render_name(lab.options(file=None), "mem_box", {"project": "acme"}, lab.world)
    assert any("purpose" in problem.message for problem in caught.value.problems)


def test_a_name_that_breaks_the_rule_is_not_given(lab: Any) -> None:
    values = {"project": "a" * 60, "purpose": "raw", "environment": "prd"}
    with pytest.raises(InputError) as caught:
        api.render_name(lab.options(file=None), "mem_box", values, lab.world)
    assert caught.value.problems


def test_the_files_of_the_project_count(lab: Any) -> None:
    (lab.root / ".dpn").mkdir()
    (lab.root / ".dpn" / "naming-patterns.yaml").write_text('patterns:\n  mem_box: "{purpose}-{project}"\n')
    values = {"project": "acme", "purpose": "raw"}
    assert api.render_name(lab.options(file=None), "mem_box", values, lab.world) == "raw-acme"


def test_an_override_wins(lab: Any) -> None:
    values = {"project": "acme", "purpose": "raw", "environment": "prd"}
    options = lab.options(file=None, overrides={"project": "other"})
    assert api.render_name(options, "mem_box", values, lab.world) == "other-raw-prd"


def test_names_are_checked_one_by_one(lab: Any) -> None:
    found = api.check_names(lab.options(file=None), "mem_box", ["good-name", "Bad", "x"], lab.world)
    assert {name: bool(problems) for name, problems in found.items()} == {"good-name": False, "Bad": True, "x": True}


def test_a_kind_that_is_only_named_is_as_good(lab: Any) -> None:
    assert (
        api.render_name(lab.options(file=None), "mem_label", {"project": "acme", "purpose": "raw"}, lab.world)
        == "acme-raw"
    )
    assert not api.explain_pattern(lab.options(file=None), "mem_label", lab.world).provisions


@pytest.mark.parametrize("kind", ["mem_bxo", "mem_"])
def test_a_kind_that_there_is_not_is_said_with_those_that_there_are(lab: Any, kind: str) -> None:
    with pytest.raises(InputError, match=f"'{kind}'") as caught:
        api.explain_pattern(lab.options(file=None), kind, lab.world)
    assert "mem_box" in caught.value.hint


def test_a_provider_that_is_not_installed_is_said_with_the_command(lab: Any) -> None:
    with pytest.raises(PluginError) as caught:
        api.check_names(lab.options(file=None), "nocloud_bucket", ["x"], lab.world)
    assert "pip install dpn-nocloud" in caught.value.hint


def write(lab: Any, name: str, text: str) -> None:
    (lab.root / ".dpn").mkdir(exist_ok=True)
    (lab.root / ".dpn" / name).write_text(text)


def test_a_name_is_read_backwards(lab: Any) -> None:
    write(lab, "naming-values.yaml", "vocabulary: {project: [my-app], purpose: {values: [raw, lake], closed: true}}\n")
    options = lab.options(file=None)
    found = api.parse_name(options, "mem_box", "my-app-raw-dev", lab.world)
    assert found == api.Readings(({"project": "my-app", "purpose": "raw", "environment": "dev"},))
    assert api.parse_name(options, "mem_box", "my-app-other-dev", lab.world).readings == ()
    with pytest.raises(InputError, match="mem_bxo"):
        api.parse_name(options, "mem_bxo", "x", lab.world)


def test_a_kind_that_no_pattern_names_cannot_be_read(lab: Any) -> None:
    with pytest.raises(InputError, match="has no name of its own"):
        api.parse_name(lab.options(file=None), "databricks_grant", "x", lab.world)
    with pytest.raises(InputError, match="has no name of its own"):
        api.rendered_name(lab.options(file=None), "databricks_grant", {}, lab.world)


def test_the_nearest_valid_name_is_suggested(lab: Any) -> None:
    options = lab.options(file=None)
    assert api.suggest_name(options, "mem_box", "My Box", lab.world) == "my-box"
    assert api.suggest_name(options, "mem_box", "my-box", lab.world) == "my-box"
    assert api.suggest_name(options, "mem_box", "!", lab.world) is None


def test_a_name_is_rendered_with_what_there_is_to_warn_of(lab: Any) -> None:
    write(lab, "naming-values.yaml", "vocabulary: {project: [my, my-app]}\n")
    values = {"project": "my-app", "purpose": "raw"}
    name, problems = api.rendered_name(lab.options(file=None), "mem_box", values, lab.world)
    assert (name, [problem.code for problem in problems]) == ("my-app-raw-dev", ["NAME-AMBIGUOUS"])


def test_a_stream_gives_names_and_goes_on_after_what_is_wrong(lab: Any) -> None:
    write(lab, "naming-values.yaml", "environments: {prd: {project: live}}\n")
    stream = api.NameStream(lab.options(file=None), lab.world)
    assert stream.name("mem_box", {"purpose": "raw"}) == "platform-raw-dev"
    for bad in ({}, {"purpose": 3}, {"purpose": "a/b"}):
        with pytest.raises(InputError) as caught:
            stream.name("mem_box", bad)
        assert api.said(caught.value).partition(": ")[0] in ("NAME-MISSING", "VALUE-TYPE", "VALUE-SLASH")
    for _ in range(2):  # the second time from memory
        with pytest.raises(PluginError) as missing:
            stream.name("nowhere_thing", {})
        assert api.said(missing.value).startswith("PLUGIN-MISSING: ")
        with pytest.raises(InputError) as nameless:
            stream.name("databricks_grant", {})
        assert api.said(nameless.value).startswith("NAME-NONE: ")
    assert stream.name("mem_box", {"purpose": "raw", "environment": "prd"}) == "live-raw-prd"


def test_streams_of_many_kinds_and_environments_stay_small(lab: Any) -> None:
    stream = api.NameStream(lab.options(file=None), lab.world)
    for number in range(300):
        assert stream.name("mem_box", {"purpose": "a", "environment": f"e{number}"}) == f"platform-a-e{number}"
        with pytest.raises(InputError):
            stream.name(f"mem_{number}", {})
    assert stream.name("mem_box", {"purpose": "a"}) == "platform-a-dev"


def test_a_name_is_explained_by_its_address(lab: Any) -> None:
    lab.write(lab.thing("mem_box.lake", naming={"purpose": "Raw Data"}))
    [found] = api.explain_name(lab.options(), "mem_box.lake", lab.world)
    assert (found.name, found.address) == ("acme-raw-data-dev", "mem_box.lake")
    [part] = [part for part in found.parts if part.variable == "purpose"]
    assert (part.text, part.value) == ("raw-data", "Raw Data")
    assert part.origin
    assert part.origin.place
    with pytest.raises(InputError, match="the address"):
        api.explain_name(lab.options(), "mem_box.other", lab.world)
    with pytest.raises(InputError, match="outside of the scope"):
        api.explain_name(lab.options(excludes=("mem_*",)), "mem_box.lake", lab.world)
    write(lab, "naming-values.yaml", "defalts: {}\n")
    with pytest.raises(InputError, match="not valid"):
        api.explain_name(lab.options(), "mem_box.lake", lab.world)
