"""What a blueprint may say of a pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dpn_databricks.fields import Schema, choice, flag, pairs, record, ref, rows, text, texts, whole
from dpn_databricks.job_schema import RUN_AS
from dpn_databricks.tagging import tags_schema

MAX_TAGS = 25  # "A maximum of 25 tags can be added to the pipeline": Pipelines API
_ALERTS = ("on-update-success", "on-update-failure", "on-update-fatal-failure", "on-flow-failure")

_LIBRARY = record(
    "Source code, of one type.",
    {
        "notebook": record("A notebook.", {"path": text("Its path in the workspace.")}, ["path"]),
        "file": record("A Python or SQL file.", {"path": text("Its path in the workspace.")}, ["path"]),
        "glob": record("All files of a folder.", {"include": text("A path that ends in /**.")}, ["include"]),
    },
    maxProperties=1,
)
CLUSTER = record(
    "The compute of one part of the pipeline.",
    {
        "label": choice("Which part: all (default), or updates or maintenance alone.",
                        ("default", "updates", "maintenance"), default="default"),
        "node_type_id": text("The type of its nodes."),
        "driver_node_type_id": text("The type of the driver; else that of the others."),
        "num_workers": whole("How many workers; or else autoscale."),
        "autoscale": record(
            "How many workers, between two numbers.",
            {
                "min_workers": whole("The fewest.", 1),
                "max_workers": whole("The most.", 1),
                "mode": choice("How it scales.", ("ENHANCED", "LEGACY"), default="ENHANCED"),
            },
            ["min_workers", "max_workers"],
        ),
        "instance_pool": ref(
            "The pool its workers come from, as ${databricks_instance_pool.ID}.", "databricks_instance_pool", "id"
        ),
        "driver_instance_pool": ref("The pool its driver comes from.", "databricks_instance_pool", "id"),
        "policy": ref("The cluster policy, as ${databricks_cluster_policy.ID}.", "databricks_cluster_policy", "id"),
        "spark_conf": pairs("Settings of Spark.", "A value."),
        "spark_env_vars": pairs("Environment variables.", "A value."),
        "custom_tags": pairs("Tags of its nodes.", "The tag's value."),
    },
)  # fmt: skip

FIELDS: Mapping[str, Schema] = {
    "catalog": ref("The catalog it publishes to, as ${databricks_catalog.ID}.", "databricks_catalog", "name"),
    "schema": ref("The schema it publishes to where its code names none.", "databricks_schema", "name"),
    "storage": text("Where a pipeline without Unity Catalog keeps its data."),
    "libraries": rows("The source code.", _LIBRARY),
    "clusters": rows("The compute of a pipeline that is not serverless.", CLUSTER, **{"x-dpn-key": "label"}),
    "configuration": pairs("Values that its code reads.", "A value."),
    "continuous": flag("It runs without end instead of when it is triggered.", default=False),
    "development": flag("Its cluster stays for the next update, and nothing is tried again.", default=False),
    "serverless": flag("It runs on serverless compute.", default=False),
    "photon": flag("It runs on Photon; serverless compute always does.", default=False),
    "channel": choice("Which release of the runtime.", ("CURRENT", "PREVIEW"), default="CURRENT"),
    "edition": choice("Which features: CDC from PRO, expectations in ADVANCED.",
                      ("CORE", "PRO", "ADVANCED"), default="ADVANCED"),
    "notifications": rows(
        "Who hears of what.",
        record(
            "Some people and some events.",
            {
                "email_recipients": texts("Who hears it.", "An e-mail address."),
                "alerts": rows("Of what.", choice("An event.", _ALERTS)),
            },
            ["email_recipients", "alerts"],
        ),
    ),
    "environment": record(
        "What is installed for its code, on serverless compute.",
        {
            "dependencies": texts("Packages, as pip takes them.", "A requirement or a path."),
            "environment_version": text("The version of the base environment."),
        },
    ),
    "root_path": text("The folder of its source code, which its code may import from."),
    "tags": tags_schema(MAX_TAGS),
    "run_as": RUN_AS,
}  # fmt: skip
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": FIELDS,
}
