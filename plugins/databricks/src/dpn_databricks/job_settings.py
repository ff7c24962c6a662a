"""The settings of a job, between a blueprint and the API. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dpn import Want, user_tags
from dpn_databricks import job_clusters, job_pauses, job_tasks
from dpn_databricks.fields import beyond, filled
from dpn_databricks.job_schema import SCHEMA

CLUSTER = "dpn_cluster"
"""The tag that tells which cluster the job's own `cluster` stood for when it was written."""
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_AS_THEY_ARE = (
    "description", "environments", "schedule", "trigger", "continuous", "parameters", "max_concurrent_runs",
    "timeout_seconds", "email_notifications", "performance_target", "git_source",
)  # fmt: skip
_OWN = {*_AS_THEY_ARE, "name", "tags", "tasks", "job_clusters", "queue", "run_as", "format"}


def to_api(name: str, want: Want, extra: Mapping[str, Any]) -> dict[str, Any]:
    """Give all settings but who it runs as: what the blueprint says over what others set."""
    spec = want.spec
    cluster = spec.get("cluster")
    tasks, clusters = extra.get("tasks", {}), extra.get("job_clusters", {})
    tags = {**want.tags, **({CLUSTER: cluster} if cluster else {})}
    said = {
        **{key: spec[key] for key in _AS_THEY_ARE if key in spec},
        "name": name,
        "tasks": [job_tasks.to_api(one, cluster, tasks.get(one["task_key"], {})) for one in spec.get("tasks", [])],
        "job_clusters": [
            job_clusters.to_api(one, clusters.get(one["job_cluster_key"], {})) for one in spec.get("job_clusters", [])
        ],
        "queue": {"enabled": spec.get("queue", True)},
        "tags": tags,
    }
    return {**extra.get("settings", {}), **{key: value for key, value in said.items() if value not in ([], {})}}


def from_api(settings: Mapping[str, Any], runs_as: Mapping[str, str]) -> dict[str, Any]:
    """Give the spec; an archived job shows its triggers as they were before."""
    was = job_pauses.as_before(settings)
    tags = was.get("tags", {})
    cluster, git = tags.get(CLUSTER), "git_source" in was
    spec = {
        **{key: was[key] for key in _AS_THEY_ARE if key in was},
        "tasks": [job_tasks.from_api(one, cluster, git=git) for one in was.get("tasks", [])],
        "job_clusters": [job_clusters.from_api(one) for one in was.get("job_clusters", [])],
        "queue": bool(was.get("queue", {}).get("enabled")),
        "tags": user_tags(tags),
        "cluster": cluster,
        "run_as": runs_as,
    }
    return dict(filled(spec, SCHEMA))


def others(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Give what a full-replace write sends back."""
    tags = settings.get("tags", {})
    tasks = {one["task_key"]: job_tasks.kept(one) for one in settings.get("tasks", [])}
    clusters = {one["job_cluster_key"]: job_clusters.kept(one) for one in settings.get("job_clusters", [])}
    return {
        "settings": beyond(settings, _OWN),
        "tasks": {key: rest for key, rest in tasks.items() if rest},
        "job_clusters": {key: rest for key, rest in clusters.items() if rest},
        "tags": {key: tags[key] for key in (CLUSTER, job_pauses.ARCHIVED) if key in tags},
    }


def principal(name: str) -> dict[str, str]:
    """Give a user or service principal as `run_as` names it; only the latter is known by a UUID."""
    return {"service_principal_name" if _UUID.fullmatch(name) else "user_name": name} if name else {}
