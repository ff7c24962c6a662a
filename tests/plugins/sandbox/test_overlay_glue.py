from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dpn_sandbox.testing import Sandbox

Refused = Callable[..., tuple[str, int]]
pytestmark = pytest.mark.usefixtures("sandbox")
ARN = "arn:aws:glue:us-east-1:123456789012:database/"


def table(name: str, *columns: str, keys: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "Name": name,
        "StorageDescriptor": {"Columns": [{"Name": column, "Type": "string"} for column in columns]},
        "PartitionKeys": [{"Name": key, "Type": "string"} for key in keys],
    }


def test_names_of_databases_are_folded_in_every_call(glue: Any, refused: Refused) -> None:
    glue.create_database(DatabaseInput={"Name": "Sales"}, Tags={"a": "b"})
    assert glue.get_database(Name="SALES")["Database"]["Name"] == "sales"
    assert refused(glue.create_database, DatabaseInput={"Name": "sALES"}) == ("AlreadyExistsException", 400)
    glue.update_database(Name="SALES", DatabaseInput={"Name": "Sales", "Description": "new"})
    assert glue.get_database(Name="sales")["Database"]["Description"] == "new"
    assert glue.get_tags(ResourceArn=f"{ARN}Sales")["Tags"] == {"a": "b"}
    glue.delete_database(Name="SaLeS")
    assert refused(glue.get_database, Name="sales") == ("EntityNotFoundException", 400)


def test_names_of_tables_are_folded_in_every_call(glue: Any, refused: Refused) -> None:
    glue.create_database(DatabaseInput={"Name": "sales"})
    glue.create_table(DatabaseName="Sales", TableInput=table("Orders", "a"))
    assert glue.get_table(DatabaseName="SALES", Name="ORDERS")["Table"]["Name"] == "orders"
    assert refused(glue.create_table, DatabaseName="sales", TableInput=table("oRDERS")) == (
        "AlreadyExistsException",
        400,
    )
    glue.update_table(DatabaseName="SALES", TableInput=table("Orders", "b"))
    assert len(glue.get_table_versions(DatabaseName="Sales", TableName="Orders")["TableVersions"]) == 2
    assert [row["Name"] for row in glue.get_tables(DatabaseName="Sales")["TableList"]] == ["orders"]
    glue.batch_delete_table(DatabaseName="Sales", TablesToDelete=["Orders"])
    assert refused(glue.delete_table, DatabaseName="sales", Name="Orders") == ("EntityNotFoundException", 400)


@pytest.mark.parametrize("name", [" ", "n" * 256, "é" * 128, "new\nline", "nul\0"])
def test_a_name_against_the_rules_is_refused(glue: Any, refused: Refused, name: str) -> None:
    assert refused(glue.create_database, DatabaseInput={"Name": name}) == ("InvalidInputException", 400)
    glue.create_database(DatabaseInput={"Name": "sales"})
    assert refused(glue.create_table, DatabaseName="sales", TableInput=table(name)) == ("InvalidInputException", 400)


def test_databases_and_tables_come_in_pages_that_lose_none(glue: Any) -> None:
    names = [f"d{n:03}" for n in range(105)]
    for name in reversed(names):
        glue.create_database(DatabaseInput={"Name": name})
    pages = list(glue.get_paginator("get_databases").paginate())
    assert [len(page["DatabaseList"]) for page in pages] == [100, 5]
    assert [row["Name"] for page in pages for row in page["DatabaseList"]] == names
    for name in ("c", "a", "b"):
        glue.create_table(DatabaseName="d000", TableInput=table(name))
    pages = list(glue.get_paginator("get_tables").paginate(DatabaseName="d000", PaginationConfig={"PageSize": 2}))
    assert [[row["Name"] for row in page["TableList"]] for page in pages] == [["a", "b"], ["c"]]


def test_a_page_that_cannot_be_is_refused(glue: Any, refused: Refused) -> None:
    assert refused(glue.get_databases, MaxResults=101) == ("InvalidInputException", 400)
    assert refused(glue.get_databases, NextToken="%%%") == ("InvalidInputException", 400)


