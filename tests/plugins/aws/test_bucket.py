from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from dpn import Inside, Marker, Observed, Ref, Want
from dpn_aws.bucket import Bucket
from dpn_aws.client import AwsSession
from dpn_aws.errors import BucketTakenError, classify

NAME = "oncology-lake-gold-dev-euw1"
REF = Ref("aws_s3_bucket", NAME, NAME)
SAFE: dict[str, Any] = {
    "public_access_block": True,
    "encryption": {"algorithm": "AES256"},
    "ownership": "BucketOwnerEnforced",
    "versioning": False,
}
FULL: dict[str, Any] = {
    **SAFE,
    "encryption": {"algorithm": "aws:kms", "kms_key": "alias/lake", "bucket_key": True},
    "versioning": True,
    "tags": {"team": "data engineering", "cost_center": "IT-1001"},
    "lifecycle": [
        {"id": "old", "prefix": "tmp/", "expire_days": 7},
        {
            "id": "cold",
            "transitions": [{"days": 30, "storage_class": "STANDARD_IA"}, {"days": 90, "storage_class": "GLACIER"}],
            "abort_multipart_days": 3,
            "noncurrent_expire_days": 30,
        },
    ],
}
Read = Callable[[Any, Ref], Observed]


def bring_about(kind: Bucket, want: Want) -> Observed:
    ref = kind.create(want)
    seen = kind.read(ref)
    assert seen
    for part in kind.parts:
        if not part.at_birth and set(part.fields) & set(want.spec):
            kind.put(ref, part.name, want, seen)
    found = kind.read(ref)
    assert found
    return found


@pytest.mark.parametrize("spec", [SAFE, FULL, {**SAFE, "public_access_block": False, "ownership": "ObjectWriter"}])
def test_what_was_made_reads_as_it_was_wanted(cloud: Any, want: Callable[..., Want], spec: dict[str, Any]) -> None:
    found = bring_about(Bucket(cloud.session), want(NAME, **spec))
    assert found.spec == spec
    assert found.ref == REF
    assert found.marker == want(NAME).marker


@pytest.mark.parametrize(
    ("region", "constraint"), [("us-east-1", None), ("eu-west-1", "eu-west-1"), ("ap-southeast-2", "ap-southeast-2")]
)
def test_tags_go_with_the_create_and_the_location_only_where_it_is_taken(
    cloud_in: Any, region: str, constraint: str | None
) -> None:
    cloud = cloud_in(region)
    marker = Marker("s", "a", "o")
    bodies: list[bytes] = []
    for once in (True, False):
        events = cloud.session.s3(once=once, region=region).meta.events
        events.register("before-send.s3.CreateBucket", lambda request, **_: bodies.append(request.body))
    Bucket(cloud.session).create(Want(NAME, {**SAFE, "tags": {"team": "x"}}, None, marker, region))
    asked = cloud.last("CreateBucket")["CreateBucketConfiguration"]
    assert asked.get("LocationConstraint") == constraint
    assert {tag["Key"]: tag["Value"] for tag in asked["Tags"]} == {"team": "x", **marker.tags()}
    assert len(bodies) == 1
    assert (b"<LocationConstraint>" in bodies[0]) == bool(constraint)
    assert b"<Tag><Key>dpn_op</Key><Value>o</Value></Tag>" in bodies[0]
    assert cloud.session.s3().get_bucket_location(Bucket=NAME).get("LocationConstraint") == constraint


def test_every_call_after_the_create_names_the_owner(cloud: Any, want: Callable[..., Want]) -> None:
    kind = Bucket(cloud.session)
    seen = bring_about(kind, want(NAME, **FULL))
    kind.mark(REF, None, seen)
    kind.contents(REF)
    kind.delete(REF, seen)
    rest = [params for name, params in cloud.calls if name not in ("CreateBucket", "ListBuckets")]
    assert len(rest) > 20
    assert {params.get("ExpectedBucketOwner") for params in rest} == {"123456789012"}


def test_parts_protect_before_they_open() -> None:
    names = [part.name for part in Bucket.parts]
    assert names == ["public_access", "encryption", "ownership", "versioning", "tags", "lifecycle"]


def test_a_new_bucket_of_aws_itself_needs_no_write(cloud: Any) -> None:
    """AWS protects a new bucket by itself; that must read as the schema's defaults, not as drift."""
    client, kind = cloud.session.s3(), Bucket(cloud.session)
    on = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": True}
    cloud.session.owner()
    with Stubber(client) as stub:
        stub.add_response("head_bucket", {})
        stub.add_client_error("get_bucket_tagging", "NoSuchTagSet", http_status_code=404)
        stub.add_response("get_public_access_block", {"PublicAccessBlockConfiguration": on})
        stub.add_response("get_bucket_encryption", {"ServerSideEncryptionConfiguration": {"Rules": [rule]}})
        controls = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
        stub.add_response("get_bucket_ownership_controls", {"OwnershipControls": controls})
        stub.add_response("get_bucket_versioning", {})
        stub.add_client_error("get_bucket_lifecycle_configuration", "NoSuchLifecycleConfiguration")
        found = kind.read(REF)
        stub.assert_no_pending_responses()
    assert found
    assert found.spec == SAFE
    assert found.marker is None


