"""What a call is about, and whether it changes anything: what fault rules match and the list of requests shows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_PARENTS = ("catalog_name", "schema_name")
_NAMES = ("full_name", "entity_name", "cluster_name", "instance_pool_name", "name", "statement")
_IDS = ("cluster_id", "job_id", "policy_id", "instance_pool_id", "pipeline_id", "statement_id", "warehouse_id", "id")
_READING = re.compile(r"\s*\(*\s*(?:SELECT|WITH|SHOW|DESC|DESCRIBE|EXPLAIN|LIST|VALUES)\b", re.IGNORECASE)


def name_of(parts: Mapping[str, Any]) -> str:
    """Give the name of a call from its parameters and body: the full name, else the name, else the id.

    A secret and an access rule are `scope/key` and `scope/principal`, a statement is its text, a setting of a job is
    the job's name; empty when nothing is named.
    """
    settings = parts.get("new_settings")
    text = {key: str(value) for key, value in parts.items() if isinstance(value, str | int) and value != ""}
    if isinstance(settings, dict) and isinstance(settings.get("name"), str):
        text["name"] = settings["name"]
    if "scope" in text:
        return "/".join(text[key] for key in ("scope", "key", "principal") if key in text)
    if "catalog_name" in text and "full_name" not in text:
        return ".".join(text[key] for key in (*_PARENTS, "name") if key in text)
    found = next((text[key] for key in (*_NAMES, *_IDS) if key in text), "")
    return " ".join(found.split())


def is_write(method: str, operation: str, body: Mapping[str, Any]) -> bool:
    """Tell whether a call is made to change something; some that only read are a POST."""
    if operation == "StatementExecution.execute_statement":
        return not _READING.match(str(body.get("statement", "")))
    return method != "GET" and operation != "Clusters.events"
