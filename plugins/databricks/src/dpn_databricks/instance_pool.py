"""The kind `databricks_instance_pool`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, Union

from dpn import Kind, Marker, Observed, Part, Ref, Want, user_tags
from dpn_databricks.client import DatabricksSession
from dpn_databricks.fields import filled
from dpn_databricks.instance_pool_schema import SCHEMA
from dpn_databricks.names import CATALOGUE
from dpn_databricks.plain import handle, present, unless_gone
from dpn_databricks.tagging import tags_with

if TYPE_CHECKING:
    from databricks.sdk.service.compute import GetInstancePool, InstancePoolAndStats, InstancePoolsAPI

    Raw: TypeAlias = Union[GetInstancePool, InstancePoolAndStats]  # noqa: UP007 - what get gives, and what list gives

_EDITED = ("min_idle_instances", "max_capacity", "idle_instance_autotermination_minutes")


class InstancePool(Kind):
    """A pool of idle instances. `Ref.id` is its instance_pool_id."""

    kind = "databricks_instance_pool"
    name_rule = CATALOGUE.rule(kind)
    default_pattern = CATALOGUE.pattern(kind)
    variables = CATALOGUE.variables(kind)
    schema = SCHEMA
    parts = (Part("settings", (*_EDITED, "tags"), at_birth=True),)
    immutable = frozenset(SCHEMA["properties"]) - {*_EDITED, "tags"}  # instance-pools/edit takes no other field
    unordered = frozenset({"preloaded_spark_versions"})
    rename_how = "in_place"
    undelete = "lossy"  # the id that clusters name, and the permissions, are another pool's then
    marker = "tags"
    settle = 20  # instance-pools/list shows a new pool at once; the margin is for a request that was slow to land
    lists = "full"
    session: DatabricksSession

    def create(self, want: Want) -> Ref:
        from databricks.sdk.service.compute import InstancePoolAndStats

        own = {key: value for key, value in want.spec.items() if key != "tags"}
        asked = InstancePoolAndStats.from_dict({**own, "instance_pool_name": want.name, "custom_tags": want.tags})
        made = self._api(once=True).create(**present(vars(asked)))
        return Ref(self.kind, want.name, made.instance_pool_id)

    def put(self, ref: Ref, part: str, want: Want, seen: Observed) -> None:
        self._edit(ref, want.spec, want.tags, seen)

    def read(self, ref: Ref) -> Observed | None:
        if ref.id is None:
            return next((seen for seen in self.list(None) if seen.ref.name == ref.name), None)
        raw = unless_gone(self._api().get, ref.id)
        return self._observe(raw) if raw and _is_there(raw) else None

    def list(self, scope: Ref | None) -> Iterator[Observed]:
        yield from (self._observe(raw) for raw in self._api().list() if _is_there(raw))

    def delete(self, ref: Ref, seen: Observed) -> None:
        unless_gone(self._api().delete, handle(ref))

    def mark(self, ref: Ref, marker: Marker | None, seen: Observed) -> None:
        self._edit(ref, seen.spec, tags_with(seen, marker), seen)

    def rename(self, ref: Ref, name: str) -> Ref:
        raw = self._api().get(handle(ref))  # there is no call for the name alone: the whole is sent again as it is
        seen, new = self._observe(raw), Ref(self.kind, name, ref.id)
        self._edit(new, seen.spec, raw.custom_tags or {}, seen, once=True)
        return new

    def _api(self, *, once: bool = False) -> InstancePoolsAPI:
        from databricks.sdk.service.compute import InstancePoolsAPI

        return self.session.api(InstancePoolsAPI, once=once)

    def _edit(
        self, ref: Ref, spec: Mapping[str, Any], tags: Mapping[str, str], seen: Observed, *, once: bool = False
    ) -> None:
        given = {key: spec[key] for key in _EDITED if key in spec}
        type_ = seen.spec["node_type_id"]  # required in the request, though it never changes
        self._api(once=once).edit(handle(ref), ref.name, type_, custom_tags=dict(tags), **given, **seen.extra)

    def _observe(self, raw: Raw) -> Observed:
        given = raw.as_dict()
        tags = raw.custom_tags or {}
        known = {key: value for key, value in given.items() if key in SCHEMA["properties"]}
        spec = filled({"enable_elastic_disk": False, **known, "tags": user_tags(tags)}, SCHEMA)
        others = ("remote_disk_throughput", "total_initial_remote_disk_size")  # an edit takes them, and no other field
        extra = {key: given[key] for key in others if key in given}
        ref = Ref(self.kind, raw.instance_pool_name or "", raw.instance_pool_id)
        status = raw.state.value.lower() if raw.state else "ok"
        return Observed(ref, spec, Marker.from_tags(tags), status=status, extra=extra)


def _is_there(raw: Raw) -> bool:
    return raw.state is None or raw.state.value != "DELETED"
