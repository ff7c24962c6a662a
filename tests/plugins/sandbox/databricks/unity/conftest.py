"""A workspace of the sandbox's Databricks whose Unity Catalog and SQL are called directly."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest

from dpn_sandbox.databricks import handlers
from dpn_sandbox.databricks.warehouses import STARTER_ID
from dpn_sandbox.databricks.workspace import ApiCall, ApiError, Workspace


class Unity:
    """A workspace whose starter warehouse runs, and a hand that gives requests to its handlers."""

    def __init__(self) -> None:
        self.time = 1_700_000_000_000
        counter = itertools.count(1)
        self.workspace = Workspace(lambda digits: f"{next(counter):0{digits}x}"[-digits:], lambda: self.time)
        handlers.begin(self.workspace)

    def give(self, call: ApiCall) -> dict[str, Any]:
        return handlers.HANDLERS[call.operation](self.workspace, call)

    def ask(self, operation: str, path: dict[str, str] | None = None, **query: str) -> dict[str, Any]:
        return self.give(ApiCall(operation, path=path or {}, query=query))

    def send(self, operation: str, path: dict[str, str] | None = None, **body: Any) -> dict[str, Any]:
        return self.give(ApiCall(operation, path=path or {}, body=body))

    def get(self, kind: str, name: str) -> dict[str, Any]:
        verb = "read" if kind == "Volumes" else "get"
        return self.ask(f"{kind}.{verb}", {"name": name, "full_name": name})

    def execute(self, statement: str, **body: Any) -> dict[str, Any]:
        asked = {"warehouse_id": STARTER_ID, "statement": statement, **body}
        return self.send("StatementExecution.execute_statement", **asked)

    def run(self, statement: str, **body: Any) -> dict[str, Any]:
        reply = self.execute(statement, **body)
        assert reply["status"] == {"state": "SUCCEEDED"}
        return reply

    def fail(self, statement: str) -> str:
        """Give the error class of a statement that must fail and change no table."""
        before = self._tables()
        status = self.execute(statement)["status"]
        assert (status["state"], status["error"]["error_code"]) == ("FAILED", "BAD_REQUEST")
        assert self._tables() == before
        message: str = status["error"]["message"]
        return message[1 : message.index("]")]

    def stop(self) -> None:
        self.send("Warehouses.stop", {"id": STARTER_ID})
        while self.warehouse() != "STOPPED":
            pass

    def warehouse(self) -> str:
        return str(self.ask("Warehouses.get", {"id": STARTER_ID})["state"])

    def poll(self, statement_id: str) -> str:
        reply = self.ask("StatementExecution.get_statement", {"statement_id": statement_id})
        return str(reply["status"]["state"])

    def _tables(self) -> str:
        return json.dumps([self.workspace.collections.get(key) for key in ("tables", "dropped_tables")])


@pytest.fixture
def unity() -> Unity:
    return Unity()


@pytest.fixture
def lake(unity: Unity) -> Unity:
    """Give a workspace with a catalog `lake`, a schema, a table and a volume."""
    unity.send("Catalogs.create", name="lake")
    unity.send("Schemas.create", name="raw", catalog_name="lake")
    unity.run("CREATE TABLE lake.raw.orders (id BIGINT)")
    unity.send("Volumes.create", name="files", catalog_name="lake", schema_name="raw", volume_type="MANAGED")
    return unity


@pytest.fixture(scope="session")
def fresh() -> Callable[[], Unity]:
    """Give a new workspace for each example of a property."""
    return Unity


@pytest.fixture
def refused() -> Callable[..., ApiError]:
    """Give the refusal that a call must end in."""

    def call(act: Callable[..., Any], *arguments: Any, **named: Any) -> ApiError:
        with pytest.raises(ApiError) as caught:
            act(*arguments, **named)
        return caught.value

    return call
