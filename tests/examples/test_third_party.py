"""The example of a third party's provider works from its wheel, in a process that has only that wheel and dpn."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "third-party"
MODULE_LINES = 99
RUN = """
import json
from pathlib import Path
from dpn import api

options = api.Options(file=Path("blueprint.json"))

def there():
    return {path.stem: json.loads(path.read_text()) for path in Path("acme").iterdir()}

told = {"planned": {change.name: change.action for change in api.plan(options).plan.changes}}
told["applied"] = api.apply(options).result.outcome
told["there"] = there()
told["empty"] = api.is_empty(api.plan(options).plan)
told["plugin"] = sorted({record.plugin for record in api.records(options)[0].values()})
told["deleted"] = api.delete(options).result.outcome
told["left"] = there()
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from a copy, with the build backend that is installed: nothing is fetched."""
    folder = tmp_path_factory.mktemp("build")
    source = shutil.copytree(EXAMPLE, folder / "source", ignore=shutil.ignore_patterns("__pycache__", ".*_cache"))
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel, alone, into a folder."""
    target = tmp_path_factory.mktemp("site")
    uv = shutil.which("uv")
    pip = [uv, "pip", "install", "--python", sys.executable] if uv else [sys.executable, "-m", "pip", "install"]
    subprocess.run([*pip, "--quiet", "--no-deps", "--target", str(target), str(wheel)], check=True)
    return target


def run(arguments: list[str], site: Path, folder: Path) -> str:
    """Run Python in a folder, with the wheel on its path and a home of its own."""
    env = {**os.environ, "PYTHONPATH": str(site), "DPN_HOME": str(folder / "home"), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=env, text=True, check=False, capture_output=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_provider_fits_on_two_pages() -> None:
    lines = [line for path in (EXAMPLE / "src").rglob("*.py") for line in path.read_text("utf-8").splitlines()]
    assert len(lines) <= MODULE_LINES


def test_the_wheel_holds_the_provider_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert sorted(name for name in names if ".dist-info/" not in name) == ["dpn_acme/__init__.py", "dpn_acme/py.typed"]


def test_its_own_tests_pass_against_the_wheel(site: Path, tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE / "tests", tmp_path / "tests")
    shutil.copy(EXAMPLE / "pyproject.toml", tmp_path)
    told = run(["-m", "pytest", "-q", "-p", "no:cacheprovider"], site, tmp_path)
    assert " passed" in told
    assert "failed" not in told


def test_its_blueprint_is_planned_applied_and_deleted(site: Path, tmp_path: Path) -> None:
    shutil.copy(EXAMPLE / "blueprint.json", tmp_path)
    (tmp_path / "acme").mkdir()
    told = json.loads(run(["-c", RUN], site, tmp_path))
    assert told["planned"] == {"sales_orders_dev": "create", "sales_customers_dev": "create"}
    assert (told["applied"], told["empty"], told["deleted"], told["left"]) == ("done", True, "done", {})
    assert told["plugin"] == ["dpn-acme 0.1.0"]
    orders = told["there"]["sales_orders_dev"]
    assert orders["columns"] == ["id", "customer", "total"]
    assert orders["keep_days"] == 365
    assert orders["tags"]["dpn_stack"] == "acme-tables--dev"
    assert {key: value for key, value in orders["tags"].items() if not key.startswith("dpn_")} == {
        "team": "sales",
        "project": "sales",
        "environment": "dev",
    }
