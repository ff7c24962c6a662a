from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dpn import Inside, Observed, Ref, Want
from dpn_databricks.errors import NotSentError, classify
from dpn_databricks.secret_scope import SecretScope

API = "/api/2.0/secrets"
CREATE, SCOPES, SECRETS = f"{API}/scopes/create", f"{API}/scopes/list", f"{API}/list"
ACLS, PUT_ACL, DELETE_ACL = f"{API}/acls/list", f"{API}/acls/put", f"{API}/acls/delete"
REF = Ref("databricks_secret_scope", "keys", "keys")
VAULT = {"resource_id": "/subscriptions/s/vaults/v", "dns_name": "https://v.vault.azure.net/"}
Read = Callable[[Any, Ref], Observed]


def scope(http: Any, acls: dict[str, str], **more: Any) -> None:
    http.on("GET", SCOPES, {"scopes": [{"name": "keys", "backend_type": "DATABRICKS", **more}]})
    http.on("GET", ACLS, {"items": [{"principal": who, "permission": may} for who, may in acls.items()]})


@pytest.mark.parametrize(
    ("spec", "body"),
    [
        ({}, {}),
        ({"initial_manage_principal": "users"}, {"initial_manage_principal": "users"}),
        (
            {"backend_azure_keyvault": VAULT},
            {"backend_azure_keyvault": VAULT, "scope_backend_type": "AZURE_KEYVAULT"},
        ),
    ],
)
def test_a_create_is_sent_once(
    http: Any, session: Any, want: Callable[..., Want], spec: dict[str, Any], body: dict[str, Any]
) -> None:
    http.lose("POST", CREATE)
    with pytest.raises(Exception, match="Connection aborted") as lost:
        SecretScope(session).create(want("keys", **spec))
    assert classify(lost.value, "create").outcome == "unknown"
    assert [sent.body for sent in http.writes()] == [{"scope": "keys", **body}]


def test_who_manages_a_scope_is_not_among_those_who_may_read_it(http: Any, session: Any, seen: Read) -> None:
    scope(http, {"ada@example.com": "MANAGE", "users": "MANAGE", "jobs": "READ"}, keyvault_metadata=VAULT)
    found = seen(SecretScope(session), REF)
    assert found.spec == {
        "initial_manage_principal": "users",
        "backend_azure_keyvault": VAULT,
        "acls": [{"principal": "jobs", "permission": "READ"}],
    }
    assert found.marker is None


def test_only_what_differs_is_written(http: Any, session: Any, seen: Read, want: Callable[..., Want]) -> None:
    scope(http, {"ada@example.com": "MANAGE", "same": "READ", "more": "READ", "gone": "WRITE"})
    http.on("POST", PUT_ACL)
    http.on("POST", DELETE_ACL)
    wanted = {"same": "READ", "more": "WRITE", "new": "READ"}
    acls = [{"principal": who, "permission": may} for who, may in wanted.items()]
    kind = SecretScope(session)
    kind.put(REF, "acls", want("keys", acls=acls), seen(kind, REF))
    assert [sent.body for sent in http.writes()] == [
        {"scope": "keys", "principal": "gone"},
        {"scope": "keys", "principal": "more", "permission": "WRITE"},
        {"scope": "keys", "principal": "new", "permission": "READ"},
    ]


def test_nobody_who_manages_a_scope_is_made_less(
    http: Any, session: Any, seen: Read, want: Callable[..., Want]
) -> None:
    scope(http, {"ada@example.com": "MANAGE"})
    kind = SecretScope(session)
    acls = [{"principal": "ada@example.com", "permission": "READ"}]
    with pytest.raises(NotSentError, match="manages the secret scope keys") as refused:
        kind.put(REF, "acls", want("keys", acls=acls), seen(kind, REF))
    fault = classify(refused.value, "put")
    assert (fault.outcome, fault.code) == ("not_applied", "NOT-SENT")
    assert "acls" in fault.hint
    assert http.writes() == []


def test_names_differ_by_more_than_case(http: Any, session: Any, want: Callable[..., Want]) -> None:
    scope(http, {})
    [found] = SecretScope(session).find(want("KEYS"))
    assert found.ref == REF
    assert SecretScope(session).read(Ref(REF.kind, "KEYS", "KEYS")) is None
    assert SecretScope(session).read(Ref(REF.kind, "key")) is None


def test_a_scope_that_vanishes_between_two_reads_is_none(http: Any, session: Any) -> None:
    http.on("GET", SCOPES, {"scopes": [{"name": "keys"}]})
    http.fail("GET", ACLS, 404, "RESOURCE_DOES_NOT_EXIST")
    assert SecretScope(session).read(REF) is None
    assert SecretScope(session).contents(REF) == []


def test_its_secrets_vanish_with_a_scope_and_stay_in_a_vault(http: Any, session: Any) -> None:
    scope(http, {})
    http.on("GET", SECRETS, {"secrets": [{"key": f"k{number}"} for number in range(9)]})
    inside = SecretScope(session).contents(REF)
    assert inside == [Inside("secret", f"k{number}", goes_with_it=True) for number in range(5)]


def test_a_vault_keeps_its_secrets(http: Any, session: Any) -> None:
    scope(http, {}, keyvault_metadata=VAULT)
    assert SecretScope(session).contents(REF) == []
    assert [sent.path for sent in http.sent()] == [SCOPES, ACLS]


def test_an_absent_scope_is_deleted_already(http: Any, session: Any) -> None:
    http.fail("POST", f"{API}/scopes/delete", 404, "RESOURCE_DOES_NOT_EXIST")
    SecretScope(session).delete(REF, Observed(REF, {}))
