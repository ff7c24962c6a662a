"""The example of a company's naming plugin works from its wheel, through the command line."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "naming-plugin"
MODULE_LINES = 99
Run = Callable[[list[str], Path, Path], str]
DPN = ["-c", "import sys; from dpn.cli import main; sys.exit(main())"]


@pytest.fixture(scope="module")
def wheel(build: Callable[[Path], Path]) -> Path:
    return build(EXAMPLE)


@pytest.fixture(scope="module")
def site(wheel: Path, install: Callable[[Path], Path]) -> Path:
    return install(wheel)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with the blueprint, and the convention chosen as a project chooses it."""
    shutil.copy(EXAMPLE / "blueprint.json", tmp_path)
    (tmp_path / ".dpn").mkdir()
    shutil.copy(EXAMPLE / "naming-patterns.yaml", tmp_path / ".dpn")
    return tmp_path


def test_a_naming_plugin_fits_on_two_pages() -> None:
    lines = [line for path in (EXAMPLE / "src").rglob("*.py") for line in path.read_text("utf-8").splitlines()]
    assert len(lines) <= MODULE_LINES


def test_the_wheel_holds_the_plugin_and_nothing_else(wheel: Path) -> None:
    names = [name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name]
    assert sorted(names) == ["dpn_acme_naming/__init__.py", "dpn_acme_naming/py.typed"]


def test_its_own_tests_pass_against_the_wheel(
    site: Path, own_tests: Callable[[Path, Path, Path], str], tmp_path: Path
) -> None:
    told = own_tests(EXAMPLE, site, tmp_path)
    assert " passed" in told
    assert "failed" not in told


def test_it_is_listed_with_its_hooks_and_checked(site: Path, run: Run, folder: Path) -> None:
    rows = json.loads(run([*DPN, "plugins", "list", "--json"], site, folder))
    (row,) = [row for row in rows if row["group"] == "naming"]
    assert row == {
        "group": "naming", "name": "acme", "package": "dpn-acme-naming", "version": "0.1.0",
        "hooks": ["dpn_conventions", "dpn_transforms", "dpn_name"],
    }  # fmt: skip
    assert run([*DPN, "plugins", "check", "acme"], site, folder) == "naming acme (dpn-acme-naming 0.1.0): fine\n"


def test_its_names_are_rendered_and_planned(site: Path, run: Run, folder: Path) -> None:
    words = ["name", "render", "aws_s3_bucket", "cost_center=cc-4711", "purpose=lake", "region=us-east-1"]
    assert run([*DPN, *words], site, folder) == "acme-fin-lake-dev-use1\n"
    plan = json.loads(run([*DPN, "plan", "--offline", "--json"], site, folder))
    assert {change["address"]: change["name"] for change in plan["changes"]} == {
        "aws_s3_bucket.lake[raw]": "acme-fin-lake-raw-dev-use1",
        "aws_s3_bucket.lake[gold]": "acme-fin-lake-gold-dev-use1",
        "aws_glue_database.orders": "fin_orders_dev",
        "databricks_catalog.main": "finance_dev",
        "databricks_job.orders": "Nightly orders for finance (dev)",
    }
    run([*DPN, "config", "validate"], site, folder)
