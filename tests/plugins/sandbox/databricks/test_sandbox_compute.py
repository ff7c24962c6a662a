"""Clusters and warehouses, the kinds of compute whose states move."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dpn_sandbox.databricks.clusters import MAX_PINNED
from dpn_sandbox.databricks.workspace import ApiError

SMALL = {"cluster_name": "etl", "spark_version": "15.4.x-scala2.12", "node_type_id": "i3.xlarge", "num_workers": 2}
Refusal = Callable[..., tuple[int, str]]
DAY = 24 * 60 * 60 * 1000


def test_a_new_cluster_is_pending_once_and_then_running(desk: Any) -> None:
    cluster_id = desk.cluster()
    assert desk.states(cluster_id, 3) == ["PENDING", "RUNNING", "RUNNING"]
    assert desk.events(cluster_id) == ["RUNNING", "CREATING"]


def test_reads_that_move_a_state_are_counted_and_others_are_not(desk: Any) -> None:
    cluster_id = desk.cluster()
    desk.states(cluster_id, 2)
    moves = desk.workspace.moves
    desk.states(cluster_id, 3)
    assert (moves, desk.workspace.moves) == (2, 2)


def test_what_is_not_asked_is_filled_in_as_the_service_does(desk: Any) -> None:
    reply = desk.ask("Clusters.get", cluster_id=desk.cluster(data_security_mode="SINGLE_USER"))
    assert reply["driver_node_type_id"] == "i3.xlarge"
    assert reply["aws_attributes"]["availability"] == "SPOT_WITH_FALLBACK"
    assert (reply["cluster_source"], reply["runtime_engine"]) == ("API", "STANDARD")
    assert reply["single_user_name"] == reply["creator_user_name"] == "sandbox@example.com"
    assert reply["default_tags"]["ClusterName"] == "etl"
    assert reply["spec"]["num_workers"] == 2
    assert "driver_node_type_id" not in reply["spec"]
    assert not [key for key in reply if key.startswith("_")]


def test_two_clusters_may_have_one_name(desk: Any) -> None:
    assert desk.cluster() != desk.cluster()


def test_an_idempotency_token_gives_the_same_cluster_until_it_is_terminated(desk: Any) -> None:
    cluster_id = desk.cluster(idempotency_token="op-1")
    assert desk.cluster(idempotency_token="op-1") == cluster_id
    desk.send("Clusters.delete", cluster_id=cluster_id)
    assert desk.cluster(idempotency_token="op-1") == cluster_id
    assert desk.states(cluster_id, 2) == ["TERMINATING", "TERMINATED"]
    assert desk.cluster(idempotency_token="op-1") != cluster_id
    assert "idempotency_token" not in desk.ask("Clusters.get", cluster_id=cluster_id)


@pytest.mark.parametrize(
    "changes",
    [
        {"spark_version": None},
        {"spark_version": "latest"},
        {"num_workers": None},
        {"autoscale": {"min_workers": 1, "max_workers": 2}},
        {"num_workers": None, "autoscale": {"min_workers": 3, "max_workers": 2}},
        {"node_type_id": "no.such"},
        {"node_type_id": None},
        {"driver_node_type_id": "Standard_DS3_v2"},
        {"autotermination_minutes": 5},
        {"custom_tags": {str(n): "x" for n in range(46)}},
        {"data_security_mode": "SHARED"},
        {"policy_id": "ABCDEF"},
        {"instance_pool_id": "nowhere", "node_type_id": None},
        {"is_single_node": True, "num_workers": None},
        {"idempotency_token": "x" * 65},
    ],
)
def test_a_cluster_that_cannot_be_is_refused(desk: Any, refusal: Refusal, changes: dict[str, Any]) -> None:
    assert refusal(desk.cluster, **changes) == (400, "INVALID_PARAMETER_VALUE")
    assert not desk.workspace.of("clusters")


@pytest.mark.parametrize("version", ["7.3.x-esr-scala2.12", "15.4.x-cpu-ml-scala2.12", "16.4.x-aarch64-scala2.13"])
@pytest.mark.parametrize("node_type", ["m5d.large", "rd-fleet.xlarge", "g4dn.12xlarge", "i3en.metal"])
def test_versions_and_node_types_of_the_right_shape_are_taken(desk: Any, version: str, node_type: str) -> None:
    assert desk.cluster(spark_version=version, node_type_id=node_type)


def test_a_single_node_cluster_needs_no_size(desk: Any) -> None:
    cluster_id = desk.cluster(is_single_node=True, kind="CLASSIC_PREVIEW", num_workers=None)
    reply = desk.ask("Clusters.get", cluster_id=cluster_id)
    assert (reply["num_workers"], reply["custom_tags"]) == (0, {"ResourceClass": "SingleNode"})


def test_a_cluster_on_a_pool_has_the_node_type_of_the_pool(desk: Any, refusal: Refusal) -> None:
    asked = {"instance_pool_name": "p", "node_type_id": "m5d.large"}
    pool = desk.send("InstancePools.create", **asked)["instance_pool_id"]
    assert refusal(desk.cluster, instance_pool_id=pool) == (400, "INVALID_PARAMETER_VALUE")
    reply = desk.ask("Clusters.get", cluster_id=desk.cluster(instance_pool_id=pool, node_type_id=None))
    assert reply["node_type_id"] == reply["driver_node_type_id"] == "m5d.large"


def test_a_launch_that_fails_ends_terminated_with_its_reason(desk: Any) -> None:
    cluster_id = desk.cluster(node_type_id="fail.large")
    assert desk.states(cluster_id, 3) == ["PENDING", "TERMINATED", "TERMINATED"]
    reason = desk.ask("Clusters.get", cluster_id=cluster_id)["termination_reason"]
    assert (reason["code"], reason["type"]) == ("CLOUD_PROVIDER_LAUNCH_FAILURE", "CLOUD_FAILURE")


def test_an_edit_replaces_all_settings_and_restarts_what_runs(desk: Any) -> None:
    cluster_id = desk.running(custom_tags={"a": "b"})
    desk.send("Clusters.edit", cluster_id=cluster_id, **{**SMALL, "num_workers": 5})
    assert desk.states(cluster_id, 2) == ["RESTARTING", "RUNNING"]
    reply = desk.ask("Clusters.get", cluster_id=cluster_id)
    assert reply["num_workers"] == 5
    assert "custom_tags" not in reply
    assert desk.events(cluster_id) == ["RUNNING", "RESTARTING", "EDITED", "RUNNING", "CREATING"]


def test_an_edit_leaves_a_terminated_cluster_terminated(desk: Any, refusal: Refusal) -> None:
    cluster_id = desk.running()
    desk.send("Clusters.delete", cluster_id=cluster_id)
    assert refusal(desk.send, "Clusters.edit", cluster_id=cluster_id, **SMALL) == (400, "INVALID_STATE")
    assert desk.states(cluster_id, 2) == ["TERMINATING", "TERMINATED"]
    desk.send("Clusters.edit", cluster_id=cluster_id, **SMALL)
    assert desk.states(cluster_id, 2) == ["TERMINATED", "TERMINATED"]


def test_an_edit_of_a_starting_cluster_is_refused(desk: Any, refusal: Refusal) -> None:
    assert refusal(desk.send, "Clusters.edit", cluster_id=desk.cluster(), **SMALL) == (400, "INVALID_STATE")


def test_a_terminated_cluster_starts_again(desk: Any, refusal: Refusal) -> None:
    cluster_id = desk.running()
    desk.send("Clusters.delete", cluster_id=cluster_id)
    desk.send("Clusters.delete", cluster_id=cluster_id)
    assert desk.states(cluster_id, 2) == ["TERMINATING", "TERMINATED"]
    assert "terminated_time" in desk.ask("Clusters.get", cluster_id=cluster_id)
    desk.send("Clusters.start", cluster_id=cluster_id)
    assert desk.states(cluster_id, 2) == ["PENDING", "RUNNING"]
    reply = desk.ask("Clusters.get", cluster_id=cluster_id)
    assert not {"terminated_time", "termination_reason"} & reply.keys()
    assert refusal(desk.send, "Clusters.start", cluster_id=cluster_id) == (400, "INVALID_STATE")


def test_a_restart_gives_another_spark_context(desk: Any, refusal: Refusal) -> None:
    cluster_id = desk.running()
    before = desk.ask("Clusters.get", cluster_id=cluster_id)["spark_context_id"]
    desk.send("Clusters.restart", cluster_id=cluster_id)
    assert desk.ask("Clusters.get", cluster_id=cluster_id)["spark_context_id"] != before
    assert refusal(desk.send, "Clusters.restart", cluster_id=cluster_id) == (400, "INVALID_STATE")


def test_a_missing_cluster_is_a_bad_value_whose_message_the_sdk_knows(desk: Any) -> None:
    with pytest.raises(ApiError, match=r"Cluster 1-2-3 does not exist") as caught:
        desk.ask("Clusters.get", cluster_id="1-2-3")
    assert (caught.value.status, caught.value.code) == (400, "INVALID_PARAMETER_VALUE")


def test_a_pinned_cluster_is_told_by_lists_and_events_and_not_deleted_for_good(desk: Any, refusal: Refusal) -> None:
    cluster_id, other = desk.running(), desk.running()
    desk.send("Clusters.pin", cluster_id=cluster_id)
    desk.send("Clusters.pin", cluster_id=cluster_id)
    pinned = desk.ask("Clusters.list", **{"filter_by.is_pinned": "True", "page_size": "20"})["clusters"]
    loose = desk.ask("Clusters.list", **{"filter_by.is_pinned": "false", "page_size": "20"})["clusters"]
    assert [[row["cluster_id"] for row in rows] for rows in (pinned, loose)] == [[cluster_id], [other]]
    with pytest.raises(ApiError, match="unpin the cluster first"):
        desk.send("Clusters.permanent_delete", cluster_id=cluster_id)
    desk.send("Clusters.unpin", cluster_id=cluster_id)
    desk.send("Clusters.unpin", cluster_id=cluster_id)
    assert desk.events(cluster_id, event_types=["PINNED", "UNPINNED"]) == ["UNPINNED", "PINNED"]
    desk.send("Clusters.permanent_delete", cluster_id=cluster_id)
    assert refusal(desk.send, "Clusters.pin", cluster_id=cluster_id) == (400, "INVALID_PARAMETER_VALUE")


def test_pins_are_limited(desk: Any, refusal: Refusal) -> None:
    for _ in range(MAX_PINNED):
        desk.send("Clusters.pin", cluster_id=desk.cluster())
    assert refusal(desk.send, "Clusters.pin", cluster_id=desk.cluster()) == (400, "QUOTA_EXCEEDED")


def test_lists_forget_after_thirty_days_what_is_terminated_and_not_pinned(desk: Any) -> None:
    pinned, loose = desk.running(cluster_name="pinned"), desk.running(cluster_name="loose")
    for cluster_id in (pinned, loose):
        desk.send("Clusters.delete", cluster_id=cluster_id)
        desk.states(cluster_id, 2)
    desk.send("Clusters.pin", cluster_id=pinned)
    desk.time += 30 * DAY
    assert len(desk.ask("Clusters.list", page_size="20")["clusters"]) == 2
    desk.time += 1
    assert [row["cluster_name"] for row in desk.ask("Clusters.list", page_size="20")["clusters"]] == ["pinned"]


def test_a_list_of_clusters_is_paged_and_has_no_spec(desk: Any, refusal: Refusal) -> None:
    made = {desk.cluster() for _ in range(5)}
    found, query, pages = [], {"page_size": "2"}, 0
    while True:
        reply = desk.ask("Clusters.list", **query)
        found += reply.get("clusters", [])
        pages += 1
        if "next_page_token" not in reply:
            break
        query["page_token"] = reply["next_page_token"]
    assert ({row["cluster_id"] for row in found}, len(found), pages) == (made, 5, 3)
    assert not any("spec" in row for row in found)
    assert refusal(desk.ask, "Clusters.list", page_token="?") == (400, "INVALID_PARAMETER_VALUE")


def test_a_page_that_shows_no_object_moves_none(desk: Any) -> None:
    desk.cluster()
    desk.cluster()
    warehouse(desk)
    assert desk.ask("Clusters.list") == desk.ask("Warehouses.list") == {"next_page_token": "0"}
    clusters = desk.ask("Clusters.list", page_token="0")["clusters"]
    warehouses = desk.ask("Warehouses.list", page_token="0")["warehouses"]
    assert [row["state"] for row in clusters + warehouses] == ["PENDING", "PENDING", "RUNNING", "STARTING"]


def test_events_are_paged_by_the_body_that_the_reply_gives(desk: Any) -> None:
    cluster_id = desk.running()
    for _ in range(3):
        desk.send("Clusters.pin", cluster_id=cluster_id)
        desk.send("Clusters.unpin", cluster_id=cluster_id)
    reply = desk.send("Clusters.events", cluster_id=cluster_id, page_size=3)
    kinds = [event["type"] for event in reply["events"]]
    while "next_page" in reply:
        reply = desk.send("Clusters.events", **reply["next_page"])
        kinds += [event["type"] for event in reply["events"]]
    assert kinds == ["UNPINNED", "PINNED"] * 3 + ["RUNNING", "CREATING"]
    assert desk.events(cluster_id, order="ASC") == kinds[::-1]


def test_a_workspace_begins_with_a_running_warehouse(desk: Any) -> None:
    (row,) = desk.ask("Warehouses.list")["warehouses"]
    assert (row["id"], row["name"], row["state"]) == ("0123456789abcdef", "Serverless Starter Warehouse", "RUNNING")


def warehouse(desk: Any, **changes: Any) -> str:
    return str(desk.send("Warehouses.create", **{"name": "w", "cluster_size": "Small", **changes})["id"])


def test_a_warehouse_starts_and_stops_over_two_reads(desk: Any) -> None:
    path = {"id": warehouse(desk)}

    def states() -> list[str]:
        return [desk.ask("Warehouses.get", path)["state"] for _ in range(2)]

    assert states() == ["STARTING", "RUNNING"]
    desk.send("Warehouses.start", path)
    assert states() == ["RUNNING", "RUNNING"]
    desk.send("Warehouses.stop", path)
    assert states() == ["STOPPING", "STOPPED"]
    desk.send("Warehouses.start", path)
    assert states() == ["STARTING", "RUNNING"]


def test_an_edit_of_a_warehouse_keeps_what_it_leaves_out(desk: Any) -> None:
    path = {"id": warehouse(desk, auto_stop_mins=30)}
    desk.send("Warehouses.edit", path, name="v", max_num_clusters=4)
    row = desk.ask("Warehouses.get", path)
    assert (row["name"], row["auto_stop_mins"], row["max_num_clusters"]) == ("v", 30, 4)
    assert (row["warehouse_type"], row["spot_instance_policy"]) == ("CLASSIC", "COST_OPTIMIZED")


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": "x" * 100},
        {"cluster_size": "Huge"},
        {"cluster_size": None},
        {"auto_stop_mins": 9},
        {"min_num_clusters": 3, "max_num_clusters": 2},
        {"min_num_clusters": 0},
        {"max_num_clusters": 41},
        {"enable_serverless_compute": True},
        {"warehouse_type": "BIG"},
    ],
)
def test_a_warehouse_that_cannot_be_is_refused(desk: Any, refusal: Refusal, changes: dict[str, Any]) -> None:
    assert refusal(warehouse, desk, **changes) == (400, "INVALID_PARAMETER_VALUE")


def test_the_name_of_a_warehouse_is_unique_and_free_again_after_a_delete(desk: Any, refusal: Refusal) -> None:
    path = {"id": warehouse(desk)}
    assert refusal(warehouse, desk) == (400, "RESOURCE_ALREADY_EXISTS")
    other = {"id": warehouse(desk, name="other")}
    assert refusal(desk.send, "Warehouses.edit", other, name="w") == (400, "RESOURCE_ALREADY_EXISTS")
    desk.send("Warehouses.delete", path)
    assert refusal(desk.send, "Warehouses.delete", path) == (404, "RESOURCE_DOES_NOT_EXIST")
    assert warehouse(desk)
