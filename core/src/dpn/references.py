"""References in a spec: `${address}`, `${address.attr}`, `${stack:KEY#address}`, `${env:NAME}`, `${secret:A:B}`.

`$${` is a literal `${`. A string that is exactly one reference stands for what the field's schema asks for
(`x-dpn-ref`: name, id or full_name); inside a longer string it is the name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

ADDRESS = r"[a-z][a-z0-9]*_[a-z0-9_]+\.[a-z][a-z0-9_-]*(?:\[[^\[\]{}$]{1,100}\])?"
TOKEN = re.compile(r"\$\$\{|\$\{([^{}]*)\}")
"""A literal `${`, or a reference, whose inside is the group."""
_RESOURCE = re.compile(rf"({ADDRESS})(?:\.([a-z][a-z0-9_]*))?", re.ASCII)
_STACK = re.compile(rf"stack:([a-z0-9]+(?:[.-]+[a-z0-9]+)*#{ADDRESS})(?:\.([a-z][a-z0-9_]*))?", re.ASCII)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_OTHER = re.compile(r"(env|secret):(.+)", re.ASCII | re.DOTALL)


class Unknown(str):
    """What only the cloud can tell; it is written as people read it, and recognised by being this one object."""

    __slots__ = ()


UNKNOWN = Unknown("(known after apply)")


@dataclass(frozen=True, slots=True)
class Reference:
    """One `${…}`: what it points at, and in which form the value is wanted.

    The target of the scheme `stack` is `KEY#address`.
    """

    text: str
    scheme: Literal["resource", "env", "secret", "stack", "invalid"]
    target: str
    use: str = "name"

    @property
    def key(self) -> str:
        """The key under which `Record.bound` keeps what it stood for."""
        return f"{self.target}#{self.use}"

    @property
    def is_secret(self) -> bool:
        """Whether its value must never be stored."""
        return self.scheme in ("env", "secret")


def parse(text: str, use: str = "name") -> Reference:
    """Read the inside of `${…}`; what is not understood gets the scheme `invalid`."""
    if found := _RESOURCE.fullmatch(text):
        return Reference(text, "resource", found[1], found[2] or use)
    if found := _STACK.fullmatch(text):
        return Reference(text, "stack", found[1], found[2] or use)
    if found := _OTHER.fullmatch(text):
        return Reference(text, found[1], found[2])  # type: ignore[arg-type]  # the pattern has just these two
    return Reference(text, "invalid", text)


def in_text(text: str, use: str = "name") -> list[Reference]:
    """Give the references in one string; `use` applies if it is exactly one."""
    whole = is_whole(text)
    return [parse(found[1], use if whole else "name") for found in TOKEN.finditer(text) if found[1] is not None]


def is_whole(text: str) -> bool:
    """Tell whether the string is exactly one reference."""
    found = TOKEN.fullmatch(text)
    return bool(found and found[1] is not None)


def walk(value: Any, schema: Mapping[str, Any] | None = None) -> Iterator[tuple[tuple[str | int, ...], Reference]]:
    """Yield each reference in a spec with its path; `schema` tells the form that each field wants."""
    for path, text, field in texts(value, schema):
        for reference in in_text(text, form(field)):
            yield path, reference


def texts(
    value: Any, schema: Any = None, path: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], str, Mapping[str, Any]]]:
    """Yield each text that may hold a reference, its path, and the schema of its field (empty if that is not known)."""
    schema = schema if isinstance(schema, Mapping) else {}
    if isinstance(value, str):
        if "${" in value:
            yield path, value, schema
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from texts(item, member(schema, str(key)), (*path, key))
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from texts(item, schema.get("items"), (*path, index))


def keys(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of each key that looks like a reference: keys are never filled."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if "${" in key and (in_text(key) or is_open(key)):
                yield (*path, key)
            yield from keys(item, (*path, key))
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from keys(item, (*path, index))


def is_variable(name: str) -> bool:
    """Tell whether it can be the name of a variable of the environment."""
    return bool(_VARIABLE.fullmatch(name))


def is_open(text: str) -> bool:
    """Tell whether a `${` stands in a text that is neither escaped nor closed."""
    return "${" in TOKEN.sub(" ", text)


def secret_fields(spec: Mapping[str, Any]) -> set[str]:
    """Give the top-level fields of a spec that hold a secret; what they stand for must never be stored."""
    return {name for name, value in spec.items() if any(reference.is_secret for _, reference in walk(value))}


def secret_schemes(specs: Iterable[Mapping[str, Any]]) -> set[str]:
    """Give the schemes of the `${secret:SCHEME:…}` in some specs."""
    return {
        reference.target.partition(":")[0]
        for spec in specs
        for _, reference in walk(spec)
        if reference.scheme == "secret"
    }


def pieces(text: str) -> Iterator[str | Reference]:
    """Yield what a text consists of: literal texts and references, in their order."""
    end = 0
    for found in TOKEN.finditer(text):
        yield text[end : found.start()]
        yield "${" if found[1] is None else parse(found[1])
        end = found.end()
    yield text[end:]


def provider_of(scheme: str) -> str:
    """Give the name of the provider that has a secret scheme: `aws` of `aws-sm`, `keyring` of `keyring`."""
    return scheme.partition("-")[0]


def form(schema: Mapping[str, Any]) -> str:
    """Give the form that a field wants of what it refers to: name, id or full_name."""
    ref = schema.get("x-dpn-ref")
    return str(ref.get("use", "name")) if isinstance(ref, Mapping) else "name"


def member(schema: Mapping[str, Any], key: str) -> Mapping[str, Any] | None:
    """Give the schema of a field; None where the schema does not know it."""
    found = schema.get("properties", {}).get(key, schema.get("additionalProperties"))
    return found if isinstance(found, Mapping) else None
