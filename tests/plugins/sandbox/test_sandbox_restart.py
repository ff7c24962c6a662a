from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dpn import World
from dpn_sandbox.aws.cloud import Aws
from dpn_sandbox.cloud import Moment
from dpn_sandbox.log import RequestLog
from dpn_sandbox.testing import running_sandbox
from dpn_sandbox.wire import Request

Client = Callable[..., Any]


def fill(client: Client, url: str) -> Any:
    s3, glue = client("s3", url), client("glue", url)
    s3.create_bucket(Bucket="landing", CreateBucketConfiguration={"Tags": [{"Key": "a", "Value": "b"}]})
    s3.put_bucket_versioning(Bucket="landing", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="landing", Key="k", Body=b"one", Metadata={"my_key": "v"})
    s3.create_bucket(Bucket="gone")
    s3.delete_bucket(Bucket="gone")
    glue.create_database(DatabaseInput={"Name": "Sales"}, Tags={"c": "d"})
    glue.create_table(DatabaseName="sales", TableInput={"Name": "orders", "Parameters": {"p": "q"}})
    return s3.list_object_versions(Bucket="landing")["Versions"]


def test_objects_survive_a_restart_with_their_identifiers(client: Client, tmp_path: Path) -> None:
    with running_sandbox(tmp_path) as first:
        first.plant("strange")
        versions = fill(client, first.url)
        objects = first.objects()
    with running_sandbox(tmp_path) as second:
        assert second.objects() == objects
        assert second.requests() == []
        s3 = client("s3", second.url)
        again = s3.list_object_versions(Bucket="landing")["Versions"]
        assert [row["VersionId"] for row in again] == [row["VersionId"] for row in versions]
        read = s3.get_object(Bucket="landing", Key="k")
        assert (read["Body"].read(), read["Metadata"]) == (b"one", {"my_key": "v"})
        with pytest.raises(s3.exceptions.ClientError, match="403"):
            s3.head_bucket(Bucket="strange")


def test_homes_know_nothing_of_each_other(client: Client, tmp_path: Path) -> None:
    with running_sandbox(tmp_path / "one") as first:
        fill(client, first.url)
    with running_sandbox(tmp_path / "two") as second:
        assert second.objects() == {"buckets": {}, "databases": {}, "tables": {}}


def test_after_a_reset_nothing_comes_back(client: Client, tmp_path: Path) -> None:
    with running_sandbox(tmp_path) as first:
        first.faults([{"kind": "refuse", "times": 0}])
        first.reset()
        fill(client, first.url)
        first.reset()
        assert (first.objects()["buckets"], first.requests()) == ({}, [])
        client("s3", first.url).create_bucket(Bucket="later")
    with running_sandbox(tmp_path) as second:
        assert second.objects() == {"buckets": {"later": {}}, "databases": {}, "tables": {}}


def written(path: Path) -> list[tuple[Request, Moment]]:
    log = RequestLog(World(), path)
    try:
        return list(log.replay())
    finally:
        log.close()


def entries(path: Path) -> list[tuple[Request, Moment]]:
    made = [(Request("PUT", f"/b{n}", {"HTTP_HOST": "h"}, body=bytes([n])), Moment(n, 10 * n)) for n in range(3)]
    log = RequestLog(World(), path)
    for request, moment in made:
        log.append(request, moment)
    log.close()
    return made


def test_a_torn_or_damaged_end_is_cut_off_wherever_it_is(tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    made = entries(whole)
    data = whole.read_bytes()
    ends = [index + 1 for index, byte in enumerate(data) if byte == ord("\n")]
    for size in range(0, len(data), 7):
        torn = tmp_path / "torn"
        torn.write_bytes(data[:size])
        complete = sum(end <= size for end in ends)
        assert written(torn) == made[:complete]
        assert torn.stat().st_size == (ends[complete - 1] if complete else 0)
    damaged = bytearray(data)
    damaged[ends[0] + 20] ^= 1
    (tmp_path / "damaged").write_bytes(damaged)
    assert written(tmp_path / "damaged") == made[:1]


def test_the_log_is_private_and_keeps_no_secrets(tmp_path: Path) -> None:
    headers = {
        "HTTP_AUTHORIZATION": "AWS4-HMAC-SHA256 Credential=k/20260101/us-east-1/s3/aws4_request, Signature=5ec4e7",
        "HTTP_X_AMZ_SECURITY_TOKEN": "t0ken",
    }
    log = RequestLog(World(), tmp_path / "log")
    log.append(Aws().kept(Request("PUT", "/b", headers)), Moment(1, 2))
    log.close()
    text = (tmp_path / "log").read_text()
    assert "5ec4e7" not in text
    assert "t0ken" not in text
    assert "us-east-1/s3" in text
    assert (tmp_path / "log").stat().st_mode & 0o777 == 0o600
