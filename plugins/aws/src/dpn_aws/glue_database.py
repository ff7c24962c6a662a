"""The kind `aws_glue_database`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from dpn import Inside, Kind, Marker, Observed, Part, Ref, Want
from dpn_aws import parameters
from dpn_aws.catalogue import CATALOGUE
from dpn_aws.client import AwsSession
from dpn_aws.errors import unless
from dpn_aws.plain import plain, present

GONE = ("EntityNotFoundException",)


class GlueDatabase(Kind):
    """A database of the Glue Data Catalog. `Ref.id` is its name; the marker tells whose it is."""

    kind = "aws_glue_database"
    name_rule = CATALOGUE.rule(kind)
    default_pattern = CATALOGUE.pattern(kind)
    variables = CATALOGUE.variables(kind)
    schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "description": {
                "type": "string",
                "minLength": 1,
                "maxLength": 2048,
                "description": "What is in the database.",
            },
            "location_uri": {
                "type": "string",
                "maxLength": 1024,
                "pattern": "^s3://[^/\\s]+(?:/[^\\n]*)?$(?!\\n)",
                "description": "Where tables without a location of their own lie, as s3://BUCKET/PREFIX/.",
            },
            "parameters": parameters.SCHEMA,
        },
    }
    parts = (Part("definition", ("description", "location_uri", "parameters"), at_birth=True),)
    rename_how = "copy"  # the API has no rename: a new definition is made and the old one deleted
    undelete = "yes"
    marker = "properties"
    settle = 20  # GetDatabase shows a new database at once; the margin is for a request that was slow to land
    lists = "full"
    session: AwsSession

    def create(self, want: Want) -> Ref:
        given = parameters.write(want.spec.get("parameters", {}), {}, want.marker)
        self.session.glue(once=True).create_database(DatabaseInput=_input(want.name, want.spec, {}, given))
        return Ref(self.kind, want.name, want.name)

    def put(self, ref: Ref, part: str, want: Want, seen: Observed) -> None:
        given = parameters.write(want.spec.get("parameters", {}), seen.extra, want.marker)
        self._update(ref, want.spec, seen, given)

    def read(self, ref: Ref) -> Observed | None:
        reply = unless(GONE, self.session.glue().get_database, Name=ref.name)
        return self._observe(reply["Database"]) if reply else None

    def list(self, scope: Ref | None) -> Iterator[Observed]:
        for page in self.session.glue().get_paginator("get_databases").paginate():
            for database in page["DatabaseList"]:
                yield self._observe(database)

    def delete(self, ref: Ref, seen: Observed) -> None:
        unless(GONE, self.session.glue().delete_database, Name=ref.name)

    def mark(self, ref: Ref, marker: Marker | None, seen: Observed) -> None:
        given = parameters.mark(seen.spec.get("parameters", {}), seen.extra, marker)
        self._update(ref, seen.spec, seen, given)

    def contents(self, ref: Ref) -> Sequence[Inside]:
        reply = unless(GONE, self.session.glue().get_tables, DatabaseName=ref.name, MaxResults=5)
        return [Inside("aws_glue_table", t["Name"], goes_with_it=True) for t in reply["TableList"]] if reply else []

    def _update(self, ref: Ref, spec: Mapping[str, Any], seen: Observed, given: Mapping[str, str]) -> None:
        request = _input(ref.name, spec, seen.extra.get("input", {}), given)
        self.session.glue().update_database(Name=ref.name, DatabaseInput=request)

    def _observe(self, given: Mapping[str, Any]) -> Observed:
        raw = plain(given)
        ours, extra = parameters.read(raw.get("Parameters", {}))
        spec = {"description": raw.get("Description"), "location_uri": raw.get("LocationUri"), "parameters": ours}
        kept = sendable(self.session, "DatabaseInput", raw, {"Name", "Description", "LocationUri", "Parameters"})
        name = raw["Name"]
        marker = Marker.from_tags(raw.get("Parameters", {}))
        others = tuple(sorted(extra.get("parameters", {})))
        return Observed(
            Ref(self.kind, name, name), present(spec), marker, extra={**extra, "input": kept}, others=others
        )


def sendable(session: AwsSession, shape: str, given: Mapping[str, Any], without: set[str]) -> dict[str, Any]:
    """Give what a full-replace write must send back: the members that the request's shape has and dpn does not set.

    Asking the service model, and not a list of our own, keeps read-only members out and later members in.
    """
    shapes: Any = session.glue().meta.service_model
    takes = shapes.shape_for(shape).members
    return {key: value for key, value in given.items() if key in takes and key not in without}


def _input(name: str, spec: Mapping[str, Any], kept: Mapping[str, Any], given: Mapping[str, str]) -> Any:
    ours = {"Description": spec.get("description"), "LocationUri": spec.get("location_uri"), "Parameters": given}
    return present({**kept, "Name": name, **ours})
