"""Each folder of bad-databricks holds a blueprint and what `dpn validate` says of it, offline: a line a problem.

A line is `line:column code address.field · next step`. To add a case, make a folder with a blueprint.json and what you
expect.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dpn import Problem, World, api

CASES = Path(__file__).with_name("bad-databricks")


def line(problem: Problem) -> str:
    assert problem.place
    where = ".".join(part for part in (problem.address, problem.field) if part)
    next_step = problem.hint or (problem.expected and f"Expected {problem.expected}") or ""
    return f"{problem.place.line}:{problem.place.column} {problem.code} {where} · {next_step}"


def said(case: Path, home: Path) -> list[str]:
    world = World(env={"PATH": os.environ["PATH"], "DPN_HOME": str(home)}, cwd=case)
    problems = api.validate(api.Options(file=case / "blueprint.json"), world).problems
    return [line(problem) for problem in problems if problem.severity == "error"]


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir()))
def test_a_bad_blueprint_for_databricks_is_found_offline_with_the_next_step(case: str, tmp_path: Path) -> None:
    expected = (CASES / case / "expected.txt").read_text("utf-8").splitlines()
    found = said(CASES / case, tmp_path)
    assert found == expected
    assert all(not line.endswith("· ") for line in found)
