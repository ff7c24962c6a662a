from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from dpn import Marker
from dpn_databricks import properties

MARKER = Marker("lake--dev", "abcdefghijklmnop", "01jdyw0000000000000000000a")
keys = st.sampled_from(["tier", "delta.appendOnly", "by hand", "é", "dp", "owner.team"])
maps = st.dictionaries(keys, st.text(max_size=5), max_size=4)
COUNTED = {
    "clusteringColumns": '[["a"]]',
    "delta.columnMapping.maxColumnId": "2",
    "delta.lastCommitTimestamp": "1",
    "delta.lastUpdateVersion": "7",
}


@given(maps, maps)
def test_what_was_written_is_read_beside_what_others_set(ours: dict[str, str], theirs: dict[str, str]) -> None:
    stored = properties.write(ours, {"properties": theirs}, MARKER)
    spec, extra = properties.read({**stored, **COUNTED})
    assert spec == ours
    assert extra["properties"] == {key: value for key, value in theirs.items() if key not in ours}
    assert Marker.from_tags(stored) == MARKER


@given(maps, maps)
def test_another_marker_changes_nothing_else(ours: dict[str, str], theirs: dict[str, str]) -> None:
    stored = properties.write(ours, {"properties": theirs}, MARKER)
    spec, extra = properties.read(stored)
    other = Marker("lake--dev", "abcdefghijklmnop", "01jdyw0000000000000000000b")
    assert properties.mark(spec, extra, other) == {**stored, **other.tags()}
    assert properties.mark(spec, extra, None) == {**theirs, **ours}


@given(maps)
def test_of_what_carries_no_note_all_is_shown_and_given_back(theirs: dict[str, str]) -> None:
    spec, extra = properties.read({**theirs, **COUNTED})
    assert spec == theirs
    assert properties.mark(spec, extra, None) == theirs
    assert {**properties.write({}, extra, None)} == theirs  # a write removes none


def test_absent_is_empty() -> None:
    assert properties.read(None) == properties.read({}) == ({}, {"properties": {}})


def test_no_property_is_named_as_those_of_dpn() -> None:
    pattern = properties.SCHEMA["propertyNames"]["pattern"]
    assert all(re.search(pattern, key) for key in ("tier", "delta.appendOnly", "é"))
    assert not any(re.search(pattern, key) for key in ("dpn_keys", "dpn_op", "dpnx", "a\n", "\0"))
