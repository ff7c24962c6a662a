"""Patterns are data: what does not fit the grammar is refused at once and does nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpn.naming.grammar import Group, Literal, Slot, flat, parse

HOSTILE = [
    "{project.__class__}",
    "{project.__class__.__init__.__globals__[CONFIG]}",
    "{c.__init__.__globals__[os].environ[HOME]}",
    "{e.__class__.__mro__}",
    "{project[0]}",
    "{project!r}",
    "{project:>200000000}",
    "{0:>200000000}",
    "{project:{environment}}",
    "{0}",
    "{}",
    "{{project}}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{% for x in range(999999999) %}a{% endfor %}",
    "%(project)999999999s",
    "%s",
    "$project",
    "${project}",
    "`id`",
    "$(id)",
    "{project}\n",
    "{project\n}",
    "a\nb",
    "a b",
    "a\x00b",
    "{project",
    "project}",
    "{project|}",
    "{project||lower}",
    "{project|max:}",
    "{project|max:-1 or 1}",
    "{project|lower|__import__('os')}",
    "{project|max:" + "9" * 17 + "}",
    "[",
    "]",
    "[a]",
    "[{a}[{b}]]",
    "[{a}",
    "{a}]",
    "{[}]",
    "\\{a\\}",
    "ä{project}",
    "{pr\N{CYRILLIC SMALL LETTER O}ject}",
    "{Project}",
    "{" + "a" * 41 + "}",
    "{a|" + "b" * 21 + "}",
    "x" * 301,
    "{a}" * 101,
    "[" * 300,
    "{" * 300,
    "",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_patterns_are_refused(text: str) -> None:
    items, problems = parse(text)
    assert items == ()
    assert [problem.code for problem in problems] in (["PATTERN-SYNTAX"], ["PATTERN-LENGTH"])


@given(st.text(max_size=400))
def test_any_text_is_read_or_refused(text: str) -> None:
    items, problems = parse(text)
    assert bool(items) != bool(problems)


@given(st.text(alphabet="ab_{}[]|:-1", max_size=30))
def test_what_is_read_is_the_whole_text(text: str) -> None:
    items, problems = parse(text)
    if not problems:
        assert "".join(map(_written, items)) == text


def _written(item: Literal | Slot | Group) -> str:
    if isinstance(item, Literal):
        return item.text
    if isinstance(item, Group):
        return f"[{''.join(map(_written, item.items))}]"
    filters = "".join(f"|{f.name}:{f.arg}" if f.arg else f"|{f.name}" for f in item.filters)
    return f"{{{item.name}{filters}}}"


def test_all_items() -> None:
    items, _ = parse("raw/{project|lower|max:8}[-{layer}]")
    assert [type(item) for item in items] == [Literal, Slot, Group]
    assert [(f.name, f.arg) for f in list(flat(items))[1].filters] == [("lower", ""), ("max", "8")]  # type: ignore[union-attr]
    assert [item.column for item in flat(items)] == [1, 5, 27, 28]


@pytest.mark.parametrize(
    ("text", "column"),
    [("ab{X}", 3), ("a{b|c|D}", 6), ("a[b]", 2), ("a]", 2), ("[{a}[", 5), ("a b", 2), ("{a}[{b}", 4)],
)
def test_the_column_of_what_does_not_fit(text: str, column: int) -> None:
    (problem,) = parse(text)[1]
    assert f"(column {column} of the pattern)" in problem.message


def test_300_characters_are_the_most() -> None:
    assert not parse("a" * 300)[1]
    assert parse("a" * 301)[1][0].code == "PATTERN-LENGTH"
