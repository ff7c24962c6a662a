"""What is said about calls: where a thing is, which call is made, what came of it, and what listeners are told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Method: TypeAlias = Literal["create", "put", "delete", "rename", "mark", "ready", "archive", "restore"]
FaultOutcome: TypeAlias = Literal["not_applied", "unknown", "throttled"]


@dataclass(frozen=True, slots=True)
class Ref:
    """Where one thing is in the cloud. `id` is identity, checked on read, and a handle only where the API takes it."""

    kind: str
    name: str
    id: str | None = None
    parent: Ref | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One call of a change: a method of the kind, and for `put` the part."""

    method: Method
    part: str = ""

    def __str__(self) -> str:
        return f"{self.method} {self.part}".strip()


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a call failed, classified by the provider.

    not_applied: nothing happened and trying again will not help. throttled: nothing happened, try again later.
    unknown: it may have happened. For reads the outcome says only whether to try again.
    """

    outcome: FaultOutcome
    code: str
    message: str
    retry_after: float | None = None
    hint: str = ""


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
