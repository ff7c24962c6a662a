"""What moto gets wrong, put right around it: a table of small functions, each with its reason.

A fix gets the call, the request and `go`, which passes a request on to what is further in (the next fix, at last
moto). It may answer itself, change the request, or change the reply. The first row is the outermost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial

from dpn_sandbox.aws import overlay_glue as glue
from dpn_sandbox.aws import overlay_s3 as s3
from dpn_sandbox.aws.calls import Call
from dpn_sandbox.wire import Reply, Request

Go = Callable[[Request], Reply]


@dataclass(frozen=True, slots=True)
class Fix:
    """One thing that moto gets wrong: for which operations (wildcards), what to do, and what moto does instead."""

    service: str
    operations: str
    act: Callable[[Call, Request, Go], Reply]
    moto: str

    def fits(self, call: Call) -> bool:
        """Tell whether the fix is for this call."""
        return call.service == self.service and any(fnmatchcase(call.operation, op) for op in self.operations.split())


FIXES = (
    Fix("s3", "CreateBucket", s3.check_name, "checks only the length of a name"),
    Fix("s3", "*", s3.check_stranger, "lets the caller into buckets of other accounts, and breaks on their deletion"),
    Fix("s3", "*", s3.check_expected_owner, "ignores x-amz-expected-bucket-owner"),
    Fix("s3", "PutObject CopyObject CreateMultipartUpload", s3.check_key, "takes keys of any length"),
    Fix("s3", "PutBucketTagging", s3.check_tags, "has no limits on tags, and loses empty values"),
    Fix("s3", "CreateBucket", s3.tag_at_create, "drops CreateBucketConfiguration.Tags"),
    Fix("s3", "CreateBucket", s3.set_defaults, "makes buckets without encryption, public access block and ownership"),
    Fix("s3", "DeleteBucketEncryption", s3.keep_encryption, "leaves a bucket without encryption"),
    Fix("s3", "ListBuckets", s3.list_buckets, "cuts the list at MaxBuckets without a token, and gives no regions"),
    Fix("glue", "*", glue.fold_names, "keeps upper case, so that DB1 and db1 live side by side"),
    Fix("glue", "CreateDatabase CreateTable UpdateTable UpdateDatabase", glue.check_name, "takes any name"),
    Fix("glue", "CreateDatabase TagResource", glue.check_tags, "has no limits on tags"),
    Fix("glue", "GetTags TagResource UntagResource", glue.check_tagged, "has tags of databases that do not exist"),
    Fix("glue", "CreateTable UpdateTable", glue.check_columns, "takes two columns of one name"),
    Fix("glue", "UpdateTable", glue.check_version, "ignores VersionId"),
    Fix("glue", "DeleteDatabase", glue.drop_tags, "gives the tags of a deleted database to the next of its name"),
    Fix("glue", "GetDatabases GetTables", glue.page, "ignores MaxResults and gives no NextToken"),
)


def answer(call: Call, request: Request, moto: Go) -> Reply:
    """Answer with moto inside all fixes that fit the call."""
    go = moto
    for fix in reversed(FIXES):
        if fix.fits(call):
            go = partial(_act, fix, call, go)
    return go(request)


def _act(fix: Fix, call: Call, go: Go, request: Request) -> Reply:
    return fix.act(call, request, go)
