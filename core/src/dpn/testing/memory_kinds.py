"""The kinds of the in-memory cloud; between them they use every part of the contract."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar

from dpn.model import Marker, Observed, Ref, Want
from dpn.provider import Broken, Inside, Kind, NamedKind, NameRule, Part, Ready, Variable, Wait
from dpn.testing.cloud import Cloud, CloudError

RULE = NameRule(
    r"[a-z][a-z0-9-]*", min=3, max=40, case="lower", separator="-", unique="account", source="dpn.testing",
    good=("abc", "a" * 40, "box-1"), bad=("ab", "1st", "Box", "under_score", "-box"),
)  # fmt: skip


def _text(description: str, **more: Any) -> dict[str, Any]:
    return {"type": "string", "description": description, **more}


_TAGS = {"type": "object", "description": "Tags.", "additionalProperties": _text("The tag's value.")}


class _Thing(Kind):
    """What the kinds have in common: found by name inside its parent, and only if the id is the same."""

    session: Cloud
    name_rule = RULE
    default_pattern = "{project}-{purpose}-{environment}"
    variables: ClassVar[Mapping[str, Variable]] = {"purpose": Variable("What it is for.")}
    settle = 0
    lists = "full"

    def _at(self, ref: Ref) -> Observed | None:
        for seen in self.session.objects.values():
            if seen.ref.kind == self.kind and seen.ref.name == ref.name and _id(seen.ref.parent) == _id(ref.parent):
                return seen if ref.id in (None, seen.ref.id) else None
        return None

    def create(self, want: Want) -> Ref:
        made: Ref = self._call("create", want.name, lambda: self._created(want))
        return made

    def _created(self, want: Want) -> Ref:
        if self.name_rule.unique != "none" and self._at(Ref(self.kind, want.name, parent=want.parent)):
            raise CloudError("AlreadyExists")
        if want.parent and not any(_id(want.parent) == seen.ref.id for seen in self.session.objects.values()):
            raise CloudError("ParentNotFound")
        ref = Ref(self.kind, want.name, self.session.new_id(), want.parent)
        born = {name for part in self.parts if part.at_birth for name in part.fields} | self.immutable
        spec = {key: value for key, value in want.spec.items() if key in born}
        self.session.objects[self.kind, ref.id or ""] = Observed(ref, spec, want.marker)
        return ref

    def put(self, ref: Ref, part: str, want: Want, seen: Observed) -> None:
        self._call("put", ref.name, lambda: self._put(ref, part, want))

    def _put(self, ref: Ref, part: str, want: Want) -> None:
        seen = self._must(ref)
        names = set(next(item.fields for item in self.parts if item.name == part))
        spec = {key: value for key, value in seen.spec.items() if key not in names}
        spec |= {key: value for key, value in want.spec.items() if key in names}
        self._save(replace(seen, spec=spec, marker=want.marker))

    def read(self, ref: Ref) -> Observed | None:
        found: Observed | None = self._call("read", ref.name, lambda: self._at(ref))
        return found

    def list(self, scope: Ref | None) -> Iterator[Observed]:
        def matching() -> list[Observed]:
            return [
                seen for seen in self.session.objects.values()
                if seen.ref.kind == self.kind and (scope is None or _id(seen.ref.parent) == scope.id)
            ]  # fmt: skip

        yield from self._call("list", scope.name if scope else "", matching)

    def delete(self, ref: Ref, seen: Observed) -> None:
        self._call("delete", ref.name, lambda: self.session.objects.pop((self.kind, ref.id or ""), None))

    def mark(self, ref: Ref, marker: Marker | None, seen: Observed) -> None:
        self._call("mark", ref.name, lambda: self._save(replace(self._must(ref), marker=marker)))

    def _must(self, ref: Ref) -> Observed:
        found = self._at(ref)
        if not found:
            raise CloudError("NotFound")
        return found

    def _save(self, seen: Observed) -> None:
        self.session.objects[self.kind, seen.ref.id or ""] = seen

    def _call(self, method: str, name: str, work: Callable[[], Any]) -> Any:
        return self.session.call(self.kind, method, name, work)


def _id(ref: Ref | None) -> str | None:
    return ref.id if ref else None


class Box(_Thing):
    """A container with data: parts after birth, contents, no rename."""

    kind = "mem_box"
    schema: ClassVar[Mapping[str, Any]] = {
        "type": "object", "additionalProperties": False,
        "properties": {
            "locked": {"type": "boolean", "default": True, "description": "Whether it is locked."},
            "size": {"type": "integer", "description": "How much goes in."},
            "color": _text("What it looks like for ever."), "tags": _TAGS,
        },
    }  # fmt: skip
    parts: ClassVar[tuple[Part, ...]] = (
        Part("lock", ("locked",)),
        Part("size", ("size",)),
        Part("tags", ("tags",), at_birth=True),
    )
    immutable = frozenset({"color"})
    marker = "tags"
    data_bearing = True
    undelete = "lossy"

    def contents(self, ref: Ref) -> list[Inside]:
        def inside() -> list[Inside]:
            things = [seen.ref for seen in self.session.objects.values() if _id(seen.ref.parent) == ref.id]
            return [Inside(thing.kind, thing.name, goes_with_it=True) for thing in things]

        found: list[Inside] = self._call("contents", ref.name, inside)
        return found


class Shelf(_Thing):
    """A definition in a box: renamed in place, refers to other things by id and in text, folded names."""

    kind = "mem_shelf"
    name_rule = replace(RULE, fold="lower", unique="parent", unique_fold="lower")
    parent = "box"
    schema: ClassVar[Mapping[str, Any]] = {
        "type": "object", "additionalProperties": False, "required": ["box"],
        "properties": {
            "box": _text("The box that it is in.", **{"x-dpn-ref": {"kinds": ["mem_box"], "use": "name"}}),
            "note": _text("What is written on it."),
            "beside": _text("Its neighbour.", **{"x-dpn-ref": {"kinds": ["mem_shelf", "mem_robot"], "use": "id"}}),
        },
    }  # fmt: skip
    parts: ClassVar[tuple[Part, ...]] = (Part("definition", ("note", "beside"), at_birth=True),)
    marker = "properties"
    rename_how = "in_place"
    undelete = "yes"

    def rename(self, ref: Ref, name: str) -> Ref:
        def work() -> Ref:
            seen = self._must(ref)
            if self._at(Ref(self.kind, name, parent=ref.parent)):
                raise CloudError("AlreadyExists")
            self._save(replace(seen, ref=replace(seen.ref, name=name)))
            return replace(seen.ref, name=name)

        renamed: Ref = self._call("rename", ref.name, work)
        return renamed


class Robot(_Thing):
    """A thing whose name is no identity, that takes time to be ready, and can be archived."""

    kind = "mem_robot"
    name_rule = replace(RULE, unique="none")
    schema: ClassVar[Mapping[str, Any]] = {
        "type": "object", "additionalProperties": False,
        "properties": {
            "job": _text("What it does."), "tags": _TAGS,
            "broken": {"type": "boolean", "description": "Whether it never gets ready."},
        },
    }  # fmt: skip
    parts: ClassVar[tuple[Part, ...]] = (Part("job", ("job", "broken", "tags"), at_birth=True),)
    marker = "tags"
    undelete = "yes"

    def _created(self, want: Want) -> Ref:
        ref = super()._created(want)
        self._save(replace(self._must(ref), status="starting"))
        return ref

    def _must(self, ref: Ref) -> Observed:
        return self.session.objects.get((self.kind, ref.id or "")) or super()._must(ref)

    def find(self, want: Want) -> list[Observed]:
        every = self.session.objects

        def found() -> list[Observed]:
            return [seen for seen in every.values() if seen.ref.kind == self.kind and seen.ref.name == want.name]

        return list(self._call("find", want.name, found))

    def _at(self, ref: Ref) -> Observed | None:
        return self.session.objects.get((self.kind, ref.id or ""))

    def ready(self, ref: Ref) -> Ready | Wait | Broken:
        seen = self._must(ref)
        if seen.spec.get("broken"):
            return Broken("it says broken")
        if seen.status == "starting":
            self._save(replace(seen, status="ok"))
            return Wait(5)
        return Ready()

    def archive(self, ref: Ref) -> None:
        self._call("archive", ref.name, lambda: self._save(replace(self._must(ref), status="archived")))

    def restore(self, ref: Ref) -> None:
        self._call("restore", ref.name, lambda: self._save(replace(self._must(ref), status="ok")))


class Label(NamedKind):
    """A kind that is only named."""

    kind = "mem_label"
    name_rule = RULE
    default_pattern = "{project}-{purpose}"
    variables: ClassVar[Mapping[str, Variable]] = {"purpose": Variable("What it is for.")}
