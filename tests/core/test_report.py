"""Text that fits, lines up and cannot move a cursor; problems and errors told whole."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dpn import report
from dpn.errors import DpnError, InputError, Place, Problem
from dpn.model import Change, Diff, Plan, Record
from dpn.report.plans import HIDDEN
from dpn.report.text import columns, leaves, shortened, shown

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.text())
def test_clean_text_is_printable_and_printable_text_is_left_alone(text: str) -> None:
    assert report.clean(text).isprintable()
    if text.isprintable():
        assert report.clean(text) == text


@given(JSON, st.integers(12, 60))
def test_a_shown_value_is_printable_and_fits(value: Any, width: int) -> None:
    text = shown(value, width)
    assert text.isprintable()
    assert len(text) <= width


@given(st.text(min_size=1), st.integers(12, 40))
def test_a_shortened_text_keeps_both_ends(text: str, width: int) -> None:
    short = shortened(text, width)
    assert len(short) <= width
    if short != text:
        head, _, tail = short.partition("…")
        assert text.startswith(head)
        assert text.endswith(tail)


@given(JSON, JSON)
def test_leaves_are_what_differs(before: Any, after: Any) -> None:
    found = list(leaves("f", before, after))
    assert all(old != new for _, old, new in found)
    if before == after:
        assert not found


def test_leaves_say_where() -> None:
    before = {"tags": {"a": "1", "b": "2"}, "columns": [{"name": "x"}]}
    after = {"tags": {"a": "1", "b": "3"}, "columns": [{"name": "y"}, {"name": "z"}]}
    assert list(leaves("spec", before, after)) == [
        ("spec.columns[0].name", "x", "y"),
        ("spec.columns[1]", None, {"name": "z"}),
        ("spec.tags.b", "2", "3"),
    ]


def test_columns_line_up_and_end_without_spaces() -> None:
    assert columns([("a", "bb", ""), ("cccc", "d")]) == ["a     bb", "cccc  d"]
    assert columns([]) == []


def test_a_problem_tells_place_address_field_expectation_and_hint() -> None:
    problem = Problem("CODE", "It is wrong.", "k_x.a", "spec.b", Place("f.json", 3, 4), "a number", "Mend it.")
    assert [line.text for line in report.problem_lines([problem])] == [
        "error: f.json:3:4 · k_x.a · spec.b: It is wrong. [CODE]",
        "  expected: a number",
        "  Mend it.",
    ]
    assert report.problem_data(problem)["severity"] == "error"


def test_errors_come_before_warnings() -> None:
    found = [Problem("W", "w", severity="warning"), Problem("E", "e")]
    assert [line.text for line in report.problem_lines(found)] == ["error: e [E]", "warning: w [W]"]


def test_an_error_whose_message_is_its_problems_tells_them_once() -> None:
    problem = Problem("CODE", "It is wrong.")
    assert len(report.error_lines(InputError(str(problem), problems=(problem,)))) == 1
    lines = report.error_lines(DpnError("First\nsecond", hint="Do\nthis", problems=(problem,)))
    assert [line.text for line in lines] == ["error: It is wrong. [CODE]", "error: First", "  second", "  Do", "  this"]


def test_a_sensitive_value_is_never_shown() -> None:
    change = Change("k_x.a", "k_x", "update", "n", diffs=(Diff("secret", "old!", "new!"), Diff("open", 1, 2)))
    plan, sensitive = Plan("s.dev", "dev", 0, "", (change,)), {"k_x": frozenset({"secret"})}
    summary = dict.fromkeys(report.SIGNS, 0) | {"update": 1}
    text = "\n".join(line.text for line in report.plan_lines(plan, summary, report.Manner(sensitive=sensitive)))
    data = str(report.plan_data(plan, summary, sensitive=sensitive))
    for shown_text in (text, data):
        assert HIDDEN in shown_text
        assert "old!" not in shown_text
        assert "new!" not in shown_text
    assert "open: 1 → 2" in text


def test_the_rows_of_the_state_have_the_fixed_shape() -> None:
    records = {"k_x.a": Record("k_x.a", "k_x", "n", {}, "k", id="7"), "k_x.b": Record("k_x.b", "k_x", "m", {}, "k")}
    rows = report.state_rows(records, {"k_x.b": "open", "k_x.c": "open"})
    assert rows == [
        {"address": "k_x.a", "kind": "k_x", "name": "n", "id": "7", "status": "ready"},
        {"address": "k_x.b", "kind": "k_x", "name": "m", "id": None, "status": "open"},
        {"address": "k_x.c", "kind": "k_x", "name": None, "id": None, "status": "open"},
    ]


def test_the_history_has_times_and_names_what_is_damaged() -> None:
    rows = report.history_rows(
        [{"time": 0, "command": "dpn apply", "outcome": "done", "file": "a"}, {"file": "b", "damaged": "at byte 3"}]
    )
    assert [(row["time"], row["outcome"]) for row in rows] == [("1970-01-01 00:00:00", "done"), (None, "damaged")]
    assert [line.text for line in report.history_lines([])] == ["Nothing was done yet."]


@given(st.lists(st.sampled_from(["yes", "no", "unknown"]), max_size=30), st.floats(0, 100))
def test_a_tally_never_says_more_than_is_so(answers: list[str], percent: float) -> None:
    tally = report.Tally()
    for answer in answers:
        tally.add("mem_box", answer)
    data = tally.data()
    assert (data["percent"] == 100) == (set(answers) <= {"yes"})
    assert data["total"] == data["yes"] + data["no"] + data["unknown"] == len(answers)
    assert tally.reaches(data["percent"])
    assert tally.reaches(percent) or data["percent"] < percent


def test_a_percentage_is_never_rounded_up() -> None:
    tally = report.Tally()
    for number in range(2000):
        tally.add("mem_box", "no" if number == 7 else "yes")
    assert tally.data()["percent"] == 99.9
    assert tally.lines() == ["mem_box: 99.9 % comply, 1999 of 2000 names"]
    assert not tally.reaches(100)
