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
