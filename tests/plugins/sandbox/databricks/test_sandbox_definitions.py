"""Pools, policies, pipelines, secret scopes and the user: what has no state that moves."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

Refusal = Callable[..., tuple[int, str]]
BAD = (400, "INVALID_PARAMETER_VALUE")
TAKEN = (400, "RESOURCE_ALREADY_EXISTS")
ABSENT = (404, "RESOURCE_DOES_NOT_EXIST")
CONFLICT = (409, "RESOURCE_CONFLICT")
POOL = {"instance_pool_name": "p", "node_type_id": "i3.xlarge"}
POLICY = {"name": "small", "definition": json.dumps({"num_workers": {"type": "fixed", "value": 1}})}


def test_the_user_is_known(desk: Any) -> None:
    reply = desk.ask("CurrentUser.me")
    assert (reply["userName"], reply["active"], reply["id"].isdigit()) == ("sandbox@example.com", True, True)


def test_a_pool_is_filled_in_edited_and_deleted(desk: Any, refusal: Refusal) -> None:
    pool = desk.send("InstancePools.create", **POOL, min_idle_instances=2, max_capacity=5)["instance_pool_id"]
    row = desk.ask("InstancePools.get", instance_pool_id=pool)
    assert (row["state"], row["idle_instance_autotermination_minutes"], row["stats"]["idle_count"]) == ("ACTIVE", 60, 2)
    assert row["aws_attributes"]["availability"] == "SPOT"
    desk.send("InstancePools.edit", instance_pool_id=pool, **{**POOL, "instance_pool_name": "q"})
    (row,) = desk.ask("InstancePools.list")["instance_pools"]
    assert (row["instance_pool_name"], row["min_idle_instances"], "max_capacity" in row) == ("q", 0, False)
    desk.send("InstancePools.delete", instance_pool_id=pool)
    assert refusal(desk.ask, "InstancePools.get", instance_pool_id=pool) == ABSENT


def test_a_pool_has_a_name_of_its_own_and_one_node_type_for_ever(desk: Any, refusal: Refusal) -> None:
    pool = desk.send("InstancePools.create", **POOL)["instance_pool_id"]
    assert refusal(desk.send, "InstancePools.create", **POOL) == TAKEN
    changed = {**POOL, "node_type_id": "i3.2xlarge"}
    assert refusal(desk.send, "InstancePools.edit", instance_pool_id=pool, **changed) == BAD
    for wrong in ({"min_idle_instances": 3, "max_capacity": 2}, {"node_type_id": "no.such"}):
        assert refusal(desk.send, "InstancePools.create", **{**POOL, "instance_pool_name": "r", **wrong}) == BAD


def test_a_policy_is_replaced_by_an_edit(desk: Any, refusal: Refusal) -> None:
    policy = desk.send("ClusterPolicies.create", **POLICY, description="d")["policy_id"]
    created = desk.ask("ClusterPolicies.get", policy_id=policy)
    desk.send("ClusterPolicies.edit", policy_id=policy, **POLICY)
    row = desk.ask("ClusterPolicies.get", policy_id=policy)
    assert "description" not in row
    assert row["created_at_timestamp"] == created["created_at_timestamp"]
    assert desk.ask("ClusterPolicies.list")["policies"] == [row]
    assert refusal(desk.send, "ClusterPolicies.create", **POLICY) == TAKEN
    assert desk.cluster(policy_id=policy)
    desk.send("ClusterPolicies.delete", policy_id=policy)
    assert refusal(desk.ask, "ClusterPolicies.get", policy_id=policy) == ABSENT


@pytest.mark.parametrize(
    "changes",
    [
        {"name": None},
        {"name": "x" * 101},
        {"definition": "{"},
        {"definition": "[]"},
        {"definition": '{"num_workers": 1}'},
        {"definition": None},
        {"policy_family_id": "job-cluster"},
        {"policy_family_definition_overrides": "{}"},
    ],
)
def test_a_policy_that_cannot_be_is_refused(desk: Any, refusal: Refusal, changes: dict[str, Any]) -> None:
    assert refusal(desk.send, "ClusterPolicies.create", **{**POLICY, **changes}) == BAD


def test_policies_are_listed_by_name_when_asked(desk: Any) -> None:
    for name in ("b", "a", "c"):
        desk.send("ClusterPolicies.create", **{**POLICY, "name": name})
    listed = desk.ask("ClusterPolicies.list", sort_column="POLICY_NAME", sort_order="ASC")["policies"]
    assert [row["name"] for row in listed] == ["a", "b", "c"]


def pipeline(desk: Any, **settings: Any) -> dict[str, str]:
    return {"pipeline_id": desk.send("Pipelines.create", **{"name": "p", **settings})["pipeline_id"]}


def test_a_pipeline_is_read_with_its_specification(desk: Any) -> None:
    path = pipeline(desk, catalog="main", schema="s", serverless=True, allow_duplicate_names=True)
    reply = desk.ask("Pipelines.get", path)
    assert (reply["state"], reply["name"], reply["spec"]["id"]) == ("IDLE", "p", path["pipeline_id"])
    assert (reply["spec"]["channel"], reply["spec"]["catalog"], "storage" in reply["spec"]) == (
        "CURRENT",
        "main",
        False,
    )
    assert "allow_duplicate_names" not in reply["spec"]


def test_names_of_pipelines_are_unique_unless_it_is_waived(desk: Any, refusal: Refusal) -> None:
    pipeline(desk)
    assert refusal(pipeline, desk) == CONFLICT
    assert pipeline(desk, allow_duplicate_names=True)
    other = pipeline(desk, name="q")
    assert refusal(desk.send, "Pipelines.update", other, name="p") == CONFLICT


def test_an_update_of_a_pipeline_replaces_and_locks(desk: Any, refusal: Refusal) -> None:
    path = pipeline(desk, configuration={"a": "b"})
    seen = desk.ask("Pipelines.get", path)["last_modified"]
    desk.send("Pipelines.update", path, name="p", expected_last_modified=seen)
    reply = desk.ask("Pipelines.get", path)
    assert reply["last_modified"] > seen
    assert "configuration" not in reply["spec"]
    assert refusal(desk.send, "Pipelines.update", path, name="p", expected_last_modified=seen) == CONFLICT
    assert refusal(desk.send, "Pipelines.update", path, name="p", catalog="main") == BAD
    assert refusal(desk.send, "Pipelines.update", path, name="p", storage="s3://other") == BAD


def test_pipelines_are_listed_by_pattern_and_page(desk: Any, refusal: Refusal) -> None:
    for name in ("sales_a", "sales_b", "other.c"):
        pipeline(desk, name=name)
    found = desk.ask("Pipelines.list_pipelines", filter="name LIKE 'sales%'")["statuses"]
    assert {row["name"] for row in found} == {"sales_a", "sales_b"}
    assert not desk.ask("Pipelines.list_pipelines", filter="name LIKE 'other_c'")
    first = desk.ask("Pipelines.list_pipelines", max_results="2")
    second = desk.ask("Pipelines.list_pipelines", max_results="2", page_token=first["next_page_token"])
    assert len(first["statuses"] + second["statuses"]) == 3
    assert "next_page_token" not in second
    assert "spec" not in first["statuses"][0]
    for query in ({"filter": "id = 3"}, {"max_results": "101"}):
        assert refusal(desk.ask, "Pipelines.list_pipelines", **query) == BAD


def test_a_dry_run_makes_no_pipeline_and_a_delete_is_for_good(desk: Any, refusal: Refusal) -> None:
    assert desk.send("Pipelines.create", name="p", dry_run=True)["effective_settings"]["name"] == "p"
    path = pipeline(desk)
    desk.send("Pipelines.stop", path)
    desk.send("Pipelines.delete", path)
    assert refusal(desk.ask, "Pipelines.get", path) == ABSENT
    assert refusal(pipeline, desk, catalog="main", storage="s3://b") == BAD


def test_scopes_and_keys_are_named_without_regard_to_case(desk: Any, refusal: Refusal) -> None:
    desk.send("Secrets.create_scope", scope="Team")
    assert refusal(desk.send, "Secrets.create_scope", scope="team") == TAKEN
    assert desk.ask("Secrets.list_scopes") == {"scopes": [{"name": "Team", "backend_type": "DATABRICKS"}]}
    desk.send("Secrets.put_secret", scope="TEAM", key="Token", string_value="one")
    desk.send("Secrets.put_secret", scope="team", key="token", bytes_value=base64.b64encode(b"two").decode())
    (row,) = desk.ask("Secrets.list_secrets", scope="team")["secrets"]
    assert row == {"key": "token", "last_updated_timestamp": desk.time}
    desk.send("Secrets.delete_secret", scope="team", key="TOKEN")
    assert refusal(desk.send, "Secrets.delete_secret", scope="team", key="token") == ABSENT
    desk.send("Secrets.delete_scope", scope="team")
    assert refusal(desk.send, "Secrets.delete_scope", scope="team") == ABSENT


def test_values_of_secrets_are_not_kept(desk: Any) -> None:
    desk.send("Secrets.create_scope", scope="s")
    desk.send("Secrets.put_secret", scope="s", key="k", string_value="the value")
    assert "the value" not in json.dumps(desk.workspace.collections)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"key": "a b"}, BAD),
        ({"key": "k" * 129}, BAD),
        ({"string_value": "x" * (128 * 1024 + 1)}, BAD),
        ({"bytes_value": "eA=="}, (400, "MALFORMED_REQUEST")),
        ({"string_value": None}, (400, "MALFORMED_REQUEST")),
        ({"string_value": None, "bytes_value": "?"}, BAD),
        ({"scope": "nowhere"}, ABSENT),
    ],
)
def test_a_secret_that_cannot_be_is_refused(
    desk: Any, refusal: Refusal, changes: dict[str, Any], expected: tuple[int, str]
) -> None:
    desk.send("Secrets.create_scope", scope="s")
    body = {"scope": "s", "key": "k", "string_value": "v", **changes}
    assert refusal(desk.send, "Secrets.put_secret", **body) == expected


def test_a_scope_that_cannot_be_is_refused(desk: Any, refusal: Refusal) -> None:
    assert refusal(desk.send, "Secrets.create_scope", scope="a b") == BAD
    assert refusal(desk.send, "Secrets.create_scope", scope="a", initial_manage_principal="admins") == BAD
    vault = {"scope": "a", "scope_backend_type": "AZURE_KEYVAULT"}
    assert refusal(desk.send, "Secrets.create_scope", **vault) == (400, "BAD_REQUEST")


def test_each_principal_has_one_permission_on_a_scope(desk: Any, refusal: Refusal) -> None:
    desk.send("Secrets.create_scope", scope="s", initial_manage_principal="users")
    for permission in ("READ", "WRITE"):
        desk.send("Secrets.put_acl", scope="s", principal="team", permission=permission)
    users = {"principal": "users", "permission": "MANAGE"}
    assert desk.ask("Secrets.get_acl", scope="s", principal="users") == users
    team = {"principal": "team", "permission": "WRITE"}
    assert desk.ask("Secrets.list_acls", scope="s")["items"] == [users, team]
    desk.send("Secrets.delete_acl", scope="s", principal="team")
    assert refusal(desk.send, "Secrets.delete_acl", scope="s", principal="team") == ABSENT
    assert refusal(desk.send, "Secrets.put_acl", scope="s", principal="team", permission="OWN") == BAD
