"""The example of a third party's provider works from its wheel, in a process that has only that wheel and dpn."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "third-party"
MODULE_LINES = 99
Run = Callable[[list[str], Path, Path], str]
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
def wheel(build: Callable[[Path], Path]) -> Path:
    return build(EXAMPLE)


@pytest.fixture(scope="module")
def site(wheel: Path, install: Callable[[Path], Path]) -> Path:
    return install(wheel)


def test_a_provider_fits_on_two_pages() -> None:
    lines = [line for path in (EXAMPLE / "src").rglob("*.py") for line in path.read_text("utf-8").splitlines()]
    assert len(lines) <= MODULE_LINES


def test_the_wheel_holds_the_provider_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert sorted(name for name in names if ".dist-info/" not in name) == ["dpn_acme/__init__.py", "dpn_acme/py.typed"]


def test_its_own_tests_pass_against_the_wheel(
    site: Path, own_tests: Callable[[Path, Path, Path], str], tmp_path: Path
) -> None:
    told = own_tests(EXAMPLE, site, tmp_path)
    assert " passed" in told
    assert "failed" not in told


def test_its_blueprint_is_planned_applied_and_deleted(site: Path, run: Run, tmp_path: Path) -> None:
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
