"""What may be asked of a job, and what the service fills in where nothing is asked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

from dpn_sandbox.databricks.checks import choice, duplicate, few_tags, invalid, text, within
from dpn_sandbox.databricks.cluster_spec import settings_of as cluster_settings_of
from dpn_sandbox.databricks.workspace import Workspace

MAX_TASKS, MAX_TAGS = 1000, 25
KEYS = {
    "tasks": "task_key",
    "job_clusters": "job_cluster_key",
    "environments": "environment_key",
    "parameters": "name",
}
_MAX_NAME_BYTES = 4096
_TASK_KEY = re.compile(r"[\w-]{1,100}", re.ASCII)
_CRON_FIELD = re.compile(r"[0-9A-Z*?/,#-]+")
_RUN_IF = {"ALL_DONE", "ALL_FAILED", "ALL_SUCCESS", "AT_LEAST_ONE_FAILED", "AT_LEAST_ONE_SUCCESS", "NONE_FAILED"}
_PAUSE = {"PAUSED", "UNPAUSED"}


def settings_of(workspace: Workspace, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Check the settings of a job and give them deeply copied, with what the service fills in."""
    settings = deepcopy({key: value for key, value in asked.items() if value is not None})
    _check_job(settings)
    for array, key in KEYS.items():
        _check_keys(settings.get(array, []), array, key)
    _check_times(settings)
    if settings.get("job_clusters") and not settings.get("tasks"):
        raise invalid("Shared job cluster feature is only supported in multi-task jobs.")
    for cluster in settings.get("job_clusters", []):
        if "new_cluster" in cluster:
            cluster_settings_of(workspace, cluster["new_cluster"])
    shared = {cluster["job_cluster_key"] for cluster in settings.get("job_clusters", [])}
    for task in settings.get("tasks", []):
        _check_task(workspace, task, shared)
    _check_graph(settings.get("tasks", []))
    return _filled(settings)


def _check_job(settings: Mapping[str, Any]) -> None:
    if len(settings.get("name", "").encode()) > _MAX_NAME_BYTES:
        raise invalid(f"The name of a job may have at most {_MAX_NAME_BYTES} bytes")
    if len(settings.get("tasks", [])) > MAX_TASKS:
        raise invalid(f"A job may have at most {MAX_TASKS} tasks, this one has {len(settings['tasks'])}")
    few_tags(settings.get("tags"), MAX_TAGS, field="tags")
    within(settings, "max_concurrent_runs", 0, 1000, 1)
    within(settings, "timeout_seconds", 0, 2**31 - 1, 0)


def _check_keys(items: Sequence[Mapping[str, Any]], array: str, key: str) -> None:
    keys = [text(item, key) for item in items]
    if twice := duplicate(keys):
        raise invalid(f"Duplicate {key} '{twice}' in {array}")


def _check_times(settings: Mapping[str, Any]) -> None:
    kinds = [kind for kind in ("schedule", "continuous", "trigger") if kind in settings]
    if len(kinds) > 1:
        raise invalid(f"Only one of schedule, continuous and trigger can be specified, not {' and '.join(kinds)}")
    for kind in kinds:
        choice(settings[kind], "pause_status", _PAUSE)
    if "schedule" in settings:
        expression = text(settings["schedule"], "quartz_cron_expression")
        text(settings["schedule"], "timezone_id")
        if not _is_quartz(expression):
            raise invalid(f"Invalid quartz cron expression: '{expression}'")


def _is_quartz(expression: str) -> bool:
    """Check roughly: 6 or 7 fields of the right characters, and `?` for exactly one of the two days."""
    fields = expression.upper().split()
    if len(fields) not in (6, 7) or not all(map(_CRON_FIELD.fullmatch, fields)):
        return False
    return [fields[3], fields[5]].count("?") == 1


def _check_task(workspace: Workspace, task: Mapping[str, Any], shared: set[str]) -> None:
    key = task["task_key"]
    if not _TASK_KEY.fullmatch(key):
        raise invalid(f"Task key '{key}' may have at most 100 letters, digits, '-' and '_'")
    kinds = [field for field in task if field.endswith("_task")]
    if len(kinds) != 1:
        raise invalid(f"Task '{key}' must have exactly one type, such as notebook_task; it has {len(kinds)}")
    computes = [field for field in ("existing_cluster_id", "new_cluster", "job_cluster_key") if field in task]
    if len(computes) > 1:
        raise invalid(f"Task '{key}' must run on one cluster, not on {' and '.join(computes)}")
    choice(task, "run_if", _RUN_IF)
    if "new_cluster" in task:
        cluster_settings_of(workspace, task["new_cluster"])
    if task.get("existing_cluster_id", "") not in {"", *workspace.of("clusters")}:
        raise invalid(f"Cluster {task['existing_cluster_id']} does not exist (task '{key}')")
    if task.get("job_cluster_key", "") not in {"", *shared}:
        raise invalid(
            f"Job cluster '{task['job_cluster_key']}' of task '{key}' is not defined in field 'job_clusters'."
        )


def _check_graph(tasks: Sequence[Mapping[str, Any]]) -> None:
    waiting = {task["task_key"]: set(_needs(task)) for task in tasks}
    for key, needs in waiting.items():
        if key in needs:
            raise invalid(f"Invalid dependency graph, task '{key}' can not reference itself.")
        if unknown := needs - waiting.keys():
            raise invalid(f"Invalid dependency graph, task '{key}' depends on unknown task '{min(unknown)}'.")
    while waiting:
        free = {key for key, needs in waiting.items() if not needs}
        if not free:
            raise invalid(f"Invalid dependency graph, there is a cycle through task '{min(waiting)}'.")
        waiting = {key: needs - free for key, needs in waiting.items() if key not in free}


def _needs(task: Mapping[str, Any]) -> Iterator[str]:
    for dependency in task.get("depends_on") or []:
        yield text(dependency, "task_key")


def _filled(settings: dict[str, Any]) -> dict[str, Any]:
    defaults = {"name": "Untitled", "timeout_seconds": 0, "max_concurrent_runs": 1}
    notices: dict[str, Any] = {"email_notifications": {}, "webhook_notifications": {}}
    full = {**defaults, **notices, **settings, "format": "MULTI_TASK"}
    for kind in ("schedule", "continuous", "trigger"):
        if kind in full:
            full[kind].setdefault("pause_status", "UNPAUSED")
    if tasks := full.get("tasks"):
        ready = {"run_if": "ALL_SUCCESS", "timeout_seconds": 0}
        full["tasks"] = [{**ready, **deepcopy(notices), **task} for task in tasks]
    return full
