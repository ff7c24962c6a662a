"""The statements that bring a table's columns from what they are to what they are to be. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dpn_databricks.errors import StatementFailedError
from dpn_databricks.sql import literal, names, quote

Column = Mapping[str, Any]


def definition(column: Column) -> str:
    """Give a column as CREATE TABLE takes it."""
    null = "" if column.get("nullable", True) else " NOT NULL"
    comment = f" COMMENT {literal(column['comment'])}" if column.get("comment") else ""
    return f"{quote(column['name'])} {column['type']}{null}{comment}"


def alterations(table: str, wanted: Sequence[Column], there: Sequence[Column], *, mapped: bool) -> Iterator[str]:
    """Yield the statements, the additions first; `mapped`: column mapping is on, so that columns can be dropped.

    Raises StatementFailedError, before anything is sent, for what Delta cannot do.
    """
    before, after = _by_name(there), _by_name(wanted)
    added = [after[name] for name in after if name not in before]
    gone = [before[name]["name"] for name in before if name not in after]
    _refuse(added, gone, mapped=mapped)
    _refuse_types([name for name in after if name in before and after[name]["type"] != before[name]["type"]])
    if added:
        yield f"ALTER TABLE {table} ADD COLUMNS ({', '.join(map(definition, added))})"
    for name in after:
        if name in before:
            yield from _changed(table, after[name], before[name])
    if gone:
        yield f"ALTER TABLE {table} DROP COLUMNS {names(gone)}"
    yield from _ordered(table, list(after), [name for name in [*before, *after] if name in after])


def _refuse(added: Sequence[Column], gone: Sequence[str], *, mapped: bool) -> None:
    if strict := [column["name"] for column in added if not column.get("nullable", True)]:
        raise StatementFailedError(
            f"Delta adds no column that may not be null ({', '.join(strict)}): add it with nullable, fill it, and then "
            "take nullable away; nothing was sent.",
            "COLUMN-NOT-NULL",
        )
    if gone and not mapped:
        raise StatementFailedError(
            f"Delta drops a column ({', '.join(gone)}) only where column mapping is on: set the property "
            '"delta.columnMapping.mode" to "name" first; nothing was sent.',
            "COLUMN-DROP",
        )


def _refuse_types(names: Sequence[str]) -> None:
    if names:
        raise StatementFailedError(
            f"Delta can widen a column's type and never take that back ({', '.join(names)}), so a transaction does not: "
            "add a column of the new type; or alter the table yourself, and write the new type here after that.",
            "COLUMN-TYPE",
        )


def _changed(table: str, wanted: Column, there: Column) -> Iterator[str]:
    alter = f"ALTER TABLE {table} ALTER COLUMN {quote(there['name'])}"
    if wanted.get("comment") != there.get("comment"):
        yield f"{alter} COMMENT {literal(wanted.get('comment', ''))}"
    if wanted.get("nullable", True) != there.get("nullable", True):
        yield f"{alter} {'DROP' if wanted.get('nullable', True) else 'SET'} NOT NULL"


def _ordered(table: str, wanted: Sequence[str], there: Sequence[str]) -> Iterator[str]:
    """Move what stands in another place; `there` is the order once all that is to be added or dropped is."""
    now = list(dict.fromkeys(there))
    for place, name in enumerate(wanted):
        if now[place] != name:
            now.remove(name)
            now.insert(place, name)
            behind = f"AFTER {quote(wanted[place - 1])}" if place else "FIRST"
            yield f"ALTER TABLE {table} ALTER COLUMN {quote(name)} {behind}"


def _by_name(columns: Sequence[Column]) -> dict[str, Column]:
    return {str(column["name"]).lower(): column for column in columns}
