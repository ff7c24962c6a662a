"""The kind `databricks_cluster`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dpn import Broken, Kind, Marker, Observed, Part, Ready, Ref, Wait, Want, user_tags
from dpn_databricks import cluster_fields, cluster_life
from dpn_databricks.client import DatabricksSession
from dpn_databricks.cluster_schema import SCHEMA
from dpn_databricks.names import CATALOGUE
from dpn_databricks.plain import handle, present, unless_gone
from dpn_databricks.tagging import tags_with

if TYPE_CHECKING:
    from databricks.sdk.service.compute import ClusterDetails, ClustersAPI, ClusterSpec

_PAGE = 100  # the most that a page may have


class Cluster(Kind):
    """An all-purpose cluster. `Ref.id` is its cluster_id, which alone tells it from others of its name."""

    kind = "databricks_cluster"
    name_rule = CATALOGUE.rule(kind)
    default_pattern = CATALOGUE.pattern(kind)
    variables = CATALOGUE.variables(kind)
    schema = SCHEMA
    parts = (Part("settings", tuple(SCHEMA["properties"]), at_birth=True, settles=True),)
    rename_how = "in_place"
    undelete = "lossy"  # id, permissions, installed libraries and the log of events are another cluster's then
    marker = "tags"
    mark_disrupts = True  # tags are set by an edit, which restarts a running cluster
    settle = 30  # clusters/list shows a new cluster at once; the margin is for a request that was slow to land
    deadline = 1200
    lists = "names"  # clusters/list leaves out what was asked for, and shows only what came of it
    session: DatabricksSession

    def create(self, want: Want) -> Ref:
        body = self._asked(want.name, want.spec, want.tags, {}).as_dict()
        # The API takes the token, which the SDK's method does not have: a request that arrives twice makes one cluster.
        token = present({"idempotency_token": want.marker.op if want.marker else None})
        made: Any = self.session.client(once=True).do("POST", "/api/2.1/clusters/create", body={**body, **token})
        return Ref(self.kind, want.name, made["cluster_id"])

    def put(self, ref: Ref, part: str, want: Want, seen: Observed) -> None:
        # A type that dpn chose at birth is in no blueprint: the cluster keeps it.
        kept = present({"node_type_id": seen.spec.get("node_type_id")})
        spec = want.spec if cluster_fields.has_node_type(want.spec) else {**kept, **want.spec}
        self._edit(self._api(), ref, self._asked(ref.name, spec, want.tags, seen.extra))

    def read(self, ref: Ref) -> Observed | None:
        raw = unless_gone(self._api().get, ref.id) if ref.id else None  # a name alone tells nothing
        return self._observe(raw) if raw else None

    def find(self, want: Want) -> Sequence[Observed]:
        found = [self.read(listed.ref) for listed in self.list(None) if listed.ref.name == want.name]
        return [seen for seen in found if seen]

    def list(self, scope: Ref | None) -> Iterator[Observed]:
        from databricks.sdk.service.compute import ClusterSource, ListClustersFilterBy

        # Without the clusters that jobs and pipelines made for their runs, which may be thousands.
        made = ListClustersFilterBy(cluster_sources=[ClusterSource.API, ClusterSource.UI])
        for raw in self._api().list(filter_by=made, page_size=_PAGE):
            yield Observed(self._ref(raw), {}, Marker.from_tags(raw.custom_tags or {}))

    def ready(self, ref: Ref) -> Ready | Wait | Broken:
        raw = unless_gone(self._api().get, ref.id)
        return cluster_life.readiness(raw, self._last_event(ref) if raw and cluster_life.is_failed(raw) else "")

    def delete(self, ref: Ref, seen: Observed) -> None:
        from databricks.sdk.errors import BadRequest, NotFound

        if self._is_pinned(ref):
            self._api().unpin(handle(ref))  # else the delete is refused
        try:
            self._api().permanent_delete(handle(ref))
        except (BadRequest, NotFound):  # so the API says also of a cluster that is not there
            if self.read(ref):
                raise

    def mark(self, ref: Ref, marker: Marker | None, seen: Observed) -> None:
        self._edit(self._api(), ref, self._asked(ref.name, seen.spec, tags_with(seen, marker), seen.extra))

    def rename(self, ref: Ref, name: str) -> Ref:
        from databricks.sdk.service.compute import ClusterSpec

        # There is no call for the name alone: the whole is sent again as it is.
        asked = {**cluster_fields.settings(self._api().get(handle(ref))), "cluster_name": name}
        self._edit(self._api(once=True), ref, ClusterSpec.from_dict(asked))
        return Ref(self.kind, name, ref.id)

    def archive(self, ref: Ref) -> None:
        # Pinned first: only an admin may, and a refusal then leaves the cluster running.
        self._api().pin(handle(ref))
        self._api().delete(handle(ref))

    def restore(self, ref: Ref) -> None:
        raw = self._api().get(handle(ref))
        if cluster_life.is_down(raw):  # else it was started by the call that is being repeated
            self._api().start(handle(ref))
        self._api().unpin(handle(ref))

    def _api(self, *, once: bool = False) -> ClustersAPI:
        from databricks.sdk.service.compute import ClustersAPI

        return self.session.api(ClustersAPI, once=once)

    def _asked(
        self, name: str, spec: Mapping[str, Any], tags: Mapping[str, str], extra: Mapping[str, Any]
    ) -> ClusterSpec:
        from databricks.sdk.service.compute import ClusterSpec

        given = {**extra, **cluster_fields.to_api(spec), "cluster_name": name, "custom_tags": dict(tags)}
        return ClusterSpec.from_dict(cluster_fields.with_node_type(self.session, given))

    @staticmethod
    def _edit(api: ClustersAPI, ref: Ref, asked: ClusterSpec) -> None:
        api.edit(handle(ref), **present(vars(asked)))  # a full replacement: what is left out goes

    def _observe(self, raw: ClusterDetails) -> Observed:
        asked = cluster_fields.settings(raw)
        tags = asked.get("custom_tags", {})
        spec = present({**cluster_fields.from_api(asked), "tags": user_tags(tags)})
        status = cluster_life.status(raw)
        if cluster_life.is_down(raw) and self._is_pinned(self._ref(raw)):
            status = "archived"
        return Observed(self._ref(raw), spec, Marker.from_tags(tags), status=status, extra=cluster_fields.others(asked))

    def _ref(self, raw: ClusterDetails) -> Ref:
        return Ref(self.kind, raw.cluster_name or "", raw.cluster_id)

    def _is_pinned(self, ref: Ref) -> bool:
        """Look into the list of pinned clusters, of which there are at most 100: no other reply tells."""
        from databricks.sdk.service.compute import ListClustersFilterBy

        pinned = self._api().list(filter_by=ListClustersFilterBy(is_pinned=True), page_size=_PAGE)
        return any(raw.cluster_id == ref.id for raw in pinned)

    def _last_event(self, ref: Ref) -> str:
        from databricks.sdk.service.compute import EventType

        kinds = [EventType(name) for name in cluster_life.TURNS]  # newest first, which is the default
        return next(
            (event.type.value for event in self._api().events(handle(ref), event_types=kinds) if event.type), ""
        )
