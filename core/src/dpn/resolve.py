"""From items and their names to resources: needs and parents out of references, default tags, kept names. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from dpn import filling, references
from dpn.blueprint import Item
from dpn.canonical import canonical
from dpn.handover import Kept
from dpn.model import Record, Resource
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
    stuck: Mapping[str, str] | None = None,
) -> tuple[list[Resource], list[Kept]]:
    """Give each resource that cannot be renamed in place the name it has, and tell which those are.

    A kind that is named by a field is made anew where that field changes: its plan says so. With `stuck`, definitions
    are copied, but for these addresses, for which it says why.
    """
    named: list[Resource] = []
    kept: list[Kept] = []
    asked = set(replaced)
    for wanted in resources:
        record, info = records.get(wanted.address), kinds[wanted.kind]
        differs = record is not None and record.name != wanted.name and not wanted.existing
        why = "" if wanted.address in asked or not differs else _why_kept(wanted, info, stuck)
        if record is None or not why:
            named.append(wanted)
            continue
        named.append(replace(wanted, name=record.name))
        recreate = not record.protect and wanted.address not in (stuck or {})
        hint = _way_out(wanted, info, stuck) if recreate else ""
        kept.append(Kept(wanted.address, wanted.kind, record.name, wanted.name, why, hint, recreate))
    return named, kept


def copied(
    resources: Iterable[Resource], records: Mapping[str, Record], kinds: Mapping[str, KindInfo]
) -> frozenset[str]:
    """Give what gets its new name by a copy of its definition, of resources that may have their new names."""
    return frozenset(
        wanted.address
        for wanted in resources
        if kinds[wanted.kind].rename_how == "copy" and not kinds[wanted.kind].named_by and not wanted.existing
        if (record := records.get(wanted.address)) and record.name != wanted.name
    )


def _why_kept(wanted: Resource, info: KindInfo, stuck: Mapping[str, str] | None) -> str:
    """Say why a thing keeps its name; nothing if it does not."""
    if info.rename_how == "in_place" or info.named_by:
        return ""
    if info.rename_how == "copy" and stuck is not None:
        return stuck.get(wanted.address, "")
    return f"{wanted.kind} cannot be renamed"


def _way_out(wanted: Resource, info: KindInfo, stuck: Mapping[str, str] | None) -> str:
    if info.rename_how == "copy" and stuck is None:
        return "To make its definition anew under the new name: dpn name migrate"
    return f"To recreate it under the new name: --replace '{wanted.address}'"


def moves(resources: Iterable[Resource], records: Mapping[str, Record]) -> dict[str, str]:
    """Give old and new address of each record that `was` moves."""
    return {
        wanted.was: wanted.address
        for wanted in resources
        if wanted.was and wanted.was in records and wanted.address not in records
    }
