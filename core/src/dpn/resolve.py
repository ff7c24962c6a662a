"""From items and their names to resources: needs and parents out of references, default tags, kept names. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from dpn import filling, references
from dpn.blueprint import Item
from dpn.canonical import canonical
from dpn.model import Problem, Record, Resource
from dpn.provider import KindInfo

DEFAULT_TAGS = ("project", "environment", "team", "cost_center", "data_classification")


def resource(
    item: Item,
    info: KindInfo,
    name: str,
    variables: Mapping[str, str],
    region: str | None,
    tags: Iterable[str] | None = None,
) -> Resource:
    """Build the resource of an item; `variables` are those that its name was made of, and its default tags.

    What exists already is never changed: it gets neither tags nor defaults.
    """
    keys = () if item.existing else DEFAULT_TAGS if tags is None else tags
    spec = canonical(_tagged(item.spec, info, variables, keys), info, defaults=not item.existing)
    targets = {
        reference.target for _, reference in references.walk(spec, info.schema) if reference.scheme == "resource"
    }
    return Resource(
        address=item.address, kind=item.kind, name=info.name_rule.canonical(name), spec=spec,
        provider=item.provider or info.provider, needs=tuple(sorted(targets | set(item.needs))),
        parent=_parent(spec, info), region=region, naming=dict(variables), protect=item.protect,
        on_delete=item.on_delete, existing=item.existing, id=item.cloud_id, was=item.was,
    )  # fmt: skip


def _tagged(
    spec: Mapping[str, Any], info: KindInfo, variables: Mapping[str, str], keys: Iterable[str]
) -> Mapping[str, Any]:
    """Add the default tags where the kind has tags; a tag of the resource itself wins.

    A value of naming is text: nothing in it is a reference.
    """
    own = {} if spec.get("tags") is None else spec["tags"]
    if not keys or "tags" not in info.schema.get("properties", {}) or not isinstance(own, Mapping):
        return spec
    tags = {key: filling.escape(variables[key]) for key in keys if variables.get(key)}
    return {**spec, "tags": {**tags, **own}}


def _parent(spec: Mapping[str, Any], info: KindInfo) -> str | None:
    text = spec.get(info.parent) if info.parent else None
    if not isinstance(text, str) or not references.is_whole(text):
        return None
    found = references.parse(text[2:-1])
    return found.target if found.scheme == "resource" else None


def keep_names(
    resources: Iterable[Resource],
    records: Mapping[str, Record],
    kinds: Mapping[str, KindInfo],
    replaced: Iterable[str] = (),
) -> tuple[list[Resource], list[Problem]]:
    """Give each resource that cannot be renamed in place the name it has, with a warning where that differs.

    A kind that is named by a field is made anew where that field changes: its plan says so.
    """
    kept: list[Resource] = []
    problems: list[Problem] = []
    for wanted in resources:
        record = records.get(wanted.address)
        differs = record is not None and record.name != wanted.name and not wanted.existing
        if (
            record is None
            or not differs
            or kinds[wanted.kind].rename_how == "in_place"
            or kinds[wanted.kind].named_by
            or wanted.address in set(replaced)
        ):
            kept.append(wanted)
            continue
        kept.append(replace(wanted, name=record.name))
        problems.append(
            Problem(
                "NAME-KEPT",
                f"It keeps its name {record.name}; by the convention it would be {wanted.name}, "
                f"but {wanted.kind} cannot be renamed.",
                wanted.address, hint=f"To recreate it under the new name: --replace '{wanted.address}'",
                severity="warning",
            )
        )  # fmt: skip
    return kept, problems


def moves(resources: Iterable[Resource], records: Mapping[str, Record]) -> dict[str, str]:
    """Give old and new address of each record that `was` moves."""
    return {
        wanted.was: wanted.address
        for wanted in resources
        if wanted.was and wanted.was in records and wanted.address not in records
    }
