"""Grants on the securables of the sandbox's Unity Catalog."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dpn_sandbox.databricks.workspace import METASTORE_ID, USER, ApiError

Securable = dict[str, str]
Refused = Callable[..., ApiError]
TABLE = {"securable_type": "table", "full_name": "lake.raw.orders"}


def _grant(lake: Any, on: Securable, principal: str, *add: str, remove: tuple[str, ...] = ()) -> dict[str, Any]:
    changes = [{"principal": principal, "add": add, "remove": remove}]
    reply: dict[str, Any] = lake.send("Grants.update", on, changes=changes)
    return reply


def _grants(lake: Any, on: Securable, **query: str) -> dict[str, list[str]]:
    rows = lake.ask("Grants.get", on, **query)["privilege_assignments"]
    return {row["principal"]: row["privileges"] for row in rows}


def _on(kind: str, full_name: str) -> dict[str, str]:
    return {"securable_type": kind, "full_name": full_name}


def test_privileges_come_back_sorted_and_in_one_spelling(lake: Any) -> None:
    on = _on("SCHEMA", "Lake.Raw")
    reply = _grant(lake, on, "data-engineers", "use schema", "SELECT", "CREATE_TABLE")
    row = {"principal": "data-engineers", "privileges": ["CREATE_TABLE", "SELECT", "USE_SCHEMA"]}
    assert reply == {"privilege_assignments": [row]}
    assert _grants(lake, _on("schema", "lake.raw")) == {"data-engineers": row["privileges"]}


def test_privileges_are_added_and_removed_and_the_last_takes_the_principal_along(lake: Any) -> None:
    _grant(lake, TABLE, USER, "SELECT", "MODIFY")
    _grant(lake, TABLE, "account users", "SELECT")
    _grant(lake, TABLE, USER, "APPLY_TAG", remove=("MODIFY", "MANAGE"))
    assert _grants(lake, TABLE) == {USER: ["APPLY_TAG", "SELECT"], "account users": ["SELECT"]}
    assert _grants(lake, TABLE, principal="account users") == {"account users": ["SELECT"]}
    _grant(lake, TABLE, "account users", remove=("SELECT",))
    assert _grants(lake, TABLE) == {USER: ["APPLY_TAG", "SELECT"]}


def test_removing_all_privileges_leaves_what_was_granted_apart(lake: Any) -> None:
    _grant(lake, TABLE, USER, "ALL PRIVILEGES", "SELECT")
    _grant(lake, TABLE, USER, remove=("ALL_PRIVILEGES",))
    assert _grants(lake, TABLE) == {USER: ["SELECT"]}


def test_an_update_may_answer_nothing(lake: Any) -> None:
    changes = [{"principal": USER, "add": ["SELECT"]}]
    assert lake.send("Grants.update", TABLE, changes=changes, omit_permissions_in_response=True) == {}
    assert _grants(lake, TABLE) == {USER: ["SELECT"]}


@pytest.mark.parametrize(
    "principal",
    [USER, "account users", "data-engineers", "data-analysts", "data-scientists", "x@y.z", METASTORE_ID],
)
def test_principals_of_the_account(lake: Any, principal: str) -> None:
    _grant(lake, TABLE, principal, "SELECT")
    assert _grants(lake, TABLE) == {principal: ["SELECT"]}


@pytest.mark.parametrize("principal", ["", "admins", "Data-Engineers", "0000"])
def test_other_principals_do_not_exist(lake: Any, refused: Refused, principal: str) -> None:
    error = refused(_grant, lake, TABLE, principal, "SELECT")
    assert (error.status, error.code) == (404, "PRINCIPAL_DOES_NOT_EXIST")
    assert error.message == f"Could not find principal with name {principal}."


@pytest.mark.parametrize(
    ("on", "privilege"),
    [
        (_on("catalog", "lake"), "CREATE_CATALOG"),
        (_on("schema", "lake.raw"), "USE_CATALOG"),
        (TABLE, "READ_VOLUME"),
        (_on("volume", "lake.raw.files"), "SELECT"),
        (_on("metastore", METASTORE_ID), "SELECT"),
        (TABLE, "FLY"),
    ],
)
def test_privileges_that_the_securable_does_not_take(
    lake: Any, refused: Refused, on: dict[str, str], privilege: str
) -> None:
    for error in (refused(_grant, lake, on, USER, privilege), refused(_grant, lake, on, USER, remove=(privilege,))):
        assert (error.status, error.code) == (400, "INVALID_PARAMETER_VALUE")
        assert error.message.startswith(f"Privilege {privilege} is not applicable")
    assert _grants(lake, on) == {}


def test_every_type_takes_its_own(lake: Any) -> None:
    for on, privilege in (
        (_on("catalog", "lake"), "USE_CATALOG"),
        (_on("volume", "lake.raw.files"), "READ_VOLUME"),
        (_on("metastore", METASTORE_ID), "CREATE_CATALOG"),
    ):
        _grant(lake, on, USER, privilege)
        assert _grants(lake, on) == {USER: [privilege]}


def test_one_privilege_cannot_be_added_and_removed(lake: Any, refused: Refused) -> None:
    error = refused(_grant, lake, TABLE, USER, "SELECT", remove=("select",))
    assert (error.status, error.code) == (400, "INVALID_PARAMETER_VALUE")
    assert error.message == f"Duplicate privileges to add and delete for principal {USER}."
    changes = [{"principal": USER, "add": ["SELECT"]}, {"principal": USER, "remove": ["SELECT"]}]
    assert "Duplicate privileges" in refused(lake.send, "Grants.update", TABLE, changes=changes).message


@pytest.mark.parametrize(
    ("on", "status", "code"),
    [
        (_on("table", "lake.raw.no"), 404, "TABLE_DOES_NOT_EXIST"),
        (_on("external_location", "no"), 404, "EXTERNAL_LOCATION_DOES_NOT_EXIST"),
        (_on("function", "lake.raw.f"), 404, "FUNCTION_DOES_NOT_EXIST"),
        (_on("bucket", "b"), 400, "INVALID_PARAMETER_VALUE"),
    ],
)
def test_securables_that_are_not_there(lake: Any, refused: Refused, on: dict[str, str], status: int, code: str) -> None:
    error = refused(_grant, lake, on, USER, "SELECT")
    assert (error.status, error.code) == (status, code)


@pytest.mark.parametrize("limit", ["1", "149", "x", "-1"])
def test_pages_of_grants_may_not_be_small(lake: Any, limit: str) -> None:
    with pytest.raises(ApiError) as caught:
        _grants(lake, TABLE, max_results=limit)
    assert caught.value.code == "INVALID_PARAMETER_VALUE"


def test_grants_come_in_pages_if_asked(lake: Any) -> None:
    for number in range(160):
        _grant(lake, TABLE, f"{number}@y.z", "SELECT")
    assert len(_grants(lake, TABLE)) == 160
    page = lake.ask("Grants.get", TABLE, max_results="150")
    rest = lake.ask("Grants.get", TABLE, max_results="150", page_token=page["next_page_token"])
    assert len(page["privilege_assignments"] + rest["privilege_assignments"]) == 160
    assert "next_page_token" not in rest
    assert "privilege_assignments" not in lake.ask("Grants.get", TABLE, max_results="0")


def test_grants_follow_a_rename(lake: Any) -> None:
    _grant(lake, TABLE, USER, "SELECT")
    lake.send("Catalogs.update", {"name": "lake"}, new_name="sea")
    assert _grants(lake, _on("table", "sea.raw.orders")) == {USER: ["SELECT"]}
    lake.run("ALTER TABLE sea.raw.orders RENAME TO sea.raw.sales")
    assert _grants(lake, _on("table", "sea.raw.sales")) == {USER: ["SELECT"]}


def test_grants_vanish_with_their_securable(lake: Any) -> None:
    on = _on("schema", "lake.raw")
    _grant(lake, on, USER, "SELECT")
    _grant(lake, TABLE, USER, "SELECT")
    lake.ask("Schemas.delete", {"full_name": "lake.raw"}, force="true")
    assert lake.workspace.collections["grants"] == {}
    lake.send("Schemas.create", name="raw", catalog_name="lake")
    assert _grants(lake, on) == {}


def test_grants_come_back_with_an_undropped_table_and_not_for_a_new_one(lake: Any) -> None:
    _grant(lake, TABLE, USER, "SELECT")
    lake.run("DROP TABLE lake.raw.orders")
    lake.run("CREATE TABLE lake.raw.orders (id INT)")
    assert _grants(lake, TABLE) == {}
    lake.run("ALTER TABLE lake.raw.orders RENAME TO lake.raw.other")
    lake.run("UNDROP TABLE lake.raw.orders")
    assert _grants(lake, TABLE) == {USER: ["SELECT"]}
