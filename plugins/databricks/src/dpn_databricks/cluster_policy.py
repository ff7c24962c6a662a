"""The kind `databricks_cluster_policy`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from dpn import Kind, Marker, Observed, Part, Ref, Want
from dpn_databricks.client import DatabricksSession
from dpn_databricks.cluster_policy_schema import SCHEMA
from dpn_databricks.names import CATALOGUE
from dpn_databricks.plain import handle, present, unless_gone

if TYPE_CHECKING:
    from databricks.sdk.service.compute import ClusterPoliciesAPI, Policy

_RULES = ("definition", "policy_family_definition_overrides")
_FAMILY = "policy_family_id"


class ClusterPolicy(Kind):
    """A cluster policy. `Ref.id` is its policy_id; the marker stands behind the description."""

    kind = "databricks_cluster_policy"
    name_rule = CATALOGUE.rule(kind)
    default_pattern = CATALOGUE.pattern(kind)
    variables = CATALOGUE.variables(kind)
    schema = SCHEMA
    parts = (Part("settings", tuple(name for name in SCHEMA["properties"] if name != _FAMILY), at_birth=True),)
    immutable = frozenset({_FAMILY})  # policies/clusters/edit takes the family only as it is
    unordered = frozenset({"libraries"})
    rename_how = "in_place"
    undelete = "lossy"  # the id that clusters name, and the permissions, are another policy's then
    marker = "comment"
    settle = 20  # policies/clusters/list shows a new policy at once; the margin is for a request that was slow to land
    lists = "full"
    session: DatabricksSession

    def create(self, want: Want) -> Ref:
        made = self._api(once=True).create(**_request(want.name, want.spec, want.marker))
        return Ref(self.kind, want.name, made.policy_id)

    def put(self, ref: Ref, part: str, want: Want, seen: Observed) -> None:
        self._api().edit(handle(ref), **_request(ref.name, want.spec, want.marker))

    def read(self, ref: Ref) -> Observed | None:
        if ref.id is None:
            return next((seen for seen in self.list(None) if seen.ref.name == ref.name), None)
        raw = unless_gone(self._api().get, ref.id)
        return self._observe(raw) if raw else None

    def list(self, scope: Ref | None) -> Iterator[Observed]:
        yield from (self._observe(raw) for raw in self._api().list())

    def delete(self, ref: Ref, seen: Observed) -> None:
        unless_gone(self._api().delete, handle(ref))

    def mark(self, ref: Ref, marker: Marker | None, seen: Observed) -> None:
        self._api().edit(handle(ref), **_request(ref.name, seen.spec, marker))

    def rename(self, ref: Ref, name: str) -> Ref:
        seen = self._observe(self._api().get(handle(ref)))  # there is no call for the name alone
        self._api(once=True).edit(handle(ref), **_request(name, seen.spec, seen.marker))
        return Ref(self.kind, name, ref.id)

    def _api(self, *, once: bool = False) -> ClusterPoliciesAPI:
        from databricks.sdk.service.compute import ClusterPoliciesAPI

        return self.session.api(ClusterPoliciesAPI, once=once)

    def _observe(self, raw: Policy) -> Observed:
        marker, description = Marker.from_comment(raw.description or "")
        given = {key: value for key, value in raw.as_dict().items() if key in SCHEMA["properties"]}
        given |= {key: json.loads(given[key]) for key in _RULES if given.get(key)}
        if given.get(_FAMILY):
            given.pop("definition", None)  # what comes of family and overrides: a request that says it is refused
        spec = present({**given, "description": description})
        return Observed(Ref(self.kind, raw.name or "", raw.policy_id), spec, marker)


def _request(name: str, spec: Mapping[str, Any], marker: Marker | None) -> Any:
    """Give the arguments of create and edit; rules are JSON as text, in an order of its own so that none differs."""
    from databricks.sdk.service.compute import Library

    rules = {key: json.dumps(spec[key], sort_keys=True) for key in _RULES if spec.get(key)}
    description = spec.get("description", "")
    return present(
        {
            **spec,
            **rules,
            "name": name,
            "description": marker.comment(description) if marker else description,
            "libraries": [Library.from_dict(library) for library in spec.get("libraries", [])],
        }
    )
