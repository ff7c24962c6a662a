"""The offline check of the desired resources: schemas, references, needs and circles, all problems together.

Pure: no file, no cloud. Names, their rules and collisions are checked by naming.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from dpn import graph, references
from dpn.errors import Problem
from dpn.model import Resource
from dpn.paths import dotted, nearest
from dpn.provider import KindInfo
from dpn.references import Reference
from dpn.schemas import Checker, Violation

_FORMS = frozenset({"name", "id", "full_name"})
_CIRCLES = 10
_SUGGESTIONS = 50
_ENV = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_SECRET = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*:\S([^\r\n]*\S)?", re.ASCII)


def check(resources: tuple[Resource, ...], kinds: Mapping[str, KindInfo]) -> list[Problem]:
    """Give everything that is wrong; a problem has the address and the field, relative to the resource's body."""
    checker = _Check(resources, kinds)
    problems = [problem for resource in resources for problem in checker.resource(resource)]
    return [*problems, *checker.circles()]


def _late(text: str, keyword: str) -> bool:
    """Excuse a text whose value comes with its references: all of it if it is exactly one, else all but its type."""
    if "${" not in text:
        return False
    return references.is_whole(text) or (keyword not in ("type", "required") and bool(references.in_text(text)))


class _Check:
    """What the checks of the single resources share: the kinds, the targets, and one compiled schema for each kind."""

    def __init__(self, resources: tuple[Resource, ...], kinds: Mapping[str, KindInfo]) -> None:
        self._kinds = kinds
        self._known = {resource.address: resource for resource in resources}
        self._checkers: dict[str, Checker] = {}
        self._edges: dict[str, list[str]] = {}
        self._suggested = 0

    def resource(self, resource: Resource) -> Iterator[Problem]:
        """Check one resource."""
        self._edges[resource.address] = [*resource.needs, *([resource.parent] if resource.parent else [])]
        info = self._kinds.get(resource.kind)
        if not info:
            near = nearest(resource.kind, self._kinds)
            hint = f"Did you mean {near}?" if near else "See `dpn plugins list`."
            yield Problem("KIND-UNKNOWN", f"No provider knows the kind {resource.kind}.", resource.address, hint=hint)
        elif not info.provisions:
            message = f"dpn names and checks {resource.kind}, but does not provision it."
            hint = (
                f"Take it out of the blueprint, or out of the scope (--exclude {resource.kind}); what refers to it "
                f"takes the name that `dpn name render {resource.kind}` gives."
            )
            yield Problem("KIND-NAMES-ONLY", message, resource.address, hint=hint)
        else:
            yield from self._spec(resource, info)
        yield from self._references(resource, info.schema if info else {})
        yield from self._needs(resource)

    def circles(self) -> Iterator[Problem]:
        """Report up to ten circles of dependencies, one after the other."""
        edges = {address: [need for need in needs if need in self._known] for address, needs in self._edges.items()}
        for _ in range(_CIRCLES):
            path = graph.find_cycle(edges)
            if not path:
                return
            hint = "Take one of these references or needs away."
            yield Problem("CYCLE", f"These need each other in a circle: {' -> '.join(path)}.", path[0], hint=hint)
            for address in path:
                edges.pop(address, None)

    def _spec(self, resource: Resource, info: KindInfo) -> Iterator[Problem]:
        checker = self._checkers.get(info.kind)
        if not checker:
            checker = self._checkers[info.kind] = Checker(info.schema, _late)
        for one in checker.violations(resource.spec):
            if not (resource.existing and self._may_be_missing(one, resource, info)):
                yield _violation(resource.address, one)
        yield from self._unchangeable(resource, info)
        if info.parent:
            yield from self._parent(resource, info.parent)

    def _may_be_missing(self, one: Violation, resource: Resource, info: KindInfo) -> bool:
        """Tell whether an existing resource may leave it out: all but the parent, without which it is not found."""
        return one.missing and len(one.path) == 1 and (one.path[0] != info.parent or bool(resource.id))

    def _unchangeable(self, resource: Resource, info: KindInfo) -> Iterator[Problem]:
        for name in resource.spec:
            if name in info.computed:
                message = f"Only the cloud sets {name}."
                hint = f"Remove it; ${{{resource.address}.{name}}} refers to it."
                yield Problem("COMPUTED", message, resource.address, dotted(("spec", name)), hint=hint)
            elif resource.existing and name != info.parent:
                message = f"An existing resource is never changed: {name} has no effect."
                yield Problem("EXISTING", message, resource.address, dotted(("spec", name)), severity="warning")
        if resource.on_delete == "archive" and "archive" not in info.has:
            message = f"{info.kind} cannot be archived."
            yield Problem("ON-DELETE", message, resource.address, "on_delete", expected="delete or keep")

    def _parent(self, resource: Resource, name: str) -> Iterator[Problem]:
        value = resource.spec.get(name)
        if value is None or not isinstance(value, str):
            return  # the schema has spoken
        found = references.in_text(value)
        if references.is_whole(value) and found[0].scheme in ("resource", "invalid", "stack"):
            return  # what is wrong with a reference is said by `_references`
        message = f"{name} says what this is inside of and must refer to a resource."
        hint = 'Something that dpn does not manage can be a resource with "existing": true.'
        yield Problem("PARENT", message, resource.address, f"spec.{name}", None, "${address}", hint)

    def _needs(self, resource: Resource) -> Iterator[Problem]:
        referred = {one.target for _, one in references.walk(resource.spec)}  # `_references` speaks of these
        for need in resource.needs:
            if need not in self._known and need not in referred:
                yield self._missing(need, resource.address, "needs")

    def _references(self, resource: Resource, schema: Mapping[str, Any]) -> Iterator[Problem]:
        for path, text, wanted in references.texts(resource.spec, schema, ("spec",)):
            allowed = tuple(wanted.get("kinds", ()))
            for one in references.in_text(text):
                if one.text.startswith("each.") or "[*]" in one.text:
                    continue  # what is left of these was reported when the blueprint was read
                problem = self._reference(one, resource.address, dotted(path))
                if problem:
                    yield problem
                elif one.scheme == "resource":
                    self._edges[resource.address].append(one.target)
                    yield from self._kind_allowed(one, text, allowed, resource.address, dotted(path))

    def _reference(self, one: Reference, address: str, field: str) -> Problem | None:
        if one.scheme == "resource":
            return self._resource_reference(one, address, field)
        if one.scheme == "env" and not _ENV.fullmatch(one.target):
            return Problem("REF-ENV", "This names no environment variable.", address, field, expected="${env:NAME}")
        if one.scheme == "secret" and not _SECRET.fullmatch(one.target):
            return Problem("REF-SECRET", "This names no secret.", address, field, expected="${secret:SCHEME:NAME}")
        if one.scheme == "invalid":
            hint = "Write $${ for a literal ${."
            expected = "${address}, ${address.attribute}, ${stack:KEY#address}, ${env:NAME} or ${secret:SCHEME:NAME}"
            return Problem("REF-INVALID", "This is no reference.", address, field, expected=expected, hint=hint)
        return None  # what is wrong with a reference to another stack is said where that stack is read

    def _resource_reference(self, one: Reference, address: str, field: str) -> Problem | None:
        target = self._known.get(one.target)
        if not target:
            return self._missing(one.target, address, field)
        info = self._kinds.get(target.kind)
        if not info or not info.provisions or one.use in _FORMS:
            return None
        attributes = {*_FORMS, *info.schema.get("properties", {}), *info.computed}
        if one.use in attributes:
            return None
        near = nearest(one.use, attributes)
        hint = f"Did you mean {near}?" if near else f"Known: {', '.join(sorted(attributes))}."
        return Problem("REF-ATTRIBUTE", f"{target.kind} has no attribute {one.use}.", address, field, hint=hint)

    def _kind_allowed(
        self, one: Reference, text: str, allowed: tuple[str, ...], address: str, field: str
    ) -> Iterator[Problem]:
        kind = one.target.partition(".")[0]
        if allowed and references.is_whole(text) and kind not in allowed:
            expected = f"a reference to {' or '.join(allowed)}"
            yield Problem(
                "REF-KIND", f"A resource of the kind {kind} does not belong here.", address, field, expected=expected
            )

    def _missing(self, target: str, address: str, field: str) -> Problem:
        """Say that a target does not exist; the first fifty times with the nearest that does, as that takes time."""
        self._suggested += 1
        hint = self._suggestion(target) if self._suggested <= _SUGGESTIONS else None
        return Problem("REF-UNKNOWN", f"There is no {target} in the blueprint.", address, field, hint=hint)

    def _suggestion(self, target: str) -> str | None:
        instances = sorted(address for address in self._known if address.startswith(f"{target}["))
        if instances:
            return f"It has a for_each: {', '.join(instances[:5])}, or {target}[*] for all."
        kind, _, name = target.partition(".")
        same_kind = {address.partition(".")[2]: address for address in self._known if address.startswith(f"{kind}.")}
        same_name = {address.partition(".")[0]: address for address in self._known if address.endswith(f".{name}")}
        near = same_kind.get(nearest(name, same_kind) or "") or same_name.get(nearest(kind, same_name) or "")
        return f"Did you mean {near}?" if near else "Declare it, or correct the address."


def _violation(address: str, one: Violation) -> Problem:
    field = dotted(("spec", *one.path))
    return Problem("SCHEMA", one.message, address, field, expected=one.expected, hint=one.hint)
