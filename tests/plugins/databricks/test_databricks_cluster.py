"""Clusters on the level of HTTP: which requests are sent, with which bodies, and what states mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from inspect import signature
from typing import Any

import pytest
import requests

from dpn import Broken, Marker, Observed, Ready, Ref, Wait, Want
from dpn_databricks.client import DatabricksSession, connect
from dpn_databricks.cluster import Cluster
from dpn_databricks.cluster_fields import from_api, others, to_api, with_node_type
from dpn_databricks.errors import classify

CREATE, EDIT, GET = "/api/2.1/clusters/create", "/api/2.1/clusters/edit", "/api/2.1/clusters/get"
LIST, EVENTS = "/api/2.1/clusters/list", "/api/2.1/clusters/events"
REF = Ref("databricks_cluster", "etl", "0101-c1")
GONE = {"error_code": "INVALID_PARAMETER_VALUE", "message": "Cluster 0101-c1 does not exist"}
ASKED = {
    "cluster_name": "etl",
    "spark_version": "16.4.x-scala2.12",
    "node_type_id": "i3.xlarge",
    "num_workers": 2,
    "autotermination_minutes": 60,
    "custom_tags": {"team": "data", "dpn_stack": "lake--dev", "dpn_addr": "a" * 16, "dpn_op": "op1"},
}
FULL = {
    "spark_version": "15.4.x-scala2.12",
    "autoscale": {"min_workers": 1, "max_workers": 4},
    "node_type_id": "i3.xlarge",
    "driver_node_type_id": "i3.2xlarge",
    "policy": "P1",
    "data_security_mode": "SINGLE_USER",
    "single_user_name": "ada@example.com",
    "runtime_engine": "PHOTON",
    "spark_conf": {"spark.speculation": "true"},
    "spark_env_vars": {"KEY": "{{secrets/a/b}}"},
    "init_scripts": [
        {"s3": {"destination": "s3://b/a.sh", "region": "eu-west-1"}},
        {"volumes": {"destination": "/Volumes/a/b/c/d.sh"}},
    ],
    "cluster_log_conf": {"s3": {"destination": "s3://b/logs", "region": "eu-west-1"}},
    "aws_attributes": {"availability": "SPOT", "zone_id": "auto", "ebs_volume_count": 1, "first_on_demand": 1},
    "azure_attributes": {"availability": "SPOT_AZURE", "spot_bid_max_price": -1.0},
    "gcp_attributes": {"availability": "PREEMPTIBLE_GCP", "local_ssd_count": 1},
    "enable_elastic_disk": False,
    "enable_local_disk_encryption": True,
    "autotermination_minutes": 0,
    "tags": {"team": "data"},
}


def details(state: str = "RUNNING", **more: Any) -> dict[str, Any]:
    filled = {"driver_node_type_id": "i3.xlarge", "aws_attributes": {"zone_id": "us-east-1c"}, "cluster_source": "API"}
    return {**ASKED, **filled, "cluster_id": "0101-c1", "state": state, "spec": ASKED, **more}


def ended(kind: str, code: str, message: str = "") -> dict[str, Any]:
    return details("TERMINATED", termination_reason={"type": kind, "code": code}, state_message=message)


@pytest.fixture
def kind(session: DatabricksSession) -> Cluster:
    return Cluster(session)


def test_a_create_is_one_request_with_token_marker_and_a_node_type(
    http: Any, kind: Cluster, want: Callable[..., Want]
) -> None:
    http.on("POST", CREATE, {"cluster_id": "0101-c1"})
    asked = want("etl", num_workers=2, spark_version="16.4.x-scala2.12", tags={"team": "data"})
    assert kind.create(asked) == REF
    (sent,) = http.sent()
    assert asked.marker
    assert sent.body == {
        "cluster_name": "etl",
        "spark_version": "16.4.x-scala2.12",
        "num_workers": 2,
        "node_type_id": "m5d.xlarge",
        "custom_tags": {"team": "data", **asked.marker.tags()},
        "idempotency_token": asked.marker.op,
    }


def test_every_field_reaches_the_api_as_the_sdk_has_it(http: Any, kind: Cluster, want: Callable[..., Want]) -> None:
    from databricks.sdk.service.compute import ClusterSpec

    http.on("POST", CREATE, {"cluster_id": "0101-c1"})
    kind.create(want("etl", **FULL))
    (sent,) = http.sent()
    body = {key: value for key, value in sent.body.items() if key != "idempotency_token"}
    assert ClusterSpec.from_dict(body).as_dict() == body
    assert body["policy_id"] == "P1"
    assert body["apply_policy_default_values"] is True
    same = {key: value for key, value in FULL.items() if key not in ("policy", "tags")}
    assert {key: body[key] for key in same} == same


def test_an_edit_takes_whatever_a_cluster_may_have(session: DatabricksSession) -> None:
    from databricks.sdk.service.compute import ClustersAPI, ClusterSpec

    assert {field.name for field in fields(ClusterSpec)} <= set(signature(ClustersAPI.edit).parameters)


@pytest.mark.parametrize(
    "spec",
    [FULL, {"is_single_node": True}, {"instance_pool": "p", "driver_instance_pool": "q", "num_workers": 0}],
)
def test_fields_come_back_as_they_were_sent(spec: dict[str, Any]) -> None:
    sent = to_api(spec)
    assert from_api(sent) == spec
    assert set(others(sent)) <= {"kind"}
    assert from_api({"is_single_node": False}) == {}


@pytest.mark.parametrize(
    ("cloud", "type_"), [("AWS", "m5d.xlarge"), ("Azure", "Standard_D4ds_v5"), ("GCP", "n2-standard-4")]
)
def test_the_node_type_is_one_of_the_workspaces_cloud(
    http: Any, monkeypatch: pytest.MonkeyPatch, cloud: str, type_: str
) -> None:
    monkeypatch.setenv("DATABRICKS_CLOUD", cloud)
    session = connect({"host": "https://dbc-test.example.com", "token": "test"})
    assert with_node_type(session, {})["node_type_id"] == type_
    for given in ({"instance_pool_id": "p"}, {"policy_id": "p"}, {"node_type_id": "x"}):
        assert with_node_type(session, given) == given
    session.close()


def test_a_lost_reply_of_a_create_is_unknown_and_sent_once(http: Any, kind: Cluster, want: Callable[..., Want]) -> None:
    http.lose("POST", CREATE)
    with pytest.raises(requests.exceptions.ConnectionError) as lost:
        kind.create(want("etl", num_workers=1))
    assert classify(lost.value, "create").outcome == "unknown"
    assert len(http.sent("POST", CREATE)) == 1


# read ---------------------------------------------------------------------------------------------------------


def test_what_the_service_fills_in_is_no_drift(http: Any, kind: Cluster, seen: Callable[..., Observed]) -> None:
    http.on("GET", GET, details(spec={**ASKED, "ssh_public_keys": ["key"]}))
    found = seen(kind, REF)
    assert (found.ref, found.status, found.extra) == (REF, "running", {"ssh_public_keys": ["key"]})
    assert found.spec == {
        "spark_version": "16.4.x-scala2.12",
        "node_type_id": "i3.xlarge",
        "num_workers": 2,
        "autotermination_minutes": 60,
        "tags": {"team": "data"},
    }
    assert found.marker == Marker("lake--dev", "a" * 16, "op1")


def test_a_resize_is_drift(http: Any, kind: Cluster, seen: Callable[..., Observed]) -> None:
    http.on("GET", GET, details(num_workers=5))
    assert seen(kind, REF).spec["num_workers"] == 5


def test_how_many_workers_autoscaling_has_is_no_drift(http: Any, kind: Cluster, seen: Callable[..., Observed]) -> None:
    scale = {"min_workers": 1, "max_workers": 4}
    http.on("GET", GET, details(num_workers=3, autoscale=scale))
    spec = seen(kind, REF).spec
    assert spec["autoscale"] == scale
    assert "num_workers" not in spec


def test_a_reply_without_what_was_asked_for_is_read_from_what_came_of_it(
    http: Any, kind: Cluster, seen: Callable[..., Observed]
) -> None:
    raw = details(instance_pool_id="p1")
    del raw["spec"]
    http.on("GET", GET, raw)
    spec = seen(kind, REF).spec
    assert spec["instance_pool"] == "p1"
    assert not {"node_type_id", "driver_node_type_id"} & set(spec)  # the pool says them: a request must not


def test_what_is_gone_or_has_no_id_is_none(http: Any, kind: Cluster) -> None:
    http.on("GET", GET, GONE, status=400)
    assert kind.read(REF) is None
    assert kind.read(Ref(REF.kind, "etl")) is None
    assert kind.ready(REF) == Broken("it is gone")
    assert len(http.sent()) == 2


def test_find_reads_those_of_the_name_only_and_leaves_out_clusters_of_jobs(
    http: Any, kind: Cluster, want: Callable[..., Want]
) -> None:
    other = {**details(), "cluster_id": "other", "cluster_name": "else"}
    http.on("GET", LIST, {"clusters": [details(), other]})
    http.on("GET", GET, details())
    assert [one.ref for one in kind.find(want("etl"))] == [REF]
    assert [one.query for one in http.sent("GET", GET)] == [{"cluster_id": "0101-c1"}]
    assert set(http.sent("GET", LIST)[0].query) == {"filter_by.cluster_sources", "page_size"}


# write --------------------------------------------------------------------------------------------------------


def test_an_update_sends_the_whole_with_marker_chosen_node_type_and_what_others_set(
    http: Any, kind: Cluster, want: Callable[..., Want], seen: Callable[..., Observed]
) -> None:
    http.on("GET", GET, details(spec={**ASKED, "ssh_public_keys": ["key"]}))
    http.on("POST", EDIT)
    asked = want("etl", num_workers=3, spark_version="16.4.x-scala2.12")
    kind.put(REF, "settings", asked, seen(kind, REF))
    assert asked.marker
    assert http.writes()[0].body == {
        "cluster_id": "0101-c1",
        "cluster_name": "etl",
        "spark_version": "16.4.x-scala2.12",
        "num_workers": 3,
        "node_type_id": "i3.xlarge",
        "custom_tags": asked.marker.tags(),
        "ssh_public_keys": ["key"],
    }


def test_a_cluster_that_is_busy_is_edited_later(http: Any, kind: Cluster, want: Callable[..., Want]) -> None:
    http.fail("POST", EDIT, 400, "INVALID_STATE", "Cluster is in unexpected state Pending.")
    with pytest.raises(Exception, match="unexpected state") as busy:
        kind.put(REF, "settings", want("etl", num_workers=1, spark_version="x"), Observed(REF, {}))
    assert classify(busy.value, "put").outcome == "throttled"


def test_a_rename_changes_the_name_alone(http: Any, kind: Cluster) -> None:
    http.on("GET", GET, details())
    http.on("POST", EDIT)
    assert kind.rename(REF, "load") == Ref(REF.kind, "load", REF.id)
    assert http.writes()[0].body == {**ASKED, "cluster_id": "0101-c1", "cluster_name": "load"}


def test_taking_the_marker_off_leaves_the_tags_of_the_user(
    http: Any, kind: Cluster, seen: Callable[..., Observed]
) -> None:
    http.on("GET", GET, details())
    http.on("POST", EDIT)
    kind.mark(REF, None, seen(kind, REF))
    assert http.writes()[0].body == {**ASKED, "cluster_id": "0101-c1", "custom_tags": {"team": "data"}}


def test_a_pinned_cluster_is_unpinned_before_it_is_deleted(http: Any, kind: Cluster) -> None:
    http.on("GET", LIST, {"clusters": [details()]})
    for call in ("unpin", "permanent-delete"):
        http.on("POST", f"/api/2.1/clusters/{call}")
    kind.delete(REF, Observed(REF, {}))
    assert [sent.path.rsplit("/", 1)[-1] for sent in http.writes()] == ["unpin", "permanent-delete"]


@pytest.mark.parametrize("there", [True, False])
def test_a_delete_is_refused_only_for_what_is_there(http: Any, kind: Cluster, there: bool) -> None:
    http.on("GET", LIST, {})
    http.on("POST", "/api/2.1/clusters/permanent-delete", GONE, status=400)
    http.on("GET", GET, details() if there else GONE, status=200 if there else 400)
    if there:
        with pytest.raises(Exception, match="does not exist"):
            kind.delete(REF, Observed(REF, {}))
    else:
        kind.delete(REF, Observed(REF, {}))


# archive ------------------------------------------------------------------------------------------------------


def test_an_archive_pins_first_so_that_a_refusal_changes_nothing(http: Any, kind: Cluster) -> None:
    http.fail("POST", "/api/2.1/clusters/pin", 403, "PERMISSION_DENIED")
    http.on("POST", "/api/2.1/clusters/delete")
    with pytest.raises(Exception, match="no") as refused:
        kind.archive(REF)
    assert classify(refused.value, "archive").outcome == "not_applied"
    assert len(http.writes()) == 1


@pytest.mark.parametrize(
    ("state", "pinned", "status"),
    [
        ("TERMINATED", True, "archived"),
        ("TERMINATING", True, "archived"),
        ("TERMINATED", False, "terminated"),
        ("RUNNING", True, "running"),
    ],
)
def test_archived_is_what_is_down_and_pinned(
    http: Any,
    kind: Cluster,
    seen: Callable[..., Observed],
    state: str,
    pinned: bool,
    status: str,
) -> None:
    http.on("GET", GET, details(state))
    http.on("GET", LIST, {"clusters": [details(state)] if pinned else []})
    assert seen(kind, REF).status == status
    assert len(http.sent("GET", LIST)) == (state != "RUNNING")


@pytest.mark.parametrize(("state", "calls"), [("TERMINATED", ["start", "unpin"]), ("PENDING", ["unpin"])])
def test_a_restore_that_is_repeated_starts_once(http: Any, kind: Cluster, state: str, calls: list[str]) -> None:
    http.on("GET", GET, details(state))
    for call in ("start", "unpin"):
        http.on("POST", f"/api/2.1/clusters/{call}")
    kind.restore(REF)
    assert [sent.path.rsplit("/", 1)[-1] for sent in http.writes()] == calls


# ready --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "answer"),
    [
        (details("PENDING"), Wait(10)),
        (details("RESTARTING"), Wait(10)),
        (details("RESIZING"), Wait(10)),
        (details("TERMINATING"), Wait(10)),
        (details("RUNNING"), Ready()),
        (details("TERMINATED"), Ready()),
        (ended("SUCCESS", "INACTIVITY"), Ready()),
        (ended("SUCCESS", "USER_REQUEST"), Ready()),
        (details("ERROR", state_message="bad."), Broken("the cluster is ERROR: bad")),
        (details("UNKNOWN"), Broken("the cluster is UNKNOWN")),
    ],
)
def test_the_state_says_whether_it_is_ready(http: Any, kind: Cluster, raw: Any, answer: Any) -> None:
    http.on("GET", GET, raw)
    assert kind.ready(REF) == answer


@pytest.mark.parametrize(
    ("last", "is_ready"), [("CREATING", False), ("RESTARTING", False), ("RUNNING", True), ("EDITED", True)]
)
def test_only_a_start_that_failed_breaks_a_cluster(
    http: Any,
    kind: Cluster,
    last: str,
    is_ready: bool,
) -> None:
    http.on("GET", GET, ended("CLOUD_FAILURE", "CLOUD_PROVIDER_LAUNCH_FAILURE", "no capacity"))
    http.on("POST", EVENTS, {"events": [{"cluster_id": "0101-c1", "type": last}]})
    why = Broken("the cluster is TERMINATED: CLOUD_PROVIDER_LAUNCH_FAILURE: no capacity")
    assert kind.ready(REF) == (Ready() if is_ready else why)
