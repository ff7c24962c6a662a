"""The schema of a dataclass accepts what the codec writes of it, and nothing with a field missing."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from dpn import codec, report
from dpn.errors import Place, Problem
from dpn.model import Change, Diff, Event, Fault, Plan, Receipt, Record, Ref, Resource, Step
from dpn.shapes import json_schema

REF = Ref("k_x", "n", "1", Ref("k_y", "m"))
RESOURCE = Resource("k_x.a", "k_x", "n", {"size": 3, "tags": {"a": "b"}}, "k", needs=("k_y.b",))
RECORD = Record("k_x.a", "k_x", "n", {"size": 3}, "k", bound={"k_y.b#id": "7"}, status="partial")
CHANGE = Change(
    "k_x.a", "k_x", "replace", "n", want=RESOURCE, before=RECORD, steps=(Step("delete"), Step("put", "size")),
    adopt=REF, diffs=(Diff("size", None, 3),), reversible="lossy",
)  # fmt: skip
PROBLEM = Problem("CODE", "Wrong.", "k_x.a", "spec.size", Place("f", 1, 2), "a number", "Mend it.", "warning")
VALUES: list[Any] = [
    Event("run", 0.5),
    Event("step", 1.5, "s.dev", "k_x.a", "create", "put size", "applied", "", 1, 2),
    Receipt("k_x.a", "k_x", "op", Step("create"), "unknown", REF, Fault("unknown", "Timeout", "no reply", 1.5)),
    PROBLEM,
    Problem("CODE", "Wrong."),
    CHANGE,
    Plan("s.dev", "dev", 1, "l", (CHANGE,), (RECORD,), {"k_x.b": "k_x.a"}, (PROBLEM,), "hash"),
    RECORD,
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_schema_accepts_what_the_codec_writes(value: Any) -> None:
    schema = json_schema(type(value), "a title")
    Draft202012Validator.check_schema(schema)
    assert schema["title"] == "a title"
    Draft202012Validator(schema).validate(codec.dump(value))


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_schema_refuses_what_lacks_a_field(value: Any) -> None:
    validator = Draft202012Validator(json_schema(type(value), ""))
    assert not validator.is_valid({})
    assert not validator.is_valid([])


def test_words_and_numbers_are_told_apart() -> None:
    validator = Draft202012Validator(json_schema(Event, "event"))
    assert not validator.is_valid({"type": "bang", "time": 1.0})
    assert not validator.is_valid({"type": "run", "time": "now"})


def test_the_outputs_have_schemas() -> None:
    for cls in (report.PlanData, report.ResultData):
        Draft202012Validator.check_schema(json_schema(cls, "x"))
