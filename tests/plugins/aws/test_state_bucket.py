"""The state backend s3: it does what a store must do, and says plainly what S3 refuses."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, IncompleteReadError, ReadTimeoutError

from dpn import ConflictError, DpnError, InputError, LostReplyError, World, api
from dpn.testing import Cloud as MemoryCloud
from dpn.testing import MemoryPlugin, ObjectsConformance
from dpn_aws.state import BucketObjects, Place, dpn_backends, open_bucket


@pytest.fixture
def naps() -> list[float]:
    return []


@pytest.fixture
def objects(cloud: Any, naps: list[float]) -> BucketObjects:
    where = {"CreateBucketConfiguration": {"LocationConstraint": cloud.region}}
    cloud.session.s3(once=True).create_bucket(Bucket="acme-state", **where)
    cloud.calls.clear()
    world = World(env={}, rng=random.Random(7), sleep=naps.append)
    return BucketObjects(world, lambda: cloud.session, Place("acme-state", "team/dpn"))


class TestBucket(ObjectsConformance):
    @pytest.fixture
    def objects(self, objects: BucketObjects) -> BucketObjects:
        return objects


def failing(code: str, status: int = 400, headers: dict[str, str] | None = None) -> ClientError:
    meta: Any = {"HTTPStatusCode": status, "HTTPHeaders": headers or {}}
    return ClientError({"Error": {"Code": code, "Message": "says S3"}, "ResponseMetadata": meta}, "PutObject")


@pytest.fixture
def break_put(cloud: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Any]]:
    """Let puts fail one after another, before or after they took effect."""

    def breaking(*errors: Exception, after: bool = False) -> list[Any]:
        client, left, sent = cloud.session.s3(once=True), list(errors), []
        real = client.put_object

        def put(**request: Any) -> Any:
            sent.append(request)
            if left and not after:
                raise left.pop(0)
            reply = real(**request)
            if left:
                raise left.pop(0)
            return reply

        monkeypatch.setattr(client, "put_object", put)
        return sent

    return breaking


def test_every_object_is_below_the_prefix_and_every_call_names_the_owner(cloud: Any, objects: BucketObjects) -> None:
    objects.put("stacks/a/lock", b"x", None)
    objects.get("stacks/a/lock")
    objects.names("stacks/")
    objects.delete(["stacks/a/lock"])
    assert objects.name == "s3://acme-state/team/dpn"
    calls = [params for name, params in cloud.calls if name != "GetCallerIdentity"]
    assert len(calls) == 4
    assert all(params["ExpectedBucketOwner"] == "123456789012" for params in calls)
    assert cloud.last("PutObject")["Key"] == "team/dpn/stacks/a/lock"
    assert cloud.last("PutObject")["IfNoneMatch"] == "*"
    assert "ServerSideEncryption" not in cloud.last("PutObject")


def test_another_account_s_bucket_is_named(cloud: Any, objects: BucketObjects) -> None:
    theirs = BucketObjects(World(env={}), lambda: cloud.session, Place("acme-state", "", "999999999999"))
    theirs.get("a")
    assert cloud.calls[-1][1]["ExpectedBucketOwner"] == "999999999999"
    assert theirs.name == "s3://acme-state"


def test_more_than_a_page_is_listed_and_deleted(objects: BucketObjects, cloud: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("dpn_aws.state._MOST", 2)
    keys = [f"j/{number}" for number in range(5)]
    for key in keys:
        objects.put(key, b"x", None)
    objects.delete(keys)
    assert [name for name in cloud.names() if name == "DeleteObjects"] == ["DeleteObjects"] * 3
    assert objects.names("j/") == []


@pytest.mark.parametrize("code", ["ConditionalRequestConflict", "SlowDown", "OperationAborted"])
def test_what_s3_was_too_busy_for_is_sent_again(
    objects: BucketObjects, break_put: Callable[..., list[Any]], naps: list[float], code: str
) -> None:
    sent = break_put(failing(code, 409), failing(code, 409))
    objects.put("a", b"x", None)
    assert len(sent) == 3
    assert naps == [0.1, 0.2]


def test_no_pause_outlasts_a_lease_whatever_is_asked_for(
    objects: BucketObjects, break_put: Callable[..., list[Any]], naps: list[float]
) -> None:
    errors = [failing("SlowDown", 503, {"retry-after": wait}) for wait in ("86400", "2")]
    break_put(*errors)
    objects.put("a", b"x", None)
    assert naps == [5.0, 2.0]


def test_a_body_that_breaks_off_is_read_again(
    objects: BucketObjects, cloud: Any, monkeypatch: pytest.MonkeyPatch, naps: list[float]
) -> None:
    version = objects.put("a", b"whole", None)
    client, left = cloud.session.s3(), [1, 2]
    real = client.get_object

    class Half:
        def read(self) -> bytes:
            raise IncompleteReadError(actual_bytes=2, expected_bytes=5)

    def get(**request: Any) -> Any:
        reply = real(**request)
        return {**reply, "Body": Half()} if left and left.pop() else reply

    monkeypatch.setattr(client, "get_object", get)
    assert objects.get("a") == (b"whole", version)
    assert naps == [0.1, 0.2]
    left += range(1, 9)
    with pytest.raises(DpnError, match="the reply broke off: 2 read, but total bytes expected is 5") as told:
        objects.get("a")
    assert "run the command again" in told.value.hint


@pytest.mark.parametrize("operation", ["get_object", "put_object"])
def test_a_page_of_a_proxy_is_no_object(
    objects: BucketObjects, cloud: Any, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    page = {"Body": BytesIO(b"<html>log in</html>")}
    for once in (True, False):
        monkeypatch.setattr(cloud.session.s3(once=once), operation, lambda **_: page)
    with pytest.raises(DpnError, match="no answer of S3; is there a proxy") as told:
        objects.get("a") if operation == "get_object" else objects.put("a", b"x", None)
    assert isinstance(told.value, LostReplyError) is (operation == "put_object")
    assert "looks whether" not in told.value.hint


def test_what_was_opened_is_let_go(cloud: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[bool] = []
    monkeypatch.setattr(cloud.session, "close", lambda: closed.append(True))
    objects = BucketObjects(World(env={}), lambda: cloud.session, Place("acme-state"))
    objects.close()
    assert closed == []
    assert objects.name == "s3://acme-state"
    with pytest.raises(DpnError):
        objects.get("a")
    objects.close()
    assert closed == [True]


def test_what_stays_busy_is_given_up(objects: BucketObjects, break_put: Callable[..., list[Any]]) -> None:
    break_put(*[failing("SlowDown", 503)] * 9)
    with pytest.raises(DpnError, match="SlowDown") as told:
        objects.put("a", b"x", None)
    assert not isinstance(told.value, LostReplyError)


@pytest.mark.parametrize(
    "error", [failing("InternalError", 500), ReadTimeoutError(endpoint_url="http://s3"), ValueError("no XML")], ids=repr
)
def test_a_lost_reply_is_sent_once_and_told(
    objects: BucketObjects, break_put: Callable[..., list[Any]], error: Exception
) -> None:
    sent = break_put(error, after=True)
    with pytest.raises(LostReplyError, match="s3://acme-state/team/dpn/a"):
        objects.put("a", b"x", None)
    assert len(sent) == 1
    with pytest.raises(ConflictError):
        objects.put("a", b"x", None)


def test_the_sdk_does_not_send_a_put_again(cloud: Any) -> None:
    assert cloud.session.s3(once=True).meta.config.retries["total_max_attempts"] == 1


def test_a_bucket_that_is_not_there_is_told(cloud: Any) -> None:
    gone = BucketObjects(World(env={}), lambda: cloud.session, Place("acme-gone"))
    for use in (lambda: gone.get("a"), lambda: gone.put("a", b"", None), lambda: gone.names("a/")):
        with pytest.raises(DpnError, match="NoSuchBucket") as told:
            use()
        assert "Make the bucket first" in told.value.hint


def test_what_is_not_deleted_is_told(objects: BucketObjects, cloud: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = {"Errors": [{"Key": "team/dpn/a", "Code": "AccessDenied"}]}
    monkeypatch.setattr(cloud.session.s3(), "delete_objects", lambda **_: refusal)
    with pytest.raises(DpnError, match="does not delete s3://acme-state/team/dpn/a: AccessDenied"):
        objects.delete(["a"])


def test_commands_keep_their_state_in_the_bucket(cloud: Any, objects: BucketObjects, tmp_path: Path) -> None:
    keys = "access_key_id: test, secret_access_key: '${env:SECRET}', region: eu-west-1"
    (tmp_path / ".dpn").mkdir()
    (tmp_path / ".dpn" / "config.yaml").write_text(f"state: {{backend: s3, bucket: acme-state, lease: 20, {keys}}}\n")
    boxes = {"mem_box": {"a": {"naming": {"purpose": "a"}}}}
    head = {"version": "1", "stack": "lab", "metadata": {"project": "acme", "environment": "dev"}}
    (tmp_path / "blueprint.json").write_text(json.dumps({**head, "resources": boxes}))
    env = {"DPN_HOME": str(tmp_path / "home"), "SECRET": "test"}
    options = api.Options(file=Path("blueprint.json"), plugins=(MemoryPlugin(MemoryCloud()),))
    done = api.apply(options, World(env=env, cwd=tmp_path))
    assert done.result
    assert done.result.outcome == "done"
    assert list(api.records(options, World(env=env, cwd=tmp_path))[0]) == ["mem_box.a"]
    found = cloud.session.s3().list_objects_v2(Bucket="acme-state", Prefix="stacks/lab.dev/")["Contents"]
    assert {item["Key"].split("/")[2] for item in found} == {"history", "lock", "state.json"}
    assert not (tmp_path / "home").exists()


# settings ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({}, "needs a bucket"),
        ({"bucket": ""}, "needs a bucket"),
        ({"bucket": 3}, "does not take bucket = 3"),
        ({"bucket": "b", "workers": "3"}, "does not take workers"),
    ],
    ids=str,
)
def test_a_setting_that_is_none_is_refused(settings: dict[str, Any], why: str) -> None:
    with pytest.raises(InputError, match=why):
        open_bucket(World(env={}), settings)


def test_nothing_is_sent_before_it_is_needed(tmp_path: Path) -> None:
    (kind,) = dpn_backends()
    assert kind.name == "s3"
    assert kind.objects
    world = World(env={}, cwd=tmp_path)
    keys = {"access_key_id": "test", "secret_access_key": "test", "endpoint_url": "http://127.0.0.1:1"}
    objects = kind.objects(world, {"bucket": "b", "prefix": "/x/", "region": "eu-west-1", "owner": "1" * 12, **keys})
    assert objects.name == "s3://b/x"
    with pytest.raises(LostReplyError, match="Could not connect"):  # which core tries again
        objects.put("a", b"", None)
    with pytest.raises(DpnError, match="Could not connect"):
        objects.get("a")
