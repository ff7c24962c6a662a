"""The names of the Databricks kinds keep what every provider promises."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

import dpn_databricks
from dpn import Kind, Provider, World, api
from dpn.testing import NamesConformance

Render = Callable[[str, Mapping[str, str]], str]

NAMES = {
    "databricks_catalog": ({"catalog_type": "lake"}, "my_app_lake_dev"),
    "databricks_cluster": ({"workload": "etl", "cluster_type": "shared"}, "my-app-etl-shared-dev"),
    "databricks_cluster_policy": ({"target": "analysts", "policy_type": "cost"}, "my-app-analysts-cost-dev"),
    "databricks_connection": ({"source": "postgres-crm"}, "my_app_postgres_crm_dev"),
    "databricks_directory": ({"domain": "sales"}, "/my-app/sales/dev"),
    "databricks_external_location": ({"purpose": "claims", "layer": "bronze"}, "my_app_claims_bronze_dev"),
    "databricks_function": ({"action": "mask", "entity": "email"}, "mask_email"),
    "databricks_group": ({"role": "data engineers"}, "my-app-data-engineers-dev"),
    "databricks_instance_pool": ({"node_type": "memory", "purpose": "etl"}, "my-app-pool-memory-etl-dev"),
    "databricks_job": (
        {"job_type": "etl", "purpose": "orders", "schedule": "daily"},
        "my-app-etl-orders-daily-dev",
    ),
    "databricks_metastore": ({"region": "eu-west-1"}, "my_app_dev_euw1"),
    "databricks_notebook_path": (
        {"domain": "sales", "purpose": "ingest", "notebook_name": "load_orders"},
        "/my-app/sales/ingest/dev/load-orders",
    ),
    "databricks_pipeline": (
        {"pipeline_type": "cdc", "source": "orders", "target": "gold"},
        "my-app-cdc-orders-gold-dev",
    ),
    "databricks_recipient": ({"recipient": "acme"}, "my_app_acme_dev"),
    "databricks_registered_model": ({"purpose": "churn", "algorithm": "xgboost"}, "churn_xgboost"),
    "databricks_repo": ({"repo_purpose": "pipelines"}, "my-app-pipelines-dev"),
    "databricks_schema": ({"domain": "sales", "layer": "gold"}, "sales_gold"),
    "databricks_secret_scope": ({"purpose": "ingest"}, "my-app-ingest-dev"),
    "databricks_service_credential": ({"purpose": "queues"}, "my_app_queues_service_dev"),
    "databricks_service_principal": ({"workload": "deploy"}, "my-app-sp-deploy-dev"),
    "databricks_share": ({"purpose": "market data"}, "my_app_market_data_dev"),
    "databricks_sql_warehouse": ({"purpose": "bi", "size": "small"}, "my-app-sql-bi-small-dev"),
    "databricks_storage_credential": ({"purpose": "lake"}, "my_app_lake_storage_dev"),
    "databricks_table": ({"table_type": "fact", "entity": "orders"}, "fact_orders"),
    "databricks_volume": ({"data_type": "landing", "purpose": "invoices"}, "landing_invoices"),
    "databricks_workspace": ({"purpose": "analytics", "region": "us-east-1"}, "dbx-my-app-analytics-dev-use1"),
}


class TestNames(NamesConformance):
    @pytest.fixture
    def provider(self) -> Provider:
        (provider,) = dpn_databricks.dpn_providers()
        return provider


@pytest.fixture
def render(tmp_path: Path) -> Render:
    world = World(env={"DPN_HOME": str(tmp_path / "home")}, cwd=tmp_path)
    return lambda kind, values: api.render_name(api.Options(), kind, values, world)


@pytest.mark.parametrize("kind", NAMES)
def test_each_kind_has_names_without_any_configuration(render: Render, kind: str) -> None:
    values, name = NAMES[kind]
    assert render(kind, {"project": "my-app", "environment": "dev", **values}) == name


def test_only_what_is_known_by_another_field_has_no_name_of_its_own() -> None:
    named = {kind.kind for kind in dpn_databricks.KINDS} - NAMES.keys()
    assert named == {kind.kind for kind in dpn_databricks.KINDS if issubclass(kind, Kind) and kind.named_by}


def test_the_code_of_a_region_is_that_of_the_convention(render: Render, tmp_path: Path) -> None:
    (tmp_path / ".dpn").mkdir()
    (tmp_path / ".dpn/naming-patterns.yaml").write_text("transformations: {region_mapping: {us-east-1: nva}}\n")
    values = {"project": "my-app", "purpose": "ml", "environment": "dev", "region": "us-east-1"}
    assert render("databricks_workspace", values) == "dbx-my-app-ml-dev-nva"
