"""The state backend `s3`: objects of a bucket, written only on condition.

This module is the plugin behind the entry point `s3` of the group `dpn.backends`; boto3 is imported by its first call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, TypeVar

from dpn import BackendType, ConflictError, DpnError, Fault, InputError, LostReplyError, World, hookimpl
from dpn_aws.client import CONFIG_SCHEMA, AwsSession, NoAnswerOfAwsError, connect
from dpn_aws.errors import classify, code_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

T = TypeVar("T")

_OWN = ("bucket", "prefix", "owner")
_SETTINGS = (*_OWN, *(key for key in CONFIG_SCHEMA["properties"] if key != "workers"))
_PAUSES = (0.1, 0.2, 0.4, 0.8, 1.6, None)
_LONGEST = 5.0
"""Seconds of a pause, whatever S3 or what stands before it asks for: all of them are to end within a lease."""
_RIGHTS = "Give that caller the policy in docs/how-to/share-state.md (`aws sts get-caller-identity` tells who it is)."
_HINTS = {
    "NoSuchBucket": "Make the bucket first: docs/how-to/share-state.md says with which settings.",
    "AccessDenied": _RIGHTS + " If the bucket is another account's, name it: owner, in config.yaml under state.",
}
_SILENT = "Check the network and the endpoint, and run the command again: it goes on from what is recorded."
_NOT_REACHED = ("ConnectTimeoutError", "EndpointConnectionError", "ProxyConnectionError")
_MOST = 1000
"""How many objects S3 deletes in one request."""


@hookimpl
def dpn_backends() -> Iterable[BackendType]:
    """Offer the backend `s3`."""
    yield BackendType("s3", objects=open_bucket, config_schema=CONFIG_SCHEMA)


def open_bucket(world: World, settings: Mapping[str, Any]) -> BucketObjects:
    """Open the store for `state: {backend: s3, …}`; nothing is sent yet. InputError for a setting that is none."""
    for key, value in settings.items():
        if key not in _SETTINGS or not isinstance(value, str):
            hint = f"It takes {', '.join(_SETTINGS)} and lease; each of them is text, but the lease."
            raise InputError(f"The state backend s3 does not take {key} = {value!r}.", hint=hint)
    if not settings.get("bucket"):
        raise InputError(
            "The state backend s3 needs a bucket.", hint="Write state: {backend: s3, bucket: NAME} in config.yaml."
        )
    given = {key: value for key, value in settings.items() if key not in _OWN}
    where = Place(settings["bucket"], settings.get("prefix", "").strip("/"), settings.get("owner", ""))
    return BucketObjects(world, lambda: connect(given), where)


@dataclass(frozen=True, slots=True)
class Place:
    """A bucket, what stands before every key in it, and the account that it must belong to (else the caller's)."""

    bucket: str
    prefix: str = ""
    owner: str = ""


class BrokenOffError(Exception):
    """An object of which only a part came."""


class BucketObjects:
    """The objects of a bucket below a prefix.

    S3 compares versions itself: `If-None-Match: *` and `If-Match: ETAG` of PutObject. The SDK sends such a put once: if
    it sent it again after a lost reply, the second one would meet the first as a stranger's.
    """

    def __init__(self, world: World, session: Callable[[], AwsSession], place: Place) -> None:
        self._world, self._session, self._place = world, session, place
        self._prefix = f"{place.prefix}/" if place.prefix else ""
        self.name = f"s3://{place.bucket}/{place.prefix}".rstrip("/")

    @cached_property
    def _aws(self) -> AwsSession:
        return self._session()

    @cached_property
    def _where(self) -> dict[str, Any]:
        owner = {"ExpectedBucketOwner": self._place.owner} if self._place.owner else self._aws.owner()
        return {"Bucket": self._place.bucket, **owner}

    @property
    def _s3(self) -> S3Client:
        return self._aws.s3()

    def get(self, key: str) -> tuple[bytes, str] | None:
        """Give content and ETag."""

        def ask() -> tuple[bytes, str] | None:
            try:
                reply = self._s3.get_object(Key=self._prefix + key, **self._where)
            except Exception as error:
                if code_of(error) == "NoSuchKey":
                    return None
                raise
            return _content(reply), _etag(reply, "GetObject")

        return self._patiently(ask, "read", key)

    def put(self, key: str, content: bytes, expected: str | None) -> str:
        """Put on condition; 412 is a conflict, and so is the 404 for an object that should be there."""
        condition: dict[str, Any] = {"IfNoneMatch": "*"} if expected is None else {"IfMatch": expected}

        def ask() -> str:
            try:
                once = self._aws.s3(once=True)
                reply = once.put_object(Key=self._prefix + key, Body=content, **condition, **self._where)
                return _etag(reply, "PutObject")
            except Exception as error:
                if code_of(error) in ("PreconditionFailed", "NoSuchKey"):
                    raise ConflictError from error
                raise

        return self._patiently(ask, "put", key)

    def names(self, folder: str) -> list[str]:
        """List one folder."""
        start = self._prefix + folder

        def ask() -> list[str]:
            found: set[str] = set()
            pages = self._s3.get_paginator("list_objects_v2")
            for page in pages.paginate(Prefix=start, Delimiter="/", **self._where):
                found |= {item["Key"] for item in page.get("Contents", ())}
                found |= {item["Prefix"] for item in page.get("CommonPrefixes", ())}
            return sorted(key.removeprefix(start).rstrip("/") for key in found)

        return self._patiently(ask, "list", folder)

    def delete(self, keys: Iterable[str]) -> None:
        """Delete with as few requests as can be."""
        named: list[Any] = [{"Key": self._prefix + key} for key in keys]
        for start in range(0, len(named), _MOST):
            some: Any = {"Objects": named[start : start + _MOST], "Quiet": True}
            reply = self._patiently(partial(self._s3.delete_objects, Delete=some, **self._where), "delete", "")
            for refused in reply.get("Errors", ())[:1]:
                code = str(refused.get("Code"))
                raise DpnError(
                    f"S3 does not delete s3://{self._place.bucket}/{refused.get('Key')}: {code}.", hint=_RIGHTS
                )

    def close(self) -> None:
        """Let go of connections, if any was made."""
        if "_aws" in self.__dict__:
            self._aws.close()

    def _patiently(self, ask: Callable[[], T], method: str, key: str) -> T:
        """Ask again what S3 was too busy for, which it says before anything takes effect, and what it said by half."""
        for pause in _PAUSES:
            try:
                return ask()
            except (ConflictError, DpnError):
                raise
            except Exception as error:  # classified here, whatever it is
                fault = classify(error, method)
                again = fault.outcome == "throttled" or isinstance(error, BrokenOffError)
                if not again or pause is None:
                    raise self._told(fault, method, key) from error
                self._world.sleep(min(fault.retry_after or pause, _LONGEST))
        raise AssertionError("the last pause is none")

    def _told(self, fault: Fault, method: str, key: str) -> DpnError:
        unknown = fault.outcome == "unknown"
        lost = method == "put" and (unknown or fault.code in _NOT_REACHED)
        ours = "" if unknown else fault.hint  # which is about calls that a journal tells of
        hint = _HINTS.get(fault.code) or ours or _SILENT
        return (LostReplyError if lost else DpnError)(f"S3, {self.name}/{key}: {fault.message.rstrip('.')}.", hint=hint)


def _content(reply: Any) -> bytes:
    """Read the body, which the SDK leaves to us and does not ask for again."""
    try:
        return bytes(reply["Body"].read())
    except Exception as error:
        raise BrokenOffError(f"the reply broke off: {error}") from error


def _etag(reply: Any, operation: str) -> str:
    """Give the version that S3 tells with every object; a page of a proxy has none."""
    if not reply.get("ETag"):
        raise NoAnswerOfAwsError(f"{operation}: the reply is no answer of S3; is there a proxy or a login page?")
    return str(reply["ETag"])
