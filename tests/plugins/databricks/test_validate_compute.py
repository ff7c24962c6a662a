from __future__ import annotations

from typing import Any

import pytest

from dpn import Resource
from dpn_databricks.validate_compute import check

POLICY = {"definition": {"node_type_id": {"type": "fixed", "value": "i3.xlarge"}}}


def problems(kind: str, spec: Any, **more: Any) -> list[tuple[str, str | None]]:
    found = list(check([Resource(f"{kind}.x", kind, "x", spec, "databricks", **more)]))
    assert all(one.address == f"{kind}.x" and one.hint for one in found)
    return [(one.code.removeprefix("DATABRICKS-"), (one.field or "").removeprefix("spec.")) for one in found]


@pytest.mark.parametrize(
    "spec",
    [
        {"num_workers": 2},
        {"num_workers": 0, "aws_attributes": {"zone_id": "auto"}},
        {"autoscale": {"min_workers": 1, "max_workers": 1}},
        {"autoscale": {"min_workers": "${env:A}", "max_workers": 1}},
        {"autoscale": "wrong"},
        {"is_single_node": True, "driver_node_type_id": "i3.xlarge"},
        {"policy": "P1"},
        {"policy": "P1", "single_user_name": "ada@example.com"},
        {"num_workers": 1, "instance_pool": "p", "driver_instance_pool": "q"},
        {"num_workers": 1, "single_user_name": "ada@example.com", "data_security_mode": "SINGLE_USER"},
    ],
)
def test_a_sound_cluster_passes(spec: Any) -> None:
    assert problems("databricks_cluster", spec) == []


@pytest.mark.parametrize(
    ("spec", "code", "field"),
    [
        ({}, "SIZE", "num_workers"),
        ({"num_workers": 1, "autoscale": {"min_workers": 1, "max_workers": 2}}, "SIZE", "autoscale"),
        ({"num_workers": 1, "is_single_node": True}, "SIZE", "is_single_node"),
        ({"autoscale": {"min_workers": 3, "max_workers": 2}}, "BOUNDS", "autoscale.max_workers"),
        ({"num_workers": 1, "instance_pool": "p", "node_type_id": "i3.xlarge"}, "NODES", "node_type_id"),
        ({"num_workers": 1, "instance_pool": "p", "driver_node_type_id": "x"}, "NODES", "driver_node_type_id"),
        ({"num_workers": 1, "driver_instance_pool": "p"}, "NODES", "driver_instance_pool"),
        ({"num_workers": 1, "single_user_name": "ada"}, "SINGLE-USER", "single_user_name"),
        (
            {"policy": "P", "single_user_name": "ada", "data_security_mode": "USER_ISOLATION"},
            "SINGLE-USER",
            "single_user_name",
        ),
        ({"num_workers": 1, "aws_attributes": {}, "gcp_attributes": {}}, "CLOUD", "gcp_attributes"),
    ],
)
def test_what_a_cluster_cannot_be_is_said_with_its_field(spec: Any, code: str, field: str) -> None:
    assert problems("databricks_cluster", spec) == [(code, field)]


@pytest.mark.parametrize(
    ("kind", "spec", "code", "field"),
    [
        ("databricks_instance_pool", {"min_idle_instances": 2, "max_capacity": 1}, "BOUNDS", "max_capacity"),
        ("databricks_instance_pool", {"aws_attributes": {}, "azure_attributes": {}}, "CLOUD", "azure_attributes"),
        ("databricks_cluster_policy", {}, "POLICY", "definition"),
        ("databricks_cluster_policy", {**POLICY, "policy_family_id": "job-cluster"}, "POLICY", "definition"),
        (
            "databricks_cluster_policy",
            {**POLICY, "policy_family_definition_overrides": POLICY["definition"]},
            "POLICY",
            "policy_family_definition_overrides",
        ),
        ("databricks_sql_warehouse", {"min_num_clusters": 3, "max_num_clusters": 1}, "BOUNDS", "max_num_clusters"),
        (
            "databricks_sql_warehouse",
            {"enable_serverless_compute": True, "warehouse_type": "CLASSIC"},
            "SERVERLESS",
            "warehouse_type",
        ),
    ],
)
def test_what_the_others_cannot_be_is_said_with_its_field(kind: str, spec: Any, code: str, field: str) -> None:
    assert problems(kind, spec) == [(code, field)]


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("databricks_instance_pool", {"min_idle_instances": 2}),
        ("databricks_cluster_policy", POLICY),
        ("databricks_cluster_policy", {"policy_family_id": "job-cluster", "policy_family_definition_overrides": {}}),
        ("databricks_sql_warehouse", {"enable_serverless_compute": True, "warehouse_type": "PRO"}),
        ("databricks_job", {}),
    ],
)
def test_what_is_sound_or_of_another_kind_passes(kind: str, spec: Any) -> None:
    assert problems(kind, spec) == []


def test_what_exists_already_is_not_judged() -> None:
    assert problems("databricks_cluster", {}, existing=True) == []
