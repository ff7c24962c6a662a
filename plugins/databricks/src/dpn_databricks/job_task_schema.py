"""What a blueprint may say of a job's task."""

from __future__ import annotations

from collections.abc import Mapping

from dpn_databricks.fields import Schema, choice, flag, pairs, record, ref, rows, text, texts, whole

SERVERLESS = "serverless"
RUN_IF = ("ALL_SUCCESS", "ALL_DONE", "ALL_FAILED", "AT_LEAST_ONE_FAILED", "AT_LEAST_ONE_SUCCESS", "NONE_FAILED")
_OPS = ("EQUAL_TO", "NOT_EQUAL", "GREATER_THAN", "GREATER_THAN_OR_EQUAL", "LESS_THAN", "LESS_THAN_OR_EQUAL")
_PARAMETERS = texts("Arguments, in their order.", "An argument; {{job.run_id}} and the like are filled in at each run.")
_SOURCE = choice("Where the file is: in the workspace, or in git_source.", ("WORKSPACE", "GIT"), default="WORKSPACE")
_WAREHOUSE = ref("The SQL warehouse it runs on, as ${databricks_sql_warehouse.ID}.", "databricks_sql_warehouse", "id")

NOTIFICATIONS: Mapping[str, Schema] = {
    when: texts(description, "An e-mail address.")
    for when, description in {
        "on_start": "Who hears that a run began.",
        "on_success": "Who hears that a run succeeded.",
        "on_failure": "Who hears that a run failed.",
        "on_duration_warning_threshold_exceeded": "Who hears that a run takes longer than its health rule allows.",
        "on_streaming_backlog_exceeded": "Who hears that a stream falls behind.",
    }.items()
}

_MAVEN = record(
    "A Maven package.",
    {
        "coordinates": text("GROUP:ARTIFACT:VERSION."),
        "repo": text("Where to fetch it from."),
        "exclusions": texts("What not to fetch with it.", "GROUP:ARTIFACT."),
    },
    ["coordinates"],
)
_LIBRARY = record(
    "One library, of one type.",
    {
        "pypi": record(
            "A Python package.",
            {"package": text("NAME or NAME==VERSION."), "repo": text("The index to fetch it from.")},
            ["package"],
        ),
        "maven": _MAVEN,
        "whl": text("The path of a wheel."),
        "jar": text("The path of a JAR."),
        "requirements": text("The path of a requirements.txt."),
        "cran": record(
            "An R package.",
            {"package": text("Its name."), "repo": text("The repository to fetch it from.")},
            ["package"],
        ),
    },
    maxProperties=1,
)

_QUERY = record("A saved query.", {"query_id": text("Its id.")}, ["query_id"])
_FILE = record("A file of statements.", {"path": text("Its path."), "source": _SOURCE}, ["path"])

WORK: Mapping[str, Schema] = {
    "notebook_task": record(
        "Run a notebook.",
        {
            "notebook_path": text("Its path, absolute in the workspace or relative in git_source."),
            "base_parameters": pairs("Its parameters.", "A value."),
            "source": _SOURCE,
            "warehouse": _WAREHOUSE,
        },
        ["notebook_path"],
    ),
    "spark_python_task": record(
        "Run a Python file.",
        {"python_file": text("Its path or URI."), "parameters": _PARAMETERS, "source": _SOURCE},
        ["python_file"],
    ),
    "python_wheel_task": record(
        "Run a function of a Python package.",
        {
            "package_name": text("The package."),
            "entry_point": text("Its entry point, or else a function of the package."),
            "parameters": _PARAMETERS,
            "named_parameters": pairs("Arguments by keyword, in the place of parameters.", "A value."),
        },
        ["package_name", "entry_point"],
    ),
    "spark_jar_task": record(
        "Run a class of a JAR among the libraries.",
        {"main_class_name": text("The class with the main method."), "parameters": _PARAMETERS},
        ["main_class_name"],
    ),
    "sql_task": record(
        "Run SQL: a saved query or a file.",
        {
            "warehouse": _WAREHOUSE,
            "query": _QUERY,
            "file": _FILE,
            "parameters": pairs("The values of the statement's parameters.", "A value."),
        },
        ["warehouse"],
        oneOf=[{"required": ["query"]}, {"required": ["file"]}],
    ),
    "pipeline_task": record(
        "Update a pipeline.",
        {
            "pipeline": ref("The pipeline, as ${databricks_pipeline.ID}.", "databricks_pipeline", "id"),
            "full_refresh": flag("Compute all tables anew.", default=False),
        },
        ["pipeline"],
    ),
    "run_job_task": record(
        "Run another job.",
        {
            "job": ref("The job, as ${databricks_job.ID}.", "databricks_job", "id"),
            "job_parameters": pairs("The values of its parameters.", "A value."),
        },
        ["job"],
    ),
    "dbt_task": record(
        "Run dbt.",
        {
            "commands": texts("The commands, in their order.", "A command that begins with dbt."),
            "project_directory": text("Where the project lies."),
            "profiles_directory": text("Where profiles.yml lies, relative to the project; else warehouse is used."),
            "warehouse": _WAREHOUSE,
            "catalog": ref("The catalog that dbt writes to.", "databricks_catalog", "name"),
            "schema": ref("The schema that dbt writes to.", "databricks_schema", "name"),
            "source": _SOURCE,
        },
        ["commands"],
    ),
    "condition_task": record(
        "Compare two values; tasks that depend on this one name the outcome.",
        {
            "op": choice("The comparison; all but EQUAL_TO and NOT_EQUAL compare numbers.", _OPS),
            "left": text("A value, as {{tasks.KEY.values.NAME}}."),
            "right": text("A value."),
        },
        ["op", "left", "right"],
    ),
}
NEEDS_COMPUTE = frozenset({"notebook_task", "spark_python_task", "python_wheel_task", "spark_jar_task", "dbt_task"})
"""The work that runs on a cluster, or on serverless compute where none is named."""

_DEPENDENCY: Schema = {
    "description": "The key of a task, or for one outcome of a condition_task its key and outcome.",
    "anyOf": [
        {"type": "string", "minLength": 1},
        record(
            "One outcome of a condition_task.",
            {"task_key": text("Its key."), "outcome": choice("The outcome.", ("true", "false"))},
            ["task_key", "outcome"],
        ),
    ],
}

FIELDS: Mapping[str, Schema] = {
    "task_key": text("How other tasks name it: at most 100 letters, digits, - and _."),
    "description": text("What the task does.", maxLength=1000),
    "depends_on": rows("The tasks that come before it.", _DEPENDENCY, uniqueItems=True),
    "run_if": choice("When it runs, seen the tasks before it.", RUN_IF, default="ALL_SUCCESS"),
    "timeout_seconds": whole("When a run is cancelled; 0 is never.", default=0),
    "max_retries": whole("How often a failed run is tried again; -1 is always.", -1, default=0),
    "min_retry_interval_millis": whole("How long to wait before that.", default=0),
    "retry_on_timeout": flag("Also try again what took too long.", default=False),
    "cluster": ref(
        "The cluster it runs on, as ${databricks_cluster.ID}; `serverless` for none where the job names one.",
        "databricks_cluster",
        "id",
    ),
    "job_cluster_key": text("The one of job_clusters that it runs on."),
    "environment_key": text("The one of environments that it runs in, on serverless compute."),
    "libraries": rows("What is installed for it on its cluster.", _LIBRARY),
    "email_notifications": record("Who hears of its runs.", NOTIFICATIONS),
    **WORK,
}
TASK = record("A task: its key, what comes before it, its compute, and exactly one kind of work.", FIELDS, ["task_key"])
