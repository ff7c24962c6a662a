"""The names of Acme are what was agreed, and the plugin keeps what it promises."""

from __future__ import annotations

import dpn_acme_naming
import pytest

from dpn import InputError
from dpn.testing import Naming


@pytest.fixture(scope="module")
def naming() -> Naming:
    return Naming(dpn_acme_naming)


def test_the_plugin_keeps_its_promises(naming: Naming) -> None:
    assert naming.faults() == []


@pytest.mark.parametrize(
    ("kind", "values", "name"),
    [
        ("aws_s3_bucket", {"purpose": "lake", "region": "eu-west-1"}, "acme-fin-lake-dev-euw1"),
        ("aws_s3_bucket", {"purpose": "lake", "layer": "raw", "region": "us-east-1"}, "acme-fin-lake-raw-dev-use1"),
        ("aws_glue_database", {"domain": "Order Book"}, "fin_order_book_dev"),
        ("databricks_catalog", {}, "finance_dev"),
        ("databricks_cluster", {"workload": "etl", "cluster_type": "shared"}, "fin-etl-shared-dev"),
        ("databricks_job", {"purpose": "orders", "schedule": "nightly"}, "Nightly orders for finance (dev)"),
        ("aws_glue_table", {"table_type": "fact", "entity": "orders"}, "fact_orders"),
    ],
)
def test_a_name_is_what_was_agreed(naming: Naming, kind: str, values: dict[str, str], name: str) -> None:
    assert naming.name(kind, cost_center="cc-4711", **values) == name


def test_two_cost_centers_can_be_of_one_department(naming: Naming) -> None:
    assert naming.name("databricks_catalog", cost_center="cc-4713", environment="production") == "finance_prd"


@pytest.mark.parametrize("kind", ["databricks_catalog", "databricks_job"])
def test_an_unknown_cost_center_is_refused_with_those_that_there_are(naming: Naming, kind: str) -> None:
    with pytest.raises(InputError, match="'cc-1' is no cost center of Acme; there are cc-4711"):
        naming.name(kind, cost_center="cc-1", purpose="orders", schedule="nightly")


def test_a_job_says_what_its_name_needs(naming: Naming) -> None:
    with pytest.raises(InputError, match="The name of a job needs schedule"):
        naming.name("databricks_job", cost_center="cc-4711", purpose="orders")
