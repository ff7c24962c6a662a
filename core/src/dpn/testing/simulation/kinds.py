"""Kinds with the habits that real ones have: names as identity, locks, slow deletes, restarts, shares, a bin."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, ClassVar

from dpn import hookimpl
from dpn.model import Observed, Ref, Want
from dpn.provider import Part, Provider
from dpn.testing.memory import Box, CloudError, MemoryPlugin, Robot, Shelf, provider
from dpn.testing.simulation.cloud import SimCloud


class Crate(Box):
    """Its name is its identity, and it has an optimistic lock: like a bucket."""

    kind = "mem_crate"

    def _created(self, want: Want) -> Ref:
        ref = super()._created(want)
        seen = self.session.objects.pop((self.kind, ref.id or ""))
        named = replace(ref, id=want.name)
        self._save(replace(seen, ref=named, version="1"))
        return named

    def put(self, ref: Ref, part: str, want: Want, seen: Observed) -> None:
        def work() -> None:
            now = self._must(ref)
            if now.version != seen.version:
                raise CloudError("VersionMismatch")
            self._put(ref, part, want)
            self._save(replace(self._must(ref), version=str(int(now.version or 0) + 1)))

        self._call("put", ref.name, work)

    def delete(self, ref: Ref, seen: Observed) -> None:
        def work() -> None:
            now = self._at(ref)
            if now and now.version != seen.version:
                raise CloudError("VersionMismatch")
            self.session.objects.pop((self.kind, ref.id or ""), None)

        self._call("delete", ref.name, work)


class Bag(Box):
    """It can carry no marker."""

    kind = "mem_bag"
    marker = "none"  # type: ignore[assignment]  # of its class variable mypy has inferred the one value

    def _save(self, seen: Observed) -> None:
        super()._save(replace(seen, marker=None))

    def _created(self, want: Want) -> Ref:
        ref = super()._created(want)
        self._save(self._must(ref))
        return ref


class Room(Box):
    """A container that can be renamed."""

    kind = "mem_room"
    rename_how = "in_place"
    rename = Shelf.rename


class Desk(Shelf):
    """What stands in a room is reached by the room's name of this moment."""

    kind = "mem_desk"
    parent = "room"
    schema: ClassVar[Mapping[str, Any]] = {
        **Shelf.schema, "required": ["room"],
        "properties": {
            **{key: value for key, value in Shelf.schema["properties"].items() if key != "box"},
            "room": {"type": "string", "x-dpn-ref": {"kinds": ["mem_room"], "use": "name"}},
        },
    }  # fmt: skip

    def _at(self, ref: Ref) -> Observed | None:
        return super()._at(ref) if self._reached(ref.parent) else None

    def _created(self, want: Want) -> Ref:
        if not self._reached(want.parent):
            raise CloudError("ParentNotFound")
        return super()._created(want)

    def _reached(self, parent: Ref | None) -> bool:
        room = self.session.objects.get(("mem_room", (parent.id if parent else "") or ""))
        return bool(parent and room and room.ref.name == parent.name)


class Drone(Robot):
    """It takes three looks until it is gone, and is there meanwhile."""

    kind = "mem_drone"
    slow_delete = True
    deadline = 40

    def delete(self, ref: Ref, seen: Observed) -> None:
        def work() -> None:
            if now := self._at(ref):
                self._save(replace(now, extra={"left": now.extra.get("left", 3)}))

        self._call("delete", ref.name, work)

    def read(self, ref: Ref) -> Observed | None:
        seen = super().read(ref)
        if seen and "left" in seen.extra:
            if not seen.extra["left"]:
                del self.session.objects[self.kind, ref.id or ""]
                return None
            self._save(replace(seen, extra={"left": seen.extra["left"] - 1}))
        return seen


class Rig(Robot):
    """Each write restarts it, and while it restarts it takes no other."""

    kind = "mem_rig"
    parts: ClassVar[tuple[Part, ...]] = (Part("job", ("job", "broken", "tags"), at_birth=True, settles=True),)
    rename_how = "in_place"

    def put(self, ref: Ref, part: str, want: Want, seen: Observed) -> None:
        self._call("put", ref.name, lambda: self._restarted(ref, lambda: self._put(ref, part, want)))

    def rename(self, ref: Ref, name: str) -> Ref:
        def work() -> None:
            seen = self._must(ref)
            self._save(replace(seen, ref=replace(seen.ref, name=name)))

        self._call("rename", ref.name, lambda: self._restarted(ref, work))
        return replace(ref, name=name)

    def _restarted(self, ref: Ref, work: Callable[[], None]) -> None:
        if self._must(ref).status != "ok":
            raise CloudError("Busy")
        work()
        self._save(replace(self._must(ref), status="starting"))


