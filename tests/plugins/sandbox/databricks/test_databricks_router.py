"""What the sandbox's Databricks refuses before any handler is asked, and what it makes of a request."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpn_sandbox.cloud import Moment, Outcome
from dpn_sandbox.databricks.cloud import Databricks
from dpn_sandbox.databricks.workspace import ApiCall, ApiError, Workspace
from dpn_sandbox.wire import Request

AUTHORISED = {"HTTP_AUTHORIZATION": "Bearer sandbox", "HTTP_HOST": "127.0.0.1:80"}
SCHEMAS = "/api/2.1/unity-catalog/schemas"
STATEMENTS = "/api/2.0/sql/statements"
JOBS = "/api/2.2/jobs/create"
MOMENT = Moment(7, 1_800_000_000_000)


def echo(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    row = {"path": dict(call.path), "query": dict(call.query), "body": dict(call.body)}
    workspace.of("asked")[workspace.uuid()] = {**row, "at": workspace.now()}
    return row


def look(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    workspace.moves += call.query["cluster_id"] == "pending"
    return {}


def refuse(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    raise ApiError(400, "INVALID_STATE", "Not now.")


def nothing(workspace: Workspace) -> None:
    pass


HANDLERS = {
    **dict.fromkeys(("Schemas.create", "Schemas.get", "Schemas.list", "Schemas.update", "Jobs.create"), echo),
    **dict.fromkeys(("Grants.update", "Tables.create", "StatementExecution.execute_statement", "Clusters.list"), echo),
    "Clusters.get": look,
    "Warehouses.delete": refuse,
    "Secrets.put_secret": echo,
}


@pytest.fixture
def cloud() -> Databricks:
    return Databricks(HANDLERS, nothing)


def send(cloud: Databricks, method: str, target: str, body: Any = None) -> Outcome:
    raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    request = Request(method, target, AUTHORISED, body=raw)
    return cloud.apply(cloud.identify(request), request, MOMENT)


def said(outcome: Outcome) -> tuple[int, str, str]:
    answer = json.loads(outcome.reply.body)
    return outcome.reply.status, answer["error_code"], answer["message"]


def test_a_call_is_taken_apart_for_its_handler(cloud: Databricks) -> None:
    outcome = send(cloud, "PATCH", f"{SCHEMAS}/main.sales%20eu", {"comment": "c", "properties": {"a": "b"}})
    assert json.loads(outcome.reply.body) == {
        "path": {"full_name": "main.sales eu"},
        "query": {},
        "body": {"comment": "c", "properties": {"a": "b"}},
    }
    assert outcome.changed
    assert send(cloud, "GET", f"{SCHEMAS}?catalog_name=main&max_results=0").reply.status == 200


def test_every_reply_names_the_workspace(cloud: Databricks) -> None:
    targets = [f"{SCHEMAS}/main.a", f"{SCHEMAS}?catalog_name=main&no=1", "/api/2.1/none", "/none"]
    replies = [send(cloud, "GET", target).reply for target in (*targets, "/.well-known/databricks-config")]
    replies.append(cloud.throttled(cloud.identify(Request("GET", SCHEMAS))))
    assert [reply.status for reply in replies] == [200, 400, 404, 404, 200, 429]
    assert {dict(reply.headers)["X-Databricks-Org-Id"] for reply in replies} == {"4242424242424242"}


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (SCHEMAS, {"name": "a"}, "'catalog_name' is required"),
        (SCHEMAS, {"name": None, "catalog_name": "main"}, "'name' is required"),
        (SCHEMAS, {"name": "a", "catalog_name": "main", "colour": 1}, "'colour' is not known; there are catalog_name"),
        (SCHEMAS, {"name": 1, "catalog_name": "main"}, "'name' must be a string"),
        (
            SCHEMAS,
            {"name": "a", "catalog_name": "main", "properties": {"k": 1}},
            "\"properties['k']\" must be a string",
        ),
        (SCHEMAS, {"name": "a", "catalog_name": "main", "properties": []}, "'properties' must be a map"),
        (SCHEMAS, [], "'body' must be an object"),
        (JOBS, {"max_concurrent_runs": True}, "'max_concurrent_runs' must be an integer"),
        (JOBS, {"tasks": [{"task_key": "a"}, {}]}, "'tasks[1].task_key' is required"),
        (
            JOBS,
            {"tasks": [{"task_key": "a", "new_cluster": {"nodes": 1}}]},
            "'tasks[0].new_cluster.nodes' is not known",
        ),
        (JOBS, {"tasks": {}}, "'tasks' must be an array"),
        (JOBS, {"format": "FOUR"}, "'format' must be one of MULTI_TASK, SINGLE_TASK, not 'FOUR'"),
        (JOBS, {"format": ["MULTI_TASK"]}, "'format' must be one of"),
    ],
)
def test_a_body_that_is_not_of_its_shape_is_refused_with_the_path(
    cloud: Databricks, path: str, body: Any, field: str
) -> None:
    outcome = send(cloud, "POST", path, body)
    status, code, message = said(outcome)
    assert (status, code, outcome.changed) == (400, "INVALID_PARAMETER_VALUE", False)
    assert f"Field {field}" in message
    assert cloud.inventory() == {}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "'catalog_name' is required"),
        ("?catalog_name=main&limit=1", "'limit' is not known"),
        ("?catalog_name=main&max_results=ten", "'max_results' must be an integer"),
        ("?catalog_name=main&include_browse=1", "'include_browse' must be true or false"),
    ],
)
def test_a_query_is_checked_too(cloud: Databricks, query: str, field: str) -> None:
    status, code, message = said(send(cloud, "GET", SCHEMAS + query))
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert f"Field {field}" in message


def test_a_message_in_a_query_is_written_out(cloud: Databricks) -> None:
    assert send(cloud, "GET", "/api/2.1/clusters/list?filter_by.is_pinned=true&page_size=5").reply.status == 200


def test_nulls_stand_for_what_is_not_given(cloud: Databricks) -> None:
    outcome = send(cloud, "POST", JOBS, {"name": None, "tasks": [{"task_key": "a", "description": None}]})
    assert json.loads(outcome.reply.body)["body"] == {"tasks": [{"task_key": "a"}]}


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[" * 100_000], ids=["open", "no text", "deep"])
def test_what_is_no_json_is_malformed(cloud: Databricks, body: bytes) -> None:
    assert said(send(cloud, "POST", SCHEMAS, body))[:2] == (400, "MALFORMED_REQUEST")


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/api/2.1/clusters/everything"), ("PUT", SCHEMAS), ("GET", f"{SCHEMAS}/a/b"), ("GET", f"{SCHEMAS}/")],
)
def test_an_unknown_path_has_no_endpoint(cloud: Databricks, method: str, path: str) -> None:
    status, code, message = said(send(cloud, method, path))
    assert (status, code) == (404, "ENDPOINT_NOT_FOUND")
    assert f"'{method} {path}'" in message


def test_outside_of_the_api_there_is_a_page_for_people(cloud: Databricks) -> None:
    reply = send(cloud, "GET", "/login%3Cscript%3E").reply
    assert (reply.status, dict(reply.headers)["Content-Type"]) == (404, "text/html")
    assert b"<script>" not in reply.body


def test_an_operation_without_a_handler_is_said_plainly(cloud: Databricks) -> None:
    status, code, message = said(send(cloud, "POST", "/api/2.2/jobs/delete", {"job_id": 1}))
    assert (status, code) == (501, "NOT_IMPLEMENTED")
    assert "Jobs.delete" in message


def test_what_a_handler_refuses_is_answered_and_not_kept(cloud: Databricks) -> None:
    outcome = send(cloud, "DELETE", "/api/2.0/sql/warehouses/w")
    assert (said(outcome), outcome.changed) == ((400, "INVALID_STATE", "Not now."), False)


@pytest.mark.parametrize(
    ("headers", "status", "message"),
    [
        ({}, 401, "Credential was not sent or was of an unsupported type for this API."),
        ({"HTTP_AUTHORIZATION": "Bearer dapi0123"}, 403, "Invalid access token."),
        ({"HTTP_AUTHORIZATION": "sandbox"}, 403, "Invalid access token."),
    ],
)
def test_who_has_no_token_of_the_sandbox_gets_nothing(
    cloud: Databricks, headers: dict[str, str], status: int, message: str
) -> None:
    body = json.dumps({"name": "a", "catalog_name": "main"}).encode()
    request = Request("POST", SCHEMAS, headers, body=body)
    outcome = cloud.apply(cloud.identify(request), request, MOMENT)
    assert json.loads(outcome.reply.body) == {"error_code": status, "message": message}
    assert (outcome.reply.status, outcome.changed, cloud.inventory()) == (status, False, {})


def test_a_host_tells_what_it_is_without_a_token(cloud: Databricks) -> None:
    request = Request("GET", "/.well-known/databricks-config", {"HTTP_HOST": "127.0.0.1:4711"})
    answer = json.loads(cloud.apply(cloud.identify(request), request, MOMENT).reply.body)
    assert answer["workspace_id"] == "4242424242424242"
    assert answer["oidc_endpoint"] == "http://127.0.0.1:4711/oidc"


def test_the_same_moment_gives_the_same_identifiers_and_time() -> None:
    made: list[Mapping[str, Mapping[str, Any]]] = []
    for _ in range(2):
        cloud = Databricks(HANDLERS, nothing)
        send(cloud, "POST", SCHEMAS, {"name": "a", "catalog_name": "main"})
        made.append(cloud.inventory())
    assert made[0] == made[1]
    assert next(iter(made[0]["asked"].values()))["at"] == MOMENT.at


def test_a_read_is_kept_only_when_it_moved_something(cloud: Databricks) -> None:
    assert send(cloud, "GET", "/api/2.1/clusters/get?cluster_id=pending").changed
    assert not send(cloud, "GET", "/api/2.1/clusters/get?cluster_id=running").changed


def test_what_the_log_keeps_has_no_secret(cloud: Databricks) -> None:
    body = json.dumps({"scope": "s", "key": "k", "string_value": "hunter2"}).encode()
    headers = {**AUTHORISED, "HTTP_USER_AGENT": "someone", "CONTENT_TYPE": "application/json"}
    kept = cloud.kept(Request("POST", "/api/2.0/secrets/put", headers, body=body))
    assert json.loads(kept.body) == {"scope": "s", "key": "k", "string_value": ""}
    assert set(kept.headers) == {"HTTP_AUTHORIZATION", "CONTENT_TYPE"}


@pytest.mark.parametrize(
    ("method", "target", "body", "name", "write"),
    [
        ("POST", SCHEMAS, {"catalog_name": "main", "name": "a"}, "main.a", True),
        ("POST", SCHEMAS.replace("schemas", "catalogs"), {"name": "main"}, "main", True),
        ("GET", f"{SCHEMAS}?catalog_name=main", None, "main", False),
        ("PATCH", f"{SCHEMAS}/main.a", {"new_name": "b"}, "main.a", True),
        ("PATCH", "/api/2.1/unity-catalog/permissions/SCHEMA/main.a", {"changes": []}, "main.a", True),
        ("DELETE", "/api/2.1/unity-catalog/volumes/main.a.v", None, "main.a.v", True),
        ("POST", "/api/2.1/clusters/edit", {"cluster_id": "1", "cluster_name": "etl"}, "etl", True),
        ("POST", "/api/2.1/clusters/delete", {"cluster_id": "1"}, "1", True),
        ("POST", "/api/2.1/clusters/events", {"cluster_id": "1"}, "1", False),
        ("POST", "/api/2.2/jobs/reset", {"job_id": 5, "new_settings": {"name": "daily"}}, "daily", True),
        ("GET", "/api/2.2/jobs/get?job_id=5", None, "5", False),
        ("POST", "/api/2.0/secrets/put", {"scope": "s", "key": "k", "string_value": "v"}, "s/k", True),
        ("POST", "/api/2.0/secrets/acls/put", {"scope": "s", "principal": "p", "permission": "READ"}, "s/p", True),
        ("GET", "/api/2.0/pipelines/p1", None, "p1", False),
        (
            "POST",
            STATEMENTS,
            {"warehouse_id": "w", "statement": "CREATE\n TABLE t"},
            "CREATE TABLE t",
            True,
        ),
        ("POST", STATEMENTS, {"warehouse_id": "w", "statement": " (select 1)"}, "(select 1)", False),
        ("POST", STATEMENTS, {"warehouse_id": "w", "statement": "SHOW TABLES"}, "SHOW TABLES", False),
        ("POST", "/api/2.0/instance-pools/create", {"instance_pool_name": "p", "node_type_id": "n"}, "p", True),
        ("GET", "/api/2.0/nothing", None, "/api/2.0/nothing", False),
    ],
)
def test_a_call_is_named_by_what_it_is_about(
    cloud: Databricks, method: str, target: str, body: Any, name: str, write: bool
) -> None:
    call = cloud.identify(Request(method, target, body=b"" if body is None else json.dumps(body).encode()))
    assert (call.service, call.name, call.write) == ("databricks", name, write)


FIELDS = st.sampled_from(["name", "tasks", "task_key", "new_cluster", "num_workers", "x"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["name", "tasks", "task_key", "new_cluster", "num_workers", "x"]), inner, max_size=4
    ),
    max_leaves=12,
)
CLOUD = Databricks(HANDLERS, nothing)


@given(body=JSON)
def test_any_json_is_answered_and_never_breaks_the_check(body: Any) -> None:
    CLOUD.reset()
    outcome = send(CLOUD, "POST", JOBS, body)
    assert outcome.reply.status in (200, 400)
    assert outcome.changed == (outcome.reply.status == 200) == bool(CLOUD.inventory())
