"""Objects as rows: each operation is one statement that commits by itself, so any pooler may stand between."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from dpn import ConflictError, DpnError, LostReplyError, World
from dpn_postgres.deadline import Deadline
from dpn_postgres.errors import lost, plainly

if TYPE_CHECKING:
    from psycopg import Connection, Cursor, sql

T = TypeVar("T")
_PATIENCE = 10  # seconds to connect
_DEADLINE = 20.0  # seconds for a statement: as long as a sign of life may take under the usual lease
# Codes of PostgreSQL: undefined_table; duplicate_table, duplicate_object (the table's type) and unique_violation;
# serialization_failure, which a server gives at will if its default isolation is above read committed, and deadlock:
# after these two, nothing took effect.
_NO_TABLE = "42P01"
_MADE_BY_ANOTHER = ("42P07", "42710", "23505")
_GAVE_WAY = ("40001", "40P01")
_PAUSES = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8)

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

    def __init__(self, world: World, dsn: str, table: Table, deadline: float = _DEADLINE) -> None:
        self._world, self._dsn, self._table, self._deadline = world, dsn, table, deadline
        self._mutex = threading.RLock()
        self._open: list[tuple[Connection[Any], Deadline]] = []
        self._reached = False
        self.name = f"postgres:{table.schema}.{table.name}"
        weakref.finalize(self, _close, self._open)

    def get(self, key: str) -> tuple[bytes, str] | None:
        """Give content and version."""
        row = self._again(lambda: self._run(_GET, key=key).fetchone(), None)
        return (bytes(row[0]), row[1]) if row else None

    def put(self, key: str, content: bytes, expected: str | None) -> str:
        """Insert, or update the row that has the expected version; the table is made by the first put."""
        new = self._world.new_id()
        statement = _INSERT if expected is None else _UPDATE
        values = {"key": key, "content": content, "expected": expected, "new": new}
        kind = LostReplyError if self._reached else DpnError  # what was reached once may be again
        if not self._once(lambda: self._run(statement, kind, **values).rowcount):
            raise ConflictError
        return new

    def names(self, folder: str) -> list[str]:
        """Give what is right below a folder: `0` is the character after `/`."""
        end = f"{folder[:-1]}0"
        rows: list[Any] = self._again(lambda: self._run(_NAMES, folder=folder, end=end).fetchall(), [])
        return [row[0] for row in rows]

    def delete(self, keys: Iterable[str]) -> None:
        """Delete rows, all in one statement."""
        named = list(keys)
        self._again(lambda: self._run(_DELETE, keys=named), None)

    def close(self) -> None:
        """Let go of the connection."""
        with self._mutex:
            _close(self._open)

    def _once(self, ask: Callable[[], T], *, made: bool = False) -> T:
        """Send a put: the table is made if it is not there, and what may have taken effect is not sent again."""
        try:
            return ask()
        except DpnError:
            raise
        except Exception as error:
            code = _code(error)
            if code == _NO_TABLE and not made:
                self._make()
                return self._once(ask, made=True)
            kind = LostReplyError if lost(error) or code in _GAVE_WAY else DpnError
            raise plainly(error, self.name, self._dsn, kind) from error

    def _again(self, ask: Callable[[], T], none: T) -> T:
        """Ask what may be asked twice; over a connection that was lost meanwhile once more. No table: no objects."""
        for attempt in (0, 1):
            try:
                return ask()
            except DpnError:
                raise
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
        except DpnError:
            raise
        except Exception as error:
            if _code(error) not in _MADE_BY_ANOTHER:
                raise plainly(error, self.name, self._dsn, DpnError) from error

    def _run(self, statement: str, kind: type[DpnError] = DpnError, **values: Any) -> Cursor[Any]:
        """Run a statement; again, after a pause, if the server gave it up in favour of another one.

        `kind` is raised when there is no connection; what the statement itself raises comes as it is.
        """
        from psycopg import sql

        text = sql.SQL(statement).format(table=self._identifier)
        for pause in (*_PAUSES, None):
            try:
                with self._mutex:
                    connection, deadline = self._connected(kind)
                    with deadline.running():
                        return connection.execute(text, values, binary=True)
            except Exception as error:
                if pause is None or _code(error) not in _GAVE_WAY:
                    raise
            self._world.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    @cached_property
    def _identifier(self) -> sql.Identifier:
        from psycopg import sql

        return sql.Identifier(self._table.schema, self._table.name)

    def _connected(self, kind: type[DpnError]) -> tuple[Connection[Any], Deadline]:
        import psycopg  # 60 ms: only when something is about to be sent

        if self._open and not self._open[0][0].broken and not self._open[0][0].closed:
            return self._open[0]
        _close(self._open)
        try:
            # Prepared statements belong to a session, and behind a pooler each statement may run in another one.
            made = psycopg.connect(
                self._dsn, autocommit=True, prepare_threshold=None, connect_timeout=_PATIENCE,
                fallback_application_name="dpn", keepalives_idle=10, keepalives_interval=5, keepalives_count=3,
                tcp_user_timeout=int(self._deadline * 1000),
            )  # fmt: skip
        except Exception as error:
            raise plainly(error, self.name, self._dsn, kind) from error
        self._open.append((made, Deadline(made.fileno(), self._deadline)))
        self._reached = True
        return self._open[0]


def _close(opened: list[tuple[Connection[Any], Deadline]]) -> None:
    while opened:
        connection, deadline = opened.pop()
        deadline.close()
        connection.close()


def _code(error: Exception) -> str:
    return str(getattr(error, "sqlstate", "") or "")
