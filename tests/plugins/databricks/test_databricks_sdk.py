"""What of the SDK is imported, in fresh processes: this one has it all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PREPARED = "from dpn_databricks import sdk; sdk.prepare(); sdk.prepare(); "


def run(code: str, home: Path) -> str:
    env = {"PATH": os.environ["PATH"], "HOME": str(home)}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def services(code: str, home: Path) -> set[str]:
    """Run code and give the services of the SDK that it loaded."""
    tail = "\nimport sys; print(*[name[23:] for name in sys.modules if name.startswith('databricks.sdk.service.')])"
    return set(run(f"{PREPARED}\n{code}{tail}", home).split())


def test_the_plugin_alone_imports_no_sdk(tmp_path: Path) -> None:
    assert run("import sys, dpn_databricks; print('databricks' in sys.modules)", tmp_path) == "False"


def test_a_session_loads_only_the_services_that_are_asked_for(tmp_path: Path) -> None:
    loaded = services("import databricks.sdk.core, databricks.sdk.service.catalog", tmp_path)
    assert "catalog" in loaded
    assert not {"jobs", "compute", "sql", "ml", "serving"} & loaded


def test_every_part_that_is_used_can_be_imported_without_the_whole(tmp_path: Path) -> None:
    used = "catalog compute iam jobs pipelines sql workspace"
    code = "\n".join(f"import databricks.sdk.service.{name}" for name in used.split())
    loaded = services(code, tmp_path)
    assert set(used.split()) <= loaded
    assert not {"ml", "serving", "apps", "dashboards"} & loaded


def test_who_asks_the_package_itself_gets_it_whole(tmp_path: Path) -> None:
    code = PREPARED + (
        "from databricks.sdk import WorkspaceClient; import databricks.sdk as whole; "
        "print(WorkspaceClient.__name__, whole.AccountClient.__name__, hasattr(whole, 'nonsense'))"
    )
    assert run(code, tmp_path) == "WorkspaceClient AccountClient False"


def test_what_is_imported_already_stays(tmp_path: Path) -> None:
    code = "import databricks.sdk as whole; " + PREPARED + "import databricks.sdk as now; print(now is whole)"
    assert run(code, tmp_path) == "True"
