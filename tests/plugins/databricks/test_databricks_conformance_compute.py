"""The kinds of compute keep the provider contract, against the sandbox's workspace."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from dpn import Kind
from dpn.testing import ResourceConformance, Sample
from dpn_databricks.client import DatabricksSession, connect
from dpn_databricks.cluster import Cluster
from dpn_sandbox.testing import DatabricksSandbox, running_databricks


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabricksSandbox]:
    with running_databricks(tmp_path_factory.mktemp("databricks")) as running:
        yield running


class Compute(ResourceConformance):
    @pytest.fixture
    def cloud(self, sandbox: DatabricksSandbox) -> Iterator[DatabricksSession]:
        sandbox.reset()
        session = connect(sandbox.settings)
        yield session
        session.close()

    @pytest.fixture
    def requests(self, sandbox: DatabricksSandbox) -> Callable[[], int]:
        return lambda: sum(1 for request in sandbox.requests() if request["write"])


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
