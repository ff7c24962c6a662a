"""The kind `aws_glue_table`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dpn import DpnError, Inside, Kind, Marker, Observed, Part, Ref, Want
from dpn_aws import formats, parameters
from dpn_aws.catalogue import CATALOGUE
from dpn_aws.client import AwsSession
from dpn_aws.errors import code_of, unless
from dpn_aws.glue_database import GONE, GlueDatabase, sendable
from dpn_aws.glue_table_schema import SCHEMA
from dpn_aws.plain import plain, present

_FIELDS = ("description", "location", "columns", "partition_keys", "format", "parameters")


class GlueTable(Kind):
    """An external table of the Glue Data Catalog. `Ref.id` is `DATABASE.TABLE`; the marker tells whose it is."""

    kind = "aws_glue_table"
    name_rule = CATALOGUE.rule(kind)
    default_pattern = CATALOGUE.pattern(kind)
    variables = CATALOGUE.variables(kind)
    schema = SCHEMA
    parts = (Part("definition", _FIELDS, at_birth=True),)
    parent = "database"
    rename_how = "copy"  # the API has no rename: a new definition is made and the old one deleted
    undelete = "yes"
    marker = "properties"
    settle = 20  # GetTable shows a new table at once; the margin is for a request that was slow to land
    lists = "full"
    session: AwsSession

    def create(self, want: Want) -> Ref:
        database = _parent(want.parent)
        table = _input(want.name, want.spec, None, _parameters(want, {}))
        self.session.glue(once=True).create_table(DatabaseName=database, TableInput=table)
        return self._ref(database, want.name)

    def put(self, ref: Ref, part: str, want: Want, seen: Observed) -> None:
        table = _input(ref.name, want.spec, seen, _parameters(want, seen.extra))
        try:
            self._update(ref, table, seen)
        except Exception as error:
            # The version is taken. Ours, if a reply was lost and the SDK sent the request again: then all is as wanted.
            if code_of(error) != "ConcurrentModificationException" or not self._is_so(ref, want):
                raise

    def read(self, ref: Ref) -> Observed | None:
        database, name = _where(ref)
        reply = unless(GONE, self.session.glue().get_table, DatabaseName=database, Name=name)
        return self._observe(reply["Table"]) if reply else None

    def list(self, scope: Ref | None) -> Iterator[Observed]:
        glue = self.session.glue()
        if scope is None:
            for database in GlueDatabase(self.session).list(None):
                yield from self.list(database.ref)
            return
        try:
            for page in glue.get_paginator("get_tables").paginate(DatabaseName=scope.name):
                for table in page["TableList"]:
                    yield self._observe(table)
        except Exception as error:
            if code_of(error) not in GONE:  # a database that is not there holds nothing
                raise

    def delete(self, ref: Ref, seen: Observed) -> None:
        database, name = _where(ref)
        unless(GONE, self.session.glue().delete_table, DatabaseName=database, Name=name)

    def mark(self, ref: Ref, marker: Marker | None, seen: Observed) -> None:
        given = parameters.mark(seen.spec.get("parameters", {}), seen.extra, marker)
        self._update(ref, _input(ref.name, seen.spec, seen, given), seen)

    def contents(self, ref: Ref) -> Sequence[Inside]:
        database, name = _where(ref)
        request = {"DatabaseName": database, "TableName": name, "MaxResults": 5, "ExcludeColumnSchema": True}
        reply = unless(GONE, self.session.glue().get_partitions, **request)
        found = reply["Partitions"] if reply else []
        return [Inside("partition", "/".join(part.get("Values", [])), goes_with_it=True) for part in found]

    def _update(self, ref: Ref, table: Any, seen: Observed) -> None:
        version = present({"VersionId": seen.version})
        database, _ = _where(ref)
        self.session.glue().update_table(DatabaseName=database, TableInput=table, SkipArchive=True, **version)

    def _is_so(self, ref: Ref, want: Want) -> bool:
        now = self.read(ref)
        return now is not None and all(now.spec.get(key) == (want.spec.get(key) or None) for key in _FIELDS)

    def _ref(self, database: str, name: str) -> Ref:
        return Ref(self.kind, name, f"{database}.{name}", Ref(GlueDatabase.kind, database, database))

    def _observe(self, given: Mapping[str, Any]) -> Observed:
        raw = plain(given)
        ours, extra = parameters.read(raw.get("Parameters", {}))
        storage = raw.get("StorageDescriptor", {})
        spec = {
            "description": raw.get("Description"),
            "location": storage.get("Location"),
            "columns": [_column(column) for column in storage.get("Columns", [])],
            "partition_keys": [_column(column) for column in raw.get("PartitionKeys", [])],
            "format": formats.from_api(storage),
            "parameters": ours,
        }
        kept = sendable(self.session, "TableInput", raw, {"Name", "Description", "Parameters"})
        ref = self._ref(raw["DatabaseName"], raw["Name"])
        marker = Marker.from_tags(raw.get("Parameters", {}))
        extra = {**extra, "input": kept}
        return Observed(ref, present(spec), marker, raw.get("VersionId"), extra=extra, others=_others(extra, spec))


def _others(extra: Mapping[str, Any], spec: Mapping[str, Any]) -> tuple[str, ...]:
    """Name what crawlers, engines and people have set: parameters, an owner, settings of the SerDe."""
    kept, known = extra["input"], formats.to_api(spec.get("format")).get("SerdeInfo", {}).get("Parameters", {})
    serde = kept.get("StorageDescriptor", {}).get("SerdeInfo", {}).get("Parameters", {})
    names = extra.get("parameters", {}).keys() - {"classification"}
    names |= {name for name, value in serde.items() if known.get(name) != value}
    return tuple(sorted(names | ({"Owner"} if kept.get("Owner") else set())))


def _parent(parent: Ref | None) -> str:
    if parent is None:
        raise DpnError("An aws_glue_table needs its database.", hint="Give `database`, or DATABASE.TABLE as its id.")
    return parent.name


def _where(ref: Ref) -> tuple[str, str]:
    """Give database and table; an id that a person typed is enough, because neither name can hold a dot."""
    if ref.parent is None and ref.id and "." in ref.id:
        database, _, name = ref.id.partition(".")
        return database, name
    return _parent(ref.parent), ref.name


def _column(given: Mapping[str, Any]) -> dict[str, Any]:
    return present({"name": given["Name"], "type": given.get("Type"), "comment": given.get("Comment")})


def _parameters(want: Want, extra: Mapping[str, Any]) -> dict[str, str]:
    """Give all parameters; `classification`, which Glue's own jobs read, follows the format unless the user sets it."""
    name = want.spec.get("format")
    others = {key: value for key, value in extra.get("parameters", {}).items() if key != "classification"}
    follows = {"classification": name} if isinstance(name, str) else {}
    return parameters.write(want.spec.get("parameters", {}), {"parameters": {**others, **follows}}, want.marker)


