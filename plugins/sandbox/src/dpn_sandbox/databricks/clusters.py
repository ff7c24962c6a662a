"""Clusters: names are not unique, states move when they are read, a delete only terminates.

Two things exist for trying failure: a cluster with node type `fail.large` is accepted and then ends TERMINATED with the
reason CLOUD_PROVIDER_LAUNCH_FAILURE, and a node type that AWS cannot have (`no.such`) is refused at once. No reply's
field tells that a cluster is pinned: `Clusters.list` with `filter_by.is_pinned` and the events PINNED and UNPINNED do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dpn_sandbox.databricks.checks import choice, invalid, page
from dpn_sandbox.databricks.cluster_life import begin, end, events, found, listed, look, note
from dpn_sandbox.databricks.cluster_spec import filled, settings_of
from dpn_sandbox.databricks.workspace import USER, ApiCall, ApiError, Handler, Workspace

MAX_PINNED = 100
_TOKEN_LENGTH = 64
_OF_LIFE = (
    "cluster_id",
    "cluster_source",
    "creator_user_name",
    "state",
    "state_message",
    "start_time",
    "last_restarted_time",
    "last_state_loss_time",
    "spark_context_id",
    "terminated_time",
    "termination_reason",
    "_events",
    "_pinned",
    "_seen",
    "_token",
)


def create(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Create a cluster, or give the one that this idempotency token made unless that is TERMINATED by now."""
    token = call.body.get("idempotency_token")
    if token is not None and len(token) > _TOKEN_LENGTH:
        raise invalid(f"idempotency_token must have at most {_TOKEN_LENGTH} characters")
    clusters = workspace.of("clusters")
    settings = settings_of(workspace, call.body)
    for cluster_id, row in clusters.items():
        if token and row["_token"] == token and row["state"] != "TERMINATED":
            return {"cluster_id": cluster_id}
    cluster_id = _new_id(workspace)
    born = {"cluster_id": cluster_id, "cluster_source": "API", "creator_user_name": USER, "last_state_loss_time": 0}
    row = {**born, "_events": [], "_pinned": False, "_token": token}
    clusters[cluster_id] = _with_settings(workspace, row, settings)
    begin(workspace, clusters[cluster_id], "PENDING", "Finding instances for new nodes")
    note(workspace, clusters[cluster_id], "CREATING", user=USER, attributes=settings)
    return {"cluster_id": cluster_id}


def edit(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Replace all settings of a cluster that is RUNNING, which restarts it, or TERMINATED."""
    row = found(workspace, call.body)
    settings = settings_of(workspace, call.body)
    _expect(row, "RUNNING", "TERMINATED")
    before = row["spec"]
    row = _with_settings(workspace, {key: row[key] for key in _OF_LIFE if key in row}, settings)
    workspace.of("clusters")[row["cluster_id"]] = row
    note(workspace, row, "EDITED", user=USER, attributes=settings, previous_attributes=before)
    if row["state"] == "RUNNING":
        _restart(workspace, row)
    return {}


def get(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Read a cluster."""
    return look(workspace, found(workspace, call.query))


def list_(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """List what is pinned, active, or terminated for at most 30 days, pinned ones first, then by name and id.

    Not by state, as the real service does: states move between two pages, and no page may miss a cluster for that.
    """
    pinned = _flag(call.query, "filter_by.is_pinned")
    policy = call.query.get("filter_by.policy_id")
    rows = [row for row in workspace.of("clusters").values() if listed(workspace, row)]
    rows = [row for row in rows if pinned is None or row["_pinned"] == pinned]
    rows = [row for row in rows if policy is None or row.get("policy_id") == policy]
    rows.sort(key=lambda row: (not row["_pinned"], row["cluster_name"], row["cluster_id"]))
    reply = page(rows, "clusters", call, most=100, size=20)
    shown = [look(workspace, row, with_spec=False) for row in reply.get("clusters", [])]
    return {**reply, **({"clusters": shown} if shown else {})}


def start(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Start a TERMINATED cluster."""
    row = found(workspace, call.body)
    _expect(row, "TERMINATED")
    begin(workspace, row, "PENDING", "Starting Spark")
    note(workspace, row, "STARTING", user=USER)
    return {}


def restart(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Restart a RUNNING cluster."""
    row = found(workspace, call.body)
    _expect(row, "RUNNING")
    _restart(workspace, row)
    return {}


def delete(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Terminate a cluster; nothing happens to one that is terminated or about to be."""
    row = found(workspace, call.body)
    if row["state"] not in ("TERMINATING", "TERMINATED"):
        end(workspace, row)
    return {}


def permanent_delete(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Remove a cluster for good, in whatever state it is; a pinned one is refused, as the real service does."""
    row = found(workspace, call.body)
    if row["_pinned"]:
        raise ApiError(400, "INVALID_STATE", f"Cluster {row['cluster_id']} is pinned, unpin the cluster first")
    del workspace.of("clusters")[row["cluster_id"]]
    return {}


def pin(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Pin a cluster, so that lists show it for ever; at most 100 of a workspace."""
    row = found(workspace, call.body)
    if row["_pinned"]:
        return {}
    if sum(other["_pinned"] for other in workspace.of("clusters").values()) >= MAX_PINNED:
        raise ApiError(400, "QUOTA_EXCEEDED", f"Cannot pin more than {MAX_PINNED} clusters")
    row["_pinned"] = True
    note(workspace, row, "PINNED", user=USER)
    return {}


def unpin(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Unpin a cluster; nothing happens to one that is not pinned."""
    row = found(workspace, call.body)
    if row["_pinned"]:
        row["_pinned"] = False
        note(workspace, row, "UNPINNED", user=USER)
    return {}


def _flag(query: Mapping[str, str], field: str) -> bool | None:
    """Give a flag of a query; the Python SDK writes a nested one as `True`, which the service takes as `true`."""
    value = choice({field: query[field].lower()} if field in query else {}, field, {"false", "true"})
    return None if value is None else value == "true"


def _new_id(workspace: Workspace) -> str:
    number = int(workspace.new_id(8), 16)
    return f"{number % 10_000:04d}-{number // 10_000 % 1_000_000:06d}-{workspace.new_id(8)}"


def _expect(row: Mapping[str, Any], *states: str) -> None:
    if row["state"] not in states:
        message = f"Cluster {row['cluster_id']} is in unexpected state {row['state'].capitalize()}."
        raise ApiError(400, "INVALID_STATE", message)


def _restart(workspace: Workspace, row: dict[str, Any]) -> None:
    begin(workspace, row, "RESTARTING", "Restarting Spark")
    note(workspace, row, "RESTARTING", user=USER)


def _with_settings(workspace: Workspace, row: Mapping[str, Any], settings: dict[str, Any]) -> dict[str, Any]:
    full = filled(settings, workspace.of("pools"))
    tags = {
        "Vendor": "Databricks",
        "Creator": USER,
        "ClusterName": full["cluster_name"],
        "ClusterId": row["cluster_id"],
    }
    return {**full, **row, "default_tags": tags, "spec": settings}


HANDLERS: Mapping[str, Handler] = {
    "Clusters.create": create,
    "Clusters.edit": edit,
    "Clusters.get": get,
    "Clusters.list": list_,
    "Clusters.start": start,
    "Clusters.restart": restart,
    "Clusters.delete": delete,
    "Clusters.permanent_delete": permanent_delete,
    "Clusters.pin": pin,
    "Clusters.unpin": unpin,
    "Clusters.events": events,
}
