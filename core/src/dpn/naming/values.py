"""Values in layers: which one wins for a kind, and where it comes from.

Low to high: what dpn ships, defaults, the environment's overrides, those of resource types, the blueprint's metadata,
a resource's own naming, --override. A layer that sets null or the empty text takes away what lower layers say.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from typing import Any, Literal, TypeAlias

from dpn.config import NamingFiles
from dpn.documents import Document
from dpn.errors import Place, Problem
from dpn.naming.globs import matching, tie_problem, ties
from dpn.naming.text import code_point, unseen

Layer: TypeAlias = Literal[
    "shipped", "defaults", "environments", "resource_types", "metadata", "provider", "naming", "override",
    "environment", "recorded",
]  # fmt: skip

MAX_LENGTH = 255
SHIPPED: Mapping[str, str] = {"project": "platform"}
SHIPPED_ENVIRONMENT = "dev"
FIX_ENVIRONMENT = (
    "The environment is chosen once: with -e, DPN_ENVIRONMENT, metadata.environment or defaults.environment. "
    "For a short spelling use transformations.abbreviations."
)
_FAULTS: Mapping[str, str] = {
    "VALUE-CHARS": "Type it anew; such characters come along with copied text.",
    "VALUE-NFC": "Type it anew, or normalise the file to NFC.",
    "VALUE-LENGTH": "Shorten it.",
}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value comes from: the layer, what to edit (`defaults.project`), and the place, found only when asked."""

    layer: Layer
    key: str
    locate: Callable[[], Place] | None = field(default=None, compare=False, repr=False)

    @property
    def place(self) -> Place | None:
        """The place in a file; None when the value is not from a file that is known here."""
        return self.locate() if self.locate else None

    def __str__(self) -> str:
        place = self.place
        return f"{self.key} ({place})" if place else self.key


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a naming variable and where it comes from."""

    text: str
    origin: Origin


@lru_cache(maxsize=4096)
def origin(layer: Layer, key: str) -> Origin:
    """Give the origin of a value whose file is not known here."""
    return Origin(layer, key)


def fault(value: object) -> tuple[str, str] | None:
    """Give code and reason when something cannot be a value: type, NFC, length, characters that cannot be seen."""
    if not isinstance(value, str):
        return "VALUE-TYPE", f"A value is text, this is {value!r}"
    if len(value) > MAX_LENGTH:
        return "VALUE-LENGTH", f"A value has at most {MAX_LENGTH} characters, this has {len(value)}"
    if value.isascii() and value.isprintable():
        return None
    if char := unseen(value):
        return "VALUE-CHARS", f"The value {value!a} holds {code_point(char)}, which cannot be seen in a name"
    if not unicodedata.is_normalized("NFC", value):
        return "VALUE-NFC", f"The value {value!a} is not in the normal form NFC"
    return None


def put(into: dict[str, Value], values: Mapping[str, Any], make: Callable[[str], Origin]) -> list[Problem]:
    """Lay a layer over `into`; values that cannot be are problems and are left out."""
    problems = []
    for name, value in values.items():
        if value is None or value == "":
            into.pop(name, None)
        elif wrong := fault(value):
            where = make(name)
            problems.append(
                Problem(wrong[0], f"{wrong[1]}.", field=where.key, place=where.place, hint=_FAULTS.get(wrong[0]))
            )
        else:
            into[name] = Value(value, make(name))
    return problems


def sections(document: Document | None) -> Iterator[tuple[Layer, tuple[str, ...], Mapping[str, Any]]]:
    """Yield each section of a values file: its layer, its path and its values."""
    data = (document and document.data) or {}
    if data.get("defaults"):
        yield "defaults", ("defaults",), data["defaults"]
    for name, values in (data.get("environments") or {}).items():
        yield "environments", ("environments", name), values or {}
    for glob, values in (data.get("resource_types") or {}).items():
        yield "resource_types", ("resource_types", glob), values or {}


def keys(document: Document | None) -> set[str]:
    """Give the variables that any layer of a values file sets."""
    return {name for _, _, values in sections(document) for name in values}


def maker(document: Document, layer: Layer, path: tuple[str, ...]) -> Callable[[str], Origin]:
    """Give what makes origins for one section of a file."""
    return lambda name: Origin(layer, ".".join((*path, name)), partial(document.place, (*path, name)))


def lower_layers(document: Document | None, kind: str, environment: str) -> dict[str, Value]:
    """Give the values of a kind from what dpn ships and the values file; what cannot be a value is left out."""
    values: dict[str, Value] = {}
    put(values, SHIPPED, lambda name: origin("shipped", f"shipped with dpn: {name}"))
    if document:
        found = {path: (layer, section) for layer, path, section in sections(document)}
        order = [("defaults",), ("environments", environment)]
        types = (document.data or {}).get("resource_types") or {}
        for path in [*order, *(("resource_types", glob) for glob in matching(types, kind))]:
            if path in found:
                put(values, found[path][1], maker(document, found[path][0], path))
    return values


def file_problems(document: Document | None, environment: str) -> list[Problem]:
    """Give what is wrong in a values file whatever the kind: values that cannot be, and a second environment."""
    problems: list[Problem] = []
    for layer, path, values in sections(document):
        if document:
            problems += put({}, values, maker(document, layer, path))
        fixed = {"environments": path[-1], "resource_types": environment}.get(layer)
        given = values.get("environment")
        if document and fixed and given and given != fixed:
            place = document.place((*path, "environment"))
            problems.append(environment_problem(given, fixed, ".".join((*path, "environment")), place))
    return problems


def environment_problem(given: str, fixed: str, key: str, place: Place | None = None) -> Problem:
    """Say that a layer sets another environment than the one that was chosen."""
    message = f"The environment is {fixed!r}; {key} cannot make it {given!r}."
    return Problem("ENV-FIXED", message, field=key, place=place, hint=FIX_ENVIRONMENT)


def tie_problems(document: Document | None, kind: str) -> Iterator[Problem]:
    """Yield the wildcards of `resource_types` that set one variable differently for a kind and are equally specific."""
    if document:
        for one, other in ties((document.data or {}).get("resource_types"), kind):
            place = document.place(("resource_types", one), key=True)
            yield replace(tie_problem(kind, "resource_types", one, other), place=place)


def default_environment(files: NamingFiles) -> str:
    """Give the environment when nobody chose one: `defaults.environment` of the values file, else `dev`."""
    data = (files.values and files.values.data) or {}
    return (data.get("defaults") or {}).get("environment") or SHIPPED_ENVIRONMENT
