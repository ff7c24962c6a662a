from __future__ import annotations

from typing import Any

import pytest

from dpn_sandbox.aws.calls import Call, identify
from dpn_sandbox.wire import Request


@pytest.mark.parametrize(
    ("method", "target", "operation", "write"),
    [
        ("GET", "/", "ListBuckets", False),
        ("PUT", "/b", "CreateBucket", True),
        ("HEAD", "/b/", "HeadBucket", False),
        ("GET", "/b?prefix=x", "ListObjects", False),
        ("GET", "/b?list-type=2", "ListObjectsV2", False),
        ("GET", "/b?versions", "ListObjectVersions", False),
        ("GET", "/b?uploads", "ListMultipartUploads", False),
        ("POST", "/b?delete", "DeleteObjects", True),
        ("POST", "/b", "PostObject", True),
        ("OPTIONS", "/b", "Options", True),
        ("GET", "/b?tagging", "GetBucketTagging", False),
        ("PUT", "/b?publicAccessBlock", "PutPublicAccessBlock", True),
        ("PUT", "/b?lifecycle", "PutBucketLifecycleConfiguration", True),
        ("DELETE", "/b?lifecycle", "DeleteBucketLifecycle", True),
        ("DELETE", "/b?encryption", "DeleteBucketEncryption", True),
        ("PUT", "/b/k", "PutObject", True),
        ("HEAD", "/b/k", "HeadObject", False),
        ("GET", "/b/k?tagging", "GetObjectTagging", False),
        ("POST", "/b/k?uploads", "CreateMultipartUpload", True),
        ("PUT", "/b/k?partNumber=1&uploadId=u", "UploadPart", True),
        ("POST", "/b/k?uploadId=u", "CompleteMultipartUpload", True),
        ("DELETE", "/b/k?uploadId=u", "AbortMultipartUpload", True),
        ("POST", "/b/k?select&select-type=2", "SelectObjectContent", False),
    ],
)
def test_an_s3_request_has_its_operation(method: str, target: str, operation: str, write: bool) -> None:
    call = identify(Request(method, target))
    assert (call.service, call.operation, call.write) == ("s3", operation, write)


@pytest.mark.parametrize(("target", "operation"), [("/b/k", "CopyObject"), ("/b/k?partNumber=1", "UploadPartCopy")])
def test_a_copy_is_told_by_its_source(target: str, operation: str) -> None:
    assert identify(Request("PUT", target, {"HTTP_X_AMZ_COPY_SOURCE": "/a/k"})).operation == operation


def test_the_name_is_decoded() -> None:
    assert identify(Request("PUT", "/b/a%20b/%C3%BC?x-id=PutObject")) == Call(
        "s3", "PutObject", "b/a b/ü", bucket="b", key="a b/ü"
    )


def test_a_presigned_request_names_its_service_and_region_in_the_query() -> None:
    scope = "X-Amz-Credential=k%2F20260101%2Feu-west-1%2Fs3%2Faws4_request"
    assert identify(Request("GET", f"/b/k?{scope}")).region == "eu-west-1"


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b'{"DatabaseInput": {"Name": "Db"}}', "db"),
        (b'{"DatabaseName": "Db", "TableInput": {"Name": "T"}}', "db.t"),
        (b'{"DatabaseName": "Db", "TableName": "T"}', "db.t"),
        (b'{"ResourceArn": "arn:x"}', "arn:x"),
        (b'{"Name": 1, "DatabaseName": null}', ""),
        (b"[]", ""),
        (b"{", ""),
        (b"\xff", ""),
    ],
)
def test_a_glue_request_has_its_name_however_odd_it_is(body: bytes, name: Any) -> None:
    headers = {
        "HTTP_AUTHORIZATION": "AWS4-HMAC-SHA256 Credential=k/20260101/us-east-1/glue/aws4_request, Signature=0",
        "HTTP_X_AMZ_TARGET": "AWSGlue.CreateTable",
    }
    assert identify(Request("POST", "/", headers, body=body)) == Call("glue", "CreateTable", name)
