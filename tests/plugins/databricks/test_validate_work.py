from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpn import Problem, Resource
from dpn.schemas import violations
from dpn_databricks.job import Job
from dpn_databricks.schedules import cron_fault
from dpn_databricks.task_graph import cycle
from dpn_databricks.validate_work import check

NOTEBOOK = {"notebook_task": {"notebook_path": "/a"}}
SQL = {"sql_task": {"warehouse": "w", "query": {"query_id": "q"}}}
CLUSTER = {"job_cluster_key": "k", "policy": "p", "num_workers": 1}
CRON = {"quartz_cron_expression": "0 30 6 * * ?", "timezone_id": "Europe/Berlin"}


def task(key: str, *before: Any, **more: Any) -> dict[str, Any]:
    depends = {"depends_on": list(before)} if before else {}
    return {"task_key": key, **(more or NOTEBOOK), **depends}


def problems(kind: str, **spec: Any) -> list[Problem]:
    found = list(check([Resource(f"{kind}.x", kind, "x", spec, "databricks")]))
    assert all(problem.address == f"{kind}.x" and problem.hint for problem in found)
    return found


def test_a_sound_job_has_no_problem() -> None:
    tasks = [
        task("a", **NOTEBOOK, job_cluster_key="k"),
        task("b", "a", {"task_key": "a", "outcome": "true"}, **NOTEBOOK, environment_key="e"),
        task("c", **NOTEBOOK, cluster="${databricks_cluster.other}"),
        task("d", **NOTEBOOK, cluster="serverless"),
        task("e", **SQL),
    ]
    spec = {"tasks": tasks, "job_clusters": [CLUSTER], "environments": [{"environment_key": "e"}], "schedule": CRON}
    spec["cluster"] = "${databricks_cluster.main}"
    assert not violations(spec, Job.schema)
    assert problems("databricks_job", **spec) == []


@pytest.mark.parametrize(
    ("spec", "code", "field", "says"),
    [
        ({"tasks": [task("a", "b"), task("b", "a")]}, "TASK-CYCLE", "tasks[0].depends_on[0]", "a → b → a"),
        ({"tasks": [task("c", "d", "a"), task("a", "c"), task("d")]}, "TASK-CYCLE", "tasks[1].depends_on[0]",
         "a → c → a"),
        ({"tasks": [task("a", "a")]}, "TASK-CYCLE", "tasks[0].depends_on[0]", "a → a"),
        ({"tasks": [task("load"), task("b", "laod")]}, "TASK-UNKNOWN", "tasks[1].depends_on[0]", "mean 'load'?"),
        ({"tasks": [task("b", "zzz")]}, "TASK-UNKNOWN", "tasks[0].depends_on[0]", "Add a task"),
        ({"tasks": [task("a"), task("a")]}, "TWICE", "tasks[0].task_key", "more than once"),
        ({"tasks": [task("a b")]}, "KEY", "tasks[0].task_key", "Write a_b."),
        ({"tasks": [task("a", **NOTEBOOK, job_cluster_key="kk")], "job_clusters": [CLUSTER]},
         "KEY-UNKNOWN", "tasks[0].job_cluster_key", "mean 'k'?"),
        ({"tasks": [task("a", **NOTEBOOK, environment_key="e")]}, "KEY-UNKNOWN", "tasks[0].environment_key",
         "environments does not have"),
        ({"tasks": [{"task_key": "a"}]}, "WORK", "tasks[0]", "nothing to do"),
        ({"tasks": [task("a", **NOTEBOOK, **SQL)]}, "WORK", "tasks[0]", "notebook_task, sql_task"),
        ({"tasks": [task("a", **NOTEBOOK, cluster="c", job_cluster_key="k")], "job_clusters": [CLUSTER]},
         "COMPUTE", "tasks[0]", "cluster and job_cluster_key"),
        ({"tasks": [task("a", **SQL, cluster="c")]}, "COMPUTE", "tasks[0].cluster", "no compute of its own"),
        ({"tasks": [task("a", **NOTEBOOK, cluster="c")], "cluster": "c"}, "CLUSTER-AGAIN", "tasks[0].cluster",
         "from the job"),
        ({"tasks": [task("a", **NOTEBOOK, cluster="serverless")]}, "CLUSTER-AGAIN", "tasks[0].cluster", "serverless"),
        ({"tasks": [task("a")], "schedule": {**CRON, "quartz_cron_expression": "30 6 * * *"}},
         "CRON", "schedule.quartz_cron_expression", "seconds in front"),
        ({"tasks": [task("a")], "schedule": {**CRON, "quartz_cron_expression": "0 30 6 * * *"}},
         "CRON", "schedule.quartz_cron_expression", "`?`"),
        ({"tasks": [task("a")], "schedule": {**CRON, "timezone_id": "Europe/Berln"}},
         "TIMEZONE", "schedule.timezone_id", "Europe/Berlin"),
        ({"tasks": [task("a")], "schedule": CRON, "continuous": {"pause_status": "PAUSED"}},
         "TRIGGERS", "continuous", "schedule and continuous"),
        ({"tasks": [task(f"t{n}") for n in range(1001)]}, "TOO-MANY", "tasks", "1000"),
        ({"tasks": [task("a")], "job_clusters": [{**CLUSTER, "job_cluster_key": f"k{n}"} for n in range(101)]},
         "TOO-MANY", "job_clusters", "100"),
        ({"tasks": [task("a")], "job_clusters": [{**CLUSTER, "aws_attributes": {"zone_id": "auto"}}]},
         "NEEDLESS", "job_clusters[0].aws_attributes.zone_id", "has this anyway"),
        ({"tasks": [task("a")], "job_clusters": [{**CLUSTER, "enable_elastic_disk": False}]},
         "NEEDLESS", "job_clusters[0].enable_elastic_disk", "has this anyway"),
    ],
)  # fmt: skip
def test_what_a_job_must_not_say(spec: dict[str, Any], code: str, field: str, says: str) -> None:
    [problem] = problems("databricks_job", **spec)
    assert (problem.code, problem.field) == (f"DATABRICKS-{code}", f"spec.{field}")
    assert says in str(problem)


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        ({"catalog": "c", "storage": "s"}, "storage"),
        ({"schema": "s"}, "schema"),
        ({"serverless": True, "clusters": [{"num_workers": 1}]}, "clusters"),
    ],
)
def test_what_a_pipeline_must_not_say(spec: dict[str, Any], field: str) -> None:
    [problem] = problems("databricks_pipeline", **spec)
    assert (problem.code, problem.field) == ("DATABRICKS-PIPELINE", f"spec.{field}")


