from __future__ import annotations

import json

import pytest

from dpn import Catalogue, NameRule, Variable

ROWS = {
    "lab_box": {
        "doc": "A box.",
        "rule": {
            "pattern": "[a-z-]+", "max": 9, "good": ["abc", {"of": "a", "times": 9}], "bad": ["", "A"],
            "forbid_prefix": ["x-"], "source": "the lab's manual", "checked": "2026-11-30",
        },
        "default_pattern": "{project}-{size}",
        "variables": {"size": {"doc": "How big.", "form": "known", "values": ["s", "l"]}, "use": {"doc": "For what."}},
    },
    "lab_lid": {
        "doc": "A lid.",
        "rule": {"like": "lab_box", "max": 20, "good": [{"start": "l", "of": "-", "times": 3, "end": "d"}]},
    },
}  # fmt: skip
CATALOGUE = Catalogue(json.dumps({"kinds": ROWS}))


def test_a_row_becomes_a_rule_a_pattern_and_variables() -> None:
    rule = CATALOGUE.rule("lab_box")
    assert rule == NameRule(
        pattern="[a-z-]+", max=9, good=("abc", "a" * 9), bad=("", "A"), forbid_prefix=("x-",),
        source="the lab's manual", checked="2026-11-30",
    )  # fmt: skip
    assert CATALOGUE.pattern("lab_box") == "{project}-{size}"
    assert CATALOGUE.variables("lab_box") == {
        "size": Variable("How big.", "known", ("s", "l")),
        "use": Variable("For what."),
    }


def test_a_row_may_begin_as_another() -> None:
    rule = CATALOGUE.rule("lab_lid")
    assert (rule.pattern, rule.max, rule.good, rule.bad) == ("[a-z-]+", 20, ("l---d",), ("", "A"))
    assert CATALOGUE.pattern("lab_lid") == ""
    assert CATALOGUE.variables("lab_lid") == {}


def test_all_kinds_but_those_that_are_provisioned_become_classes() -> None:
    assert list(CATALOGUE) == ["lab_box", "lab_lid"]
    (lid,) = CATALOGUE.named(but={"lab_box"})
    assert (lid.kind, lid.name_rule, lid.__doc__) == ("lab_lid", CATALOGUE.rule("lab_lid"), "A lid.")


def test_what_no_rule_has_and_unknown_kinds_are_errors() -> None:
    with pytest.raises(TypeError, match="colour"):
        Catalogue(json.dumps({"kinds": {"lab_box": {"doc": "", "rule": {"pattern": "a", "colour": 1}}}})).rule(
            "lab_box"
        )
    with pytest.raises(KeyError, match="lab_bag"):
        CATALOGUE.rule("lab_bag")
