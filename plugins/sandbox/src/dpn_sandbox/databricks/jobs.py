"""Jobs: integer ids, names that are not unique, a reset that replaces, an update that merges, a delete without undo."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from dpn_sandbox.databricks.checks import absent, invalid, page_start, shown, within
from dpn_sandbox.databricks.job_settings import KEYS, settings_of
from dpn_sandbox.databricks.workspace import USER, ApiCall, Handler, Workspace

_ARRAY_PAGE = 100
_ONLY_EXPANDED = ("tasks", "job_clusters")


def create(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Create a job."""
    asked = {key: value for key, value in call.body.items() if key != "access_control_list"}
    settings = settings_of(workspace, asked)
    jobs = workspace.of("jobs")
    job_id = int(workspace.new_id(12), 16)
    jobs[str(job_id)] = {
        "job_id": job_id,
        "created_time": workspace.now(),
        "creator_user_name": USER,
        "settings": settings,
        "_access_control_list": deepcopy(call.body.get("access_control_list")),
    }
    return {"job_id": job_id}


def get(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Read a job; of arrays with over 100 elements, the part that the page token names.

    A job that is not there is 400 here and 404 elsewhere, as the real service has it.
    """
    job_id = str(call.query.get("job_id", ""))
    row = workspace.of("jobs").get(job_id)
    if row is None:
        raise invalid(f"Job {job_id} does not exist.")
    start = page_start(call.query)
    reply = {**shown(row), "run_as_user_name": _run_as(row)}
    settings = reply["settings"]
    longest = max((len(settings.get(array, [])) for array in KEYS), default=0)
    for array in KEYS:
        if array in settings:
            settings[array] = settings[array][start : start + _ARRAY_PAGE]
            if start and not settings[array]:
                del settings[array]
    if longest > start + _ARRAY_PAGE:
        reply["next_page_token"] = str(start + _ARRAY_PAGE)
    return reply


def list_(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """List jobs, newest first; `name` is compared exactly but for case; only `expand_tasks` shows tasks."""
    limit = within(call.query, "limit", 1, 100, 20)
    start = page_start(call.query) or within(call.query, "offset", 0, 1_000_000, 0)
    name = call.query.get("name")
    rows = [
        row
        for row in reversed(workspace.of("jobs").values())
        if not name or row["settings"]["name"].lower() == name.lower()
    ]
    expanded = call.query.get("expand_tasks") == "true"
    reply: dict[str, Any] = {"has_more": start + limit < len(rows)}
    if found := [_in_list(row, expanded=expanded) for row in rows[start : start + limit]]:
        reply["jobs"] = found
    if reply["has_more"]:
        reply["next_page_token"] = str(start + limit)
    return reply


def reset(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Replace all settings of a job; who it runs as stays unless it is given."""
    row = _found(workspace, call)
    kept = {key: row["settings"][key] for key in ("run_as",) if key in row["settings"]}
    row["settings"] = settings_of(workspace, {**kept, **call.body.get("new_settings", {})})
    return {}


def update(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Remove `fields_to_remove`, then replace the fields given; arrays are merged entry by entry, by key."""
    row = _found(workspace, call)
    settings = deepcopy(row["settings"])
    for path in call.body.get("fields_to_remove") or []:
        _remove(settings, path)
    for field, value in (call.body.get("new_settings") or {}).items():
        key = KEYS.get(field)
        settings[field] = _merged(settings.get(field, []), value, key) if key else value
    row["settings"] = settings_of(workspace, settings)
    return {}


def delete(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Delete a job for good."""
    del workspace.of("jobs")[str(_found(workspace, call)["job_id"])]
    return {}


def _found(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    row = workspace.of("jobs").get(str(call.body.get("job_id", "")))
    if row is None:
        raise absent(f"Job {call.body.get('job_id')} does not exist.")
    return row


def _run_as(row: Mapping[str, Any]) -> str:
    run_as = row["settings"].get("run_as") or {}
    return str(next(iter(run_as.values()), USER))


def _in_list(row: Mapping[str, Any], *, expanded: bool) -> dict[str, Any]:
    reply = shown(row)
    settings = reply["settings"]
    reply["has_more"] = expanded and any(len(settings.get(array, [])) > _ARRAY_PAGE for array in KEYS)
    for array in _ONLY_EXPANDED:
        if not expanded:
            settings.pop(array, None)
        elif array in settings:
            settings[array] = settings[array][:_ARRAY_PAGE]
    return reply


def _remove(settings: dict[str, Any], path: str) -> None:
    field, _, entry = path.partition("/")
    if not entry:
        settings.pop(field, None)
    elif field in _ONLY_EXPANDED:
        settings[field] = [item for item in settings.get(field, []) if item[KEYS[field]] != entry]
    else:
        raise invalid(f"Removing the nested field {path} is not supported")


def _merged(old: list[dict[str, Any]], new: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    given = {item.get(key): item for item in new}
    kept = [given.pop(item[key], item) for item in old]
    return [*kept, *given.values()]


HANDLERS: Mapping[str, Handler] = {
    "Jobs.create": create,
    "Jobs.get": get,
    "Jobs.list": list_,
    "Jobs.reset": reset,
    "Jobs.update": update,
    "Jobs.delete": delete,
}
