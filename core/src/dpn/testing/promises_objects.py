"""What a store with compare-and-swap must do so that a holder who was overtaken can write nothing."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from threading import Thread

import pytest

from dpn.errors import LockedError
from dpn.objects import ConflictError, Objects
from dpn.store.remote.backend import LEASE, ObjectBackend
from dpn.testing.clocks import StillClock
from dpn.testing.promises_backend import BackendConformance
from dpn.testing.stack_trial import HOLDER, STACK, StackTrial, box, kinds
from dpn.world import World


class ObjectsConformance(BackendConformance):
    """Inherit it, name the class `Test…`, and give the fixture `objects`: a store in which nothing is yet."""

    @pytest.fixture
    def clock(self) -> StillClock:
        """Do not override: sleeping takes no time."""
        return StillClock()

    @pytest.fixture
    def backend(self, objects: Objects, clock: StillClock) -> ObjectBackend:
        """Do not override: the backend of core over the store."""
        return ObjectBackend(World(env={}, clock=clock, sleep=clock.sleep, rng=random.Random(7)), objects)  # noqa: S311

    # the store ---------------------------------------------------------------------------------------------------

    def test_an_object_is_made_once_and_replaced_only_as_expected(self, objects: Objects) -> None:
        """Every other put is a conflict, and changes nothing."""
        assert objects.get("a/b") is None
        first = objects.put("a/b", b"one", None)
        assert objects.get("a/b") == (b"one", first)
        for expected in (None, "strange"):
            with pytest.raises(ConflictError):
                objects.put("a/b", b"two", expected)
        second = objects.put("a/b", b"two", first)
        assert second != first
        with pytest.raises(ConflictError):
            objects.put("a/b", b"three", first)
        assert objects.get("a/b") == (b"two", second)

    def test_what_is_gone_is_not_replaced(self, objects: Objects) -> None:
        """It can be made anew."""
        version = objects.put("a", b"one", None)
        objects.delete(["a", "b"])
        assert objects.get("a") is None
        with pytest.raises(ConflictError):
            objects.put("a", b"two", version)
        objects.put("a", b"two", None)
        objects.delete([])

    def test_content_is_any_bytes(self, objects: Objects) -> None:
        """Also none at all, and a megabyte."""
        for number, content in enumerate((b"", bytes(range(256)), b"x" * (1 << 20))):
            objects.put(f"a/{number}", content, None)
            found = objects.get(f"a/{number}")
            assert found
            assert found[0] == content

    def test_names_are_what_is_right_below_a_folder(self, objects: Objects) -> None:
        """Objects and folders alike, sorted; nothing of a folder whose name only begins like it."""
        for key in ("s/b/lock", "s/a.dev/journal/1", "s/a.dev/lock", "s/a-b", "sx/c", "s.y", "t"):
            objects.put(key, b"x", None)
        assert objects.names("s/") == ["a-b", "a.dev", "b"]
        assert objects.names("s/a.dev/") == ["journal", "lock"]
        assert objects.names("nothing/") == []

    def test_of_several_that_put_at_once_one_wins(self, objects: Objects) -> None:
        """The store is used by several threads, and serialises them."""
        won: list[str] = []

        def put(number: int) -> None:
            with suppress(ConflictError):
                objects.put("a", str(number).encode(), None)
                won.append(str(number))

        threads = [Thread(target=put, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        found = objects.get("a")
        assert found
        assert [found[0].decode()] == won

    # the lease ---------------------------------------------------------------------------------------------------

    def test_the_lease_of_a_silent_holder_runs_out(self, trial: StackTrial, clock: StillClock) -> None:
        """Not before its time, and the message says how long that is."""
        first = trial.take()
        with pytest.raises(LockedError, match="is held by") as told:
            trial.take("second", timeout=LEASE / 2)
        assert "runs out in 30 s, so --lock-timeout 61 is enough" in told.value.hint
        before = clock.time
        second = trial.take("second", timeout=61)
        assert LEASE <= clock.time - before <= 61
        assert second.snapshot.generation == 2
        first.close()
        with pytest.raises(LockedError):
            trial.take("third")
        second.close()

    @pytest.mark.parametrize("begun", [False, True])
    @pytest.mark.parametrize("ended", [False, True])
    def test_a_holder_that_was_overtaken_writes_nothing_more(
        self, trial: StackTrial, *, begun: bool, ended: bool
    ) -> None:
        """Whatever it does next is refused, also when what it had begun was settled by the next holder."""
        first = trial.take()
        first.commit(box("old"))
        if begun:
            first.begin({}, 0)
            first.append({"t": "intent"})
            first.sync()
        trial.backend.unlock(STACK, HOLDER)
        if begun:
            assert kinds(trial.backend.read(STACK)) == ["header", "intent"]
        if ended:
            _settle(trial)
        before = trial.backend.read(STACK)
        wrote: Callable[[], None] = first.sync if begun else lambda: first.begin({}, 0)
        if begun:
            first.append({"t": "result"})
        with pytest.raises(LockedError, match="was taken over by process"):
            wrote()
        first.close()
        assert trial.backend.read(STACK) == before

    def test_a_commit_of_a_holder_that_was_overtaken_is_refused(self, trial: StackTrial) -> None:
        """The state carries the newer generation."""
        first = trial.take()
        first.commit(box("old"))
        trial.backend.unlock(STACK, HOLDER)
        second = trial.take("second")
        with pytest.raises(LockedError, match="was taken over"):
            first.commit(box("stale"))
        second.commit(box("new"))
        second.close()
        assert trial.backend.read(STACK).records == box("new")

    def test_the_states_before_are_kept(self, trial: StackTrial) -> None:
        """Each under its serial."""
        ledger = trial.take()
        for name in ("one", "two", "three"):
            ledger.commit(box(name))
        ledger.close()
        kept = [trial.backend.version(STACK, serial) for serial in (0, 1, 2, 3, 4)]
        assert [one and one.records for one in kept] == [None, box("one"), box("two"), box("three"), None]


def _settle(trial: StackTrial) -> None:
    """Settle what is open, and go on."""
    ledger = trial.take("second")
    if ledger.snapshot.journal:
        ledger.end({"outcome": "rolled_back"})
    trial.run(ledger, box("new"))
    ledger.close()
