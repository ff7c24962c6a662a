"""The shape of the repository: what stands at the top, how long things are, and what no source may do."""

from __future__ import annotations

import ast
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parents[2]
FIXED = {"pyproject.toml", "core", "plugins", "tests", "docs", "examples", "noxfile.py"}
AROUND = {"README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "constraints.txt", ".ci"}
SOURCES = sorted(
    path for member in (ROOT / "core", *(ROOT / "plugins").iterdir()) for path in (member / "src").rglob("*.py")
)
MODULE_LINES = 260
FUNCTION_LINES = 40
MEDIAN_LINES = 12
# Reading data with these runs what the data says.
FORBIDDEN_CALLS = {"eval", "exec", "yaml.load", "os.system", "os.popen"}
FORBIDDEN_MODULES = {"pickle", "marshal", "shelve", "dill"}


def identity(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Give each function with the number of its lines, docstring and all."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{identity(path)}:{node.lineno} {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def offences(tree: ast.AST) -> Iterator[str]:
    """Name each call or import that could run what a file says."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if ast.unparse(node.func) in FORBIDDEN_CALLS:
                yield f"line {node.lineno}: {ast.unparse(node.func)}"
            if any(keyword.arg == "shell" and ast.unparse(keyword.value) != "False" for keyword in node.keywords):
                yield f"line {node.lineno}: shell="
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        module = node.module if isinstance(node, ast.ImportFrom) else None
        if FORBIDDEN_MODULES & {name.partition(".")[0] for name in (*names, module or "")}:
            yield f"line {getattr(node, 'lineno', 0)}: {ast.unparse(node)}"


def test_the_top_level_is_what_was_agreed() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if tracked.returncode:
        pytest.skip("not a git checkout")
    top = {line.partition("/")[0] for line in tracked.stdout.splitlines()}
    assert {name for name in top if not name.startswith(".")} | {".ci"} <= FIXED | AROUND
    assert top >= FIXED - {"examples"}
    assert "uv.lock" not in top


@pytest.mark.parametrize("path", SOURCES, ids=identity)
def test_a_module_is_short_enough_to_read(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= MODULE_LINES


def test_functions_are_short() -> None:
    lengths = dict(found for path in SOURCES for found in functions(path))
    assert {name: lines for name, lines in lengths.items() if lines > FUNCTION_LINES} == {}
    assert median(lengths.values()) <= MEDIAN_LINES


@pytest.mark.parametrize("path", SOURCES, ids=identity)
def test_no_source_runs_what_a_file_says(path: Path) -> None:
    assert list(offences(ast.parse(path.read_text("utf-8")))) == []


@pytest.mark.parametrize(
    "code", ["eval(x)", "import pickle", "from pickle import loads", "yaml.load(x)", "run(x, shell=True)"]
)
def test_what_is_forbidden_is_found(code: str) -> None:
    assert list(offences(ast.parse(code)))


def test_warnings_are_errors_and_coverage_has_a_floor() -> None:
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]
    assert tools["pytest"]["ini_options"]["filterwarnings"][0] == "error"
    assert tools["coverage"]["run"]["branch"] is True
    assert tools["coverage"]["report"]["fail_under"] >= 85  # the floor of the project's quality rules
    assert tools["mypy"]["strict"] is True
