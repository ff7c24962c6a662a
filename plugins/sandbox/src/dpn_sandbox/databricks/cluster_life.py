"""How a cluster lives: its states, what a read moves, and the events that tell of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dpn_sandbox.databricks.checks import choice, invalid, page_start, shown, text, within
from dpn_sandbox.databricks.cluster_spec import FAILING_NODE_TYPE
from dpn_sandbox.databricks.states import enter, observe
from dpn_sandbox.databricks.workspace import USER, ApiCall, Workspace, present

NEXT = {"PENDING": "RUNNING", "RESTARTING": "RUNNING", "TERMINATING": "TERMINATED"}
KEPT_MS = 30 * 24 * 60 * 60 * 1000
_LAUNCH_FAILURE = {
    "code": "CLOUD_PROVIDER_LAUNCH_FAILURE",
    "type": "CLOUD_FAILURE",
    "parameters": {"aws_api_error_code": "InsufficientInstanceCapacity"},
}


def found(workspace: Workspace, values: Mapping[str, Any]) -> dict[str, Any]:
    """Give the cluster that a request is about, or refuse it as a bad value: so does the real service."""
    cluster_id = text(values, "cluster_id")
    row = workspace.of("clusters").get(cluster_id)
    if row is None:
        raise invalid(f"Cluster {cluster_id} does not exist")
    return row


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


def events(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """List the events of a cluster, newest first unless `order` is ASC; `next_page` is the body of the next request."""
    row, asked = found(workspace, call.body), call.body
    first = page_start(asked) or within(asked, "offset", 0, 1_000_000, 0)
    size = min(int(asked.get("page_size") or asked.get("limit") or 50), 500)
    after, before = asked.get("start_time") or 0, asked.get("end_time")
    rows = [event for event in row["_events"] if event["timestamp"] >= after]
    rows = [event for event in rows if before is None or event["timestamp"] <= before]
    if kinds := asked.get("event_types"):
        rows = [event for event in rows if event["type"] in kinds]
    if choice(asked, "order", {"ASC", "DESC"}, "DESC") == "DESC":
        rows.reverse()
    end_ = first + size
    following = {**asked, "page_token": str(end_)} if end_ < len(rows) else None
    token = str(end_) if following else None
    return present(
        {"events": rows[first:end_], "total_count": len(rows), "next_page": following, "next_page_token": token}
    )


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
