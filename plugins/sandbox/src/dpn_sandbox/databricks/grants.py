"""Grants on securables. They are kept by the securable's id: so they follow a rename and come back with an undrop."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dpn_sandbox.databricks.checks import invalid, page, within
from dpn_sandbox.databricks.securables import id_field, look, require_principal
from dpn_sandbox.databricks.workspace import METASTORE_ID, ApiCall, ApiError, Handler, Workspace

_DATA = (
    "ALL_PRIVILEGES APPLY_TAG CREATE_FUNCTION CREATE_MATERIALIZED_VIEW CREATE_MODEL CREATE_TABLE CREATE_VIEW "
    "CREATE_VOLUME EXECUTE EXTERNAL_USE_SCHEMA MANAGE MODIFY READ_VOLUME REFRESH SELECT USE_SCHEMA WRITE_VOLUME"
)
_CREDENTIAL = "ALL_PRIVILEGES CREATE_EXTERNAL_LOCATION CREATE_EXTERNAL_TABLE MANAGE READ_FILES WRITE_FILES"
_LOCATION = (
    "ALL_PRIVILEGES BROWSE CREATE_EXTERNAL_TABLE CREATE_EXTERNAL_VOLUME CREATE_FOREIGN_SECURABLE "
    "CREATE_MANAGED_STORAGE EXTERNAL_USE_LOCATION MANAGE READ_FILES WRITE_FILES"
)
_METASTORE = (
    "CREATE_CATALOG CREATE_CLEAN_ROOM CREATE_CONNECTION CREATE_EXTERNAL_LOCATION CREATE_PROVIDER CREATE_RECIPIENT "
    "CREATE_SERVICE_CREDENTIAL CREATE_SHARE CREATE_STORAGE_CREDENTIAL MANAGE_ALLOWLIST SET_SHARE_PERMISSION "
    "USE_MARKETPLACE_ASSETS USE_PROVIDER USE_RECIPIENT USE_SHARE"
)

# Securable type -> collection, and the privileges that may be granted on it (Databricks, "Unity Catalog privileges").
_TYPES: Mapping[str, tuple[str, frozenset[str]]] = {
    name: (collection, frozenset(privileges.split()))
    for name, collection, privileges in (
        ("catalog", "catalogs", f"{_DATA} BROWSE CREATE_FOREIGN_SECURABLE CREATE_SCHEMA USE_CATALOG"),
        ("schema", "schemas", _DATA),
        ("table", "tables", "ALL_PRIVILEGES APPLY_TAG MANAGE MODIFY REFRESH SELECT"),
        ("volume", "volumes", "ALL_PRIVILEGES APPLY_TAG MANAGE READ_VOLUME WRITE_VOLUME"),
        ("function", "functions", "ALL_PRIVILEGES APPLY_TAG EXECUTE MANAGE"),
        ("external_location", "external_locations", _LOCATION),
        ("storage_credential", "storage_credentials", _CREDENTIAL),
        ("credential", "credentials", "ACCESS ALL_PRIVILEGES MANAGE"),
        ("connection", "connections", "ALL_PRIVILEGES CREATE_FOREIGN_CATALOG MANAGE USE_CONNECTION"),
        ("share", "shares", "SELECT"),
        ("metastore", "metastores", _METASTORE),
    )
}
_LEAST_PAGE, _MOST_ROWS = 150, 10_000
_ROWS = "privilege_assignments"


def get(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Show the grants on a securable, of one principal if the query names it."""
    securable_id, _, _ = _securable(workspace, call)
    limit = call.query.get("max_results")
    if 0 < within(call.query, "max_results", 0, _MOST_ROWS, 0) < _LEAST_PAGE:
        raise invalid(f"max_results must be 0 or at least {_LEAST_PAGE}, not '{limit}'.")
    rows = _assignments(look(workspace, "grants").get(securable_id, {}))
    wanted = call.query.get("principal")
    rows = [row for row in rows if wanted in {None, row["principal"]}]
    # Without a limit all come at once: this list alone is never cut by the server.
    return (
        {_ROWS: rows}
        if limit is None
        else page(rows, _ROWS, call, most=_MOST_ROWS, size=_LEAST_PAGE, limit="max_results")
    )


def update(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Add and remove privileges; removing one that is not granted is no error."""
    securable_id, name, privileges = _securable(workspace, call)
    added: dict[str, set[str]] = {}
    removed: dict[str, set[str]] = {}
    for change in call.body.get("changes") or ():
        principal = str(change.get("principal") or "")
        require_principal(principal)
        added.setdefault(principal, set()).update(_privileges(change.get("add"), name, privileges))
        removed.setdefault(principal, set()).update(_privileges(change.get("remove"), name, privileges))
    for principal, add in added.items():
        if add & removed[principal]:
            raise invalid(f"Duplicate privileges to add and delete for principal {principal}.")
    held = {key: set(value) for key, value in look(workspace, "grants").get(securable_id, {}).items()}
    for principal, add in added.items():
        held[principal] = held.get(principal, set()) - removed[principal] | add
    kept = workspace.of("grants")[securable_id] = {key: sorted(value) for key, value in held.items() if value}
    return {} if call.body.get("omit_permissions_in_response") else {_ROWS: _assignments(kept)}


def _assignments(grants: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"principal": principal, "privileges": sorted(privileges)} for principal, privileges in grants.items()]


def _privileges(asked: Iterable[str] | None, securable: str, taken: frozenset[str]) -> set[str]:
    """Give privileges in the SDK's spelling (`USE SCHEMA` and `USE_SCHEMA` are one)."""
    privileges = {str(privilege).upper().replace(" ", "_") for privilege in asked or ()}
    for privilege in sorted(privileges - taken):
        raise invalid(f"Privilege {privilege} is not applicable to this entity [{securable}].")
    return privileges


def _securable(workspace: Workspace, call: ApiCall) -> tuple[str, str, frozenset[str]]:
    """Give id, description and possible privileges of the securable that the path names."""
    kind, full_name = call.path["securable_type"].lower(), call.path["full_name"]
    if kind not in _TYPES:
        raise invalid(f"'{call.path['securable_type']}' is not a securable type that takes grants.")
    collection, privileges = _TYPES[kind]
    item = look(workspace, collection).get(full_name.lower())
    if item is None:
        label = kind.replace("_", " ").capitalize()
        raise ApiError(404, f"{kind.upper()}_DOES_NOT_EXIST", f"{label} '{full_name}' does not exist.")
    securable_id = METASTORE_ID if kind == "metastore" else str(item[id_field(collection)])
    return securable_id, f"{full_name}:{kind.upper()}", privileges


HANDLERS: Mapping[str, Handler] = {"Grants.get": get, "Grants.update": update}
