"""Where the files of a stack are, and the few ways in which this package touches the disk."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dpn.disk import Disk, write_new
from dpn.errors import DamagedError, DpnError, InputError

# The key of a stack is the name of its folder: what this lets through cannot lead out of the home.
_KEY = re.compile(r"[a-z0-9]+(?:[.-]+[a-z0-9]+)*")
_KEY_LENGTH = 120


@dataclass(frozen=True, slots=True)
class StackFiles:
    """The files of one stack, all in its folder.

    lock: the permanent file that its holder has locked. journal: that of the transaction that is open; absent when none
    is. state: the committed records. backup: the last good copy of the state. history: the folder of the journals that
    have ended.
    """

    folder: Path
    lock: Path
    journal: Path
    state: Path
    backup: Path
    history: Path


def stack_files(root: Path, stack: str) -> StackFiles:
    """Give the files of a stack; InputError when the key cannot be the name of a folder."""
    refuse_strange_key(stack)
    folder = root / "stacks" / stack
    names = ("lock", "journal", "state.json", "state.json.backup", "history")
    return StackFiles(folder, *(folder / name for name in names))


def refuse_strange_key(stack: str) -> None:
    """Refuse what is no key of a stack (InputError)."""
    if not valid_key(stack):
        raise InputError(
            f"{stack!r} is no stack key: lower-case letters, digits, '-' and '.', at most {_KEY_LENGTH} characters.",
            hint="A key reads STACK.ENVIRONMENT; dpn state list shows those that exist.",
        )


def valid_key(stack: str) -> bool:
    """Tell whether this may be the key of a stack."""
    return len(stack) <= _KEY_LENGTH and bool(_KEY.fullmatch(stack))


def posix() -> bool:
    """Tell whether this system has owners, modes and flock; elsewhere nothing is ever written."""
    return hasattr(os, "getuid")


def read_file(disk: Disk, path: Path) -> bytes | None:
    """Give the whole file; None if there is none."""
    try:
        return disk.read(path)
    except FileNotFoundError:
        return None


def replace_file(disk: Disk, path: Path, content: bytes) -> None:
    """Replace a file in one durable step: after a crash there is the old content or the new, never a mix."""
    temp = path.with_name(f"{path.name}.tmp")
    write_new(disk, temp, content)  # one that a crash has left over goes; the lock is ours
    disk.rename(temp, path)
    disk.sync_folder(path.parent)


@contextmanager
def before_the_first_call(doing: str) -> Iterator[None]:
    """Say in plain words that the disk refused, at a time when nothing has been done yet."""
    try:
        yield
    except IsADirectoryError as error:
        raise _folder_there(str(error.filename2 or error.filename)) from error
    except OSError as error:
        if error.errno == errno.EIO:
            raise broken(doing, error) from error
        raise DpnError(
            f"Could not {doing}: {error.strerror or error}. Nothing was done.",
            hint="Make room on that disk, or make the folder yours to write, and run the command again.",
        ) from error


def _folder_there(path: str) -> DamagedError:
    return DamagedError(
        f"{path} is a folder, and dpn keeps a file there. Nothing was written.",
        hint=f'Look what is in it and move it away (mv "{path}" "{path}.moved"); if a file was there before, put it '
        "back. dpn doctor tells what is there then.",
    )


def broken(doing: str, error: OSError) -> DamagedError:
    """Give the error for a disk that failed midway: what it holds is no longer certain, so nothing more is written."""
    return DamagedError(
        f"Could not {doing}: {error.strerror or error}. The run stopped there and writes nothing more.",
        hint="When the disk is well again, run dpn recover: it goes on from what is durable and looks into the cloud.",
    )
