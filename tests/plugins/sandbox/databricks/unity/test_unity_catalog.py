"""Catalogs, schemas, volumes and tables of the sandbox's Unity Catalog, as REST has them."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpn_sandbox.databricks.warehouses import STARTER_ID
from dpn_sandbox.databricks.workspace import METASTORE_ID, USER, ApiCall, ApiError, Workspace

Refused = Callable[..., ApiError]


def _code(error: ApiError) -> tuple[int, str]:
    return error.status, error.code


INVALID = (400, "INVALID_PARAMETER_VALUE")
EXTERNAL = {
    "catalog_name": "lake",
    "schema_name": "raw",
    "table_type": "EXTERNAL",
    "data_source_format": "DELTA",
    "storage_location": "s3://bucket/t/",
}


def test_a_new_workspace_has_a_metastore_and_a_catalog_with_its_two_schemas(unity: Any) -> None:
    assert unity.ask("Metastores.summary")["metastore_id"] == METASTORE_ID
    assert unity.ask("Metastores.current")["default_catalog_name"] == "main"
    assert unity.get("Catalogs", "main")["owner"] == USER
    schemas = unity.ask("Schemas.list", catalog_name="main", max_results="10")["schemas"]
    assert [schema["full_name"] for schema in schemas] == ["main.default", "main.information_schema"]
    assert unity.ask("Grants.get", {"securable_type": "catalog", "full_name": "main"}) == {"privilege_assignments": []}


def test_a_catalog_is_kept_in_lower_case_with_what_was_asked(unity: Any) -> None:
    asked = {"comment": "c", "properties": {"k": "v"}, "storage_root": "s3://bucket/root/"}
    made = unity.send("Catalogs.create", name="LAKE", **asked)
    assert made["name"] == made["full_name"] == "lake"
    assert (made["comment"], made["properties"], made["storage_root"]) == ("c", {"k": "v"}, "s3://bucket/root")
    assert (made["isolation_mode"], made["owner"]) == ("OPEN", USER)
    assert unity.get("Catalogs", "Lake") == made
    assert unity.get("Schemas", "lake.default")["catalog_name"] == "lake"


def test_what_a_reply_holds_is_not_the_workspaces_own(unity: Any) -> None:
    made = unity.send("Catalogs.create", name="lake", properties={"k": "v"})
    made["properties"]["k"] = "other"
    unity.get("Catalogs", "lake")["properties"]["k"] = "other"
    assert unity.get("Catalogs", "lake")["properties"] == {"k": "v"}


@pytest.mark.parametrize("name", ["", "a b", "a.b", "a/b", "a\tb", "a\x7f", "x" * 256])
def test_names_that_unity_catalog_does_not_take(lake: Any, refused: Refused, name: str) -> None:
    parents = {"catalog_name": "lake", "schema_name": "raw"}
    errors = [
        refused(lake.send, "Catalogs.create", name=name),
        refused(lake.send, "Catalogs.update", {"name": "lake"}, new_name=name),
        refused(lake.send, "Schemas.create", name=name, catalog_name="lake"),
        refused(lake.send, "Schemas.update", {"full_name": "lake.raw"}, new_name=name),
        refused(lake.send, "Volumes.create", name=name, volume_type="MANAGED", **parents),
        refused(lake.send, "Volumes.update", {"name": "lake.raw.files"}, new_name=name),
        refused(lake.send, "Tables.create", **{**EXTERNAL, "name": name}),
    ]
    assert {_code(error) for error in errors} == {INVALID}
    assert all("is not a valid name" in error.message for error in errors)


def test_a_name_that_is_taken_is_refused_whatever_its_case(lake: Any, refused: Refused) -> None:
    parents = {"catalog_name": "lake", "schema_name": "raw"}
    lake.send("Schemas.create", name="other", catalog_name="lake")
    lake.send("Volumes.create", name="other", volume_type="MANAGED", **parents)
    create = refused(lake.send, "Catalogs.create", name="Lake")
    assert (_code(create), create.message) == ((400, "CATALOG_ALREADY_EXISTS"), "Catalog 'lake' already exists")
    rename = refused(lake.send, "Catalogs.update", {"name": "lake"}, new_name="MAIN")
    assert _code(rename) == (400, "CATALOG_ALREADY_EXISTS")
    for name in ("RAW", "information_schema"):
        error = refused(lake.send, "Schemas.create", name=name, catalog_name="lake")
        assert _code(error) == (400, "SCHEMA_ALREADY_EXISTS")
    error = refused(lake.send, "Schemas.update", {"full_name": "lake.raw"}, new_name="other")
    assert _code(error) == (400, "SCHEMA_ALREADY_EXISTS")
    error = refused(lake.send, "Volumes.create", name="FILES", volume_type="MANAGED", **parents)
    assert _code(error) == (400, "VOLUME_ALREADY_EXISTS")
    error = refused(lake.send, "Volumes.update", {"name": "lake.raw.files"}, new_name="other")
    assert _code(error) == (400, "VOLUME_ALREADY_EXISTS")
    error = refused(lake.send, "Tables.create", **EXTERNAL, name="ORDERS")
    assert _code(error) == (400, "TABLE_ALREADY_EXISTS")
    assert _code(refused(lake.send, "Catalogs.create", name="system")) == (400, "CATALOG_ALREADY_EXISTS")


def test_what_is_not_there_is_not_found(unity: Any, refused: Refused) -> None:
    for kind, name, code in (
        ("Catalogs", "no", "CATALOG_DOES_NOT_EXIST"),
        ("Schemas", "main.no", "SCHEMA_DOES_NOT_EXIST"),
        ("Volumes", "main.default.no", "VOLUME_DOES_NOT_EXIST"),
        ("Tables", "main.default.no", "TABLE_DOES_NOT_EXIST"),
    ):
        key = "full_name" if kind in {"Schemas", "Tables"} else "name"
        for error in (
            refused(unity.get, kind, name),
            refused(unity.send, f"{kind}.update", {key: name}, owner=USER),
            refused(unity.ask, f"{kind}.delete", {key: name}),
        ):
            assert _code(error) == (404, code)
            assert error.message == f"{kind[:-1]} '{name}' does not exist."


def test_parents_must_be_there(unity: Any, refused: Refused) -> None:
    in_main = {"catalog_name": "main", "schema_name": "no"}
    no_schema = [
        refused(unity.send, "Volumes.create", name="v", volume_type="MANAGED", **in_main),
        refused(unity.ask, "Volumes.list", **in_main),
        refused(unity.ask, "Tables.list", **in_main),
        refused(unity.ask, "Tables.exists", {"full_name": "main.no.t"}),
        refused(unity.send, "Tables.create", **{**EXTERNAL, **in_main, "name": "t"}),
    ]
    assert {_code(error) for error in no_schema} == {(404, "SCHEMA_DOES_NOT_EXIST")}
    no_catalog = [
        refused(unity.send, "Schemas.create", name="s", catalog_name="no"),
        refused(unity.ask, "Schemas.list", catalog_name="no"),
        refused(unity.ask, "Tables.list_summaries", catalog_name="no"),
    ]
    assert {_code(error) for error in no_catalog} == {(404, "CATALOG_DOES_NOT_EXIST")}


def test_foreign_and_shared_catalogs_need_what_the_sandbox_has_not(unity: Any, refused: Refused) -> None:
    error = refused(unity.send, "Catalogs.create", name="lake", connection_name="pg")
    assert _code(error) == (404, "CONNECTION_DOES_NOT_EXIST")


def test_an_update_without_a_change_is_refused(lake: Any, refused: Refused) -> None:
    for operation, path in (
        ("Catalogs.update", {"name": "lake"}),
        ("Schemas.update", {"full_name": "lake.raw"}),
        ("Volumes.update", {"name": "lake.raw.files"}),
        ("Tables.update", {"full_name": "lake.raw.orders"}),
    ):
        error = refused(lake.send, operation, path)
        assert _code(error) == INVALID
        assert error.message == f"Update{operation.partition('.')[0][:-1]} Nothing to update"


def test_an_update_changes_what_it_names_and_when(lake: Any) -> None:
    lake.time += 5
    changes = {"comment": "c", "properties": {"a": "b"}, "owner": "data-engineers", "isolation_mode": "ISOLATED"}
    updated = lake.send("Catalogs.update", {"name": "lake"}, **changes)
    assert {key: updated[key] for key in changes} == changes
    assert updated["updated_at"] == updated["created_at"] + 5
    cleared = lake.send("Catalogs.update", {"name": "lake"}, comment="", properties={})
    assert "comment" not in cleared
    assert cleared["properties"] == {}
    lake.send("Tables.update", {"full_name": "lake.raw.orders"}, owner="data-analysts")
    assert lake.get("Tables", "lake.raw.orders")["owner"] == "data-analysts"


def test_values_that_an_update_does_not_take(lake: Any, refused: Refused) -> None:
    catalog, schema = {"name": "lake"}, {"full_name": "lake.raw"}
    assert _code(refused(lake.send, "Catalogs.update", catalog, isolation_mode="SHUT")) == INVALID
    assert _code(refused(lake.send, "Schemas.update", schema, enable_predictive_optimization="MAYBE")) == INVALID
    error = refused(lake.send, "Catalogs.update", catalog, owner="nobody")
    assert _code(error) == (404, "PRINCIPAL_DOES_NOT_EXIST")


def test_a_renamed_catalog_keeps_ids_and_takes_along_all_that_is_below(lake: Any) -> None:
    before = {
        "id": lake.get("Catalogs", "lake")["id"],
        "schema_id": lake.get("Schemas", "lake.raw")["schema_id"],
        "table_id": lake.get("Tables", "lake.raw.orders")["table_id"],
        "volume_id": lake.get("Volumes", "lake.raw.files")["volume_id"],
    }
    assert lake.send("Catalogs.update", {"name": "lake"}, new_name="Sea")["full_name"] == "sea"
    schema, table = lake.get("Schemas", "sea.raw"), lake.get("Tables", "sea.raw.orders")
    volume = lake.get("Volumes", "sea.raw.files")
    after = (lake.get("Catalogs", "sea"), schema, table, volume)
    assert [item[key] for item, key in zip(after, before, strict=True)] == list(before.values())
    assert (schema["full_name"], table["full_name"]) == ("sea.raw", "sea.raw.orders")
    assert (table["catalog_name"], volume["catalog_name"]) == ("sea", "sea")
    lake.send("Schemas.update", {"full_name": "sea.raw"}, new_name="bronze")
    assert lake.get("Tables", "sea.bronze.orders")["schema_name"] == "bronze"
    assert lake.get("Volumes", "sea.bronze.files")["volume_id"] == before["volume_id"]


def test_a_rename_leaves_neighbours_with_a_longer_name_alone(lake: Any) -> None:
    lake.send("Catalogs.create", name="lake2")
    lake.send("Catalogs.update", {"name": "lake"}, new_name="sea")
    assert lake.get("Schemas", "lake2.default")["full_name"] == "lake2.default"


def test_a_rename_of_a_volume_leaves_the_table_of_that_name(lake: Any) -> None:
    lake.execute("CREATE TABLE lake.raw.files (id INT)")
    lake.send("Volumes.update", {"name": "lake.raw.files"}, new_name="docs")
    assert lake.get("Tables", "lake.raw.files")["name"] == "files"


def test_a_dropped_table_follows_the_rename_of_its_schema(lake: Any) -> None:
    lake.ask("Tables.delete", {"full_name": "lake.raw.orders"})
    lake.send("Schemas.update", {"full_name": "lake.raw"}, new_name="bronze")
    assert lake.execute("UNDROP TABLE lake.bronze.orders")["status"]["state"] == "SUCCEEDED"


def test_a_catalog_that_is_not_empty_goes_only_by_force(lake: Any, refused: Refused) -> None:
    error = refused(lake.ask, "Catalogs.delete", {"name": "lake"})
    assert _code(error) == (400, "INVALID_STATE")
    assert error.message == "Catalog 'lake' is not empty. The catalog has 2 schema(s)"
    lake.ask("Catalogs.delete", {"name": "lake"}, force="true")
    for collection in ("catalogs", "schemas", "tables", "volumes"):
        assert not any(key.startswith("lake") for key in lake.workspace.collections[collection])


def test_the_default_schema_counts_as_content_the_information_schema_does_not(unity: Any, refused: Refused) -> None:
    unity.send("Catalogs.create", name="lake")
    assert refused(unity.ask, "Catalogs.delete", {"name": "lake"}).message.endswith("1 schema(s)")
    unity.ask("Schemas.delete", {"full_name": "lake.default"})
    unity.ask("Catalogs.delete", {"name": "lake"}, force="false")
    assert _code(refused(unity.get, "Schemas", "lake.information_schema")) == (404, "SCHEMA_DOES_NOT_EXIST")


def test_a_schema_that_is_not_empty_goes_only_by_force(lake: Any, refused: Refused) -> None:
    error = refused(lake.ask, "Schemas.delete", {"full_name": "lake.raw"})
    content = "Schema 'lake.raw' is not empty. The schema has 1 tables(s), 0 functions(s), 1 volumes(s)"
    assert (error.code, error.message) == ("INVALID_STATE", content)
    lake.ask("Tables.delete", {"full_name": "lake.raw.orders"})
    lake.ask("Schemas.delete", {"full_name": "lake.raw"}, force="true")
    lake.send("Schemas.create", name="raw", catalog_name="lake")
    assert "TABLE_OR_VIEW_NOT_FOUND" in lake.execute("UNDROP TABLE lake.raw.orders")["status"]["error"]["message"]


def test_the_information_schema_is_the_systems(unity: Any, refused: Refused) -> None:
    path = {"full_name": "main.information_schema"}
    assert _code(refused(unity.ask, "Schemas.delete", path, force="true")) == INVALID
    assert _code(refused(unity.send, "Schemas.update", path, comment="mine")) == INVALID
    place = {"catalog_name": "main", "schema_name": "information_schema"}
    assert _code(refused(unity.send, "Volumes.create", name="v", volume_type="MANAGED", **place)) == INVALID
    assert unity.execute("CREATE TABLE main.information_schema.t (id INT)")["status"]["state"] == "FAILED"


def test_where_volumes_lie(lake: Any, refused: Refused) -> None:
    place = {"catalog_name": "lake", "schema_name": "raw"}
    managed = lake.get("Volumes", "lake.raw.files")
    assert managed["storage_location"].endswith(f"/volumes/{managed['volume_id']}")
    outside = {"volume_type": "EXTERNAL", "storage_location": "s3://bucket/in//"}
    made = lake.send("Volumes.create", name="IN", **place, **outside)
    assert (made["name"], made["storage_location"]) == ("in", "s3://bucket/in")
    error = refused(lake.send, "Volumes.create", **place, name="b", volume_type="MANAGED", storage_location="s3://b/c")
    assert (_code(error), error.message) == (INVALID, "CreateVolume storage_location can not be provided.")
    for volume_type, url in (("EXTERNAL", None), ("EXTERNAL", "/tmp/x"), ("OTHER", None)):
        body = {"name": "b", "volume_type": volume_type, "storage_location": url}
        assert _code(refused(lake.send, "Volumes.create", **place, **body)) == INVALID
    error = refused(
        lake.send, "Volumes.create", **place, name="b", **{**outside, "storage_location": "s3://bucket/in/x"}
    )
    assert "overlaps" in error.message
    lake.ask("Volumes.delete", {"name": "lake.raw.in"})
    assert "in" not in [row["name"] for row in lake.ask("Volumes.list", **place)["volumes"]]


def test_rest_makes_external_delta_tables(lake: Any, refused: Refused) -> None:
    columns = [{"name": "id", "type_name": "LONG", "type_text": "bigint", "position": 0, "nullable": False}]
    made = lake.send("Tables.create", **EXTERNAL, name="Facts", columns=columns, properties={"a": "b"})
    assert (made["full_name"], made["table_type"], made["storage_location"]) == (
        "lake.raw.facts",
        "EXTERNAL",
        "s3://bucket/t",
    )
    assert [(c["name"], c["type_text"], c["type_name"], c["nullable"]) for c in made["columns"]] == [
        ("id", "bigint", "LONG", False)
    ]
    assert made["properties"]["a"] == "b"
    for changes in ({"table_type": "MANAGED"}, {"data_source_format": "CSV"}, {"storage_location": ""}):
        assert _code(refused(lake.send, "Tables.create", **{**EXTERNAL, "name": "t", **changes})) == INVALID
    error = refused(lake.send, "Tables.create", **EXTERNAL, name="t", columns=[{"name": "x", "type_text": "money"}])
    assert "UNSUPPORTED_DATATYPE" in error.message


def test_whether_a_table_exists(lake: Any) -> None:
    assert lake.ask("Tables.exists", {"full_name": "lake.raw.ORDERS"}) == {"table_exists": True}
    lake.ask("Tables.delete", {"full_name": "lake.raw.orders"})
    assert lake.ask("Tables.exists", {"full_name": "lake.raw.orders"}) == {"table_exists": False}


def test_lists_come_in_pages_of_which_the_first_may_be_empty(unity: Any) -> None:
    for number in range(3):
        unity.send("Catalogs.create", name=f"c{number}")
    first = unity.ask("Catalogs.list")
    assert "catalogs" not in first
    rest = unity.ask("Catalogs.list", page_token=first["next_page_token"])
    assert [row["name"] for row in rest["catalogs"]] == ["c0", "c1", "c2", "main"]
    assert "next_page_token" not in rest
    two = unity.ask("Catalogs.list", max_results="2")
    assert [row["name"] for row in two["catalogs"]] == ["c0", "c1"]
    more = unity.ask("Catalogs.list", max_results="2", page_token=two["next_page_token"])
    assert [row["name"] for row in more["catalogs"]] == ["c2", "main"]


@pytest.mark.parametrize("query", [{"max_results": "many"}, {"max_results": "-1"}, {"page_token": "x"}])
def test_pages_that_do_not_exist(unity: Any, refused: Refused, query: dict[str, str]) -> None:
    assert _code(refused(unity.ask, "Catalogs.list", **query)) == INVALID


def test_lists_of_tables_leave_out_what_is_not_wanted(lake: Any) -> None:
    place = {"catalog_name": "lake", "schema_name": "raw"}
    (row,) = lake.ask("Tables.list", **place, omit_columns="true", omit_properties="true")["tables"]
    assert row["name"] == "orders"
    assert not {"columns", "properties"} & set(row)


def test_summaries_are_found_by_patterns(lake: Any) -> None:
    lake.execute("CREATE TABLE lake.raw.order_items (id INT)")
    query = {"catalog_name": "lake", "max_results": "100"}
    both = lake.ask("Tables.list_summaries", **query, table_name_pattern="order%")["tables"]
    assert [row["full_name"] for row in both] == ["lake.raw.order_items", "lake.raw.orders"]
    assert both[1] == {"full_name": "lake.raw.orders", "table_type": "MANAGED"}
    one = lake.ask("Tables.list_summaries", **query, table_name_pattern="order_", schema_name_pattern="r_w")["tables"]
    assert [row["full_name"] for row in one] == ["lake.raw.orders"]


NAMES = st.sampled_from(["a", "B", "b", "a b", "default", "information_schema", ""])
CATALOGS = st.sampled_from(["a", "b", "main", "no"])
OWNERS = st.sampled_from([None, USER, "nobody"])
SQL = st.sampled_from(
    [
        "CREATE TABLE {c}.{s}.{t} (id INT, v STRING)",
        "CREATE TABLE {c}.{s}.{t} (id INT, id INT)",
        "CREATE TABLE {c}.{s}.{t} (id INT) LOCATION 's3://b/{t}'",
        "ALTER TABLE {c}.{s}.{t} RENAME TO {c}.default.b",
        "ALTER TABLE {c}.{s}.{t} DROP COLUMNS (id)",
        "ALTER TABLE {c}.{s}.{t} ADD COLUMNS (w INT, v INT)",
        "ALTER TABLE {c}.{s}.{t} SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name', 'delta.x' = 'y')",
        "ALTER TABLE {c}.{s}.{t} SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name')",
        "DROP TABLE {c}.{s}.{t}",
        "UNDROP TABLE {c}.{s}.{t}",
        "ALTER TABLE {c}.{s}.{t} FROB",
    ]
)


@st.composite
def calls(draw: st.DrawFn) -> ApiCall:
    """Draw a call that may well fail."""
    catalog, schema, name = draw(CATALOGS), draw(st.sampled_from(["a", "b", "default"])), draw(NAMES)
    parents = {"catalog_name": catalog, "schema_name": schema}
    kind = draw(st.sampled_from(["Catalogs", "Schemas", "Volumes", "Tables", "Grants", "Sql"]))
    verb = draw(st.sampled_from(["create", "update", "delete"]))
    if kind == "Sql":
        text = draw(SQL).format(c=catalog, s=schema, t=draw(st.sampled_from(["a", "b"])))
        body = {"warehouse_id": STARTER_ID, "statement": text}
        return ApiCall("StatementExecution.execute_statement", body=body)
    if kind == "Grants":
        change = {"principal": draw(OWNERS) or "x", "add": draw(st.sets(st.sampled_from(["SELECT", "FLY"])))}
        on = {"securable_type": "catalog", "full_name": catalog}
        return ApiCall("Grants.update", on, body={"changes": [change]})
    full = {"Catalogs": catalog, "Schemas": f"{catalog}.{schema}"}.get(kind, f"{catalog}.{schema}.a")
    path = {"name": full, "full_name": full}
    if verb == "create":
        kinds = {"volume_type": draw(st.sampled_from(["MANAGED", "EXTERNAL"]))} if kind == "Volumes" else {}
        return ApiCall(
            f"{kind}.create", body={**(EXTERNAL if kind == "Tables" else {}), **parents, **kinds, "name": name}
        )
    if verb == "delete":
        return ApiCall(f"{kind}.delete", path, {"force": "true"} if draw(st.booleans()) else {})
    return ApiCall(f"{kind}.update", path, body={"new_name": draw(st.none() | NAMES), "owner": draw(OWNERS)})


@given(asked=st.lists(calls(), max_size=25))
def test_a_call_that_fails_changes_nothing(fresh: Callable[[], Any], asked: list[ApiCall]) -> None:
    unity = fresh()
    for call in asked:
        before = copy.deepcopy(unity.workspace.collections)
        try:
            reply = unity.give(call)
        except ApiError:
            assert unity.workspace.collections == before
            continue
        if reply.get("status", {}).get("state") == "FAILED":
            after = {key: value for key, value in unity.workspace.collections.items() if key != "statements"}
            assert after == {key: value for key, value in before.items() if key != "statements"}
        _check(unity.workspace)


def _check(workspace: Workspace) -> None:
    """Assert that each securable stands under its own full name, and below a parent that is there."""
    for collection, parent in (("schemas", "catalogs"), ("tables", "schemas"), ("volumes", "schemas")):
        for key, item in workspace.collections.get(collection, {}).items():
            above, _, name = key.rpartition(".")
            assert (item["full_name"], item["name"]) == (key, name)
            assert above in workspace.collections[parent]
            assert re.fullmatch(r"[a-z_]+", name)
    ids = {item["table_id"] for item in workspace.collections.get("tables", {}).values()}
    assert not ids & set(workspace.collections.get("dropped_tables", {}))
