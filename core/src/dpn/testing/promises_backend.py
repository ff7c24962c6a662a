"""What every state backend must do, as tests that its author inherits.

A store with compare-and-swap needs one fixture::

    class TestBlobs(ObjectsConformance):
        @pytest.fixture
        def objects(self, container):
            return BlobObjects(container)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from dpn.errors import DamagedError, InDoubtError, InputError, LockedError
from dpn.extensions import Backend, Snapshot
from dpn.testing.stack_trial import HOLDER, STACK, StackTrial, box, kinds


class BackendConformance:
    """Inherit it, name the class `Test…`, and give the fixture `backend`: one with no stacks in it."""

    @pytest.fixture
    def trial(self, backend: Backend) -> StackTrial:
        """Do not override: what each test works with."""
        return StackTrial(backend)

    def test_a_stack_that_is_not_there_is_empty(self, trial: StackTrial) -> None:
        """Reading needs nothing and makes nothing."""
        assert trial.backend.read(STACK) == Snapshot(STACK, "", 0, 0, {})
        assert (trial.backend.stacks(), trial.backend.history(STACK), trial.backend.hold(STACK)) == ([], [], None)
        assert trial.backend.version(STACK, 0) is None
        assert trial.backend.version(STACK, 1) is None

    def test_a_transaction_is_committed_and_put_away(self, trial: StackTrial) -> None:
        """The next holder finds it, under the next generation."""
        ledger = trial.take()
        trial.run(ledger, box("acme-landing"))
        ledger.close()
        found = trial.backend.read(STACK)
        assert (found.serial, found.generation, found.records, found.journal) == (1, 1, box("acme-landing"), ())
        assert found.lineage
        assert replace(ledger.snapshot, generation=1) == found
        again = trial.take()
        trial.run(again)
        again.close()
        assert (again.snapshot.lineage, again.snapshot.serial, again.snapshot.generation) == (found.lineage, 2, 2)
        assert trial.backend.version(STACK, 2) == trial.backend.read(STACK)

    def test_the_watch_list_is_kept(self, trial: StackTrial) -> None:
        """It is part of the state."""
        ledger = trial.take()
        ledger.commit({}, [{"address": "a.b", "until": 3.5}])
        ledger.close()
        assert trial.backend.read(STACK).watch == ledger.snapshot.watch == ({"address": "a.b", "until": 3.5},)

    def test_stacks_are_those_with_something_in_them(self, trial: StackTrial) -> None:
        """A stack that was only opened is none yet."""
        trial.leave({"t": "intent"})
        for key in ("empty.dev", "other.prd"):
            ledger = trial.backend.open(key, HOLDER)
            if key.startswith("other"):
                ledger.commit({})
            ledger.close()
        assert trial.backend.stacks() == ["lake.dev", "other.prd"]

    def test_a_strange_key_is_refused(self, trial: StackTrial) -> None:
        """A key cannot lead out of the folder of stacks."""
        backend = trial.backend
        uses: list[Callable[[str], object]] = [backend.read, backend.history, partial(backend.open, holder=HOLDER)]
        for key in ("../evil", "a/b", "", "UPPER.dev"):
            for use in uses:
                with pytest.raises(InputError, match="is no stack key"):
                    use(key)

    def test_the_history_has_a_row_for_each_transaction(self, trial: StackTrial) -> None:
        """Header and last entry together, the oldest first; the store's own keys cannot be overwritten."""
        ledger = trial.take()
        trial.run(ledger, outcome="done")
        ledger.begin({"t": "x", "serial": 99, "id": "../../evil", "format": 99, "command": "delete"}, 0)
        ledger.append({"t": "intent"})
        ledger.end({"t": "x", "outcome": "rolled_back"})
        ledger.close()
        rows = trial.backend.history(STACK)
        assert [(row["serial"], row["outcome"], row["command"], row["entries"]) for row in rows] == [
            (0, "done", "apply", 4), (1, "rolled_back", "delete", 3),
        ]  # fmt: skip
        assert {"format": 1, "generation": 1, "lineage": ledger.snapshot.lineage}.items() <= rows[0].items()
        assert all("t" not in row and row["id"] in row["file"] for row in rows)

    def test_numbers_are_places_in_the_journal(self, trial: StackTrial) -> None:
        """Whether they are made durable one by one or together."""
        ledger = trial.take()
        ledger.begin({"account": "1"}, 0)
        numbers = []
        for number in range(4):
            numbers.append(ledger.append({"t": "intent", "n": number}))
            if number != 1:
                ledger.sync()
        ledger.sync()
        found = trial.backend.read(STACK)
        assert numbers == [1, 2, 3, 4]
        assert [found.journal[number]["n"] for number in numbers] == [0, 1, 2, 3]
        header = found.journal[0]
        assert (header["t"], header["account"], header["serial"], header["generation"]) == ("header", "1", 0, 1)
        assert header["lineage"] == found.lineage == ledger.snapshot.lineage
        assert ledger.snapshot.journal == (header,)
        ledger.close()

    def test_nothing_is_written_before_a_sync(self, trial: StackTrial) -> None:
        """An entry without a sync is not there, and a header alone is no open transaction."""
        ledger = trial.take()
        ledger.begin({}, 0)
        ledger.append({"t": "intent"})
        ledger.close()
        assert trial.backend.read(STACK).journal == ()

    def test_what_is_no_json_leaves_the_journal_as_it_was(self, trial: StackTrial) -> None:
        """The number is given to the next entry."""
        ledger = trial.take()
        ledger.begin({}, 0)
        with pytest.raises(TypeError):
            ledger.append({"t": object()})
        assert ledger.append({"t": "intent"}) == 1
        ledger.close()

    def test_appending_without_a_transaction_is_a_mistake_of_the_caller(self, trial: StackTrial) -> None:
        """It is a bug, and shown as one."""
        ledger = trial.take()
        uses: list[Callable[[], object]] = [lambda: ledger.append({}), ledger.sync, lambda: ledger.end({})]
        for use in uses:
            with pytest.raises(RuntimeError, match="begin"):
                use()
        ledger.close()

    def test_only_one_transaction_is_open_and_none_after_letting_go(self, trial: StackTrial) -> None:
        """A ledger that was closed writes nothing."""
        ledger = trial.take()
        ledger.begin({}, 0)
        with pytest.raises(InDoubtError, match="still open"):
            ledger.begin({}, 0)
        with pytest.raises(InDoubtError, match="still open"):
            ledger.restore(ledger.snapshot)
        ledger.close()
        ledger.close()
        uses: list[Callable[[], object]] = [
            lambda: ledger.commit({}), lambda: ledger.begin({}, 0), lambda: ledger.restore(ledger.snapshot),
        ]  # fmt: skip
        for use in uses:
            with pytest.raises(DamagedError, match="was let go"):
                use()

    def test_an_open_transaction_is_shown_and_continued(self, trial: StackTrial) -> None:
        """By the next holder, where the last one stopped."""
        trial.leave({"t": "intent"}, {"t": "result"}, serial=1)
        read = trial.backend.read(STACK)
        assert kinds(read) == ["header", "intent", "result"]
        ledger = trial.take("second")
        assert ledger.snapshot == replace(read, generation=2)
        assert ledger.append({"t": "abort"}) == 3
        ledger.sync()
        assert len(trial.backend.read(STACK).journal) == 4
        ledger.commit(box("acme-b"))
        ledger.end({"outcome": "rolled_back"})
        ledger.close()
        assert (trial.backend.read(STACK).serial, trial.backend.read(STACK).journal) == (2, ())
        assert trial.backend.history(STACK)[-1]["entries"] == 5

    def test_a_header_alone_is_put_away_and_the_serial_stays(self, trial: StackTrial) -> None:
        """Nothing happened in it."""
        trial.leave(serial=1)
        assert trial.backend.read(STACK).journal == ()
        ledger = trial.take()
        assert (ledger.snapshot.serial, ledger.snapshot.journal) == (1, ())
        ledger.close()
        assert [row["entries"] for row in trial.backend.history(STACK)] == [4, 1]

    def test_a_transaction_that_ended_without_a_change_is_put_away(self, trial: StackTrial) -> None:
        """Its last entry says that it is over."""
        trial.leave({"t": "intent"}, {"t": "end", "outcome": "rolled_back"})
        ledger = trial.take()
        assert (ledger.snapshot.serial, ledger.snapshot.journal) == (0, ())
        trial.run(ledger)
        ledger.close()
        assert [row["outcome"] for row in trial.backend.history(STACK)] == ["rolled_back", "done"]

    def test_an_earlier_state_is_put_back_under_a_serial_of_its_own(self, trial: StackTrial) -> None:
        """Lineage, records and watch list are the earlier ones."""
        ledger = trial.take()
        ledger.commit(box("old"), [{"address": "a.b"}])
        earlier = ledger.snapshot
        ledger.commit(box("new"))
        ledger.restore(earlier)
        assert trial.backend.read(STACK) == ledger.snapshot == replace(earlier, serial=3)
        ledger.restore(replace(earlier, lineage="other", serial=9))
        ledger.close()
        found = trial.backend.read(STACK)
        assert (found.lineage, found.serial, found.records) == ("other", 9, box("old"))

    def test_a_stack_that_is_held_is_refused_and_its_holder_named(self, trial: StackTrial) -> None:
        """It is free again when it was let go."""
        ledger = trial.take()
        with pytest.raises(LockedError, match=r"lake\.dev is held by process 42 on box \(user ada\).*`dpn apply`"):
            trial.take("second")
        hold = trial.backend.hold(STACK)
        assert hold
        assert hold.holder == HOLDER
        ledger.close()
        again = trial.take("second")
        assert again.snapshot.generation == 2
        again.close()
        trial.backend.unlock(STACK, HOLDER)
        trial.take("third").close()
