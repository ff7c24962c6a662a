"""What Databricks would refuse of jobs, pipelines and secret scopes, and JSON Schema cannot say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from dpn import Problem, Resource
from dpn_databricks import job_clusters
from dpn_databricks.job_task_schema import SERVERLESS, WORK
from dpn_databricks.job_tasks import compute, needs_compute
from dpn_databricks.schedules import cron_fault, timezone_fault
from dpn_databricks.task_graph import cycle, depends_on

MAX = {"tasks": 1000, "job_clusters": 100}
KEYS = {
    "tasks": "task_key",
    "job_clusters": "job_cluster_key",
    "environments": "environment_key",
    "parameters": "name",
}
_KEY = re.compile(r"[A-Za-z0-9_-]{1,100}")
_TRIGGERS = ("schedule", "trigger", "continuous")
Row = Mapping[str, Any]


def check(resources: Sequence[Resource]) -> Iterator[Problem]:
    """Look at jobs, pipelines and secret scopes; what the schema refuses anyway is passed by."""
    for resource in resources:
        if resource.kind == "databricks_job":
            yield from _job(resource)
        elif resource.kind == "databricks_pipeline":
            yield from _pipeline(resource)
        elif resource.kind == "databricks_secret_scope":
            yield from _twice(resource, "acls", "principal")


def _job(job: Resource) -> Iterator[Problem]:
    yield from _sizes(job)
    for field, key in KEYS.items():
        yield from _twice(job, field, key)
        if field != "parameters":
            yield from _patterns(job, field, key)
    for index, task in _rows(job, "tasks"):
        where = f"spec.tasks[{index}]"
        yield from _work(job, task, where)
        yield from _compute(job, task, where)
        yield from _unknown(job, task, where)
    yield from _cycle(job)
    yield from _times(job)
    yield from _needless(job)


def _rows(resource: Resource, field: str) -> Iterator[tuple[int, Row]]:
    rows = resource.spec.get(field)
    if isinstance(rows, (list, tuple)):
        yield from ((index, row) for index, row in enumerate(rows) if isinstance(row, Mapping))


def _keys(resource: Resource, field: str, key: str) -> list[str]:
    return [row[key] for _, row in _rows(resource, field) if isinstance(row.get(key), str)]


def _problem(resource: Resource, code: str, field: str, message: str, hint: str) -> Problem:
    return Problem(f"DATABRICKS-{code}", message, resource.address, field, resource.place, hint=hint)


def _sizes(job: Resource) -> Iterator[Problem]:
    for field, most in MAX.items():
        given = job.spec.get(field)
        count = len(given) if isinstance(given, (list, tuple)) else 0  # what is no list, the schema refuses
        if count > most:
            message = f"A job may have at most {most} {field}; this one has {count}."
            yield _problem(job, "TOO-MANY", f"spec.{field}", message, "Split it; a run_job_task runs one from another.")


def _twice(resource: Resource, field: str, key: str) -> Iterator[Problem]:
    counts = Counter(_keys(resource, field, key))
    for index, row in _rows(resource, field):
        value = row.get(key)
        if isinstance(value, str) and counts.pop(value, 1) > 1:
            message = f"{value!r} stands more than once; Databricks wants each {key} once."
            yield _problem(resource, "TWICE", f"spec.{field}[{index}].{key}", message, "Rename or remove one.")


def _patterns(job: Resource, field: str, key: str) -> Iterator[Problem]:
    for index, row in _rows(job, field):
        value = row.get(key)
        if isinstance(value, str) and not _is_filled_later(value) and not _KEY.fullmatch(value):
            message = f"{value!r} is no {key}: it may have at most 100 letters, digits, - and _."
            fixed = re.sub(r"[^A-Za-z0-9_-]+", "_", value)[:100]
            yield _problem(job, "KEY", f"spec.{field}[{index}].{key}", message, f"Write {fixed}.")


def _work(job: Resource, task: Row, where: str) -> Iterator[Problem]:
    work = [name for name in WORK if name in task]
    if not work:
        message = f"The task {task.get('task_key')!r} has nothing to do."
        yield _problem(job, "WORK", where, message, f"Give it one of {', '.join(WORK)}.")
    elif len(work) > 1:
        message = f"The task {task.get('task_key')!r} has more than one kind of work: {', '.join(work)}."
        yield _problem(job, "WORK", where, message, "Make a task of each, and let one depend on the other.")


def _compute(job: Resource, task: Row, where: str) -> Iterator[Problem]:
    own, jobs = compute(task), job.spec.get("cluster")
    if len(own) > 1:
        message = f"The task {task.get('task_key')!r} can run on one compute, not on {' and '.join(own)}."
        yield _problem(job, "COMPUTE", where, message, "Keep one of them.")
    elif own and not needs_compute(task) and any(name in task for name in WORK):
        message = f"The work of the task {task.get('task_key')!r} takes no compute of its own."
        yield _problem(job, "COMPUTE", f"{where}.{own[0]}", message, f"Leave {own[0]} out.")
    if jobs and task.get("cluster") == jobs:
        message = f"The task {task.get('task_key')!r} names the cluster that it has from the job."
        yield _problem(job, "CLUSTER-AGAIN", f"{where}.cluster", message, "Leave it out here.")
    if not jobs and task.get("cluster") == SERVERLESS:
        message = "The job names no cluster, so a task that names none is serverless."
        yield _problem(job, "CLUSTER-AGAIN", f"{where}.cluster", message, "Leave it out.")


def _unknown(job: Resource, task: Row, where: str) -> Iterator[Problem]:
    known = _keys(job, "tasks", "task_key")
    for index, key in depends_on(task):
        if key not in known:
            message = f"The task {task.get('task_key')!r} depends on {key!r}, and no task has that key."
            yield _problem(job, "TASK-UNKNOWN", f"{where}.depends_on[{index}]", message, _nearest(key, known, "task"))
    for field in ("job_clusters", "environments"):
        name = KEYS[field]
        named, known = task.get(name), _keys(job, field, name)
        if isinstance(named, str) and named not in known:
            message = f"The task {task.get('task_key')!r} names the {name} {named!r}, which {field} does not have."
            yield _problem(job, "KEY-UNKNOWN", f"{where}.{name}", message, _nearest(named, known, f"{name} in {field}"))


def _nearest(word: str, known: Sequence[str], what: str) -> str:
    near = get_close_matches(word, known, n=1)
    return f"Did you mean {near[0]!r}?" if near else f"Add a {what}, or remove it here."


def _cycle(job: Resource) -> Iterator[Problem]:
    tasks = [task for _, task in _rows(job, "tasks") if isinstance(task.get("task_key"), str)]
    ring = cycle(tasks)
    if ring:
        index, place = next(
            (index, place)
            for index, task in _rows(job, "tasks")
            if task.get("task_key") == ring[0]
            for place, key in depends_on(task)
            if key == ring[1]
        )
        message = f"These tasks wait for each other: {' → '.join(ring)}."
        hint = "Remove one of these dependencies."
        yield _problem(job, "TASK-CYCLE", f"spec.tasks[{index}].depends_on[{place}]", message, hint)


def _times(job: Resource) -> Iterator[Problem]:
    triggers = [name for name in _TRIGGERS if name in job.spec]
    if len(triggers) > 1:
        message = f"A job is triggered in one way; this one has {' and '.join(triggers)}."
        yield _problem(job, "TRIGGERS", f"spec.{triggers[1]}", message, "Keep one of them.")
    schedule = job.spec.get("schedule")
    if isinstance(schedule, Mapping):
        for field, code, find in (
            ("quartz_cron_expression", "CRON", cron_fault),
            ("timezone_id", "TIMEZONE", timezone_fault),
        ):
            value = schedule.get(field)
            if isinstance(value, str) and not _is_filled_later(value) and (fault := find(value)):
                yield _problem(job, code, f"spec.schedule.{field}", *fault)


def _needless(job: Resource) -> Iterator[Problem]:
    for index, cluster in _rows(job, "job_clusters"):
        for path in job_clusters.needless(cluster):
            message = "A cluster has this anyway, and Databricks does not tell whether it was said."
            yield _problem(job, "NEEDLESS", f"spec.job_clusters[{index}].{path}", message, "Leave it out.")


def _pipeline(pipeline: Resource) -> Iterator[Problem]:
    spec = pipeline.spec
    if "catalog" in spec and "storage" in spec:
        message = "A pipeline of Unity Catalog keeps its data in its catalog and takes no storage."
        yield _problem(pipeline, "PIPELINE", "spec.storage", message, "Leave storage out, or catalog and schema.")
    if "schema" in spec and "catalog" not in spec:
        message = "A schema alone is not where a pipeline can publish to."
        yield _problem(pipeline, "PIPELINE", "spec.schema", message, "Give the catalog too.")
    if spec.get("serverless") is True and "clusters" in spec:
        message = "A serverless pipeline has no clusters."
        yield _problem(
            pipeline, "PIPELINE", "spec.clusters", message, "Leave clusters out, or set serverless to false."
        )
    yield from _twice(pipeline, "clusters", "label")


def _is_filled_later(value: str) -> bool:
    """Tell whether a text holds a reference, of which only its place is known yet."""
    return "${" in value
