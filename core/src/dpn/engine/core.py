"""The transaction as a state machine without I/O: it gives effects and is fed answers.

Apply, rollback and recovery are three ways through the same phases:

    sweep    look again for creates that were presumed absent in earlier runs
    main     carry out the changes (only if no transaction was open)
    resolve  settle what is in doubt (after a failure, or when a journal was found open)
    undo     undo what was applied, unless a person accepted it as it is
    finish   commit the state and put the journal away

The driver may answer in any order; for each address the same entries come out in the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from typing import Any, Literal, TypeAlias

from dpn import codec
from dpn.engine import accept, doubts, finish, undo, watch
from dpn.engine.effects import Answer, Effect, Failure, InDoubt, StepFailed, Sync, Talk
from dpn.engine.fold import Entry, Fold
from dpn.engine.forward import carry_out
from dpn.engine.nodes import Node, nodes
from dpn.engine.schedule import Schedule
from dpn.engine.talks import Talks
from dpn.engine.tx import Tx
from dpn.extensions import Snapshot
from dpn.model import Plan, Record
from dpn.provider import KindInfo

Outcome: TypeAlias = Literal["done", "rolled_back", "accepted", "blocked"]
Phase: TypeAlias = Literal["sweep", "main", "resolve", "undo", "finish"]


class Engine:
    """One transaction of one stack.

    `width` bounds the calls in flight for each provider. `settle` replaces the kinds' settle time (an embedded cloud
    sets 0). `outcome` is None until nothing is left to do; `failure` tells why it was undone, `blocked` what could
    not be, by address.
    """

    def __init__(  # noqa: PLR0913 - the whole world of the engine comes in here
        self, stack: str, kinds: Mapping[str, KindInfo], *, new_id: Callable[[], str], now: Callable[[], float],
        jitter: Callable[[], float], width: int = 10, settle: float | None = None,
    ) -> None:  # fmt: skip
        self.outcome: Outcome | None = None
        self._tx = Tx(stack, kinds, Fold({}), new_id, now, jitter, settle=settle)
        self._phase: Phase = "sweep"
        self._schedule = Schedule({})
        self._make: Callable[[str], Talk[Any]] = self._finish_made
        self._talks = Talks(width, self._ended, lambda: self._phase == "main" and self._tx.failure is not None)
        self._nodes: dict[str, Node] = {}
        self._finisher = finish.Finisher(self._tx)

    @property
    def failure(self) -> Failure | None:
        """Why the transaction is being undone, or None."""
        return self._tx.failure

    @property
    def blocked(self) -> Mapping[str, str]:
        """What is in doubt or could not be undone, by key, with the reason."""
        return self._tx.blocked

    @property
    def records(self) -> Mapping[str, Record]:
        """The live records."""
        return self._tx.folded.records

    # doors ----------------------------------------------------------------------------------------------------

    def start(self, snapshot: Snapshot, header: Mapping[str, Any], plan: Plan | None = None) -> list[Effect]:
        """Begin. A journal that is open is recovered and the plan is ignored; else `header` is its first entry."""
        tx = self._tx
        contained = self._finisher.begin(snapshot, header)
        tx.folded = Fold(snapshot.records)
        for seq, entry in enumerate(() if contained else (snapshot.journal or (header,))):
            tx.folded.add(int(entry.get("seq", seq)), entry)
        first = snapshot.journal[0] if snapshot.journal else header
        tx.existing = {item["address"]: codec.load(Record, item) for item in first.get("existing", ())}
        if snapshot.journal:
            if self._finisher.decided != "done":
                tx.failure = Failure("", "RECOVERED", tx.folded.aborted or "an earlier run ended before it was done")
        else:
            assert plan  # there is something to do, or something to recover
            self._nodes, self._finisher.changes = nodes(plan.changes, tx.folded.records), plan.changes
        if self._finisher.decided:
            return self._enter("finish", {"finish": ()}, self._finish_made)
        watched = {watch.key_of(entry): entry for entry in (*snapshot.watch, *tx.folded.watch)}
        return self._enter("sweep", watch.order(watched), lambda key: self._sweep(watched[key]))

    def feed(self, answer: Answer) -> list[Effect]:
        """Take one answer and give what is to be done next."""
        out: list[Effect] = []
        self._talks.feed(answer, out)
        return self._pump(out)

    def stop(self, reason: str) -> list[Effect]:
        """Start nothing more and undo what was done; what is in flight is waited for."""
        out: list[Effect] = []
        if self._phase in ("sweep", "main") and not self._tx.failure:
            self._tx.failure = Failure("", "STOPPED", reason)
        return self._pump(out)

    # running --------------------------------------------------------------------------------------------------

    def _pump(self, out: list[Effect]) -> list[Effect]:
        """Send what waited at the gate, start what can start, and go on to the next phase when all is quiet."""
        self._talks.wake(out)
        self._talks.pass_gate(out)
        while self._may_start() and (key := self._schedule.take()):
            self._talks.begin(key, self._make(key), out)
        if not (self._talks or self.outcome):
            assert not (self._schedule.left and self._may_start()), "the changes wait for each other"
            out += self._next_phase()
        return out

    def _may_start(self) -> bool:
        return self._talks.room and not (self._phase == "main" and self._tx.failure)

    def _ended(self, key: str, error: Exception | None) -> None:
        tx = self._tx
        if error is None or self._phase in ("sweep", "main"):
            self._schedule.done(key)
            if error and self._phase == "main":
                tx.failure = tx.failure or _failure(self._nodes[key], error)
            return
        tx.blocked[key] = str(error)
        for waiting in self._schedule.drop(key):
            tx.blocked.setdefault(waiting, f"{waiting.removesuffix('!')}: waits for {key.removesuffix('!')}")

    # phases ---------------------------------------------------------------------------------------------------

    def _enter(
        self,
        phase: Phase,
        needs: Mapping[str, Iterable[str]],
        make: Callable[[str], Talk[Any]],
        late: Collection[str] = (),
    ) -> list[Effect]:
        self._phase, self._make = phase, make
        self._schedule = Schedule(needs, late)
        return self._pump([])

    def _next_phase(self) -> list[Effect]:
        tx = self._tx
        if self._phase == "sweep" and not tx.failure:
            return self._enter_main()
        if self._phase in ("sweep", "main") and tx.failure:
            return self._enter_resolve()
        if self._phase == "resolve":
            return self._enter_undo()
        if self._phase == "finish":
            ended: Outcome = "accepted" if tx.folded.accepted else "rolled_back" if tx.failure else "done"
            self.outcome = "blocked" if tx.blocked else ended
            return []
        return self._enter("finish", {"finish": ()}, self._finish_made)

    def _enter_main(self) -> list[Effect]:
        needs = {key: node.needs for key, node in self._nodes.items()}
        late = {key for key, node in self._nodes.items() if node.late}
        return self._enter(
            "main", needs, lambda key: carry_out(self._tx, self._nodes[key], lambda: self._tx.failure is not None), late
        )

    def _enter_resolve(self) -> list[Effect]:
        folded = self._tx.folded
        first = ("abort",) if folded.intents and not folded.aborted else ()
        needs: dict[str, tuple[str, ...]] = {str(seq): first for seq in doubts.open_intents(folded)}
        needs |= dict.fromkeys(first, ())
        needs |= {str(seq): first for seq in accept.open_undos(folded)}
        return self._enter("resolve", needs, lambda key: self._abort() if key == "abort" else self._resolve(int(key)))

    def _resolve(self, seq: int) -> Talk[None]:
        folded = self._tx.folded
        stays = folded.stays(folded.intents[seq]["address"])
        return accept.resolve(self._tx, seq) if stays else doubts.resolve(self._tx, seq)

    def _abort(self) -> Talk[None]:
        """Write down why it is undone, so that a recovery can say so too."""
        assert self._tx.failure
        yield from self._tx.write({"t": "abort", "reason": self._tx.failure.message})
        yield Sync()

    def _enter_undo(self) -> list[Effect]:
        folded = self._tx.folded
        doubtful = {folded.intents[int(seq)]["key"]: reason for seq, reason in self._tx.blocked.items()}
        self._tx.blocked = {}
        todo = {} if folded.accepted else undo.to_undo(folded)
        made = {key: doubts.node_of(folded, key) for key in {*todo, *doubtful}}
        needs: dict[str, list[str]] = {key: [] for key in made}
        for key, node in made.items():
            for need in node.needs:
                if need in needs:
                    needs[need].append(key)
        return self._enter("undo", needs, lambda key: _undo(self._tx, made[key], todo.get(key, []), doubtful.get(key)))

    def _finish_made(self, _key: str) -> Talk[None]:
        return self._finisher.finish()

    def _sweep(self, entry: Entry) -> Talk[None]:
        self._tx.watch.append(entry)  # a request may land later still: it is looked for again until its day is over
        known = entry["kind"] in self._tx.kinds  # else its plugin is not loaded now: a later command looks
        if known and not any(watch.is_wanted(entry, node.change) for node in self._nodes.values()):
            with suppress(InDoubt):  # still unreachable: the next command looks again
                outdated = yield from watch.swept(self._tx, entry)
                self._tx.failure = self._tx.failure or outdated


def _undo(tx: Tx, node: Node, seqs: list[int], doubt: str | None) -> Talk[None]:
    if doubt:
        raise InDoubt(doubt)
    yield from undo.undo(tx, node, seqs)


def _failure(node: Node, error: Exception) -> Failure:
    address = node.change.address
    if isinstance(error, StepFailed):
        return Failure(address, error.code, error.message, error.hint)
    return Failure(address, "IN-DOUBT", str(error))
