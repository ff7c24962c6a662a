"""Blueprints: from a document and an environment to the items that are desired, before they have names.

Everything that is wrong is reported together; what is sound is still given back, so that later checks can be made too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any

from dpn import overlay, references
from dpn.documents import Document, check, problems
from dpn.envelope import ENVIRONMENT, STACK, envelope_schema, joined
from dpn.errors import InputError, Place, Problem
from dpn.items import Builder, Item
from dpn.paths import follow, nearest, without
from dpn.schemas import Checker, Violation
from dpn.scope import Scope

__all__ = ["Blueprint", "Item", "Scope", "envelope_schema", "environment_of", "joined", "load", "state_of"]


@dataclass(frozen=True, slots=True)
class Blueprint:
    """What a person wants in one environment."""

    document: Document
    stack: str
    environment: str
    metadata: Mapping[str, str] = field(default_factory=dict)
    providers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    items: tuple[Item, ...] = ()
    default_tags: tuple[str, ...] | None = None
    scope: Scope = field(default_factory=Scope)
    state: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The key of the stack."""
        return f"{self.stack}.{self.environment}"

    def kinds(self) -> tuple[str, ...]:
        """Give the kinds in use, sorted."""
        return tuple(sorted({item.kind for item in self.items}))

    def secret_schemes(self) -> set[str]:
        """Give the schemes of the secrets in use."""
        text = self.document.text
        if "secret:" not in text and "\\" not in text:  # one look spares a walk over all values
            return set()
        return references.secret_schemes(item.spec for item in self.items)

    def locate(self, problem: Problem) -> Problem:
        """Fill in where in the file a problem is, from its address and field; what has a place keeps it."""
        return _located(problem, self.document, self.environment)


def environment_of(document: Document) -> str | None:
    """Give `metadata.environment` if the file has one, whatever else is wrong with the file."""
    metadata = document.data.get("metadata") if isinstance(document.data, Mapping) else None
    environment = metadata.get("environment") if isinstance(metadata, Mapping) else None
    return environment if isinstance(environment, str) else None


def state_of(document: Document, environment: str | None) -> Mapping[str, Any]:
    """Give where a blueprint keeps its state, whatever else is wrong with it; InputError if just that is.

    To go on without it would be to look into another place, find nothing there and call it well.
    """
    found: dict[str, Any] = {}
    for path in (("state",), ("environments", environment or "", "state")):
        said, gone = follow(document.data, path)
        if wrong := check(document, {"type": "object"}, path):
            raise InputError("The blueprint does not tell where its state is.", problems=tuple(wrong))
        found = overlay.merge(found, said if gone == len(path) else {})
    return found


def load(document: Document, environment: str | None) -> tuple[Blueprint | None, list[Problem]]:
    """Read a blueprint for the environment that was chosen; never raises.

    None comes back if the file is no object, or has no valid stack or environment.
    """
    violations = Checker(envelope_schema()).violations(document.data)
    found = problems(document, violations)
    if not isinstance(document.data, Mapping):
        return None, found
    sound = _sound(document.data, violations)
    merged = overlay.apply(sound, environment or "")
    builder = Builder(document, environment or "", merged)
    items = tuple(sorted(builder.items(), key=lambda item: item.address))
    stack = merged.get("stack") or _default_stack(document)
    more = [*_environment_problems(sound, environment), *_stack_problems(stack), *builder.problems]
    found += [_located(problem, document, environment or "") for problem in more]
    found.sort(key=lambda one: (one.place.line, one.place.column) if one.place else (0, 0))
    if not stack or not environment or Checker(ENVIRONMENT).violations(environment):
        return None, found
    return _blueprint(document, stack, environment, merged, items), found


def _blueprint(
    document: Document, stack: str, environment: str, merged: Mapping[str, Any], items: tuple[Item, ...]
) -> Blueprint:
    tags, scope = merged.get("default_tags"), merged.get("scope", {})
    return Blueprint(
        document,
        stack,
        environment,
        {**merged.get("metadata", {}), "environment": environment},
        merged.get("providers", {}),
        items,
        None if tags is None else tuple(tags),
        Scope(tuple(scope.get("include", ())), tuple(scope.get("exclude", ()))),
        merged.get("state", {}),
    )


def _sound(data: Any, violations: list[Violation]) -> Any:
    """Give the data without what the schema refused: the rest is sound and is gone on with.

    A resource whose for_each is refused goes as a whole, as nobody knows how many it is.
    """
    return without(
        data, (one.path[: one.path.index("for_each")] if "for_each" in one.path else one.path for one in violations)
    )


def _environment_problems(data: Mapping[str, Any], environment: str | None) -> Iterator[Problem]:
    if not environment:
        hint = "Give --environment, DPN_ENVIRONMENT or metadata.environment."
        yield Problem("ENVIRONMENT", "No environment is chosen.", field="metadata.environment", hint=hint)
        return
    for one in Checker(ENVIRONMENT).violations(environment):
        yield Problem(
            "ENVIRONMENT", "The environment's name is not valid.", None, "metadata.environment", None, one.expected
        )
    names = data.get("environments", {})
    near = nearest(environment, names) if environment not in names else None
    strange = environment not in names and environment != data.get("metadata", {}).get("environment")
    if strange and (near or len(names) > 1):  # one overlay over a base that is itself an environment is usual
        message = f"The file says nothing of the environment {environment!r}, but of {', '.join(sorted(names))}."
        hint = f"Did you mean {near!r}?" if near else "Check --environment."
        yield Problem("ENVIRONMENT", message, None, "environments", hint=hint, severity="warning")


def _stack_problems(stack: str | None) -> Iterator[Problem]:
    if not stack:
        hint = f'Write "stack" into the file: {STACK["description"]}.'
        yield Problem("STACK", "The file's name cannot be made into the name of a stack.", field="stack", hint=hint)


def _default_stack(document: Document) -> str | None:
    stem = PurePath(document.file).stem
    name = document.folder if stem == "blueprint" else stem
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return slug if not Checker(STACK).violations(slug) else None


def _located(problem: Problem, document: Document, environment: str) -> Problem:
    if problem.place:
        return problem
    path = overlay.locate(document.data, environment, problem.address, problem.field or "")
    if path is None:
        return replace(problem, place=Place(document.file))
    at_key = not problem.field and problem.address is not None
    return replace(problem, place=document.place(path, key=at_key))
