from __future__ import annotations

import pytest

from dpn import Marker, Observed, Ref
from dpn.schemas import violations
from dpn_databricks.tagging import tags_schema, tags_with

MARKER = Marker("lake--dev", "abcdefghijklmnop", "01jdyw0000000000000000000a")


def test_the_marker_has_room_beside_the_tags() -> None:
    schema = tags_schema(5)
    assert not violations({"a": "1", "b": ""}, schema)
    assert violations({"a": "1", "b": "2", "c": "3"}, schema)


@pytest.mark.parametrize("key", ["dpn_op", "dpnx", "a\n", "\0", "", "a" * 128])
def test_a_key_that_is_the_markers_or_no_key_is_refused(key: str) -> None:
    assert violations({key: "1"}, tags_schema(45))


def test_tags_stay_with_another_marker_and_without_one() -> None:
    seen = Observed(Ref("databricks_cluster", "a", "1"), {"tags": {"team": "data"}}, MARKER)
    assert tags_with(seen, MARKER) == {"team": "data", **MARKER.tags()}
    assert tags_with(seen, None) == {"team": "data"}
