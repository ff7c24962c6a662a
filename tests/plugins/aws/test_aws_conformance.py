"""The AWS kinds keep every promise of the contract, on boto3 and the embedded cloud."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from dpn import Ref, Want
from dpn.testing import ResourceConformance, Sample
from dpn_aws.bucket import Bucket
from dpn_aws.client import AwsSession, connect
from dpn_aws.glue_database import GlueDatabase
from dpn_aws.glue_table import GlueTable
from dpn_sandbox.testing import Sandbox, running_sandbox

REGION = "eu-west-1"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture(scope="module")
def session(sandbox: Sandbox) -> Iterator[AwsSession]:
    session = connect({**sandbox.settings, "region": REGION})
    yield session
    session.close()


class AwsConformance(ResourceConformance):
    @pytest.fixture
    def requests(self, sandbox: Sandbox) -> Callable[[], int]:
        return sandbox.writes

    @pytest.fixture(autouse=True)
    def clears_up(self, sandbox: Sandbox) -> Iterator[None]:
        """Assert that the suite deletes what it makes; parents are the sample's own."""
        yield
        there = sandbox.objects()
        sandbox.reset()
        assert not there["buckets"]
        assert not there["tables"]


class TestBucket(AwsConformance):
    @pytest.fixture
    def kind(self, session: AwsSession) -> Bucket:
        return Bucket(session)

    @pytest.fixture
    def sample(self) -> Sample:
        aging = [
            {"id": "old", "prefix": "tmp/", "expire_days": 7},
            {"id": "cold", "transitions": [{"days": 30, "storage_class": "GLACIER"}], "abort_multipart_days": 1},
        ]
        spec = {"versioning": False, "tags": {"team": "data", "plain": ""}, "lifecycle": aging}
        changed = {
            "public_access_block": False,
            "encryption": {"algorithm": "aws:kms", "kms_key": "alias/lake", "bucket_key": True},
            "ownership": "BucketOwnerPreferred",
            "versioning": True,
            "tags": {"team": "other"},
        }
        return Sample("conformance-lake-dev-euw1", spec, changed, region=REGION)


class TestGlueDatabase(AwsConformance):
    @pytest.fixture
    def kind(self, session: AwsSession) -> GlueDatabase:
        return GlueDatabase(session)

    @pytest.fixture
    def sample(self) -> Sample:
        spec = {"description": "Sales", "location_uri": "s3://lake/sales/", "parameters": {"owner": "x"}}
        return Sample("Sales_Gold", spec, {"description": "All sales", "parameters": {"level": "2"}})


class TestGlueTable(AwsConformance):
    @pytest.fixture
    def kind(self, session: AwsSession) -> GlueTable:
        return GlueTable(session)

    @pytest.fixture
    def sample(self, session: AwsSession) -> Sample:
        parent = GlueDatabase(session).create(Want("sales", {}))
        spec = {
            "database": "sales",
            "description": "Orders",
            "location": "s3://lake/orders/",
            "columns": [{"name": "id", "type": "bigint"}, {"name": "price", "type": "decimal(10,2)", "comment": "net"}],
            "partition_keys": [{"name": "day", "type": "date"}],
            "parameters": {"owner": "x", "level": "1"},
        }
        changed = {
            "database": "sales",
            "location": "s3://lake/orders-2/",
            "columns": [{"name": "id", "type": "bigint", "comment": "key"}, {"name": "tags", "type": "array<string>"}],
            "partition_keys": [{"name": "day", "type": "date"}],
            "format": "csv",
            "parameters": {"level": "2"},
        }
        return Sample("fact_orders", spec, changed, Ref(parent.kind, parent.name, parent.id))
