"""Which operation of which service a request is, worked out from the wire as the services do it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from dpn_sandbox.wire import Request

_SCOPE = re.compile(r"Credential=[^/]+/\d{8}/([^/]+)/([^/]+)/aws4_request")
_READS = re.compile(r"(Batch)?(Get|List|Search|Query|Check|Head|Select)")
# sub-resource -> what its operations are called after the verb
_BUCKET_PARTS = {
    "accelerate": "BucketAccelerateConfiguration",
    "acl": "BucketAcl",
    "cors": "BucketCors",
    "encryption": "BucketEncryption",
    "inventory": "BucketInventoryConfiguration",
    "lifecycle": "BucketLifecycleConfiguration",
    "location": "BucketLocation",
    "logging": "BucketLogging",
    "notification": "BucketNotificationConfiguration",
    "object-lock": "ObjectLockConfiguration",
    "ownershipControls": "BucketOwnershipControls",
    "policy": "BucketPolicy",
    "policyStatus": "BucketPolicyStatus",
    "publicAccessBlock": "PublicAccessBlock",
    "replication": "BucketReplication",
    "requestPayment": "BucketRequestPayment",
    "tagging": "BucketTagging",
    "versioning": "BucketVersioning",
    "website": "BucketWebsite",
}
_OBJECT_PARTS = {
    "acl": "ObjectAcl",
    "attributes": "ObjectAttributes",
    "legal-hold": "ObjectLegalHold",
    "retention": "ObjectRetention",
    "tagging": "ObjectTagging",
}
_BUCKET_LISTS = {"versions": "ListObjectVersions", "uploads": "ListMultipartUploads"}
_BUCKET_PLAIN = {"PUT": "CreateBucket", "HEAD": "HeadBucket", "DELETE": "DeleteBucket", "GET": "ListObjects"}
_UPLOADS = {
    ("POST", "uploads"): "CreateMultipartUpload",
    ("POST", "uploadId"): "CompleteMultipartUpload",
    ("DELETE", "uploadId"): "AbortMultipartUpload",
    ("GET", "uploadId"): "ListParts",
    ("PUT", "partNumber"): "UploadPart",
    ("POST", "restore"): "RestoreObject",
    ("POST", "select"): "SelectObjectContent",
}


@dataclass(frozen=True, slots=True)
class Call:
    """One call: `name` is what it is about (a bucket, `bucket/key`, a database, `database.table`; may be empty)."""

    service: str
    operation: str
    name: str = ""
    region: str = "us-east-1"
    bucket: str = ""
    key: str = ""

    @property
    def write(self) -> bool:
        """Tell whether it changes something."""
        return self.service != "sts" and not _READS.match(self.operation)


def identify(request: Request) -> Call:
    """Name the call; the service is the one that the request was signed for, S3 when it was not signed."""
    scope = _SCOPE.search(request.header("Authorization")) or _SCOPE.search(f"Credential={_presigned(request)}")
    region, service = scope.groups() if scope else ("us-east-1", "s3")
    if service in ("s3", "s3express"):  # the SDK signs for directory buckets by the ending of the name alone
        return _s3(request, region)
    if service == "glue":
        operation = request.header("X-Amz-Target").rpartition(".")[2]
        return Call("glue", operation, _glue_name(json_body(request)), region)
    form = parse_qs(request.body.decode("latin-1"))
    return Call(service, form.get("Action", [""])[0], region=region)


def json_body(request: Request) -> dict[str, Any]:
    """Give the JSON object of a Glue request; empty when it is none, which moto then refuses."""
    try:
        value = json.loads(request.body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _presigned(request: Request) -> str:
    return request.query.get("X-Amz-Credential", "")


def _s3(request: Request, region: str) -> Call:
    bucket, _, key = request.path.decode(errors="replace").lstrip("/").partition("/")
    operation = _object(request) if key else _bucket(request) if bucket else "ListBuckets"
    return Call("s3", operation, f"{bucket}/{key}" if key else bucket, region, bucket, key)


def _bucket(request: Request) -> str:
    query, method = request.query, request.method
    if method == "POST":
        return "DeleteObjects" if "delete" in query else "PostObject"
    if method == "GET" and query.get("list-type") == "2":
        return "ListObjectsV2"
    for part, operation in _BUCKET_LISTS.items():
        if method == "GET" and part in query:
            return operation
    for part, noun in _BUCKET_PARTS.items():
        if part in query:
            # the one name of the API that breaks the row
            return "DeleteBucketLifecycle" if (method, part) == ("DELETE", "lifecycle") else method.title() + noun
    return _BUCKET_PLAIN.get(method, method.title())


def _object(request: Request) -> str:
    query, method = request.query, request.method
    copied = bool(request.header("x-amz-copy-source"))
    for (verb, part), operation in _UPLOADS.items():
        if verb == method and part in query:
            return "UploadPartCopy" if copied else operation
    for part, noun in _OBJECT_PARTS.items():
        if part in query:
            return method.title() + noun
    return "CopyObject" if copied else f"{method.title()}Object"


def _glue_name(body: dict[str, Any]) -> str:
    given: dict[str, Any] = next(
        (body[part] for part in ("DatabaseInput", "TableInput") if isinstance(body.get(part), dict)), {}
    )
    own = given.get("Name") or body.get("Name") or body.get("TableName") or ""
    parts = [part for part in (body.get("DatabaseName"), own) if isinstance(part, str) and part]
    return ".".join(parts).lower() or str(body.get("ResourceArn", ""))
