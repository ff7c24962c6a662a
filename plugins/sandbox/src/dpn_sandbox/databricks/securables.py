"""What the securables of Unity Catalog have in common: names, owners, times, and what follows a rename or a delete."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dpn_sandbox.databricks.checks import invalid, page
from dpn_sandbox.databricks.workspace import METASTORE_ID, USER, ApiCall, ApiError, Workspace, descendants

METASTORE_ROOT = "s3://sandbox-metastore/root"
GROUPS = frozenset({"account users", "data-engineers", "data-analysts", "data-scientists"})
INFORMATION_SCHEMA = "information_schema"

_LABELS = {"catalogs": "Catalog", "schemas": "Schema", "tables": "Table", "volumes": "Volume", "functions": "Function"}
_IDS = {"schemas": "schema_id", "tables": "table_id", "volumes": "volume_id", "functions": "function_id"}
_BELOW = ("schemas", "tables", "volumes", "functions")
_MOST_ROWS = 10_000
_NAME = re.compile(r"[^ ./\x00-\x1f\x7f]{1,255}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_URL = re.compile(r"(s3|s3a|abfss|wasbs|gs|r2)://[^/\s]+(/.*)?")


def valid_name(name: object) -> bool:
    """Tell whether Unity Catalog takes a name: 1-255 characters, no space, dot, slash or control character."""
    return isinstance(name, str) and _NAME.fullmatch(name) is not None


def folded_name(rpc: str, securable: str, name: object) -> str:
    """Give a new name as it is kept, in lower case; refuse what is no name, in the words of the service."""
    if not valid_name(name):
        field = f"managedcatalog.{securable}Info.name"
        raise invalid(f'Invalid input: RPC {rpc} Field {field}: name "{name}" is not a valid name')
    return str(name).lower()


def look(workspace: Workspace, collection: str) -> Mapping[str, dict[str, Any]]:
    """Give the objects of a collection to read; unlike `Workspace.of` it adds nothing to the workspace."""
    return workspace.collections.get(collection, {})


def found(workspace: Workspace, collection: str, name: str) -> dict[str, Any]:
    """Give a securable by full name, which may be written in any case; refuse one that is not there."""
    item = look(workspace, collection).get(name.lower())
    if item is None:
        label = _LABELS[collection]
        raise ApiError(404, f"{label.upper()}_DOES_NOT_EXIST", f"{label} '{name}' does not exist.")
    return item


def require_free(workspace: Workspace, collection: str, full_name: str) -> None:
    """Refuse a name that is taken.

    The code is `<SECURABLE>_ALREADY_EXISTS` with status 400, which the SDK has no class for and so raises as
    BadRequest: that is what tools written against the real service catch, looking for "already exists".
    """
    if full_name in look(workspace, collection):
        label = _LABELS[collection]
        message = f"{label} '{full_name.rpartition('.')[2]}' already exists"
        raise ApiError(400, f"{label.upper()}_ALREADY_EXISTS", message)


def require_own(schema: Mapping[str, Any]) -> None:
    """Refuse to change `information_schema`, or to put anything in it."""
    if schema["name"] == INFORMATION_SCHEMA:
        raise invalid(f"Schema '{schema['full_name']}' belongs to the system and cannot be changed.")


def known_principal(principal: str) -> bool:
    """Tell whether a principal is in the sandbox's account.

    The account has the user of the workspace, the groups `account users`, `data-engineers`, `data-analysts` and
    `data-scientists`, every user whose name has an `@`, and every service principal, named by its UUID. No other.
    """
    return principal in GROUPS or "@" in principal or _UUID.fullmatch(principal) is not None


def require_principal(principal: str) -> None:
    """Refuse a principal that is not in the account, as `known_principal` has it."""
    if not known_principal(principal):
        raise ApiError(404, "PRINCIPAL_DOES_NOT_EXIST", f"Could not find principal with name {principal}.")


def born(workspace: Workspace) -> dict[str, Any]:
    """Give what every new securable has."""
    now = workspace.now()
    times = {"created_at": now, "created_by": USER, "updated_at": now, "updated_by": USER}
    return {"owner": USER, "metastore_id": METASTORE_ID, **times}


def touched(workspace: Workspace) -> dict[str, Any]:
    """Give what changes with every change."""
    return {"updated_at": workspace.now(), "updated_by": USER}


def location(url: str | None) -> str | None:
    """Give a storage path without its trailing slashes; refuse what is no URL of a cloud's storage."""
    if not url:
        return None
    if not _URL.fullmatch(url):
        raise invalid(f"Invalid storage path: {url}. It must be a URL such as s3://bucket/path.")
    return url.rstrip("/")