def _input(name: str, spec: Mapping[str, Any], seen: Observed | None, given: Mapping[str, str]) -> Any:
    """Build the whole definition: what the spec says over what is there, so that nothing of others' is lost."""
    kept = dict(seen.extra.get("input", {})) if seen else {}
    storage = dict(kept.get("StorageDescriptor", {}))
    if not seen or seen.spec.get("format") != spec.get("format"):  # else the SerDe keeps what others set on it
        storage = {key: value for key, value in storage.items() if key not in formats.MEMBERS}
        storage |= formats.to_api(spec.get("format"))
    storage["Columns"] = _merged(spec.get("columns", []), storage.get("Columns", []))
    storage["Location"] = spec.get("location")
    ours = {
        "Name": name,
        "Description": spec.get("description"),
        "StorageDescriptor": present(storage),
        "PartitionKeys": _merged(spec.get("partition_keys", []), kept.get("PartitionKeys", [])),
        "Parameters": given,
    }
    return present({"TableType": "EXTERNAL_TABLE", **kept, **ours})


def _merged(columns: Sequence[Mapping[str, Any]], there: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Give columns as the API takes them, each with the parameters that it has there."""
    extra = {column["Name"]: column.get("Parameters") for column in there}
    return [
        present(
            {
                "Name": column["name"],
                "Type": column.get("type"),
                "Comment": column.get("comment"),
                "Parameters": extra.get(column["name"]),
            }
        )
        for column in columns
    ]
