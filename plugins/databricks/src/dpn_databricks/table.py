"""The kind `databricks_table`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dpn import Inside, Marker, Noted, Observed, Part, Ref, Want
from dpn_databricks import properties, sql
from dpn_databricks.delta_types import shown
from dpn_databricks.errors import PartlyAppliedError, StatementFailedError, StatementPendingError
from dpn_databricks.names import CATALOGUE
from dpn_databricks.plain import full_name, present, same, unless_gone
from dpn_databricks.schema import Schema
from dpn_databricks.securable import Securable, parents
from dpn_databricks.table_changes import alterations, definition, is_mapped
from dpn_databricks.table_schema import SCHEMA

if TYPE_CHECKING:
    from databricks.sdk.service.catalog import ColumnInfo, TableInfo, TablesAPI

_TABLES = ("MANAGED", "EXTERNAL")  # what else the list shows are views and the like
_CLUSTERING = "clusteringColumns"  # the property in which Unity Catalog shows them, as [["a"],["b"]]
_NOT_THERE = ("NOT_FOUND", "DOES_NOT_EXIST")


class Table(Securable):
    """A Delta table, managed or external. `Ref.id` is its table_id, which stays when it is renamed.

    It is made and altered by SQL: the REST API registers external tables only, without comment and partitions.
    """

    kind = "databricks_table"
    name_rule = CATALOGUE.rule(kind)
    default_pattern = CATALOGUE.pattern(kind)
    variables = CATALOGUE.variables(kind)
    schema = SCHEMA
    parts = (
        Part("columns", ("columns",), at_birth=True, reversible="lossy"),  # a dropped column comes back empty
        Part("clustering", ("cluster_by",), at_birth=True),
        Part("comment", ("comment",), at_birth=True),
        Part("properties", ("properties",), at_birth=True),
        Part("owner", ("owner",)),  # last: a new owner may lock the caller out
    )
    immutable = frozenset({"table_type", "storage_location", "partition_by"})
    parent = "schema"
    rename_how = "in_place"
    data_bearing = True
    undelete = "lossy"  # UNDROP brings back all but constraints, for seven days; what is made again is empty
    marker = "properties"
    settle = 600  # a statement that was still pending when we stopped waiting may take a warehouse's whole start
    lists = "full"

    def create(self, want: Want) -> Ref:
        parents(want.parent, self.kind, 2)
        ref = Ref(self.kind, want.name, parent=want.parent)
        sql.run(self.session, _create_table(ref, want))
        try:
            seen = self.read(ref)
        except Exception as error:  # whatever it is: the table is there, so a create must not be taken for refused
            raise StatementPendingError(f"The table {full_name(ref)} was made, but not read: {error}") from error
        if seen is None:
            raise StatementPendingError(f"The table {full_name(ref)} was made and cannot be seen yet.")
        return seen.ref

    def put(self, ref: Ref, part: str, want: Want, seen: Observed) -> None:
        for number, statement in enumerate(self._statements(ref, part, want, seen)):
            try:
                sql.run(self.session, statement)
            except Exception as error:
                if number:  # whatever it is: a put that was refused would not be undone, and a part of it is there
                    raise PartlyAppliedError(str(error)) from error
                raise
        if part == "owner" and want.spec.get("owner"):
            self._api().update(full_name(ref), owner=want.spec["owner"])

    def _statements(self, ref: Ref, part: str, want: Want, seen: Observed) -> Iterator[str]:
        table, spec = sql.path(ref), want.spec
        if part == "columns":
            mapped = is_mapped(seen.spec) or is_mapped(seen.extra)
            there = seen.spec.get("columns", [])
            changes = [*alterations(table, spec.get("columns", []), there, mapped=mapped)]  # refused before anything
            staying = {column["name"] for column in spec.get("columns", [])}
            if set(seen.spec.get("cluster_by", ())) - staying:  # a column that is clustered by is not dropped
                yield f"ALTER TABLE {table} CLUSTER BY NONE"
            yield from changes
        elif part == "clustering":
            by = spec.get("cluster_by")
            yield f"ALTER TABLE {table} CLUSTER BY {sql.names(by) if by else 'NONE'}"
        elif part == "comment":
            yield f"COMMENT ON TABLE {table} IS {sql.literal(spec['comment']) if spec.get('comment') else 'NULL'}"
        elif part == "properties":
            # Taken off first: what is to be taken off stands in the note, which is written over next.
            yield from _unset(table, seen.extra.get("noted", ()), spec.get("properties", {}))
            changed = _changed(seen, properties.write(spec.get("properties", {}), {}, want.marker))
            yield from [f"ALTER TABLE {table} SET TBLPROPERTIES {sql.pairs(changed)}"] if changed else []

    def read(self, ref: Ref) -> Observed | None:
        parents(ref.parent, self.kind, 2)
        raw = unless_gone(self._api().get, full_name(ref))
        return self._observe(raw, ref.parent) if raw and same(ref, raw.table_id) else None

    def list(self, scope: Ref | None) -> Iterator[Observed]:
        for schema in [scope] if scope else [seen.ref for seen in Schema(self.session).list(None)]:
            catalog, name = parents(schema, self.kind, 2)
            for raw in unless_gone(lambda *at: [*self._api().list(*at, max_results=0)], catalog, name) or ():
                if raw.table_type and raw.table_type.value in _TABLES:
                    yield self._observe(raw, schema)

    def delete(self, ref: Ref, seen: Observed) -> None:
        unless_gone(self._api().delete, full_name(ref))

    def undrop(self, ref: Ref) -> Ref | None:
        if self.read(ref) is None:
            which = f"WITH ID {sql.literal(ref.id)}" if ref.id else sql.path(ref)
            try:
                sql.run(self.session, f"UNDROP TABLE {which}")
            except StatementFailedError as error:
                if error.code.endswith(_NOT_THERE):  # it was dropped longer ago than the service keeps it
                    return None
                raise
        back = self.read(ref)
        return back.ref if back else None

    def mark(self, ref: Ref, marker: Marker | None, seen: Observed) -> None:
        table = sql.path(ref)
        if marker:
            given = _changed(seen, properties.mark(seen.spec.get("properties", {}), seen.extra, marker))
            sql.run(self.session, f"ALTER TABLE {table} SET TBLPROPERTIES {sql.pairs(given)}")
        else:
            for statement in _unset(table, Noted.OWN, ()):
                sql.run(self.session, statement)

    def rename(self, ref: Ref, name: str) -> Ref:
        to = Ref(self.kind, name, ref.id, ref.parent)
        sql.run(self.session, f"ALTER TABLE {sql.path(ref)} RENAME TO {sql.path(to)}")
        return to

    def contents(self, ref: Ref) -> Sequence[Inside]:
        return list(self.grants(ref))

    def _observe(self, raw: TableInfo, schema: Ref | None) -> Observed:
        given = dict(raw.properties or {})
        clusters = given.get(_CLUSTERING)
        ours, extra = properties.read(given)
        columns = raw.columns or []
        parted = sorted(column.partition_index for column in columns if column.partition_index is not None)
        kind = raw.table_type.value if raw.table_type else "MANAGED"
        spec = {
            "table_type": kind,
            "storage_location": raw.storage_location if kind == "EXTERNAL" else None,
            "columns": [_column(column) for column in columns],
            "partition_by": [column.name for at in parted for column in columns if column.partition_index == at],
            "cluster_by": [".".join(path) for path in json.loads(clusters)] if clusters else None,
            "comment": raw.comment,
            "properties": ours,
            "owner": raw.owner,
        }
        ref = Ref(self.kind, str(raw.name), raw.table_id, schema)
        return Observed(ref, present(spec), Marker.from_tags(given), extra=extra)

    def _api(self) -> TablesAPI:
        from databricks.sdk.service.catalog import TablesAPI

        return self.session.api(TablesAPI)


def _create_table(ref: Ref, want: Want) -> str:
    spec = want.spec
    columns = ", ".join(map(definition, spec.get("columns", [])))
    clauses = [
        f"CREATE TABLE {sql.path(ref)}",
        f"({columns})" if columns else "",
        "USING DELTA",
        f"PARTITIONED BY {sql.names(spec['partition_by'])}" if spec.get("partition_by") else "",
        f"CLUSTER BY {sql.names(spec['cluster_by'])}" if spec.get("cluster_by") else "",
        f"LOCATION {sql.literal(spec['storage_location'])}" if spec.get("storage_location") else "",
        f"COMMENT {sql.literal(spec['comment'])}" if spec.get("comment") else "",
        f"TBLPROPERTIES {sql.pairs(properties.write(spec.get('properties', {}), {}, want.marker))}",
    ]
    return " ".join(clause for clause in clauses if clause)


def _changed(seen: Observed, given: Mapping[str, str]) -> dict[str, str]:
    there = {**seen.extra.get("properties", {}), **seen.spec.get("properties", {})}
    return {key: value for key, value in given.items() if there.get(key) != value}


def _unset(table: str, there: Any, wanted: Any) -> Iterator[str]:
    if gone := sorted(set(there) - set(wanted)):
        yield f"ALTER TABLE {table} UNSET TBLPROPERTIES IF EXISTS ({', '.join(map(sql.literal, gone))})"


def _column(raw: ColumnInfo) -> dict[str, Any]:
    said = present({"name": raw.name, "type": shown(raw.type_text or ""), "comment": raw.comment})
    return {**said, "nullable": raw.nullable is not False}
