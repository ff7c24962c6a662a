"""A workspace of the sandbox's Databricks whose handlers are called directly."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from dpn_sandbox.databricks.compute import HANDLERS, begin
from dpn_sandbox.databricks.workspace import ApiCall, ApiError, Workspace

SMALL = {"cluster_name": "etl", "spark_version": "15.4.x-scala2.12", "node_type_id": "i3.xlarge", "num_workers": 2}


class Desk:
    """A workspace, and a hand that gives requests to its handlers."""

    def __init__(self) -> None:
        self.time = 1_700_000_000_000
        counter = itertools.count(1)
        self.workspace = Workspace(lambda digits: f"{next(counter):0{digits}x}"[-digits:], lambda: self.time)
        begin(self.workspace)

    def ask(self, operation: str, path: dict[str, str] | None = None, **query: str) -> dict[str, Any]:
        return HANDLERS[operation](self.workspace, ApiCall(operation, path=path or {}, query=query))

    def send(self, operation: str, path: dict[str, str] | None = None, **body: Any) -> dict[str, Any]:
        return HANDLERS[operation](self.workspace, ApiCall(operation, path=path or {}, body=body))

    def cluster(self, **changes: Any) -> str:
        return str(self.send("Clusters.create", **{**SMALL, **changes})["cluster_id"])

    def running(self, **changes: Any) -> str:
        cluster_id = self.cluster(**changes)
        assert self.states(cluster_id, 2) == ["PENDING", "RUNNING"]
        return cluster_id

    def states(self, cluster_id: str, reads: int) -> list[str]:
        return [self.ask("Clusters.get", cluster_id=cluster_id)["state"] for _ in range(reads)]

    def events(self, cluster_id: str, **body: Any) -> list[str]:
        return [event["type"] for event in self.send("Clusters.events", cluster_id=cluster_id, **body)["events"]]


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def refusal() -> Callable[..., tuple[int, str]]:
    """Give status and code of the refusal that a call must end in."""

    def call(act: Callable[..., Any], *arguments: Any, **named: Any) -> tuple[int, str]:
        with pytest.raises(ApiError) as caught:
            act(*arguments, **named)
        return caught.value.status, caught.value.code

    return call
