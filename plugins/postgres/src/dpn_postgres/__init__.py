"""The state backend `postgres` of dpn: one table of named objects with compare-and-swap.

Importing this package imports no driver: psycopg is loaded when the first statement is near.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from dpn import BackendType, InputError, World, hookimpl
from dpn_postgres.table import Table, TableObjects

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_VARIABLE = "DPN_POSTGRES_DSN"


@hookimpl
def dpn_backends() -> Iterable[BackendType]:
    """Offer the backend `postgres`."""
    yield BackendType("postgres", objects=open_table)


def open_table(world: World, settings: Mapping[str, Any]) -> TableObjects:
    """Open the store for `state: {backend: postgres, …}`; nothing is sent yet. InputError for a bad setting.

    Without a dsn, and without the variable for it, all is left to libpq's own variables, PGHOST and its like.
    """
    for key, value in settings.items():
        if key not in ("dsn", "schema", "table") or not isinstance(value, str):
            raise InputError(
                f"The state backend postgres does not take {key} = {_shown(key, value)}.",
                hint="It takes dsn, schema and table (text), and lease (seconds), in config.yaml under state.",
            )
    for key in ("schema", "table"):
        if key in settings and not _NAME.fullmatch(settings[key]):
            raise InputError(
                f"The state backend postgres does not take {key} = {settings[key]!r}.",
                hint="A name has lower-case letters, digits and '_', and begins with none of the digits.",
            )
    table = Table(settings.get("schema", "public"), settings.get("table", "dpn_objects"))
    return TableObjects(world, settings.get("dsn") or world.env.get(_VARIABLE, ""), table)


def _shown(key: str, value: Any) -> str:
    return "something that is no text" if key == "dsn" else repr(value)
