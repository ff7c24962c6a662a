from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dpn import Kind
from dpn.testing import ResourceConformance, Sample
from dpn_databricks.client import DatabricksSession
from dpn_databricks.job import Job
from dpn_databricks.pipeline import Pipeline
from dpn_databricks.secret_scope import SecretScope
from dpn_sandbox.testing import DatabricksSandbox

NOTEBOOK = {"notebook_task": {"notebook_path": "/Workspace/load"}}
TASKS = [
    {"task_key": "ingest", **NOTEBOOK, "job_cluster_key": "small"},
    {
        "task_key": "check",
        "depends_on": ["ingest"],
        "condition_task": {"op": "GREATER_THAN", "left": "{{tasks.ingest.values.rows}}", "right": "0"},
    },
    {
        "task_key": "load",
        "depends_on": [{"task_key": "check", "outcome": "true"}],
        "spark_python_task": {"python_file": "/Workspace/load.py", "parameters": ["--all"]},
        "environment_key": "base",
        "max_retries": 2,
        "email_notifications": {"on_failure": ["ops@example.com"]},
    },
    {"task_key": "report", "run_if": "ALL_DONE", "depends_on": ["load"], **NOTEBOOK},
]
CLUSTER = {"job_cluster_key": "small", "node_type_id": "m5d.large", "num_workers": 1, "tags": {"team": "a"}}
JOB = {
    "description": "Loads orders.",
    "tasks": TASKS,
    "job_clusters": [CLUSTER],
    "environments": [{"environment_key": "base", "spec": {"environment_version": "2", "dependencies": ["a==1"]}}],
    "schedule": {"quartz_cron_expression": "0 30 6 * * ?", "timezone_id": "Europe/Berlin"},
    "parameters": [{"name": "day", "default": ""}],
    "tags": {"team": "data"},
    "email_notifications": {"on_failure": ["ops@example.com"]},
    "run_as": {"user_name": "one@example.com"},
}
JOB_CHANGED = {
    "tasks": [{"task_key": "ingest", "spark_jar_task": {"main_class_name": "a.Main"}, "job_cluster_key": "small"}],
    "job_clusters": [{**CLUSTER, "num_workers": 2}],
    "continuous": {"pause_status": "PAUSED"},
    "max_concurrent_runs": 3,
    "timeout_seconds": 60,
    "queue": False,
    "performance_target": "STANDARD",
    "run_as": {"service_principal_name": "4b2f0a3e-1c5d-4e6f-8a9b-0c1d2e3f4a5b"},
}
PIPELINE = {
    "catalog": "main",
    "schema": "sales",
    "libraries": [{"notebook": {"path": "/Workspace/flow"}}, {"glob": {"include": "/Workspace/flows/**"}}],
    "clusters": [{"num_workers": 1, "custom_tags": {"team": "a"}}],
    "configuration": {"day": "1"},
    "tags": {"team": "data"},
    "notifications": [{"email_recipients": ["ops@example.com"], "alerts": ["on-update-failure"]}],
    "run_as": {"user_name": "one@example.com"},
}
PIPELINE_CHANGED = {
    "catalog": "main",
    "schema": "finance",
    "libraries": [{"file": {"path": "/Workspace/flow.py"}}],
    "serverless": True,
    "development": True,
    "edition": "PRO",
    "channel": "PREVIEW",
    "environment": {"dependencies": ["a==1"]},
    "root_path": "/Workspace",
    "run_as": {"user_name": "two@example.com"},
}


class OnTheSandbox(ResourceConformance):
    make: type[Kind]

    @pytest.fixture
    def kind(self, cloud: DatabricksSession) -> Kind:
        return self.make(cloud)

    @pytest.fixture
    def requests(self, sandbox: DatabricksSandbox) -> Callable[[], int]:
        return sandbox.writes


class TestJob(OnTheSandbox):
    make = Job

    @pytest.fixture
    def sample(self) -> Sample:
        return Sample("oncology-etl-orders-daily-dev", JOB, JOB_CHANGED)


class TestJobWithACluster(OnTheSandbox):
    """The job's own cluster serves the tasks that name none."""

    make = Job

    @pytest.fixture
    def sample(self, sandbox: DatabricksSandbox, cloud: DatabricksSession) -> Sample:
        del cloud  # is emptied first
        for key in ("0101-000000-aaaaaaaa", "0101-000000-bbbbbbbb"):
            sandbox.plant("clusters", key, {"cluster_id": key, "cluster_name": key, "state": "RUNNING"})
        tasks: list[dict[str, Any]] = [
            {"task_key": "a", **NOTEBOOK},
            {"task_key": "b", **NOTEBOOK, "cluster": "0101-000000-bbbbbbbb"},
            {"task_key": "c", **NOTEBOOK, "cluster": "serverless"},
        ]
        spec = {"tasks": tasks, "cluster": "0101-000000-aaaaaaaa", "run_as": {"user_name": "one@example.com"}}
        changed = {"tasks": tasks[:1], "cluster": "0101-000000-bbbbbbbb", "run_as": {"user_name": "two@example.com"}}
        return Sample("oncology-etl-orders-daily-dev", spec, changed)


class TestPipeline(OnTheSandbox):
    make = Pipeline

    @pytest.fixture
    def sample(self) -> Sample:
        return Sample("oncology-cdc-orders-gold-dev", PIPELINE, PIPELINE_CHANGED)


class TestSecretScope(OnTheSandbox):
    make = SecretScope

    @pytest.fixture
    def sample(self) -> Sample:
        acls = [{"principal": "readers", "permission": "READ"}, {"principal": "jobs", "permission": "WRITE"}]
        changed = [{"principal": "jobs", "permission": "READ"}]
        every = {"initial_manage_principal": "users"}
        return Sample("oncology-ingest-dev", {**every, "acls": acls}, {**every, "acls": changed})
