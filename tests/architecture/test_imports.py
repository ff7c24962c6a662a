"""What start-up may load. Names of modules are the same on every machine; milliseconds are not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {
    "asyncio",
    "boto3",
    "botocore",
    "concurrent.futures",
    "databricks",
    "email",
    "http.client",
    "importlib.metadata",
    "jsonschema",
    "keyring",
    "moto",
    "psycopg",
    "rich",
    "ruamel",
    "sqlite3",
    "ssl",
    "urllib.request",
    "yaml",
}
PLUGINS = {
    "dpn_aws",
    "dpn_azure",
    "dpn_databricks",
    "dpn_gcp",
    "dpn_keyring",
    "dpn_postgres",
    "dpn_sandbox",
    "dpn_snowflake",
}
FACADE = "from dpn import hookimpl, Provider, Kind, NameRule"
COMMAND = "import sys; from dpn.cli import main; sys.argv[1:] = {!r}; main()"


def loaded(code: str, home: Path) -> set[str]:
    """Run code in a fresh interpreter and give all modules that it loaded; sys.exit is no end."""
    probe = (
        "import sys\nbefore = set(sys.modules)\ntry:\n"
        f"    exec({code!r})\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        "print('LOADED', *sorted(set(sys.modules) - before))"
    )
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "DPN_HOME": str(home)}
    done = subprocess.run([sys.executable, "-c", probe], env=env, capture_output=True, text=True, check=True)
    return set(done.stdout.rpartition("LOADED ")[2].split())


def within(modules: set[str], names: set[str]) -> set[str]:
    return {name for name in modules if any(name == top or name.startswith(f"{top}.") for top in names)}


def test_the_probe_sees_what_is_loaded(tmp_path: Path) -> None:
    assert within(loaded("import email.message", tmp_path), {"email"})


def test_what_a_plugin_author_imports_loads_nothing_heavy(tmp_path: Path) -> None:
    modules = loaded(FACADE, tmp_path)
    assert within(modules, HEAVY | PLUGINS | {"click", "subprocess"}) == set()
    assert within(modules, {"dpn.cli", "dpn.api", "dpn.flow", "dpn.testing", "dpn.store"}) == set()


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["-h"]], ids=" ".join)
def test_help_and_version_load_no_plugin_and_nothing_heavy(arguments: list[str], tmp_path: Path) -> None:
    modules = loaded(COMMAND.format(arguments), tmp_path)
    assert within(modules, HEAVY | PLUGINS) == set()
    assert within(modules, {"dpn.api", "dpn.flow", "dpn.testing", "dpn.store"}) == set()


@pytest.mark.parametrize("command", ["plan", "apply", "validate", "delete", "read"])
def test_the_help_of_a_command_loads_no_plugin_and_nothing_heavy(command: str, tmp_path: Path) -> None:
    assert within(loaded(COMMAND.format([command, "--help"]), tmp_path), HEAVY | PLUGINS) == set()


def plan_of(kind: str, home: Path, *more: str) -> set[str]:
    """Give what `dpn plan` loads for a blueprint with one resource of a kind."""
    blueprint = home / "blueprint.json"
    metadata = {"project": "x", "environment": "dev", "region": "us-east-1", "purpose": "a", "layer": "raw"}
    metadata |= {"catalog_type": "raw"}
    blueprint.write_text(json.dumps({"version": "1", "metadata": metadata, "resources": {kind: {"a": {}}}}), "utf-8")
    return loaded(COMMAND.format(["plan", str(blueprint), *more]), home)


def test_a_plan_of_aws_alone_never_imports_databricks(tmp_path: Path) -> None:
    modules = plan_of("aws_s3_bucket", tmp_path, "--sandbox")
    loaded(COMMAND.format(["sandbox", "stop"]), tmp_path)
    assert within(modules, {"boto3"})
    assert within(modules, {"databricks", "dpn_databricks"}) == set()


def test_a_plan_of_databricks_imports_no_other_cloud_and_of_the_sdk_what_it_uses(tmp_path: Path) -> None:
    assert within(plan_of("databricks_catalog", tmp_path, "--offline"), {"boto3", "databricks", "dpn_aws"}) == set()
    modules = plan_of("databricks_catalog", tmp_path, "--sandbox")
    loaded(COMMAND.format(["sandbox", "stop"]), tmp_path)
    assert within(modules, {"boto3", "dpn_aws", "databricks.sdk.mixins"}) == set()
    services = {name for name in modules if name.startswith("databricks.sdk.service.")}
    assert services <= {f"databricks.sdk.service.{name}" for name in ("_internal", "catalog", "provisioning")}
