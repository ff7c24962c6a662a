"""A stack held for writing: recover what the last holder left, then one transaction at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from dpn import codec
from dpn.disk import Disk
from dpn.errors import DamagedError, InDoubtError
from dpn.extensions import Holder, Snapshot
from dpn.model import Record
from dpn.store import lock, state
from dpn.store.files import StackFiles, before_the_first_call, broken, read_file, replace_file
from dpn.store.lock import Claim
from dpn.store.standing import ENDED, Header, Standing, snapshot_of
from dpn.store.state import State
from dpn.store.writer import Writer
from dpn.version import VERSION
from dpn.world import World

_KEPT = 50


@dataclass(frozen=True, slots=True)
class _Transaction:
    header: Header
    writer: Writer


class FileLedger:
    """The lock, the state and the journal of one stack in this process. Not for several threads at once.

    `snapshot` is the stack as of the last take, begin, commit or end; entries appended since are not in it. An entry's
    sequence number is its index in `snapshot.journal`, the header being 0.
    """

    def __init__(self, world: World, files: StackFiles, fd: int, claim: Claim, found: Standing) -> None:
        self._world, self._disk, self._files = world, world.disk, files
        self._lock, self._claim = fd, claim
        self._seal = found.seal
        self._dead = False
        self._transaction: _Transaction | None = None
        if found.journal == "open" and found.header:
            self._transaction = _Transaction(found.header, Writer.resume(world.disk, files.journal, found.scan))
        self.snapshot = replace(snapshot_of(files.folder.name, found), generation=claim.generation)

    @classmethod
    def take(cls, world: World, files: StackFiles, fd: int, holder: Holder, found: Standing) -> FileLedger:
        """Become the next holder of a stack whose lock is ours: claim it, and tidy up what is over."""
        before = lock.read_claim(world.disk, files.lock)
        claim = Claim(max(found.generation, before.generation if before else 0) + 1, holder)
        lock.write_claim(world.disk, fd, claim)
        world.disk.sync_folder(files.folder)
        if found.journal == "void":
            world.disk.remove(files.journal)
        elif found.journal == "over" and found.header:
            put_away(world.disk, files, found.header)
        _mend_backup(world.disk, files, found)
        return cls(world, files, fd, claim, found)

    # one transaction --------------------------------------------------------------------------------------------

    def begin(self, header: Mapping[str, Any], reserve: int) -> None:
        """Open a transaction; DpnError when there is no room for `reserve` bytes, before anything was done."""
        if self._transaction:
            raise still_open(self.snapshot.stack)
        self._fence()
        ours = self._next_header()
        fixed = {"t": "header", "format": state.FORMAT, "dpn": VERSION, "time": self._world.clock.now()}
        entry = codec.dump({**header, **fixed, **codec.dump(ours)})
        with before_the_first_call(f"reserve {reserve} bytes for the journal {self._files.journal}"):
            writer = self._reserve(reserve)
        self._transaction = _Transaction(ours, writer)
        with self._final(f"write the journal {self._files.journal}"):
            writer.append(entry)
            writer.sync()
            self._disk.sync_folder(self._files.folder)
        self.snapshot = replace(self.snapshot, lineage=ours.lineage, journal=(entry,))

    def _next_header(self) -> Header:
        lineage = self.snapshot.lineage or self._world.new_id()
        return Header(self._world.new_id(), lineage, self.snapshot.serial, self.snapshot.generation)

    def _reserve(self, size: int) -> Writer:
        try:
            return Writer.create(self._disk, self._files.journal, size)
        except OSError:
            with suppress(OSError):  # an empty journal means that nothing happened: it may stay
                self._disk.remove(self._files.journal)
            raise

    def append(self, entry: Mapping[str, Any]) -> int:
        return self._current().writer.append(entry)

    def sync(self) -> None:
        writer = self._current().writer
        with self._final(f"write the journal {self._files.journal}"):
            writer.sync()

    def commit(self, records: Mapping[str, Record], watch: Iterable[Mapping[str, Any]] = ()) -> None:
        """Replace the state; in a transaction, after making the journal durable."""
        self._fence()
        if self._transaction:
            self.sync()
        lineage = self.snapshot.lineage or self._world.new_id()
        transaction = self._transaction.header.id if self._transaction else ""
        self._replace(State(state.committed(self.snapshot, lineage, records, watch), transaction))

    def restore(self, snapshot: Snapshot) -> None:
        """Replace the state by that of `snapshot`; InDoubtError while a transaction is open."""
        if self._transaction:
            raise still_open(self.snapshot.stack)
        self._fence()
        self._replace(State(state.restored(self.snapshot, snapshot)))

    def _replace(self, following: State) -> None:
        content = state.encode(following)
        with self._final(f"write the state {self._files.state}"):
            replace_file(self._disk, self._files.state, content)
            replace_file(self._disk, self._files.backup, content)
        self._seal, self.snapshot = state.seal(content), following.snapshot

    def end(self, entry: Mapping[str, Any]) -> None:
        now = self._current()
        with self._final(f"put the journal {self._files.journal} away"):
            now.writer.append({**entry, "t": "end"})
            now.writer.finish()
            self._transaction = None
            now.writer.close()
            put_away(self._disk, self._files, now.header)
        self.snapshot = replace(self.snapshot, journal=())

    def close(self) -> None:
        open_files = [self._transaction.writer.close] if self._transaction else []
        if self._lock >= 0:
            open_files.append(partial(self._disk.close, self._lock))
        self._transaction, self._lock, self._dead = None, -1, True
        for let_go in open_files:
            with suppress(OSError):  # all that counts was synced; the kernel has let go of the file even so
                let_go()

    # guards -----------------------------------------------------------------------------------------------------

    def _alive(self) -> None:
        if self._dead:
            raise DamagedError(
                f"The stack {self.snapshot.stack} was let go, or its disk failed: nothing more is written.",
                hint="Run dpn recover.",
            )

    def _current(self) -> _Transaction:
        self._alive()
        if not self._transaction:
            raise RuntimeError("begin() opens a transaction; none is open")
        return self._transaction

    @contextmanager
    def _final(self, doing: str) -> Iterator[None]:
        """After a failure in here nobody knows what is durable: this ledger writes nothing more."""
        try:
            yield
        except OSError as error:
            self._dead = True
            raise broken(doing, error) from error

    def _fence(self) -> None:
        """Refuse to write when another holder has come after us, or somebody changed the state behind our back."""
        self._alive()
        with self._final(f"read the stack {self.snapshot.stack} again"):
            claim = lock.read_claim(self._disk, self._files.lock)
            content = read_file(self._disk, self._files.state)
        if claim != self._claim:
            self._dead = True
            raise lock.held(self._world, self._files.lock, self.snapshot.stack)
        if state.seal(content) != self._seal:
            self._dead = True
            if content and state.decode(content, self._files.state).snapshot.generation > self._claim.generation:
                raise lock.held(self._world, self._files.lock, self.snapshot.stack)
            raise state.damaged_state(self._files.state, "was changed or removed while this run held the stack")


def still_open(stack: str) -> InDoubtError:
    """Give the error for what has to wait until the open transaction is settled."""
    return InDoubtError(f"A transaction of {stack} is still open.", hint="Run dpn recover.")


def _mend_backup(disk: Disk, files: StackFiles, found: Standing) -> None:
    """Bring the copy up to date, which a crash just after the state's replacement leaves one behind."""
    if found.state and state.seal(read_file(disk, files.backup)) != found.seal:
        replace_file(disk, files.backup, disk.read(files.state))


def put_away(disk: Disk, files: StackFiles, header: Header) -> None:
    """Move the journal into the history and keep the last ones."""
    disk.rename(files.journal, files.history / f"{header.serial:08d}-{header.id}.journal")
    disk.sync_folder(files.history)
    disk.sync_folder(files.folder)
    for name in ended(disk, files)[:-_KEPT]:
        with suppress(OSError):  # one too many does no harm, and the next transaction tries again
            disk.remove(files.history / name)


def ended(disk: Disk, files: StackFiles) -> list[str]:
    """Give the names of the journals that have ended, the oldest first."""
    return [name for name in disk.names(files.history) if ENDED.fullmatch(name)]
