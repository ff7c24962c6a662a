"""The emulator `databricks` of the group `dpn.emulators`: a workspace behind the SDK's paths and shapes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dpn_sandbox.databricks.warehouses import STARTER_ID
from dpn_sandbox.emulator import Emulator

TOKEN = "sandbox"  # noqa: S105 - no secret: who may ask is told by the address


def settings(url: str) -> Mapping[str, Any]:
    """Give the settings of the provider for a sandbox at this address."""
    return {"host": url, "token": TOKEN, "warehouse_id": STARTER_ID}


def environment(url: str) -> Mapping[str, str]:
    """Give the variables of the Databricks tools for a sandbox at this address."""
    return {"DATABRICKS_HOST": url, "DATABRICKS_TOKEN": TOKEN, "DATABRICKS_WAREHOUSE_ID": STARTER_ID}


_DATABRICKS = Emulator("databricks", settings, environment)
start, stop, reset = _DATABRICKS.start, _DATABRICKS.stop, _DATABRICKS.reset
env, files = _DATABRICKS.env, _DATABRICKS.files
