"""What a body may hold: fields and their types, as the SDK knows them, and the check of a request by them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dpn_sandbox.databricks.workspace import ApiError

_BOOLEANS = ("true", "false")
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Shape:
    """Fields with their types, and the names of those that must be there."""

    fields: Mapping[str, str] = field(default_factory=dict)
    required: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shapes:
    """The messages and enums that types name. How a type is written is told in `generate_routes.py`."""

    messages: Mapping[str, Shape]
    enums: Mapping[str, tuple[str, ...]]

    def body(self, given: Any, shape: Shape) -> dict[str, Any]:
        """Check a body and give it without its nulls, which stand for fields that are not given.

        Raises ApiError 400 with the path of the first field that is unknown, missing or of another type.
        """
        return self._message(given, shape, "")

    def query(self, given: Mapping[str, str], shape: Shape) -> None:
        """Check the parameters of a query, all of them text; raises ApiError 400 as `body` does."""
        for key, value in given.items():
            name = key.partition(".")[0]  # a message in a query is written out: filter_by.is_pinned=true
            if name not in shape.fields:
                raise _unknown(key, shape)
            self._parameter(value, shape.fields[name], key)
        _need(given, shape, "")

    def _parameter(self, value: str, kind: str, path: str) -> None:
        if kind == "integer" and not value.removeprefix("-").isdecimal():
            raise _invalid(path, f"must be an integer, not {value!r}")
        if kind == "boolean" and value not in _BOOLEANS:
            raise _invalid(path, f"must be true or false, not {value!r}")
        if kind in self.enums:
            self._enum(value, kind, path)

    def _message(self, given: Any, shape: Shape, path: str) -> dict[str, Any]:
        if not isinstance(given, dict):
            raise _invalid(path or "body", f"must be an object, not {_word(given)}")
        present = {key: value for key, value in given.items() if value is not None}
        for key in present:
            if key not in shape.fields:
                raise _unknown(f"{path}.{key}" if path else key, shape)
        _need(present, shape, path)
        return {
            key: self._value(value, shape.fields[key], f"{path}.{key}" if path else key)
            for key, value in present.items()
        }

    def _value(self, given: Any, kind: str, path: str) -> Any:
        if kind.endswith("[]"):
            if not isinstance(given, list):
                raise _invalid(path, f"must be an array, not {_word(given)}")
            return [self._value(item, kind[:-2], f"{path}[{number}]") for number, item in enumerate(given)]
        if kind.endswith("{}"):
            if not isinstance(given, dict):
                raise _invalid(path, f"must be a map, not {_word(given)}")
            return {key: self._value(item, kind[:-2], f"{path}[{key!r}]") for key, item in given.items()}
        if kind in self.messages:
            return self._message(given, self.messages[kind], path)
        if kind in self.enums:
            return self._enum(given, kind, path)
        fits, word = _PLAIN[kind]
        if not fits(given):
            raise _invalid(path, f"must be {word}, not {_word(given)}")
        return given

    def _enum(self, given: Any, kind: str, path: str) -> Any:
        if given not in self.enums[kind]:
            known = ", ".join(self.enums[kind][:_SHOWN])
            raise _invalid(path, f"must be one of {known}{', …' * (len(self.enums[kind]) > _SHOWN)}, not {given!r}")
        return given


def _need(given: Mapping[str, Any], shape: Shape, path: str) -> None:
    for name in shape.required:
        if name not in given:
            raise _invalid(f"{path}.{name}" if path else name, "is required")


def _unknown(path: str, shape: Shape) -> ApiError:
    known = ", ".join(sorted(shape.fields)[:_SHOWN]) or "none"
    return _invalid(path, f"is not known; there are {known}{', …' * (len(shape.fields) > _SHOWN)}")


def _invalid(path: str, what: str) -> ApiError:
    return ApiError(400, "INVALID_PARAMETER_VALUE", f"Field {path!r} {what}.")


def _word(value: Any) -> str:
    return f"{type(value).__name__} {str(value)[:80]!r}"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_PLAIN: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "string": (lambda value: isinstance(value, str), "a string"),
    "integer": (lambda value: isinstance(value, int) and not isinstance(value, bool), "an integer"),
    "number": (_is_number, "a number"),
    "boolean": (lambda value: isinstance(value, bool), "a boolean"),
    "any": (lambda _: True, "anything"),
}
