"""The user whom every request of the sandbox's Databricks comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dpn_sandbox.databricks.workspace import USER, ApiCall, Handler, Workspace

_USER_ID = "4242424242424201"
_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:User"


def me(_workspace: Workspace, _call: ApiCall) -> dict[str, Any]:
    """Tell who calls, as SCIM has it: a user that administers the workspace."""
    return {
        "active": True,
        "displayName": USER,
        "emails": [{"primary": True, "type": "work", "value": USER}],
        "groups": [{"display": "admins", "type": "direct", "value": "4242424242424202"}],
        "id": _USER_ID,
        "schemas": [_SCHEMA],
        "userName": USER,
    }


HANDLERS: Mapping[str, Handler] = {"CurrentUser.me": me}
