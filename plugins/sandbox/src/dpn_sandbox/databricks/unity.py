"""Unity Catalog and SQL of the sandbox's Databricks: all handlers, and what is there at the beginning."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from dpn_sandbox.databricks import catalogs, grants, schemas, statements, tables, volumes
from dpn_sandbox.databricks.securables import METASTORE_ROOT, born
from dpn_sandbox.databricks.workspace import METASTORE_ID, WORKSPACE_ID, ApiCall, Handler, Workspace

MAIN = "main"


def begin(workspace: Workspace) -> None:
    """Put in what a new workspace has: its metastore, and a catalog `main` with a schema `default`."""
    workspace.of("metastores")[METASTORE_ID] = {
        "name": "sandbox",
        "global_metastore_id": f"aws:us-east-1:{METASTORE_ID}",
        "cloud": "aws",
        "region": "us-east-1",
        "storage_root": METASTORE_ROOT,
        "delta_sharing_scope": "INTERNAL",
        "external_access_enabled": False,
        "privilege_model_version": "1.0",
        **born(workspace),
    }
    catalogs.add(workspace, MAIN, {"comment": "Main catalog (auto-created)"}, None)


def summary(workspace: Workspace, _call: ApiCall) -> dict[str, Any]:
    """Show the metastore of the workspace."""
    return copy.deepcopy(workspace.of("metastores")[METASTORE_ID])


def current(_workspace: Workspace, _call: ApiCall) -> dict[str, Any]:
    """Tell which metastore the workspace has."""
    return {"workspace_id": WORKSPACE_ID, "metastore_id": METASTORE_ID, "default_catalog_name": MAIN}


HANDLERS: Mapping[str, Handler] = {
    "Metastores.summary": summary,
    "Metastores.current": current,
    **catalogs.HANDLERS,
    **schemas.HANDLERS,
    **tables.HANDLERS,
    **volumes.HANDLERS,
    **grants.HANDLERS,
    **statements.HANDLERS,
}
