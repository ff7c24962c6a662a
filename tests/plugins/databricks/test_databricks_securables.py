"""Catalogs, schemas and volumes on the level of HTTP."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import requests
from databricks.sdk.service import catalog as api

from dpn import DpnError, Inside, Kind, Marker, Observed, Ref, Want
from dpn_databricks import properties
from dpn_databricks.catalog import Catalog
from dpn_databricks.client import DatabricksSession
from dpn_databricks.errors import classify
from dpn_databricks.schema import Schema
from dpn_databricks.volume import Volume

UNITY = "/api/2.1/unity-catalog"
CATALOG = Ref("databricks_catalog", "lake_dev", "1767225600000")
SCHEMA = Ref("databricks_schema", "sales_gold", "s1", CATALOG)
VOLUME = Ref("databricks_volume", "landing", "v1", SCHEMA)
NAMED = {"catalog_name": "lake_dev"}
RAW: dict[str, dict[str, Any]] = {
    "databricks_catalog": {"name": "lake_dev", "created_at": 1767225600000, "owner": "ada", "isolation_mode": "OPEN"},
    "databricks_schema": {"name": "sales_gold", "schema_id": "s1", "owner": "ada", **NAMED},
    "databricks_volume": {"name": "landing", "volume_id": "v1", "volume_type": "MANAGED", "owner": "ada"},
}
WHERE: dict[str, tuple[Ref, str, str]] = {
    "databricks_catalog": (CATALOG, f"{UNITY}/catalogs", "lake_dev"),
    "databricks_schema": (SCHEMA, f"{UNITY}/schemas", "lake_dev.sales_gold"),
    "databricks_volume": (VOLUME, f"{UNITY}/volumes", "lake_dev.sales_gold.landing"),
}
Make = Callable[..., Want]
Read = Callable[[Any, Ref], Observed]
every = pytest.mark.parametrize("kind_", [Catalog, Schema, Volume])


def place(kind: type[Kind]) -> tuple[Ref, str, str]:
    """Give the Ref of a sample, where the kind's objects are made, and where this one is."""
    ref, made, name = WHERE[kind.kind]
    return ref, made, f"{made}/{name}"


def marked(text: str, marker: Marker | None) -> str:
    assert marker
    return marker.comment(text)


def test_the_answers_of_these_tests_are_those_of_the_sdk() -> None:
    assert api.CatalogInfo.from_dict(RAW["databricks_catalog"]).as_dict() == RAW["databricks_catalog"]
    assert api.SchemaInfo.from_dict(RAW["databricks_schema"]).as_dict() == RAW["databricks_schema"]
    assert api.VolumeInfo.from_dict(RAW["databricks_volume"]).as_dict() == RAW["databricks_volume"]


@every
def test_a_create_is_one_request_with_the_marker(
    http: Any, session: DatabricksSession, want: Make, kind_: type[Kind]
) -> None:
    ref, made, _ = place(kind_)
    http.on("POST", made, RAW[kind_.kind])
    wanted = want(ref.name, ref.parent, comment="It", properties={"tier": "1"}, storage_root="s3://lake/x")
    assert kind_(session).create(wanted) == ref
    (sent,) = http.writes()
    given = properties.write({"tier": "1"}, {}, wanted.marker)
    names = {"name": ref.name} | ({} if kind_ is Catalog else NAMED)
    rest: dict[str, Any] = {"comment": "It", "properties": given, "storage_root": "s3://lake/x"}
    if kind_ is Volume:
        comment = marked("It", wanted.marker)
        rest = {"comment": comment, "volume_type": "MANAGED", "schema_name": "sales_gold"}
    assert sent.body == {**names, **rest}


def test_an_external_volume_says_where_it_lies(http: Any, session: DatabricksSession, want: Make) -> None:
    http.on("POST", f"{UNITY}/volumes", RAW["databricks_volume"])
    spec = {"volume_type": "EXTERNAL", "storage_location": "s3://lake/files"}
    Volume(session).create(want("landing", SCHEMA, **spec))
    (sent,) = http.writes()
    assert {key: sent.body[key] for key in spec} == spec


@every
def test_a_lost_reply_of_a_create_is_one_request_and_unknown(
    http: Any, session: DatabricksSession, want: Make, kind_: type[Kind]
) -> None:
    ref, made, _ = place(kind_)
    http.lose("POST", made)
    with pytest.raises(requests.exceptions.ConnectionError) as caught:
        kind_(session).create(want(ref.name, ref.parent))
    assert classify(caught.value, "create").outcome == "unknown"
    assert len(http.writes()) == 1


