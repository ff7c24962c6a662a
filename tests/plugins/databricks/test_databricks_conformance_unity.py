"""The kinds of Unity Catalog keep the provider contract, against the sandbox's workspace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dpn import Kind, Marker, Ref, Want
from dpn.testing import ResourceConformance, Sample
from dpn_databricks.catalog import Catalog
from dpn_databricks.client import DatabricksSession
from dpn_databricks.grant import Grant
from dpn_databricks.schema import Schema
from dpn_databricks.table import Table
from dpn_databricks.volume import Volume
from dpn_sandbox.testing import DatabricksSandbox

MARKER = Marker("other--dev", "a" * 16, "other")


class Unity(ResourceConformance):
    @pytest.fixture
    def requests(self, sandbox: DatabricksSandbox) -> Callable[[], int]:
        return sandbox.writes

    @pytest.fixture
    def catalog(self, cloud: DatabricksSession) -> Ref:
        return Catalog(cloud).create(Want("lake_dev", {}, marker=MARKER))

    @pytest.fixture
    def parent(self, cloud: DatabricksSession, catalog: Ref) -> Ref:
        return Schema(cloud).create(Want("sales_gold", {}, catalog, MARKER))


class TestCatalog(Unity):
    @pytest.fixture
    def kind(self, cloud: DatabricksSession) -> Kind:
        return Catalog(cloud)

    @pytest.fixture
    def sample(self) -> Sample:
        spec = {"comment": "The lake", "properties": {"tier": "1"}, "owner": "data-engineers"}
        changed = {"properties": {"tier": "2", "more": "x"}, "owner": "data-analysts", "isolation_mode": "ISOLATED"}
        return Sample("Lake_Raw", spec, changed)


class TestSchema(Unity):
    @pytest.fixture
    def kind(self, cloud: DatabricksSession) -> Kind:
        return Schema(cloud)

    @pytest.fixture
    def sample(self, catalog: Ref) -> Sample:
        spec = {"catalog": "lake_dev", "comment": "Gold", "properties": {"tier": "1"}, "owner": "data-engineers"}
        changed = {"catalog": "lake_dev", "properties": {"tier": "2"}, "owner": "data-analysts"}
        return Sample("Sales_Silver", spec, changed, catalog)


class TestVolume(Unity):
    @pytest.fixture
    def kind(self, cloud: DatabricksSession) -> Kind:
        return Volume(cloud)

    @pytest.fixture
    def sample(self, parent: Ref) -> Sample:
        spec = {"schema": "sales_gold", "comment": "Files", "owner": "data-engineers"}
        return Sample("landing_orders", spec, {"schema": "sales_gold", "owner": "data-analysts"}, parent)


class TestTable(Unity):
    @pytest.fixture
    def kind(self, cloud: DatabricksSession) -> Kind:
        return Table(cloud)

    @pytest.fixture
    def sample(self, parent: Ref) -> Sample:
        spec: dict[str, Any] = {
            "schema": "sales_gold",
            "columns": [
                {"name": "order_id", "type": "bigint", "nullable": False, "comment": 'The buyer\'s \\ "key"\nof old'},
                {"name": "total", "type": "decimal(10,2)"},
                {"name": "lines", "type": "array<struct<sku:string,count:int>>"},
            ],
            "cluster_by": ["order_id"],
            "comment": "It's a table",
            "properties": {"tier": "1", "delta.columnMapping.mode": "name"},
            "owner": "data-engineers",
        }
        columns = [
            {"name": "day", "type": "date"},
            {"name": "order_id", "type": "bigint", "comment": "The key"},
            {"name": "total", "type": "decimal(10,2)", "nullable": False},
        ]
        properties = {**spec["properties"], "tier": "2", "more": "x"}
        changed = {
            **spec,
            "columns": columns,
            "cluster_by": ["day"],
            "properties": properties,
            "owner": "data-analysts",
        }
        del changed["comment"]
        return Sample("Fact_Orders", spec, changed, parent)


class TestExternalTable(TestTable):
    @pytest.fixture
    def sample(self, parent: Ref) -> Sample:
        spec: dict[str, Any] = {
            "schema": "sales_gold",
            "table_type": "EXTERNAL",
            "storage_location": "s3://lake/orders",
            "columns": [{"name": "day", "type": "date"}],
            "properties": {"delta.columnMapping.mode": "name"},
            "owner": "data-engineers",
        }
        more: dict[str, Any] = {"comment": "x", "owner": "data-analysts", "cluster_by": ["day"]}
        more["properties"] = {**spec["properties"], "a": "b"}
        columns = [*spec["columns"], {"name": "n", "type": "int"}]
        return Sample("stg_orders", spec, {**spec, **more, "columns": columns}, parent)


class TestGrant(Unity):
    @pytest.fixture
    def kind(self, cloud: DatabricksSession) -> Kind:
        return Grant(cloud)

    @pytest.fixture
    def sample(self, parent: Ref) -> Sample:
        spec: dict[str, Any] = {"on": "x", "principal": "data-analysts", "privileges": ["SELECT", "USE_SCHEMA"]}
        return Sample("data-analysts", spec, {**spec, "privileges": ["MODIFY", "SELECT"]}, parent)
