"""The kinds of compute keep the provider contract, against the sandbox's workspace."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dpn import Kind, Marker, Want
from dpn.testing import ResourceConformance, Sample
from dpn_databricks.client import DatabricksSession, connect
from dpn_databricks.cluster import Cluster
from dpn_databricks.cluster_policy import ClusterPolicy
from dpn_databricks.instance_pool import InstancePool
from dpn_databricks.sql_warehouse import SqlWarehouse
from dpn_sandbox.testing import DatabricksSandbox


class Compute(ResourceConformance):
    @pytest.fixture
    def requests(self, sandbox: DatabricksSandbox) -> Callable[[], int]:
        return sandbox.writes


class TestCluster(Compute):
    @pytest.fixture
    def kind(self, cloud: DatabricksSession) -> Kind:
        return Cluster(cloud)

    @pytest.fixture
    def sample(self) -> Sample:
        spec = {
            "num_workers": 2,
            "data_security_mode": "SINGLE_USER",
            "spark_conf": {"spark.speculation": "true"},
            "aws_attributes": {"first_on_demand": 1, "availability": "SPOT"},
            "init_scripts": [{"workspace": {"destination": "/Users/ada/start.sh"}}],
            "cluster_log_conf": {"volumes": {"destination": "/Volumes/main/ops/logs"}},
            "tags": {"team": "data"},
        }
        changed = {
            "autoscale": {"min_workers": 1, "max_workers": 4},
            "autotermination_minutes": 0,
            "runtime_engine": "PHOTON",
            "spark_env_vars": {"MODE": "fast"},
            "enable_elastic_disk": False,
            "tags": {"team": "other"},
        }
        return Sample("oncology-etl-shared-dev", spec, changed)


class TestSingleNode(Compute):
    @pytest.fixture
    def kind(self, cloud: DatabricksSession) -> Kind:
        return Cluster(cloud)

    @pytest.fixture
    def sample(self) -> Sample:
        spec = {"is_single_node": True, "node_type_id": "m5d.large", "autotermination_minutes": 30}
        return Sample("oncology-lab-single-dev", spec, {"num_workers": 1, "node_type_id": "i3.xlarge"})


class TestInstancePool(Compute):
    @pytest.fixture
    def kind(self, cloud: DatabricksSession) -> Kind:
        return InstancePool(cloud)

    @pytest.fixture
    def sample(self) -> Sample:
        fixed = {
            "node_type_id": "i3.xlarge",
            "aws_attributes": {"availability": "ON_DEMAND"},
            "preloaded_spark_versions": ["16.4.x-scala2.12"],
            "enable_elastic_disk": False,
        }
        spec = {**fixed, "min_idle_instances": 1, "max_capacity": 10, "tags": {"team": "data"}}
        changed = {**fixed, "idle_instance_autotermination_minutes": 5, "tags": {"team": "other", "cost": "1"}}
        return Sample("oncology-pool-general-etl-dev", spec, changed)


class TestClusterPolicy(Compute):
    @pytest.fixture
    def kind(self, cloud: DatabricksSession) -> Kind:
        return ClusterPolicy(cloud)

    @pytest.fixture
    def sample(self) -> Sample:
        rule = {"type": "range", "maxValue": 60, "defaultValue": 30}
        spec = {"definition": {"autotermination_minutes": rule}, "description": "Keeps clusters short-lived"}
        changed = {
            "definition": {"node_type_id": {"type": "allowlist", "values": ["i3.xlarge"]}},
            "max_clusters_per_user": 2,
            "libraries": [{"pypi": {"package": "simplejson"}}, {"jar": "/Volumes/main/ops/lib/a.jar"}],
        }
        return Sample("oncology-analysts-cost-dev", spec, changed)


class TestPolicyOfAFamily(Compute):
    @pytest.fixture
    def kind(self, cloud: DatabricksSession) -> Kind:
        return ClusterPolicy(cloud)

    @pytest.fixture
    def sample(self) -> Sample:
        over = {"autotermination_minutes": {"type": "fixed", "value": 20, "hidden": True}}
        spec = {"policy_family_id": "personal-vm", "policy_family_definition_overrides": over}
        return Sample("oncology-staff-personal-dev", spec, {"policy_family_id": "personal-vm", "description": "Own"})


class TestSqlWarehouse(Compute):
    @pytest.fixture
    def kind(self, cloud: DatabricksSession) -> Kind:
        return SqlWarehouse(cloud)

    @pytest.fixture
    def sample(self) -> Sample:
        spec = {
            "cluster_size": "2X-Small",
            "max_num_clusters": 3,
            "instance_profile_arn": "arn:aws:iam::123456789012:instance-profile/sql",
            "tags": {"team": "data", "plain": ""},
        }
        changed = {
            "cluster_size": "Small",
            "min_num_clusters": 2,
            "max_num_clusters": 2,
            "auto_stop_mins": 10,
            "enable_serverless_compute": True,
            "enable_photon": False,
            "channel": {"name": "CHANNEL_NAME_PREVIEW"},
            "tags": {"team": "other"},
        }
        return Sample("oncology-sql-bi-small-dev", spec, changed)


def test_what_was_renamed_outside_is_still_the_same_thing(sandbox: DatabricksSandbox) -> None:
    session = connect(sandbox.settings)
    pool = InstancePool(session)
    ref = pool.create(Want("mine", {"node_type_id": "m5d.large"}, marker=Marker("lake--dev", "a" * 16, "op")))
    pool.rename(ref, "theirs")
    seen = pool.read(ref)
    assert seen
    assert (seen.ref.name, seen.ref.id) == ("theirs", ref.id)
    pool.delete(ref, seen)
    session.close()
