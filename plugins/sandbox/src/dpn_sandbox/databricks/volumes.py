"""Volumes of Unity Catalog."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from dpn_sandbox.databricks.checks import choice, invalid
from dpn_sandbox.databricks.securables import (
    born,
    children,
    folded_name,
    found,
    listed,
    location,
    managed_location,
    patched,
    put,
    remove,
    require_apart,
    require_free,
    require_own,
)
from dpn_sandbox.databricks.workspace import ApiCall, Handler, Workspace, present

_TYPES = ("MANAGED", "EXTERNAL")


def create(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Make a volume: a managed one where the service chooses, an external one where the caller says."""
    catalog = found(workspace, "catalogs", str(call.body.get("catalog_name")))
    schema = found(workspace, "schemas", f"{catalog['name']}.{call.body.get('schema_name')}")
    require_own(schema)
    name = folded_name("CreateVolume", "Volume", call.body.get("name"))
    full_name = f"{schema['full_name']}.{name}"
    require_free(workspace, "volumes", full_name)
    url = _asked_location(workspace, call.body)
    volume_id = workspace.uuid()
    volume = workspace.of("volumes")[full_name] = {
        "name": name,
        "catalog_name": schema["catalog_name"],
        "schema_name": schema["name"],
        "full_name": full_name,
        "volume_id": volume_id,
        "volume_type": call.body["volume_type"],
        "storage_location": url or managed_location(workspace, schema, "volumes", volume_id),
        **born(workspace),
        **present({"comment": call.body.get("comment") or None}),
    }
    return copy.deepcopy(volume)


def _asked_location(workspace: Workspace, body: Mapping[str, Any]) -> str | None:
    url = body.get("storage_location")
    if choice({"volume_type": "", **body}, "volume_type", _TYPES) == "MANAGED":
        if url:
            raise invalid("CreateVolume storage_location can not be provided.")
        return None
    checked = location(url)
    if checked is None:
        raise invalid("CreateVolume Missing required field: storage_location")
    require_apart(workspace, checked)
    return checked


def read(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Show a volume."""
    return copy.deepcopy(found(workspace, "volumes", call.path["name"]))


def list_(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """List the volumes of a schema by name."""
    catalog = found(workspace, "catalogs", call.query.get("catalog_name", ""))
    schema = found(workspace, "schemas", f"{catalog['name']}.{call.query.get('schema_name', '')}")
    return listed(children(workspace, "volumes", schema["full_name"]), "volumes", call)


def update(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Change or rename a volume."""
    volume = found(workspace, "volumes", call.path["name"])
    changed = patched(workspace, "UpdateVolume", volume, call.body, ("comment", "owner"))
    old = full_name = str(volume["full_name"])
    if call.body.get("new_name") is not None:
        name = folded_name("UpdateVolume", "Volume", call.body["new_name"])
        full_name = f"{volume['catalog_name']}.{volume['schema_name']}.{name}"
    if full_name != old:
        require_free(workspace, "volumes", full_name)
    return copy.deepcopy(put(workspace, "volumes", old, changed, full_name))


def delete(workspace: Workspace, call: ApiCall) -> dict[str, Any]:
    """Delete a volume."""
    remove(workspace, "volumes", found(workspace, "volumes", call.path["name"])["full_name"])
    return {}


HANDLERS: Mapping[str, Handler] = {
    "Volumes.create": create,
    "Volumes.read": read,
    "Volumes.list": list_,
    "Volumes.update": update,
    "Volumes.delete": delete,
}
