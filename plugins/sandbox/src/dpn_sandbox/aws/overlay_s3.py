"""Fixes for S3; their table and their reasons are in `overlay`. Rules: the S3 User Guide and recorded answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from dpn_sandbox.aws import backends, pages
from dpn_sandbox.aws.answers import error
from dpn_sandbox.aws.calls import Call
from dpn_sandbox.aws.xml import BadXmlError, document, element, parse, tags_in
from dpn_sandbox.wire import Reply, Request

Go = Callable[[Request], Reply]
Tags = Sequence[tuple[str, str]]

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")
_REGIONAL = re.compile(r".+-\d{12}-[a-z0-9-]+-an")
_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
_KEY_BYTES = 1024
_PAGE = 10_000
_TAGS, _TAG_KEY, _TAG_VALUE = 50, 128, 256
_TAG_CHARACTERS = re.compile(r"[\w\s+\-=.:/@]*")
_ENCRYPTION = {"Rule": {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": "false"}}
_BLOCK = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def check_name(call: Call, request: Request, go: Go) -> Reply:
    """Refuse a bucket name that breaks the rules."""
    if valid_name(call.bucket):
        return go(request)
    return error("s3", 400, "InvalidBucketName", "The specified bucket is not valid.")


def valid_name(name: str) -> bool:
    """Tell whether S3 takes the name for a new general purpose bucket."""
    return (
        bool(_NAME.fullmatch(name))
        and ".." not in name
        and not _ADDRESS.fullmatch(name)
        and not name.startswith(_PREFIXES)
        and not name.endswith(_SUFFIXES)
        and (not name.endswith("-an") or bool(_REGIONAL.fullmatch(name)))
    )


def check_stranger(call: Call, request: Request, go: Go) -> Reply:
    """Deny everything on another account's bucket but the attempt to create it, which is a conflict."""
    bucket = backends.bucket_of(call.bucket)
    if bucket is None or bucket.account_id == backends.ACCOUNT or call.operation == "CreateBucket":
        return go(request)
    return _denied(request)


def check_expected_owner(call: Call, request: Request, go: Go) -> Reply:
    """Deny the call when the bucket is not owned by whom the caller expects."""
    expected = request.header("x-amz-expected-bucket-owner")
    bucket = backends.bucket_of(call.bucket)
    if not expected or bucket is None or bucket.account_id == expected:
        return go(request)
    return _denied(request)


def check_key(call: Call, request: Request, go: Go) -> Reply:
    """Refuse a key of more than 1,024 bytes."""
    if len(call.key.encode()) <= _KEY_BYTES:
        return go(request)
    return error("s3", 400, "KeyTooLongError", "Your key is too long")


def check_tags(call: Call, request: Request, go: Go) -> Reply:
    """Refuse tags that S3 does not take; keep empty values, which moto would give back as missing."""
    try:
        tags = list(tags_in(parse(request.body)))
    except BadXmlError:
        return _malformed()
    wrong = _wrong_tags(tags, "System tags cannot be added/updated by requester")
    if wrong is None and len(dict(tags)) < len(tags):
        wrong = error("s3", 400, "InvalidTag", "Cannot provide multiple Tags with the same key")
    if wrong is not None:
        return wrong
    reply = go(request)
    bucket = backends.bucket_of(call.bucket)
    if reply.done and bucket is not None:
        backends.backend_of(bucket).put_bucket_tagging(bucket.name, dict(tags))
    return reply


def tag_at_create(call: Call, request: Request, go: Go) -> Reply:
    """Create a bucket with its tags in one step; creating an own one again with tags is a conflict everywhere."""
    try:
        tags = list(tags_in(parse(request.body))) if request.body else []
    except BadXmlError:
        return _malformed()
    if not tags:
        return go(request)
    if wrong := _wrong_tags(tags, 'User-defined tag keys can\'t start with "aws:". This prefix is reserved.'):
        return wrong
    if len(dict(tags)) < len(tags):  # recorded on real AWS: not the InvalidTag of PutBucketTagging
        return error("s3", 500, "InternalError", "We encountered an internal error. Please try again.")
    there = backends.bucket_of(call.bucket)
    if there is not None and there.account_id == backends.ACCOUNT:
        text = "Your previous request to create the named bucket succeeded and you already own it."
        return error("s3", 409, "BucketAlreadyOwnedByYou", text)
    reply = go(request)
    made = backends.bucket_of(call.bucket)
    if reply.done and made is not None:
        backends.backend_of(made).put_bucket_tagging(made.name, dict(tags))
    return reply


