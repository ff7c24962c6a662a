"""Change engine, dispatch and store in thousands of places and count the changes that tests notice: `nox -s mutation`.

Each change is one of mutmut's: another operator, a constant, an argument left out. The quick tests that reach it run
until one fails; a change that all of them pass, and mypy too, survives. Messages and hints are left alone. Prints a row
for each file and the changes that survived; the exit code is 1 when less than 90 % were noticed. All of them take
hours; `--sample 1000` judges a sample that is the same each time. What has been judged is kept: `--again` goes on.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from math import sqrt
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from refused import refused

ROOT = Path(__file__).parents[2]
ENOUGH = 90.0
CHANGED = ("src/dpn/engine/*", "src/dpn/store/*", "src/dpn/dispatch.py", "src/dpn/answers.py")
TESTS = tuple(
    f"tests/{file}"
    for file in (
        "simulation/test_transcripts.py", "core/engine/test_accept.py",
        "core/engine/test_archive.py", "core/engine/test_failures.py",
        "core/engine/test_fold.py", "core/engine/test_late_renames.py",
        "core/engine/test_meanwhile.py", "core/engine/test_moves.py", "core/engine/test_nodes.py",
        "core/engine/test_notes.py", "core/engine/test_references.py", "core/engine/test_overtaken.py",
        "core/engine/test_shares.py",
        "core/store/test_store_conformance.py", "core/store/test_store_file.py", "core/store/test_store_home.py",
        "core/store/test_store_journal.py", "core/store/test_store_lock.py", "core/store/test_store_state.py",
        "core/store/test_store_who.py", "core/store/remote/test_remote_rebuilt.py",
        "core/store/remote/test_remote_lease.py", "core/store/remote/test_remote_ledger.py", "core/test_dispatch.py",
        "core/test_driver.py",
    )
)  # fmt: skip
"""Without those that take seconds for what these find, too: strangers, late requests, crashes, traces."""
WORDS = ("hint=", r'"[A-Z][a-z]* [^"]* ', r"assert .*, f?\"", r"AssertionError\(")
"""Lines that hold what people read: that it is well said is for people to judge."""
SLOW = "not any_json and not truncation and not flipped_bit"
SETTINGS = f"""
[tool.mutmut]
source_paths = ["src"]
only_mutate = {json.dumps(CHANGED)}
do_not_mutate_patterns = {json.dumps(WORDS)}
pytest_add_cli_args = ["-k", {json.dumps(SLOW)}]
pytest_add_cli_args_test_selection = {json.dumps(TESTS)}
track_dependencies = false
use_git_change_detection = false

[tool.pytest.ini_options]
addopts = ["--import-mode=importlib", "-p", "no:cacheprovider"]
"""
FEW = "dpn.engine.moves.*"
"""With these changes alone mutmut makes all of them and learns which test reaches which."""
_NOTICED = frozenset({1, 3, 24, 36, 152, 255, -24})
"""Exit codes of a test run that failed or did not end (mutmut 3.8.1, stats.py)."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and print; give 1 if too little was noticed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where changed copies of the sources are kept")
    parser.add_argument("names", nargs="*", help="changes to judge, as mutmut names them; globs")
    parser.add_argument("--sample", type=int, help="judge so many, chosen by chance with a fixed seed")
    parser.add_argument("--again", action="store_true", help="keep what has been judged and is still the same")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes")
    options = parser.parse_args(arguments)
    if not options.again:
        shutil.rmtree(options.folder, ignore_errors=True)
    _lay_out(options.folder)
    _mutmut(options, [FEW])
    mutants = options.folder / "mutants"
    typed = refused(mutants, [glob.removesuffix("/*") for glob in CHANGED])
    chosen = _chosen(mutants, options.names, options.sample)
    return _mutmut(options, sorted(chosen - typed)) or _summed_up(mutants, chosen, typed)


def _mutmut(options: argparse.Namespace, names: Sequence[str]) -> int:
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", str(options.jobs), *names]
    shown = None if sys.stdout.isatty() else subprocess.DEVNULL  # it draws a wheel that turns
    return subprocess.run(command, cwd=options.folder, check=False, stdout=shown).returncode


def _lay_out(folder: Path) -> None:
    """Put sources and tests where mutmut takes them from, with the times they have."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text(SETTINGS, "utf-8")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "core/src", folder / "src", ignore=ignored, dirs_exist_ok=True)
    for part in ("core", "helpers", "simulation"):
        shutil.copytree(ROOT / "tests" / part, folder / "tests" / part, ignore=ignored, dirs_exist_ok=True)
    shutil.copy2(ROOT / "tests/conftest.py", folder / "tests")


def _chosen(mutants: Path, globs: Sequence[str], size: int | None) -> set[str]:
    """Choose the changes that are judged: all, or those that match, or a sample of these."""
    changes = sorted(change for _, codes in _files(mutants) for change in codes)
    if globs:
        changes = [change for change in changes if any(fnmatchcase(change, glob) for glob in globs)]
    return set(changes if size is None else random.Random("dpn").sample(changes, min(size, len(changes))))


def _summed_up(mutants: Path, chosen: set[str], typed: set[str]) -> int:
    total: Counter[str] = Counter()
    for name, codes in sorted(_files(mutants)):
        judged = chosen & codes.keys()
        survived = sorted(change for change in judged - typed if codes[change] not in _NOTICED)
        total.update(all=len(codes), judged=len(judged), survived=len(survived), typed=len(judged & typed))
        if judged:
            print(f"{_row(len(judged), len(survived))}  {name}")
        for change in survived:
            print(f"        survived: {change}")
    print(f"{_row(total['judged'], total['survived'])}{_margin(total)}; {total['typed']:,} of them by mypy")
    return int(_share(total["judged"], total["survived"]) < ENOUGH)


def _row(judged: int, survived: int) -> str:
    return f"{judged - survived:6,} of {judged:6,} changes noticed, {_share(judged, survived):5.1f} %"


def _share(judged: int, survived: int) -> float:
    return 100 * (1 - survived / max(1, judged))


def _margin(total: Counter[str]) -> str:
    """Say how far a sample may be off: 1.96 standard errors, in 95 of 100 samples."""
    if total["judged"] == total["all"]:
        return ""
    share = _share(total["judged"], total["survived"]) / 100
    off = 196 * sqrt(share * (1 - share) / max(1, total["judged"]))
    return f" ± {off:.1f}, a sample of {total['all']:,}"


def _files(mutants: Path) -> Iterator[tuple[str, dict[str, int | None]]]:
    """Give each file with its changes and the exit code of the tests on each; None: not judged."""
    for path in (mutants / "src").rglob("*.meta"):
        yield str(path.relative_to(mutants / "src").with_suffix("")), json.loads(path.read_text())["exit_code_by_key"]


if __name__ == "__main__":
    sys.exit(main())
