"""Values to JSON and back: dataclasses as objects without the fields that hold their default."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")
_PLAIN = frozenset({str, int, float, bool, type(None)})


def dump(value: Any) -> Any:
    """Give plain JSON data; fields that hold their default are left out."""
    if type(value) in _PLAIN:  # nearly everything in a journal, so it is asked first
        return value
    if is_dataclass(value) and not isinstance(value, type):
        out = {}
        for name, default in _defaults(type(value)):
            item = getattr(value, name)
            if item != default:
                out[name] = dump(item)
        return out
    if isinstance(value, Mapping):
        return {str(key): dump(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [dump(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted(dump(item) for item in value)
    return value


def load(cls: type[T], data: Any) -> T:
    """Build `cls` from what `dump` gave; unknown keys are refused with TypeError."""
    hint: Any = cls  # a class can be hashed; mypy doubts it of type[T]
    converter: Callable[[Any], T] = _converter(hint)
    return converter(data)


def canonical(value: Any) -> str:
    """Give the one JSON text of a value: sorted keys, no spaces."""
    return json.dumps(dump(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@cache
def _defaults(cls: type) -> tuple[tuple[str, Any], ...]:
    def default(item: Any) -> Any:
        return item.default_factory() if item.default_factory is not MISSING else item.default

    return tuple((item.name, default(item)) for item in fields(cls))


@cache
def _converter(hint: Any) -> Callable[[Any], Any]:
    if is_dataclass(hint):
        return _dataclass_converter(hint)
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        inner = _converter(next(arg for arg in args if arg is not type(None)))
        return lambda data: None if data is None else inner(data)
    if origin is tuple:
        item = _converter(args[0])
        return lambda data: tuple(item(entry) for entry in data)
    return lambda data: data


def _dataclass_converter(cls: Any) -> Callable[[Any], Any]:
    converters: dict[str, Callable[[Any], Any]] = {}

    def convert(data: Mapping[str, Any]) -> Any:
        if not converters:  # late, because a Ref holds a Ref
            converters.update({name: _converter(hint) for name, hint in typing.get_type_hints(cls).items()})
        unknown = set(data) - set(converters)
        if unknown:
            raise TypeError(f"{cls.__name__} has no field {sorted(unknown)}")
        return cls(**{name: converters[name](item) for name, item in data.items()})

    return convert
