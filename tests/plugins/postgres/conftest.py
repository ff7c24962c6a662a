"""One PostgreSQL for the session, and a schema of its own for each test."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "helpers"))
from postgres_server import PASSWORD, running

_NUMBERS = count(1)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep this machine's own settings out; the password is where libpq looks for it."""
    monkeypatch.setenv("PGPASSWORD", PASSWORD)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the connection string of the session's server, without the password."""
    with running(tmp_path_factory.mktemp("postgres")) as dsn:
        yield dsn


@pytest.fixture
def schema(server: str, environment: None) -> str:
    """Give an empty schema."""
    name = f"test_{next(_NUMBERS)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}".encode())
    return name
