"""The kind `databricks_catalog`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from dpn import Inside, Marker, Observed, Part, Ref, Want
from dpn_databricks import properties
from dpn_databricks.names import CATALOGUE
from dpn_databricks.plain import present, same, unless_gone
from dpn_databricks.securable import COMMENT, OWNER, Securable, location

if TYPE_CHECKING:
    from databricks.sdk.service.catalog import CatalogInfo, CatalogsAPI, SchemasAPI

_OWN = "information_schema"  # is in every catalog and goes with it


class Catalog(Securable):
    """A catalog of Unity Catalog. `Ref.id` is the moment of its creation in ms: the API gives it no other identity."""

    kind = "databricks_catalog"
    name_rule = CATALOGUE.rule(kind)
    default_pattern = CATALOGUE.pattern(kind)
    variables = CATALOGUE.variables(kind)
    schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "comment": COMMENT,
            "properties": properties.SCHEMA,
            "storage_root": location(
                "Where managed data lies, without a slash at the end; else in the metastore's root."
            ),
            "isolation_mode": {
                "enum": ["OPEN", "ISOLATED"],
                "default": "OPEN",
                "description": "Whether all workspaces of the metastore see it, or those it is bound to.",
            },
            "owner": OWNER,
        },
    }
    parts = (
        Part("definition", ("comment", "properties"), at_birth=True),
        Part("isolation", ("isolation_mode",)),
        Part("owner", ("owner",)),  # last: a new owner may lock the caller out
    )
    immutable = frozenset({"storage_root"})
    rename_how = "in_place"
    data_bearing = True
    undelete = "lossy"  # bindings, tags and grants of others are not in the schema
    marker = "properties"
    settle = 20  # a catalog shows at once; the margin is for a request that was slow to land
    lists = "names"

    def create(self, want: Want) -> Ref:
        spec = want.spec
        made = self._api(once=True).create(
            want.name,
            comment=spec.get("comment"),
            storage_root=spec.get("storage_root"),
            properties=properties.write(spec.get("properties", {}), {}, want.marker),
        )
        return self._ref(made)

    def put(self, ref: Ref, part: str, want: Want, seen: Observed) -> None:
        from databricks.sdk.service.catalog import CatalogIsolationMode

        spec, api = want.spec, self._api()
        if part == "definition":
            given = properties.write(spec.get("properties", {}), seen.extra, want.marker)
            api.update(ref.name, comment=spec.get("comment", ""), properties=given)
        elif part == "isolation" and seen.spec.get("isolation_mode") != spec["isolation_mode"]:
            # A new catalog is open: the API refuses an update that changes nothing.
            api.update(ref.name, isolation_mode=CatalogIsolationMode(spec["isolation_mode"]))
        elif part == "owner" and spec.get("owner"):
            api.update(ref.name, owner=spec["owner"])

    def read(self, ref: Ref) -> Observed | None:
        raw = unless_gone(self._api().get, ref.name)
        return self._observe(raw) if raw and same(ref, str(raw.created_at)) else None

    def list(self, scope: Ref | None) -> Iterator[Observed]:
        for raw in self._api().list(max_results=0):
            yield Observed(self._ref(raw), {})

    def delete(self, ref: Ref, seen: Observed) -> None:
        """Delete the schema `default` first, which the service itself made, then the catalog: never by force."""
        unless_gone(self._schemas().delete, f"{ref.name}.default")
        unless_gone(self._api().delete, ref.name)

    def mark(self, ref: Ref, marker: Marker | None, seen: Observed) -> None:
        self._api().update(ref.name, properties=properties.mark(seen.spec.get("properties", {}), seen.extra, marker))

    def rename(self, ref: Ref, name: str) -> Ref:
        return self._ref(self._api(once=True).update(ref.name, new_name=name))

    def contents(self, ref: Ref) -> Sequence[Inside]:
        return [*self._schemas_of(ref.name), *self.grants(ref)]

    def _schemas_of(self, catalog: str) -> Iterator[Inside]:
        for schema in unless_gone(lambda: [*self._schemas().list(catalog, max_results=0)]) or ():
            name = str(schema.name)
            if name == "default":
                yield from (replace(one, name=f"default.{one.name}") for one in self.inside(catalog, name))
            elif name != _OWN:
                yield Inside("databricks_schema", name)

    def _ref(self, raw: CatalogInfo) -> Ref:
        return Ref(self.kind, str(raw.name), str(raw.created_at))

    def _observe(self, raw: CatalogInfo) -> Observed:
        ours, extra = properties.read(raw.properties)
        spec = {
            "comment": raw.comment,
            "properties": ours,
            "storage_root": raw.storage_root,
            "isolation_mode": raw.isolation_mode.value if raw.isolation_mode else "OPEN",
            "owner": raw.owner,
        }
        return Observed(self._ref(raw), present(spec), Marker.from_tags(raw.properties or {}), extra=extra)

    def _api(self, *, once: bool = False) -> CatalogsAPI:
        from databricks.sdk.service.catalog import CatalogsAPI

        return self.session.api(CatalogsAPI, once=once)

    def _schemas(self) -> SchemasAPI:
        from databricks.sdk.service.catalog import SchemasAPI

        return self.session.api(SchemasAPI)
