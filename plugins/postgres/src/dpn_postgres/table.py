"""Objects as rows: each operation is one statement that commits by itself, so any pooler may stand between."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from dpn import ConflictError, DpnError, LostReplyError, World
from dpn_postgres.errors import lost, plainly

if TYPE_CHECKING:
    from psycopg import Connection, Cursor, sql

T = TypeVar("T")
_PATIENCE = 10  # seconds to connect
# Codes of PostgreSQL: undefined_table; duplicate_table and unique_violation; serialization_failure and deadlock, which
# a server gives for a row that somebody else has just changed if its default isolation is above read committed.
_NO_TABLE = "42P01"
_MADE_BY_ANOTHER = ("42P07", "23505")
_OVERTAKEN = ("40001", "40P01")

_MAKE = """CREATE TABLE IF NOT EXISTS {table} (
    key text COLLATE "C" PRIMARY KEY, version text NOT NULL, content bytea NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now())"""
_GET = "SELECT content, version FROM {table} WHERE key = %(key)s"
_INSERT = "INSERT INTO {table} (key, version, content) VALUES (%(key)s, %(new)s, %(content)s) ON CONFLICT DO NOTHING"
_UPDATE = """UPDATE {table} SET version = %(new)s, content = %(content)s, updated_at = now()
    WHERE key = %(key)s AND version = %(expected)s"""
_NAMES = """SELECT DISTINCT split_part(substr(key, length(%(folder)s) + 1), '/', 1) COLLATE "C" FROM {table}
    WHERE key >= %(folder)s AND key < %(end)s ORDER BY 1"""
_DELETE = "DELETE FROM {table} WHERE key = ANY(%(keys)s)"


@dataclass(frozen=True, slots=True)
class Table:
    """Where the rows are."""

    schema: str
    name: str


class TableObjects:
    """The objects of a table. One connection, used by one thread at a time, and opened again when it was lost."""

    def __init__(self, world: World, dsn: str, table: Table) -> None:
        self._world, self._dsn, self._table = world, dsn, table
        self._mutex = threading.RLock()
        self._open: list[Connection[Any]] = []
        self._reached = False
        self.name = f"postgres:{table.schema}.{table.name}"
        self.close = weakref.finalize(self, _close, self._open)

    def get(self, key: str) -> tuple[bytes, str] | None:
        """Give content and version."""
        row = self._again(lambda: self._run(_GET, key=key).fetchone(), None)
        return (bytes(row[0]), row[1]) if row else None

    def put(self, key: str, content: bytes, expected: str | None) -> str:
        """Insert, or update the row that has the expected version; the table is made by the first put."""
        new = self._world.new_id()
        statement = _INSERT if expected is None else _UPDATE
        values = {"key": key, "content": content, "expected": expected, "new": new}
        with self._mutex:
            self._connected(LostReplyError if self._reached else DpnError)  # what was reached once may be again
            changed = self._once(lambda: self._run(statement, **values).rowcount)
        if not changed:
            raise ConflictError
        return new

    def names(self, folder: str) -> list[str]:
        """Give what is right below a folder: `0` is the character after `/`."""
        end = f"{folder[:-1]}0"
        rows: list[Any] = self._again(lambda: self._run(_NAMES, folder=folder, end=end).fetchall(), [])
        return [row[0] for row in rows]

    def delete(self, keys: Iterable[str]) -> None:
        """Delete rows, all in one statement."""
        self._again(lambda: self._run(_DELETE, keys=list(keys)), None)

    def _once(self, ask: Callable[[], T], *, made: bool = False) -> T:
        """Send a put: the table is made if it is not there, and nothing is sent again."""
        try:
            return ask()
        except Exception as error:
            code = _code(error)
            if code in _OVERTAKEN:
                raise ConflictError from error
            if code == _NO_TABLE and not made:
                self._make()
                return self._once(ask, made=True)
            kind = LostReplyError if lost(error) else DpnError
            raise plainly(error, self.name, self._dsn, kind) from error

    def _again(self, ask: Callable[[], T], none: T) -> T:
        """Ask what may be asked twice; over a connection that was lost meanwhile once more. No table: no objects."""
        for attempt in (0, 1):
            with self._mutex:
                self._connected()
                try:
                    return ask()
                except Exception as error:
                    if _code(error) == _NO_TABLE:
                        return none
                    if attempt or not lost(error):
                        raise plainly(error, self.name, self._dsn, DpnError) from error
        raise AssertionError("the second attempt returns or raises")

    def _make(self) -> None:
        """Make the table; several may do so at once, and PostgreSQL lets one of them fail."""
        try:
            self._run(_MAKE)
        except Exception as error:
            if _code(error) not in _MADE_BY_ANOTHER:
                raise plainly(error, self.name, self._dsn, DpnError) from error

    def _run(self, statement: str, **values: Any) -> Cursor[Any]:
        from psycopg import sql

        text = sql.SQL(statement).format(table=self._identifier)
        return self._connected().execute(text, values, binary=True)

    @cached_property
    def _identifier(self) -> sql.Identifier:
        from psycopg import sql

        return sql.Identifier(self._table.schema, self._table.name)

    def _connected(self, kind: type[DpnError] = DpnError) -> Connection[Any]:
        import psycopg  # 60 ms: only when something is about to be sent

        if self._open and not self._open[0].broken and not self._open[0].closed:
            return self._open[0]
        _close(self._open)
        try:
            # Prepared statements belong to a session, and behind a pooler each statement may run in another one.
            made = psycopg.connect(
                self._dsn, autocommit=True, prepare_threshold=None, connect_timeout=_PATIENCE,
                fallback_application_name="dpn",
            )  # fmt: skip
        except Exception as error:
            raise plainly(error, self.name, self._dsn, kind) from error
        self._open.append(made)
        self._reached = True
        return made


def _close(connections: list[Connection[Any]]) -> None:
    while connections:
        connections.pop().close()


def _code(error: Exception) -> str:
    return str(getattr(error, "sqlstate", "") or "")
