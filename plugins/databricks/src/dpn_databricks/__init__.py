"""The provider `databricks` of dpn: clusters, jobs and Unity Catalog, on the official SDK.

Importing this package imports no SDK: it is loaded, by parts, when the first remote call is near.
"""

from __future__ import annotations

from collections.abc import Iterable

from dpn import Kind, NamedKind, Plan, Problem, Provider, Resource, hookimpl
from dpn_databricks import privileges, review_unity, validate_compute, validate_unity, validate_work
from dpn_databricks.access import identity, preflight
from dpn_databricks.catalog import Catalog
from dpn_databricks.client import CONFIG_SCHEMA, connect
from dpn_databricks.cluster import Cluster
from dpn_databricks.cluster_policy import ClusterPolicy
from dpn_databricks.errors import classify
from dpn_databricks.grant import Grant
from dpn_databricks.instance_pool import InstancePool
from dpn_databricks.job import Job
from dpn_databricks.names import CATALOGUE
from dpn_databricks.pipeline import Pipeline
from dpn_databricks.schema import Schema
from dpn_databricks.secret_scope import SecretScope
from dpn_databricks.sql_warehouse import SqlWarehouse
from dpn_databricks.table import Table
from dpn_databricks.volume import Volume

PROVISIONED: tuple[type[Kind], ...] = (
    Catalog,
    Schema,
    Table,
    Volume,
    Grant,
    Cluster,
    InstancePool,
    ClusterPolicy,
    SqlWarehouse,
    Job,
    Pipeline,
    SecretScope,
)
KINDS: tuple[type[NamedKind], ...] = (*PROVISIONED, *CATALOGUE.named(but={kind.kind for kind in PROVISIONED}))


@hookimpl
def dpn_providers() -> Iterable[Provider]:
    """Offer the provider `databricks`."""
    yield Provider(
        name="databricks",
        kinds=KINDS,
        connect=connect,
        errors=classify,
        config_schema=CONFIG_SCHEMA,
        preflight=preflight,
        identity=identity,
    )


@hookimpl
def dpn_validate(resources: tuple[Resource, ...]) -> Iterable[Problem]:
    """Report what Databricks would refuse and JSON Schema cannot say."""
    for module in (privileges, validate_unity, validate_compute, validate_work):
        yield from module.check(resources)


@hookimpl
def dpn_review(plan: Plan) -> Iterable[Problem]:
    """Refuse what Delta cannot do to the columns of a table that is there."""
    return review_unity.review(plan)
