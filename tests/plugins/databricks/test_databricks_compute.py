"""Pools, policies and warehouses on the level of HTTP: requests, bodies, and what the service fills in."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import requests

from dpn import Broken, Kind, Marker, Observed, Ready, Ref, Wait, Want
from dpn.canonical import canonical
from dpn.offers import kind_info
from dpn_databricks.client import DatabricksSession
from dpn_databricks.cluster_policy import ClusterPolicy
from dpn_databricks.errors import classify
from dpn_databricks.instance_pool import InstancePool
from dpn_databricks.sql_warehouse import SqlWarehouse

POOLS, POLICIES, WAREHOUSES = "/api/2.0/instance-pools", "/api/2.0/policies/clusters", "/api/2.0/sql/warehouses"
POOL = Ref("databricks_instance_pool", "pool", "p1")
POLICY = Ref("databricks_cluster_policy", "policy", "P1")
WAREHOUSE = Ref("databricks_sql_warehouse", "bi", "w1")
MARKER = Marker("lake--dev", "abcdefghijklmnop", "01jdyw0000000000000000000a")
PAIRS = [{"key": key, "value": value} for key, value in sorted(MARKER.tags().items())]
RULES = {"node_type_id": {"type": "fixed", "value": "i3.xlarge"}, "num_workers": {"type": "range", "maxValue": 4}}


def full(kind: Kind, **spec: Any) -> dict[str, Any]:
    """Give the spec as core hands it over."""
    return canonical(spec, kind_info(type(kind), "databricks", "tests"))


@pytest.mark.parametrize(
    ("cls", "create", "spec"),
    [
        (InstancePool, f"{POOLS}/create", {"node_type_id": "i3.xlarge"}),
        (ClusterPolicy, f"{POLICIES}/create", {"definition": RULES}),
        (SqlWarehouse, WAREHOUSES, {"cluster_size": "Small"}),
    ],
)
def test_a_lost_reply_of_a_create_is_unknown_and_sent_once(
    http: Any, session: DatabricksSession, cls: type[Kind], create: str, spec: dict[str, Any]
) -> None:
    http.lose("POST", create)
    kind = cls(session)
    with pytest.raises(requests.exceptions.ConnectionError) as lost:
        kind.create(Want("x", full(kind, **spec), marker=MARKER))
    assert classify(lost.value, "create").outcome == "unknown"
    assert len(http.sent("POST", create)) == 1


@pytest.mark.parametrize(
    ("cls", "path", "ref", "raw"),
    [
        (InstancePool, f"{POOLS}/get", POOL, {"instance_pool_id": "p1", "instance_pool_name": "other"}),
        (
            InstancePool,
            f"{POOLS}/get",
            POOL,
            {"instance_pool_id": "p1", "instance_pool_name": "pool", "state": "DELETED"},
        ),
        (ClusterPolicy, f"{POLICIES}/get", POLICY, {"policy_id": "P1", "name": "other"}),
        (SqlWarehouse, f"{WAREHOUSES}/w1", WAREHOUSE, {"id": "w1", "name": "other", "state": "RUNNING"}),
        (SqlWarehouse, f"{WAREHOUSES}/w1", WAREHOUSE, {"id": "w1", "name": "bi", "state": "DELETING"}),
    ],
)
def test_what_is_going_is_not_there_and_what_has_another_name_is(
    http: Any, session: DatabricksSession, cls: type[Kind], path: str, ref: Ref, raw: dict[str, Any]
) -> None:
    http.on("GET", path, raw)
    seen = cls(session).read(ref)
    going = raw.get("state") in ("DELETED", "DELETING")
    assert (seen and seen.ref.name) == (None if going else "other")


# pools --------------------------------------------------------------------------------------------------------


def test_every_field_of_a_pool_reaches_the_api_as_the_sdk_has_it(
    http: Any, session: DatabricksSession, want: Callable[..., Want]
) -> None:
    from databricks.sdk.service.compute import InstancePoolAndStats

    spec = {
        "node_type_id": "i3.xlarge",
        "min_idle_instances": 0,
        "max_capacity": 3,
        "idle_instance_autotermination_minutes": 0,
        "preloaded_spark_versions": ["16.4.x-scala2.12"],
        "enable_elastic_disk": False,
        "disk_spec": {
            "disk_type": {"ebs_volume_type": "GENERAL_PURPOSE_SSD"},
            "disk_count": 1,
            "disk_size": 100,
        },
        "aws_attributes": {"availability": "SPOT", "zone_id": "auto", "spot_bid_price_percent": 100},
        "azure_attributes": {"availability": "SPOT_AZURE", "spot_bid_max_price": -1.0},
        "gcp_attributes": {"gcp_availability": "ON_DEMAND_GCP", "local_ssd_count": 1, "zone_id": "auto"},
    }
    http.on("POST", f"{POOLS}/create", {"instance_pool_id": "p1"})
    assert InstancePool(session).create(want("pool", **spec, tags={"team": "data"})) == POOL
    (sent,) = http.sent()
    assert sent.body == {**spec, "instance_pool_name": "pool", "custom_tags": {"team": "data", **MARKER.tags()}}
    assert InstancePoolAndStats.from_dict(sent.body).as_dict() == sent.body


def test_what_the_service_fills_into_a_pool_never_makes_it_anew(http: Any, session: DatabricksSession) -> None:
    kind = InstancePool(session)
    asked = full(kind, node_type_id="i3.xlarge", aws_attributes={"availability": "ON_DEMAND"}, gcp_attributes={})
    answer = {"aws_attributes": {"availability": "ON_DEMAND", "zone_id": "auto"}, "default_tags": {"Vendor": "x"}}
    raw = {"instance_pool_id": "p1", "instance_pool_name": "pool", "node_type_id": "i3.xlarge", "state": "ACTIVE"}
    http.on("GET", f"{POOLS}/get", {**raw, **answer, "custom_tags": MARKER.tags()})
    seen = kind.read(POOL)
    assert seen
    assert {key: seen.spec.get(key) for key in asked} == asked
    assert (seen.status, seen.marker) == ("active", MARKER)


def test_an_edit_of_a_pool_sends_what_it_takes_and_keeps_what_others_set(
    http: Any, session: DatabricksSession, want: Callable[..., Want]
) -> None:
    http.on("POST", f"{POOLS}/edit")
    seen = Observed(POOL, {"node_type_id": "i3.xlarge"}, extra={"total_initial_remote_disk_size": 100})
    spec = {"node_type_id": "i3.xlarge", "min_idle_instances": 2, "enable_elastic_disk": True}
    InstancePool(session).put(POOL, "settings", want("pool", **spec), seen)
    assert http.writes()[0].body == {
        "instance_pool_id": "p1",
        "instance_pool_name": "pool",
        "node_type_id": "i3.xlarge",
        "min_idle_instances": 2,
        "custom_tags": MARKER.tags(),
        "total_initial_remote_disk_size": 100,
    }


# policies -----------------------------------------------------------------------------------------------------


def test_rules_are_sent_as_text_and_compared_as_data(
    http: Any, session: DatabricksSession, want: Callable[..., Want], seen: Callable[..., Observed]
) -> None:
    kind = ClusterPolicy(session)
    http.on("POST", f"{POLICIES}/create", {"policy_id": "P1"})
    libraries = [{"maven": {"coordinates": "a:b:1", "exclusions": ["c:d"]}}, {"requirements": "/Volumes/a/b/c/r.txt"}]
    spec = {"definition": RULES, "description": "Cheap", "max_clusters_per_user": 1, "libraries": libraries}
    assert kind.create(want("policy", **spec)) == POLICY
    body = http.sent()[0].body
    assert {**body, "definition": json.loads(body["definition"])} == {
        **spec,
        "name": "policy",
        "description": MARKER.comment("Cheap"),
    }
    spaced = json.dumps(RULES, indent=2)
    http.on("GET", f"{POLICIES}/get", {**body, "definition": spaced, "policy_id": "P1", "creator_user_name": "ada"})
    found = seen(kind, POLICY)
    assert (found.spec, found.marker) == (spec, MARKER)


def test_a_policy_of_a_family_is_written_without_the_rules_that_it_shows(
    http: Any, session: DatabricksSession, seen: Callable[..., Observed]
) -> None:
    kind, over = ClusterPolicy(session), {"num_workers": {"type": "fixed", "value": 1}}
    raw = {
        "policy_id": "P1",
        "name": "policy",
        "definition": json.dumps({**RULES, **over}),
        "policy_family_id": "job-cluster",
        "policy_family_definition_overrides": json.dumps(over),
    }
    http.on("GET", f"{POLICIES}/get", raw)
    http.on("POST", f"{POLICIES}/edit")
    found = seen(kind, POLICY)
    assert found.spec == {"policy_family_id": "job-cluster", "policy_family_definition_overrides": over}
    kind.mark(POLICY, MARKER, found)
    assert http.writes()[0].body == {
        "policy_id": "P1",
        "name": "policy",
        "description": MARKER.comment(),
        "policy_family_id": "job-cluster",
        "policy_family_definition_overrides": json.dumps(over),
    }


# warehouses ---------------------------------------------------------------------------------------------------


def warehouse(state: str = "RUNNING", **more: Any) -> dict[str, Any]:
    return {"id": "w1", "name": "bi", "state": state, "cluster_size": "Small", **more}


def test_a_warehouse_is_asked_for_in_full(http: Any, session: DatabricksSession) -> None:
    kind = SqlWarehouse(session)
    http.on("POST", WAREHOUSES, {"id": "w1"})
    assert kind.create(Want("bi", full(kind, cluster_size="Small"), marker=MARKER)) == WAREHOUSE
    (sent,) = http.sent()
    assert sent.body == {
        "name": "bi",
        "cluster_size": "Small",
        "min_num_clusters": 1,
        "max_num_clusters": 1,
        "auto_stop_mins": 120,
        "warehouse_type": "PRO",
        "enable_serverless_compute": False,
        "enable_photon": True,
        "spot_instance_policy": "COST_OPTIMIZED",
        "channel": {"name": "CHANNEL_NAME_CURRENT"},
        "tags": {"custom_tags": PAIRS},
    }


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"spot_instance_policy": "POLICY_UNSPECIFIED", "channel": {}},
        {"channel": {"name": "CHANNEL_NAME_CURRENT", "dbsql_version": "2026.30"}, "jdbc_url": "jdbc:x", "max_dbu": 4},
    ],
)
def test_what_the_service_leaves_out_or_fills_in_is_no_drift(
    http: Any, session: DatabricksSession, seen: Callable[..., Observed], answer: dict[str, Any]
) -> None:
    kind = SqlWarehouse(session)
    http.on("GET", f"{WAREHOUSES}/w1", warehouse("STOPPED", **answer, tags={"custom_tags": PAIRS}))
    found = seen(kind, WAREHOUSE)
    assert found.spec == full(kind, cluster_size="Small")
    assert (found.status, found.marker) == ("stopped", MARKER)


def test_what_is_taken_out_of_a_blueprint_is_taken_off_the_warehouse(
    http: Any, session: DatabricksSession, seen: Callable[..., Observed]
) -> None:
    kind = SqlWarehouse(session)
    tags = {"custom_tags": [*PAIRS, {"key": "team", "value": "data"}]}
    http.on("GET", f"{WAREHOUSES}/w1", warehouse(instance_profile_arn="arn:x", tags=tags))
    http.on("POST", f"{WAREHOUSES}/w1/edit")
    kind.put(WAREHOUSE, "settings", Want("bi", full(kind, cluster_size="Large"), marker=MARKER), seen(kind, WAREHOUSE))
    body = http.writes()[0].body
    assert (body["cluster_size"], body["instance_profile_arn"]) == ("Large", "")
    assert body["tags"] == {"custom_tags": PAIRS}


FAILED = {"status": "FAILED", "message": "no quota"}


@pytest.mark.parametrize(
    ("raw", "answer"),
    [
        (warehouse("STARTING"), Wait(10)),
        (warehouse("RUNNING", health={"status": "DEGRADED"}), Ready()),
        (warehouse("STOPPED"), Ready()),
        (warehouse("STOPPED", health={"status": "HEALTHY"}), Ready()),
        (warehouse("STOPPED", health=FAILED), Broken("the warehouse stopped: no quota")),
        (
            warehouse("STOPPED", health={"status": "FAILED"}),
            Broken("the warehouse stopped: the service does not say why"),
        ),
        (warehouse("DELETED"), Broken("it is gone")),
    ],
)
def test_the_state_of_a_warehouse_says_whether_it_is_ready(
    http: Any, session: DatabricksSession, raw: Any, answer: Any
) -> None:
    http.on("GET", f"{WAREHOUSES}/w1", raw)
    assert SqlWarehouse(session).ready(WAREHOUSE) == answer
