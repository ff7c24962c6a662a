"""Clusters over their life, against the sandbox: archived and back, broken at birth, edited when they failed."""

from __future__ import annotations

from typing import Any

import pytest

from dpn import Broken, Marker, Observed, Ready, Ref, Want
from dpn_databricks.client import DatabricksSession
from dpn_databricks.cluster import Cluster
from dpn_databricks.cluster_policy import ClusterPolicy
from dpn_databricks.instance_pool import InstancePool

MARKER = Marker("lake--dev", "a" * 16, "01jdyw0000000000000000000a")
SPARK = {"spark_version": "16.4.x-scala2.12"}


@pytest.fixture
def kind(cloud: DatabricksSession) -> Cluster:
    return Cluster(cloud)


def want(name: str = "etl", marker: Marker = MARKER, **spec: Any) -> Want:
    return Want(name, {**SPARK, **spec}, marker=marker)


def wait(kind: Cluster, ref: Ref) -> Any:
    return next(state for state in iter(lambda: kind.ready(ref), None) if isinstance(state, (Ready, Broken)))


def look(kind: Cluster, ref: Ref) -> Observed:
    seen = kind.read(ref)
    assert seen
    return seen


def test_a_cluster_is_archived_and_restored_as_it_was(kind: Cluster) -> None:
    ref = kind.create(want(num_workers=2, tags={"team": "data"}))
    wait(kind, ref)
    before = look(kind, ref)
    for _ in range(2):  # either can be repeated
        kind.archive(ref)
        assert wait(kind, ref) == Ready()
        assert look(kind, ref).status == "archived"
    for _ in range(2):
        kind.restore(ref)
    assert wait(kind, ref) == Ready()
    assert look(kind, ref) == before


def test_an_archived_cluster_can_be_deleted(kind: Cluster) -> None:
    ref = kind.create(want(num_workers=1))
    wait(kind, ref)
    kind.archive(ref)
    kind.delete(ref, look(kind, ref))
    assert kind.read(ref) is None


def test_a_cluster_that_stopped_by_itself_is_the_same_and_is_edited_without_a_start(kind: Cluster) -> None:
    from databricks.sdk.service.compute import ClustersAPI

    ref = kind.create(want(num_workers=1))
    wait(kind, ref)
    before = look(kind, ref)
    kind.session.api(ClustersAPI).delete(str(ref.id))
    wait(kind, ref)
    seen = look(kind, ref)
    assert (seen.spec, seen.status) == (before.spec, "terminated")
    kind.put(ref, "settings", want(num_workers=3), seen)
    assert wait(kind, ref) == Ready()
    assert (look(kind, ref).spec["num_workers"], look(kind, ref).status) == (3, "terminated")


def test_what_cannot_be_launched_is_broken_until_it_is_edited(kind: Cluster) -> None:
    ref = kind.create(want(num_workers=1, node_type_id="fail.large"))
    state = wait(kind, ref)
    assert isinstance(state, Broken)
    assert "CLOUD_PROVIDER_LAUNCH_FAILURE" in state.reason
    kind.put(ref, "settings", want(num_workers=1, node_type_id="i3.xlarge"), look(kind, ref))
    assert wait(kind, ref) == Ready()


def test_clusters_of_one_name_are_all_found(kind: Cluster) -> None:
    other = Marker("lake--dev", "b" * 16, "01jdyw0000000000000000000b")
    refs = {kind.create(want(num_workers=1, marker=marker)).id for marker in (MARKER, other)}
    found = kind.find(want())
    assert {seen.ref.id for seen in found} == refs
    assert {seen.marker for seen in found} == {MARKER, other}


def test_a_create_that_arrives_twice_makes_one(kind: Cluster) -> None:
    refs = [kind.create(want(num_workers=1)) for _ in range(2)]
    assert refs[0] == refs[1]


def test_pool_and_policy_are_named_by_their_ids(cloud: DatabricksSession, kind: Cluster) -> None:
    pool = InstancePool(cloud).create(Want("pool", {"node_type_id": "i3.xlarge"}, marker=MARKER))
    rules = {"spark_conf.spark.speculation": {"type": "fixed", "value": "true"}}
    policy = ClusterPolicy(cloud).create(Want("policy", {"definition": rules}, marker=MARKER))
    spec: dict[str, Any] = {
        "instance_pool": pool.id,
        "driver_instance_pool": pool.id,
        "policy": policy.id,
        "num_workers": 1,
    }
    ref = kind.create(want(**spec))
    assert look(kind, ref).spec == {**SPARK, **spec}
    wait(kind, ref)
    kind.put(ref, "settings", want(num_workers=1), look(kind, ref))
    now = look(kind, ref).spec
    assert now == {**SPARK, "num_workers": 1, "node_type_id": "m5d.xlarge"}
