from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from hostile import GOAL, INFOS, Worst, bucket, measure, namer, names, stretched, table

DOORS = ["a pattern", "a value", "a value of a stream", "name check", "name suggest", "name parse", "name audit"]


def test_each_door_is_measured() -> None:
    found = measure([bucket()])
    assert list(found) == DOORS
    assert all(worst.ms >= 0 and count > 1 for worst, count in found.values())
    assert [line.split("  ")[0] for line in table(found).splitlines()[1:]] == DOORS


def test_names_are_as_long_as_each_kind_takes_and_longer() -> None:
    for info in INFOS:
        assert {info.name_rule.max, info.name_rule.max + 1} <= {len(name) for name in names(info)}
    (long,) = stretched(namer(bucket()), bucket())
    assert len(long) == 63


def test_the_table_says_what_misses_the_goal_in_characters_that_can_be_seen() -> None:
    shown = table({"slow": (Worst(GOAL + 1, "a\x00\u202e"), 1), "fast": (Worst(GOAL, ""), 1)}).splitlines()
    assert " over " in shown[1]
    assert " ok " in shown[2]
    assert all(line.isprintable() for line in shown)
