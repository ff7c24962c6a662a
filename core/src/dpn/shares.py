"""What of a shared thing is ours: sets by field, and what a change adds and takes away. Pure.

Others add to the same object: a grant of SELECT to a group may stand beside our grant of MODIFY. So a stack remembers
its share, which is what it found absent and put there, and takes away nothing else, ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from dpn.model import Observed, Ref, Resource, Spec
from dpn.provider import KindInfo

Sets = Mapping[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Bring:
    """What one step does to a shared object: what it adds and removes, and what of it is our share then."""

    added: Sets
    removed: Sets
    share: Sets

    def entry(self) -> dict[str, Any]:
        """Give it as the journal keeps it."""
        return {"added": dict(self.added), "removed": dict(self.removed), "share": dict(self.share)}


def fields(info: KindInfo) -> tuple[str, ...]:
    """Give the fields that hold sets: those of the parts."""
    return tuple(name for part in info.parts for name in part.fields)


def bring(info: KindInfo, want: Spec, seen: Observed | None, share: Sets) -> Bring:
    """Give what brings about `want`, where `share` of what is `seen` is ours: others' stays."""
    there = seen.spec if seen else {}
    added, removed, ours = {}, {}, {}
    for name in fields(info):
        wanted, found, had = _set(want, name), _set(there, name), _set(share, name)
        added[name] = _without(wanted, found)
        removed[name] = [one for one in _without(had, wanted) if one in found]
        ours[name] = [one for one in wanted if one in had or one not in found]
    return Bring(added, removed, ours)


def kept(share: Sets, want: Spec) -> dict[str, list[Any]]:
    """Give what stays our share where nothing is sent: what is not wanted any more is nobody's of ours."""
    return {name: [one for one in items if one in _set(want, name)] for name, items in share.items()}


def ours(seen: Observed | None, share: Sets) -> dict[str, list[Any]]:
    """Give what of our share is there."""
    there = seen.spec if seen else {}
    return {name: [one for one in items if one in _set(there, name)] for name, items in share.items()}


def target(spec: Spec, added: Sets, removed: Sets) -> dict[str, Any]:
    """Give the whole content after something was added and removed; what is emptied is absent."""
    out = dict(spec)
    for name in {*added, *removed}:
        out[name] = sorted({*_without(_set(spec, name), removed.get(name, ())), *added.get(name, ())})
    return {name: value for name, value in out.items() if value != []}


def differs(info: KindInfo, want: Resource, share: Sets, seen: Observed) -> dict[str, tuple[list[Any], list[Any]]]:
    """Give, by field, the whole content before and after, where a change has something to send."""
    doing = bring(info, want.spec, seen, share)
    after = target(seen.spec, doing.added, doing.removed)
    return {
        name: (sorted(_set(seen.spec, name)), _set(after, name))
        for name in fields(info)
        if doing.added[name] or doing.removed[name]
    }


def empty(kind: str, name: str, parent: Ref | None) -> Observed:
    """Give how a shared object looks in which nobody has a share."""
    return Observed(Ref(kind, name, parent=parent), {})


def restricted(seen: Observed, share: Sets) -> Observed:
    """Give an object as if it held our share only: what a delete is to take away."""
    return replace(seen, spec={**seen.spec, **ours(seen, share)})


def _set(spec: Spec, name: str) -> list[Any]:
    return list(spec.get(name) or ())


def _without(items: Iterable[Any], others: Iterable[Any]) -> list[Any]:
    apart = list(others)
    return [one for one in items if one not in apart]
