"""Catalogs of Unity Catalog."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from dpn_sandbox.databricks import schemas
from dpn_sandbox.databricks.checks import choice
from dpn_sandbox.databricks.securables import (
    INFORMATION_SCHEMA,
    born,
    children,
    flag,
    folded_name,
    found,
    listed,
    location,
    look,
    patched,
    put,
    remove,
    require_free,
)
from dpn_sandbox.databricks.workspace import ApiCall, ApiError, Handler, Workspace, present

# Every account has these, and they are not the user's: their names are taken.
RESERVED = frozenset({"system", "samples", "hive_metastore", "__databricks_internal"})

_CREATE = ("comment", "properties", "options", "custom_max_retention_hours", "managed_encryption_settings")
_UPDATE = (
    "comment",
    "properties",
    "owner",
    "isolation_mode",
    "enable_predictive_optimization",
    "custom_max_retention_hours",
    "options",
    "managed_encryption_settings",
)
_CHOICES = {"isolation_mode": ("OPEN", "ISOLATED"), "enable_predictive_optimization": ("ENABLE", "DISABLE", "INHERIT")}
# Foreign and shared catalogs need one of these, and the sandbox has none of them.
_SOURCES = {"connection_name": "Connection", "provider_name": "Provider", "share_name": "Share"}


def create(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Make a catalog and, as the service does, its schemas `default` and `information_schema`."""
    name = folded_name("CreateCatalog", "Catalog", call.body.get("name"))
    _require_name(workspace, name)
    for key, label in _SOURCES.items():
        if call.body.get(key):
            message = f"{label} '{call.body[key]}' does not exist."
            raise ApiError(404, f"{label.upper()}_DOES_NOT_EXIST", message)
    return copy.deepcopy(add(workspace, name, call.body, location(call.body.get("storage_root"))))


def add(workspace: Workspace, name: str, body: Mapping[str, Any], root: str | None) -> dict[str, Any]:
    """Add a catalog whose name is free."""
    catalog_id = workspace.uuid()
    asked = {key: copy.deepcopy(body[key]) for key in _CREATE if body.get(key)}
    catalog = workspace.of("catalogs")[name] = {
        "name": name,
        "full_name": name,
        "id": catalog_id,
        "catalog_type": "MANAGED_CATALOG",
        "securable_type": "CATALOG",
        "isolation_mode": "OPEN",
        "enable_predictive_optimization": "INHERIT",
        "effective_predictive_optimization_flag": {"value": "DISABLE", "inherited_from_type": "METASTORE"},
        "provisioning_info": {"state": "ACTIVE"},
        **born(workspace),
        **asked,
        **present({"storage_root": root, "storage_location": root and f"{root}/__unitystorage/catalogs/{catalog_id}"}),
    }
    schemas.add(workspace, name, "default", {"comment": "Default schema (auto-created)"})
    schemas.add(workspace, name, INFORMATION_SCHEMA, {"comment": "Information schema (auto-created)"})
    return catalog


def get(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Show a catalog."""
    return copy.deepcopy(found(workspace, "catalogs", call.path["name"]))


def list_(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """List catalogs by name."""
    return listed((item for _, item in sorted(look(workspace, "catalogs").items())), "catalogs", call)


def update(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Change or rename a catalog; what stands below it follows."""
    catalog = found(workspace, "catalogs", call.path["name"])
    for key, choices in _CHOICES.items():
        choice(call.body, key, choices)
    changed = patched(workspace, "UpdateCatalog", catalog, call.body, _UPDATE)
    old = name = str(catalog["name"])
    if call.body.get("new_name") is not None:
        name = folded_name("UpdateCatalog", "Catalog", call.body["new_name"])
    if name != old:
        _require_name(workspace, name)
    return copy.deepcopy(put(workspace, "catalogs", old, changed, name))


def delete(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Delete a catalog; without `force` it must be empty, and the schema `default` counts."""
    catalog = found(workspace, "catalogs", call.path["name"])
    content = [item for item in children(workspace, "schemas", catalog["name"]) if item["name"] != INFORMATION_SCHEMA]
    if content and not flag(call, "force"):
        message = f"Catalog '{catalog['name']}' is not empty. The catalog has {len(content)} schema(s)"
        raise ApiError(400, "INVALID_STATE", message)
    remove(workspace, "catalogs", catalog["name"])
    return {}


def _require_name(workspace: Workspace, name: str) -> None:
    if name in RESERVED:
        raise ApiError(400, "CATALOG_ALREADY_EXISTS", f"Catalog '{name}' already exists")
    require_free(workspace, "catalogs", name)


HANDLERS: Mapping[str, Handler] = {
    "Catalogs.create": create,
    "Catalogs.get": get,
    "Catalogs.list": list_,
    "Catalogs.update": update,
    "Catalogs.delete": delete,
}
