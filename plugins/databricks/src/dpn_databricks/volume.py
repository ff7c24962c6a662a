"""The kind `databricks_volume`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from dpn import Inside, Marker, Observed, Part, Ref, Want
from dpn_databricks.names import CATALOGUE
from dpn_databricks.plain import full_name, present, same, unless_gone
from dpn_databricks.schema import Schema, stored
from dpn_databricks.securable import COMMENT, OWNER, Securable, parents

if TYPE_CHECKING:
    from databricks.sdk.service.catalog import VolumeInfo, VolumesAPI


class Volume(Securable):
    """A volume for files. `Ref.id` is its volume_id; the marker stands behind the comment."""

    kind = "databricks_volume"
    name_rule = CATALOGUE.rule(kind)
    default_pattern = CATALOGUE.pattern(kind)
    variables = CATALOGUE.variables(kind)
    schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "required": ["schema"],
        "properties": {
            **stored("volume"),
            "comment": {**COMMENT, "maxLength": 900},
            "owner": OWNER,
        },
    }
    parts = (
        Part("definition", ("comment",), at_birth=True),
        Part("owner", ("owner",)),  # last: a new owner may lock the caller out
    )
    immutable = frozenset({"volume_type", "storage_location"})
    parent = "schema"
    rename_how = "in_place"
    data_bearing = True
    undelete = "lossy"  # the files of a managed volume are gone with it; the API cannot bring them back
    marker = "comment"
    settle = 20  # a volume shows at once; the margin is for a request that was slow to land
    lists = "full"

    def create(self, want: Want) -> Ref:
        from databricks.sdk.service.catalog import VolumeType

        catalog, schema = parents(want.parent, self.kind, 2)
        made = self._api(once=True).create(
            catalog,
            schema,
            want.name,
            VolumeType(want.spec.get("volume_type", "MANAGED")),
            comment=_comment(want.spec, want.marker),
            storage_location=want.spec.get("storage_location"),
        )
        return self._ref(made, want.parent)

    def put(self, ref: Ref, part: str, want: Want, seen: Observed) -> None:
        if part == "definition":
            self._api().update(full_name(ref), comment=_comment(want.spec, want.marker))
        elif want.spec.get("owner"):
            self._api().update(full_name(ref), owner=want.spec["owner"])

    def read(self, ref: Ref) -> Observed | None:
        parents(ref.parent, self.kind, 2)
        raw = unless_gone(self._api().read, full_name(ref))
        return self._observe(raw, ref.parent) if raw and same(ref, raw.volume_id) else None

    def list(self, scope: Ref | None) -> Iterator[Observed]:
        for schema in [scope] if scope else [seen.ref for seen in Schema(self.session).list(None)]:
            where = parents(schema, self.kind, 2)
            for raw in unless_gone(lambda names: [*self._api().list(*names, max_results=0)], where) or ():
                yield self._observe(raw, schema)

    def delete(self, ref: Ref, seen: Observed) -> None:
        unless_gone(self._api().delete, full_name(ref))

    def mark(self, ref: Ref, marker: Marker | None, seen: Observed) -> None:
        self._api().update(full_name(ref), comment=_comment(seen.spec, marker))

    def rename(self, ref: Ref, name: str) -> Ref:
        return self._ref(self._api(once=True).update(full_name(ref), new_name=name), ref.parent)

    def contents(self, ref: Ref) -> Sequence[Inside]:
        return list(self.grants(ref))

    def _ref(self, raw: VolumeInfo, schema: Ref | None) -> Ref:
        return Ref(self.kind, str(raw.name), raw.volume_id, schema)

    def _observe(self, raw: VolumeInfo, schema: Ref | None) -> Observed:
        marker, comment = Marker.from_comment(raw.comment or "")
        kind = raw.volume_type.value if raw.volume_type else "MANAGED"
        spec = {
            "volume_type": kind,
            "storage_location": raw.storage_location if kind == "EXTERNAL" else None,
            "comment": comment,
            "owner": raw.owner,
        }
        return Observed(self._ref(raw, schema), present(spec), marker)

    def _api(self, *, once: bool = False) -> VolumesAPI:
        from databricks.sdk.service.catalog import VolumesAPI

        return self.session.api(VolumesAPI, once=once)


def _comment(spec: Mapping[str, Any], marker: Marker | None) -> str:
    text = str(spec.get("comment", ""))
    return marker.comment(text) if marker else text
