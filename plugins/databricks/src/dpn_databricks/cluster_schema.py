"""The spec of a cluster as JSON Schema: what an all-purpose cluster and the clusters of a job have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dpn_databricks.tagging import tags_schema

_TEXT = {"type": "string", "minLength": 1}
_TEXTS = {"type": "object", "propertyNames": {"minLength": 1}}
_COUNT = {"type": "integer", "minimum": 0}


def _object(description: str, **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "minProperties": 1,
        "description": description,
        "properties": properties,
    }


def _place(what: str, **more: Any) -> dict[str, Any]:
    where = {**_TEXT, "description": "The full path or address."}
    return {**_object(what, destination=where, **more), "required": ["destination"]}


_REGION = {**_TEXT, "description": "The bucket's region, such as us-west-2."}
_S3 = _place("A place in S3: s3://BUCKET/PATH.", region=_REGION)
_VOLUMES = _place("A place in a volume: /Volumes/CATALOG/SCHEMA/VOLUME/PATH.")
_DBFS = _place("A place in DBFS: dbfs:/PATH. Databricks advises against it.")
_SCRIPT = {
    **_object(
        "One script.",
        workspace=_place("A file of the workspace: /Users/NAME/script.sh."),
        volumes=_VOLUMES,
        s3=_S3,
        abfss=_place("A place in Azure: abfss://CONTAINER@ACCOUNT.dfs.core.windows.net/PATH."),
        gcs=_place("A place in Google Cloud: gs://BUCKET/PATH."),
        file=_place("A file of the cluster's own container image: file:/PATH."),
        dbfs=_DBFS,
    ),
    "maxProperties": 1,
}
_FIRST = {**_COUNT, "description": "How many nodes, the driver first, are never spot instances."}
_ZONE = {**_TEXT, "description": "The availability zone, or auto."}
_AWS = _object(
    "What AWS alone has.",
    availability={"enum": ["SPOT", "ON_DEMAND", "SPOT_WITH_FALLBACK"], "description": "Which instances to rent."},
    first_on_demand=_FIRST,
    zone_id=_ZONE,
    instance_profile_arn={**_TEXT, "description": "The instance profile that nodes run with."},
    spot_bid_price_percent={
        "type": "integer",
        "minimum": 1,
        "maximum": 10000,
        "description": "The most to pay for a spot instance, in percent of its price on demand.",
    },
    ebs_volume_type={
        "enum": ["GENERAL_PURPOSE_SSD", "THROUGHPUT_OPTIMIZED_HDD"],
        "description": "The type of the EBS volumes of a node.",
    },
    ebs_volume_count={**_COUNT, "maximum": 10, "description": "How many EBS volumes a node has."},
    ebs_volume_size={"type": "integer", "minimum": 100, "maximum": 4096, "description": "Their size in GiB."},
    ebs_volume_iops={**_COUNT, "description": "Their operations a second, for gp3."},
    ebs_volume_throughput={**_COUNT, "description": "Their throughput in MiB a second, for gp3."},
)
_AZURE = _object(
    "What Azure alone has.",
    availability={
        "enum": ["SPOT_AZURE", "ON_DEMAND_AZURE", "SPOT_WITH_FALLBACK_AZURE"],
        "description": "Which instances to rent.",
    },
    first_on_demand=_FIRST,
    spot_bid_max_price={"type": "number", "description": "The most to pay an hour in US dollars; -1: no limit."},
)
_GCP = _object(
    "What Google Cloud alone has.",
    availability={
        "enum": ["PREEMPTIBLE_GCP", "ON_DEMAND_GCP", "PREEMPTIBLE_WITH_FALLBACK_GCP"],
        "description": "Which instances to rent.",
    },
    first_on_demand=_FIRST,
    zone_id=_ZONE,
    google_service_account={**_TEXT, "description": "The service account that nodes run as."},
    boot_disk_size={**_COUNT, "description": "The size of the boot disk in GB."},
    local_ssd_count={**_COUNT, "description": "How many local SSDs a node has."},
)

CLUSTER_FIELDS: Mapping[str, Any] = {
    "spark_version": {
        **_TEXT,
        "default": "16.4.x-scala2.12",
        "description": "The Databricks Runtime; left out: 16.4 LTS, the newest that Scala 2.12 libraries run on.",
    },
    "num_workers": {**_COUNT, "description": "How many workers. Either this, or autoscale, or is_single_node."},
    "autoscale": {
        "type": "object",
        "additionalProperties": False,
        "required": ["min_workers", "max_workers"],
        "description": "Let the number of workers follow the load.",
        "properties": {
            "min_workers": {**_COUNT, "description": "The fewest workers."},
            "max_workers": {"type": "integer", "minimum": 1, "description": "The most workers."},
        },
    },
    "is_single_node": {"const": True, "description": "true: a driver without workers. Leave it out for any other."},
    "node_type_id": {
        **_TEXT,
        "description": "The type of the nodes. Left out, and with neither a pool nor a policy: m5d.xlarge on AWS, "
        "Standard_D4ds_v5 on Azure, n2-standard-4 on Google Cloud, which all have 4 cores and 16 GB; once made, a "
        "cluster keeps what it has.",
    },
    "driver_node_type_id": {**_TEXT, "description": "The type of the driver; left out: that of the workers."},
    "instance_pool": {
        **_TEXT,
        "x-dpn-ref": {"kinds": ["databricks_instance_pool"], "use": "id"},
        "description": "The pool that nodes are taken from: a reference or its id. It sets the node type.",
    },
    "driver_instance_pool": {
        **_TEXT,
        "x-dpn-ref": {"kinds": ["databricks_instance_pool"], "use": "id"},
        "description": "The pool that the driver is taken from; left out: the same.",
    },
    "policy": {
        **_TEXT,
        "x-dpn-ref": {"kinds": ["databricks_cluster_policy"], "use": "id"},
        "description": "The policy that the cluster follows: a reference or its id. What is left out here takes the "
        "policy's value; spark_version and autotermination_minutes have defaults of their own.",
    },
    "data_security_mode": {
        "enum": [
            "DATA_SECURITY_MODE_AUTO",
            "DATA_SECURITY_MODE_STANDARD",
            "DATA_SECURITY_MODE_DEDICATED",
            "USER_ISOLATION",
            "SINGLE_USER",
            "NONE",
            "LEGACY_TABLE_ACL",
            "LEGACY_PASSTHROUGH",
            "LEGACY_SINGLE_USER",
            "LEGACY_SINGLE_USER_STANDARD",
        ],
        "description": "The access mode: USER_ISOLATION (or DATA_SECURITY_MODE_STANDARD) is shared by users, "
        "SINGLE_USER (or DATA_SECURITY_MODE_DEDICATED) is one user's or one group's.",
    },
    "single_user_name": {**_TEXT, "description": "Who may use a cluster of one user; left out: who makes it."},
    "runtime_engine": {"enum": ["STANDARD", "PHOTON"], "description": "PHOTON: the vectorised engine."},
    "spark_conf": {
        **_TEXTS,
        "additionalProperties": {"type": "string", "description": "The value, as text."},
        "description": "Spark's settings by key; {{secrets/SCOPE/KEY}} is put in by Databricks.",
    },
    "spark_env_vars": {
        **_TEXTS,
        "additionalProperties": {"type": "string", "description": "The value, as text."},
        "description": "Environment variables; {{secrets/SCOPE/KEY}} is put in by Databricks.",
    },
    "init_scripts": {
        "type": "array",
        "items": _SCRIPT,
        "description": "Scripts that each node runs when it starts, in this order.",
    },
    "cluster_log_conf": {
        **_object("Where logs go every five minutes.", volumes=_VOLUMES, s3=_S3, dbfs=_DBFS),
        "maxProperties": 1,
    },
    "aws_attributes": _AWS,
    "azure_attributes": _AZURE,
    "gcp_attributes": _GCP,
    "enable_elastic_disk": {"type": "boolean", "description": "Add disk space while a node runs, where it lacks."},
    "enable_local_disk_encryption": {"type": "boolean", "description": "Encrypt the local disks."},
}
"""The fields of a new cluster without its name, tags and what only an all-purpose cluster has."""

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        **CLUSTER_FIELDS,
        "autotermination_minutes": {
            "anyOf": [{"const": 0}, {"minimum": 10}],
            "type": "integer",
            "maximum": 10000,
            "default": 60,
            "description": "Terminate it after so many idle minutes, from 10 to 10000; 0: never.",
        },
        "tags": tags_schema(45),
    },
}
