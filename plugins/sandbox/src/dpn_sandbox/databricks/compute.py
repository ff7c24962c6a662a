"""Everything of the sandbox's Databricks that is neither Unity Catalog nor SQL statements."""

from __future__ import annotations

from collections.abc import Mapping

from dpn_sandbox.databricks import clusters, jobs, me, pipelines, policies, pools, secrets, warehouses
from dpn_sandbox.databricks.workspace import Handler, Workspace

HANDLERS: Mapping[str, Handler] = {
    **clusters.HANDLERS,
    **jobs.HANDLERS,
    **pools.HANDLERS,
    **policies.HANDLERS,
    **warehouses.HANDLERS,
    **pipelines.HANDLERS,
    **secrets.HANDLERS,
    **me.HANDLERS,
}


def begin(workspace: Workspace) -> None:
    """Put into a new workspace what every real one comes with."""
    warehouses.begin(workspace)
