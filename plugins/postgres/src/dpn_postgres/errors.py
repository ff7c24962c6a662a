"""What an error of PostgreSQL means, in plain words and without the password."""

from __future__ import annotations

import re
from typing import TypeVar

from dpn import DpnError

E = TypeVar("E", bound=DpnError)

_GRANTS = "Give that role the grants in docs/how-to/share-state.md."
_SERVER = "Look whether the server runs and lets you in: psql with the same connection string."
_HINTS = {
    "28P01": "Check user and password of the dsn, or of PGUSER and PGPASSWORD.",
    "28000": "Check the user of the dsn, and what pg_hba.conf lets in.",
    "3D000": "Make the database first: createdb NAME.",
    "3F000": "Make the schema first: CREATE SCHEMA NAME.",
    "42501": _GRANTS,
    "25006": "This server is read-only (a replica?): name the primary, or set target_session_attrs=read-write.",
    "53300": "The server has no connection left; run the command again later.",
}
_ITS_WORDS = re.compile(r"\"[^\"]*\"|'[^']*'|(?<=port )[^\s,]+|\([^)]*\)")
"""What libpq and psycopg quote, and what they found for a host."""
_UNKNOWN = ("08", "57", "XX", "58")
"""Classes of errors after which nobody knows what took effect: connection, operator, internal, system."""


def lost(error: Exception) -> bool:
    """Tell whether the reply was lost: there is no answer of the server, or one that it broke down."""
    code = str(getattr(error, "sqlstate", "") or "")
    return code.startswith(_UNKNOWN) if code else type(error).__name__ in ("OperationalError", "InterfaceError")


def plainly(error: Exception, name: str, dsn: str, kind: type[E]) -> E:
    """Give the error to show: what the server said, and the next thing to do."""
    code = str(getattr(error, "sqlstate", "") or "")
    if type(error).__name__ == "ProgrammingError" and not code:  # its message repeats the string, password and all
        text = "the connection string is none that libpq reads"
        return kind(f"PostgreSQL, {name}: {text}.", hint="Write dsn: postgresql://USER@HOST/DATABASE")
    text = " ".join(str(error).split()) or type(error).__name__
    if not code:  # libpq itself speaks: what it takes for a host or a port may be the rest of a password
        text = _ITS_WORDS.sub("…", text)
    for secret in _secrets(dsn):
        text = text.replace(secret, "…")
    return kind(f"PostgreSQL, {name}: {text.rstrip('.')}.", hint=_HINTS.get(code, _SERVER))


def _secrets(dsn: str) -> list[str]:
    from psycopg import Error, conninfo

    try:
        values = conninfo.conninfo_to_dict(dsn)
    except Error:
        return [dsn] if dsn else []
    return [str(value) for key, value in values.items() if "password" in key and value]
