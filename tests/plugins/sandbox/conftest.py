from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dpn_sandbox.testing import Sandbox, running_sandbox

Client = Callable[..., Any]


@pytest.fixture(scope="module")
def module_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with running_sandbox(tmp_path_factory.mktemp("home")) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(module_sandbox: Sandbox) -> Sandbox:
    module_sandbox.reset()
    return module_sandbox


@pytest.fixture(scope="module")
def client() -> Client:
    """Make a boto3 client that sends each request once."""
    import boto3
    from botocore.config import Config

    session = boto3.Session(aws_access_key_id="sandbox", aws_secret_access_key="sandbox")

    def make(service: str, url: str, region: str = "us-east-1") -> Any:
        config = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=10)
        return session.client(service, endpoint_url=url, region_name=region, config=config)  # type: ignore[call-overload]

    return make


@pytest.fixture(scope="module")
def s3(client: Client, module_sandbox: Sandbox) -> Any:
    return client("s3", module_sandbox.url)


@pytest.fixture(scope="module")
def glue(client: Client, module_sandbox: Sandbox) -> Any:
    return client("glue", module_sandbox.url)


@pytest.fixture
def refused() -> Callable[..., tuple[str, int]]:
    """Give code and status of the error that a call must end in."""
    from botocore.exceptions import ClientError

    def call(act: Callable[..., Any], **arguments: Any) -> tuple[str, int]:
        with pytest.raises(ClientError) as caught:
            act(**arguments)
        response = caught.value.response
        return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]

    return call
