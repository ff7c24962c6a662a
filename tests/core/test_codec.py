from __future__ import annotations

import json
import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dpn import codec, errors, model, plugins
from dpn.testing.memory import MemoryPlugin

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)
SIMPLE: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(max_size=6),
    int: st.integers(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    Any: JSON,
    type(None): st.none(),
}
CLASSES = [
    model.Resource, model.Want, model.Observed, model.Record, model.Diff, model.Change, model.Plan, model.Ref,
    model.Step, model.Fault, model.Receipt, model.Query, model.Event, model.Marker, errors.Problem, errors.Place,
]  # fmt: skip


def values(hint: Any, depth: int = 0) -> st.SearchStrategy[Any]:  # noqa: PLR0911 - one for each sort of type
    """Give a strategy for a type as the values of the model use them."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if hint in SIMPLE:
        return SIMPLE[hint]
    if is_dataclass(hint) and depth > 2:  # a Ref holds a Ref: somewhere it ends
        return st.none()
    if is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        parts = {item.name: values(hints[item.name], depth + 1) for item in fields(hint)}
        return st.builds(typing.cast("Any", hint), **parts)
    if origin is typing.Literal:
        return st.sampled_from(args)
    if origin in (typing.Union, types.UnionType):
        return st.one_of(*(values(arg, depth) for arg in args))
    if origin is Mapping:
        return st.dictionaries(st.text(max_size=4), values(args[1], depth), max_size=2)
    assert origin is tuple, hint
    return st.lists(values(args[0], depth), max_size=2).map(tuple)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_value_of_the_model_survives_the_way_through_json(cls: Any) -> None:
    @settings(max_examples=25)
    @given(values(cls))
    def there_and_back(value: Any) -> None:
        assert codec.load(cls, json.loads(json.dumps(codec.dump(value)))) == value

    there_and_back()


@given(values(model.Record), st.randoms())
def test_the_canonical_text_does_not_know_in_which_order_a_mapping_was_made(record: model.Record, random: Any) -> None:
    items = list(record.spec.items())
    random.shuffle(items)
    other = codec.load(model.Record, {**codec.dump(record), "spec": dict(items)})
    assert codec.canonical(other) == codec.canonical(record)


def test_a_field_that_holds_its_default_is_left_out() -> None:
    assert codec.dump(model.Ref("mem_box", "a")) == {"kind": "mem_box", "name": "a"}


def test_an_unknown_key_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match=r"Ref has no field \['colour'\]"):
        codec.load(model.Ref, {"kind": "mem_box", "name": "a", "colour": "red"})


def test_a_missing_key_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="name"):
        codec.load(model.Ref, {"kind": "mem_box"})


def test_whatever_is_handed_to_hooks_can_be_written_as_json() -> None:
    for info in plugins.load(objects=[MemoryPlugin()]).kinds.values():
        assert json.loads(json.dumps(codec.dump(info)))["kind"] == info.kind


def test_what_only_the_cloud_knows_is_written_as_people_read_it() -> None:
    from dpn.references import UNKNOWN

    assert json.dumps(codec.dump(model.Diff("id", None, UNKNOWN))).count("(known after apply)") == 1
