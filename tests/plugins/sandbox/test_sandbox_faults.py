from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, EndpointConnectionError

from dpn_sandbox.aws.calls import Call
from dpn_sandbox.faults import BadRuleError, Faults
from dpn_sandbox.testing import Sandbox

Refused = Callable[..., tuple[str, int]]
BUCKET = {"service": "s3", "operation": "CreateBucket"}
NO_REPLY = (ConnectionClosedError, EndpointConnectionError)


def creates(sandbox: Sandbox) -> list[int]:
    return [row["status"] for row in sandbox.requests() if row["operation"] == "CreateBucket"]


def test_a_lost_reply_is_of_a_write_that_was_applied_once(s3: Any, sandbox: Sandbox) -> None:
    sandbox.faults([{"kind": "lost_reply", "match": BUCKET}])
    with pytest.raises(NO_REPLY):
        s3.create_bucket(Bucket="landing", CreateBucketConfiguration={"Tags": [{"Key": "a", "Value": "b"}]})
    assert creates(sandbox) == [0]
    assert sandbox.objects()["buckets"] == {"landing": {"a": "b"}}


def test_a_reply_without_a_body_is_cut_off_at_once_and_not_waited_for(s3: Any, sandbox: Sandbox) -> None:
    sandbox.faults([{"kind": "cut", "match": BUCKET}])
    s3.create_bucket(Bucket="landing")  # all that boto3 wants to know is in the headers; a timeout would be an error
    assert list(sandbox.objects()["buckets"]) == ["landing"]


def test_a_refused_connection_applies_nothing(s3: Any, sandbox: Sandbox) -> None:
    sandbox.faults([{"kind": "refuse", "match": BUCKET}])
    with pytest.raises(NO_REPLY):
        s3.create_bucket(Bucket="landing")
    assert creates(sandbox) == [0]
    assert sandbox.objects()["buckets"] == {}


def test_throttling_has_the_code_of_each_service(
    s3: Any, glue: Any, client: Callable[..., Any], refused: Refused, sandbox: Sandbox
) -> None:
    sandbox.faults([{"kind": "throttle", "times": 0}])
    assert refused(s3.create_bucket, Bucket="landing") == ("SlowDown", 503)
    assert refused(glue.create_database, DatabaseInput={"Name": "sales"}) == ("ThrottlingException", 400)
    assert refused(client("sts", sandbox.url).get_caller_identity) == ("Throttling", 400)
    assert sandbox.objects() == {"buckets": {}, "databases": {}, "tables": {}}


@pytest.mark.parametrize("applied", [False, True])
def test_an_error_comes_with_or_without_its_effect(s3: Any, refused: Refused, sandbox: Sandbox, applied: bool) -> None:
    sandbox.faults([{"kind": "error", "match": BUCKET, "status": 500, "code": "InternalError", "applied": applied}])
    assert refused(s3.create_bucket, Bucket="landing") == ("InternalError", 500)
    assert list(sandbox.objects()["buckets"]) == ["landing"] * applied


def test_a_rule_skips_acts_and_ends(s3: Any, refused: Refused, sandbox: Sandbox) -> None:
    sandbox.faults([{"kind": "error", "match": BUCKET, "skip": 1, "times": 2, "status": 403, "code": "AccessDenied"}])
    s3.create_bucket(Bucket="one")
    assert refused(s3.create_bucket, Bucket="two") == ("AccessDenied", 403)
    assert refused(s3.create_bucket, Bucket="two") == ("AccessDenied", 403)
    s3.create_bucket(Bucket="two")
    assert creates(sandbox) == [200, 403, 403, 200]


def test_a_rule_is_for_a_name_or_an_operation_by_wildcard(
    s3: Any, glue: Any, refused: Refused, sandbox: Sandbox
) -> None:
    sandbox.faults(
        [
            {"kind": "throttle", "times": 0, "match": {"operation": "Create*", "name": "raw*"}},
            {"kind": "throttle", "times": 0, "match": {"service": "glue", "name": "sales.orders"}},
        ]
    )
    s3.create_bucket(Bucket="landing")
    assert refused(s3.create_bucket, Bucket="raw-data") == ("SlowDown", 503)
    glue.create_database(DatabaseInput={"Name": "sales"})
    orders = {"DatabaseName": "Sales", "TableInput": {"Name": "Orders"}}
    assert refused(glue.create_table, **orders) == ("ThrottlingException", 400)
    sandbox.faults([])
    glue.create_table(**orders)


def test_latency_is_waited_before_the_call_and_adds_up() -> None:
    faults = Faults()
    faults.set(
        [{"kind": "latency", "times": 0, "seconds": 0.1}, {"kind": "latency", "seconds": 0.2}, {"kind": "refuse"}]
    )
    wait, rule = faults.pick(Call("s3", "CreateBucket"))
    assert (round(wait, 3), rule.kind if rule else None) == (0.3, "refuse")
    assert faults.pick(Call("s3", "CreateBucket")) == (0.1, None)


def test_latency_is_seen_by_the_client(s3: Any, sandbox: Sandbox) -> None:
    sandbox.faults([{"kind": "latency", "match": BUCKET, "seconds": 0.15}])
    began = time.monotonic()
    s3.create_bucket(Bucket="landing")
    assert time.monotonic() - began >= 0.15


def test_a_process_dies_between_effect_and_reply(s3: Any, sandbox: Sandbox) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as victim:
        sandbox.faults([{"kind": "kill", "match": BUCKET, "pid": victim.pid}])
        with pytest.raises(NO_REPLY):
            s3.create_bucket(Bucket="landing")
        assert victim.wait(timeout=10) == -signal.SIGKILL
    assert list(sandbox.objects()["buckets"]) == ["landing"]


@pytest.mark.parametrize(
    "rule",
    [
        "latency",
        {},
        {"kind": "explode"},
        {"kind": "refuse", "when": "now"},
        {"kind": "refuse", "match": {"path": "/"}},
        {"kind": "latency", "seconds": 61},
        {"kind": "kill"},
    ],
)
def test_a_rule_that_is_not_understood_is_refused_and_changes_nothing(rule: Any) -> None:
    faults = Faults()
    faults.set([{"kind": "refuse"}])
    with pytest.raises(BadRuleError):
        faults.set([rule])
    assert faults.pick(Call("s3", "CreateBucket"))[1] is not None


def test_requests_are_counted_with_what_they_did(s3: Any, glue: Any, sandbox: Sandbox) -> None:
    s3.create_bucket(Bucket="landing")
    s3.put_public_access_block(Bucket="landing", PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    s3.put_object(Bucket="landing", Key="a/b", Body=b"x")
    glue.create_database(DatabaseInput={"Name": "Sales"})
    with pytest.raises(ClientError):
        glue.get_table(DatabaseName="sales", Name="orders")
    rows = [(row["n"], row["operation"], row["name"], row["write"], row["status"]) for row in sandbox.requests()]
    assert rows == [
        (1, "CreateBucket", "landing", True, 200),
        (2, "PutPublicAccessBlock", "landing", True, 200),
        (3, "PutObject", "landing/a/b", True, 200),
        (4, "CreateDatabase", "sales", True, 200),
        (5, "GetTable", "sales.orders", False, 400),
    ]
