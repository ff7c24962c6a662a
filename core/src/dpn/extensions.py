"""What plugins other than providers write: conventions, transforms, custom names, state backends, emulators."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from dpn.model import Record
from dpn.provider import NameRule
from dpn.world import World

if TYPE_CHECKING:  # in one signature only, and every command pays for what this module imports
    from dpn.objects import Objects


BUILT_IN = frozenset(("lower", "upper", "full", "abbr", "slug", "word", "max", "hash"))
"""The filters that core brings: no plugin can take their names."""


@dataclass(frozen=True, slots=True)
class Convention:
    """A packaged naming scheme, chosen with `use: NAME` in naming-patterns.yaml; what the file itself says wins.

    patterns: by kind or wildcard. transformations and variables: as in that file.
    """

    name: str
    patterns: Mapping[str, str]
    transformations: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Transform:
    """A pattern filter: `{name|FILTER}` or `{name|FILTER:ARG}`.

    `apply` gets the value and the argument, which is empty when there is none, and gives the same text for the same
    value each time; a ValueError refuses the value, and its text is shown to the user. What it declares it is held to:
    lossy: two values may give one text. word: the result is one word. charset: a character-class body (`a-z2-7`).
    """

    apply: Callable[[str, str], str]
    lossy: bool = True
    word: bool = False
    charset: str = ""


@dataclass(frozen=True, slots=True)
class NameRequest:
    """What `dpn_name` is asked: the kind and address, the resolved values, the kind's rule and the pattern."""

    kind: str
    address: str
    values: Mapping[str, str]
    rule: NameRule
    pattern: str


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a stack: shown to those who wait. Identity is boot id, process id and start time, with a nonce.

    space: the namespace in which the process id means something, where the system has such.
    """

    pid: int
    host: str
    user: str
    command: str
    since: float
    boot: str = ""
    started: str = ""
    nonce: str = ""
    space: str = ""


@dataclass(frozen=True, slots=True)
class Hold:
    """Who took a stack last, and whether it still has it, as far as that can be told from here.

    lease: seconds without a sign of life after which others may take the stack; 0: its lock ends with its process.
    seen: when it last gave a sign, by its own clock, so for show only; 0 if it gives none.
    """

    holder: Holder
    held: bool
    lease: float = 0.0
    seen: float = 0.0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A stack as it stands: the committed records, and the entries of a transaction that is open (empty if none is)."""

    stack: str
    lineage: str
    serial: int
    generation: int
    records: Mapping[str, Record]
    journal: tuple[Mapping[str, Any], ...] = ()
    watch: tuple[Mapping[str, Any], ...] = ()


class Ledger(Protocol):
    """A stack held for writing: the journal of one transaction and the state behind it."""

    snapshot: Snapshot

    def begin(self, header: Mapping[str, Any], reserve: int) -> None:
        """Reserve bytes, write the header and make file and folder durable. Refuses when a transaction is open."""

    def append(self, entry: Mapping[str, Any]) -> int:
        """Add an entry to the journal and give its sequence number; it is durable only after `sync`."""

    def sync(self) -> None:
        """Make all that was appended durable, and sure that the stack is still held; a failure is final.

        LockedError when another holder has taken it: also when nothing was appended, for a call may follow.
        """

    def commit(self, records: Mapping[str, Record], watch: Iterable[Mapping[str, Any]] = ()) -> None:
        """Replace the state in one step, with the next serial and this holder's generation."""

    def restore(self, snapshot: Snapshot) -> None:
        """Replace the state by that of `snapshot`: its lineage, records and watch.

        serial = max(snapshot.serial, own serial + 1). Refused (InDoubtError) while a transaction is open.
        """

    def end(self, entry: Mapping[str, Any]) -> None:
        """Append the last entry, make it durable and put the journal away into the history."""

    def close(self) -> None:
        """Let go of the stack."""


class Backend(Protocol):
    """Where the stacks of one home or team are kept."""

    @property
    def name(self) -> str:
        """What messages call this place; nothing secret."""

    def stacks(self) -> list[str]:
        """Give the keys of all stacks."""

    def read(self, stack: str) -> Snapshot:
        """Read without locking and without writing."""

    def open(self, stack: str, holder: Holder, timeout: float = 0) -> Ledger:
        """Take the stack, waiting up to `timeout` seconds; LockedError names the holder."""

    def history(self, stack: str) -> list[Mapping[str, Any]]:
        """Give one row for each ended transaction, the oldest first."""

    def version(self, stack: str, serial: int) -> Snapshot | None:
        """Give the state as it was with this serial; None if it is not kept."""

    def hold(self, stack: str) -> Hold | None:
        """Give who took the stack last; None if nobody ever did. A holder that cannot be read has the process id 0."""

    def unlock(self, stack: str, holder: Holder) -> None:
        """Take the stack from whoever has it, so that it can write no more, and let go; what is open stays open.

        LockedError when the holder cannot be passed over because its lock ends with its process.
        """

    def exposed(self, stack: str) -> list[tuple[Path, int, int]]:
        """Give the local files of a stack that others can read or write: path, mode, and the mode it should have."""

    def close(self) -> None:
        """Let go of connections, when a command ends; raises nothing."""


@dataclass(frozen=True, slots=True)
class BackendType:
    """A kind of backend, chosen by `state: {backend: NAME, …}` in config.yaml; it gets the other keys.

    Give `objects`, and core keeps lock, journal, state and history in them; or give a Backend of your own with `open`.
    `config_schema` marks the settings that are secret with `x-dpn-secret`, as that of a provider does: a blueprint may
    hold a reference there only.
    """

    name: str
    open: Callable[[World, Mapping[str, Any]], Backend] | None = None
    objects: Callable[[World, Mapping[str, Any]], Objects] | None = None
    config_schema: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if (self.open is None) == (self.objects is None):
            raise TypeError(f"the backend {self.name} gives open, or objects, and not both")


class Emulator(Protocol):
    """An embedded cloud for `--sandbox`; registered in the group `dpn.emulators` under the provider's name."""

    def start(self, world: World, home: str) -> Mapping[str, Any]:
        """Start it unless it runs; give the provider settings that lead to it (they replace the user's)."""

    def stop(self, world: World, home: str) -> bool:
        """Stop it; tell whether it ran."""

    def reset(self, world: World, home: str) -> None:
        """Drop all objects."""

    def env(self, world: World, home: str) -> Mapping[str, str]:
        """Give the environment variables that lead the cloud's own tools to it."""
