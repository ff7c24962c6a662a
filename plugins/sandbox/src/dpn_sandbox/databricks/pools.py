"""Instance pools: unique names, a node type that never changes, lists that are not paged."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from dpn_sandbox.databricks.checks import absent, few_tags, invalid, name_of, shown, taken, text, within
from dpn_sandbox.databricks.cluster_spec import check_node_type
from dpn_sandbox.databricks.workspace import USER, ApiCall, Handler, Workspace

_AWS = {"availability": "SPOT", "spot_bid_price_percent": 100, "zone_id": "us-east-1c"}
_EDITABLE = {
    "custom_tags",
    "idle_instance_autotermination_minutes",
    "instance_pool_name",
    "max_capacity",
    "min_idle_instances",
}


def create(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Create a pool."""
    _check(workspace, call.body)
    check_node_type(text(call.body, "node_type_id"))
    pool_id = f"{int(workspace.new_id(8), 16) % 10**10:010d}-pool-{workspace.new_id(8)}"
    row = deepcopy(dict(call.body))
    row["aws_attributes"] = {**_AWS, **row.get("aws_attributes", {})}
    row.setdefault("enable_elastic_disk", True)
    tags = {"Vendor": "Databricks", "DatabricksInstancePoolCreatorId": USER, "DatabricksInstancePoolId": pool_id}
    life = {"instance_pool_id": pool_id, "default_tags": tags, "state": "ACTIVE", "status": {}}
    workspace.of("pools")[pool_id] = {**_filled(row), **life}
    return {"instance_pool_id": pool_id}


def edit(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Replace what of a pool may change: what is left out goes back to its default."""
    row = _found(workspace, call.body)
    pool_id = row["instance_pool_id"]
    _check(workspace, call.body, pool_id)
    if text(call.body, "node_type_id") != row["node_type_id"]:
        raise invalid(f"The node type of instance pool {pool_id} cannot be changed")
    kept = {key: value for key, value in row.items() if key not in _EDITABLE}
    given = {key: deepcopy(value) for key, value in call.body.items() if key in _EDITABLE}
    workspace.of("pools")[pool_id] = _filled({**kept, **given})
    return {}


def get(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Read a pool."""
    return _reply(_found(workspace, call.query))


def list_(workspace: Workspace, _call: ApiCall) -> dict[str, Any]:
    """List all pools."""
    return {"instance_pools": [_reply(row) for row in workspace.of("pools").values()]}


def delete(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Delete a pool for good."""
    del workspace.of("pools")[_found(workspace, call.body)["instance_pool_id"]]
    return {}


def _found(workspace: Workspace, values: Mapping[str, Any]) -> dict[str, Any]:
    pool_id = text(values, "instance_pool_id")
    row = workspace.of("pools").get(pool_id)
    if row is None:
        raise absent(f"Can't find an instance pool with id {pool_id}: it does not exist")
    return row


def _check(workspace: Workspace, body: Mapping[str, Any], itself: str | None = None) -> None:
    name = name_of(body, "instance_pool_name", 100)
    if any(row["instance_pool_name"] == name and key != itself for key, row in workspace.of("pools").items()):
        raise taken(f"Instance pool with name `{name}` already exists")
    few_tags(body.get("custom_tags"))
    within(body, "idle_instance_autotermination_minutes", 0, 10_000, 60)
    idle = within(body, "min_idle_instances", 0, 100_000, 0)
    if idle > (most := within(body, "max_capacity", 1, 100_000, 100_000)):
        raise invalid(f"min_idle_instances ({idle}) must not be greater than max_capacity ({most})")


def _filled(row: dict[str, Any]) -> dict[str, Any]:
    return {"idle_instance_autotermination_minutes": 60, "min_idle_instances": 0, **row}


def _reply(row: Mapping[str, Any]) -> dict[str, Any]:
    idle = row["min_idle_instances"]
    stats = {"idle_count": idle, "pending_idle_count": 0, "pending_used_count": 0, "used_count": 0}
    return {**shown(row), "stats": stats}


HANDLERS: Mapping[str, Handler] = {
    "InstancePools.create": create,
    "InstancePools.edit": edit,
    "InstancePools.get": get,
    "InstancePools.list": list_,
    "InstancePools.delete": delete,
}
