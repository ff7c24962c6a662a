"""The offline check of the desired resources: schemas, references, needs and circles, all problems together.

Pure: no file, no cloud. Names, their rules and collisions are checked by naming.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dpn import graph, references
from dpn.cited import Cited
from dpn.errors import Problem
from dpn.model import Resource
from dpn.paths import dotted, nearest
from dpn.provider import KindInfo
from dpn.schemas import Checker, Violation

_CIRCLES = 10
_OF_TYPE = ("type", "required", "anyOf", "oneOf")
"""What no text excuses that stays one: each form of a value that is accepted has a type of its own."""


def check(resources: tuple[Resource, ...], kinds: Mapping[str, KindInfo]) -> list[Problem]:
    """Give everything that is wrong; a problem has the address and the field, relative to the resource's body."""
    checker = _Check(resources, kinds)
    problems = [problem for resource in resources for problem in checker.resource(resource)]
    return [*problems, *checker.circles()]


def _late(text: str, keyword: str) -> bool:
    """Excuse a text whose value comes with its references: all of it if it is exactly one, else all but its type.

    A secret is a text, too.
    """
    found = references.in_text(text) if "${" in text else []
    if references.is_whole(text) and not found[0].is_secret:
        return True
    return keyword not in _OF_TYPE and bool(found)


class _Check:
    """What the checks of the single resources share: the kinds, the targets, and one compiled schema for each kind."""

    def __init__(self, resources: tuple[Resource, ...], kinds: Mapping[str, KindInfo]) -> None:
        self._kinds = kinds
        self._known = {resource.address: resource for resource in resources}
        self._checkers: dict[str, Checker] = {}
        self._edges: dict[str, list[str]] = {}
        self._cited = Cited(self._known, kinds)

    def resource(self, resource: Resource) -> Iterator[Problem]:
        """Check one resource."""
        referred = {one.target for _, one in references.walk(resource.spec)}
        parent = [resource.parent] if resource.parent else []
        self._edges[resource.address] = [*resource.needs, *parent, *sorted(referred)]
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
        yield from self._cited.problems(resource)
        for need in resource.needs:
            if need not in self._known and need not in referred:  # of what is referred to, the line above speaks
                yield self._cited.missing(need, resource.address, "needs")

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
            return  # what is wrong with a reference is said by `Cited`
        message = f"{name} says what this is inside of and must refer to a resource."
        hint = 'Something that dpn does not manage can be a resource with "existing": true.'
        yield Problem("PARENT", message, resource.address, f"spec.{name}", None, "${address}", hint)


def _violation(address: str, one: Violation) -> Problem:
    field = dotted(("spec", *one.path))
    return Problem("SCHEMA", one.message, address, field, expected=one.expected, hint=one.hint)
