"""The emulator `aws` of the group `dpn.emulators`: moto behind a server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dpn_sandbox.emulator import Emulator

_KEY = "sandbox"
# boto3, which moto carries along, must not find the user's own files.
_OWN = {"AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_EC2_METADATA_DISABLED": "true"}


def settings(url: str) -> Mapping[str, Any]:
    """Give the settings of the provider for a sandbox at this address."""
    return {"endpoint_url": url, "access_key_id": _KEY, "secret_access_key": _KEY}


def environment(url: str) -> Mapping[str, str]:
    """Give the variables of the AWS tools for a sandbox at this address."""
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": _KEY,
        "AWS_SECRET_ACCESS_KEY": _KEY,
        "AWS_DEFAULT_REGION": "us-east-1",
    }


_AWS = Emulator("aws", settings, environment, needs=("moto", "flask"), own=_OWN)
start, stop, reset, env, files = _AWS.start, _AWS.stop, _AWS.reset, _AWS.env, _AWS.files
