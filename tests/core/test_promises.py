"""What is wrong with the names of a provider's kinds is found, each thing by the function that looks for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from dpn import NamedKind, NameRule, Provider, Variable
from dpn.offers import kind_info
from dpn.promises import names
from dpn.provider import KindInfo


def offered(rule: NameRule, pattern: str = "{project}-{purpose}") -> tuple[Provider, tuple[KindInfo, ...]]:
    """Give a provider of one kind, and the data of that kind."""

    class Thing(NamedKind):
        kind = "odd_thing"
        name_rule = rule
        default_pattern = pattern
        variables: ClassVar[Mapping[str, Variable]] = {"purpose": Variable("What it is for.")}

    provider = Provider("odd", (Thing,))
    return provider, (kind_info(Thing, "odd", "here"),)


def rule(**more: Any) -> NameRule:
    return NameRule(**{"pattern": "[a-z0-9-]{3,9}", "min": 3, "max": 9, "case": "lower", **more})


def test_a_sound_kind_has_no_faults_whether_its_rule_has_examples_or_not() -> None:
    assert list(names.faults(*offered(rule()))) == []
    assert list(names.faults(*offered(rule(good=("abc", "a" * 9), bad=("ab", "Abc"))))) == []


def test_a_rule_is_held_against_its_examples() -> None:
    found = list(names.faults(*offered(rule(good=("NO",), bad=("abc",)))))
    assert any("'NO' is refused" in one for one in found)
    assert "odd_thing: 'abc' is accepted" in found


def test_a_rule_need_not_refuse_what_cannot_be_seen() -> None:
    assert list(names.faults(*offered(NameRule("(?s).+", max=9)))) == []  # core does, whatever the pattern says


def test_a_pattern_that_never_gives_a_name_is_found() -> None:
    found = list(names.faults(*offered(rule(), "{project}-{purpose}-far-too-long")))
    assert any(one.startswith("odd_thing: default_pattern: ") and "at most 9" in one for one in found)
    (fault,) = names.hyphens(*offered(rule(pattern="[a-z]{3,9}")))
    assert fault.startswith("odd_thing: ")
    assert "'my-app-x1'" in fault


def test_what_proves_a_rule_is_asked_for_by_the_suite_alone() -> None:
    _, (info,) = offered(rule())
    assert list(names.unproven(info)) == [
        "its rule has no source",
        "checked is '', which is no day (YYYY-MM-DD)",
        "good has 0 examples, fewer than 3",
        "bad has 0 examples, fewer than 3",
    ]
    assert list(names.limits(info)) == [
        "no good example has 3 chars",
        "no good example has 9 chars",
        "no bad example has 2 chars",
        "no bad example has 10 chars",
    ]
