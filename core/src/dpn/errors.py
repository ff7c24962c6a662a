"""What a user may be shown: problems found in their input, and the few errors that end a command.

Everything that derives from `DpnError` is printed without a traceback; anything else is a bug of ours
and shows one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file a problem is; lines and columns count from 1, 0 means unknown."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return ":".join([self.file, *(str(n) for n in (self.line, self.column) if n)])


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, said so that it can be mended.

    `code` is stable and upper case (`NAME-TOO-LONG`); `message` tells what happened and why; `hint` is the
    next thing to do. `field` is a dotted path inside the file or the resource.
    """

    code: str
    message: str
    address: str | None = None
    field: str | None = None
    place: Place | None = None
    expected: str | None = None
    hint: str | None = None
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        where = [str(part) for part in (self.place, self.address, self.field) if part]
        text = f"{' · '.join(where)}: {self.message}" if where else self.message
        if self.expected:
            text += f" Expected {self.expected.rstrip('.')}."
        return f"{text} {self.hint}" if self.hint else text


class DpnError(Exception):
    """Something failed and nothing was left behind; the base of all errors that are shown plainly."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "", problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.problems = problems


class InputError(DpnError):
    """The command line, a blueprint or a configuration is not valid; nothing was touched."""

    exit_code = 64


class RefusedError(DpnError):
    """A policy, a guard, `protect`, a stale plan or the person said no; nothing was touched."""

    exit_code = 3


class InDoubtError(DpnError):
    """Something is in doubt or could not be undone; it is named, and `dpn recover` goes on with it."""

    exit_code = 4


class LockedError(DpnError):
    """Another process holds the stack."""

    exit_code = 5


class DamagedError(DpnError):
    """A local file is damaged; nothing is written until a person has looked."""

    exit_code = 6


class PluginError(DpnError):
    """A plugin is not installed, has the wrong version, or breaks the contract."""

    exit_code = 7


class StoppedError(DpnError):
    """A signal ended the command, after what was begun had been undone or parked."""

    def __init__(self, message: str, *, signal: int, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.signal = signal
