"""What must hold when all is settled: state and cloud agree, nothing of ours is left, nothing of others is gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from dpn.extensions import Snapshot
from dpn.model import Marker, Observed
from dpn.provider import KindInfo
from dpn.testing.simulation.driver import Violation

Objects = Mapping[tuple[str, str], Observed]


@dataclass(frozen=True, slots=True)
class View:
    """State and cloud as far as they must be the same after an undo: ids stand as what they lead to."""

    objects: frozenset[tuple[str, ...]]
    records: Mapping[str, Any]

    def beside(self, other: View) -> str:
        """Say what this has and the other has not, and the other way round."""
        mine, theirs = self._lines(), other._lines()
        return "\n".join(
            [*(f"        has {line}" for line in mine - theirs), *(f"      lacks {line}" for line in theirs - mine)]
        )

    def _lines(self) -> set[str]:
        return {*map(str, self.objects), *map(str, self.records.values())}


def view(snapshot: Snapshot, objects: Objects, theirs: Objects, ignored: Iterable[str] = ()) -> View:
    """Look at a stack and its cloud, without operation ids, strangers' things and the names in `ignored`.

    An id that leads nowhere stays as it is, so that a reference to what was made again is seen to dangle.
    """
    things = {seen.ref.id or "": f"{seen.ref.kind} {seen.ref.name}" for seen in objects.values()}
    shown = frozenset(
        (
            seen.ref.kind, seen.ref.name, things.get(seen.ref.parent.id or "", "gone") if seen.ref.parent else "",
            repr(_led(seen.spec, things)), _whose(seen.marker), seen.status.replace("starting", "ok"),
        )
        for key, seen in objects.items()
        if key not in theirs and seen.ref.name not in ignored
        and "left" not in seen.extra  # the cloud is about to delete it
    )  # fmt: skip
    records = {
        address: replace(record, id=_led(record.id, things), op="", bound=_led(record.bound, things))
        for address, record in snapshot.records.items()
    }
    return View(shown, records)


def _whose(marker: Marker | None) -> str:
    return marker.stack if marker else ""


def _led(value: Any, things: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return things.get(value, value)
    if isinstance(value, Mapping):
        return {key: _led(item, things) for key, item in sorted(value.items())}
    return value


def same_names(snapshot: Snapshot, objects: Objects, loose: Iterable[str] = ()) -> None:
    """Refuse a thing that has another name than its record. The names in `loose` are not looked at."""
    for record in snapshot.records.values():
        seen = objects.get((record.kind, record.id or ""))
        if seen and seen.ref.name != record.name and record.name not in loose:
            raise Violation(f"wrong name: {record.address} is {seen.ref.name}, recorded as {record.name}")


def agree(snapshot: Snapshot, objects: Objects, kinds: Mapping[str, KindInfo], loose: Iterable[str] = ()) -> None:
    """Refuse a record without its object or with another's. The names in `loose` are not looked at."""
    same_names(snapshot, objects, loose)
    for problem in _disagreements(snapshot, objects, kinds, set(loose)):
        raise Violation(problem)


def no_orphans(snapshot: Snapshot, objects: Objects, loose: Iterable[str] = ()) -> None:
    """Refuse an object of ours that nobody has recorded, a second one for one record among them.

    What the cloud is about to delete needs nobody any more.
    """
    ours = snapshot.stack.replace(".", "--")
    recorded = {(record.kind, record.id or "") for record in snapshot.records.values()}
    for key, seen in objects.items():
        mine = seen.marker and seen.marker.stack == ours and "left" not in seen.extra
        if mine and key not in recorded and seen.ref.name not in loose:
            raise Violation(f"orphan: {seen.ref.kind} {seen.ref.name} ({seen.ref.id}) is ours and nobody recorded it")


def _disagreements(
    snapshot: Snapshot, objects: Objects, kinds: Mapping[str, KindInfo], loose: set[str]
) -> Iterator[str]:
    for record in snapshot.records.values():
        seen = objects.get((record.kind, record.id or ""))
        if record.name in loose:
            continue
        if seen is None:
            yield f"lost: {record.address} is recorded as {record.id} and has no object"
        elif kinds[record.kind].marker != "none" and (seen.marker is None or seen.marker.op != record.op):
            yield f"not marked: {record.address} carries {seen.marker}, recorded is {record.op}"


def untouched(theirs: Objects, now: Objects) -> None:
    """Refuse that a thing of others is gone or changed."""
    for key, seen in theirs.items():
        if now.get(key) != seen:
            raise Violation(f"foreign: {seen.ref.kind} {seen.ref.name} of others is {now.get(key)}")
