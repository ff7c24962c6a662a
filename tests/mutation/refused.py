"""Which changes mypy refuses: what a developer could not have committed need not be noticed by a test."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

_BY_THEMSELVES = frozenset({"has-type", "no-redef", "unused-ignore", "var-annotated"})
"""All changes of a method stand side by side in one class, which is against these rules and says nothing."""


def refused(mutants: Path, paths: Sequence[str]) -> set[str]:
    """Give the names of the changes below a folder, in these paths, in which mypy, strict, finds an error."""
    command = (sys.executable, "-m", "mypy", "--strict", "--output", "json")
    told = subprocess.run((*command, *paths), cwd=mutants, check=False, capture_output=True, text=True).stdout
    lines: dict[str, set[int]] = defaultdict(set)
    for found in map(json.loads, told.splitlines()):
        if found["severity"] == "error" and found["code"] not in _BY_THEMSELVES:
            lines[found["file"]].add(found["line"])
    return {change for file, wrong in lines.items() for change in _at(mutants / file, wrong)}


def _at(file: Path, lines: set[int]) -> Iterator[str]:
    """Give the changes of a file that stand in these lines."""
    spans = json.loads(file.with_name(f"{file.name}.spans").read_text())["spans"]
    for change in json.loads(file.with_name(f"{file.name}.meta").read_text())["exit_code_by_key"]:
        first, last = spans[change.rpartition(".")[2]]
        if not lines.isdisjoint(range(first, last + 1)):
            yield change
