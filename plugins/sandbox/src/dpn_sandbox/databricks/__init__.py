"""The emulator `databricks` of the group `dpn.emulators`: a workspace behind the SDK's paths and shapes.

Importing it is cheap: the workspace itself lives in a process of its own, which imports no SDK.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dpn import World
from dpn_sandbox import life
from dpn_sandbox.databricks.warehouses import STARTER_ID
from dpn_sandbox.home import Files, Running

TOKEN = "sandbox"  # noqa: S105 - no secret: who may ask is told by the address


def start(world: World, home: str) -> Mapping[str, Any]:
    """Start the sandbox unless it runs; give the settings of the provider `databricks` that lead to it."""
    return settings(_running(world, home).url)


def stop(world: World, home: str) -> bool:
    """Stop the sandbox; tell whether it ran. Its objects are there again after the next start."""
    return life.stop(world, files(home))


def reset(world: World, home: str) -> None:
    """Drop all objects, whether the sandbox runs or not."""
    life.reset(world, files(home))


def env(world: World, home: str) -> Mapping[str, str]:
    """Give the variables that lead the Databricks tools to the sandbox; it is started, as for its port."""
    return environment(_running(world, home).url)


def files(home: str) -> Files:
    """Give the names of the files in a home."""
    return Files(Path(home), "databricks")


def settings(url: str) -> Mapping[str, Any]:
    """Give the settings of the provider for a sandbox at this address."""
    return {"host": url, "token": TOKEN, "warehouse_id": STARTER_ID}


def environment(url: str) -> Mapping[str, str]:
    """Give the variables of the Databricks tools for a sandbox at this address."""
    return {"DATABRICKS_HOST": url, "DATABRICKS_TOKEN": TOKEN, "DATABRICKS_WAREHOUSE_ID": STARTER_ID}


def _running(world: World, home: str) -> Running:
    return life.ensure(world, files(home))
