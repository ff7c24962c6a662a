"""A cluster between the blueprint's words and the API's, for all-purpose clusters and for those of a job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dpn_databricks.client import DatabricksSession
from dpn_databricks.cluster_schema import CLUSTER_FIELDS

_NAMES = {
    "instance_pool": "instance_pool_id",
    "driver_instance_pool": "driver_instance_pool_id",
    "policy": "policy_id",
    "tags": "custom_tags",
}
_THEIRS = {theirs: ours for ours, theirs in _NAMES.items()}
_OURS = frozenset({*CLUSTER_FIELDS, "autotermination_minutes", "tags"})
# What says or implies a node type: with one of these none is chosen.
_TYPED = ("node_type_id", "instance_pool_id", "policy_id")


def to_api(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Give the fields of a spec as the API names them; what a cluster does not have is passed through.

    A cluster of a single node is sent with `kind`, without which the API does not take `is_single_node`.
    """
    given = {_NAMES.get(key, key): value for key, value in spec.items()}
    return {**given, "kind": "CLASSIC_PREVIEW"} if given.get("is_single_node") else given


def from_api(given: Mapping[str, Any]) -> dict[str, Any]:
    """Give the fields of a spec out of what the API says was asked for (`ClusterSpec` as a dict), others left out.

    `is_single_node: false` is the same as absent.
    """
    spec = {_THEIRS.get(key, key): value for key, value in given.items()}
    return {key: value for key, value in spec.items() if key in _OURS and (key != "is_single_node" or value)}


def others(given: Mapping[str, Any]) -> dict[str, Any]:
    """Give what a full-replace write must send back of it: fields that the schema does not have."""
    return {key: value for key, value in given.items() if _THEIRS.get(key, key) not in _OURS}


def with_node_type(session: DatabricksSession, given: Mapping[str, Any]) -> dict[str, Any]:
    """Give a cluster, as `to_api` made it, a node type where neither it nor a pool nor a policy says one.

    The type depends on the workspace's cloud, which the SDK tells without a call: none is the same in two clouds.
    """
    if any(given.get(field) for field in _TYPED):
        return dict(given)
    config = session.client()._cfg  # noqa: SLF001 - the client has no other way to its own settings
    chosen = "Standard_D4ds_v5" if config.is_azure else "n2-standard-4" if config.is_gcp else "m5d.xlarge"
    return {**given, "node_type_id": chosen}