def test_an_update_needs_the_current_version_if_it_names_one(glue: Any, refused: Refused) -> None:
    glue.create_database(DatabaseInput={"Name": "sales"})
    glue.create_table(DatabaseName="sales", TableInput=table("orders", "a"))
    first = glue.get_table(DatabaseName="sales", Name="orders")["Table"]["VersionId"]
    update = {"DatabaseName": "sales", "TableInput": table("orders", "b"), "VersionId": first}
    glue.update_table(**update)
    now = glue.get_table(DatabaseName="sales", Name="orders")["Table"]
    assert int(now["VersionId"]) == int(first) + 1
    stale = {**update, "TableInput": table("orders", "c")}
    assert refused(glue.update_table, **stale) == ("ConcurrentModificationException", 400)
    kept = glue.get_table(DatabaseName="sales", Name="orders")["Table"]
    assert kept["StorageDescriptor"]["Columns"] == table("orders", "b")["StorageDescriptor"]["Columns"]
    glue.update_table(DatabaseName="sales", TableInput=table("orders", "d"))


@pytest.mark.parametrize(
    "given", [table("t", "a", "b", "A"), table("t", "a", keys=("A",)), table("t", keys=("x", "x"))]
)
def test_two_columns_of_one_name_are_refused(glue: Any, refused: Refused, given: dict[str, Any]) -> None:
    glue.create_database(DatabaseInput={"Name": "sales"})
    assert refused(glue.create_table, DatabaseName="sales", TableInput=given) == ("InvalidInputException", 400)
    glue.create_table(DatabaseName="sales", TableInput=table("t", "a"))
    assert refused(glue.update_table, DatabaseName="sales", TableInput=given) == ("InvalidInputException", 400)


@pytest.mark.parametrize("tags", [{f"k{n}": "v" for n in range(51)}, {"aws:k": "v"}])
def test_tags_against_the_rules_are_refused(
    glue: Any, refused: Refused, sandbox: Sandbox, tags: dict[str, str]
) -> None:
    # botocore itself refuses keys over 128 and values over 256 characters
    refusal = ("InvalidInputException", 400)
    assert refused(glue.create_database, DatabaseInput={"Name": "sales"}, Tags=tags) == refusal
    glue.create_database(DatabaseInput={"Name": "sales"}, Tags={"first": "v"})
    assert refused(glue.tag_resource, ResourceArn=f"{ARN}sales", TagsToAdd=tags) == refusal
    assert sandbox.objects()["databases"] == {"sales": {"first": "v"}}


def test_tags_live_and_die_with_their_database(glue: Any, refused: Refused) -> None:
    missing = ("EntityNotFoundException", 400)
    assert refused(glue.get_tags, ResourceArn=f"{ARN}sales") == missing
    assert refused(glue.tag_resource, ResourceArn=f"{ARN}sales", TagsToAdd={"a": "b"}) == missing
    glue.create_database(DatabaseInput={"Name": "sales"}, Tags={"old": "1"})
    glue.delete_database(Name="sales")
    glue.create_database(DatabaseInput={"Name": "sales"})
    assert glue.get_tags(ResourceArn=f"{ARN}sales")["Tags"] == {}


def test_regions_are_worlds_of_their_own(glue: Any, client: Callable[..., Any], sandbox: Sandbox) -> None:
    glue.create_database(DatabaseInput={"Name": "sales"})
    irish = client("glue", sandbox.url, "eu-west-1")
    assert irish.get_databases()["DatabaseList"] == []
    irish.create_database(DatabaseInput={"Name": "sales"}, Tags={"a": "b"})
    irish.create_table(DatabaseName="sales", TableInput={**table("t"), "Parameters": {"p": "q"}})
    found = sandbox.objects()
    assert found["databases"] == {"sales": {}, "sales@eu-west-1": {"a": "b"}}
    assert found["tables"] == {"sales.t@eu-west-1": {"p": "q"}}
