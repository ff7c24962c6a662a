"""What a provider writes: a `Provider` with one `Kind` class for each kind of resource.

A kind holds data before it holds code. Whatever differs between kinds is a class variable below, set with the
reason beside it; the methods make one remote call each and raise the SDK's errors as they are.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

from dpn.name_rule import NameRule, Separator, Variable
from dpn.outcomes import Ref
from dpn.parts import Broken, Inside, Part, Ready, Wait

if TYPE_CHECKING:  # 15 ms that a plugin's start does not pay: these are in signatures only
    from dpn.errors import Problem
    from dpn.model import Fault, Marker, Observed, Reversible, Want

__all__ = [
    "API", "Broken", "Identity", "Inside", "Kind", "KindInfo", "NameRule", "NamedKind", "Part", "Provider", "Ready",
    "Separator", "Session", "Variable", "Wait",
]  # fmt: skip

API = 1
"""The version of this contract; a provider states the one that it was written for."""


class NamedKind:
    """A kind that dpn names and checks but does not provision."""

    kind: ClassVar[str]
    name_rule: ClassVar[NameRule]
    default_pattern: ClassVar[str]
    variables: ClassVar[Mapping[str, Variable]] = {}


class Kind(NamedKind, ABC):
    """A kind that dpn provisions. One instance for each provider alias: `Kind(session)`.

    `parts` stand in safe order (what protects comes before what opens). Every field of the schema is in exactly one
    part, or in `immutable`, `computed`, or is the `parent` field. `undelete` says what recreating from the before-image
    gives back. `settle`: seconds after which "not found" after an unknown create is believed (it is looked for again
    for a day); `deadline`: seconds until `ready` is given up. `lists`: what `list` yields: whole objects, names
    only, or it is not implemented. `named_by`: the field whose value is the name, for a thing without a name of its own
    (a grant is known by its principal). `ownership` is shared where others add to the same object: then every part
    holds sets, core keeps what it added itself, and only that is changed, deleted and undone. `mark_disrupts`: writing
    a marker interrupts whoever uses the thing.
    """

    schema: ClassVar[Mapping[str, Any]]
    parts: ClassVar[tuple[Part, ...]] = ()
    immutable: ClassVar[frozenset[str]] = frozenset()
    computed: ClassVar[frozenset[str]] = frozenset()
    sensitive: ClassVar[frozenset[str]] = frozenset()
    unordered: ClassVar[frozenset[str]] = frozenset()
    folded: ClassVar[frozenset[str]] = frozenset()
    parent: ClassVar[str | None] = None
    named_by: ClassVar[str | None] = None
    ownership: ClassVar[Literal["exclusive", "shared"]] = "exclusive"
    data_bearing: ClassVar[bool] = False
    rename_how: ClassVar[Literal["in_place", "copy", "impossible"]] = "impossible"
    undelete: ClassVar[Reversible] = "lossy"
    marker: ClassVar[Literal["tags", "properties", "comment", "none"]] = "none"
    mark_disrupts: ClassVar[bool] = False
    slow_delete: ClassVar[bool] = False
    settle: ClassVar[float] = 60
    deadline: ClassVar[float] = 1200
    lists: ClassVar[Literal["full", "names", "none"]] = "none"

    def __init__(self, session: Any) -> None:
        self.session = session

    @abstractmethod
    def create(self, want: Want) -> Ref:
        """Make it: ONE call, marker inside, sent once; do not wait."""

    @abstractmethod
    def put(self, ref: Ref, part: str, want: Want, seen: Observed) -> None:
        """Bring one part to what `want` says; can be repeated."""

    @abstractmethod
    def read(self, ref: Ref) -> Observed | None:
        """Give what is there, or None; never write. Another object at the same name but another id is None."""

    @abstractmethod
    def delete(self, ref: Ref, seen: Observed) -> None:
        """Delete it; absent is no error; never empty it first."""

    def find(self, want: Want) -> Sequence[Observed]:
        """Give everything at this name and parent; core compares operation ids."""
        from dpn.model import Ref  # noqa: PLC0415 - as the imports above

        seen = self.read(Ref(self.kind, want.name, parent=want.parent))
        return [seen] if seen else []

    def list(self, scope: Ref | None) -> Iterator[Observed]:
        """Yield many at once: all in the parent `scope`, or all that the session can see."""
        raise NotImplementedError

    def ready(self, ref: Ref) -> Ready | Wait | Broken:
        """Tell whether it can be used; core polls, no worker sleeps."""
        return Ready()

    def mark(self, ref: Ref, marker: Marker | None, seen: Observed) -> None:
        """Write our marker on an object that we did not create, or take it off; required unless `marker` is none."""
        raise NotImplementedError

    def rename(self, ref: Ref, name: str) -> Ref:
        """Give it another name and keep its id; required when `rename_how` is in_place."""
        raise NotImplementedError

    def available(self, name: str) -> bool:
        """Tell in one call whether nobody has a name; for names that all the world shares, so others' count as well.

        Core asks before it reads, and only of names that a plan would take. What is not sure is an error, never True.
        """
        raise NotImplementedError

    def archive(self, ref: Ref) -> None:
        """Put it out of use without deleting it."""
        raise NotImplementedError

    def restore(self, ref: Ref) -> None:
        """Undo `archive`."""
        raise NotImplementedError

    def undrop(self, ref: Ref) -> Ref | None:
        """Bring back what was deleted, with its id and its data; None where the service has it no more.

        It can be repeated: what is back already is given as it is.
        """
        raise NotImplementedError

    def contents(self, ref: Ref) -> Sequence[Inside]:
        """List what is inside and what would vanish with it; a few examples are enough."""
        return []


@dataclass(frozen=True, slots=True)
class KindInfo:
    """The data of a kind, frozen, for core and for hooks; `has` names the optional methods that it implements."""

    kind: str
    provider: str
    plugin: str
    name_rule: NameRule
    default_pattern: str
    variables: Mapping[str, Variable]
    provisions: bool = False
    schema: Mapping[str, Any] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    immutable: frozenset[str] = frozenset()
    computed: frozenset[str] = frozenset()
    sensitive: frozenset[str] = frozenset()
    unordered: frozenset[str] = frozenset()
    folded: frozenset[str] = frozenset()
    parent: str | None = None
    named_by: str | None = None
    ownership: Literal["exclusive", "shared"] = "exclusive"
    data_bearing: bool = False
    rename_how: Literal["in_place", "copy", "impossible"] = "impossible"
    undelete: Reversible = "lossy"
    marker: Literal["tags", "properties", "comment", "none"] = "none"
    mark_disrupts: bool = False
    slow_delete: bool = False
    settle: float = 60
    deadline: float = 1200
    lists: Literal["full", "names", "none"] = "none"
    has: frozenset[str] = frozenset()


class Session(Protocol):
    """What `connect` returns: whatever the provider's kinds need, with an end."""

    def close(self) -> None:
        """Let go of connections."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is calling: `account` is compared before every write; `caller` is shown."""

    account: str
    caller: str = ""


