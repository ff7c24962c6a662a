"""The platform that is killed while it is made: 200 resources on two clouds, most of them jobs.

Names of Databricks jobs are not unique, so nothing but dpn's own care keeps a second create from making a second job.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LAYERS = ("bronze", "silver", "gold")
COLUMNS = [{"name": "id", "type": "bigint"}, {"name": "amount", "type": "decimal(12,2)"}]
TASKS = [{"task_key": "run", "notebook_task": {"notebook_path": "/Shared/run"}}]


STACK = "estate"
KEY = f"{STACK}.dev"


def numbers(count: int) -> dict[str, list[str]]:
    """Give a `for_each` over so many numbers."""
    return {"purpose": [f"p{number:03}" for number in range(count)]}


def blueprint(jobs: int, tables: int, buckets: int, schemas: int) -> Mapping[str, Any]:
    """Give a blueprint with so many of each; schemas with twice as many tables, 4 Glue databases and a catalog."""
    resources: dict[str, Any] = {
        "aws_s3_bucket": {"lake": {"for_each": numbers(buckets), "naming": {"layer": "gold"}}},
        "aws_glue_database": {"db": {"for_each": {"domain": ["a", "b", "c", "d"]}, "naming": {"layer": "gold"}}},
        "aws_glue_table": {
            "t": {
                "for_each": {"entity": [f"e{number:03}" for number in range(tables)]},
                "naming": {"table_type": "fact"},
                "spec": {
                    "database": "${aws_glue_database.db[a]}",
                    "location": "s3://${aws_s3_bucket.lake[p000]}/${each.key}/",
                    "format": "parquet",
                    "columns": COLUMNS,
                },
            }
        },
        "databricks_catalog": {"main": {"naming": {"catalog_type": "lake"}}},
        "databricks_schema": {
            "s": {
                "for_each": {"domain": [f"s{number}" for number in range(schemas)]},
                "naming": {"layer": "gold"},
                "spec": {"catalog": "${databricks_catalog.main}"},
            }
        },
        "databricks_table": {
            "t": {
                "for_each": {"entity": [f"e{number:02}" for number in range(2 * schemas)]},
                "naming": {"table_type": "fact"},
                "spec": {"schema": "${databricks_schema.s[s0]}", "columns": COLUMNS},
            }
        },
        "databricks_job": {
            "j": {
                "for_each": numbers(jobs),
                "naming": {"job_type": "batch", "schedule": "daily"},
                "spec": {"tasks": TASKS},
            }
        },
    }
    metadata = {"project": STACK, "environment": "dev", "region": "us-east-1"}
    providers: Mapping[str, Any] = {"aws": {}, "databricks": {}}
    return {"version": "1", "stack": STACK, "metadata": metadata, "providers": providers, "resources": resources}


@dataclass(frozen=True)
class Estate:
    """A platform of which an earlier run has made and committed a part; `new` resources are left to be made."""

    whole: Mapping[str, Any]
    before: Mapping[str, Any] = field(default_factory=lambda: blueprint(jobs=10, tables=3, buckets=2, schemas=2))

    @property
    def new(self) -> int:
        """Count what is left to be made."""
        return _count(self.whole) - _count(self.before)


def _count(document: Mapping[str, Any]) -> int:
    bodies = [body for kind in document["resources"].values() for body in kind.values()]
    return sum(len(next(iter(body["for_each"].values()))) if "for_each" in body else 1 for body in bodies)


LARGE = Estate(blueprint(jobs=142, tables=30, buckets=5, schemas=6))
"""200 resources."""

SMALL = Estate(blueprint(jobs=40, tables=6, buckets=3, schemas=2))
"""60 resources, for tests that anybody runs."""
