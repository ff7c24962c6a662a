"""A scenario: what is there before, what is wanted, and what strangers do meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

from dpn import plan as planning
from dpn import resolve
from dpn.engine.moves import moved
from dpn.extensions import Snapshot
from dpn.model import Marker, Observed, Plan, Problem, Record, Resource
from dpn.plugins import load
from dpn.provider import KindInfo
from dpn.testing.simulation.kinds import SimPlugin
from dpn.testing.simulation.machine import Machine

Objects: TypeAlias = Mapping[tuple[str, str], Observed]
Twist: TypeAlias = Callable[[Machine], None]

THEIRS = Marker("other--prod", "theiraddr", "theirop")


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is there before and what is wanted; what strangers do: the `twist` before it is planned, `moments` later.

    moments: what they do just before the call with that number of the first process. ends: how it ends undisturbed.
    lag: how many looks do not see what was created. loose: names of what has an object and no record, or the other way
    round, because the scenario says so. replaced: addresses that are made anew.
    """

    name: str
    before: tuple[Resource, ...]
    after: tuple[Resource, ...]
    twist: Twist | None = None
    moments: tuple[tuple[int, Twist], ...] = ()
    ends: str = "done"
    lag: int = 0
    loose: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()


def planned(
    wanted: Iterable[Resource], snapshot: Snapshot, objects: Objects, replaced: Iterable[str] = ()
) -> tuple[Plan, list[Problem]]:
    """Plan as the product does, over what is recorded and what is in the cloud."""
    resources, kinds = tuple(wanted), kinds_of_the_lab()
    moves = resolve.moves(resources, snapshot.records)
    records = moved(snapshot.records, moves)
    inputs = planning.Inputs(
        snapshot.stack, "dev", kinds, resources, records, _observed(resources, records, kinds, objects),
        snapshot.serial, snapshot.lineage, replaced=frozenset(replaced), moves=moves,
    )  # fmt: skip
    return planning.make(inputs)


def _observed(
    resources: Iterable[Resource], records: Mapping[str, Record], kinds: Mapping[str, KindInfo], objects: Objects
) -> dict[str, Observed | None]:
    """Look at everything, without faults: by id what is recorded, else by name where that is an identity."""
    named: dict[str, Any] = {resource.address: resource for resource in resources}
    out: dict[str, Observed | None] = {}
    for address in sorted({*named, *records}):
        record = records.get(address)
        thing = record or named[address]
        known = record is not None or kinds[thing.kind].name_rule.unique != "none"
        there = objects.values() if known else ()
        out[address] = next((seen for seen in there if _is(seen, thing, record)), None)
    return out


def _is(seen: Observed, thing: Any, record: Record | None) -> bool:
    if seen.ref.kind != thing.kind:
        return False
    return seen.ref.id == record.id if record else seen.ref.name == thing.name


@cache
def kinds_of_the_lab() -> Mapping[str, KindInfo]:
    """Give the kinds, for those who write scenarios."""
    return load(objects=[SimPlugin()]).kinds
