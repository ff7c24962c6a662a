"""Secret scopes: names and keys without regard to case. Values are weighed and thrown away: no reply gives one."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

from dpn_sandbox.databricks.checks import absent, choice, invalid, taken, text
from dpn_sandbox.databricks.workspace import USER, ApiCall, ApiError, Handler, Workspace

MAX_SCOPES = MAX_SECRETS = 1000
MAX_VALUE_BYTES = 128 * 1024
_NAME = re.compile(r"[A-Za-z0-9._@-]{1,128}")


def create_scope(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Create a scope, managed by its creator or by all users."""
    name = _name(call.body, "scope")
    scopes = workspace.of("scopes")
    if name.lower() in scopes:
        raise taken(f"Scope {name} already exists!")
    if len(scopes) >= MAX_SCOPES:
        raise ApiError(400, "RESOURCE_LIMIT_EXCEEDED", f"A workspace may have at most {MAX_SCOPES} secret scopes")
    manager = call.body.get("initial_manage_principal") or USER
    if manager not in (USER, "users"):
        raise invalid("initial_manage_principal must be 'users' or left out")
    backend = choice(call.body, "scope_backend_type", {"AZURE_KEYVAULT", "DATABRICKS"}, "DATABRICKS")
    if backend != "DATABRICKS":
        raise ApiError(400, "BAD_REQUEST", "Scopes in Azure Key Vault exist on Azure only; this workspace is on AWS")
    row = {"name": name, "backend_type": backend, "_secrets": {}, "_acls": {manager: "MANAGE"}}
    scopes[name.lower()] = row
    return {}


def delete_scope(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Delete a scope with all its secrets."""
    del workspace.of("scopes")[_scope(workspace, call.body)["name"].lower()]
    return {}


def list_scopes(workspace: Workspace, _call: ApiCall) -> dict[str, Any]:
    """List all scopes."""
    rows = workspace.of("scopes").values()
    return {"scopes": [{"name": row["name"], "backend_type": row["backend_type"]} for row in rows]}


def put_secret(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Write a secret, over the one that is there."""
    scope, key = _scope(workspace, call.body), _name(call.body, "key")
    size = _size(call.body)
    if size > MAX_VALUE_BYTES:
        raise invalid(f"The value of a secret may have at most {MAX_VALUE_BYTES} bytes, this one has {size}")
    secrets = scope["_secrets"]
    if key.lower() not in secrets and len(secrets) >= MAX_SECRETS:
        raise ApiError(400, "RESOURCE_LIMIT_EXCEEDED", f"A scope may have at most {MAX_SECRETS} secrets")
    secrets[key.lower()] = {"key": key, "last_updated_timestamp": workspace.now()}
    return {}


def delete_secret(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Delete a secret."""
    scope, key = _scope(workspace, call.body), _name(call.body, "key")
    if scope["_secrets"].pop(key.lower(), None) is None:
        raise absent(f"Secret {key} in scope {scope['name']} does not exist!")
    return {}


def list_secrets(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """List the keys of a scope, never their values."""
    return {"secrets": [dict(row) for row in _scope(workspace, call.query)["_secrets"].values()]}


def put_acl(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Give a principal one permission, in the place of the one it had."""
    scope, principal = _scope(workspace, call.body), text(call.body, "principal")
    permission = choice(call.body, "permission", {"MANAGE", "READ", "WRITE"})
    if permission is None:
        raise invalid("Missing required field: permission")
    scope["_acls"][principal] = permission
    return {}


def get_acl(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Read the permission of one principal."""
    principal = text(call.query, "principal")
    return {"principal": principal, "permission": _acl(_scope(workspace, call.query), principal)}


def list_acls(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """List who may do what with a scope."""
    acls = _scope(workspace, call.query)["_acls"].items()
    return {"items": [{"principal": principal, "permission": permission} for principal, permission in acls]}


def delete_acl(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Take a principal's permission away."""
    scope, principal = _scope(workspace, call.body), text(call.body, "principal")
    _acl(scope, principal)
    del scope["_acls"][principal]
    return {}


def _name(values: Mapping[str, Any], field: str) -> str:
    name = text(values, field)
    if not _NAME.fullmatch(name):
        raise invalid(f"{field} may have at most 128 letters, digits and '-', '_', '.', '@': {name!r} does not fit")
    return name


def _scope(workspace: Workspace, values: Mapping[str, Any]) -> dict[str, Any]:
    name = text(values, "scope")
    row = workspace.of("scopes").get(name.lower())
    if row is None:
        raise absent(f"Scope {name} does not exist!")
    return row


def _acl(scope: Mapping[str, Any], principal: str) -> str:
    permission = scope["_acls"].get(principal)
    if permission is None:
        raise absent(f"Failed to get secret acl for {principal} in scope {scope['name']}: it does not exist")
    return str(permission)


def _size(body: Mapping[str, Any]) -> int:
    string, encoded = body.get("string_value"), body.get("bytes_value")
    if (string is None) == (encoded is None):
        raise ApiError(400, "MALFORMED_REQUEST", "Exactly one of string_value and bytes_value must be specified")
    if string is not None:
        return len(string.encode())
    try:
        return len(base64.b64decode(str(encoded), validate=True))
    except binascii.Error:
        raise invalid("bytes_value must be base64") from None


HANDLERS: Mapping[str, Handler] = {
    "Secrets.create_scope": create_scope,
    "Secrets.delete_scope": delete_scope,
    "Secrets.list_scopes": list_scopes,
    "Secrets.put_secret": put_secret,
    "Secrets.delete_secret": delete_secret,
    "Secrets.list_secrets": list_secrets,
    "Secrets.put_acl": put_acl,
    "Secrets.get_acl": get_acl,
    "Secrets.list_acls": list_acls,
    "Secrets.delete_acl": delete_acl,
}
