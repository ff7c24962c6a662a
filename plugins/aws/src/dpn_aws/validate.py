"""What AWS would refuse and JSON Schema cannot say: names that stand twice, types whose brackets do not match."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from dpn import Problem, Resource
from dpn_aws.lifecycle import ACTIONS

_CLOSES = {"<": ">", "(": ")"}


def check(resources: Sequence[Resource]) -> Iterator[Problem]:
    """Look at the specs of buckets and tables; other kinds, and what the schema refuses anyway, are passed by."""
    for resource in resources:
        if resource.kind == "aws_s3_bucket":
            yield from _twice(resource, "lifecycle", "id", _rows(resource, "lifecycle"))
            yield from _idle(resource)
            yield from _needless_key(resource)
        elif resource.kind == "aws_glue_table":
            columns = [*_rows(resource, "columns"), *_rows(resource, "partition_keys")]
            yield from _twice(resource, "columns", "name", columns)
            for field in ("columns", "partition_keys"):
                yield from _brackets(resource, field)


def _rows(resource: Resource, field: str) -> list[Mapping[str, Any]]:
    rows = resource.spec.get(field)
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, (list, tuple)) else []


def _twice(resource: Resource, field: str, key: str, rows: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    for value, count in Counter(str(row[key]) for row in rows if key in row).items():
        if count > 1:
            yield Problem(
                "AWS-TWICE",
                f"{value!r} stands {count} times; AWS wants each {key} once"
                + (", counting columns and partition keys together." if field == "columns" else "."),
                resource.address,
                f"spec.{field}",
                resource.place,
                hint="Rename or remove one.",
            )


def _idle(resource: Resource) -> Iterator[Problem]:
    for index, rule in enumerate(_rows(resource, "lifecycle")):
        if not set(rule) & set(ACTIONS):
            yield Problem(
                "AWS-RULE-IDLE",
                "This lifecycle rule does nothing.",
                resource.address,
                f"spec.lifecycle[{index}]",
                resource.place,
                expected=f"at least one of {', '.join(ACTIONS)}",
            )


def _needless_key(resource: Resource) -> Iterator[Problem]:
    encryption = resource.spec.get("encryption")
    if isinstance(encryption, Mapping) and encryption.get("algorithm") == "AES256" and len(encryption) > 1:
        yield Problem(
            "AWS-KMS",
            "AES256 works with keys of S3 and takes neither kms_key nor bucket_key.",
            resource.address,
            "spec.encryption",
            resource.place,
            hint="Set algorithm to aws:kms, or leave them out.",
        )


def _brackets(resource: Resource, field: str) -> Iterator[Problem]:
    for index, row in enumerate(_rows(resource, field)):
        type_ = row.get("type")
        if isinstance(type_, str) and not balanced(type_):
            yield Problem(
                "AWS-TYPE",
                f"The brackets of the type {type_!r} do not match.",
                resource.address,
                f"spec.{field}[{index}].type",
                resource.place,
                expected="each < and ( to be closed, as in array<struct<a:int>>",
            )


def balanced(text: str) -> bool:
    """Tell whether each bracket of a type is closed by its own kind, and holds something."""
    open_: list[str] = []
    for before, mark in zip(chain(" ", text), text, strict=False):
        if mark in _CLOSES:
            open_.append(_CLOSES[mark])
        elif mark in _CLOSES.values() and (not open_ or open_.pop() != mark or before in _CLOSES):
            return False
    return not open_
