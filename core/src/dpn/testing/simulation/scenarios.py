"""What is simulated: each kind of habit with each thing that can be done to it, and estates in which they meet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

from dpn.canonical import canonical
from dpn.model import Marker, Observed, Ref, Resource, address_hash
from dpn.references import in_text
from dpn.testing.simulation.machine import Machine
from dpn.testing.simulation.scenario import THEIRS, Scenario, kinds_of_the_lab

_SETTINGS = ("protect", "on_delete", "existing", "id", "was")


def thing(address: str, name: str = "", **spec: Any) -> Resource:
    """Give a resource of the simulated cloud, as a blueprint would lead to it."""
    info = kinds_of_the_lab()[address.partition(".")[0]]
    settings = {key: spec.pop(key) for key in _SETTINGS if key in spec}
    full = canonical(spec, info)
    found = [ref for value in full.values() if isinstance(value, str) for ref in in_text(value)]
    targets = sorted({ref.target for ref in found if ref.scheme == "resource"})
    parent = in_text(full[info.parent])[0].target if info.parent and info.parent in full else None
    name = name or address.partition(".")[2]
    return Resource(address, info.kind, name, full, "mem", tuple(targets), parent, **settings)


def changed(one: Resource, name: str = "", **spec: Any) -> Resource:
    """Give a resource with another spec, or another name."""
    return replace(one, name=name or one.name, spec={**one.spec, **spec})


@cache
def scenarios() -> dict[str, Scenario]:
    """Give all scenarios by name."""
    made = [*_of_each_kind(), *_lagging(), *_estates(), *_handed_on(), *_with_strangers()]
    return {scenario.name: scenario for scenario in made}


# what the things are ----------------------------------------------------------------------------------------------

BOX = thing("mem_box.a", "box-a", size=3, tags={"team": "x"})
SHELF = thing("mem_shelf.s", "shelf-s", box="${mem_box.a}", note="in ${mem_box.a}, costs $${5} {braces}")
NEXT = thing("mem_shelf.n", "shelf-n", box="${mem_box.a}", beside="${mem_shelf.s}")
ROBOT = thing("mem_robot.r", "robot", job="${mem_shelf.s}")
LONE_ROBOT = thing("mem_robot.r", "robot", job="sort")
CRATE = thing("mem_crate.c", "crate-c", size=1, color="blue")
ROOM = thing("mem_room.m", "room-m", size=1)
DESK = thing("mem_desk.d", "desk-d", room="${mem_room.m}", note="in ${mem_room.m}")
DRONE = thing("mem_drone.d", "drone", job="fly")
RIG = thing("mem_rig.r", "rig-a", job="dig")
BAG = thing("mem_bag.b", "bag-b", size=1)
JAR = thing("mem_jar.j", "jar-j", size=1)
VAULT = thing("mem_vault.v", "vault-v", size=1, pin="1234")
TOLD = thing("mem_robot.t", "told", job="${mem_vault.v.door}: ${mem_shelf.s.note}")
GUIDE = thing("mem_robot.g", "guide", job="${mem_desk.d.full_name} of ${mem_room.m.full_name}")
PASS = thing("mem_pass.ada", "ada", box="${mem_box.a}", holder="ada", rights=["read", "write"])
GUEST = thing("mem_pass.bob", "bob", box="${mem_box.a}", holder="bob", rights=["read"])
OWNER = changed(PASS, rights=["own", "read"])
RED = changed(BOX, color="red")

_ALONE: tuple[tuple[str, tuple[Resource, ...], Resource], ...] = (
    ("a box", (), BOX), ("a shelf", (BOX,), SHELF), ("a robot", (), LONE_ROBOT), ("a crate", (), CRATE),
    ("a room", (), ROOM), ("a desk", (ROOM,), DESK), ("a drone", (), DRONE), ("a rig", (), RIG), ("a jar", (), JAR),
    ("a pass", (BOX,), PASS),
)  # fmt: skip
"""Each kind with what it stands in."""

_NEW_SPEC: dict[str, dict[str, Any]] = {
    "mem_box": {"size": 9, "locked": False}, "mem_shelf": {"note": "new"}, "mem_robot": {"job": "rest"},
    "mem_crate": {"size": 2}, "mem_room": {"size": 2}, "mem_desk": {"note": "new"}, "mem_drone": {"job": "land"},
    "mem_rig": {"job": "dig deeper"}, "mem_jar": {"size": 2}, "mem_pass": {"rights": ["own", "read"]},
}  # fmt: skip
_COLORED = ("mem_box", "mem_crate", "mem_room", "mem_jar")
_RENAMED = ("mem_shelf", "mem_room", "mem_desk", "mem_rig")
_ARCHIVED = ("mem_robot", "mem_drone", "mem_rig")


def _of_each_kind() -> Iterator[Scenario]:
    for name, inside, one in _ALONE:
        other = changed(one, **_NEW_SPEC[one.kind])
        yield Scenario(f"create {name}", inside, (*inside, one))
        yield Scenario(f"delete {name}", (*inside, one), inside)
        yield Scenario(f"change {name}", (*inside, one), (*inside, other))
        if one.kind in _COLORED:
            yield Scenario(f"replace {name}", (*inside, one), (*inside, changed(one, color="green")))
        if one.kind in _RENAMED:
            yield Scenario(f"rename {name}", (*inside, one), (*inside, changed(one, "renamed")))
            yield Scenario(f"rename and change {name}", (*inside, one), (*inside, changed(other, "renamed")))
        if one.kind in _ARCHIVED:
            yield Scenario(f"archive {name}", (*inside, replace(one, on_delete="archive"), BOX), (BOX,))
        if one.kind != "mem_pass" and kinds_of_the_lab()[one.kind].name_rule.unique != "none":
            lost = Marker("lab--dev", address_hash(one.address), "lost")
            yield Scenario(f"adopt {name}", inside, (*inside, other), twist=_stands_there(one, lost), loose=(one.name,))


def _lagging() -> Iterator[Scenario]:
    for name, inside, one in _ALONE:
        if one.kind in ("mem_box", "mem_robot", "mem_crate"):
            yield Scenario(f"create {name} where looks lag", inside, (*inside, one), lag=2)
    yield Scenario("create with references where looks lag", (), (BOX, SHELF, ROBOT), lag=1)


def _estates() -> Iterator[Scenario]:
    """Yield what happens where things refer to each other."""
    other_robot = thing("mem_robot.r", "robot", job="${mem_shelf.n}")
    moved = replace(CRATE, address="mem_crate.moved", was="mem_crate.c", spec={**CRATE.spec, "size": 5})
    yield Scenario("create with references", (), (BOX, SHELF, NEXT, ROBOT))
    yield Scenario("delete with references", (BOX, SHELF, NEXT, ROBOT), ())
    yield Scenario("replace a parent and its children", (BOX, SHELF, NEXT, ROBOT), (RED, SHELF, NEXT, other_robot))
    yield Scenario("one goes, one comes", (BOX, LONE_ROBOT), (BOX, CRATE))
    yield Scenario(
        "rename a parent, change a child",
        (ROOM, DESK),
        (changed(ROOM, "room-z"), changed(DESK, "desk-z", note="new"), CRATE),
    )
    yield Scenario(
        "rename a parent, replace a child", (ROOM, BOX, DESK, SHELF),
        (changed(ROOM, "room-z", size=9), BOX, thing("mem_desk.e", "desk-e", room="${mem_room.m}")),
    )  # fmt: skip
    yield Scenario(
        "keep, archive, move", (replace(BOX, on_delete="keep"), replace(LONE_ROBOT, on_delete="archive"), CRATE),
        (moved, ROOM), loose=("box-a",),
    )  # fmt: skip
    yield Scenario("change what others need", (BOX, SHELF), (changed(BOX, size=8), changed(SHELF, note="new"), CRATE))
    yield Scenario("slow deletes", (DRONE, BOX), (CRATE,))
    yield Scenario("replace what shares are in", (BOX, PASS, GUEST), (RED, OWNER, GUEST, CRATE))
    yield Scenario("replace a share", (BOX, PASS), (BOX, changed(PASS, "cleo", holder="cleo")), twist=_others_share)
    yield Scenario("share with others", (BOX, PASS), (BOX, OWNER, GUEST, CRATE), twist=_others_share)
    yield Scenario("leave what others share", (BOX, PASS, GUEST), (BOX, CRATE), twist=_others_share)
    yield Scenario("drop and create", (JAR, BOX), (CRATE,))
    yield Scenario("use what others tell", (), (VAULT, BOX, SHELF, TOLD))
    yield Scenario(
        "replace what tells others", (VAULT, BOX, SHELF, TOLD), (changed(VAULT, color="red"), BOX, SHELF, TOLD)
    )
    yield Scenario("use full names", (), (ROOM, DESK, GUIDE))
    yield Scenario("change full names", (ROOM, DESK, GUIDE), (changed(ROOM, "room-z"), DESK, GUIDE, CRATE))
    yield Scenario("nothing to do", (BOX, SHELF), (BOX, SHELF))
    yield Scenario(
        "replace a crate under a new name", (CRATE,), (changed(CRATE, "crate-z"),), replaced=("mem_crate.c",)
    )


def _handed_on() -> Iterator[Scenario]:
    """Yield what happens where a name passes from one thing to another."""
    other, third = thing("mem_room.o", "room-o"), thing("mem_room.t", ROOM.name)
    yield Scenario("hand names on", (ROOM, other), (changed(ROOM, "room-o"), changed(other, "room-p"), third))
    crate = thing("mem_crate.d", "crate-d", size=7)
    yield Scenario(
        "hand names on by replaces", (CRATE, crate), (changed(CRATE, "crate-d"), changed(crate, CRATE.name)),
        replaced=("mem_crate.c", "mem_crate.d"),
    )  # fmt: skip


def _with_strangers() -> Iterator[Scenario]:
    """Yield what happens where others were at work before or after it was planned."""
    inside = replace(SHELF, parent="mem_box.a")
    yield Scenario(
        "under an existing parent", (), (replace(BOX, existing=True), inside, ROBOT), twist=_stands_there(BOX)
    )
    yield Scenario("create what is gone", (CRATE, BOX), (CRATE, BOX, ROOM), twist=_gone, loose=("crate-c",))
    yield Scenario("delete what is gone", (CRATE, BOX), (ROOM,), twist=_gone, loose=("crate-c",))
    for name, around, one in _ALONE:
        if one.kind in ("mem_box", "mem_crate", "mem_jar", "mem_shelf"):
            named, taken = f"create {name} whose name is taken just then", ((1, _stands_there(one, THEIRS)),)
            yield Scenario(named, around, (*around, one), moments=taken, ends="rolled_back")
    yield _taken_over("delete what others took over", 0, (CRATE, ROOM), (ROOM,))
    yield _taken_over("others take over what was made", 4, (), (CRATE, DESK, ROOM))


def _taken_over(name: str, call: int, before: tuple[Resource, ...], after: tuple[Resource, ...]) -> Scenario:
    return Scenario(name, before, after, moments=((call, _usurp),), loose=("crate-c",), ends="rolled_back")


# what others do ---------------------------------------------------------------------------------------------------


def _stands_there(one: Resource, marker: Marker | None = None) -> Callable[[Machine], None]:
    """Let somebody else have made a thing of that name."""

    def act(machine: Machine) -> None:
        inside = one.parent.partition(".")[0] if one.parent else ""
        ours = [seen.ref for seen in machine.cloud.objects.values() if seen.marker and seen.marker.stack == "lab--dev"]
        parent = next((ref for ref in ours if ref.kind == inside), None)
        by_name = one.kind == "mem_crate"  # its name is its identity
        ref = Ref(one.kind, one.name, one.name if by_name else "found", parent)
        spec = {key: value for key, value in one.spec.items() if key not in ("box", "room")}
        seen = Observed(ref, spec, marker, "1" if by_name else None)
        if marker and marker.stack == "lab--dev":
            machine.cloud.objects[ref.kind, ref.id or ""] = seen
        else:
            machine.cloud.by_stranger(seen)

    return act


def _usurp(machine: Machine) -> None:
    """Let somebody delete the crate and make one of that name, which is its identity; its version is its own."""
    _gone(machine)
    machine.cloud.by_stranger(Observed(Ref("mem_crate", "crate-c", "crate-c"), {"size": 7}, THEIRS, "90"))


def _gone(machine: Machine) -> None:
    machine.cloud.objects = {key: seen for key, seen in machine.cloud.objects.items() if seen.ref.name != "crate-c"}


def _others_share(machine: Machine) -> None:
    for key, seen in machine.cloud.objects.items():
        if seen.ref.kind == "mem_pass" and seen.marker is None:
            rights = ["own", *seen.spec["rights"]]
            machine.cloud.objects[key] = replace(seen, spec={**seen.spec, "rights": rights})
