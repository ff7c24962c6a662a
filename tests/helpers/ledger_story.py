"""A small story of transactions on a ledger, told step by step, so that it can be cut off anywhere; and its check."""

from __future__ import annotations

from dataclasses import dataclass, field

from dpn.extensions import Backend, Holder, Ledger, Snapshot
from dpn.model import Record

STACK = "lake.dev"
PATIENCE = 180.0
"""How long a stack is waited for: three times the lease of a team, by a clock that tests move on."""


@dataclass
class Story:
    """What was asked of the ledger, and how much of it was acknowledged."""

    name: str = "a"
    serial: int = 0
    committing: bool = False
    generation: int = 0
    transaction: int = 0
    asked: list[str] = field(default_factory=list)
    synced: int = 0
    ending: bool = False


def records(serial: int) -> dict[str, Record]:
    name = f"name-{serial}"
    return {f"a.b{n}": Record(f"a.b{n}", "a", name, {"text": name * 5}, "a") for n in range(serial % 10)}


def open_stack(backend: Backend, story: Story) -> Ledger:
    holder = Holder(pid=1, host="box", user="ada", command="apply", since=0.0, nonce=f"{story.name}{story.generation}")
    ledger = backend.open(STACK, holder, timeout=PATIENCE)
    assert ledger.snapshot.generation > story.generation
    story.generation = ledger.snapshot.generation
    return ledger


def transact(ledger: Ledger, story: Story) -> None:
    """Carry out one transaction with three syncs."""
    story.transaction += 1
    story.asked, story.synced = [], 0
    ledger.begin({"number": f"{story.name}{story.transaction}"}, 100)
    for batch in (("p", "q"), ("r",)):
        for name in batch:
            story.asked.append(name)
            assert ledger.append({"t": "intent", "name": name, "text": "x" * 40}) == len(story.asked)
        ledger.sync()
        story.synced = len(story.asked)
    finish(ledger, story)


def finish(ledger: Ledger, story: Story) -> None:
    story.committing = True
    ledger.commit(records(story.serial + 1))
    story.serial, story.committing, story.ending = story.serial + 1, False, True
    ledger.end({"outcome": "done"})
    story.ending, story.asked, story.synced = False, [], 0


def recovery(backend: Backend, story: Story) -> None:
    """Settle what is open, as a writing command does first."""
    ledger = open_stack(backend, story)
    check(ledger.snapshot, story)
    settle(ledger, story)
    ledger.close()


def settle(ledger: Ledger, story: Story) -> None:
    story.serial, story.committing = ledger.snapshot.serial, False
    if ledger.snapshot.journal:
        finish(ledger, story)
    story.asked, story.synced, story.ending = [], 0, False


def check(found: Snapshot, story: Story) -> None:
    """Find all that was acknowledged, and nothing that was not asked for."""
    assert found.serial in ({story.serial, story.serial + 1} if story.committing else {story.serial})
    assert found.records == records(found.serial)
    names = [entry.get("name") for entry in found.journal[1:]]
    if not names:
        assert story.synced == 0 or story.ending or found.serial > story.serial
        return
    assert found.serial == found.journal[0]["serial"] == story.serial
    assert found.journal[0]["number"] == f"{story.name}{story.transaction}"
    assert names == story.asked[: len(names)]
    assert len(names) >= story.synced
