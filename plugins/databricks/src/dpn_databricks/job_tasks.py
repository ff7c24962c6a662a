"""Tasks of a job, between a blueprint and the API. Pure.

A blueprint names what a task works with (`cluster`, `warehouse`, `pipeline`, `job`); the API takes ids under names of
its own. A task that needs compute and names none takes the job's cluster, where the job has one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dpn_databricks.fields import beyond, filled
from dpn_databricks.job_task_schema import FIELDS, NEEDS_COMPUTE, SERVERLESS, TASK

_COMPUTE = ("cluster", "job_cluster_key", "environment_key")
_OTHER_COMPUTE = ("new_cluster", "compute")  # which only others give a task
_TO_GIT = ("notebook_task", "dbt_task")  # what looks into git_source where no source is named
# (kind of work, our name, theirs, how the API spells the id)
_IDS: tuple[tuple[str, str, str, Callable[[str], Any]], ...] = (
    ("notebook_task", "warehouse", "warehouse_id", str),
    ("sql_task", "warehouse", "warehouse_id", str),
    ("dbt_task", "warehouse", "warehouse_id", str),
    ("pipeline_task", "pipeline", "pipeline_id", str),
    ("run_job_task", "job", "job_id", int),
)


def needs_compute(task: Mapping[str, Any]) -> bool:
    """Tell whether a task runs on a cluster or on serverless compute, and not in a warehouse or on its own."""
    in_warehouse = isinstance(work := task.get("notebook_task"), Mapping) and ("warehouse" in work)
    return bool(NEEDS_COMPUTE & set(task)) and not in_warehouse


def compute(task: Mapping[str, Any]) -> list[str]:
    """Give the fields by which a task names compute of its own."""
    return [name for name in _COMPUTE if name in task]


def to_api(task: Mapping[str, Any], cluster: str | None, kept: Mapping[str, Any]) -> dict[str, Any]:
    """Give a task as the API takes it; `cluster` is the job's, `kept` what others set on this task.

    What the service takes anyway is left out: it refuses retries, even none, for some kinds of work.
    """
    said = {key: value for key, value in task.items() if key == "task_key" or value != FIELDS[key].get("default")}
    own = said.pop("cluster", None) if compute(said) else cluster if needs_compute(said) else None
    if "depends_on" in said:
        said["depends_on"] = [{"task_key": one} if isinstance(one, str) else dict(one) for one in said["depends_on"]]
    if own and own != SERVERLESS:
        said["existing_cluster_id"] = own
    for work, ours, theirs, spelt in _IDS:
        if ours in said.get(work, {}):
            said[work] = {**_without(said[work], ours), theirs: spelt(said[work][ours])}
    instead = _OTHER_COMPUTE if own or compute(said) else ()
    others = {key: value for key, value in kept.items() if not key.endswith("_task") and key not in instead}
    return {**others, **said}


def from_api(raw: Mapping[str, Any], cluster: str | None, *, git: bool) -> dict[str, Any]:
    """Give a task as a blueprint says it; what a blueprint cannot say is left to `kept`."""
    task = {key: value for key, value in raw.items() if key in FIELDS}
    if "depends_on" in task:
        task["depends_on"] = [one if one.get("outcome") else one["task_key"] for one in task["depends_on"]]
    for work, ours, theirs, _ in _IDS:
        if theirs in task.get(work, {}):
            task[work] = {**_without(task[work], theirs), ours: str(task[work][theirs])}
    if git:
        _look_into_git(task)
    own = _own_cluster(raw, task, cluster)
    return dict(filled({**task, **({"cluster": own} if own else {})}, TASK))


def kept(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Give what others set on a task and a blueprint cannot say."""
    return beyond(raw, {*FIELDS, "existing_cluster_id"})


def _own_cluster(raw: Mapping[str, Any], task: Mapping[str, Any], cluster: str | None) -> str | None:
    """Give what a blueprint says of a task's cluster: nothing, if it runs on the job's own, which it need not name."""
    named: str | None = raw.get("existing_cluster_id")
    if cluster and needs_compute(task):
        if named == cluster:
            return None
        if not (named or compute(task)):
            return SERVERLESS
    return named


def _look_into_git(task: dict[str, Any]) -> None:
    for work in _TO_GIT:
        if work in task:
            task[work] = {"source": "GIT", **task[work]}
    sql = task.get("sql_task", {})
    if "file" in sql:
        task["sql_task"] = {**sql, "file": {"source": "GIT", **sql["file"]}}


def _without(value: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {name: item for name, item in value.items() if name != key}
