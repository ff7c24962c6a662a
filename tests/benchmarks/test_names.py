from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from names import GOAL, ROWS, measure, table


def test_each_row_is_measured_with_names_that_were_made() -> None:
    rates = measure(40, 1)
    assert list(rates) == [*ROWS, "str.format alone"]
    assert all(rate > 0 for rate in rates.values())


def test_the_table_says_what_misses_the_goal() -> None:
    first, *_ = ROWS
    shown = table({first: GOAL - 1.0, "str.format alone": 5.0}).splitlines()
    assert shown[1].endswith("under")
    assert shown[2].split()[-1] == "5"
    assert table({first: float(GOAL)}).endswith("ok")
