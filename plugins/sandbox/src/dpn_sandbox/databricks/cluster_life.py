"""How a cluster lives: its states, what a read moves, and the events that tell of it."""

from __future__ import annotations

from typing import Any

from dpn_sandbox.databricks.checks import shown
from dpn_sandbox.databricks.cluster_spec import FAILING_NODE_TYPE
from dpn_sandbox.databricks.states import enter, observe
from dpn_sandbox.databricks.workspace import USER, Workspace

NEXT = {"PENDING": "RUNNING", "RESTARTING": "RUNNING", "TERMINATING": "TERMINATED"}
KEPT_MS = 30 * 24 * 60 * 60 * 1000
_LAUNCH_FAILURE = {
    "code": "CLOUD_PROVIDER_LAUNCH_FAILURE",
    "type": "CLOUD_FAILURE",
    "parameters": {"aws_api_error_code": "InsufficientInstanceCapacity"},
}


def note(workspace: Workspace, row: dict[str, Any], kind: str, **details: Any) -> None:
    """Write an event down."""
    event = {"cluster_id": row["cluster_id"], "timestamp": workspace.now(), "type": kind, "details": details}
    row["_events"].append(event)


def begin(workspace: Workspace, row: dict[str, Any], state: str, message: str) -> None:
    """Start a cluster, or start it again."""
    enter(row, state)
    row["state_message"] = message
    row["start_time"] = row["last_restarted_time"] = workspace.now()
    row["spark_context_id"] = int(workspace.new_id(15), 16)
    row.pop("termination_reason", None)
    row.pop("terminated_time", None)


def end(workspace: Workspace, row: dict[str, Any]) -> None:
    """Begin to terminate a cluster at a user's request."""
    enter(row, "TERMINATING")
    reason = {"code": "USER_REQUEST", "type": "SUCCESS", "parameters": {"username": USER}}
    row["termination_reason"] = reason
    row["state_message"] = f"Terminated by {USER}"
    note(workspace, row, "TERMINATING", user=USER, reason=reason)


def look(workspace: Workspace, row: dict[str, Any], *, with_spec: bool = True) -> dict[str, Any]:
    """Read a cluster, which moves it; lists leave out `spec`."""
    observe(workspace, row, NEXT, _arrive)
    reply = shown(row)
    if not with_spec:
        reply.pop("spec")
    return reply


def listed(workspace: Workspace, row: dict[str, Any]) -> bool:
    """Tell whether lists still show a cluster: it is active, pinned or terminated for less than 30 days."""
    terminated = row.get("terminated_time")
    return row["_pinned"] or terminated is None or workspace.now() - terminated <= KEPT_MS


def _arrive(workspace: Workspace, row: dict[str, Any], state: str) -> None:
    nodes = {row["node_type_id"], row["driver_node_type_id"]}
    if state == "RUNNING" and FAILING_NODE_TYPE in nodes:
        row["termination_reason"] = dict(_LAUNCH_FAILURE)
        row["state_message"] = "Cloud provider launch failure: the provider has no capacity for this node type"
        note(workspace, row, "TERMINATING", reason=dict(_LAUNCH_FAILURE))
        state = "TERMINATED"
    enter(row, state)
    if state == "RUNNING":
        row["state_message"] = ""
        note(workspace, row, "RUNNING", current_num_workers=_workers(row), target_num_workers=_workers(row))
    else:
        row["terminated_time"] = workspace.now()


def _workers(row: dict[str, Any]) -> int:
    if "autoscale" in row:
        return int(row["autoscale"].get("min_workers", 0))
    return int(row["num_workers"])
