"""Schemas of Unity Catalog."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from dpn_sandbox.databricks.checks import choice
from dpn_sandbox.databricks.securables import (
    born,
    children,
    flag,
    folded_name,
    found,
    listed,
    location,
    patched,
    put,
    remove,
    require_free,
    require_own,
)
from dpn_sandbox.databricks.workspace import ApiCall, ApiError, Handler, Workspace, present

_CREATE = ("comment", "properties", "custom_max_retention_hours")
_UPDATE = ("comment", "properties", "owner", "enable_predictive_optimization", "custom_max_retention_hours")
_OPTIMIZATION = ("ENABLE", "DISABLE", "INHERIT")


def create(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Make a schema in a catalog that is there."""
    catalog = found(workspace, "catalogs", str(call.body.get("catalog_name")))
    name = folded_name("CreateSchema", "Schema", call.body.get("name"))
    require_free(workspace, "schemas", f"{catalog['name']}.{name}")
    root = location(call.body.get("storage_root"))
    return copy.deepcopy(add(workspace, catalog["name"], name, call.body, root))


def add(
    workspace: Workspace, catalog: str, name: str, body: Mapping[str, Any], root: str | None = None
) -> dict[str, Any]:
    """Add a schema whose name is free."""
    schema_id = workspace.uuid()
    full_name = f"{catalog}.{name}"
    schema = workspace.of("schemas")[full_name] = {
        "name": name,
        "catalog_name": catalog,
        "full_name": full_name,
        "schema_id": schema_id,
        "catalog_type": "MANAGED_CATALOG",
        "enable_predictive_optimization": "INHERIT",
        "effective_predictive_optimization_flag": {"value": "DISABLE", "inherited_from_type": "METASTORE"},
        **born(workspace),
        **{key: copy.deepcopy(body[key]) for key in _CREATE if body.get(key)},
        **present({"storage_root": root, "storage_location": root and f"{root}/__unitystorage/schemas/{schema_id}"}),
    }
    return schema


def get(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Show a schema."""
    return copy.deepcopy(found(workspace, "schemas", call.path["full_name"]))


def list_(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """List the schemas of a catalog by name."""
    catalog = found(workspace, "catalogs", call.query.get("catalog_name", ""))
    return listed(children(workspace, "schemas", catalog["name"]), "schemas", call)


def update(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Change or rename a schema; what stands below it follows."""
    schema = found(workspace, "schemas", call.path["full_name"])
    require_own(schema)
    choice(call.body, "enable_predictive_optimization", _OPTIMIZATION)
    changed = patched(workspace, "UpdateSchema", schema, call.body, _UPDATE)
    old = full_name = str(schema["full_name"])
    if call.body.get("new_name") is not None:
        full_name = f"{schema['catalog_name']}.{folded_name('UpdateSchema', 'Schema', call.body['new_name'])}"
    if full_name != old:
        require_free(workspace, "schemas", full_name)
    return copy.deepcopy(put(workspace, "schemas", old, changed, full_name))


def delete(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Delete a schema; without `force` it must be empty. Tables that were dropped do not count, and go with it."""
    schema = found(workspace, "schemas", call.path["full_name"])
    require_own(schema)
    full_name = schema["full_name"]
    kinds = ("tables", "functions", "volumes")
    counts = {kind: len(list(children(workspace, kind, full_name))) for kind in kinds}
    if any(counts.values()) and not flag(call, "force"):
        content = ", ".join(f"{count} {kind}(s)" for kind, count in counts.items())
        raise ApiError(400, "INVALID_STATE", f"Schema '{full_name}' is not empty. The schema has {content}")
    remove(workspace, "schemas", full_name)
    return {}


HANDLERS: Mapping[str, Handler] = {
    "Schemas.create": create,
    "Schemas.get": get,
    "Schemas.list": list_,
    "Schemas.update": update,
    "Schemas.delete": delete,
}
