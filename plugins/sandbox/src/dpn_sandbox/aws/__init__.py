"""The emulator `aws` of the group `dpn.emulators`: what `--sandbox` and `dpn sandbox` call.

Importing it is cheap: the cloud itself lives in a process of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dpn import World
from dpn_sandbox import life
from dpn_sandbox.home import Files, Running

_KEY = "sandbox"
# boto3, which moto carries along, must not find the user's own files.
_OWN = {"AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_EC2_METADATA_DISABLED": "true"}


def start(world: World, home: str) -> Mapping[str, Any]:
    """Start the sandbox unless it runs; give the settings of the provider `aws` that lead to it."""
    return settings(_running(world, home).url)


def stop(world: World, home: str) -> bool:
    """Stop the sandbox; tell whether it ran. Its objects are there again after the next start."""
    return life.stop(world, files(home))


def reset(world: World, home: str) -> None:
    """Drop all objects, whether the sandbox runs or not."""
    life.reset(world, files(home))


def env(world: World, home: str) -> Mapping[str, str]:
    """Give the variables that lead the AWS tools to the sandbox; it is started, since its port is known only then."""
    return environment(_running(world, home).url)


def files(home: str) -> Files:
    """Give the names of the files in a home."""
    return Files(Path(home), "aws")


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


def _running(world: World, home: str) -> Running:
    life.need("aws", "moto", "flask")
    return life.ensure(world, files(home), _OWN)
