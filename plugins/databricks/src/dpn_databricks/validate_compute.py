"""What Databricks would refuse of clusters, pools, policies and warehouses, and JSON Schema cannot say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from dpn import Problem, Resource

_OF_ONE_USER = (
    "SINGLE_USER",
    "DATA_SECURITY_MODE_DEDICATED",
    "DATA_SECURITY_MODE_AUTO",
    "LEGACY_SINGLE_USER",
    "LEGACY_SINGLE_USER_STANDARD",
)
_CLOUDS = ("aws_attributes", "azure_attributes", "gcp_attributes")
Found: TypeAlias = tuple[str, str, str, str]
"""Code, field below the place that was looked at, message, next step."""


def check(resources: Sequence[Resource]) -> Iterator[Problem]:
    """Look at the specs of these kinds; what exists already, and what the schema refuses anyway, is passed by."""
    for resource in resources:
        rules = _RULES.get(resource.kind)
        for code, field, message, hint in rules(resource.spec) if rules and not resource.existing else ():
            yield Problem(code, message, resource.address, f"spec.{field}", resource.place, hint=hint)


def cluster(spec: Mapping[str, Any]) -> Iterator[Found]:
    """Look at a new cluster, also at one of a job: size, nodes, user and clouds.

    Yields code, field below the cluster, message and next step. What a policy may say is not missed.
    """
    yield from _size(spec)
    yield from _order(spec.get("autoscale"), "min_workers", "max_workers", "autoscale.")
    yield from _nodes(spec)
    yield from _user(spec)
    yield from _clouds(spec)


def _user(spec: Mapping[str, Any]) -> Iterator[Found]:
    mode = spec.get("data_security_mode", "set by the policy" if "policy" in spec else "not set")
    if "single_user_name" in spec and mode not in (*_OF_ONE_USER, "set by the policy"):
        message = f"Only a mode of one user has a single_user_name, and data_security_mode is {mode}."
        hint = "Set data_security_mode to SINGLE_USER, or remove it."
        yield ("DATABRICKS-SINGLE-USER", "single_user_name", message, hint)


def _size(spec: Mapping[str, Any]) -> Iterator[Found]:
    given = [field for field in ("num_workers", "autoscale", "is_single_node") if field in spec]
    if len(given) > 1:
        yield ("DATABRICKS-SIZE", given[-1], f"{' and '.join(given)} contradict each other.", "Keep one of them.")
    elif not given and "policy" not in spec:
        hint = "Set num_workers, autoscale or is_single_node."
        yield ("DATABRICKS-SIZE", "num_workers", "Nothing says how many workers it has.", hint)


def _nodes(spec: Mapping[str, Any]) -> Iterator[Found]:
    for pool, fields in (
        ("instance_pool", ("node_type_id", "driver_node_type_id")),
        ("driver_instance_pool", ("driver_node_type_id",)),
    ):
        for field in (field for field in fields if pool in spec and field in spec):
            yield ("DATABRICKS-NODES", field, f"{pool} sets the node type already.", f"Remove {field} or {pool}.")
    if "driver_instance_pool" in spec and "instance_pool" not in spec:
        hint = "Set instance_pool too, or use driver_node_type_id."
        yield ("DATABRICKS-NODES", "driver_instance_pool", "A driver from a pool needs workers from a pool.", hint)


def _clouds(spec: Mapping[str, Any]) -> Iterator[Found]:
    given = [field for field in _CLOUDS if field in spec]
    if len(given) > 1:
        message = f"{' and '.join(given)} stand together, and a workspace is in one cloud."
        yield ("DATABRICKS-CLOUD", given[-1], message, "Keep those of the workspace's cloud.")


def _pool(spec: Mapping[str, Any]) -> Iterator[Found]:
    yield from _order(spec, "min_idle_instances", "max_capacity")
    yield from _clouds(spec)


def _policy(spec: Mapping[str, Any]) -> Iterator[Found]:
    if ("definition" in spec) == ("policy_family_id" in spec):
        said = "both definition and policy_family_id" if "definition" in spec else "neither rules nor a family"
        hint = "Give one: definition with rules of its own, or policy_family_id."
        yield ("DATABRICKS-POLICY", "definition", f"The policy has {said}.", hint)
    elif "definition" in spec and "policy_family_definition_overrides" in spec:
        message = "Overrides stand over the rules of a family, and there is none."
        hint = "Move them into definition, or set policy_family_id."
        yield ("DATABRICKS-POLICY", "policy_family_definition_overrides", message, hint)


def _warehouse(spec: Mapping[str, Any]) -> Iterator[Found]:
    yield from _order(spec, "min_num_clusters", "max_num_clusters")
    if spec.get("enable_serverless_compute") is True and spec.get("warehouse_type") == "CLASSIC":
        hint = "Set warehouse_type to PRO, or leave it out."
        yield ("DATABRICKS-SERVERLESS", "warehouse_type", "A CLASSIC warehouse is never serverless.", hint)


def _order(spec: Any, low: str, high: str, where: str = "") -> Iterator[Found]:
    """Look at two bounds, each of which may be missing or, as text, a reference or wrong."""
    least, most = (spec.get(low), spec.get(high)) if isinstance(spec, Mapping) else (None, None)
    if isinstance(least, int) and isinstance(most, int) and least > most:
        message = f"{low} ({least}) is greater than {high} ({most})."
        yield ("DATABRICKS-BOUNDS", f"{where}{high}", message, "Raise the upper bound or lower the other.")


_RULES: Mapping[str, Callable[[Mapping[str, Any]], Iterator[Found]]] = {
    "databricks_cluster": cluster,
    "databricks_instance_pool": _pool,
    "databricks_cluster_policy": _policy,
    "databricks_sql_warehouse": _warehouse,
}
