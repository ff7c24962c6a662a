"""The table of routes: fresh, complete for what is answered, and found again from its own paths."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import dpn_sandbox.databricks
from dpn_sandbox.databricks import router
from dpn_sandbox.databricks.handlers import HANDLERS
from dpn_sandbox.wire import Request

ROOMS = Path(dpn_sandbox.databricks.__file__).parent
DATA: dict[str, Any] = json.loads((ROOMS / "routes.json").read_text("utf-8"))
ROUTES: list[dict[str, Any]] = DATA["routes"]
ROUTER = router.load()


def test_the_file_says_what_the_installed_sdk_says() -> None:
    script = ROOMS.parents[2] / "generate_routes.py"
    done = subprocess.run([sys.executable, str(script), "--check"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_what_is_answered_has_a_route() -> None:
    assert set(HANDLERS) - {route["operation"] for route in ROUTES} == set()


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route["operation"])
def test_a_path_leads_to_its_operation_and_gives_its_parameters(route: dict[str, Any]) -> None:
    names = re.findall(r"\{(\w+)\}", route["path"])
    path = route["path"]
    for name in names:
        path = path.replace(f"{{{name}}}", f"a%20{name}.b")
    call = ROUTER.identify(Request(route["method"], f"{path}?page_token=x"))
    assert call.operation == route["operation"]
    assert call.path == {name: f"a {name}.b" for name in names}


def named(route: dict[str, Any]) -> list[str]:
    return [*route["query"]["fields"].values(), *(route["body"] or {"fields": {}})["fields"].values()]


def test_every_type_is_told() -> None:
    plain = {"string", "integer", "number", "boolean", "any"}
    told = plain | set(DATA["messages"]) | set(DATA["enums"])
    fields = [kind for message in DATA["messages"].values() for kind in message["fields"].values()]
    used = {kind for route in ROUTES for kind in named(route)} | set(fields)
    assert {re.sub(r"(\[\]|\{\})+$", "", kind) for kind in used} - told == set()


def test_a_cluster_may_be_created_with_the_token_that_only_the_rest_api_has() -> None:
    fields = next(route["body"]["fields"] for route in ROUTES if route["operation"] == "Clusters.create")
    assert fields["idempotency_token"] == "string"
