"""The statements that bring a table's columns from what they are to what they are to be. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dpn_databricks.errors import NotSentError
from dpn_databricks.sql import literal, names, quote

Column = Mapping[str, Any]
_STRICT = (
    "Delta adds no column that may not be null",
    "Add it as nullable, fill it, and then set nullable to false.",
)
_TYPES = (
    "Delta can widen the type of a column and never take that back, so a transaction does not",
    "Add a column of the new type; or alter the table yourself, and write the new type here after that.",
)
_CASES = ("Delta does not tell columns apart by case, so these keep their names", "Write the names as they are there.")
_GONE = (
    "Delta drops a column only where column mapping is on",
    'Set the property "delta.columnMapping.mode" to "name", apply that, and then leave the column out.',
)
_ALL = (
    "A table keeps one column at least, so these are not dropped",
    "Write the columns that stay; or leave the table out, which deletes it.",
)
_BOUND = (
    "Delta could not bring a column back that may not be null, so it is not dropped",
    "Set nullable to true, apply that, and then leave the column out.",
)


def is_mapped(holder: Mapping[str, Any]) -> bool:
    """Tell whether the properties of a spec say that column mapping is on, without which Delta drops no column."""
    return holder.get("properties", {}).get("delta.columnMapping.mode") in ("name", "id")


def definition(column: Column) -> str:
    """Give a column as CREATE TABLE takes it."""
    null = "" if column.get("nullable", True) else " NOT NULL"
    comment = f" COMMENT {literal(column['comment'])}" if column.get("comment") else ""
    return f"{quote(column['name'])} {column['type']}{null}{comment}"


def alterations(table: str, wanted: Sequence[Column], there: Sequence[Column], *, mapped: bool) -> Iterator[str]:
    """Yield the statements, the additions first; `mapped`: column mapping is on, so that columns can be dropped.

    Raises NotSentError, before the first statement, for what Delta cannot do.
    """
    for message, hint in refusals(wanted, there, mapped=mapped):
        raise NotSentError(message, hint)
    before, after = _by_name(there), _by_name(wanted)
    added = [after[name] for name in after if name not in before]
    gone = [before[name]["name"] for name in before if name not in after]
    if added:
        yield f"ALTER TABLE {table} ADD COLUMNS ({', '.join(map(definition, added))})"
    for name in after:
        if name in before:
            yield from _changed(table, after[name], before[name])
    if gone:
        yield f"ALTER TABLE {table} DROP COLUMNS {names(gone)}"
    yield from _ordered(table, list(after), [name for name in [*before, *after] if name in after])


def refusals(wanted: Sequence[Column], there: Sequence[Column], *, mapped: bool) -> Iterator[tuple[str, str]]:
    """Yield what Delta cannot do, or can never take back, each with the next step; a plan can ask it as well."""
    before, after = _by_name(there), _by_name(wanted)
    stay = [name for name in after if name in before]
    strict = [name for name in after if name not in before and not after[name].get("nullable", True)]
    types = [name for name in stay if after[name]["type"] != before[name]["type"]]
    cases = [str(before[name]["name"]) for name in stay if after[name]["name"] != before[name]["name"]]
    gone = [str(before[name]["name"]) for name in before if name not in after]
    bound = [name for name in gone if not before[name.lower()].get("nullable", True)]
    found = (
        (strict, _STRICT),
        (types, _TYPES),
        (cases, _CASES),
        (bound, _BOUND),
        (gone if not stay else [], _ALL),
        ([] if mapped else gone, _GONE),
    )
    yield from ((f"{message}: {', '.join(columns)}.", hint) for columns, (message, hint) in found if columns)


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
