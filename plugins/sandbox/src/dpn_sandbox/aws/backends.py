"""moto's side: its applications, its objects, and the little that the overlay must reach inside for."""

from __future__ import annotations

from typing import Any

# ruff: noqa: TID253 - only the server imports this module, and moto is what it serves
from moto.core import DEFAULT_ACCOUNT_ID
from moto.glue.models import FakeDatabase, FakeTable, GlueBackend, glue_backends
from moto.moto_api._internal import mock_random
from moto.moto_server.werkzeug_app import MotoRequestHandler, create_backend_app
from moto.s3.models import FakeBucket, S3Backend, s3_backends
from werkzeug.serving import WSGIRequestHandler
from werkzeug.test import run_wsgi_app

from dpn_sandbox.wire import Reply, Request, to_environ

HANDLER: type[WSGIRequestHandler] = MotoRequestHandler
ACCOUNT: str = DEFAULT_ACCOUNT_ID
SERVICES = ("s3", "glue", "sts")
STRANGER = "999999999999"
DEFAULT_REGION = "us-east-1"


class Moto:
    """The services of one process; moto keeps its objects in the module, so there is one of these at a time."""

    def __init__(self) -> None:
        """Build the applications and begin without objects."""
        self._apps: dict[str, Any] = {service: create_backend_app(service) for service in SERVICES}
        self.reset()

    def apply(self, service: str, request: Request) -> Reply:
        """Let moto answer."""
        body, status, headers = run_wsgi_app(self._apps[service], to_environ(request), buffered=True)
        # A fix may change the body, so its length is counted when it is sent; a HEAD tells the length of another one.
        kept = tuple((key, value) for key, value in headers if request.method == "HEAD" or key != "Content-Length")
        return Reply(int(status.split()[0]), kept, b"".join(body))

    def reset(self) -> None:
        """Drop all objects."""
        # moto's own BackendDict.reset() forgets backends that it goes on handing out from a cache.
        for account in (ACCOUNT, STRANGER):
            for s3 in s3_backends[account].values():
                s3.reset()
            for glue in glue_backends[account].values():
                glue.reset()
        s3_backends.bucket_accounts.clear()

    def seed(self, seed: int) -> None:
        """Fix the identifiers that the next write makes, so that a replay makes the same."""
        mock_random.seed(seed)


def bucket_of(name: str) -> FakeBucket | None:
    """Give a bucket, whoever owns it."""
    found = s3_backends.bucket_accounts.get(name)
    return s3_backends[found[1]][found[0]].buckets.get(name) if found else None


def own_buckets() -> list[FakeBucket]:
    """Give the buckets of the caller's account, by name."""
    names = [name for name, (_, account) in s3_backends.bucket_accounts.items() if account == ACCOUNT]
    return [bucket for name in sorted(names) if (bucket := bucket_of(name))]


def backend_of(bucket: FakeBucket) -> S3Backend:
    """Give the backend that has the bucket."""
    return s3_backends[bucket.account_id][bucket.partition]


def bucket_tags(bucket: FakeBucket) -> dict[str, str]:
    """Give the tags of a bucket."""
    tags: dict[str, str] = backend_of(bucket).tagger.get_tag_dict_for_resource(bucket.arn)
    return tags


def plant(name: str) -> None:
    """Make a bucket that belongs to another account."""
    if name not in s3_backends.bucket_accounts:
        s3_backends[STRANGER]["aws"].create_bucket(name, DEFAULT_REGION)


def glue(region: str) -> GlueBackend:
    """Give the Glue catalogue of a region."""
    return glue_backends[ACCOUNT][region]


def database_of(region: str, name: str) -> FakeDatabase | None:
    """Give a Glue database."""
    return glue(region).databases.get(name)


def table_of(region: str, database: str, name: str) -> FakeTable | None:
    """Give a Glue table."""
    found = database_of(region, database)
    return found.tables.get(name) if found else None


def database_arn(region: str, name: str) -> str:
    """Give the resource name under which moto keeps the tags of a database."""
    return f"arn:{glue(region).partition}:glue:{region}:{ACCOUNT}:database/{name}"


def inventory() -> dict[str, dict[str, Any]]:
    """Give what there is: tags by bucket and by database, parameters by `database.table`.

    Databases and tables outside us-east-1 are written `name@region`.
    """
    databases: dict[str, Any] = {}
    tables: dict[str, Any] = {}
    for region, catalogue in glue_backends[ACCOUNT].items():
        suffix = "" if region == DEFAULT_REGION else f"@{region}"
        for name, database in catalogue.databases.items():
            databases[name + suffix] = catalogue.get_tags(database_arn(region, name))
            for key, table in database.tables.items():
                tables[f"{name}.{key}{suffix}"] = table.as_dict().get("Parameters") or {}
    return {
        "buckets": {bucket.name: bucket_tags(bucket) for bucket in own_buckets()},
        "databases": databases,
        "tables": tables,
    }
