"""What the engine asks for and what it is told: the whole conversation with the world, as values.

A *conversation* is a generator that yields what is to be done and is sent the answer. The engine runs many of them side
by side; each reads as the straight line that it is.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, TypeVar

from dpn.model import Change, Fault, Receipt, Record

T = TypeVar("T")

CallMethod: TypeAlias = Literal[
    "create",
    "put",
    "read",
    "delete",
    "find",
    "list",
    "ready",
    "mark",
    "rename",
    "archive",
    "restore",
    "contents",
    "undrop",
    "available",
]
LOOKS = frozenset({"read", "find", "list", "ready", "contents", "available"})
"""The calls that change nothing."""


@dataclass(frozen=True, slots=True)
class Append:
    """Add an entry to the journal; the answer is its sequence number."""

    entry: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sync:
    """Make all appended entries durable, and sure that the stack is still ours; one write may answer many of these."""


@dataclass(frozen=True, slots=True)
class Call:
    """Make one call of a kind, once; the answer is its value, or a Fault as error.

    A Want among `args` still holds its references as text; `bound` says what they stand for. `change` (with its
    `step` set) is what hooks are told of a write; `undoes` is the receipt of the call that this one undoes.
    """

    kind: str
    provider: str
    method: CallMethod
    args: tuple[Any, ...]
    region: str | None = None
    bound: Mapping[str, Any] = field(default_factory=dict)
    change: Change | None = None
    undoes: Receipt | None = None


@dataclass(frozen=True, slots=True)
class Sleep:
    """Wait; no worker is held. The answer is True if the wait was cut short because the run is stopping."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Commit:
    """Replace the state."""

    records: Mapping[str, Record]
    watch: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class End:
    """Write the last entry and put the journal away."""

    entry: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Tell:
    """Tell listeners; there is no answer to wait for."""

    type: Literal["step", "wait", "undo", "warning"]
    address: str
    action: str = ""
    step: str = ""
    outcome: str = ""
    message: str = ""


Do: TypeAlias = Append | Sync | Call | Sleep | Commit | End | Tell
Talk: TypeAlias = Generator[Do, Any, T]


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing to do; the answer carries the same key."""

    key: int
    do: Do


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an effect."""

    key: int
    value: Any = None
    fault: Fault | None = None


@dataclass(eq=False)
class CallFailed(Exception):  # noqa: N818 - it is thrown into a conversation, never shown
    """A call came back with a fault."""

    fault: Fault

    @property
    def unknown(self) -> bool:
        """Tell whether it may have been carried out all the same."""
        return self.fault.outcome == "unknown"


@dataclass(eq=False)
class StepFailed(Exception):  # noqa: N818 - as above
    """A step failed and nothing of it remains; the transaction is undone."""

    code: str
    message: str
    hint: str = ""


class InDoubt(Exception):  # noqa: N818 - as above
    """It cannot be told now whether a call was applied, or it cannot be undone now; the journal stays open."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a transaction is being undone."""

    address: str
    code: str
    message: str
    hint: str = ""
