"""Change the engine, the dispatcher and the store in one place at a time, and count which changes the tests notice.

`nox -s mutation` mutates everything; `-- engine/undo.py store/lock.py` only these files of `dpn`. The tests are a short
simulation and the unit tests of the same code, so that a change is judged within seconds.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
MUTATED = ("engine/*.py", "store/*.py", "dispatch.py")
TESTS = ("mutation/test_short.py", "core/engine", "core/store", "core/test_dispatch.py", "core/test_shares.py")
GOAL = 0.90


def main(arguments: list[str]) -> int:
    """Mutate in a copy and print the score of each file; give 1 below the goal."""
    work = Path(arguments[0])
    prepare(work, arguments[1:] or list(MUTATED))
    subprocess.run([sys.executable, "-m", "mutmut", "run"], cwd=work, check=False)
    counts = counted(work)
    return told(counts)


def prepare(work: Path, chosen: list[str]) -> None:
    """Lay out what mutmut expects: sources below `src`, tests below `tests`, its settings in pyproject.toml."""
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(ROOT / "core" / "src", work / "src", ignore=shutil.ignore_patterns("__pycache__"))
    for name in (*TESTS, "core/conftest.py", "core/store/conftest.py"):
        source, target = ROOT / "tests" / name, work / "tests" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
        else:
            shutil.copy(source, target)
    settings = {
        "source_paths": ["src"],
        "only_mutate": [f"src/dpn/{name}" for name in chosen],
        "also_copy": ["src", "tests"],
        "pytest_add_cli_args_test_selection": [f"tests/{name}" for name in TESTS],
        "pytest_add_cli_args": ["-q", "-x", "--import-mode=importlib", "-p", "no:cacheprovider"],
    }
    lines = ["[tool.mutmut]", *(f"{key} = {json.dumps(value)}" for key, value in settings.items())]
    (work / "pyproject.toml").write_text("\n".join(lines) + "\n", "utf-8")


def counted(work: Path) -> dict[str, Counter[str]]:
    """Read what became of the mutants, by file."""
    counts: dict[str, Counter[str]] = {}
    for found in sorted((work / "mutants").rglob("*.py.meta")):
        codes = json.loads(found.read_text("utf-8"))["exit_code_by_key"]
        name = str(found.relative_to(work / "mutants" / "src" / "dpn")).removesuffix(".meta")
        if codes:
            counts[name] = Counter(
                "survived" if code == 0 else "open" if code is None else "killed" for code in codes.values()
            )
    return counts


def told(counts: dict[str, Counter[str]]) -> int:
    """Print the scores; what no test reaches counts as survived."""
    total: Counter[str] = Counter()
    for name, count in counts.items():
        total += count
        print(f"{name:32} {count['killed']:5} of {sum(count.values()):5} noticed")
    score = total["killed"] / max(1, sum(total.values()))
    print(f"{'all':32} {total['killed']:5} of {sum(total.values()):5} noticed: {score:.1%} (goal {GOAL:.0%})")
    return 0 if score >= GOAL and not total["open"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
