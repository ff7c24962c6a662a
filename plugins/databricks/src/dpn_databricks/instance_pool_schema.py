"""The spec of an instance pool as JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dpn_databricks.fields import choice, record, text, texts, whole
from dpn_databricks.tagging import tags_schema

# What the service fills in where nothing is said is said here, so that a pool is never made anew for a default.
_ZONE = text("The availability zone, or auto.", default="auto")
_AWS = record(
    "What AWS alone has.",
    {
        "availability": choice("Which instances to rent.", ("SPOT", "ON_DEMAND"), default="SPOT"),
        "zone_id": _ZONE,
        "spot_bid_price_percent": whole(
            "The most to pay for a spot instance, in percent of its price on demand.", 1, maximum=10000, default=100
        ),
        "instance_profile_arn": text("The instance profile that nodes run with."),
    },
)
_AZURE = record(
    "What Azure alone has.",
    {
        "availability": choice(
            "Which instances to rent.", ("SPOT_AZURE", "ON_DEMAND_AZURE"), default="ON_DEMAND_AZURE"
        ),
        "spot_bid_max_price": {
            "type": "number",
            "default": -1,
            "description": "The most to pay an hour in US dollars; -1: no limit.",
        },
    },
)
_GCP = record(
    "What Google Cloud alone has.",
    {
        "gcp_availability": choice(
            "Which instances to rent.",
            ("PREEMPTIBLE_GCP", "ON_DEMAND_GCP", "PREEMPTIBLE_WITH_FALLBACK_GCP"),
            default="ON_DEMAND_GCP",
        ),
        "zone_id": _ZONE,
        "local_ssd_count": whole("How many local SSDs a node has.", default=0),
    },
)
_DISKS = record(
    "The remote disks that each node gets.",
    {
        "disk_type": {
            **record(
                "The type of the disks, of the workspace's cloud.",
                {
                    "ebs_volume_type": choice("On AWS.", ("GENERAL_PURPOSE_SSD", "THROUGHPUT_OPTIMIZED_HDD")),
                    "azure_disk_volume_type": choice("On Azure.", ("PREMIUM_LRS", "STANDARD_LRS")),
                },
            ),
            "maxProperties": 1,
        },
        "disk_count": whole("How many disks.", 1),
        "disk_size": whole("The size of each in GiB.", 1),
    },
    ["disk_type", "disk_count", "disk_size"],
)

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["node_type_id"],
    "properties": {
        "node_type_id": text("The type of all nodes, as i3.xlarge; it depends on the workspace's cloud."),
        "min_idle_instances": whole("How many idle instances are kept in any case; they cost.", default=0),
        "max_capacity": whole("The most instances, idle and used; left out: no limit.", 1),
        "idle_instance_autotermination_minutes": whole(
            "After how many idle minutes an instance above the minimum ends.", maximum=10000, default=60
        ),
        "preloaded_spark_versions": texts("Runtimes that idle instances have already.", "As 16.4.x-scala2.12."),
        "enable_elastic_disk": {
            "type": "boolean",
            "description": "Add disk space while a node runs, where it lacks.",
        },
        "disk_spec": _DISKS,
        "aws_attributes": _AWS,
        "azure_attributes": _AZURE,
        "gcp_attributes": _GCP,
        "tags": tags_schema(45),
    },
}
