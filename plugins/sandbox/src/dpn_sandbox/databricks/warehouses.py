"""SQL warehouses: unique names, a start and a stop that take two reads, an edit that keeps what is left out."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from dpn_sandbox.databricks.checks import absent, choice, few_tags, invalid, name_of, page, shown, taken, within
from dpn_sandbox.databricks.states import enter, observe
from dpn_sandbox.databricks.workspace import USER, WORKSPACE_ID, ApiCall, Handler, Workspace

STARTER_ID = "0123456789abcdef"
_NEXT = {"STARTING": "RUNNING", "STOPPING": "STOPPED"}
_SIZES = ("2X-Small", "X-Small", "Small", "Medium", "Large", "X-Large", "2X-Large", "3X-Large", "4X-Large", "5X-Large")
_MIN_AUTO_STOP, _MAX_MIN_CLUSTERS, _MAX_CLUSTERS, _MAX_NAME = 10, 30, 40, 99
_HOST = f"dbc-{WORKSPACE_ID}.cloud.databricks.com"
_DEFAULTS: Mapping[str, Any] = {
    "auto_stop_mins": 120,
    "channel": {"name": "CHANNEL_NAME_CURRENT"},
    "enable_photon": True,
    "enable_serverless_compute": False,
    "min_num_clusters": 1,
    "spot_instance_policy": "COST_OPTIMIZED",
    "tags": {},
    "warehouse_type": "CLASSIC",
}


def begin(workspace: Workspace) -> None:
    """Put the warehouse into a new workspace that every real one comes with, running."""
    asked = {"name": "Serverless Starter Warehouse", "cluster_size": "Small", "auto_stop_mins": 10}
    serverless = {"enable_serverless_compute": True, "warehouse_type": "PRO"}
    _put(workspace, STARTER_ID, _checked(workspace, {**asked, **serverless}), "RUNNING")


def create(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Create a warehouse, which starts."""
    settings = _checked(workspace, call.body)
    warehouse_id = workspace.new_id(16)
    _put(workspace, warehouse_id, settings, "STARTING")
    return {"id": warehouse_id}


def edit(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Change the fields that are given."""
    row = _found(workspace, call)
    row.update(_checked(workspace, {**row["_settings"], **call.body}, row["id"]))
    return {}


def get(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Read a warehouse."""
    return _look(workspace, _found(workspace, call))


def list_(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """List all warehouses."""
    reply = page(workspace.of("warehouses").values(), "warehouses", call, most=1000, size=100)
    found = [_look(workspace, row) for row in reply.get("warehouses", [])]
    return {**reply, **({"warehouses": found} if found else {})}


def start(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Start a warehouse; nothing happens to one that runs or starts."""
    row = _found(workspace, call)
    if row["state"] in ("STOPPED", "STOPPING"):
        enter(row, "STARTING")
    return {}


def stop(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Stop a warehouse; nothing happens to one that is stopped or stops."""
    row = _found(workspace, call)
    if row["state"] in ("RUNNING", "STARTING"):
        enter(row, "STOPPING")
    return {}


def delete(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Delete a warehouse for good."""
    del workspace.of("warehouses")[_found(workspace, call)["id"]]
    return {}


def _found(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    row = workspace.of("warehouses").get(call.path["id"])
    if row is None:
        raise absent(f"SQL warehouse {call.path['id']} does not exist")
    return row


def _checked(workspace: Workspace, asked: Mapping[str, Any], itself: str | None = None) -> dict[str, Any]:
    given = {key: deepcopy(value) for key, value in asked.items() if value is not None}
    name = name_of(given, "name", _MAX_NAME)
    if any(row["name"] == name and key != itself for key, row in workspace.of("warehouses").items()):
        raise taken(f"SQL warehouse with name `{name}` already exists")
    if choice(given, "cluster_size", _SIZES) is None:
        raise invalid("Missing required field: cluster_size")
    minutes = within(given, "auto_stop_mins", 0, 2**31 - 1, 120)
    if 0 < minutes < _MIN_AUTO_STOP:
        raise invalid(f"auto_stop_mins must be 0 or at least {_MIN_AUTO_STOP}, not {minutes}")
    low = within(given, "min_num_clusters", 1, _MAX_MIN_CLUSTERS, 1)
    if low > (high := within(given, "max_num_clusters", 1, _MAX_CLUSTERS, low)):
        raise invalid(f"min_num_clusters ({low}) must not be greater than max_num_clusters ({high})")
    kind = choice(given, "warehouse_type", {"CLASSIC", "PRO", "REALTIME", "TYPE_UNSPECIFIED"})
    if given.get("enable_serverless_compute") and kind not in ("PRO", "REALTIME"):
        raise invalid("enable_serverless_compute needs warehouse_type PRO")
    choice(given, "spot_instance_policy", {"COST_OPTIMIZED", "POLICY_UNSPECIFIED", "RELIABILITY_OPTIMIZED"})
    pairs = (given.get("tags") or {}).get("custom_tags") or []
    few_tags({pair.get("key"): pair.get("value") for pair in pairs}, 44, field="tags")
    return {**deepcopy(dict(_DEFAULTS)), "max_num_clusters": high, **given, "_settings": given}


def _put(workspace: Workspace, warehouse_id: str, settings: dict[str, Any], state: str) -> None:
    path = f"/sql/1.0/warehouses/{warehouse_id}"
    workspace.of("warehouses")[warehouse_id] = {
        "creator_name": USER,
        **settings,
        "id": warehouse_id,
        "jdbc_url": f"jdbc:spark://{_HOST}:443/default;transportMode=http;ssl=1;AuthMech=3;httpPath={path};",
        "odbc_params": {"hostname": _HOST, "path": path, "port": 443, "protocol": "https"},
        "state": state,
    }


def _look(workspace: Workspace, row: dict[str, Any]) -> dict[str, Any]:
    observe(workspace, row, _NEXT, lambda _workspace, seen, state: enter(seen, state))
    running = row["state"] == "RUNNING"
    life = {"num_clusters": row["min_num_clusters"] if running else 0, "num_active_sessions": 0}
    return {**shown(row), **life, "health": {"status": "HEALTHY"} if running else {}}


HANDLERS: Mapping[str, Handler] = {
    "Warehouses.create": create,
    "Warehouses.edit": edit,
    "Warehouses.get": get,
    "Warehouses.list": list_,
    "Warehouses.start": start,
    "Warehouses.stop": stop,
    "Warehouses.delete": delete,
}
