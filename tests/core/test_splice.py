"""One value set in a file: it is there, everything else is as it was, and comments stay."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from dpn.documents import Document, parse
from dpn.errors import InputError
from dpn.splice import put

KEYS = st.text("abcxyz_", min_size=1, max_size=4)
SCALARS = st.none() | st.booleans() | st.integers(-99, 99) | st.text("ab: #-é\"'{}[],&*!|>%@`", max_size=6)
TREES = st.recursive(
    st.dictionaries(KEYS, SCALARS, max_size=4),
    lambda inner: st.dictionaries(KEYS, inner | SCALARS | st.lists(inner | SCALARS, max_size=3), max_size=4),
    max_leaves=10,
)
VALUES = SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(KEYS, SCALARS, max_size=2)
PATHS = st.lists(KEYS, min_size=1, max_size=3).map(tuple)


def wanted(data: Any, path: tuple[str | int, ...], value: Any) -> Any:
    if not path:
        return value
    if isinstance(data, list):
        return [wanted(item, path[1:], value) if at == path[0] else item for at, item in enumerate(data)]
    return {**data, path[0]: wanted(data.get(path[0], {}), path[1:], value)}


def settable(data: Any, path: tuple[str | int, ...]) -> bool:
    for step in path:
        if not isinstance(data, dict):
            return False
        if step not in data:
            return True
        data = data[step]
    return True


@given(TREES, PATHS, VALUES, st.sampled_from([None, 2, "\t"]))
def test_json_holds_the_value_and_all_else(data: Any, path: tuple[str, ...], value: Any, indent: Any) -> None:
    document = parse(json.dumps(data, indent=indent), "b.json", "json")
    if not settable(data, path):
        with pytest.raises(InputError):
            put(document, path, value)
        return
    assert put(document, path, value).data == wanted(data, path, value)


@given(TREES, PATHS, VALUES, st.booleans())
def test_yaml_holds_the_value_and_all_else_or_says_that_it_cannot(
    data: Any, path: tuple[str, ...], value: Any, flow: bool
) -> None:
    out = StringIO()
    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = flow
    writer.dump(data, out)
    document = parse(out.getvalue(), "b.yaml", "yaml")
    if not settable(data, path):
        with pytest.raises(InputError):
            put(document, path, value)
        return
    try:
        changed = put(document, path, value)
    except InputError as error:  # it never guesses
        event(error.message)
    else:
        assert changed.data == wanted(data, path, value)


YAML_TEXT = """\
# a lake
resources:
  aws_s3_bucket:
    lake:   # three of them
      spec:
        versioning: true   # until May
        tags: {owner: me}
        columns:
          - name: a
          # nothing more
      naming:
        purpose: lake

# the end
"""


@pytest.mark.parametrize(
    ("path", "value", "old", "new"),
    [
        (("spec", "versioning"), False, "versioning: true   #", "versioning: false   #"),
        (("spec", "tags", "owner"), "you", "{owner: me}", '{owner: "you"}'),
        (("spec", "tags", "team"), "a", "{owner: me}", '{owner: me, team: "a"}'),
        (("spec", "columns"), [], "columns:\n          - name: a\n", "columns: []\n"),
        (("spec", "columns", 0, "name"), "b", "- name: a", '- name: "b"'),
        (("spec", "size"), 3, "- name: a\n", "- name: a\n        size: 3\n"),
        (("naming", "layer"), "x", "purpose: lake\n", 'purpose: lake\n        layer: "x"\n'),
        (("spec", "a", "b"), 1, "- name: a\n", '- name: a\n        a: {"b": 1}\n'),
        (("protect",), True, "purpose: lake\n", "purpose: lake\n      protect: true\n"),
    ],
)
def test_comments_and_style_of_yaml_stay(path: tuple[str | int, ...], value: Any, old: str, new: str) -> None:
    document = parse(YAML_TEXT, "b.yaml", "yaml")
    changed = put(document, ("resources", "aws_s3_bucket", "lake", *path), value)
    assert changed.text == YAML_TEXT.replace(old, new)


@pytest.mark.parametrize(
    ("text", "path", "value", "expected"),
    [
        ('{"a": {"b": 1}}', ("a", "b"), 2, '{"a": {"b": 2}}'),
        ('{"a": {}}', ("a", "b"), 2, '{"a": {"b": 2}}'),
        ('{"a": { }}', ("a", "b"), 2, '{"a": {"b": 2}}'),
        ('{\n  "a": {\n    "x": 1\n  }\n}', ("a", "b"), "é", '{\n  "a": {\n    "x": 1,\n    "b": "é"\n  }\n}'),
        ('{"a":1}', ("b", "c"), None, '{"a":1, "b": {"c": null}}'),
        ('{"a": [{"b": 1}, {"b": 2}]}', ("a", 1, "b"), 3, '{"a": [{"b": 1}, {"b": 3}]}'),
    ],
)  # fmt: skip
def test_the_style_of_json_stays(text: str, path: tuple[str | int, ...], value: Any, expected: str) -> None:
    assert put(parse(text, "b.json", "json"), path, value).text == expected


@pytest.mark.parametrize("path", [("a", "b"), ("l", 3), ("l", "x"), ("l", 0, "y")])
def test_what_is_no_object_takes_no_keys(path: tuple[str | int, ...]) -> None:
    document: Document = parse('{"a": 1, "l": [2]}', "b.json", "json")
    with pytest.raises(InputError, match="cannot be set"):
        put(document, path, 1)