@every
def test_a_name_that_is_taken_is_refused(http: Any, session: DatabricksSession, want: Make, kind_: type[Kind]) -> None:
    ref, made, _ = place(kind_)
    code = f"{kind_.kind.removeprefix('databricks_').upper()}_ALREADY_EXISTS"
    http.fail("POST", made, 400, code)
    with pytest.raises(Exception, match="no") as caught:
        kind_(session).create(want(ref.name, ref.parent))
    fault = classify(caught.value, "create")
    assert (fault.outcome, fault.code, '"existing": true' in fault.hint) == ("not_applied", code, True)


@every
def test_it_is_read_by_name_and_only_if_it_is_the_same(
    http: Any, session: DatabricksSession, seen: Read, kind_: type[Kind]
) -> None:
    ref, _, path = place(kind_)
    http.on("GET", path, RAW[kind_.kind])
    kind = kind_(session)
    assert seen(kind, Ref(ref.kind, ref.name, parent=ref.parent)).ref == seen(kind, ref).ref == ref
    assert kind.read(Ref(ref.kind, ref.name, "other", ref.parent)) is None


@every
def test_absent_is_none_and_no_error(http: Any, session: DatabricksSession, kind_: type[Kind]) -> None:
    ref, _, path = place(kind_)
    code = f"{kind_.kind.removeprefix('databricks_').upper()}_DOES_NOT_EXIST"
    for method in ("GET", "DELETE"):
        http.fail(method, path, 404, code)
    http.fail("DELETE", f"{UNITY}/schemas/lake_dev.default", 404, "CATALOG_DOES_NOT_EXIST")
    assert kind_(session).read(ref) is None
    kind_(session).delete(ref, Observed(ref, {}))


@every
def test_a_read_that_is_refused_is_not_absence(http: Any, session: DatabricksSession, kind_: type[Kind]) -> None:
    ref, _, path = place(kind_)
    http.fail("GET", path, 403, "PERMISSION_DENIED")
    with pytest.raises(Exception, match="no") as caught:
        kind_(session).read(ref)
    assert classify(caught.value, "read").code == "PERMISSION_DENIED"


@every
def test_a_rename_is_one_request_and_keeps_the_id(http: Any, session: DatabricksSession, kind_: type[Kind]) -> None:
    ref, _, path = place(kind_)
    http.on("PATCH", path, {**RAW[kind_.kind], "name": "other"})
    assert kind_(session).rename(ref, "other") == Ref(ref.kind, "other", ref.id, ref.parent)
    (sent,) = http.writes()
    assert sent.body == {"new_name": "other"}


@every
def test_the_owner_is_changed_alone_and_last(
    http: Any, session: DatabricksSession, want: Make, kind_: type[Kind]
) -> None:
    ref, _, path = place(kind_)
    http.on("PATCH", path)
    assert kind_.parts[-1].fields == ("owner",)
    kind = kind_(session)
    kind.put(ref, "owner", want(ref.name, ref.parent), Observed(ref, {}))
    kind.put(ref, "owner", want(ref.name, ref.parent, owner="data-engineers"), Observed(ref, {}))
    (sent,) = http.writes()
    assert sent.body == {"owner": "data-engineers"}


@pytest.mark.parametrize("kind_", [Catalog, Schema])
def test_what_others_set_is_sent_again_and_is_no_drift(
    http: Any, session: DatabricksSession, want: Make, seen: Read, kind_: type[Kind]
) -> None:
    ref, _, path = place(kind_)
    marker = want("x").marker
    theirs = {"unity.catalog.managed.delta.defaults.x": "y", "by_hand": "1"}
    given = {**properties.write({"old": "1"}, {}, marker), **theirs}
    http.on("GET", path, {**RAW[kind_.kind], "properties": given, "comment": "It"})
    http.on("PATCH", path)
    kind = kind_(session)
    there = seen(kind, ref)
    assert (there.spec["properties"], there.marker) == ({"old": "1"}, marker)
    kind.put(ref, "definition", want(ref.name, ref.parent, properties={"new": "2"}), there)
    (sent,) = http.writes()
    assert sent.body == {"comment": "", "properties": {**theirs, **properties.write({"new": "2"}, {}, marker)}}


