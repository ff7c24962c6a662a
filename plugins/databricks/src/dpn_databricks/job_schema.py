"""What a blueprint may say of a job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dpn_databricks import job_clusters
from dpn_databricks.fields import Schema, choice, flag, record, ref, rows, text, texts, whole
from dpn_databricks.job_task_schema import NOTIFICATIONS, TASK
from dpn_databricks.tagging import tags_schema

MAX_TAGS = 25  # "A maximum of 25 tags can be added to the job": Jobs API
OWN_TAGS = 2  # beside the marker: which cluster the job's own is, and how an archived job was triggered

_PAUSE = choice("Whether it triggers runs.", ("UNPAUSED", "PAUSED"), default="UNPAUSED")
_SECONDS = {"minimum": 60}

SCHEDULE = record(
    "Runs at given times.",
    {
        "quartz_cron_expression": text("Seconds, minutes, hours, day, month, weekday, as `0 30 6 * * ?`."),
        "timezone_id": text("The time zone of the expression, as Europe/Berlin."),
        "pause_status": _PAUSE,
    },
    ["quartz_cron_expression", "timezone_id"],
)
_QUIET = {
    "min_time_between_triggers_seconds": whole("The least time between two runs.", **_SECONDS),
    "wait_after_last_change_seconds": whole("How long all must be quiet before a run.", **_SECONDS),
}
TRIGGER = record(
    "Runs when something happens.",
    {
        "file_arrival": record("New files.", {"url": text("Where they arrive."), **_QUIET}, ["url"]),
        "periodic": record(
            "Regular intervals.",
            {
                "interval": whole("How many units.", 1),
                "unit": choice("The unit.", ("MINUTES", "HOURS", "DAYS", "WEEKS")),
            },
            ["interval", "unit"],
        ),
        "table_update": record(
            "Changes of tables.",
            {
                "table_names": texts("The tables.", "CATALOG.SCHEMA.TABLE."),
                "condition": choice("Whether one or all must change.", ("ANY_UPDATED", "ALL_UPDATED")),
                **_QUIET,
            },
            ["table_names", "condition"],
        ),
        "pause_status": _PAUSE,
    },
    oneOf=[{"required": [one]} for one in ("file_arrival", "periodic", "table_update")],
)
CONTINUOUS = record(
    "Runs without end: one follows the other.",
    {
        "pause_status": _PAUSE,
        "task_retry_mode": choice("Whether failed tasks are tried again.", ("NEVER", "ON_FAILURE"), default="NEVER"),
    },
)
RUN_AS: Schema = record(
    "Who the runs act as; else who created it.",
    {
        "user_name": text("A user's address."),
        "service_principal_name": text("A service principal's application id."),
    },
    maxProperties=1,
)
_GIT = record(
    "Where tasks whose source is GIT find their files.",
    {
        "git_url": text("The repository's address."),
        "git_provider": choice(
            "Who hosts it.",
            (
                "gitHub", "gitHubEnterprise", "gitLab", "gitLabEnterpriseEdition", "bitbucketCloud", "bitbucketServer",
                "azureDevOpsServices", "awsCodeCommit",
            ),
        ),
        "git_branch": text("A branch."),
        "git_tag": text("A tag."),
        "git_commit": text("A commit."),
    },
    ["git_url", "git_provider"],
    oneOf=[{"required": [one]} for one in ("git_branch", "git_tag", "git_commit")],
)  # fmt: skip
_ENVIRONMENT = record(
    "One environment of serverless compute.",
    {
        "environment_key": text("How tasks name it."),
        "spec": record(
            "What is in it.",
            {
                "environment_version": text("Its version, which fixes Python and the base packages: 2."),
                "client": text("The former name of environment_version."),
                "dependencies": texts("Packages, as pip takes them.", "A requirement or a path."),
            },
        ),
    },
    ["environment_key"],
)
_PARAMETER = record(
    "A parameter.",
    {
        "name": text("Its name."),
        "default": {"type": "string", "description": "Its value where a run gives none."},
    },
    ["name", "default"],
)


def keyed(description: str, item: Mapping[str, Any], key: str) -> Schema:
    """Give a list whose order means nothing, as each entry has a key of its own."""
    return rows(description, dict(item), **{"x-dpn-key": key})


FIELDS: Mapping[str, Schema] = {
    "description": text("What the job is for.", maxLength=27700),
    "tasks": keyed("The tasks.", TASK, "task_key"),
    "cluster": ref(
        "The cluster of each task that needs one and names no compute of its own, as ${databricks_cluster.ID}.",
        "databricks_cluster",
        "id",
    ),
    "job_clusters": keyed("Clusters that runs make for themselves.", job_clusters.SCHEMA, job_clusters.KEY),
    "environments": keyed("Environments of serverless compute.", _ENVIRONMENT, "environment_key"),
    "schedule": SCHEDULE,
    "trigger": TRIGGER,
    "continuous": CONTINUOUS,
    "parameters": keyed("What each run may be given.", _PARAMETER, "name"),
    "tags": tags_schema(MAX_TAGS - OWN_TAGS),
    "max_concurrent_runs": whole("How many runs there may be at once.", maximum=1000, default=1),
    "timeout_seconds": whole("When a run is cancelled; 0 is never.", default=0),
    "queue": flag("Runs that find no room wait instead of being skipped.", default=True),
    "email_notifications": record("Who hears of runs.", NOTIFICATIONS),
    "run_as": RUN_AS,
    "performance_target": choice("How serverless compute is run.", ("PERFORMANCE_OPTIMIZED", "STANDARD")),
    "git_source": _GIT,
}
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["tasks"],
    "properties": FIELDS,
}
