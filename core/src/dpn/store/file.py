"""The file backend: the stacks of one home, a folder `HOME/stacks/KEY` for each.

In it: `lock`, permanent, locked by the holder, whom it names · `journal`, the transaction that is open · `state.json`,
the committed records, and `state.json.backup`, its last good copy · `history/`, the last journals that have ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dpn.disk import Disk
from dpn.errors import DamagedError, LockedError
from dpn.extensions import Hold, Holder, Ledger, Snapshot
from dpn.store import home, lock, state, who
from dpn.store.files import StackFiles, before_the_first_call, read_file, stack_files, valid_key
from dpn.store.ledger import FileLedger, ended
from dpn.store.lock import Claim
from dpn.store.standing import Standing, judge, row, snapshot_of
from dpn.world import World

_TRIES = 8


class FileBackend:
    """Stacks in the folder `root`; `insist` lets it be on a network file system or in a synced folder."""

    def __init__(self, world: World, root: Path, *, insist: bool = False) -> None:
        self._world = world
        self._disk = world.disk
        self._root = root
        self._insist = insist
        self._known: dict[str, StackFiles] = {}

    @property
    def name(self) -> str:
        return str(self._root)

    def stacks(self) -> list[str]:
        with before_the_first_call(f"read the home {self._root}"):
            home.refuse_untrusted(self._disk, self._root)
            home.refuse_writable(self._disk, self._root / "stacks")
            keys = [key for key in self._disk.names(self._root / "stacks") if valid_key(key)]
            return [key for key in keys if {"state.json", "state.json.backup", "journal"} & set(self._names(key))]

    def _files(self, stack: str) -> StackFiles:
        if stack not in self._known:
            self._known[stack] = stack_files(self._root, stack)
        return self._known[stack]

    def _names(self, stack: str) -> list[str]:
        return self._disk.names(self._files(stack).folder)

    def read(self, stack: str) -> Snapshot:
        """Read without locking and without writing; a run may be at work meanwhile.

        DamagedError when a file is damaged or lost; PluginError when a newer dpn wrote it.
        """
        files = self._files(stack)
        with before_the_first_call(f"read the stack {stack}"):
            self._refuse_strange(files)
            return snapshot_of(stack, self._steady(files, stack))

    def open(self, stack: str, holder: Holder, timeout: float = 0) -> Ledger:
        files = self._files(stack)
        lock.refuse_without_locks()
        with before_the_first_call(f"open the stack {stack} in {files.folder}"):
            self._refuse_strange(files)
            if not self._insist:
                home.refuse_shared(self._disk, self._root)
            home.make(self._disk, self._root)
            self._disk.make_folder(files.folder)
            self._disk.make_folder(files.history)
            fd = lock.acquire(self._world, files.lock, stack, timeout)
            try:
                return FileLedger.take(
                    self._world, files, fd, holder, judge(files, stack, *_contents(self._disk, files))
                )
            except BaseException:
                self._disk.close(fd)
                raise

    def history(self, stack: str) -> list[Mapping[str, Any]]:
        """Give one row for each ended transaction, the oldest first: header and last entry together.

        `file` is the journal's name and `entries` their number; a damaged journal gives a row with `damaged` instead.
        """
        files = self._files(stack)
        with before_the_first_call(f"read the history of {stack}"):
            self._refuse_strange(files)
            return [self._row(files.history / name) for name in ended(self._disk, files)]

    def _row(self, path: Path) -> Mapping[str, Any]:
        return row(path.name, self._disk.read(path), str(path))

    def version(self, stack: str, serial: int) -> Snapshot | None:
        """Give the committed state if it has this serial: those before it are not kept."""
        found = self.read(stack)
        return found if found.serial == serial and serial else None

    def hold(self, stack: str) -> Hold | None:
        """Give who took the stack for writing last; whether it still does so, only the lock itself knows for sure."""
        files = self._files(stack)
        with before_the_first_call(f"read the lock of {stack}"):
            self._refuse_strange(files)
            claim = lock.read_claim(self._disk, files.lock)
        found = claim and (claim.holder or who.UNKNOWN)
        return Hold(found, who.alive(self._world, found)) if found else None

    def unlock(self, stack: str, holder: Holder) -> None:
        """Do nothing if the lock is free, and say who has it if not: the kernel frees it when that process ends."""
        files = self._files(stack)
        with before_the_first_call(f"look at the lock of {stack}"):
            self._refuse_strange(files)
            if self._disk.look(files.lock) is None:
                return
            try:
                self._disk.close(lock.acquire(self._world, files.lock, stack, 0))
            except LockedError as error:
                hold = self.hold(stack)
                end = f"kill {hold.holder.pid}" if hold and hold.held else "end that process"
                hint = f"Its lock is freed when it ends, never before: {end}. What it leaves open: dpn recover"
                raise LockedError(error.message, hint=hint) from error

    def exposed(self, stack: str) -> list[tuple[Path, int, int]]:
        """Give what of a stack others can read or write: path, mode, and the mode that it should have."""
        files = self._files(stack)
        with before_the_first_call(f"look at the files of {stack}"):
            ended_ones = (files.history / name for name in ended(self._disk, files))
            own = (files.lock, files.journal, files.state, files.backup, *ended_ones)
            return list(home.exposed(self._disk, files.folder.parent, files.folder, files.history, *own))

    def close(self) -> None:
        """Do nothing: a file that is open belongs to its ledger."""

    def drop(self, stack: str, holder: Holder) -> None:
        """Drop all that is kept of a stack but its lock: for the sandbox, whose objects go as well."""
        files = self._files(stack)
        lock.refuse_without_locks()
        with before_the_first_call(f"drop the stack {stack}"):
            self._refuse_strange(files)
            fd = lock.acquire(self._world, files.lock, stack, 0)
            try:
                lock.write_claim(self._disk, fd, Claim(_next_generation(self._disk, files), holder))
                for path in (files.state, files.backup, files.journal):
                    self._disk.remove(path)
                for name in ended(self._disk, files):
                    self._disk.remove(files.history / name)
                self._disk.sync_folder(files.folder)
            finally:
                self._disk.close(fd)

    def _refuse_strange(self, files: StackFiles) -> None:
        home.refuse_untrusted(self._disk, self._root)
        folders = (files.folder.parent, files.folder, files.history)
        home.refuse_links(self._disk, *folders, files.lock, files.journal, files.state, files.backup)
        home.refuse_writable(self._disk, *folders)

    def _steady(self, files: StackFiles, stack: str) -> Standing:
        """Judge two files that a writer may be changing: only what did not move while it was read counts."""
        for _ in range(_TRIES):
            before = _contents(self._disk, files)
            try:
                found = judge(files, stack, *before)
            except DamagedError:
                if _contents(self._disk, files) == before:
                    raise
                continue
            if read_file(self._disk, files.state) == before[0]:
                return found
        return judge(files, stack, *_contents(self._disk, files))


def _next_generation(disk: Disk, files: StackFiles) -> int:
    claim = lock.read_claim(disk, files.lock)
    return claim.generation + 1 if claim else 1


def _contents(disk: Disk, files: StackFiles) -> tuple[bytes | None, bytes | None]:
    """Give the bytes of state and journal; DamagedError when the state is gone and something tells of one."""
    content = read_file(disk, files.state)
    if content is None and (why := _gone(disk, files)):
        content = read_file(disk, files.state)  # for a reader, its first commit may have come between these looks
        if content is None:
            raise state.damaged_state(files.state, why)
    return content, read_file(disk, files.journal)


def _gone(disk: Disk, files: StackFiles) -> str:
    """Say what tells of a state that is not there; empty if nothing does."""
    if "state.json.backup" in disk.names(files.folder):
        return "is gone, yet its copy is there"
    if any(int(name.partition("-")[0]) for name in ended(disk, files)):
        return "is gone, yet the history tells of changes to it"
    return ""
