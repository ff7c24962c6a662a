"""Lifecycle rules of a bucket: the few forms that a blueprint can write, and all others kept as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dpn_aws.plain import plain

_DAYS = {"type": "integer", "minimum": 1}
ACTIONS = ("expire_days", "transitions", "abort_multipart_days", "noncurrent_expire_days")

SCHEMA: Mapping[str, Any] = {
    "type": "array",
    "maxItems": 1000,
    "description": "What happens to objects as they age. Each rule needs an id of its own and at least one action.",
    "items": {
        "type": "object",
        "additionalProperties": False,
        "required": ["id"],
        "properties": {
            "id": {"type": "string", "minLength": 1, "maxLength": 255, "description": "The rule's name, unique here."},
            "prefix": {
                "type": "string",
                "minLength": 1,
                "maxLength": 1024,
                "description": "Only objects whose keys begin so; left out: all objects.",
            },
            "expire_days": {**_DAYS, "description": "Delete objects after so many days."},
            "transitions": {
                "type": "array",
                "minItems": 1,
                "description": "Moves to cheaper storage, the earliest first.",
                "items": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["days", "storage_class"],
                    "properties": {
                        "days": {"type": "integer", "minimum": 0, "description": "Age in days."},
                        "storage_class": {
                            "enum": [
                                "STANDARD_IA",
                                "ONEZONE_IA",
                                "INTELLIGENT_TIERING",
                                "GLACIER_IR",
                                "GLACIER",
                                "DEEP_ARCHIVE",
                            ],
                            "description": "Where objects move to.",
                        },
                    },
                },
            },
            "abort_multipart_days": {**_DAYS, "description": "Give up unfinished uploads after so many days."},
            "noncurrent_expire_days": {
                **_DAYS,
                "description": "Delete old versions so many days after they were replaced.",
            },
        },
    },
}


def to_api(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Give a rule as S3 takes it."""
    if "raw" in rule:
        return dict(rule["raw"])
    out: dict[str, Any] = {"ID": rule["id"], "Status": "Enabled", "Filter": {"Prefix": rule.get("prefix", "")}}
    if days := rule.get("expire_days"):
        out["Expiration"] = {"Days": days}
    if moves := rule.get("transitions"):
        out["Transitions"] = [{"Days": move["days"], "StorageClass": move["storage_class"]} for move in moves]
    if days := rule.get("abort_multipart_days"):
        out["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": days}
    if days := rule.get("noncurrent_expire_days"):
        out["NoncurrentVersionExpiration"] = {"NoncurrentDays": days}
    return out


def from_api(given: Mapping[str, Any]) -> dict[str, Any]:
    """Give a rule as a blueprint writes it.

    A rule that the schema cannot express (disabled, by tag, by date …) is `{"id", "raw"}`: it shows as drift, is never
    lost by a write that means another rule, and can be put back by an undo.
    """
    api = _normal(plain(given))
    rule = {
        "id": api.get("ID", ""),
        "prefix": api["Filter"].get("Prefix"),
        "expire_days": api.get("Expiration", {}).get("Days"),
        "transitions": [
            {"days": move.get("Days"), "storage_class": move.get("StorageClass")} for move in api.get("Transitions", [])
        ],
        "abort_multipart_days": api.get("AbortIncompleteMultipartUpload", {}).get("DaysAfterInitiation"),
        "noncurrent_expire_days": api.get("NoncurrentVersionExpiration", {}).get("NoncurrentDays"),
    }
    known = {key: value for key, value in rule.items() if value not in (None, "", []) or key == "id"}
    return known if to_api(known) == api else {"id": known["id"], "raw": api}


def all_from_api(rules: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Give all rules as a blueprint writes them."""
    return [from_api(rule) for rule in rules]


def _normal(api: dict[str, Any]) -> dict[str, Any]:
    """Write the old prefix outside a filter, and an empty filter, as S3 writes them today."""
    old = api.pop("Prefix", None)
    if not api.get("Filter"):
        api["Filter"] = {"Prefix": old or ""}
    return api