@pytest.mark.parametrize("kind_", [Catalog, Schema])
def test_adopting_and_undoing_it_leave_what_was_there(
    http: Any, session: DatabricksSession, seen: Read, kind_: type[Kind]
) -> None:
    ref, _, path = place(kind_)
    foreign = {"by_hand": "1", "delta.x": "y"}
    http.on("GET", path, {**RAW[kind_.kind], "properties": foreign})
    http.on("PATCH", path)
    kind, marker = kind_(session), Marker("s", "a", "o")
    there = seen(kind, ref)
    assert there.spec["properties"] == foreign
    kind.mark(ref, marker, there)
    kind.mark(ref, None, there)
    on, off = (sent.body["properties"] for sent in http.writes())
    assert (on, off) == ({**foreign, **marker.tags()}, foreign)


def test_a_volume_keeps_its_marker_behind_its_comment(
    http: Any, session: DatabricksSession, want: Make, seen: Read
) -> None:
    ref, _, path = place(Volume)
    marker = want("x").marker
    http.on("GET", path, {**RAW["databricks_volume"], "comment": marked("Files", marker)})
    http.on("PATCH", path)
    kind = Volume(session)
    there = seen(kind, ref)
    assert (there.spec["comment"], there.marker) == ("Files", marker)
    kind.put(ref, "definition", want(ref.name, SCHEMA), there)
    kind.mark(ref, None, there)
    assert [sent.body["comment"] for sent in http.writes()] == [marked("", marker), "Files"]


@pytest.mark.parametrize(("there", "sent"), [("OPEN", ["ISOLATED"]), ("ISOLATED", [])])
def test_isolation_is_sent_where_it_differs(
    http: Any, session: DatabricksSession, want: Make, there: str, sent: list[str]
) -> None:
    ref, _, path = place(Catalog)
    http.on("PATCH", path)
    Catalog(session).put(
        ref, "isolation", want(ref.name, isolation_mode="ISOLATED"), Observed(ref, {"isolation_mode": there})
    )
    assert [one.body["isolation_mode"] for one in http.writes()] == sent


def test_a_catalog_goes_after_the_schema_that_the_service_made(http: Any, session: DatabricksSession) -> None:
    ref, _, path = place(Catalog)
    default = f"{UNITY}/schemas/lake_dev.default"
    http.on("DELETE", default)
    http.on("DELETE", path)
    Catalog(session).delete(ref, Observed(ref, {}))
    assert [(sent.path, dict(sent.query)) for sent in http.writes()] == [(default, {}), (path, {})]  # never by force


def grants(http: Any, kind: str, name: str) -> None:
    held = [{"principal": "data-analysts", "privileges": ["USE_CATALOG"]}]
    http.on("GET", f"{UNITY}/permissions/{kind}/{name}", {"privilege_assignments": held})


def test_what_is_in_a_catalog_counts_but_not_what_the_service_made(http: Any, session: DatabricksSession) -> None:
    names = ("default", "information_schema", "sales_gold")
    http.on("GET", f"{UNITY}/schemas", {"schemas": [{"name": name} for name in names]})
    http.on("GET", f"{UNITY}/tables", {"tables": [{"name": "t"}]})
    http.on("GET", f"{UNITY}/volumes", {"volumes": []})
    grants(http, "catalog", "lake_dev")
    assert set(Catalog(session).contents(CATALOG)) == {
        Inside("databricks_schema", "sales_gold"),
        Inside("databricks_table", "default.t"),
        Inside("databricks_grant", "data-analysts", goes_with_it=True),
    }


def test_what_is_in_a_schema_counts(http: Any, session: DatabricksSession) -> None:
    http.on("GET", f"{UNITY}/tables", {"tables": [{"name": "t"}]})
    http.on("GET", f"{UNITY}/volumes", {"volumes": [{"name": "v"}]})
    grants(http, "schema", "lake_dev.sales_gold")
    assert set(Schema(session).contents(SCHEMA)) == {
        Inside("databricks_table", "t"),
        Inside("databricks_volume", "v"),
        Inside("databricks_grant", "data-analysts", goes_with_it=True),
    }


