"""The way to AWS: one boto3 session for the settings of one alias, and its clients, made when they are first needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Lock
from typing import TYPE_CHECKING, Any

from dpn import DpnError, Identity

if TYPE_CHECKING:
    from botocore.credentials import Credentials
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sts import STSClient

_ERRORS = 300
_MOVED = 301
_TEXT = {"type": "string", "minLength": 1}
CONFIG_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "region": {
            **_TEXT,
            "description": "The region of this alias, as eu-west-1; else AWS_DEFAULT_REGION or the profile's.",
        },
        "profile": {**_TEXT, "description": "A profile of ~/.aws/config; else AWS_PROFILE."},
        "endpoint_url": {
            "type": "string",
            "pattern": "^https?://[^@/?#\\s]+/?$",
            "description": "Where S3, Glue and STS are reached; else AWS_ENDPOINT_URL and its like. Without user name.",
        },
        "access_key_id": {**_TEXT, "description": "An access key; else boto3's own chain."},
        "secret_access_key": {**_TEXT, "x-dpn-secret": True, "description": "Its secret; use ${env:NAME}."},
        "session_token": {
            **_TEXT,
            "x-dpn-secret": True,
            "description": "Its token, if it is temporary; use ${env:NAME}.",
        },
        "workers": {"type": "integer", "minimum": 1, "description": "How many calls run at once; set by dpn."},
    },
}
_SESSION = {
    "region": "region_name",
    "profile": "profile_name",
    "access_key_id": "aws_access_key_id",
    "secret_access_key": "aws_secret_access_key",
    "session_token": "aws_session_token",
}


_PAGE = (b"<!doctype html", b"<html")


class NoAnswerOfAwsError(Exception):
    """Something between here and AWS answered in its place, such as a proxy or the login page of a network."""


def refuse_pages(http_response: Any, model: Any, **_: Any) -> None:
    """Refuse a reply that says it went well and is none of AWS: boto3 takes any page with status 200 for success."""
    stubbed = http_response.raw is None  # by botocore's Stubber
    if stubbed or http_response.status_code >= _ERRORS or model.has_streaming_output:
        return
    start = http_response.content.lstrip()[:15].lower()
    json = model.service_model.protocol == "json"
    if start.startswith(_PAGE) or (json and start and not start.startswith(b"{")):
        raise NoAnswerOfAwsError(f"{model.name}: the reply is no answer of AWS; is there a proxy or a login page?")


def stop_astray(response: Any, operation: Any, **_: Any) -> None:
    """End a redirect that does not say where to: the SDK would ask where, be redirected, and so on for ever."""
    if response is None or response[0].status_code != _MOVED or "x-amz-bucket-region" in response[0].headers:
        return
    from botocore.exceptions import ClientError  # loaded already: this is called by it

    raise ClientError(response[1], operation.name)


class AwsSession:
    """Clients of one alias: `once` clients send a request one time, the others retry as the SDK's standard mode does.

    boto3 clients may be shared by threads, boto3 sessions may not: making a client is behind a lock.
    """

    def __init__(self, boto: Any, configs: Mapping[bool, Any], endpoint: str | None) -> None:
        self._boto = boto
        self._configs = configs
        self._endpoint = endpoint
        self._clients: dict[tuple[str, str | None, bool], Any] = {}
        self._lock = Lock()
        self._asking = Lock()
        self._identity: Identity | None = None
        self._owner: dict[str, str] | None = None
        self._secrets: dict[str, str] = {}
        self._fetching = Lock()
        self.region: str | None = boto.region_name

    def s3(self, *, once: bool = False, region: str | None = None) -> S3Client:
        """Give the S3 client of a region, the alias's own by default."""
        client: S3Client = self._client("s3", once=once, region=region)
        return client

    def glue(self, *, once: bool = False) -> GlueClient:
        """Give the Glue client."""
        client: GlueClient = self._client("glue", once=once)
        return client

    def secretsmanager(self, region: str | None = None) -> SecretsManagerClient:
        """Give the Secrets Manager client of a region, the alias's own by default."""
        client: SecretsManagerClient = self._client("secretsmanager", once=False, region=region)
        return client

    def secret(self, name: str, fetch: Callable[[], str]) -> str:
        """Give a secret of this run, fetched at its first use; in memory only, and gone with the session."""
        with self._fetching:
            if name not in self._secrets:
                self._secrets[name] = fetch()
            return self._secrets[name]

    def identity(self) -> Identity:
        """Ask STS once who is calling; it needs no permission."""
        with self._asking:
            return self._ask()

    def owner(self) -> dict[str, str]:
        """Give `ExpectedBucketOwner` for every S3 call, so that a name that changed hands is never touched.

        Empty where STS cannot be reached (an emulator, a closed network): then only the marker guards.
        """
        with self._asking:
            if self._owner is None:
                try:
                    self._owner = {"ExpectedBucketOwner": self._ask().account}
                except Exception:  # noqa: BLE001 - whatever STS says, the S3 call itself reports what is wrong
                    self._owner = {}
            return self._owner

    def credentials(self) -> Credentials | None:
        """Give the credentials that boto3's chain finds."""
        found: Credentials | None = self._boto.get_credentials()
        return found

    def close(self) -> None:
        """Let go of connections."""
        with self._lock:
            for client in self._clients.values():
                client.close()
            self._clients.clear()
        self._secrets.clear()

    def _ask(self) -> Identity:
        if self._identity is None:
            sts: STSClient = self._client("sts", once=True)
            reply = sts.get_caller_identity()
            self._identity = Identity(reply["Account"], reply["Arn"])
        return self._identity

    def _client(self, service: str, *, once: bool, region: str | None = None) -> Any:
        key = (service, region or self.region, once)
        with self._lock:
            if key not in self._clients:
                make: Callable[..., Any] = self._boto.client
                client = make(service, region_name=key[1], endpoint_url=self._endpoint, config=self._configs[once])
                client.meta.events.register("after-call", refuse_pages)
                client.meta.events.register_first("needs-retry.s3.HeadBucket", stop_astray)
                self._clients[key] = client
            return self._clients[key]


def connect(settings: Mapping[str, Any]) -> AwsSession:
    """Open a session for one alias; nothing is sent yet.

    What `settings` says beats the environment; what it leaves out is found by boto3's own chain (AWS_PROFILE,
    AWS_ENDPOINT_URL, roles …). Raises DpnError when the profile does not exist or half a key is given.
    """
    import boto3  # 150 ms: only when something remote is about to happen
    from botocore.config import Config
    from botocore.exceptions import ProfileNotFound

    given = {theirs: settings[ours] for ours, theirs in _SESSION.items() if settings.get(ours)}
    if ("aws_access_key_id" in given) != ("aws_secret_access_key" in given):
        raise DpnError("AWS: access_key_id and secret_access_key belong together.", hint="Give both, or neither.")
    try:
        boto = boto3.Session(**given)
    except ProfileNotFound as error:
        raise DpnError(f"AWS: {error}.", hint="Run `aws configure list-profiles`, or `aws configure sso`.") from error
    endpoint = settings.get("endpoint_url")
    common: dict[str, Any] = {
        "connect_timeout": 5,
        "read_timeout": 60,
        "max_pool_connections": settings.get("workers", 10),
        "user_agent_extra": "dpn",
    }
    if endpoint:
        common["s3"] = {"addressing_style": "path"}  # an emulator has no DNS name for each bucket
    once = Config(retries={"total_max_attempts": 1, "mode": "standard"}, **common)
    again = Config(retries={"mode": "standard"}, **common)
    return AwsSession(boto, {True: once, False: again}, endpoint)
