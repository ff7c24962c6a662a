"""A stack of a team held for writing: every write is refused once another holder has taken it over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from dpn import codec
from dpn.errors import DamagedError, DpnError, InDoubtError, LockedError
from dpn.extensions import Snapshot
from dpn.model import Record
from dpn.objects import ConflictError, Objects
from dpn.store import state
from dpn.store.ledger import still_open
from dpn.store.remote import batches, claim, standing
from dpn.store.remote.batches import Batches, Writer
from dpn.store.remote.keys import StackKeys, put_surely
from dpn.store.remote.lease import Lease
from dpn.store.remote.standing import Stamped
from dpn.store.standing import Header, snapshot_of
from dpn.store.state import State
from dpn.store.who import described
from dpn.version import VERSION
from dpn.world import World


class ObjectLedger:
    """The lease, the state and the journal of one stack in this process. Not for several threads at once.

    `snapshot` is the stack as of the last take, begin, commit or end; entries appended since are not in it.
    """

    def __init__(self, world: World, objects: Objects, keys: StackKeys, lease: Lease) -> None:
        self._world, self._objects, self._keys, self._lease = world, objects, keys, lease
        self._dead, self._closed = False, False
        self._header: Header | None = None
        self._writer: Writer | None = None
        self._take()

    def _take(self) -> None:
        """Shut out the holder before us, first from the journal, then from the state; then tidy up what is over."""
        found = standing.frozen(self._world, self._objects, self._keys, self._lease.claim)
        self._stamped: Stamped = found.stamped
        self.snapshot = replace(snapshot_of(self._keys.stack, found.standing), generation=self._lease.claim.generation)
        if found.standing.journal == "open" and found.standing.header:
            self._header = found.standing.header
            self._writer = self._writing(self._header, len(found.standing.scan.entries), found.batches)
            return
        if found.standing.journal == "over" and found.standing.header:
            batches.put_away(self._world, self._objects, self._keys, found.standing.header, found.batches)
        if self._lease.claim.transaction:
            self._lease.change(transaction="")

    def _writing(self, header: Header, seq: int = 0, found: Batches | None = None) -> Writer:
        return Writer(self._world, self._objects, self._keys.batches(header.id), seq, found)

    # one transaction --------------------------------------------------------------------------------------------

    def begin(self, header: Mapping[str, Any], reserve: int) -> None:
        """Open a transaction; the lock names it before its journal is there, so that the next holder finds it."""
        self._alive()
        if self._writer:
            raise still_open(self.snapshot.stack)
        lineage = self.snapshot.lineage or self._world.new_id()
        ours = Header(self._world.new_id(), lineage, self.snapshot.serial, self.snapshot.generation)
        fixed = {"t": "header", "format": state.FORMAT, "dpn": VERSION, "time": self._world.clock.now()}
        entry = codec.dump({**header, **fixed, **codec.dump(ours)})
        try:
            self._lease.change(transaction=ours.id)
        except ConflictError as error:
            raise self._overtaken(error) from error
        self._header, self._writer = ours, self._writing(ours)
        self._writer.append(entry)
        self.sync()
        self.snapshot = replace(self.snapshot, lineage=ours.lineage, journal=(entry,))

    def append(self, entry: Mapping[str, Any]) -> int:
        return self._current().append(entry)

    def sync(self) -> None:
        """Put what was appended; calls follow, so the lease must be ours and have some time left.

        A put that is accepted is proof: the next holder would have sealed its place. Without one, the lock is asked.
        """
        self._put_batch(ask=True)

    def _put_batch(self, *, ask: bool = False) -> None:
        writer = self._current()
        with self._final(f"write the journal {self._keys.journal}"):
            proven = writer.sync()
            self._lease.prove(ask=ask and not proven)

    def commit(self, records: Mapping[str, Record], watch: Iterable[Mapping[str, Any]] = ()) -> None:
        """Replace the state; in a transaction, after making the journal durable."""
        self._alive()
        if self._writer:
            self._put_batch()  # who may not commit is refused by the state
        lineage = self.snapshot.lineage or self._world.new_id()
        transaction = self._header.id if self._header else ""
        self._replace(State(state.committed(self.snapshot, lineage, records, watch), transaction))

    def restore(self, snapshot: Snapshot) -> None:
        """Replace the state by that of `snapshot`; InDoubtError while a transaction is open."""
        self._alive()
        if self._writer:
            raise still_open(self.snapshot.stack)
        self._replace(State(state.restored(self.snapshot, snapshot)))

    def _replace(self, following: State) -> None:
        content = state.encode(following)
        with self._final(f"write the state {self._keys.state}"):
            standing.keep(self._world, self._objects, self._keys, self.snapshot.serial, self._stamped.content)
            put = put_surely(self._world, self._objects, self._keys.state_key, content, self._stamped.version)
        self._stamped, self.snapshot = Stamped(content, put.version), following.snapshot

    def end(self, entry: Mapping[str, Any]) -> None:
        writer, header = self._current(), self._header
        assert header, "a writer has a header"
        writer.append({**entry, "t": "end"})
        self.sync()
        self._writer, self._header = None, None
        self.snapshot = replace(self.snapshot, journal=())
        try:
            batches.put_away(self._world, self._objects, self._keys, header, writer.batches)
            self._lease.change(transaction="")
        except (ConflictError, DpnError):
            self._dead = True  # all of it is durable: the next holder puts the journal away

    def close(self) -> None:
        self._writer, self._header, self._closed = None, None, True
        self._lease.release(once=self._dead)

    # guards -----------------------------------------------------------------------------------------------------

    def _alive(self) -> None:
        if self._lease.lost and not self._closed:
            raise self._overtaken(ConflictError(self._keys.lock))
        if self._dead or self._closed:
            raise DamagedError(
                f"The stack {self.snapshot.stack} was let go, or its store failed: nothing more is written.",
                hint="Run dpn recover.",
            )

    def _current(self) -> Writer:
        self._alive()
        if not self._writer:
            raise RuntimeError("begin() opens a transaction; none is open")
        return self._writer

    @contextmanager
    def _final(self, doing: str) -> Iterator[None]:
        """After a failure in here nobody knows what is durable: this ledger writes nothing more."""
        try:
            yield
        except ConflictError as error:
            raise self._overtaken(error) from error
        except DpnError as error:
            self._dead = True
            raise InDoubtError(
                f"Could not {doing}: {error.message} The run stopped there and writes nothing more.",
                hint=f"{error.hint} Then run dpn recover: it goes on from what is recorded.".lstrip(),
            ) from error

    def _overtaken(self, conflict: ConflictError) -> DpnError:
        """Say who has taken the stack from us; if nobody has, something else than dpn has written to an object."""
        self._dead = True
        ours, key = self._lease.claim.generation, self._keys.lock
        try:
            found = self._objects.get(key)
            now = claim.decode(found[0], self._keys.shown(key)) if found else None
        except DpnError:
            now = None
        if now and now.generation == ours:
            return self._disturbed(str(conflict))
        who = described(self._world, now.holder if now else None)
        return LockedError(
            f"The stack {self._keys.stack} was taken over by {who}: by dpn unlock, or because this run gave no sign of "
            "life for the time of its lease. This run stopped, and writes nothing more.",
            hint="Who has the stack now settles what was open. Look with dpn plan when it is done.",
        )

    def _disturbed(self, key: str) -> DamagedError:
        what = "was changed or removed while this run held the stack"
        if key == self._keys.state_key:
            return state.damaged_state(self._keys.state, what)
        return DamagedError(
            f"{self._keys.shown(key)} {what}, by something else than dpn. This run stopped, and writes nothing more.",
            hint="Find out what else writes there (a bucket with versioning tells when). Then run dpn recover.",
        )
