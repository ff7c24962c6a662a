from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dpn import api, hookimpl
from dpn.errors import InputError, PluginError
from dpn.model import Observed, Ref
from dpn.testing.memory_kinds import Box

CLOSED = "vocabulary: {project: {values: [acme], closed: true}}\n"


@pytest.fixture
def things(lab: Any) -> Any:
    """Put things into the cloud that nobody made with a convention in mind."""
    for number, (kind, name) in enumerate(
        [("mem_box", "acme-lake-dev"), ("mem_box", "legacy-lake-dev"), ("mem_robot", "Robbie"), ("mem_shelf", "a-b")]
    ):
        lab.cloud.objects[kind, f"t{number}"] = Observed(Ref(kind, name, f"t{number}"), {})
    (lab.root / ".dpn").mkdir()
    (lab.root / ".dpn" / "naming-values.yaml").write_text(CLOSED)
    return lab


def audited(lab: Any, kinds: str = "mem_*", **options: Any) -> tuple[dict[str, str], dict[str, bool]]:
    """Give whether each name complies, and of each kind that is not listed whether that is a failure."""
    found = list(api.audit_names(lab.options(**{"file": None, **options}), kinds, lab.world))
    names: dict[str, str] = {
        f"{one.kind}/{one.name}": one.complies for one in found if not isinstance(one, api.Unlisted)
    }
    return names, {one.kind: one.failed for one in found if isinstance(one, api.Unlisted)}


def test_names_of_a_list_are_judged_without_a_cloud(lab: Any) -> None:
    audit = api.NameAudit(lab.options(file=None), lab.world)
    found = [audit.judge("mem_box", name) for name in ("acme-lake-dev", "Acme_Lake_Dev", "lake")]
    assert [(one.complies, one.by, one.nearest) for one in found] == [
        ("yes", "", None), ("no", "cloud", "acme-lake-dev"), ("no", "convention", None),
    ]  # fmt: skip
    assert audit.judge("mem_label", "acme-raw").complies == "yes"
    assert not lab.cloud.calls


def test_a_kind_that_there_is_not_is_refused_each_time(lab: Any) -> None:
    audit = api.NameAudit(lab.options(file=None), lab.world)
    for _ in range(2):
        with pytest.raises(InputError, match="mem_bxo"):
            audit.judge("mem_bxo", "a")
        with pytest.raises(PluginError):
            audit.judge("nowhere_thing", "a")


def test_a_convention_that_is_not_valid_judges_nobody(lab: Any) -> None:
    (lab.root / ".dpn").mkdir()
    (lab.root / ".dpn" / "naming-patterns.yaml").write_text("patterns: {mem_box: '{nothing}'}\n")
    with pytest.raises(InputError, match="not valid") as caught:
        api.NameAudit(lab.options(file=None), lab.world).judge("mem_box", "a")
    assert [problem.code for problem in caught.value.problems] == ["PATTERN-VARIABLE"]
    with pytest.raises(InputError, match="not valid"):
        audited(lab)


def test_everything_that_the_provider_lists_is_judged(things: Any) -> None:
    names, left = audited(things)
    assert names == {
        "mem_box/acme-lake-dev": "yes", "mem_box/legacy-lake-dev": "no", "mem_robot/Robbie": "no",
        "mem_shelf/a-b": "no",
    }  # fmt: skip
    assert left["mem_label"] is False
    assert not any(left.values())


def test_a_wildcard_chooses_the_kinds(things: Any) -> None:
    assert audited(things, "mem_b*")[0].keys() == {"mem_box/acme-lake-dev", "mem_box/legacy-lake-dev"}
    assert audited(things, "mem_robot") == ({"mem_robot/Robbie": "no"}, {})
    with pytest.raises(InputError, match="mem_x") as caught:
        audited(things, "mem_x*")
    assert "mem_box" in caught.value.hint


def test_kinds_that_cannot_be_listed_at_all_are_an_error_that_says_what_to_do(things: Any) -> None:
    with pytest.raises(InputError, match="only") as caught:
        audited(things, "mem_label")
    assert "dpn name audit mem_label -" in caught.value.hint


def test_a_cloud_that_does_not_answer_is_said_and_the_others_go_on(things: Any) -> None:
    things.cloud.fault = lambda kind, method, _: "refuse" if (kind, method) == ("mem_box", "list") else None
    names, left = audited(things)
    assert names.keys() == {"mem_robot/Robbie", "mem_shelf/a-b"}
    assert left["mem_box"] is True


def test_the_blueprint_says_which_providers_there_are(things: Any) -> None:
    things.write(providers={"mem.other": {}})
    calls = len(things.cloud.calls)
    names, _ = audited(things, "mem_box", file=things.root / "blueprint.json")
    assert names.keys() == {"mem_box/acme-lake-dev", "mem_box/legacy-lake-dev"}
    assert len(things.cloud.calls) - calls == 2


@pytest.mark.parametrize(("unique", "number"), [("account", 4), ("global", 2)])
def test_what_all_the_world_has_once_is_counted_once(
    things: Any, monkeypatch: pytest.MonkeyPatch, unique: Any, number: int
) -> None:
    monkeypatch.setattr(Box, "name_rule", replace(Box.name_rule, unique=unique))
    things.write(providers={"mem.other": {}})
    found = api.audit_names(things.options(), "mem_box", things.world)
    assert len(list(found)) == number


def test_a_plugin_that_gives_names_leaves_others_in_doubt(things: Any) -> None:
    class Namer:
        @hookimpl
        def dpn_name(self, request: Any) -> str | None:
            return None

    things.objects.append(Namer())
    assert audited(things, "mem_box")[0] == {"mem_box/acme-lake-dev": "yes", "mem_box/legacy-lake-dev": "unknown"}