class Pass(Shelf):
    """The rights of a holder in a box: others add to them, and there is one only while there are rights."""

    kind = "mem_pass"
    name_rule = replace(Box.name_rule, unique="parent", fold="none")
    ownership = "shared"
    named_by = "holder"
    default_pattern = ""
    schema: ClassVar[Mapping[str, Any]] = {
        "type": "object", "additionalProperties": False, "required": ["box", "holder", "rights"],
        "properties": {
            "box": Shelf.schema["properties"]["box"], "holder": {"type": "string"},
            "rights": {"type": "array", "items": {"type": "string"}},
        },
    }  # fmt: skip
    parts: ClassVar[tuple[Part, ...]] = (Part("rights", ("rights",), at_birth=True),)
    immutable = frozenset({"holder"})
    unordered = frozenset({"rights"})
    marker = "none"  # type: ignore[assignment]  # as in Bag
    rename_how = "impossible"  # type: ignore[assignment]  # as in Bag

    def create(self, want: Want) -> Ref:
        ref = Ref(self.kind, want.name, f"{want.parent and want.parent.id}:{want.name}", want.parent)
        self._call("create", want.name, lambda: self._change(ref, want.spec["rights"], ()))
        return ref

    def put(self, ref: Ref, part: str, want: Want, seen: Observed) -> None:
        now, then = set(seen.spec.get("rights", ())), set(want.spec.get("rights", ()))
        self._call("put", ref.name, lambda: self._change(self._key(ref), then - now, now - then))

    def delete(self, ref: Ref, seen: Observed) -> None:
        self._call("delete", ref.name, lambda: self._change(self._key(ref), (), seen.spec["rights"]))

    def _key(self, ref: Ref) -> Ref:
        return replace(ref, id=f"{ref.parent and ref.parent.id}:{ref.name}")

    def _at(self, ref: Ref) -> Observed | None:
        return self.session.objects.get((self.kind, self._key(ref).id or ""))

    def _change(self, ref: Ref, add: Iterable[str], remove: Iterable[str]) -> None:
        seen = self._at(ref)
        rights = {*(seen.spec["rights"] if seen else ()), *add} - set(remove)
        self.session.objects.pop((self.kind, ref.id or ""), None)
        if rights:
            self._save(Observed(ref, {"holder": ref.name, "rights": sorted(rights)}))


class Jar(Box):
    """What is deleted is kept for a while, until somebody empties the bin."""

    session: SimCloud
    kind = "mem_jar"

    def delete(self, ref: Ref, seen: Observed) -> None:
        def work() -> None:
            if now := self.session.objects.pop((self.kind, ref.id or ""), None):
                self.session.bin[ref.id or ""] = now

        self._call("delete", ref.name, work)

    def undrop(self, ref: Ref) -> Ref | None:
        def work() -> Ref | None:
            if now := self.session.bin.pop(ref.id or "", None):
                self._save(now)
            named = (seen.ref for (kind, _), seen in self.session.objects.items() if kind == self.kind)
            return next((one for one in named if one.name == ref.name), None)  # it goes by the name

        found: Ref | None = self._call("undrop", ref.name, work)
        return found


class Vault(Box):
    """The cloud alone says which door it has, and nobody says its pin."""

    kind = "mem_vault"
    schema: ClassVar[Mapping[str, Any]] = {
        **Box.schema, "properties": {
            **Box.schema["properties"], "door": {"type": "string"}, "pin": {"type": "string"},
        },
    }  # fmt: skip
    parts: ClassVar[tuple[Part, ...]] = (*Box.parts, Part("pin", ("pin",), at_birth=True))
    computed = frozenset({"door"})
    sensitive = frozenset({"pin"})

    def _save(self, seen: Observed) -> None:
        super()._save(replace(seen, spec={**seen.spec, "door": f"door of {seen.ref.name}"}))

    def _created(self, want: Want) -> Ref:
        ref = super()._created(want)
        self._save(self._must(ref))
        return ref


class SimPlugin(MemoryPlugin):
    """The memory provider with the odd kinds."""

    @hookimpl
    def dpn_providers(self) -> list[Provider]:
        made = provider(self.cloud)
        return [replace(made, kinds=(*made.kinds, Crate, Bag, Room, Desk, Drone, Rig, Pass, Jar, Vault))]
