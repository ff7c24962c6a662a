"""What a kill may leave behind, counted: the cloud and the records side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from kill_clouds import Objects

from dpn.model import Record

_COLLECTIONS = {
    "aws_s3_bucket": "aws.buckets",
    "aws_glue_database": "aws.databases",
    "aws_glue_table": "aws.tables",
    "databricks_catalog": "databricks.catalogs",
    "databricks_schema": "databricks.schemas",
    "databricks_table": "databricks.tables",
    "databricks_job": "databricks.jobs",
}

Place = tuple[str, str]


@dataclass(frozen=True)
class Findings:
    """How often each promise was broken.

    orphans: objects that are new and that no record has · duplicates: objects beyond the first of one address ·
    foreign: objects of others that are gone or changed · lost: records of an earlier run that are gone or have another
    id · missing: records of what does not exist · questions: an end that needs a person
    """

    orphans: int = 0
    duplicates: int = 0
    foreign: int = 0
    lost: int = 0
    missing: int = 0
    questions: int = 0

    def __add__(self, other: Findings) -> Findings:
        """Add them up."""
        return Findings(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(self)))

    def __bool__(self) -> bool:
        """Tell whether anything was found."""
        return any(getattr(self, field.name) for field in fields(self))


def place(record: Record) -> Place:
    """Give collection and id of what a record is of."""
    return _COLLECTIONS[record.kind], record.id or record.name


def marker(thing: Any) -> str:
    """Give stack and address of the marker in the tags, properties or parameters of an object; empty if none is."""
    settings = thing.get("settings", {}) if isinstance(thing, Mapping) else {}
    for tags in (thing, thing.get("properties"), thing.get("tags"), settings.get("tags")):
        if isinstance(tags, Mapping) and "dpn_stack" in tags:
            return f"{tags['dpn_stack']} {tags['dpn_addr']}"
    return ""


def audit(was: Objects, now: Objects, before: Mapping[str, Record], records: Mapping[str, Record]) -> Findings:
    """Compare what there is with what there was, and with the records; `before` are those of the earlier run."""
    ours = {place(record) for record in records.values()}
    known = {place(record) for record in before.values()}
    marked = Counter(found for thing in now.values() if (found := marker(thing)))
    return Findings(
        orphans=len(set(now) - set(was) - ours),
        duplicates=sum(count - 1 for count in marked.values()),
        foreign=sum(now.get(where) != thing for where, thing in was.items() if where not in known),
        lost=sum(address not in records or records[address].id != record.id for address, record in before.items()),
        missing=len(ours - set(now)),
    )
