"""The kind `databricks_pipeline`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from dpn import Inside, Kind, Marker, Observed, Part, Ref, Want, user_tags
from dpn_databricks.client import DatabricksSession
from dpn_databricks.fields import beyond, filled
from dpn_databricks.job_settings import principal
from dpn_databricks.names import CATALOGUE
from dpn_databricks.pipeline_schema import CLUSTER, FIELDS, SCHEMA
from dpn_databricks.plain import handle, present, unless_gone
from dpn_databricks.tagging import tags_with

if TYPE_CHECKING:
    from databricks.sdk.service.pipelines import GetPipelineResponse, PipelinesAPI

_FIXED = ("catalog", "storage")
_IDS = {"instance_pool": "instance_pool_id", "driver_instance_pool": "driver_instance_pool_id", "policy": "policy_id"}
_THEIRS = {theirs: ours for ours, theirs in _IDS.items()}
_NOT_SENT = ("id", "name")  # the id is in the path; the name follows the Ref


class Pipeline(Kind):
    """A declarative pipeline (Delta Live Tables). `Ref.id` is its pipeline_id.

    Names are unique because dpn never asks the service to let one stand twice. There is no archive: a pipeline that is
    merely stopped would be started again by the next job or person.
    """

    kind = "databricks_pipeline"
    name_rule = CATALOGUE.rule(kind)
    default_pattern = CATALOGUE.pattern(kind)
    variables = CATALOGUE.variables(kind)
    schema = SCHEMA
    parts = (
        Part("settings", tuple(name for name in FIELDS if name not in ("run_as", *_FIXED)), at_birth=True),
        # Of its own, so that a write of the settings never changes whose rights the updates have.
        Part("run_as", ("run_as",), at_birth=True),
    )
    immutable = frozenset(_FIXED)
    data_bearing = True  # deleting a pipeline of Unity Catalog deletes its tables
    rename_how = "in_place"
    undelete = "lossy"  # a new pipeline has a new id, no checkpoints and empty tables
    marker = "tags"
    slow_delete = True  # its updates are stopped first
    settle = 30  # the service says nothing of it: the list showed new pipelines at once when it was tried
    lists = "names"
    session: DatabricksSession

    def create(self, want: Want) -> Ref:
        spec = {**want.spec, "tags": want.tags}
        made = self._api(once=True).create(**_arguments(want.name, spec, {}, want.spec.get("run_as")))
        return Ref(self.kind, want.name, made.pipeline_id)

    def put(self, ref: Ref, part: str, want: Want, seen: Observed) -> None:
        fixed = {key: seen.spec[key] for key in _FIXED if key in seen.spec}
        if part == "run_as":
            said = {**seen.spec, **fixed, "tags": tags_with(seen, want.marker)}
            self._update(ref, said, seen, want.spec.get("run_as") or self._creator(seen))
        else:
            self._update(ref, {**want.spec, **fixed, "tags": want.tags}, seen, seen.spec.get("run_as"))

    def read(self, ref: Ref) -> Observed | None:
        pipeline_id = ref.id or self._id_of(ref.name)
        found = unless_gone(self._api().get, pipeline_id) if pipeline_id else None
        return self._observe(found) if found else None

    def list(self, scope: Ref | None) -> Iterator[Observed]:
        for state in self._api().list_pipelines(max_results=100):
            yield Observed(Ref(self.kind, state.name or "", state.pipeline_id), {})

    def delete(self, ref: Ref, seen: Observed) -> None:
        unless_gone(self._api().delete, handle(ref))

    def mark(self, ref: Ref, marker: Marker | None, seen: Observed) -> None:
        self._update(ref, {**seen.spec, "tags": tags_with(seen, marker)}, seen, seen.spec.get("run_as"))

    def rename(self, ref: Ref, name: str) -> Ref:
        seen = self._observe(self._api().get(handle(ref)))
        new = replace(ref, name=name)
        self._update(new, {**seen.spec, "tags": tags_with(seen, seen.marker)}, seen, seen.spec.get("run_as"))
        return new

    def contents(self, ref: Ref) -> Sequence[Inside]:
        """Give tables that the pipeline made in the schema that it publishes to; those elsewhere it does not show."""
        from databricks.sdk.service.catalog import TablesAPI

        seen = self.read(ref)
        catalog, schema = (seen.spec.get("catalog"), seen.spec.get("schema")) if seen else (None, None)
        if not (catalog and schema):
            return []
        pages = self.session.api(TablesAPI).list(catalog, schema, max_results=0, omit_columns=True)
        tables = unless_gone(lambda: [table for table in pages if table.pipeline_id == ref.id]) or []
        return [Inside("databricks_table", table.full_name or "", goes_with_it=True) for table in islice(tables, 5)]

    def _api(self, *, once: bool = False) -> PipelinesAPI:
        from databricks.sdk.service.pipelines import PipelinesAPI

        return self.session.api(PipelinesAPI, once=once)

    def _id_of(self, name: str) -> str | None:
        # LIKE is only asked to narrow the list: how it escapes is documented nowhere.
        query = None if {"'", "\\"} & set(name) else f"name LIKE '{name}'"
        states = self._api().list_pipelines(filter=query, max_results=100)
        return next((state.pipeline_id for state in states if state.name == name), None)

    def _update(
        self,
        ref: Ref,
        spec: Mapping[str, Any],
        seen: Observed,
        runs_as: Mapping[str, str] | None,
    ) -> None:
        """Replace the settings, if nobody changed them since they were seen.

        Sent once: sent again after a lost reply, it would meet its own new version and pass for a conflict.
        """
        version = int(seen.version) if seen.version else None
        given = _arguments(ref.name, spec, seen.extra, runs_as)
        self._api(once=True).update(handle(ref), expected_last_modified=version, **given)

    def _creator(self, seen: Observed) -> dict[str, str]:
        """Give whom a pipeline runs as where nothing is said."""
        return principal(seen.extra.get("creator") or self.session.identity().caller)

    def _observe(self, found: GetPipelineResponse) -> Observed:
        raw = found.spec.as_dict() if found.spec else {}
        tags = raw.get("tags", {})
        runs_as = found.run_as.as_dict() if found.run_as else principal(found.run_as_user_name or "")
        clusters = raw.get("clusters", [])
        said = {key: value for key, value in raw.items() if key in FIELDS}
        spec = {**said, "tags": user_tags(tags), "run_as": runs_as, "clusters": [_cluster(one) for one in clusters]}
        kept = {one.get("label", "default"): beyond(one, {*CLUSTER["properties"], *_THEIRS}) for one in clusters}
        extra = {
            "settings": {**beyond(raw, {*FIELDS, *_NOT_SENT}), **present({"parameters": found.parameters})},
            "clusters": {label: rest for label, rest in kept.items() if rest},
            "creator": found.creator_user_name,
        }
        version = str(found.last_modified) if found.last_modified is not None else None
        ref = Ref(self.kind, found.name or "", found.pipeline_id)
        return Observed(ref, present(filled(spec, SCHEMA)), Marker.from_tags(tags), version, extra=present(extra))


def _cluster(raw: Mapping[str, Any]) -> dict[str, Any]:
    named = {_THEIRS.get(key, key): value for key, value in raw.items()}
    return {key: value for key, value in named.items() if key in CLUSTER["properties"]}


def _arguments(
    name: str, spec: Mapping[str, Any], extra: Mapping[str, Any], runs_as: Mapping[str, str] | None
) -> dict[str, Any]:
    """Give the arguments of a create or an update; what the service takes anyway is left out.

    Serverless pipelines refuse to be told of Photon or an edition, even what they have.
    """
    from databricks.sdk.service.pipelines import PipelineSpec, RunAs

    kept = extra.get("clusters", {})
    said = {key: value for key, value in spec.items() if key != "run_as" and value != FIELDS[key].get("default")}
    if "clusters" in said:
        said["clusters"] = [_cluster_to_api(one, kept.get(one.get("label", "default"), {})) for one in said["clusters"]]
    others = extra.get("settings", {})
    body = {**beyond(others, {"parameters"}), **said, "name": name}
    given = present(vars(PipelineSpec.from_dict(body)))
    who = {"run_as": RunAs.from_dict(dict(runs_as))} if runs_as else {}
    return {**given, **present({"parameters": others.get("parameters")}), **who}


def _cluster_to_api(spec: Mapping[str, Any], kept: Mapping[str, Any]) -> dict[str, Any]:
    return {**kept, **{_IDS.get(key, key): value for key, value in spec.items()}}
