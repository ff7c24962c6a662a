"""What may be asked of a cluster, and what the service fills in where nothing is asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from dpn_sandbox.databricks.checks import choice, few_tags, invalid, text, within
from dpn_sandbox.databricks.workspace import USER, Workspace

FAILING_NODE_TYPE = "fail.large"
_NODE_TYPES = ("i3.xlarge", "i3.2xlarge", "m5d.large", "m5d.xlarge", "r5d.xlarge", "c5d.2xlarge", "rd-fleet.xlarge")
_NODE_TYPE = re.compile(r"(?:[a-z]{1,4}\d+[a-z]*|[a-z]{1,3}-fleet)\.(?:large|\d{0,2}xlarge|metal)")
_SPARK_VERSION = re.compile(r"custom:.+|\d+\.(?:\d+|x)(?:\.x)?-(?:[a-z0-9.]+-)*scala2\.\d+")
_SECURITY_MODES = {
    "DATA_SECURITY_MODE_AUTO",
    "DATA_SECURITY_MODE_DEDICATED",
    "DATA_SECURITY_MODE_STANDARD",
    "LEGACY_PASSTHROUGH",
    "LEGACY_SINGLE_USER",
    "LEGACY_SINGLE_USER_STANDARD",
    "LEGACY_TABLE_ACL",
    "NONE",
    "SINGLE_USER",
    "USER_ISOLATION",
}
_OF_ONE_USER = {"DATA_SECURITY_MODE_DEDICATED", "LEGACY_SINGLE_USER", "LEGACY_SINGLE_USER_STANDARD", "SINGLE_USER"}
_AWS = {
    "availability": "SPOT_WITH_FALLBACK",
    "ebs_volume_count": 0,
    "first_on_demand": 1,
    "spot_bid_price_percent": 100,
    "zone_id": "us-east-1c",
}
_SINGLE_NODE_CONF = {"spark.databricks.cluster.profile": "singleNode", "spark.master": "local[*, 4]"}
_REQUEST_ONLY = {"apply_policy_default_values", "cluster_id", "clone_from", "idempotency_token"}


def check_node_type(node_type: str) -> None:
    """Refuse a node type that AWS cannot have; `fail.large` passes here and is the one whose launch fails."""
    if node_type != FAILING_NODE_TYPE and not _NODE_TYPE.fullmatch(node_type):
        known = ", ".join(_NODE_TYPES)
        raise invalid(f"Node type {node_type} is not supported. Supported node types: {known}")


def settings_of(workspace: Workspace, body: Mapping[str, Any]) -> dict[str, Any]:
    """Check what a request asks of a cluster and give it as it was asked, deeply copied."""
    settings = {key: deepcopy(value) for key, value in body.items() if key not in _REQUEST_ONLY and value is not None}
    version = text(settings, "spark_version")
    if not _SPARK_VERSION.fullmatch(version):
        raise invalid(f"Invalid spark version {version}.")
    _check_size(settings)
    _check_nodes(workspace, settings)
    within(settings, "autotermination_minutes", 0, 10_000, 0)
    if 0 < settings.get("autotermination_minutes", 0) < 10:  # noqa: PLR2004 - the service's own threshold
        raise invalid("autotermination_minutes must be 0 or between 10 and 10000")
    few_tags(settings.get("custom_tags"))
    choice(settings, "data_security_mode", _SECURITY_MODES)
    choice(settings, "runtime_engine", {"NULL", "PHOTON", "STANDARD"})
    policy = settings.get("policy_id")
    if policy is not None and policy not in workspace.of("policies"):
        raise invalid(f"Cluster policy {policy} does not exist")
    return settings


def filled(settings: Mapping[str, Any], pools: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Add what the service fills in; the settings themselves stay as they are."""
    row = {"cluster_name": "", "autotermination_minutes": 0, **deepcopy(dict(settings))}
    if pool := pools.get(row.get("instance_pool_id", "")):
        row["node_type_id"] = pool["node_type_id"]
        row.setdefault("driver_instance_pool_id", row["instance_pool_id"])
    row.setdefault("driver_node_type_id", row["node_type_id"])
    row["aws_attributes"] = {**_AWS, **row.get("aws_attributes", {})}
    row.setdefault("enable_elastic_disk", False)
    row.setdefault("enable_local_disk_encryption", False)
    row.setdefault("runtime_engine", "PHOTON" if "-photon-" in row["spark_version"] else "STANDARD")
    if row.get("data_security_mode") in _OF_ONE_USER:
        row.setdefault("single_user_name", USER)
    if row.get("is_single_node"):
        row["num_workers"] = 0
        row["spark_conf"] = {**row.get("spark_conf", {}), **_SINGLE_NODE_CONF}
        row["custom_tags"] = {**row.get("custom_tags", {}), "ResourceClass": "SingleNode"}
    return row


def _check_size(settings: Mapping[str, Any]) -> None:
    autoscale = settings.get("autoscale")
    if settings.get("is_single_node"):
        if settings.get("kind") != "CLASSIC_PREVIEW":
            raise invalid("is_single_node can only be used when kind = CLASSIC_PREVIEW")
        return
    if autoscale is None and settings.get("num_workers") is None:
        raise invalid("Missing required field: size (num_workers or autoscale)")
    if autoscale is not None and settings.get("num_workers") is not None:
        raise invalid("Only one of num_workers and autoscale can be specified")
    within(settings, "num_workers", 0, 100_000, 0)
    if autoscale is not None:
        low, high = (within(autoscale, field, 0, 100_000, 0) for field in ("min_workers", "max_workers"))
        if low > high or not high:
            raise invalid(f"min_workers ({low}) must not be greater than max_workers ({high}), which must not be 0")


def _check_nodes(workspace: Workspace, settings: Mapping[str, Any]) -> None:
    for field in ("instance_pool_id", "driver_instance_pool_id"):
        pool = settings.get(field)
        if pool is not None and pool not in workspace.of("pools"):
            raise invalid(f"Can't find an instance pool with id {pool}.")
    if settings.get("instance_pool_id") is None:
        check_node_type(text(settings, "node_type_id"))
        if "driver_node_type_id" in settings:
            check_node_type(settings["driver_node_type_id"])
    elif forbidden := {"node_type_id", "driver_node_type_id"} & settings.keys():
        field = min(forbidden)
        raise invalid(f"The field '{field}' cannot be supplied when an instance pool ID is provided.")
