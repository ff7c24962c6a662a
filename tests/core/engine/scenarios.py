"""What the searches run over: what is there before, what is wanted, and a twist that a stranger gives it in between."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from dpn.model import Observed, Ref

sys.path.insert(0, str(Path(__file__).parent))
from bench import Bench, resource

BOX = resource("mem_box.a", "box-a", size=3, tags={"team": "x"})
SHELF = resource("mem_shelf.s", "shelf-s", box="${mem_box.a}", note="in ${mem_box.a}, costs $${5} {braces}")
NEXT = resource("mem_shelf.n", "shelf-n", box="${mem_box.a}", beside="${mem_shelf.s}")
ROBOT = resource("mem_robot.r", "robot", job="${mem_shelf.s}")
CRATE = resource("mem_crate.c", "crate-c", size=1, color="blue")
ROOM = resource("mem_room.m", "room-m", size=1)
DESK = resource("mem_desk.d", "desk-d", room="${mem_room.m}", note="in ${mem_room.m}")
OTHER_DESK = resource("mem_desk.e", "desk-e", room="${mem_room.m}")
RED = replace(BOX, spec={**BOX.spec, "color": "red"})
DRONE = resource("mem_drone.d", "drone", job="fly")
BAG = resource("mem_bag.b", "bag-b", size=1)
RIG = resource("mem_rig.r", "rig-a", job="dig")
PASS = resource("mem_pass.ada", "ada", box="${mem_box.a}", holder="ada", rights=["read", "write"])
OWNER = replace(PASS, spec={**PASS.spec, "rights": ["own", "read"]})
GUEST = resource("mem_pass.bob", "bob", box="${mem_box.a}", holder="bob", rights=["read"])
JAR = resource("mem_jar.j", "jar-j", size=1)


def _gone(bench: Bench) -> None:
    bench.cloud.objects = {key: seen for key, seen in bench.cloud.objects.items() if seen.ref.kind != "mem_crate"}


def _existing(bench: Bench) -> None:
    bench.cloud.objects["mem_box", "theirs"] = Observed(Ref("mem_box", "box-a", "theirs"), {"size": 3})


def _others(bench: Bench) -> None:
    for key, seen in bench.cloud.objects.items():
        if seen.ref.kind == "mem_pass":
            bench.cloud.objects[key] = replace(seen, spec={**seen.spec, "rights": ["own", *seen.spec["rights"]]})


LOOSE = {"create what is gone": ("crate-c",), "delete what is gone": ("crate-c",), "keep, archive, move": ("box-a",)}
"""What a record has no object for, or an object no record, because the scenario says so."""

Twist = Callable[[Bench], None] | None
SCENARIOS: dict[str, tuple[tuple[Any, ...], tuple[Any, ...], Twist]] = {
    "create with references": ((), (BOX, SHELF, NEXT, ROBOT), None),
    "crate": ((), (CRATE, BOX), None),
    "change a crate": ((CRATE,), (replace(CRATE, spec={**CRATE.spec, "size": 2, "locked": False}), BOX), None),
    "replace a crate": ((CRATE,), (replace(CRATE, spec={**CRATE.spec, "color": "red"}), BOX), None),
    "delete with references": ((BOX, SHELF, NEXT, ROBOT), (), None),
    "replace a parent and its children": (
        (BOX, SHELF, NEXT, ROBOT),
        (RED, SHELF, NEXT, resource("mem_robot.r", "robot", job="${mem_shelf.n}")),
        None,
    ),
    "rename a parent, change a child": (
        (ROOM, DESK),
        (replace(ROOM, name="room-z"), replace(DESK, name="desk-z", spec={**DESK.spec, "note": "new"}), CRATE),
        None,
    ),
    "rename a parent, replace a child": (
        (ROOM, BOX, DESK, SHELF),
        (replace(ROOM, name="room-z", spec={**ROOM.spec, "size": 9}), BOX, OTHER_DESK),
        None,
    ),
    "create what is gone": ((CRATE, BOX), (CRATE, BOX, ROOM), _gone),
    "delete what is gone": ((CRATE, BOX), (ROOM,), _gone),
    "slow deletes": ((DRONE, BOX), (CRATE,), None),
    "keep, archive, move": (
        (replace(BOX, on_delete="keep"), replace(ROBOT, spec={"job": "x"}, needs=(), on_delete="archive"), CRATE),
        (replace(CRATE, address="mem_crate.moved", was="mem_crate.c", spec={**CRATE.spec, "size": 5}), ROOM),
        None,
    ),
    "rename and change what restarts": (
        (RIG,), (replace(RIG, name="rig-z", spec={**RIG.spec, "job": "dig deeper"}), CRATE), None,
    ),
    "share with others": ((BOX, PASS), (BOX, OWNER, GUEST, CRATE), _others),
    "leave what others share": ((BOX, PASS, GUEST), (BOX, CRATE), _others),
    "replace a share": (
        (BOX, PASS),
        (BOX, replace(PASS, name="cleo", spec={**PASS.spec, "holder": "cleo"})),
        _others,
    ),
    "replace what shares are in": ((BOX, PASS, GUEST), (RED, OWNER, GUEST, CRATE), None),
    "bring back what was dropped": ((JAR, BOX), (CRATE,), None),
    "under an existing parent": (
        (),
        (replace(BOX, existing=True), replace(SHELF, parent="mem_box.a"), ROBOT),
        _existing,
    ),
}  # fmt: skip


__all__ = ["BAG", "BOX", "CRATE", "DESK", "DRONE", "LOOSE", "NEXT", "ROBOT", "ROOM", "SCENARIOS", "SHELF"]