def test_a_principal_stands_once_in_a_scope() -> None:
    acls = [{"principal": "p", "permission": may} for may in ("READ", "WRITE")]
    [problem] = problems("databricks_secret_scope", acls=acls)
    assert (problem.code, problem.field) == ("DATABRICKS-TWICE", "spec.acls[0].principal")


def test_what_is_filled_in_later_is_not_judged() -> None:
    later = {"quartz_cron_expression": "${env:CRON}", "timezone_id": "${env:ZONE}"}
    assert problems("databricks_job", tasks=[task("${env:KEY}")], schedule=later) == []


ANYTHING: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["task_key", "x"]), inner, max_size=2),
    max_leaves=8,
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(Job.schema["properties"], ANYTHING)))
def test_whatever_the_schema_refuses_does_not_make_it_stumble(spec: dict[str, Any]) -> None:
    list(check([Resource("databricks_job.x", "databricks_job", "x", spec, "databricks")]))


@given(st.dictionaries(st.sampled_from("abcdef"), st.lists(st.sampled_from("abcdef"), max_size=3)))
def test_a_ring_is_found_if_and_only_if_there_is_one(edges: dict[str, list[str]]) -> None:
    ring = cycle([{"task_key": key, "depends_on": before} for key, before in edges.items()])
    for one, other in pairwise(ring):
        assert other in edges[one]
    assert not ring or ring[0] == ring[-1]
    left = {key: set(before) & set(edges) for key, before in edges.items()}
    while free := [key for key, before in left.items() if not before & set(left)]:
        for key in free:
            del left[key]
    assert bool(ring) == bool(left)


@pytest.mark.parametrize("expression", ["0 0 12 ? * MON-FRI", "0 0/5 14,18 * * ? 2026", "0 15 10 L * ?"])
def test_a_sound_expression_has_no_fault(expression: str) -> None:
    assert cron_fault(expression) is None


@pytest.mark.parametrize("expression", ["", "daily", "0 0 12 * * * * *", "0 0 12 ? * ?"])
def test_an_expression_that_quartz_does_not_read_is_a_fault(expression: str) -> None:
    assert cron_fault(expression)
