"""The values that flow through dpn: frozen, without behaviour, standard library only.

The names are those of the glossary in docs/explanation/architecture.md and are used verbatim everywhere.
All of them can be written as JSON with `dpn.codec`.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b32encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from dpn.errors import Place, Problem

__all__ = [
    "Action", "Change", "Event", "Fault", "Marker", "Observed", "Place", "Plan", "Problem", "Query",
    "Receipt", "Record", "Ref", "Resource", "Reversible", "Spec", "Step", "Want", "address_hash",
]  # fmt: skip

Spec: TypeAlias = Mapping[str, Any]
Action: TypeAlias = Literal[
    "create", "update", "rename", "replace", "delete", "adopt", "archive", "restore", "noop"
]
Reversible: TypeAlias = Literal["yes", "lossy", "no"]
Method: TypeAlias = Literal["create", "put", "delete", "rename", "mark", "ready", "archive", "restore"]

_COMMENT = re.compile(r"\s*\[dpn op=(\S+) stack=(\S+) addr=(\S+)\]")


def address_hash(address: str) -> str:
    """Give the `dpn_addr` tag of an address: 16 lower base-32 characters of its SHA-256."""
    return b32encode(hashlib.sha256(address.encode()).digest()).decode()[:16].lower()


@dataclass(frozen=True, slots=True)
class Marker:
    """The three tags on what dpn creates; all values fit `[a-z0-9_-]{1,63}`.

    stack: the stack's key with `.` as `--`; addr: `address_hash` of the address; op: the ULID of the
    creating intent in lower case.
    """

    stack: str
    addr: str
    op: str

    def tags(self) -> dict[str, str]:
        """Give the marker as tags, parameters or properties."""
        return {"dpn_stack": self.stack, "dpn_addr": self.addr, "dpn_op": self.op}

    @classmethod
    def from_tags(cls, tags: Mapping[str, str]) -> Marker | None:
        """Read the marker out of tags; None if one of the three is missing."""
        try:
            return cls(tags["dpn_stack"], tags["dpn_addr"], tags["dpn_op"])
        except KeyError:
            return None

    def comment(self, text: str = "") -> str:
        """Give `text` with the marker behind it, for kinds that have only a comment."""
        return f"{text} [dpn op={self.op} stack={self.stack} addr={self.addr}]".strip()

    @classmethod
    def from_comment(cls, text: str) -> tuple[Marker | None, str]:
        """Split a comment into the marker, if there is one, and the user's own text."""
        found = _COMMENT.search(text)
        if not found:
            return None, text
        op, stack, addr = found.groups()
        return cls(stack, addr, op), text[: found.start()] + text[found.end() :]


def user_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Give the tags without the marker: what a person set."""
    return {key: value for key, value in sorted(tags.items()) if not key.startswith("dpn_")}


@dataclass(frozen=True, slots=True)
class Ref:
    """Where one thing is in the cloud. `id` is identity, checked on read, and a handle only where the API takes it."""

    kind: str
    name: str
    id: str | None = None
    parent: Ref | None = None


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

    In every write after the create, `marker` is the one the object already has: a full-replace write must send it again.
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

    `version` is the API's optimistic lock; `extra` is whatever a full-replace write must send back unchanged.
    """

    ref: Ref
    spec: Spec
    marker: Marker | None = None
    version: str | None = None
    status: str = "ok"
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """What state keeps of one resource.

    `spec` is the canonical spec with references as text (for shared kinds: our share) and `bound` what each
    reference stood for when it was last applied, so that a diff compares targets and never resolved text.
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
    bound: Mapping[str, str] = field(default_factory=dict)
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
class Step:
    """One call of a change: a method of the kind, and for `put` the part."""

    method: Method
    part: str = ""

    def __str__(self) -> str:
        return f"{self.method} {self.part}".strip()


@dataclass(frozen=True, slots=True)
class Diff:
    """One field that differs; None stands for absent."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Change:
    """What is to happen to one address, with its inverse: `want` is the target, `before` what to return to.

    One action (the strongest) and an ordered list of steps. `needs` are the keys that must be done before: an address for
    its main half, `address!` for its removal half (`removal_needs` are those of this change's own removal half).
    `step` is set when a hook is told which call is being made.
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
    op: str = ""
    step: Step | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The ordered changes of one stack, hashed over inputs and observations.

    `existing` are stand-in records of what is only referred to; `moves` gives old and new address of records that move.
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


@dataclass(frozen=True, slots=True)
class Receipt:
    """The durable outcome of one call of one change."""

    address: str
    kind: str
    op: str
    step: Step
    outcome: Literal["applied", "not_applied", "unknown"]
    ref: Ref | None = None
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a call failed, classified by the provider.

    not_applied: nothing happened and trying again will not help. throttled: nothing happened, try again later.
    unknown: it may have happened. For reads the outcome says only whether to try again.
    """

    outcome: Literal["not_applied", "unknown", "throttled"]
    code: str
    message: str
    retry_after: float | None = None
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """One read or list that core is about to make."""

    kind: str
    provider: str
    method: Literal["read", "list", "find", "contents"]
    ref: Ref | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in a run, for progress, logs and streaming."""

    type: Literal["run", "step", "wait", "undo", "warning", "end"]
    time: float
    stack: str = ""
    address: str = ""
    action: str = ""
    step: str = ""
    outcome: str = ""
    message: str = ""
    done: int = 0
    total: int = 0