def set_defaults(call: Call, request: Request, go: Go) -> Reply:
    """Give a new bucket what each new bucket has: SSE-S3, all public access blocked, ACLs off."""
    was_there = backends.bucket_of(call.bucket) is not None
    reply = go(request)
    bucket = backends.bucket_of(call.bucket)
    if reply.done and bucket is not None and not was_there:
        s3 = backends.backend_of(bucket)
        s3.put_bucket_encryption(bucket.name, _ENCRYPTION)
        s3.put_public_access_block(bucket.name, dict.fromkeys(_BLOCK, "true"))
        if not bucket.ownership_rule:
            bucket.ownership_rule = "BucketOwnerEnforced"
    return reply


def keep_encryption(call: Call, request: Request, go: Go) -> Reply:
    """Fall back to SSE-S3 when a bucket's own encryption is taken away."""
    reply = go(request)
    bucket = backends.bucket_of(call.bucket)
    if reply.done and bucket is not None:
        bucket.encryption = _ENCRYPTION
    return reply


def list_buckets(call: Call, request: Request, go: Go) -> Reply:
    """List buckets in alphabetical order and in pages; regions are told when a parameter was given."""
    del call, go  # moto has no part in this answer
    query = {key: value for key, value in request.query.items() if key != "x-id"}
    try:
        size = int(query.get("max-buckets", _PAGE))
        after = pages.after(query.get("continuation-token", ""))
    except ValueError:
        return _invalid("The continuation token or max-buckets provided is incorrect")
    if not 1 <= size <= _PAGE:
        return _invalid(f"Argument max-buckets must be an integer between 1 and {_PAGE}")
    prefix, region = query.get("prefix", ""), query.get("bucket-region", "")
    fitting = [
        bucket
        for bucket in backends.own_buckets()
        if bucket.name > after and bucket.name.startswith(prefix) and region in ("", bucket.region_name)
    ]
    return _bucket_page(fitting[:size], prefix, full=bool(query), more=len(fitting) > size)


def _bucket_page(buckets: Sequence[Any], prefix: str, *, full: bool, more: bool) -> Reply:
    rows = [
        element(
            "Bucket",
            element("Name", bucket.name),
            element("CreationDate", bucket.creation_date_ISO8601),
            *([element("BucketRegion", bucket.region_name)] if full else []),
        )
        for bucket in buckets
    ]
    parts = [element("Owner", element("ID", backends.ACCOUNT)), element("Buckets", *rows)]
    if prefix:
        parts.append(element("Prefix", prefix))
    if more:
        parts.append(element("ContinuationToken", pages.token(buckets[-1].name)))
    return Reply(200, (("Content-Type", "application/xml"),), document("ListAllMyBucketsResult", parts))


def _wrong_tags(tags: Tags, system: str) -> Reply | None:
    if len(tags) > _TAGS:
        return error("s3", 400, "InvalidTag", f"Bucket tag count cannot be greater than {_TAGS}")
    for key, value in tags:
        if key.lower().startswith("aws:"):
            return error("s3", 400, "InvalidTag", system)
        if len(key) > _TAG_KEY or not _TAG_CHARACTERS.fullmatch(key):
            return error("s3", 400, "InvalidTag", "The TagKey you have provided is invalid")
        if len(value) > _TAG_VALUE or not _TAG_CHARACTERS.fullmatch(value):
            return error("s3", 400, "InvalidTag", "The TagValue you have provided is invalid")
    return None


def _denied(request: Request) -> Reply:
    reply = error("s3", 403, "AccessDenied", "Access Denied")
    return reply.with_body(b"") if request.method == "HEAD" else reply


def _malformed() -> Reply:
    text = "The XML you provided was not well-formed or did not validate against our published schema"
    return error("s3", 400, "MalformedXML", text)


def _invalid(text: str) -> Reply:
    return error("s3", 400, "InvalidArgument", text)
