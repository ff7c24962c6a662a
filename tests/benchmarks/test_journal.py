from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from journal import Cost, measure, run, table


def test_a_step_costs_the_journal_the_same_bytes_in_a_run_ten_times_as_large() -> None:
    few, many = Cost(), Cost()
    run(50, few)
    run(500, many)
    assert many.a_step()[0] <= 1.2 * few.a_step()[0]
    assert max(few.a_step()[1], many.a_step()[1]) <= 2


def test_the_table_says_what_is_over_its_budget() -> None:
    shown = table(*measure(10, 40), 10, 40).splitlines()
    assert [line.split()[0] for line in shown] == ["the", "bytes", "fsyncs", "microseconds"]
    assert shown[1].endswith("ok")