def test_a_bucket_without_guards_reads_as_such(cloud: Any) -> None:
    cloud.session.s3().create_bucket(Bucket=NAME, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    found = Bucket(cloud.session).read(REF)
    assert found
    assert found.spec == {**SAFE, "public_access_block": False, "ownership": "ObjectWriter"}


def test_absent_is_none_and_no_error(cloud: Any) -> None:
    kind = Bucket(cloud.session)
    assert kind.read(REF) is None
    assert kind.contents(REF) == []
    assert list(kind.find(Want(NAME, {}))) == []
    kind.delete(REF, Observed(REF, {}))


def test_a_bucket_that_goes_while_it_is_read_is_absent(cloud: Any) -> None:
    cloud.session.owner()
    with Stubber(cloud.session.s3()) as stub:
        stub.add_response("head_bucket", {})
        stub.add_client_error("get_bucket_tagging", "NoSuchBucket", http_status_code=404)
        assert Bucket(cloud.session).read(REF) is None


def test_a_right_that_is_missing_is_not_taken_for_absence(cloud: Any) -> None:
    cloud.session.owner()
    with Stubber(cloud.session.s3()) as stub:
        stub.add_response("head_bucket", {})
        stub.add_client_error("get_bucket_tagging", "AccessDenied", http_status_code=403)
        with pytest.raises(ClientError):
            Bucket(cloud.session).read(REF)


def stubbed_403(session: AwsSession, listed: list[str] | None) -> Stubber:
    session.owner()
    stub = Stubber(session.s3())
    stub.add_client_error("head_bucket", "403", "Forbidden", 403)
    if listed is None:
        stub.add_client_error("list_buckets", "AccessDenied", "no", 403)
    else:
        stub.add_response("list_buckets", {"Buckets": [{"Name": name} for name in listed]})
    return stub


def test_another_accounts_bucket_is_told_apart_from_missing_rights(cloud: Any) -> None:
    kind = Bucket(cloud.session)
    with stubbed_403(cloud.session, [f"{NAME}-2"]), pytest.raises(BucketTakenError) as taken:
        kind.read(REF)
    fault = classify(taken.value, "read")
    assert (fault.code, fault.outcome) == ("NAME-TAKEN", "not_applied")
    assert NAME in fault.message
    assert fault.hint
    with stubbed_403(cloud.session, [NAME]), pytest.raises(ClientError) as denied:
        kind.read(REF)
    assert classify(denied.value, "read").code == "403"
    with stubbed_403(cloud.session, None), pytest.raises(ClientError):
        kind.read(REF)


@pytest.mark.parametrize(("status", "free"), [(404, True), (200, False), (403, False), (301, False)])
def test_one_look_tells_whether_anybody_has_a_name(cloud: Any, status: int, free: bool) -> None:
    cloud.session.owner()
    with Stubber(cloud.session.s3()) as stub:
        if status == 200:
            stub.add_response("head_bucket", {})
        else:
            stub.add_client_error("head_bucket", str(status), http_status_code=status)
        assert Bucket(cloud.session).available(NAME) is free
        stub.assert_no_pending_responses()


@pytest.mark.parametrize("status", [400, 500, 503])
def test_an_answer_that_says_nothing_of_the_name_is_an_error(cloud: Any, status: int) -> None:
    cloud.session.owner()
    with Stubber(cloud.session.s3()) as stub:
        stub.add_client_error("head_bucket", str(status), http_status_code=status)
        with pytest.raises(ClientError):
            Bucket(cloud.session).available(NAME)


def test_a_create_in_doubt_did_not_make_another_accounts_bucket(cloud: Any) -> None:
    with stubbed_403(cloud.session, []):
        assert list(Bucket(cloud.session).find(Want(NAME, {}))) == []


def test_tags_of_others_survive_the_marker(cloud: Any, want: Callable[..., Want], seen: Read) -> None:
    """System tags must be sent back: a write of tags replaces them all."""
    kind = Bucket(cloud.session)
    bring_about(kind, want(NAME, marker=None, **SAFE, tags={"team": "x"}))
    before = seen(kind, REF)
    before = Observed(before.ref, before.spec, None, extra={"tags": {"aws:stack": "y"}})
    marker = Marker("s", "a", "o")
    with pytest.raises(ClientError):  # moto refuses what AWS takes when it was there before
        kind.mark(REF, marker, before)
    sent = {tag["Key"]: tag["Value"] for tag in cloud.last("PutBucketTagging")["Tagging"]["TagSet"]}
    assert sent == {"team": "x", "aws:stack": "y", **marker.tags()}


def test_a_mark_and_its_undo_leave_the_bucket_as_it_was(cloud: Any, want: Callable[..., Want], seen: Read) -> None:
    kind = Bucket(cloud.session)
    for tags in ({}, {"tags": {"team": "x"}}):
        before = bring_about(kind, want(NAME, marker=None, **SAFE, **tags))
        marker = Marker("s", "a", "o")
        kind.mark(REF, marker, before)
        assert seen(kind, REF).marker == marker
        kind.mark(REF, None, seen(kind, REF))
        assert seen(kind, REF) == before
        kind.delete(REF, before)


def test_mixed_flags_and_foreign_rules_are_shown_and_can_be_put_back(
    cloud: Any, want: Callable[..., Want], seen: Read
) -> None:
    kind = Bucket(cloud.session)
    bring_about(kind, want(NAME, **SAFE))
    client = cloud.session.s3()
    client.put_public_access_block(Bucket=NAME, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    rule: Any = {"ID": "x", "Status": "Disabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 3}}
    client.put_bucket_lifecycle_configuration(Bucket=NAME, LifecycleConfiguration={"Rules": [rule]})
    before = seen(kind, REF)
    assert before.spec["public_access_block"] == {
        "block_public_acls": True,
        "ignore_public_acls": False,
        "block_public_policy": False,
        "restrict_public_buckets": False,
    }
    assert before.spec["lifecycle"] == [{"id": "x", "raw": rule}]
    for part, spec in (("public_access", SAFE), ("lifecycle", {})):
        kind.put(REF, part, want(NAME, **spec), before)
    assert seen(kind, REF).spec == SAFE
    for part in ("public_access", "lifecycle"):
        kind.put(REF, part, want(NAME, **before.spec), seen(kind, REF))
    assert seen(kind, REF).spec == before.spec


def test_contents_are_versions_too_and_a_full_bucket_stays(cloud: Any, want: Callable[..., Want]) -> None:
    kind = Bucket(cloud.session)
    bring_about(kind, want(NAME, **{**SAFE, "versioning": True}))
    client = cloud.session.s3()
    client.put_object(Bucket=NAME, Key="orders.csv", Body=b"1")
    client.delete_object(Bucket=NAME, Key="orders.csv")  # only a version and a delete marker are left
    assert kind.contents(REF) == [Inside("object", "orders.csv")]
    with pytest.raises(ClientError) as full:
        kind.delete(REF, Observed(REF, {}))
    assert classify(full.value, "delete").code == "BucketNotEmpty"


def test_the_list_gives_names_of_all_pages(cloud: Any, want: Callable[..., Want]) -> None:
    kind = Bucket(cloud.session)
    with Stubber(cloud.session.s3()) as stub:
        stub.add_response("list_buckets", {"Buckets": [{"Name": "aaa"}], "ContinuationToken": "t"})
        asked = {"MaxBuckets": 10000, "ContinuationToken": "t"}
        stub.add_response("list_buckets", {"Buckets": [{"Name": "bbb"}]}, asked)
        assert [found.ref.name for found in kind.list(None)] == ["aaa", "bbb"]


def test_a_read_asks_once_for_itself_and_once_for_each_part(cloud: Any, want: Callable[..., Want]) -> None:
    kind = Bucket(cloud.session)
    bring_about(kind, want(NAME, **SAFE))
    cloud.calls.clear()
    kind.read(REF)
    assert len(cloud.calls) == 1 + len(kind.parts)


def test_what_a_later_api_adds_to_encryption_and_lifecycle_is_sent_back(cloud: Any, want: Callable[..., Want]) -> None:
    kind = Bucket(cloud.session)
    bring_about(kind, want(NAME, **SAFE))
    extra = {
        "encryption": {"BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]}},
        "lifecycle": {"TransitionDefaultMinimumObjectSize": "varies_by_storage_class"},
    }
    seen = Observed(REF, SAFE, extra=extra)
    kind.put(REF, "encryption", want(NAME, **FULL), seen)
    rule = cloud.last("PutBucketEncryption")["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["BlockedEncryptionTypes"] == {"EncryptionType": ["SSE-C"]}
    kind.put(REF, "lifecycle", want(NAME, **FULL), seen)
    asked = cloud.last("PutBucketLifecycleConfiguration")
    assert asked["TransitionDefaultMinimumObjectSize"] == "varies_by_storage_class"
