from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from databricks.sdk.service.catalog import PermissionsChange

from dpn import Observed, Ref, Resource, Want
from dpn_databricks.client import DatabricksSession
from dpn_databricks.errors import classify
from dpn_databricks.grant import Grant
from dpn_databricks.privileges import check

CATALOG = Ref("databricks_catalog", "lake", "c1")
SCHEMA = Ref("databricks_schema", "gold", "s1", CATALOG)
REF = Ref("databricks_grant", "data-analysts", "data-analysts", SCHEMA)
PATH = "/api/2.1/unity-catalog/permissions/schema/lake.gold"


def seen(*privileges: str) -> Observed:
    return Observed(REF, {"principal": REF.name, "privileges": list(privileges)})


def test_a_create_adds_and_removes_nothing(http: Any, session: DatabricksSession, want: Callable[..., Want]) -> None:
    http.on("PATCH", PATH)
    wanted = want("data-analysts", SCHEMA, principal="data-analysts", privileges=["USE_SCHEMA", "SELECT"])
    assert Grant(session).create(wanted) == REF
    (sent,) = http.writes()
    assert sent.body == {"changes": [{"principal": "data-analysts", "add": ["SELECT", "USE_SCHEMA"]}]}
    assert PermissionsChange.from_dict(sent.body["changes"][0]).as_dict() == sent.body["changes"][0]


def test_a_put_sends_the_difference_and_nothing_where_there_is_none(
    http: Any, session: DatabricksSession, want: Callable[..., Want]
) -> None:
    http.on("PATCH", PATH)
    wanted = want("data-analysts", SCHEMA, privileges=["MODIFY", "SELECT"])
    Grant(session).put(REF, "privileges", wanted, seen("SELECT", "USE_SCHEMA"))
    Grant(session).put(REF, "privileges", wanted, seen("MODIFY", "SELECT"))
    (sent,) = http.writes()
    assert sent.body["changes"] == [{"principal": "data-analysts", "add": ["MODIFY"], "remove": ["USE_SCHEMA"]}]


def test_it_is_read_over_empty_pages(http: Any, session: DatabricksSession) -> None:
    first = {"principal": "data-analysts", "max_results": "0"}
    http.on("GET", PATH, {"next_page_token": "2"}, query=first)
    rows = [
        {"principal": "others", "privileges": ["MODIFY"]},
        {"principal": "data-analysts", "privileges": ["USE_SCHEMA", "SELECT"]},
    ]
    http.on("GET", PATH, {"privilege_assignments": rows}, query={**first, "page_token": "2"})
    assert Grant(session).read(Ref("databricks_grant", "data-analysts", None, SCHEMA)) == seen("SELECT", "USE_SCHEMA")


@pytest.mark.parametrize("answer", [{}, {"privilege_assignments": []}])
def test_no_privileges_are_no_grant(http: Any, session: DatabricksSession, answer: Any) -> None:
    http.on("GET", PATH, answer)
    assert Grant(session).read(REF) is None


def test_what_is_gone_with_its_securable_is_deleted_already(http: Any, session: DatabricksSession) -> None:
    http.fail("GET", PATH, 404, "SCHEMA_DOES_NOT_EXIST")
    http.fail("PATCH", PATH, 404, "SCHEMA_DOES_NOT_EXIST")
    assert Grant(session).read(REF) is None
    Grant(session).delete(REF, seen("SELECT"))


def test_a_principal_that_does_not_exist_is_refused_with_the_next_step(
    http: Any, session: DatabricksSession, want: Callable[..., Want]
) -> None:
    http.fail("PATCH", PATH, 404, "PRINCIPAL_DOES_NOT_EXIST", "Could not find principal with name data-analysts")
    with pytest.raises(Exception, match="Could not find principal") as caught:
        Grant(session).create(want("data-analysts", SCHEMA, privileges=["SELECT"]))
    fault = classify(caught.value, "create")
    assert (fault.outcome, fault.code) == ("not_applied", "PRINCIPAL_DOES_NOT_EXIST")
    assert "Create the principal first" in fault.hint


def grant(parent: str, *privileges: Any) -> Resource:
    spec = {"on": f"${{{parent}}}", "principal": "x", "privileges": list(privileges)}
    return Resource("databricks_grant.g", "databricks_grant", "x", spec, "databricks", (parent,), parent)


def test_privileges_that_the_securable_does_not_take_are_found_offline() -> None:
    (problem,) = check([grant("databricks_volume.v", "READ_VOLUME", "SELECT")])
    assert (problem.code, problem.field) == ("DATABRICKS-PRIVILEGE", "spec.privileges[1]")
    assert not list(check([grant("databricks_catalog.c", "SELECT", "USE_CATALOG"), grant("databricks_table.t", "NO")]))
    (problem,) = check([grant("databricks_table.t", "MODIFY", "READ_VOLUME")])
    assert problem.hint
