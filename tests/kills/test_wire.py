"""The wire of each create, with the real SDKs: whatever becomes of the reply, it is sent once and made once.

The tests try a sample; `nox -s failpoints` tries each kind with each fault.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from kill_clouds import Clouds
from kill_sample import some

from dpn import api
from dpn_sandbox.testing import Served

NAMES = {"project": "wire", "environment": "dev", "region": "us-east-1", "layer": "gold"}
COLUMNS = [{"name": "id", "type": "bigint"}]

BUCKET: Any = {"aws_s3_bucket": {"b": {"naming": {"purpose": "lake"}}}}
DATABASE: Any = {"aws_glue_database": {"d": {"naming": {"domain": "sales"}}}}
CATALOG: Any = {"databricks_catalog": {"c": {"naming": {"catalog_type": "lake"}}}}
SCHEMA: Any = {
    "databricks_schema": {"s": {"naming": {"domain": "sales"}, "spec": {"catalog": "${databricks_catalog.c}"}}}
}


def _named(kind: str, spec: Mapping[str, Any]) -> Any:
    return {kind: {"x": {"name": "wire-x", "spec": spec}}}


# What is made, what it stands in, and the request that makes it.
KINDS: Mapping[str, tuple[Any, Any, str]] = {
    "bucket": (BUCKET, {}, "CreateBucket"),
    "glue database": (DATABASE, {}, "CreateDatabase"),
    "glue table": (
        {"aws_glue_table": {"t": {"naming": {"table_type": "fact", "entity": "orders"}, "spec": {
            "database": "${aws_glue_database.d}", "location": "s3://wire-elsewhere/orders/", "format": "parquet",
            "columns": COLUMNS}}}},
        DATABASE, "CreateTable",
    ),
    "catalog": (CATALOG, {}, "Catalogs.create"),
    "schema": (SCHEMA, CATALOG, "Schemas.create"),
    "volume": (
        {"databricks_volume": {"v": {"naming": {"data_type": "raw", "purpose": "x"},
                                     "spec": {"schema": "${databricks_schema.s}"}}}},
        {**CATALOG, **SCHEMA}, "Volumes.create",
    ),
    "table": (
        {"databricks_table": {"t": {"naming": {"table_type": "fact", "entity": "orders"},
                                    "spec": {"schema": "${databricks_schema.s}", "columns": COLUMNS}}}},
        {**CATALOG, **SCHEMA}, "StatementExecution.execute_statement",
    ),
    "grant": (
        {"databricks_grant": {"g": {"spec": {"on": "${databricks_catalog.c}", "principal": "data-analysts",
                                             "privileges": ["USE_CATALOG"]}}}},
        CATALOG, "Grants.update",
    ),
    "job": (_named("databricks_job", {"tasks": [{"task_key": "a", "notebook_task": {"notebook_path": "/a"}}]}), {},
            "Jobs.create"),
    "pipeline": (_named("databricks_pipeline", {"libraries": [{"notebook": {"path": "/a"}}]}), {}, "Pipelines.create"),
    "cluster": (_named("databricks_cluster", {"num_workers": 1, "autotermination_minutes": 20}), {}, "Clusters.create"),
    "policy": (_named("databricks_cluster_policy", {"definition": {"spark_version": {"type": "unlimited"}}}), {},
               "ClusterPolicies.create"),
    "pool": (_named("databricks_instance_pool", {"node_type_id": "i3.xlarge"}), {}, "InstancePools.create"),
    "warehouse": (_named("databricks_sql_warehouse", {"cluster_size": "Small"}), {}, "Warehouses.create"),
    "secret scope": (_named("databricks_secret_scope", {}), {}, "Secrets.create_scope"),
}  # fmt: skip


def _error(status: int, code: str, applied: bool) -> Mapping[str, Any]:
    return {"kind": "error", "status": status, "code": code, "applied": applied}


FAULTS: Mapping[str, Mapping[str, Any]] = {
    "no reply": {"kind": "lost_reply"},
    "no connection": {"kind": "refuse"},
    "half a reply": {"kind": "cut"},
    "a slow reply": {"kind": "drip", "seconds": 0.3},
    "a page of a proxy": {"kind": "garbage", "status": 200, "applied": True},
    "a page of a proxy, nothing done": {"kind": "garbage", "status": 200, "applied": False},
    "throttled": {"kind": "throttle"},
    **{f"{status}, done": _error(status, code, applied=True) for status, code in (
        (500, "INTERNAL_ERROR"), (502, "BAD_GATEWAY"), (503, "TEMPORARILY_UNAVAILABLE"), (504, "DEADLINE_EXCEEDED"))},
    **{f"{status}, nothing done": _error(status, code, applied=False) for status, code in (
        (500, "INTERNAL_ERROR"), (502, "BAD_GATEWAY"), (503, "TEMPORARILY_UNAVAILABLE"), (504, "DEADLINE_EXCEEDED"))},
}  # fmt: skip
CASES = [(kind, fault) for kind in KINDS for fault in FAULTS]


KEPT = ("statements", "events", "dropped_tables")
"""What the service keeps of what is gone."""


class Wire:
    """A fresh cloud on which all that a kind stands in is made already."""

    def __init__(self, clouds: Clouds, kind: str) -> None:
        self.made, self.around, self.operation = KINDS[kind]
        self.clouds = clouds
        clouds.reset()
        shutil.rmtree(clouds.stacks / "wire.dev", ignore_errors=True)
        if self.around:
            api.apply(self._options(self.around), clouds.world)
        self.want(self.made)
        self.served: Served = clouds.aws if next(iter(self.made)).startswith("aws") else clouds.databricks
        self.was, self._asked = self.objects(), len(self._requests())

    def want(self, resources: Any) -> None:
        """Write a blueprint of these, beside what they stand in."""
        self.options = self._options({**self.around, **resources})

    def _options(self, resources: Any) -> api.Options:
        document = {"version": "1", "stack": "wire", "metadata": NAMES, "providers": {"aws": {}, "databricks": {}}}
        return self.clouds.options({**document, "resources": resources}, "wire")

    def apply(self, fault: Mapping[str, Any]) -> str:
        """Apply while one create meets a fault; give the outcome."""
        self.served.faults([{**fault, "match": {"operation": self.operation, "write": True}}])
        result = api.apply(self.options, self.clouds.world).result
        assert result
        return result.outcome

    def objects(self) -> set[tuple[str, str]]:
        """Give what is there, but for what a catalog brings along."""
        there = {(kind, key) for kind, things in self.served.objects().items() if kind not in KEPT for key in things}
        return {(kind, key) for kind, key in there if not key.endswith((".default", ".information_schema"))}

    def _requests(self) -> list[int]:
        asked = [row for row in self.served.requests() if row["operation"] == self.operation and row["write"]]
        return [row["status"] for row in asked]

    def sent(self) -> int:
        """Count the requests to make it."""
        return len(self._requests()) - self._asked


@pytest.mark.parametrize(("kind", "fault"), some(CASES, 24))
def test_a_create_is_sent_once_and_made_once_whatever_becomes_of_its_reply(
    clouds: Clouds, kind: str, fault: str
) -> None:
    wire, how = Wire(clouds, kind), FAULTS[fault]
    outcome, done = wire.apply(how), "nothing done" not in fault and fault != "no connection"
    again = fault == "throttled" or (kind == "grant" and fault != "a slow reply")  # granting twice is granting once
    assert wire.sent() == 1 + again
    if kind == "secret scope" and done and fault not in ("throttled", "a slow reply"):
        assert outcome == "blocked"  # it has no place for a marker: a person has to say whose it is
    else:
        assert outcome == ("done" if done or again else "rolled_back")
    assert len(wire.objects() - wire.was) == (outcome != "rolled_back")
    assert wire.was <= wire.objects()
    if outcome == "done":
        assert api.is_empty(api.plan(wire.options, clouds.world).plan)


@pytest.mark.parametrize("operation", ["PutBucketVersioning", "PutPublicAccessBlock", "UpdateTable"])
def test_a_page_of_a_proxy_in_place_of_a_put_is_no_success(clouds: Clouds, operation: str) -> None:
    wire = Wire(clouds, "glue table" if operation == "UpdateTable" else "bucket")
    wire.operation = operation
    if operation == "UpdateTable":
        table = wire.made["aws_glue_table"]["t"]
        assert wire.apply({"kind": "latency"}) == "done"
        wire.want({"aws_glue_table": {"t": {**table, "spec": {**table["spec"], "description": "changed"}}}})
    assert wire.apply(FAULTS["a page of a proxy, nothing done"]) == "done"
    assert wire.sent() == 2
    assert api.is_empty(api.plan(wire.options, clouds.world).plan)
