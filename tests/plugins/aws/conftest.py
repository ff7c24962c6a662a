"""A cloud for the AWS tests: moto in this process, with what it gets wrong put right, and every call written down."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws
from moto.moto_api._internal import moto_api_backend

from dpn import Marker, Ref, Want
from dpn_aws.client import AwsSession, connect

MARKER = Marker("lake--dev", "abcdefghijklmnop", "01jdyw0000000000000000000a")
REGION = "eu-west-1"


@dataclass
class Cloud:
    """One session, and the operations that it was asked for with their parameters."""

    session: AwsSession
    region: str
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    silent: bool = False

    def __post_init__(self) -> None:
        once, glue = self.session.s3(once=True, region=self.region), self.session.glue(once=True)
        for client in (once, glue, self.session.s3(region=self.region), self.session.glue()):
            client.meta.events.register("provide-client-params.*.*", self._note)
        once.meta.events.register("after-call.s3.CreateBucket", self._tag)

    def names(self) -> list[str]:
        return [name for name, _ in self.calls]

    def last(self, name: str) -> dict[str, Any]:
        return next(params for called, params in reversed(self.calls) if called == name)

    def _note(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        if not self.silent:
            self.calls.append((model.name, params))

    def _tag(self, parsed: dict[str, Any], **_: Any) -> None:
        """Give a new bucket the tags that moto drops."""
        asked = self.last("CreateBucket")
        tags = asked["CreateBucketConfiguration"].get("Tags")
        if "Error" not in parsed and tags:
            self.silent = True
            self.session.s3().put_bucket_tagging(Bucket=asked["Bucket"], Tagging={"TagSet": tags})
            self.silent = False


@pytest.fixture(scope="session")
def aws_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder without AWS settings."""
    return tmp_path_factory.mktemp("aws")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, aws_home: Path) -> None:
    """Keep this machine's own AWS settings out."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, file in (("AWS_CONFIG_FILE", "config"), ("AWS_SHARED_CREDENTIALS_FILE", "credentials")):
        monkeypatch.setenv(name, str(aws_home / file))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def cloud_in(environment: None) -> Iterator[Callable[[str], Cloud]]:
    """Give clouds by region."""
    made: list[Cloud] = []

    def make(region: str) -> Cloud:
        keys = {"access_key_id": "test", "secret_access_key": "test"}
        made.append(Cloud(connect({"region": region, **keys}), region))
        return made[-1]

    with mock_aws():
        moto_api_backend.reset()  # a file's shared cloud may be open around this one
        yield make
        for cloud in made:
            cloud.session.close()


@pytest.fixture(scope="module")
def shared_cloud() -> Iterator[Cloud]:
    """Make the clients once for a file: that takes half a second."""
    with mock_aws():
        keys = {"access_key_id": "test", "secret_access_key": "test"}
        cloud = Cloud(connect({"region": REGION, **keys}), REGION)
        yield cloud
        cloud.session.close()


@pytest.fixture
def cloud(environment: None, shared_cloud: Cloud) -> Cloud:
    """Give an empty cloud in eu-west-1."""
    moto_api_backend.reset()
    shared_cloud.calls.clear()
    return shared_cloud


@pytest.fixture
def want() -> Callable[..., Want]:
    """Build wants with the marker of this test."""

    def make(name: str, parent: str | None = None, marker: Marker | None = MARKER, **spec: Any) -> Want:
        ref = Ref("aws_glue_database", parent, parent) if parent else None
        return Want(name, spec, ref, marker, REGION)

    return make
