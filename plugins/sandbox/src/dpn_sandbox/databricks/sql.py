"""The grammar of the statements that the sandbox runs: one function for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from dpn_sandbox.databricks import alterations, ddl
from dpn_sandbox.databricks.alterations import Alteration
from dpn_sandbox.databricks.ddl import Parts, Step
from dpn_sandbox.databricks.sql_text import Cursor, SqlError
from dpn_sandbox.databricks.sql_types import column, data_type
from dpn_sandbox.databricks.table_store import NewTable

_FORMATS = ("USING", "LOCATION", "PARTITIONED", "CLUSTER", "COMMENT", "TBLPROPERTIES")


def parse(text: str) -> Step:
    """Read one statement; give what it does. Raises SqlError for one that cannot be read or that is not served."""
    cursor = Cursor(text)
    for words, read in _STATEMENTS:
        if cursor.take(*words):
            step = read(cursor)
            cursor.end()
            return step
    message = "The sandbox runs statements that define tables, no other."
    raise SqlError("UNSUPPORTED_FEATURE.STATEMENT", "0A000", message)


def _create(cursor: Cursor) -> Step:
    if_not_exists = cursor.take("IF", "NOT", "EXISTS")
    parts = cursor.dotted()
    clauses: dict[str, Any] = {}
    if cursor.take("("):
        clauses["columns"] = [column(cursor)]
        while cursor.take(","):
            clauses["columns"].append(column(cursor))
        cursor.expect(")")
        clauses["columns"] = [item.info(place) for place, item in enumerate(clauses["columns"])]
    while (word := next((word for word in _FORMATS if cursor.take(word)), None)) is not None:
        field, value = _CLAUSES[word](cursor)
        if field in clauses:
            raise SqlError("DUPLICATE_CLAUSES", "42614", f"Found duplicate clauses: {word}.")
        clauses[field] = value
    clauses.pop("format", None)
    return partial(ddl.create_table, parts, NewTable("", **clauses), if_not_exists)


def _using(cursor: Cursor) -> tuple[str, Any]:
    name = cursor.identifier()
    if name.upper() != "DELTA":
        message = f"Data source format {name.upper()} is not supported in the sandbox's Unity Catalog."
        raise SqlError("UC_DATASOURCE_NOT_SUPPORTED", "0AKUC", message)
    return "format", name


def _location(cursor: Cursor) -> tuple[str, Any]:
    return "storage_location", cursor.string()


def _partitioned(cursor: Cursor) -> tuple[str, Any]:
    cursor.expect("BY")
    return "partitions", cursor.group(Cursor.identifier)


def _cluster(cursor: Cursor) -> tuple[str, Any]:
    cursor.expect("BY")
    return "clusters", cursor.group(Cursor.identifier)


def _comment(cursor: Cursor) -> tuple[str, Any]:
    return "comment", cursor.string()


def _properties(cursor: Cursor) -> tuple[str, Any]:
    return "properties", dict(cursor.group(_property))


_CLAUSES: Mapping[str, Callable[[Cursor], tuple[str, Any]]] = {
    "USING": _using,
    "LOCATION": _location,
    "PARTITIONED": _partitioned,
    "CLUSTER": _cluster,
    "COMMENT": _comment,
    "TBLPROPERTIES": _properties,
}


def _key(cursor: Cursor) -> str:
    return cursor.string() if cursor.is_string() else ".".join(cursor.dotted())


def _property(cursor: Cursor) -> tuple[str, str]:
    key = _key(cursor)
    cursor.take("=")
    return key, cursor.literal()


def _alter(cursor: Cursor) -> Step:
    parts = cursor.dotted()
    if cursor.take("RENAME", "TO"):
        return partial(ddl.rename, parts, cursor.dotted())
    if cursor.take("SET", "OWNER", "TO") or cursor.take("OWNER", "TO"):
        return _altered(parts, partial(alterations.set_owner, cursor.identifier()), commit=False)
    for words, read in _ALTERATIONS:
        if cursor.take(*words):
            return _altered(parts, read(cursor))
    return cursor.refuse()


def _altered(parts: Parts, change: Alteration, *, commit: bool = True) -> Step:
    return partial(ddl.alter, parts, change, commit)


def _set_properties(cursor: Cursor) -> Alteration:
    return partial(alterations.set_properties, _properties(cursor)[1])


def _unset_properties(cursor: Cursor) -> Alteration:
    if_exists = cursor.take("IF", "EXISTS")
    return _unset(cursor.group(_key), if_exists)


def _unset(keys: tuple[str, ...], if_exists: bool) -> Alteration:
    return partial(alterations.unset_properties, keys, if_exists)


def _add_columns(cursor: Cursor) -> Alteration:
    return partial(alterations.add_columns, cursor.group(column))


def _drop_columns(cursor: Cursor) -> Alteration:
    return partial(alterations.drop_columns, cursor.group(Cursor.identifier))


def _drop_column(cursor: Cursor) -> Alteration:
    return partial(alterations.drop_columns, (cursor.identifier(),))


def _rename_column(cursor: Cursor) -> Alteration:
    old = cursor.identifier()
    cursor.expect("TO")
    return partial(alterations.rename_column, old, cursor.identifier())


def _alter_column(cursor: Cursor) -> Alteration:
    name = cursor.identifier()
    if cursor.take("COMMENT"):
        return partial(alterations.comment_column, name, cursor.string())
    if cursor.take("TYPE"):
        return partial(alterations.change_type, name, data_type(cursor))
    if cursor.take("FIRST"):
        return partial(alterations.move_column, name, None)
    if cursor.take("AFTER"):
        return partial(alterations.move_column, name, cursor.identifier())
    nullable = cursor.take("DROP")
    if not nullable:
        cursor.expect("SET")
    cursor.expect("NOT", "NULL")
    return partial(alterations.set_nullable, name, nullable)


def _cluster_by(cursor: Cursor) -> Alteration:
    return partial(alterations.cluster_by, () if cursor.take("NONE") else cursor.group(Cursor.identifier))


def _comment_on(cursor: Cursor) -> Step:
    parts = cursor.dotted()
    cursor.expect("IS")
    comment = None if cursor.take("NULL") else cursor.string()
    return _altered(parts, partial(alterations.set_comment, comment))


def _drop(cursor: Cursor) -> Step:
    if_exists = cursor.take("IF", "EXISTS")
    return _dropped(cursor.dotted(), if_exists)


def _dropped(parts: Parts, if_exists: bool) -> Step:
    return partial(ddl.drop, parts, if_exists)


def _undrop(cursor: Cursor) -> Step:
    if cursor.take("WITH", "ID"):
        return partial(ddl.undrop_id, cursor.string())
    return partial(ddl.undrop, cursor.dotted())


def _show_dropped(cursor: Cursor) -> Step:
    named = cursor.take("IN") or cursor.take("FROM")
    return partial(ddl.show_dropped, cursor.dotted() if named else ())


_ALTERATIONS: tuple[tuple[tuple[str, ...], Callable[[Cursor], Alteration]], ...] = (
    (("SET", "TBLPROPERTIES"), _set_properties),
    (("UNSET", "TBLPROPERTIES"), _unset_properties),
    (("ADD", "COLUMNS"), _add_columns),
    (("ADD", "COLUMN"), _add_columns),
    (("DROP", "COLUMNS"), _drop_columns),
    (("DROP", "COLUMN"), _drop_column),
    (("RENAME", "COLUMN"), _rename_column),
    (("ALTER", "COLUMN"), _alter_column),
    (("CLUSTER", "BY"), _cluster_by),
)
_STATEMENTS: tuple[tuple[tuple[str, ...], Callable[[Cursor], Step]], ...] = (
    (("CREATE", "TABLE"), _create),
    (("ALTER", "TABLE"), _alter),
    (("COMMENT", "ON", "TABLE"), _comment_on),
    (("DROP", "TABLE"), _drop),
    (("UNDROP", "TABLE"), _undrop),
    (("SHOW", "TABLES", "DROPPED"), _show_dropped),
)
