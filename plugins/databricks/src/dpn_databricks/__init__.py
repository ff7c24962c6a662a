"""The provider `databricks` of dpn: clusters, jobs and Unity Catalog, on the official SDK.

Importing this package imports no SDK: it is loaded, by parts, when the first remote call is near.
"""

from __future__ import annotations

from collections.abc import Iterable

from dpn import Provider, hookimpl
from dpn_databricks.access import identity, preflight
from dpn_databricks.client import CONFIG_SCHEMA, connect
from dpn_databricks.errors import classify


@hookimpl
def dpn_providers() -> Iterable[Provider]:
    """Offer the provider `databricks`."""
    yield Provider(
        name="databricks",
        kinds=(),
        connect=connect,
        errors=classify,
        config_schema=CONFIG_SCHEMA,
        preflight=preflight,
        identity=identity,
    )
