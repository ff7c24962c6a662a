"""A cluster between the blueprint's words and the API's, for all-purpose clusters and for those of a job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from dpn_databricks.client import DatabricksSession
from dpn_databricks.cluster_schema import CLUSTER_FIELDS

if TYPE_CHECKING:
    from databricks.sdk.service.compute import ClusterDetails

_SIZE = ("num_workers", "autoscale")
_NAMES = {
    "instance_pool": "instance_pool_id",
    "driver_instance_pool": "driver_instance_pool_id",
    "policy": "policy_id",
    "tags": "custom_tags",
}
_THEIRS = {theirs: ours for ours, theirs in _NAMES.items()}
_OURS = frozenset({*CLUSTER_FIELDS, "autotermination_minutes", "tags"})


def to_api(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Give the fields of a spec as the API names them; what a cluster does not have is passed through.

    A cluster of a single node is sent with `kind`, without which the API does not take `is_single_node`; one that
    follows a policy takes the policy's defaults for what it leaves out.
    """
    given = {_NAMES.get(key, key): value for key, value in spec.items()}
    if given.get("is_single_node"):
        given["kind"] = "CLASSIC_PREVIEW"
    if given.get("policy_id"):
        # No reply is documented to show this flag, so it follows a rule and is no field: it could never be compared.
        given["apply_policy_default_values"] = True
    return given


def from_api(given: Mapping[str, Any]) -> dict[str, Any]:
    """Give the fields of a spec out of what the API says was asked for (`ClusterSpec` as a dict), others left out.

    `is_single_node: false` is the same as absent.
    """
    spec = {_THEIRS.get(key, key): value for key, value in given.items()}
    return {key: value for key, value in spec.items() if key in _OURS and (key != "is_single_node" or value)}


def others(given: Mapping[str, Any]) -> dict[str, Any]:
    """Give what a full-replace write must send back of it: fields that a blueprint cannot say."""
    known = {*_OURS, "apply_policy_default_values", "cluster_name"}
    return {key: value for key, value in given.items() if _THEIRS.get(key, key) not in known}


def has_node_type(spec: Mapping[str, Any]) -> bool:
    """Tell whether a spec says the type of its nodes, itself or by a pool or a policy."""
    return any(spec.get(field) for field in ("node_type_id", "instance_pool", "policy"))


def with_node_type(session: DatabricksSession, given: Mapping[str, Any]) -> dict[str, Any]:
    """Give a cluster, as `to_api` made it, a node type where neither it nor a pool nor a policy says one.

    The type depends on the workspace's cloud, which the SDK tells without a call: none is the same in two clouds.
    """
    if has_node_type(from_api(given)):
        return dict(given)
    config = session.client()._cfg  # noqa: SLF001 - the client has no other way to its own settings
    chosen = "Standard_D4ds_v5" if config.is_azure else "n2-standard-4" if config.is_gcp else "m5d.xlarge"
    return {**given, "node_type_id": chosen}


def settings(raw: ClusterDetails) -> dict[str, Any]:
    """Give what was asked for, with the size that it has now: only that changes without an edit.

    What the service filled in by itself (a zone, the driver's type, tags of its own) is thereby left out.
    """
    now = raw.as_dict()
    asked = raw.spec.as_dict() if raw.spec else _without_results(now)
    size = {key: now[key] for key in _SIZE if key in now}
    if "autoscale" in size or asked.get("is_single_node"):
        size.pop("num_workers", None)  # how many there are just now
    if not size:
        return asked
    return {**{key: value for key, value in asked.items() if key not in _SIZE}, **size}


def _without_results(now: Mapping[str, Any]) -> dict[str, Any]:
    from databricks.sdk.service.compute import ClusterSpec

    names = {field.name for field in fields(ClusterSpec)}
    typed = {"node_type_id", "driver_node_type_id"} if now.get("instance_pool_id") else set()
    return {key: value for key, value in now.items() if key in names - typed}
