"""What the README promises, as a new user types it: the quickstart in an embedded cloud, and the cloud put away."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from dpn.cli import Session, main
from dpn.cli.console import Console
from dpn.world import World

BLUEPRINT = Path(__file__).parents[2] / "examples" / "quickstart" / "blueprint.json"
Dpn = Callable[..., tuple[int, str, str]]


@pytest.fixture
def dpn(tmp_path: Path) -> Iterator[Dpn]:
    """Give the command line with a home of its own; its cloud is stopped at the end."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "DPN_"))}
    env = {**kept, "HOME": str(tmp_path), "DPN_HOME": str(tmp_path / "home"), "TERM": "dumb"}

    def run(*words: str) -> tuple[int, str, str]:
        out, err = StringIO(), StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = main(words, Session(World(env=env, cwd=tmp_path), (), Console(env)))
        return code, out.getvalue(), err.getvalue()

    yield run
    run("sandbox", "stop")


def test_the_quickstart(dpn: Dpn) -> None:
    blueprint = str(BLUEPRINT)
    code, out, err = dpn("apply", blueprint, "--sandbox", "--yes")
    assert code == 0, err
    assert "Done: 8 created.\n" in out
    assert "Look at it: dpn read --stack quickstart.dev --sandbox\n" in out
    assert "(8 of 8)" in err
    code, out, _ = dpn("plan", blueprint, "--sandbox", "--detailed-exitcode")
    assert (code, out) == (0, "No changes: 8 resources are as the blueprint says.\n")
    code, out, _ = dpn("read", "--stack", "quickstart.dev", "--sandbox", "--json")
    assert [row["exists"] for row in json.loads(out)] == [True] * 8
    code, out, _ = dpn("delete", blueprint, "--sandbox", "--yes")
    assert (code, out.splitlines()[-1]) == (0, "Done: 8 deleted.")
    assert dpn("state", "list", "--stack", "quickstart.dev", "--sandbox")[:2] == (0, "No resources.\n")


def test_only_the_values_file_moves_the_quickstart_to_another_project(dpn: Dpn, tmp_path: Path) -> None:
    values, blueprint = tmp_path / ".dpn" / "naming-values.yaml", str(BLUEPRINT)
    values.parent.mkdir()
    values.write_text("defaults: {project: platform}\n")
    assert dpn("apply", blueprint, "--sandbox", "--yes")[0] == 0
    values.write_text("defaults: {project: oncology}\n")

    code, out, err = dpn("plan", blueprint, "--sandbox")
    assert (code, out.splitlines()[0]) == (0, "Plan for quickstart.dev")
    assert err.count("[NAME-KEPT]") == 5
    assert "  + " not in out
    assert "  - " not in out

    code, out, err = dpn("name", "migrate", blueprint, "--sandbox", "--yes")
    assert code == 0, err
    assert "Done: 5 copied, 3 updated; 3 keep theirs.\n" in out
    databases = [line for line in err.splitlines() if line.startswith("1     aws_glue_database.sales[gold]")]
    assert databases[0].split()[2:] == ["platform_sales_gold_dev", "→", "oncology_sales_gold_dev", "copy"]

    code, out, err = dpn("plan", blueprint, "--sandbox", "--detailed-exitcode")
    assert (code, out) == (0, "No changes: 8 resources are as the blueprint says.\n")
    assert err.count("[NAME-KEPT]") == 3  # buckets
    rows = json.loads(dpn("read", "--stack", "quickstart.dev", "--sandbox", "--json")[1])
    assert all(row["exists"] for row in rows)
    assert {row["name"] for row in rows if row["kind"] != "aws_glue_table"} == {
        *(f"oncology_sales_{layer}_dev" for layer in ("silver", "gold")),
        *(f"platform-lake-{layer}-dev-use1" for layer in ("bronze", "silver", "gold")),
    }
    code, out, _ = dpn("name", "migrate", blueprint, "--sandbox")
    assert (code, out.splitlines()[-1]) == (0, "Names: none to change; 3 keep theirs.")


def test_the_sandbox_is_started_led_to_emptied_and_stopped(dpn: Dpn) -> None:
    assert dpn("sandbox", "stop")[:2] == (0, "aws: it was not running\ndatabricks: it was not running\n")
    code, out, _ = dpn("sandbox", "start")
    assert code == 0
    urls = dict(line.split(": ") for line in out.splitlines())
    assert [*urls] == ["aws", "databricks"]
    url = urls["aws"]
    assert url.startswith("http://127.0.0.1:")
    assert f"export DATABRICKS_HOST={urls['databricks']}\n" in dpn("sandbox", "env")[1]
    assert f"export AWS_ENDPOINT_URL={url}\n" in dpn("sandbox", "env")[1]
    assert json.loads(dpn("sandbox", "env", "--json")[1])["AWS_ENDPOINT_URL"] == url
    assert dpn("sandbox", "reset", "--yes")[:2] == (0, "The sandbox is empty.\n")
    assert dpn("sandbox", "stop")[:2] == (0, "aws: stopped\ndatabricks: stopped\n")


def test_the_command_works_from_its_script(tmp_path: Path) -> None:
    script = str(Path(sys.executable).with_name("dpn"))
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "LC_ALL": "C",
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONUTF8": "0",
    }
    done = subprocess.run(
        [script, "plan", BLUEPRINT, "--offline"], env=env, cwd=tmp_path, capture_output=True, check=True
    )
    assert b"  + aws_s3_bucket.lake[gold]         platform-lake-gold-dev-use1\n" in done.stdout
    assert done.stderr == b""
