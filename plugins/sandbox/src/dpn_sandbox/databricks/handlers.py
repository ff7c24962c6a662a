"""All operations that are answered, and what a fresh workspace holds."""

from __future__ import annotations

from collections.abc import Mapping

from dpn_sandbox.databricks import compute, unity
from dpn_sandbox.databricks.workspace import Handler, Workspace

HANDLERS: Mapping[str, Handler] = {**unity.HANDLERS, **compute.HANDLERS}


def begin(workspace: Workspace) -> None:
    """Fill a fresh workspace."""
    unity.begin(workspace)
    compute.begin(workspace)