@pytest.mark.parametrize("schemas", [[], ["default"], ["default", "information_schema"]])
def test_a_catalog_with_nothing_but_an_empty_default_is_empty(
    http: Any, session: DatabricksSession, schemas: list[str]
) -> None:
    http.on("GET", f"{UNITY}/schemas", {"schemas": [{"name": name} for name in schemas]})
    for listed in ("tables", "volumes", "permissions/catalog/lake_dev"):
        http.on("GET", f"{UNITY}/{listed}", {})
    assert Catalog(session).contents(CATALOG) == []
    asked = http.sent("GET", f"{UNITY}/tables")
    assert [sent.query["schema_name"] for sent in asked] == ["default"] * len(schemas[:1])


def test_files_in_the_default_schema_keep_a_catalog(http: Any, session: DatabricksSession) -> None:
    http.on("GET", f"{UNITY}/schemas", {"schemas": [{"name": "default"}]})
    http.on("GET", f"{UNITY}/volumes", {"volumes": [{"name": "v"}]})
    for listed in ("tables", "permissions/catalog/lake_dev"):
        http.on("GET", f"{UNITY}/{listed}", {})
    assert Catalog(session).contents(CATALOG) == [Inside("databricks_volume", "default.v")]


@every
def test_grants_are_found_behind_empty_pages_and_none_is_no_error(
    http: Any, session: DatabricksSession, kind_: type[Kind]
) -> None:
    ref, _, path = place(kind_)
    for listed in ("schemas", "tables", "volumes"):
        http.on("GET", f"{UNITY}/{listed}", {})
    permissions = f"{UNITY}/permissions/{kind_.kind.removeprefix('databricks_')}/{path.rpartition('/')[2]}"
    held = [{"principal": "ada", "privileges": ["MANAGE"]}, {"principal": "nobody"}]
    http.on("GET", permissions, {"next_page_token": "2"}, query={"max_results": "0"})
    http.on("GET", permissions, {"privilege_assignments": held}, query={"max_results": "0", "page_token": "2"})
    assert kind_(session).contents(ref) == [Inside("databricks_grant", "ada", goes_with_it=True)]


@every
def test_what_is_gone_holds_nothing(http: Any, session: DatabricksSession, kind_: type[Kind]) -> None:
    ref, _, path = place(kind_)
    permissions = f"{UNITY}/permissions/{kind_.kind.removeprefix('databricks_')}/{path.rpartition('/')[2]}"
    for gone in (f"{UNITY}/schemas", f"{UNITY}/tables", f"{UNITY}/volumes", permissions):
        http.fail("GET", gone, 404, "CATALOG_DOES_NOT_EXIST")
    assert kind_(session).contents(ref) == []


@pytest.mark.parametrize(("kind_", "listed"), [(Schema, "schemas"), (Volume, "volumes")])
def test_a_list_goes_over_empty_pages_and_a_parent_that_is_gone_holds_nothing(
    http: Any, session: DatabricksSession, kind_: type[Kind], listed: str
) -> None:
    ref, made, _ = place(kind_)
    query = {**NAMED, "max_results": "0"} | ({"schema_name": "sales_gold"} if kind_ is Volume else {})
    http.on("GET", made, {"next_page_token": "2"}, query=query)
    http.on("GET", made, {listed: [RAW[kind_.kind]]}, query={**query, "page_token": "2"})
    assert [found.ref for found in kind_(session).list(ref.parent)] == [ref]


@pytest.mark.parametrize("kind_", [Schema, Volume])
def test_nothing_is_in_a_parent_that_is_gone(http: Any, session: DatabricksSession, kind_: type[Kind]) -> None:
    ref, made, _ = place(kind_)
    http.fail("GET", made, 404, "CATALOG_DOES_NOT_EXIST")
    assert list(kind_(session).list(ref.parent)) == []


@pytest.mark.parametrize("kind_", [Schema, Volume])
def test_without_its_parent_nothing_is_read(session: DatabricksSession, kind_: type[Kind]) -> None:
    with pytest.raises(DpnError, match="needs its"):
        kind_(session).read(Ref(kind_.kind, "x"))


@pytest.mark.parametrize(
    ("kind_", "field"), [(Catalog, "storage_root"), (Schema, "storage_root"), (Volume, "storage_location")]
)
def test_no_place_ends_with_what_the_service_would_strip(kind_: type[Kind], field: str) -> None:
    pattern = kind_.schema["properties"][field]["pattern"]
    assert re.search(pattern, "s3://lake/x")
    for bad in ("s3://lake/x/", "s3://lake/x\n", "lake/x", "s3://a b", "s3://"):
        assert not re.search(pattern, bad), bad
