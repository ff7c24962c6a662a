"""The lakehouse on two clouds: one transaction, whatever fails; each create once; renames keep what they hold."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from dpn import api
from dpn_sandbox.testing import DatabricksSandbox, Sandbox, running_databricks

EXAMPLES = Path(__file__).parents[2] / "examples"
LAKEHOUSE = EXAMPLES / "lakehouse" / "blueprint.json"
QUICKSTART = EXAMPLES / "quickstart" / "blueprint.json"
WRITES = 15
CREATES = (
    "Catalogs.create",
    "Schemas.create",
    "Volumes.create",
    "StatementExecution.execute_statement",
    "Grants.update",
    "Clusters.create",
    "Jobs.create",
)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabricksSandbox]:
    with running_databricks(tmp_path_factory.mktemp("databricks")) as sandbox:
        yield sandbox


@pytest.fixture
def lake(
    cloud: Sandbox, workspace: DatabricksSandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> DatabricksSandbox:
    """Give both clouds, empty, led to as a user would: by the environment variables of their tools."""
    workspace.reset()
    for name in [name for name in os.environ if name.startswith("DATABRICKS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DATABRICKS_CONFIG_FILE", str(tmp_path / "databrickscfg"))
    for name, value in workspace.env.items():
        monkeypatch.setenv(name, value)
    return workspace


def options(file: Path = LAKEHOUSE) -> api.Options:
    return api.Options(file=file)


KEPT = ("dropped_tables", "statements", "events")
"""What the service keeps of what is gone: tables for a week, the history of statements and clusters."""


def left(cloud: Sandbox, server: DatabricksSandbox) -> dict[str, Any]:
    """Give what is there, in both clouds."""
    here = {kind: sorted(things) for kind, things in server.objects().items() if things and kind not in KEPT}
    return {**cloud.objects(), "databricks": here}


def counted(there: Mapping[str, Any]) -> dict[str, Any]:
    """Give what is there, of Databricks how many of each kind: names in a renamed schema are other names."""
    return {**there, "databricks": {kind: len(keys) for kind, keys in there["databricks"].items()}}


def outcome(applied: api.Applied) -> str:
    assert applied.result
    return str(applied.result.outcome)


def test_one_transaction_makes_both_clouds_and_the_plan_after_it_is_empty(cloud: Sandbox, lake: Any) -> None:
    assert outcome(api.apply(options())) == "done"
    assert api.is_empty(api.plan(options()).plan)
    before = lake.writes()
    assert before == WRITES
    assert api.apply(options()).result is None
    assert lake.writes() == before
    assert [seen.exists for seen in api.read(options())[0]] == [True] * 20


@pytest.mark.usefixtures("cloud", "lake")
def test_it_stands_beside_the_quickstart() -> None:
    for example in (QUICKSTART, LAKEHOUSE):
        assert outcome(api.apply(options(example))) == "done"
    for example in (QUICKSTART, LAKEHOUSE):
        assert api.is_empty(api.plan(options(example)).plan)


def test_delete_leaves_nothing(cloud: Sandbox, lake: Any) -> None:
    was = left(cloud, lake)
    api.apply(options())
    assert outcome(api.delete(options())) == "done"
    assert left(cloud, lake) == was
    assert api.records(options())[0] == {}


@pytest.mark.parametrize("step", range(WRITES))
def test_a_failing_databricks_step_undoes_both_clouds(cloud: Sandbox, lake: Any, step: int) -> None:
    was = left(cloud, lake)
    denied = {"kind": "error", "status": 403, "code": "PERMISSION_DENIED", "message": "no"}
    lake.faults([{**denied, "match": {"write": True}, "skip": step, "times": 1}])
    applied = api.apply(options())
    assert outcome(applied) == "rolled_back"
    assert applied.result
    assert applied.result.failure
    assert applied.result.failure.code == "PERMISSION_DENIED"
    assert left(cloud, lake) == was
    assert api.records(options())[0] == {}


@pytest.mark.parametrize("operation", CREATES)
def test_a_create_whose_reply_is_lost_is_sent_once_and_found(cloud: Sandbox, lake: Any, operation: str) -> None:
    lake.faults([{"kind": "lost_reply", "match": {"operation": operation, "write": True}, "times": 1}])
    assert outcome(api.apply(options())) == "done"
    lake.faults([])
    assert api.is_empty(api.plan(options()).plan)
    assert lake.writes() == WRITES + (operation == "Grants.update")  # granting twice is granting once
    there = lake.objects()
    assert len(there["clusters"]) == len(there["jobs"]) == 1
    assert outcome(api.delete(options())) == "done"


def renamed(tmp_path: Path) -> Path:
    """Give the lakehouse with its schemas of another domain."""
    document = json.loads(LAKEHOUSE.read_text("utf-8"))
    document["resources"]["databricks_schema"]["sales"]["naming"]["domain"] = "revenue"
    blueprint = tmp_path / "renamed.json"
    blueprint.write_text(json.dumps(document), "utf-8")
    return blueprint


def identities(server: DatabricksSandbox) -> Mapping[str, Any]:
    there = server.objects()
    return {
        "schemas": sorted(row["schema_id"] for row in there["schemas"].values() if "schema_id" in row),
        "tables": sorted(row["table_id"] for row in there["tables"].values() if "table_id" in row),
    }


def test_a_schema_with_tables_is_renamed_and_keeps_its_id_and_its_tables(
    cloud: Sandbox, lake: Any, tmp_path: Path
) -> None:
    api.apply(options())
    before = identities(lake)
    plan = api.plan(options(renamed(tmp_path))).plan
    assert {change.action for change in plan.changes} == {"noop", "rename"}
    assert outcome(api.apply(options(renamed(tmp_path)))) == "done"
    assert identities(lake) == before
    assert "platform_lake_dev.revenue_gold.fact_orders" in lake.objects()["tables"]
    assert api.is_empty(api.plan(options(renamed(tmp_path))).plan)


def test_a_failed_rename_is_renamed_back(cloud: Sandbox, lake: Any, tmp_path: Path) -> None:
    api.apply(options())
    before = left(cloud, lake), identities(lake)
    denied = {"kind": "error", "status": 403, "code": "PERMISSION_DENIED", "message": "no"}
    lake.faults([{**denied, "match": {"operation": "Schemas.update"}, "skip": 2, "times": 1}])
    assert outcome(api.apply(options(renamed(tmp_path)))) == "rolled_back"
    assert (left(cloud, lake), identities(lake)) == before
    assert api.is_empty(api.plan(options()).plan)


def test_a_rename_that_cannot_be_undone_yet_is_undone_by_recover(cloud: Sandbox, lake: Any, tmp_path: Path) -> None:
    api.apply(options())
    before = left(cloud, lake), identities(lake)
    lake.faults([{"kind": "refuse", "match": {"operation": "Schemas.update"}, "skip": 2, "times": 0}])
    assert outcome(api.apply(options(renamed(tmp_path)))) == "blocked"
    lake.faults([])
    (recovered,) = api.recover(options(renamed(tmp_path))).values()
    assert isinstance(recovered, api.Result)
    assert recovered.outcome == "rolled_back"
    assert (left(cloud, lake), identities(lake)) == before
    assert api.is_empty(api.plan(options()).plan)


def test_a_kill_between_a_rename_and_its_record_is_resolved_by_id(cloud: Sandbox, lake: Any, tmp_path: Path) -> None:
    api.apply(options())
    before = left(cloud, lake), identities(lake)
    script = (
        "import json, os, sys, urllib.request\n"
        "rule = {'kind': 'kill', 'pid': os.getpid(), 'match': {'operation': 'Schemas.update'}}\n"
        f"ask = urllib.request.Request({lake.url + '/_dpn/faults'!r}, json.dumps([rule]).encode(),"
        f" {{'X-Dpn-Nonce': {lake.running.nonce!r}}}, method='POST')\n"
        "urllib.request.urlopen(ask).read()\n"
        f"sys.argv[1:] = ['apply', {str(renamed(tmp_path))!r}, '--yes']\n"
        "from dpn.cli import main; main()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == -9, done.stderr
    lake.faults([])
    assert any("revenue" in name for name in lake.objects()["schemas"])
    assert outcome(api.apply(options(renamed(tmp_path)))) == "done"
    assert identities(lake) == before[1]
    assert api.is_empty(api.plan(options(renamed(tmp_path))).plan)
    assert counted(left(cloud, lake)) == counted(before[0])
