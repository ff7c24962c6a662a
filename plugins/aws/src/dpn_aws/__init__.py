"""The provider `aws` of dpn: S3 buckets, Glue databases and Glue tables, and secrets of Secrets Manager, on boto3.

Names of many other kinds are made and checked, without provisioning them: `catalogue.json` lists them all.

Importing this package imports no SDK: boto3 is loaded by `connect`, when the first remote call is near.
"""

from __future__ import annotations

from collections.abc import Iterable

from dpn import Problem, Provider, Resource, hookimpl
from dpn_aws.access import identity, preflight
from dpn_aws.bucket import Bucket
from dpn_aws.catalogue import CATALOGUE
from dpn_aws.client import CONFIG_SCHEMA, connect
from dpn_aws.errors import classify
from dpn_aws.glue_database import GlueDatabase
from dpn_aws.glue_table import GlueTable
from dpn_aws.regions import REGION_CODES
from dpn_aws.secret import secret
from dpn_aws.validate import check

_PROVISIONED = (Bucket, GlueDatabase, GlueTable)
_NAMED = CATALOGUE.named(but={kind.kind for kind in _PROVISIONED})


@hookimpl
def dpn_providers() -> Iterable[Provider]:
    """Offer the provider `aws`."""
    yield Provider(
        name="aws",
        kinds=_PROVISIONED + _NAMED,
        connect=connect,
        errors=classify,
        config_schema=CONFIG_SCHEMA,
        preflight=preflight,
        identity=identity,
        secrets={"aws-sm": secret},
        region_codes=REGION_CODES,
    )


@hookimpl
def dpn_validate(resources: tuple[Resource, ...]) -> Iterable[Problem]:
    """Report what AWS would refuse and JSON Schema cannot say."""
    return check(resources)