@dataclass(frozen=True, slots=True)
class Provider:
    """One cloud, as one plugin offers it.

    connect: the only place where an SDK is imported; gets the alias's settings, validated by `config_schema`, with
    `region` and `workers` (how many calls will run at once) filled in. errors: classifies an exception of a method.
    preflight: what would make every call fail (missing credentials), found before the first write. identity: who we
    are. secrets: for each scheme of `${secret:SCHEME:REST}` a function `(session, rest) -> text`, called once in a run;
    a scheme is the provider's name, or begins with it and `-`, so that it says which plugin to load.
    secret_forms: for a scheme what REST must match, as an expression and in words, so that it is said before a run.
    region_codes: the short code of each region, for `{region}`. api: the version of this contract.
    """

    name: str
    kinds: tuple[type[NamedKind], ...]
    connect: Callable[[Mapping[str, Any]], Any] | None = None
    errors: Callable[[Exception, str], Fault] | None = None
    config_schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "object"})
    preflight: Callable[[Any], Iterable[Problem]] | None = None
    identity: Callable[[Any], Identity] | None = None
    secrets: Mapping[str, Callable[[Any, str], str]] = field(default_factory=dict)
    secret_forms: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    region_codes: Mapping[str, str] = field(default_factory=dict)
    api: int = API