def require_apart(workspace: Workspace, url: str) -> None:
    """Refuse a path that lies in, or around, the path of another table or volume."""
    items = (*look(workspace, "tables").values(), *look(workspace, "volumes").values())
    for item in items:
        other = str(item["storage_location"])
        if f"{url}/".startswith(f"{other}/") or f"{other}/".startswith(f"{url}/"):
            raise invalid(f"LOCATION_OVERLAP: Input path url '{url}' overlaps with '{item['full_name']}'.")


def managed_location(workspace: Workspace, schema: Mapping[str, Any], part: str, item_id: str) -> str:
    """Give the path that the service chooses below the storage of schema, catalog or metastore."""
    catalog = look(workspace, "catalogs")[schema["catalog_name"]]
    root = schema.get("storage_root") or catalog.get("storage_root") or METASTORE_ROOT
    return f"{root}/__unitystorage/schemas/{schema['schema_id']}/{part}/{item_id}"


def patched(
    workspace: Workspace, rpc: str, item: Mapping[str, Any], changes: Mapping[str, Any], fields: Iterable[str]
) -> dict[str, Any]:
    """Give a securable with the fields of a PATCH put in; refuse a PATCH that has none, as the service does.

    The new name is checked here and put in by `rename`.
    """
    given = {key: changes[key] for key in (*fields, "new_name") if changes.get(key) is not None}
    if not given:
        raise invalid(f"{rpc} Nothing to update")
    if "owner" in given:
        require_principal(given["owner"])
    given.pop("new_name", None)
    merged = {**item, **copy.deepcopy(given), **touched(workspace)}
    if not merged.get("comment"):
        merged.pop("comment", None)
    return merged


def relocated(item: Mapping[str, Any], full_name: str) -> dict[str, Any]:
    """Give a securable under another full name."""
    names = dict(zip(("catalog_name", "schema_name"), full_name.split(".")[:-1], strict=False))
    return {**item, **names, "name": full_name.rpartition(".")[2], "full_name": full_name}


def put(workspace: Workspace, collection: str, old: str, item: Mapping[str, Any], new: str) -> dict[str, Any]:
    """Keep a changed securable under its new full name, and what stands below it too; ids and grants stay."""
    items = workspace.of(collection)
    items.pop(old)
    kept = items[new] = relocated(item, new)
    if old != new and collection in {"catalogs", "schemas"}:
        for below in _BELOW:
            _move(workspace.collections.get(below, {}), old, new)
        dropped = workspace.collections.get("dropped_tables", {})
        for key, table in dropped.items():
            if table["full_name"].startswith(f"{old}."):
                dropped[key] = relocated(table, new + table["full_name"][len(old) :])
    return kept


def _move(items: dict[str, dict[str, Any]], old: str, new: str) -> None:
    for key in list(descendants(items, old)):
        moved = new + key[len(old) :]
        items[moved] = relocated(items.pop(key), moved)


def remove(workspace: Workspace, collection: str, name: str) -> None:
    """Take away a securable with all that stands below it, dropped tables included, and their grants."""
    _forget(workspace, collection, (name,))
    for below in _BELOW if collection in {"catalogs", "schemas"} else ():
        _forget(workspace, below, list(descendants(look(workspace, below), name)))
    if collection in {"catalogs", "schemas"}:
        dropped = look(workspace, "dropped_tables").items()
        purge(workspace, [key for key, table in dropped if table["full_name"].startswith(f"{name}.")])


def purge(workspace: Workspace, table_ids: Iterable[str]) -> None:
    """Take away dropped tables for good."""
    for table_id in table_ids:
        del workspace.of("dropped_tables")[table_id]
        workspace.of("grants").pop(table_id, None)


def _forget(workspace: Workspace, collection: str, names: Iterable[str]) -> None:
    for name in names:
        item = workspace.of(collection).pop(name)
        workspace.of("grants").pop(item[id_field(collection)], None)


def id_field(collection: str) -> str:
    """Give the field of a securable's reply that holds its id."""
    return _IDS.get(collection, "id")


def children(workspace: Workspace, collection: str, parent: str) -> Iterator[dict[str, Any]]:
    """Give what stands directly below a full name, by name."""
    items = look(workspace, collection)
    depth = parent.count(".") + 1
    return (items[key] for key in sorted(descendants(items, parent)) if key.count(".") == depth)


def listed(rows: Iterable[Mapping[str, Any]], key: str, call: ApiCall) -> dict[str, Any]:
    """Give one page of securables."""
    return page((copy.deepcopy(dict(row)) for row in rows), key, call, most=_MOST_ROWS, limit="max_results")


def flag(call: ApiCall, name: str) -> bool:
    """Tell whether a parameter of the query is true."""
    return call.query.get(name, "").lower() == "true"
