"""Pipelines: unique names unless the request waives it, an update that replaces and may lock by `last_modified`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from dpn_sandbox.databricks.checks import absent, choice, few_tags, invalid, name_of, page_start, shown, within
from dpn_sandbox.databricks.workspace import USER, ApiCall, ApiError, Handler, Workspace

_REQUEST_ONLY = {
    "allow_duplicate_names",
    "dry_run",
    "expected_last_modified",
    "parameters",
    "pipeline_id",
    "run_as",
}
_FILTER = re.compile(r"\s*(name\s+LIKE|notebook\s*=)\s*'([^']*)'\s*", re.IGNORECASE)
_IN_LIST = ("pipeline_id", "name", "state", "health", "creator_user_name", "run_as_user_name")


def create(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Create a pipeline, or tell with `dry_run` what its settings would be."""
    _check(workspace, call.body)
    if call.body.get("dry_run"):
        return {"effective_settings": _spec(None, call.body)}
    pipeline_id = workspace.uuid()
    row = {"pipeline_id": pipeline_id, "creator_user_name": USER, "state": "IDLE", "health": "HEALTHY"}
    workspace.of("pipelines")[pipeline_id] = {**row, **_of_request(pipeline_id, call.body, workspace.now())}
    return {"pipeline_id": pipeline_id}


def update(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Replace the settings of a pipeline, if they are still those of `expected_last_modified`."""
    row = _found(workspace, call)
    expected = call.body.get("expected_last_modified")
    if expected is not None and row["last_modified"] > expected:
        message = f"The pipeline was modified at {row['last_modified']}, after the expected time {expected}"
        raise ApiError(409, "RESOURCE_CONFLICT", message)
    _check(workspace, call.body, row["pipeline_id"])
    _check_storage(row["spec"], call.body)
    # Two updates within one millisecond must still be two versions, or the lock would not hold.
    now = max(workspace.now(), row["last_modified"] + 1)
    kept = {key: row[key] for key in ("pipeline_id", "creator_user_name", "state", "health")}
    fresh = _of_request(row["pipeline_id"], call.body, now)
    workspace.of("pipelines")[row["pipeline_id"]] = {**kept, **fresh}
    return {}


def get(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Read a pipeline."""
    return shown(_found(workspace, call))


def list_pipelines(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """List pipelines by id; the filter is `name LIKE '…'` or `notebook='…'`."""
    size = within(call.query, "max_results", 1, 100, 25)
    start = page_start(call.query)
    fits = _filter(call.query.get("filter"))
    rows = [row for _, row in sorted(workspace.of("pipelines").items()) if fits(row["spec"])]
    found = [{key: row[key] for key in _IN_LIST if key in row} for row in rows[start : start + size]]
    more = start + size < len(rows)
    return {**({"statuses": found} if found else {}), **({"next_page_token": str(start + size)} if more else {})}


def stop(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Stop a pipeline's update; there never is one here."""
    _found(workspace, call)
    return {}


def delete(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Delete a pipeline for good."""
    del workspace.of("pipelines")[_found(workspace, call)["pipeline_id"]]
    return {}


def _found(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    pipeline_id = call.path["pipeline_id"]
    row = workspace.of("pipelines").get(pipeline_id)
    if row is None:
        raise absent(f"The specified pipeline {pipeline_id} was not found.")
    return row


def _check(workspace: Workspace, body: Mapping[str, Any], itself: str | None = None) -> None:
    name = name_of(body, "name", 256)
    if not body.get("allow_duplicate_names"):
        for key, row in workspace.of("pipelines").items():
            if row["name"] == name and key != itself:
                message = (
                    f"The pipeline name '{name}' is already used by another pipeline. "
                    "This check can be skipped by setting `allow_duplicate_names = true` in the request."
                )
                raise ApiError(409, "RESOURCE_CONFLICT", message)
    if body.get("catalog") and body.get("storage"):
        raise invalid("Only one of catalog and storage can be specified")
    if body.get("schema") and body.get("target"):
        raise invalid("Only one of schema and target can be specified")
    choice(body, "edition", {"ADVANCED", "CORE", "PRO", "advanced", "core", "pro"})
    choice(body, "channel", {"CURRENT", "PREVIEW", "current", "preview"})
    few_tags(body.get("tags"), 25, field="tags")


def _check_storage(spec: Mapping[str, Any], body: Mapping[str, Any]) -> None:
    if bool(spec.get("catalog")) != bool(body.get("catalog")):
        raise invalid("Modifying the following parameter in pipeline settings is not allowed: catalog or storage")
    if not body.get("catalog") and body.get("storage", spec["storage"]) != spec["storage"]:
        raise invalid("Modifying the following parameter in pipeline settings is not allowed: storage")


def _of_request(pipeline_id: str, body: Mapping[str, Any], now: int) -> dict[str, Any]:
    run_as = deepcopy(body.get("run_as"))
    row = {"name": body["name"], "spec": _spec(pipeline_id, body), "last_modified": now}
    extra = {key: deepcopy(body[key]) for key in ("run_as", "parameters") if body.get(key) is not None}
    return {**row, **extra, "run_as_user_name": next(iter((run_as or {}).values()), USER)}


def _spec(pipeline_id: str | None, body: Mapping[str, Any]) -> dict[str, Any]:
    given = {key: deepcopy(value) for key, value in body.items() if key not in _REQUEST_ONLY and value is not None}
    spec = {"channel": "CURRENT", "continuous": False, "development": False, "edition": "ADVANCED", **given}
    if not spec.get("serverless"):
        spec.setdefault("photon", False)
    if pipeline_id is not None:
        spec["id"] = pipeline_id
        if not spec.get("catalog"):
            spec.setdefault("storage", f"dbfs:/pipelines/{pipeline_id}")
    return spec


def _filter(expression: str | None) -> Callable[[Mapping[str, Any]], bool]:
    if not expression:
        return lambda _spec: True
    match = _FILTER.fullmatch(expression)
    if match is None:
        raise invalid(f"Invalid filter: {expression}. Supported are notebook='<path>' and name LIKE '<pattern>'")
    field, value = match[1].lower(), match[2]
    if field.startswith("notebook"):
        return lambda spec: value in [part.get("notebook", {}).get("path") for part in spec.get("libraries", [])]
    pattern = re.compile(".*".join(map(re.escape, value.split("%"))), re.DOTALL)
    return lambda spec: pattern.fullmatch(spec["name"]) is not None


HANDLERS: Mapping[str, Handler] = {
    "Pipelines.create": create,
    "Pipelines.update": update,
    "Pipelines.get": get,
    "Pipelines.list_pipelines": list_pipelines,
    "Pipelines.stop": stop,
    "Pipelines.delete": delete,
}
