"""Changes of columns, carried out by the SQL of the sandbox without a server."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpn_databricks.errors import NotSentError
from dpn_databricks.sql import pairs
from dpn_databricks.table_changes import alterations, definition
from dpn_sandbox.databricks import sql, unity
from dpn_sandbox.databricks.ddl import Session
from dpn_sandbox.databricks.workspace import Workspace

TABLE = "`main`.`default`.`t`"
NAMES = ("a", "Total", "it`s", "order", "é", "x.y")
TYPES = ("int", "string", "decimal(10,2)", "array<struct<Sku:string>>", "date", "map<string,bigint>")
COMMENTS = (None, "x", "it's \\ ${here}\n")
Columns = list[dict[str, Any]]


class Lake:
    """One table of the sandbox, which takes statements and shows its columns as a spec has them."""

    def __init__(self, columns: Columns, mode: str = "name") -> None:
        ids, times = count(1), count(1_700_000_000_000)
        workspace = Workspace(lambda digits: f"{next(ids):0{digits}x}", lambda: next(times))
        unity.begin(workspace)
        self._session = Session(workspace, "main", "default")
        listed, properties = ", ".join(map(definition, columns)), pairs({"delta.columnMapping.mode": mode})
        self.run(f"CREATE TABLE {TABLE} ({listed}) USING DELTA TBLPROPERTIES {properties}")

    def run(self, statement: str) -> None:
        sql.parse(statement)(self._session)

    @property
    def columns(self) -> Columns:
        table = self._session.workspace.of("tables")["main.default.t"]
        return [column(one["name"], one["type_text"], one["nullable"], one.get("comment")) for one in table["columns"]]


def column(name: str, text: str = "int", nullable: bool = True, comment: str | None = None) -> dict[str, Any]:
    return {"name": name, "type": text, "nullable": nullable, **({"comment": comment} if comment else {})}


@st.composite
def changes(draw: st.DrawFn) -> tuple[Columns, Columns]:
    """Draw columns that are there and columns that are wanted, of which Delta can make the ones of the others."""
    before = draw(st.lists(st.sampled_from(range(len(NAMES))), min_size=1, unique=True))
    kept = draw(st.sampled_from(before))
    others = st.sampled_from([at for at in range(len(NAMES)) if at != kept])
    after = draw(st.permutations([kept, *draw(st.lists(others, unique=True))]))

    def columns(places: Sequence[int], other: Sequence[int]) -> Columns:
        comments, free = st.sampled_from(COMMENTS), st.booleans()
        return [column(NAMES[at], TYPES[at], at not in other or draw(free), draw(comments)) for at in places]

    return columns(before, after), columns(after, before)


@given(changes())
def test_the_statements_make_what_is_wanted_of_what_is_there(change: tuple[Columns, Columns]) -> None:
    before, after = change
    lake = Lake(before)
    for statement in alterations(TABLE, after, lake.columns, mapped=True):
        lake.run(statement)
    assert lake.columns == after
    assert [*alterations(TABLE, after, lake.columns, mapped=True)] == []


@given(changes(), st.lists(st.integers(0, 4), max_size=3))
def test_after_a_crash_the_rest_is_what_is_left(change: tuple[Columns, Columns], crashes: list[int]) -> None:
    before, after = change
    lake = Lake(before)
    for survived in [*crashes, None]:
        for statement in [*alterations(TABLE, after, lake.columns, mapped=True)][:survived]:
            lake.run(statement)
    assert lake.columns == after


@given(changes())
def test_each_statement_is_of_use(change: tuple[Columns, Columns]) -> None:
    lake = Lake(change[0])
    for statement in alterations(TABLE, change[1], lake.columns, mapped=True):
        seen = lake.columns
        lake.run(statement)
        assert lake.columns != seen


@pytest.mark.parametrize(
    ("wanted", "there"),
    [
        ([column("a"), column("b"), column("c", nullable=False)], [column("a")]),
        ([column("b"), column("a", "bigint")], [column("a")]),
        ([column("b"), column("A")], [column("a")]),
        ([column("b")], [column("a")]),
        ([column("a", comment="x")], [column("a"), column("b", nullable=False)]),
    ],
)
def test_a_refusal_comes_before_the_first_statement(wanted: Columns, there: Columns) -> None:
    with pytest.raises(NotSentError) as caught:
        next(alterations(TABLE, wanted, there, mapped=True))
    assert caught.value.hint


def test_without_column_mapping_nothing_is_dropped() -> None:
    there = [column("a"), column("b")]
    lake = Lake(there, "none")
    with pytest.raises(NotSentError, match="column mapping"):
        next(alterations(TABLE, there[:1], lake.columns, mapped=False))
    for statement in alterations(TABLE, [there[1], there[0]], lake.columns, mapped=False):
        lake.run(statement)
    assert [one["name"] for one in lake.columns] == ["b", "a"]
