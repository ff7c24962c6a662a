"""The kinds against the embedded cloud, stricter than moto: owners, pages, folding, versions, tags at birth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from dpn import Marker, Ref, Want
from dpn_aws.access import identity, preflight
from dpn_aws.bucket import Bucket
from dpn_aws.client import AwsSession, connect
from dpn_aws.errors import BucketTakenError, classify
from dpn_aws.glue_database import GlueDatabase
from dpn_aws.glue_table import GlueTable
from dpn_sandbox.testing import Sandbox, running_sandbox

MARKER = Marker("lake--dev", "abcdefghijklmnop", "01jdyw0000000000000000000a")
DB = Ref("aws_glue_database", "sales", "sales")
SAFE: dict[str, Any] = {
    "public_access_block": True,
    "encryption": {"algorithm": "AES256"},
    "ownership": "BucketOwnerEnforced",
    "versioning": False,
}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture
def session(sandbox: Sandbox) -> Iterator[AwsSession]:
    sandbox.reset()
    session = connect({**sandbox.settings, "region": "us-east-1"})
    yield session
    session.close()


def test_a_new_bucket_is_marked_and_safe_before_any_further_write(session: AwsSession) -> None:
    kind = Bucket(session)
    ref = kind.create(Want("lake-dev", {**SAFE, "tags": {"team": "x"}}, None, MARKER, "us-east-1"))
    found = kind.read(ref)
    assert found
    assert found.marker == MARKER
    assert found.spec == {**SAFE, "tags": {"team": "x"}}
    with pytest.raises(ClientError) as again:  # in us-east-1, where AWS else answers 200
        kind.create(Want("lake-dev", SAFE, None, MARKER, "us-east-1"))
    assert classify(again.value, "create").code == "BucketAlreadyOwnedByYou"


def test_another_accounts_bucket_is_found_without_a_write(sandbox: Sandbox, session: AwsSession) -> None:
    sandbox.plant("taken-name")
    with pytest.raises(BucketTakenError):
        Bucket(session).read(Ref("aws_s3_bucket", "taken-name"))
    assert not [request for request in sandbox.requests() if request["write"]]


def test_a_table_of_the_sandbox_reads_as_it_was_wanted_and_its_version_guards_it(session: AwsSession) -> None:
    GlueDatabase(session).create(Want("sales", {}, None, MARKER))
    kind = GlueTable(session)
    spec = {"format": "csv", "columns": [{"name": "a", "type": "int"}], "parameters": {"skip.header.line.count": "1"}}
    ref = kind.create(Want("orders", spec, DB, MARKER))
    old = kind.read(ref)
    assert old
    assert (old.spec, old.marker, old.ref) == (spec, MARKER, ref)
    kind.put(ref, "definition", Want("orders", {**spec, "description": "b"}, DB, MARKER), old)
    with pytest.raises(ClientError) as stale:
        kind.put(ref, "definition", Want("orders", {**spec, "description": "c"}, DB, MARKER), old)
    assert classify(stale.value, "put").outcome == "throttled"
    kind.put(ref, "definition", Want("orders", {**spec, "description": "b"}, DB, MARKER), old)  # it is so already


def test_lists_go_through_all_pages(session: AwsSession) -> None:
    databases, tables = GlueDatabase(session), GlueTable(session)
    databases.create(Want("sales", {}, None, MARKER))
    names = {f"t{number:03}" for number in range(105)}
    for name in names:
        tables.create(Want(name, {"format": "orc"}, DB, MARKER))
    assert {found.ref.name for found in tables.list(DB)} == names
    assert [found.ref.name for found in databases.list(None)] == ["sales"]


def test_who_is_calling_is_known(session: AwsSession) -> None:
    assert identity(session).account
    assert list(preflight(session)) == []
    assert session.owner()
