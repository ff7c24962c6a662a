"""The kind `databricks_schema`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from dpn import Inside, Marker, Observed, Part, Ref, Want
from dpn_databricks import properties
from dpn_databricks.catalog import Catalog
from dpn_databricks.names import CATALOGUE
from dpn_databricks.plain import full_name, present, same, unless_gone
from dpn_databricks.securable import COMMENT, OWNER, Securable, location, parents

if TYPE_CHECKING:
    from databricks.sdk.service.catalog import SchemaInfo, SchemasAPI


class Schema(Securable):
    """A schema of Unity Catalog. `Ref.id` is its schema_id, which stays when it is renamed."""

    kind = "databricks_schema"
    name_rule = CATALOGUE.rule(kind)
    default_pattern = CATALOGUE.pattern(kind)
    variables = CATALOGUE.variables(kind)
    schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "required": ["catalog"],
        "properties": {
            "catalog": {
                "type": "string",
                "x-dpn-ref": {"kinds": [Catalog.kind], "use": "name"},
                "description": "The catalog that it stands in, as ${databricks_catalog.ID}.",
            },
            "comment": COMMENT,
            "properties": properties.SCHEMA,
            "storage_root": location(
                "Where its managed data lies, without a slash at the end; else in the catalog's root."
            ),
            "owner": OWNER,
        },
    }
    parts = (
        Part("definition", ("comment", "properties"), at_birth=True),
        Part("owner", ("owner",)),  # last: a new owner may lock the caller out
    )
    immutable = frozenset({"storage_root"})
    parent = "catalog"
    rename_how = "in_place"
    data_bearing = True
    undelete = "lossy"  # tags and grants of others are not in the schema, and it gets another id
    marker = "properties"
    settle = 20  # a schema shows at once; the margin is for a request that was slow to land
    lists = "full"

    def create(self, want: Want) -> Ref:
        (catalog,) = parents(want.parent, self.kind, 1)
        made = self._api(once=True).create(
            want.name,
            catalog,
            comment=want.spec.get("comment"),
            storage_root=want.spec.get("storage_root"),
            properties=properties.write(want.spec.get("properties", {}), {}, want.marker),
        )
        return self._ref(made, want.parent)

    def put(self, ref: Ref, part: str, want: Want, seen: Observed) -> None:
        spec, name = want.spec, full_name(ref)
        if part == "definition":
            given = properties.write(spec.get("properties", {}), seen.extra, want.marker)
            self._api().update(name, comment=spec.get("comment", ""), properties=given)
        elif spec.get("owner"):
            self._api().update(name, owner=spec["owner"])

    def read(self, ref: Ref) -> Observed | None:
        parents(ref.parent, self.kind, 1)
        raw = unless_gone(self._api().get, full_name(ref))
        return self._observe(raw, ref.parent) if raw and same(ref, raw.schema_id) else None

    def list(self, scope: Ref | None) -> Iterator[Observed]:
        for catalog in [scope] if scope else [seen.ref for seen in Catalog(self.session).list(None)]:
            for raw in unless_gone(lambda name: [*self._api().list(name, max_results=0)], catalog.name) or ():
                yield self._observe(raw, catalog)

    def delete(self, ref: Ref, seen: Observed) -> None:
        unless_gone(self._api().delete, full_name(ref))

    def mark(self, ref: Ref, marker: Marker | None, seen: Observed) -> None:
        given = properties.mark(seen.spec.get("properties", {}), seen.extra, marker)
        self._api().update(full_name(ref), properties=given)

    def rename(self, ref: Ref, name: str) -> Ref:
        return self._ref(self._api(once=True).update(full_name(ref), new_name=name), ref.parent)

    def contents(self, ref: Ref) -> Sequence[Inside]:
        where = (*parents(ref.parent, self.kind, 1), ref.name)
        inside = unless_gone(lambda: [*self.inside(*where)]) or []
        return [*inside, *self.grants(ref)]

    def _ref(self, raw: SchemaInfo, catalog: Ref | None) -> Ref:
        return Ref(self.kind, str(raw.name), raw.schema_id, catalog)

    def _observe(self, raw: SchemaInfo, catalog: Ref | None) -> Observed:
        ours, extra = properties.read(raw.properties)
        spec = {
            "comment": raw.comment,
            "properties": ours,
            "storage_root": raw.storage_root,
            "owner": raw.owner,
        }
        ref = self._ref(raw, catalog)
        return Observed(ref, present(spec), Marker.from_tags(raw.properties or {}), extra=extra)

    def _api(self, *, once: bool = False) -> SchemasAPI:
        from databricks.sdk.service.catalog import SchemasAPI

        return self.session.api(SchemasAPI, once=once)


def stored(what: str) -> dict[str, Any]:
    """Give the fields that say where a `table` or a `volume` stands, and where its files lie."""
    return {
        "schema": {
            "type": "string",
            "x-dpn-ref": {"kinds": [Schema.kind], "use": "name"},
            "description": "The schema that it stands in, as ${databricks_schema.ID}.",
        },
        f"{what}_type": {
            "enum": ["MANAGED", "EXTERNAL"],
            "default": "MANAGED",
            "description": "Whether its files lie where Unity Catalog puts them, or at storage_location.",
        },
        "storage_location": location(f"Where the files of an external {what} lie, without a slash at the end."),
    }
