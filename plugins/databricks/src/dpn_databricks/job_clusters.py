"""The clusters that a job makes for its own runs, between a blueprint and the API. Pure.

A job's lists are compared whole, so what the service adds to a cluster by itself is left out when it is read, and
`validate_work` refuses to have it said: else a blueprint could never agree with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dpn_databricks import cluster_fields
from dpn_databricks.cluster_schema import CLUSTER_FIELDS
from dpn_databricks.fields import beyond, is_empty, pairs, record, text

KEY = "job_cluster_key"
SCHEMA = record(
    "A cluster that runs of the job make and end.",
    {
        KEY: text("How tasks name it: at most 100 letters, digits, - and _."),
        **CLUSTER_FIELDS,
        "tags": pairs("Tags of its nodes.", "The tag's value."),
    },
    [KEY],
    # Not chosen by dpn, as for a cluster of its own: the job would show it ever after and the blueprint would not.
    anyOf=[{"required": [one]} for one in ("node_type_id", "instance_pool", "policy")],
    oneOf=[{"required": [one]} for one in ("num_workers", "autoscale", "is_single_node")],
)
# What a cluster has where nothing is said, as the Clusters API documents it.
_SERVICE: Mapping[str, Any] = {
    "enable_elastic_disk": False,
    "enable_local_disk_encryption": False,
    "aws_attributes": {
        "availability": "SPOT_WITH_FALLBACK",
        "first_on_demand": 1,
        "zone_id": "auto",
        "spot_bid_price_percent": 100,
        "ebs_volume_count": 0,
    },
    "azure_attributes": {"availability": "ON_DEMAND_AZURE", "first_on_demand": 1, "spot_bid_max_price": -1},
    "gcp_attributes": {"availability": "ON_DEMAND_GCP", "first_on_demand": 1, "zone_id": "HA", "local_ssd_count": 0},
}


def to_api(spec: Mapping[str, Any], kept: Mapping[str, Any]) -> dict[str, Any]:
    """Give a job's cluster as the API takes it; `kept` is what others set on it."""
    new = cluster_fields.to_api({key: value for key, value in spec.items() if key != KEY})
    return {KEY: spec[KEY], "new_cluster": {**kept.get("new_cluster", {}), **new}, **_without(kept, "new_cluster")}


def from_api(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Give a job's cluster as a blueprint says it."""
    spec = cluster_fields.from_api(raw.get("new_cluster", {}))
    said = {key: _said(value, _SERVICE.get(key)) for key, value in spec.items() if key in SCHEMA["properties"]}
    return {KEY: raw[KEY], **{key: value for key, value in said.items() if not is_empty(value)}}


def kept(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Give what others set on a job's cluster and a blueprint cannot say."""
    inside = beyond(cluster_fields.others(raw.get("new_cluster", {})), ())
    return {**beyond(raw, {KEY, "new_cluster"}), **({"new_cluster": inside} if inside else {})}


def needless(spec: Mapping[str, Any]) -> Iterator[str]:
    """Yield the paths of what a job's cluster has anyway."""
    for key, usual in _SERVICE.items():
        there = spec.get(key)
        if isinstance(usual, Mapping) and isinstance(there, Mapping):
            yield from (f"{key}.{name}" for name, value in there.items() if name in usual and _is(value, usual[name]))
        elif key in spec and _is(there, usual):
            yield key


def _said(value: Any, usual: Any) -> Any:
    """Give what was said of a field beyond the usual; nothing is None."""
    if isinstance(value, Mapping) and isinstance(usual, Mapping):
        return {key: item for key, item in value.items() if key not in usual or not _is(item, usual[key])}
    return None if usual is not None and _is(value, usual) else value


def _is(value: Any, usual: Any) -> bool:
    return bool(value == usual) and isinstance(value, bool) == isinstance(usual, bool)


def _without(value: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {name: item for name, item in value.items() if name != key}
