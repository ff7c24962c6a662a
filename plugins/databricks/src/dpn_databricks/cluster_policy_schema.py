"""The spec of a cluster policy as JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dpn_databricks.fields import record, rows, text, texts, whole

_RULES = {
    "type": "object",
    "minProperties": 1,
    "propertyNames": {"minLength": 1},
    "additionalProperties": {
        "type": "object",
        "required": ["type"],
        "properties": {
            "type": {
                "enum": ["fixed", "forbidden", "allowlist", "blocklist", "regex", "range", "unlimited"],
                "description": "What the rule does.",
            },
        },
        "description": "One rule: its type, and what the type takes (value, values, pattern, minValue, hidden …).",
    },
}
_PACKAGE = {
    "package": text("The package, and its version if it matters."),
    "repo": text("Where it is taken from; left out: the public registry."),
}
LIBRARY = record(
    "One library, of one of these sorts.",
    {
        "jar": text("A JAR: a path of the workspace or of a volume, or s3://…."),
        "whl": text("A Python wheel: a path of the workspace or of a volume, or s3://…."),
        "requirements": text("A requirements.txt of the workspace or of a volume."),
        "pypi": record("A Python package.", _PACKAGE, ["package"]),
        "maven": record(
            "A Maven package.",
            {
                "coordinates": text("GROUP:ARTIFACT:VERSION."),
                "repo": text("Where it is taken from; left out: Maven Central."),
                "exclusions": texts("Dependencies that are left out.", "GROUP:ARTIFACT."),
            },
            ["coordinates"],
        ),
        "cran": record("An R package.", _PACKAGE, ["package"]),
    },
    maxProperties=1,
)

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "definition": {
            **_RULES,
            "description": "The rules by cluster attribute. Either this, or policy_family_id.",
        },
        "policy_family_id": text("The family whose rules it takes, as personal-vm or job-cluster."),
        "policy_family_definition_overrides": {
            **_RULES,
            "description": "Rules by cluster attribute that stand over those of the family.",
        },
        "description": text("What the policy is for.", maxLength=900),
        "max_clusters_per_user": whole("How many clusters a user may have by it at once; left out: no limit.", 1),
        "libraries": rows("Libraries that clusters get when they start.", LIBRARY, maxItems=500),
    },
}
