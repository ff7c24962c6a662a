from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpn_sandbox.aws.overlay_s3 import valid_name
from dpn_sandbox.aws.xml import BadXmlError, parse
from dpn_sandbox.testing import Sandbox

Refused = Callable[..., tuple[str, int]]
pytestmark = pytest.mark.usefixtures("sandbox")


def tagged(**tags: str) -> dict[str, Any]:
    return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


def tag_set(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    return {"TagSet": [{"Key": key, "Value": value} for key, value in pairs]}


@pytest.mark.parametrize(
    "name",
    [
        "Upper-case",
        "under_score",
        "two..dots",
        "192.168.5.4",
        "-leading",
        "trailing-",
        ".leading",
        "trailing.",
        "xn--name",
        "sthree-name",
        "amzn-s3-demo-name",
        "name-s3alias",
        "name--ol-s3",
        "name.mrap",
        "name--table-s3",
        "name-an",
        "ab",
        "a" * 64,
    ],
)
def test_a_name_against_the_rules_is_refused(s3: Any, refused: Refused, sandbox: Sandbox, name: str) -> None:
    assert refused(s3.create_bucket, Bucket=name) == ("InvalidBucketName", 400)
    assert sandbox.objects()["buckets"] == {}


@pytest.mark.parametrize("name", ["abc", "a.b-c", "1.2.3", "a" * 63, "data-123456789012-us-east-1-an"])
def test_a_name_within_the_rules_is_taken(s3: Any, name: str) -> None:
    s3.create_bucket(Bucket=name)


def test_a_name_of_a_directory_bucket_is_not_valid() -> None:
    # the SDK opens a session instead of creating it, so this one never comes over the wire
    assert not valid_name("name--x-s3")


@given(st.from_regex(r"[a-z0-9]{3,30}(-[a-z0-9]{3,30})?", fullmatch=True))
def test_plain_names_are_valid_unless_a_reserved_part_makes_them_not(name: str) -> None:
    assert valid_name(name) == (not name.startswith("sthree-") and not name.endswith("-s3alias"))


def test_tags_are_there_from_the_moment_of_creation(s3: Any, sandbox: Sandbox) -> None:
    s3.create_bucket(Bucket="landing", CreateBucketConfiguration=tagged(dpn_op="01h", empty=""))
    assert s3.get_bucket_tagging(Bucket="landing")["TagSet"] == tagged(dpn_op="01h", empty="")["Tags"]
    assert sandbox.objects()["buckets"] == {"landing": {"dpn_op": "01h", "empty": ""}}


def test_tags_at_creation_go_with_a_region(client: Callable[..., Any], sandbox: Sandbox) -> None:
    s3 = client("s3", sandbox.url, "eu-west-1")
    config = {"LocationConstraint": "eu-west-1", **tagged(a="b")}
    s3.create_bucket(Bucket="irish", CreateBucketConfiguration=config)
    assert s3.head_bucket(Bucket="irish")["BucketRegion"] == "eu-west-1"
    assert s3.get_bucket_tagging(Bucket="irish")["TagSet"] == [{"Key": "a", "Value": "b"}]


def test_an_own_bucket_can_be_created_again_in_us_east_1_only_without_tags(s3: Any, refused: Refused) -> None:
    s3.create_bucket(Bucket="landing", CreateBucketConfiguration=tagged(a="1"))
    s3.create_bucket(Bucket="landing")
    again = refused(s3.create_bucket, Bucket="landing", CreateBucketConfiguration=tagged(a="2"))
    assert again == ("BucketAlreadyOwnedByYou", 409)
    assert s3.get_bucket_tagging(Bucket="landing")["TagSet"] == [{"Key": "a", "Value": "1"}]


WRONG_TAGS = [
    [(f"k{n}", "v") for n in range(51)],
    [("k" * 129, "v")],
    [("k", "v" * 257)],
    [("aws:k", "v")],
    [("a,b", "v")],
    [("k", "a,b")],
]


@pytest.mark.parametrize("pairs", WRONG_TAGS)
def test_tags_against_the_rules_are_refused(
    s3: Any, refused: Refused, sandbox: Sandbox, pairs: list[tuple[str, str]]
) -> None:
    tags = tag_set(pairs)
    config = {"Tags": tags["TagSet"]}
    assert refused(s3.create_bucket, Bucket="landing", CreateBucketConfiguration=config) == ("InvalidTag", 400)
    s3.create_bucket(Bucket="landing")
    assert refused(s3.put_bucket_tagging, Bucket="landing", Tagging=tags) == ("InvalidTag", 400)
    assert sandbox.objects()["buckets"] == {"landing": {}}


def test_a_tag_key_given_twice_is_refused_and_at_creation_as_an_internal_error(s3: Any, refused: Refused) -> None:
    tags = tag_set([("k", "1"), ("k", "2")])
    config = {"Tags": tags["TagSet"]}
    assert refused(s3.create_bucket, Bucket="landing", CreateBucketConfiguration=config) == ("InternalError", 500)
    s3.create_bucket(Bucket="landing")
    assert refused(s3.put_bucket_tagging, Bucket="landing", Tagging=tags) == ("InvalidTag", 400)


def test_fifty_longest_tags_are_taken_whole(s3: Any) -> None:
    tags = tag_set([(f"{n:0>128}", "v" * 256) for n in range(50)])
    s3.create_bucket(Bucket="landing")
    s3.put_bucket_tagging(Bucket="landing", Tagging=tags)
    assert s3.get_bucket_tagging(Bucket="landing")["TagSet"] == tags["TagSet"]


def test_an_empty_tag_value_stays_a_value(s3: Any) -> None:
    s3.create_bucket(Bucket="landing")
    s3.put_bucket_tagging(Bucket="landing", Tagging=tag_set([("k", "")]))
    assert s3.get_bucket_tagging(Bucket="landing")["TagSet"] == [{"Key": "k", "Value": ""}]


def test_a_new_bucket_is_encrypted_and_private(s3: Any) -> None:
    s3.create_bucket(Bucket="landing")
    rules = s3.get_bucket_encryption(Bucket="landing")["ServerSideEncryptionConfiguration"]["Rules"]
    assert rules[0]["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert set(s3.get_public_access_block(Bucket="landing")["PublicAccessBlockConfiguration"].values()) == {True}
    ownership = s3.get_bucket_ownership_controls(Bucket="landing")["OwnershipControls"]
    assert ownership == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}


def test_what_was_set_stays_when_the_bucket_is_created_again(s3: Any, refused: Refused) -> None:
    s3.create_bucket(Bucket="landing", ObjectOwnership="ObjectWriter")
    s3.delete_public_access_block(Bucket="landing")
    s3.create_bucket(Bucket="landing")
    absent = refused(s3.get_public_access_block, Bucket="landing")
    assert absent == ("NoSuchPublicAccessBlockConfiguration", 404)
    ownership = s3.get_bucket_ownership_controls(Bucket="landing")["OwnershipControls"]
    assert ownership == {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}


def test_without_its_own_encryption_a_bucket_falls_back_to_the_default(s3: Any) -> None:
    s3.create_bucket(Bucket="landing")
    kms = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]}
    s3.put_bucket_encryption(Bucket="landing", ServerSideEncryptionConfiguration=kms)
    s3.delete_bucket_encryption(Bucket="landing")
    rules = s3.get_bucket_encryption(Bucket="landing")["ServerSideEncryptionConfiguration"]["Rules"]
    assert rules[0]["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}


def test_an_unexpected_owner_is_denied(s3: Any, refused: Refused) -> None:
    s3.create_bucket(Bucket="landing")
    other = {"Bucket": "landing", "ExpectedBucketOwner": "210987654321"}
    assert refused(s3.get_bucket_tagging, **other) == ("AccessDenied", 403)
    assert refused(s3.delete_bucket, **other) == ("AccessDenied", 403)
    assert refused(s3.head_bucket, **other) == ("403", 403)
    s3.head_bucket(Bucket="landing", ExpectedBucketOwner="123456789012")


def test_a_bucket_of_another_account_is_closed(s3: Any, refused: Refused, sandbox: Sandbox) -> None:
    sandbox.plant("strange")
    assert refused(s3.head_bucket, Bucket="strange") == ("403", 403)
    assert refused(s3.create_bucket, Bucket="strange") == ("BucketAlreadyExists", 409)
    assert refused(s3.create_bucket, Bucket="strange", CreateBucketConfiguration=tagged(a="b")) == (
        "BucketAlreadyExists",
        409,
    )
    assert refused(s3.delete_bucket, Bucket="strange") == ("AccessDenied", 403)
    assert refused(s3.put_object, Bucket="strange", Key="k") == ("AccessDenied", 403)
    assert s3.list_buckets()["Buckets"] == []
    assert sandbox.objects()["buckets"] == {}


def test_buckets_are_listed_by_name_in_pages_that_lose_none(s3: Any) -> None:
    for name in ("ccc", "aaa", "ddd", "bbb", "other"):
        s3.create_bucket(Bucket=name)
    pages = list(s3.get_paginator("list_buckets").paginate(PaginationConfig={"PageSize": 2}))
    assert [[bucket["Name"] for bucket in page["Buckets"]] for page in pages] == [
        ["aaa", "bbb"],
        ["ccc", "ddd"],
        ["other"],
    ]
    assert pages[0]["Buckets"][0]["BucketRegion"] == "us-east-1"
    assert [bucket["Name"] for bucket in s3.list_buckets(Prefix="o")["Buckets"]] == ["other"]
    assert s3.list_buckets(BucketRegion="eu-west-1")["Buckets"] == []
    assert "BucketRegion" not in s3.list_buckets()["Buckets"][0]


def test_a_page_that_cannot_be_is_refused(s3: Any, refused: Refused) -> None:
    assert refused(s3.list_buckets, MaxBuckets=10001) == ("InvalidArgument", 400)
    assert refused(s3.list_buckets, ContinuationToken="%%%") == ("InvalidArgument", 400)


def test_a_key_too_long_is_refused(s3: Any, refused: Refused) -> None:
    s3.create_bucket(Bucket="landing")
    s3.put_object(Bucket="landing", Key="k" * 1024)
    assert refused(s3.put_object, Bucket="landing", Key="é" * 513) == ("KeyTooLongError", 400)


def test_the_length_of_an_object_is_told_without_its_body(s3: Any) -> None:
    s3.create_bucket(Bucket="landing")
    s3.put_object(Bucket="landing", Key="a b/ü", Body=b"x" * 70_000)
    assert s3.head_object(Bucket="landing", Key="a b/ü")["ContentLength"] == 70_000
    assert s3.get_object(Bucket="landing", Key="a b/ü")["Body"].read() == b"x" * 70_000


def test_a_body_that_is_not_what_it_should_be_is_malformed(s3: Any, sandbox: Sandbox) -> None:
    from http.client import HTTPConnection

    s3.create_bucket(Bucket="landing")
    for target, body in [("/landing?tagging", b"<Tagging"), ("/other", b"<!DOCTYPE a><a/>"), ("/other", b"<Tag/>")]:
        connection = HTTPConnection("127.0.0.1", sandbox.running.port, timeout=10)
        connection.request("PUT", target, body)
        reply = connection.getresponse()
        assert (reply.status, b"<Code>MalformedXML</Code>" in reply.read()) == (400, True)
        connection.close()
    assert sandbox.objects()["buckets"] == {"landing": {}}


def test_a_body_in_chunks_is_read_to_its_end(s3: Any, sandbox: Sandbox) -> None:
    from http.client import HTTPConnection

    s3.create_bucket(Bucket="landing")
    connection = HTTPConnection("127.0.0.1", sandbox.running.port, timeout=10)
    connection.request("PUT", "/landing/k", iter([b"one ", b"two"]), encode_chunked=True)
    assert connection.getresponse().status == 200
    connection.close()
    assert s3.get_object(Bucket="landing", Key="k")["Body"].read() == b"one two"


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a><a/>'.encode("utf-16"),
        b"<a>&unknown;</a>",
        b"<a>",
        b"",
    ],
)
def test_xml_with_a_document_type_or_broken_is_refused(body: bytes) -> None:
    with pytest.raises(BadXmlError):
        parse(body)
