"""One kind and one sample: made, written and looked at as core does it, through the kind's public methods only."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dpn import codec
from dpn.canonical import canonical
from dpn.compare import diffs
from dpn.filling import escape
from dpn.marker import address_hash
from dpn.model import Diff, Marker, Observed, Record, Ref, Resource, Want
from dpn.naming import check
from dpn.offers import kind_info
from dpn.provider import Broken, Kind, KindInfo, NameRule, Ready
from dpn.world import World


@dataclass(frozen=True, slots=True)
class Sample:
    """What the suite makes of a kind, in the form that a blueprint has once its references are resolved.

    changed: the spec after an update that touches every part, and nothing that is immutable. parent: where the
    thing goes, for kinds with a parent; it must exist. region: for kinds that are placed by `Want.region`.
    """

    name: str
    spec: Mapping[str, Any]
    changed: Mapping[str, Any]
    parent: Ref | None = None
    region: str | None = None


def new_marker() -> Marker:
    """Give a marker that no other test has: the suite may run in an account where an earlier run left something."""
    return Marker("conformance--dev", address_hash("conformance.sample"), World().new_id())


@dataclass
class Trial:
    """What one test does with a kind. `sleep` is called with the seconds that `ready` asks for."""

    kind: Kind
    sample: Sample
    sleep: Callable[[float], None]
    marker: Marker = field(default_factory=new_marker)
    made: list[Ref] = field(default_factory=list)

    @property
    def info(self) -> KindInfo:
        """Give the data of the kind, as core reads it."""
        return kind_info(type(self.kind), self.kind.kind.partition("_")[0], "the plugin under test")

    @property
    def name(self) -> str:
        """Give the sample's name as the service stores it."""
        return self.kind.name_rule.canonical(self.sample.name)

    @property
    def has_marker(self) -> bool:
        """Tell whether the kind can carry a marker."""
        return self.kind.marker != "none"

    def want(self, spec: Mapping[str, Any] | None = None, marker: Marker | None = None) -> Want:
        """Give what core would ask for: canonical, without the parent's field, with the marker that the object has."""
        full = canonical(self.sample.spec if spec is None else spec, self.info)
        own = {name: value for name, value in full.items() if name != self.kind.parent}
        return Want(self.name, own, self.sample.parent, marker or self.marker, self.sample.region)

    def create(self, want: Want | None = None) -> Ref:
        """Create, wait until it is ready, and give the Ref."""
        ref = self.kind.create(want or self.want())
        self.made.append(ref)
        self.wait(ref)
        return ref

    def make(self) -> Ref:
        """Create, then put what the create does not set, as core does."""
        ref = self.create()
        wanted = self.want().spec
        for part in self.kind.parts:
            if not part.at_birth and set(part.fields) & set(wanted):
                self.put(ref, part.name, self.sample.spec)
        return ref

    def put(self, ref: Ref, part: str, spec: Mapping[str, Any]) -> None:
        """Put one part over what is there now, and wait until it is ready."""
        self.kind.put(ref, part, self.want(spec), self.look(ref))
        self.wait(ref)

    def put_all(self, ref: Ref, spec: Mapping[str, Any]) -> None:
        """Put every part."""
        for part in self.kind.parts:
            self.put(ref, part.name, spec)

    def wait(self, ref: Ref) -> None:
        """Poll `ready` as core does, up to the kind's deadline."""
        waited = 0.0
        while waited <= self.kind.deadline:
            state = self.kind.ready(ref)
            if isinstance(state, Ready):
                return
            assert not isinstance(state, Broken), f"ready says that it is broken: {state.reason}"
            self.sleep(state.seconds)
            waited += max(state.seconds, 0.1)
        raise AssertionError(f"It is not ready after its deadline of {self.kind.deadline:.0f} s.")

    def look(self, ref: Ref) -> Observed:
        """Read what must be there."""
        seen = self.kind.read(ref)
        assert isinstance(seen, Observed), f"read gives {seen!r} for what was just made at {ref}"
        return seen

    def ours(self, found: Iterable[Observed]) -> list[Observed]:
        """Keep of what was found what carries our marker; core does the same with operation ids."""
        return [seen for seen in found if not self.has_marker or seen.marker == self.marker]

    def plain(self, seen: Observed) -> tuple[Any, ...]:
        """Give what a plan looks at."""
        return canonical(seen.spec, self.info, defaults=False), seen.marker, seen.status

    def gone(self, ref: Ref) -> bool:
        """Tell whether it reads as absent; where a delete only begins, it is read until its deadline."""
        waited = 0.0
        while self.kind.read(ref) is not None:
            if not self.kind.slow_delete or waited > self.kind.deadline:
                return False
            self.sleep(5)
            waited += 5
        return True

    def diffs(self, spec: Mapping[str, Any], seen: Observed, was: Mapping[str, Any] | None = None) -> tuple[Diff, ...]:
        """Give what a plan would show; `was` is the spec that was there before, whose fields must be gone."""
        info, address = self.info, f"{self.kind.kind}.sample"
        want = Resource(address, info.kind, self.name, escape(canonical(spec, info)), info.provider)
        old = None if was is None else escape(canonical(was, info))
        record = None if old is None else Record(address, info.kind, self.name, old, info.provider)
        return diffs(want, record, seen, info, {})

    def clear(self) -> None:
        """Delete what this trial made, and nothing that does not carry its marker."""
        for ref in self.made:
            seen = self.kind.read(ref)
            if seen and (not self.has_marker or seen.marker in (self.marker, None)):
                self.kind.delete(ref, seen)
                self.gone(ref)


def journalled(seen: Observed) -> Observed:
    """Send what was read through the form in which the journal keeps it."""
    return codec.load(Observed, json.loads(json.dumps(codec.dump(seen))))


def holds(there: Any, wanted: Any) -> bool:
    """Tell whether nothing that is wanted is missing or different; objects may have further keys."""
    if isinstance(wanted, Mapping) and isinstance(there, Mapping):
        return all(key in there and holds(there[key], value) for key, value in wanted.items())
    return bool(there == wanted)


def shallow(ref: Ref) -> Ref:
    """Give a Ref as it compares: the parent's own parent may be left out."""
    return replace(ref, parent=ref.parent and replace(ref.parent, parent=None))


def other_name(rule: NameRule, name: str) -> str:
    """Give another name that is as valid as this one."""
    near = (f"{stem}{end}" for stem in (name, name[:-1]) for end in ("2", "b", "c", "-b", "_b"))
    return next(other for other in near if other != name and not check(rule, other))
