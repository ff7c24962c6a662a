"""The values that flow through dpn: frozen, without behaviour, standard library only.

The names are those of the glossary in docs/explanation/architecture.md and are used verbatim everywhere.
All of them can be written as JSON with `dpn.codec`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from dpn.errors import Place, Problem
from dpn.marker import Marker, address_hash, user_tags
from dpn.outcomes import Event, Fault, FaultOutcome, Query, Receipt, Ref, Step

__all__ = [
    "Action", "Change", "Diff", "Event", "Fault", "FaultOutcome", "Marker", "Observed", "Place", "Plan", "Problem",
    "Query", "Receipt", "Record", "Ref", "Resource", "Reversible", "Spec", "StackVersion", "Step", "Want",
    "address_hash", "user_tags",
]  # fmt: skip

Spec: TypeAlias = Mapping[str, Any]
Action: TypeAlias = Literal["create", "update", "rename", "replace", "delete", "adopt", "archive", "restore", "noop"]
Reversible: TypeAlias = Literal["yes", "lossy", "no"]


@dataclass(frozen=True, slots=True)
class Resource:
    """One desired thing, as the blueprint and the convention say it.

    `spec` is canonical and still holds its references as text (`${address}`); `parent` is an address;
    `provider` is the alias (`aws`, `aws.eu`); `naming` holds the variables that its name was made of.
    """

    address: str
    kind: str
    name: str
    spec: Spec
    provider: str
    needs: tuple[str, ...] = ()
    parent: str | None = None
    region: str | None = None
    naming: Mapping[str, str] = field(default_factory=dict)
    protect: bool = False
    on_delete: Literal["delete", "archive", "keep"] = "delete"
    existing: bool = False
    id: str | None = None
    was: str | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Want:
    """What a kind is asked to make or to bring about: built by core at the call, with references resolved.

    In every write after the create, `marker` is the one the object already has: a full-replace write must send it
    again.
    """

    name: str
    spec: Spec
    parent: Ref | None = None
    marker: Marker | None = None
    region: str | None = None

    @property
    def tags(self) -> dict[str, str]:
        """The user's tags and the marker together: what to send where an API takes tags."""
        return {**self.spec.get("tags", {}), **(self.marker.tags() if self.marker else {})}


@dataclass(frozen=True, slots=True)
class Observed:
    """What is in the cloud now. `spec` is in canonical form, without the marker and without the parent's field.

    `version` is the API's optimistic lock; `extra` is whatever a full-replace write must send back unchanged. `others`
    names what others have set on it and a new one would not have: such a definition is not copied.
    """

    ref: Ref
    spec: Spec
    marker: Marker | None = None
    version: str | None = None
    status: str = "ok"
    extra: Mapping[str, Any] = field(default_factory=dict)
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """What state keeps of one resource.

    `spec` is the canonical spec with references as text and `bound` what each reference stood for when it was last
    applied, so that a diff compares targets and never resolved text. `share`, for shared kinds only, is what of each
    field was put there by this stack: only that is ever taken away again.
    `settings` are those of the provider alias, enough to reach the object again; `account` is the caller's identity.
    """

    address: str
    kind: str
    name: str
    spec: Spec
    provider: str
    op: str = ""
    id: str | None = None
    parent: str | None = None
    bound: Mapping[str, Any] = field(default_factory=dict)
    share: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    account: str = ""
    region: str | None = None
    needs: tuple[str, ...] = ()
    naming: Mapping[str, str] = field(default_factory=dict)
    protect: bool = False
    on_delete: Literal["delete", "archive", "keep"] = "delete"
    origin: Literal["created", "adopted", "existing"] = "created"
    status: Literal["ready", "partial", "archived", "blocked"] = "ready"
    plugin: str = ""


@dataclass(frozen=True, slots=True)
class Diff:
    """One field that differs; None stands for absent."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Change:
    """What is to happen to one address, with its inverse: `want` is the target, `before` what to return to.

    One action (the strongest) and an ordered list of steps. `needs` are the keys that must be done before: an
    address for its main half, `address!` for its removal half (`removal_needs` are those of this change's own
    removal half). `step` is set when a hook is told which call is being made.
    """

    address: str
    kind: str
    action: Action
    name: str
    want: Resource | None = None
    before: Record | None = None
    steps: tuple[Step, ...] = ()
    needs: tuple[str, ...] = ()
    removal_needs: tuple[str, ...] = ()
    adopt: Ref | None = None
    reversible: Reversible = "yes"
    diffs: tuple[Diff, ...] = ()
    reason: str = ""
    forget: bool = False
    op: str = ""
    step: Step | None = None


@dataclass(frozen=True, slots=True)
class StackVersion:
    """A stack as it stood when a plan took values out of it."""

    stack: str
    lineage: str
    serial: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The ordered changes of one stack, hashed over inputs and observations.

    `existing` are stand-in records of what is only referred to; `moves` gives old and new address of records that move;
    `stacks` are the other stacks that it refers to.
    """

    stack: str
    environment: str
    serial: int
    lineage: str
    changes: tuple[Change, ...]
    existing: tuple[Record, ...] = ()
    moves: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    hash: str = ""
    stacks: tuple[StackVersion, ...] = ()
