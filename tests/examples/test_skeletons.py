"""What `dpn plugins new` writes is built, installed and passes its own tests and the checks of dpn."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from dpn import api
from dpn.world import World

ROOT = Path(__file__).parents[2]
NAMES = {"naming": "zen-garden", "provider": "zengarden", "policy": "zen-garden"}
Run = Callable[[list[str], Path, Path], str]
CHECK = """
import json, sys
from dpn import api

(found,) = api.check_plugins(sys.argv[1])
print(json.dumps([found.plugin.group, found.plugin.package, list(found.faults), list(api.hooks_of(found.plugin))]))
"""
HOOKS = {
    "naming": ["naming", "dpn-zen-garden-naming", [], ["dpn_conventions", "dpn_transforms", "dpn_name"]],
    "provider": ["providers", "dpn-zengarden", [], ["dpn_providers"]],
    "policy": ["extensions", "dpn-zen-garden-policy", [], ["dpn_validate", "dpn_review"]],
}


@pytest.mark.parametrize("sort", api.SORTS)
def test_a_new_plugin_passes_its_own_tests_from_its_wheel(
    sort: str, build: Callable[[Path], Path], install: Callable[[Path], Path], run: Run, tmp_path: Path
) -> None:
    written = api.new_plugin(NAMES[sort], sort, tmp_path / "source", World(cwd=tmp_path))
    assert all(path.is_file() for path in written)
    site = install(build(tmp_path / "source"))
    shutil.rmtree(tmp_path / "source" / "src")
    told = run(["-m", "pytest", "-q", "-p", "no:cacheprovider"], site, tmp_path / "source")
    assert " passed" in told
    assert json.loads(run(["-c", CHECK, NAMES[sort]], site, tmp_path)) == HOOKS[sort]


def test_a_new_provider_is_the_example_that_the_documentation_explains(tmp_path: Path) -> None:
    example = ROOT / "examples" / "third-party"
    written = api.new_plugin("acme", "provider", tmp_path / "acme", World(cwd=tmp_path))
    same = [path for path in written if path.name != "README.md"]
    assert len(same) == 5
    for path in same:
        assert path.read_text("utf-8") == (example / path.relative_to(tmp_path / "acme")).read_text("utf-8")


def test_the_wheel_of_dpn_holds_the_files_of_every_sort(build: Callable[[Path], Path]) -> None:
    held = set(zipfile.ZipFile(build(ROOT / "core")).namelist())
    folder = ROOT / "core" / "src" / "dpn" / "skeletons"
    texts = [path.relative_to(folder.parents[1]) for path in folder.rglob("*.txt")]
    assert {text.parent.name for text in texts} == set(api.SORTS)
    assert {str(text) for text in texts} <= held
