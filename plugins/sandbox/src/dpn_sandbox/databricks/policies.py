"""Cluster policies: unique names, a definition that is JSON in a text, lists that are not paged."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from dpn_sandbox.databricks.checks import absent, choice, invalid, name_of, shown, taken, text, within
from dpn_sandbox.databricks.workspace import USER, ApiCall, Handler, Workspace

_MAX_LIBRARIES = 500


def create(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Create a policy."""
    _check(workspace, call.body)
    policy_id = workspace.new_id(16).upper()
    life = {"created_at_timestamp": workspace.now(), "creator_user_name": USER, "is_default": False}
    workspace.of("policies")[policy_id] = {**deepcopy(dict(call.body)), **life, "policy_id": policy_id}
    return {"policy_id": policy_id}


def edit(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Replace a policy: what is left out is gone."""
    row = _found(workspace, call.body)
    _check(workspace, call.body, row["policy_id"])
    kept = {key: row[key] for key in ("policy_id", "created_at_timestamp", "creator_user_name", "is_default")}
    workspace.of("policies")[row["policy_id"]] = {**deepcopy(dict(call.body)), **kept}
    return {}


def get(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Read a policy."""
    return shown(_found(workspace, call.query))


def list_(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """List all policies, newest first unless the query asks for another order."""
    column = choice(call.query, "sort_column", {"POLICY_CREATION_TIME", "POLICY_NAME"}, "POLICY_CREATION_TIME")
    order = choice(call.query, "sort_order", {"ASC", "DESC"}, "DESC")
    rows = [shown(row) for row in workspace.of("policies").values()]
    if column == "POLICY_NAME":
        rows.sort(key=lambda row: str(row["name"]))
    if order == "DESC":
        rows.reverse()
    return {"policies": rows, "total_count": len(rows)}


def delete(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Delete a policy; clusters that follow it run on, but can no longer be edited with it."""
    del workspace.of("policies")[_found(workspace, call.body)["policy_id"]]
    return {}


def _found(workspace: Workspace, values: Mapping[str, Any]) -> dict[str, Any]:
    policy_id = text(values, "policy_id")
    row = workspace.of("policies").get(policy_id)
    if row is None:
        raise absent(f"Cluster policy {policy_id} does not exist")
    return row


def _check(workspace: Workspace, body: Mapping[str, Any], itself: str | None = None) -> None:
    name = name_of(body, "name", 100)
    if any(row["name"] == name and key != itself for key, row in workspace.of("policies").items()):
        raise taken(f"Cluster Policy with name `{name}` already exists")
    family = body.get("policy_family_id")
    if (family is None) == (body.get("definition") is None):
        raise invalid("Exactly one of definition and policy_family_id must be specified")
    if family is None and body.get("policy_family_definition_overrides") is not None:
        raise invalid("policy_family_definition_overrides needs policy_family_id")
    for field in ("definition", "policy_family_definition_overrides"):
        _check_definition(field, body.get(field))
    if len(body.get("libraries") or []) > _MAX_LIBRARIES:
        raise invalid(f"A policy may have at most {_MAX_LIBRARIES} libraries")
    within(body, "max_clusters_per_user", 1, 100_000, 1)


def _check_definition(field: str, definition: str | None) -> None:
    if definition is None:
        return
    try:
        rules = json.loads(definition)
    except ValueError as error:
        raise invalid(f"Failed to parse the policy's {field}: it is not JSON ({error})") from None
    if not isinstance(rules, dict) or not all(isinstance(rule, dict) and "type" in rule for rule in rules.values()):
        raise invalid(f"Failed to parse the policy's {field}: it must be an object of rules, each with a type")


HANDLERS: Mapping[str, Handler] = {
    "ClusterPolicies.create": create,
    "ClusterPolicies.edit": edit,
    "ClusterPolicies.get": get,
    "ClusterPolicies.list": list_,
    "ClusterPolicies.delete": delete,
}
