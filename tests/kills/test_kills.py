"""Ten real kills of a run of 60 resources; `nox -s kill` makes as many as one likes of one of 200."""

from __future__ import annotations

import random
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from kill_audit import Findings, audit
from kill_clouds import Clouds
from kill_estate import LARGE, SMALL
from kill_rounds import WAYS, Round

from dpn.model import Record

SEED = random.SystemRandom().randrange(1_000_000)


@pytest.mark.parametrize("number", range(1, len(WAYS)))
def test_a_kill_at_a_random_moment_leaves_nothing_behind_and_asks_nobody(clouds: Clouds, number: int) -> None:
    outcome = Round(clouds, SMALL, SEED, number).run()
    assert not outcome.findings, f"seed {SEED}, round {number}: {outcome}"


def test_the_audit_is_not_blind() -> None:
    record = Record("databricks_job.j", "databricks_job", "j", {}, "databricks", id="7")
    ours = {"settings": {"tags": {"dpn_stack": "s--dev", "dpn_addr": "a", "dpn_op": "o"}}}
    was: dict[tuple[str, str], Any] = {("databricks.jobs", "7"): ours, ("databricks.jobs", "1"): {"job_id": 1}}
    before = {record.address: record}
    second = {**was, ("databricks.jobs", "8"): ours}
    renamed = {**was, ("databricks.jobs", "1"): {"job_id": 1, "name": "x"}}
    other = {record.address: replace(record, id="9")}
    assert not audit(was, was, before, before)
    assert audit(was, second, before, before) == Findings(orphans=1, duplicates=1)
    assert audit(was, renamed, before, before) == Findings(foreign=1)
    assert audit(was, {("databricks.jobs", "1"): {"job_id": 1}}, before, before) == Findings(missing=1)
    assert audit(was, was, before, {}) == Findings(lost=1)
    assert audit(was, was, before, other) == Findings(lost=1, missing=1)


def test_the_platform_is_as_large_as_the_one_that_terraform_was_killed_over() -> None:
    assert (LARGE.new, LARGE.new + 26) == (174, 200)
