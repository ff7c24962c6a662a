"""How a state and a journal go together: what is open, what is over, what cannot be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, Protocol

from dpn.errors import DamagedError
from dpn.extensions import Snapshot
from dpn.store import journal, state
from dpn.store.journal import Scan
from dpn.store.state import State

ENDED = re.compile(r"\d{8,}-[0-9a-z]+\.journal")
"""The name of a journal that has ended: the serial it went on from, and its id."""
ID = re.compile(r"[0-9a-z]{1,40}")
"""The id of a transaction, which becomes part of a file's name."""


class Named(Protocol):
    """What a message calls the two: files, or objects of a store."""

    @property
    def state(self) -> Path | str: ...
    @property
    def journal(self) -> Path | str: ...


@dataclass(frozen=True, slots=True)
class Header:
    """What the store itself wrote into a journal's first entry."""

    id: str
    lineage: str
    serial: int
    generation: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What the two files of a stack say together.

    journal: none · void (not even a header: nothing happened) · over (ended, contained in the state, or nothing but a
    header: to be put away) · open (to be recovered). seal: the end of the state's bytes.
    """

    state: State | None
    seal: bytes
    scan: Scan
    header: Header | None
    journal: Literal["none", "void", "over", "open"]

    @property
    def generation(self) -> int:
        """Give the newest generation that has written."""
        ours = self.state.snapshot.generation if self.state else 0
        return max(ours, self.header.generation if self.header else 0)


def judge(files: Named, stack: str, state_bytes: bytes | None, journal_bytes: bytes | None) -> Standing:
    """Read both files and judge them together; DamagedError when they contradict each other."""
    committed = None if state_bytes is None else state.decode(state_bytes, files.state)
    return weigh(files, stack, committed, state.seal(state_bytes), journal_bytes)


def weigh(files: Named, stack: str, committed: State | None, seal: bytes, journal_bytes: bytes | None) -> Standing:
    """Judge a state that was read before together with a journal; DamagedError when they contradict each other."""
    if committed and committed.snapshot.stack != stack:
        raise state.damaged_state(files.state, f"is that of another stack, {committed.snapshot.stack}")
    scan = journal.decode(journal_bytes or b"", str(files.journal))
    if not scan.entries:
        return Standing(committed, seal, scan, None, "none" if journal_bytes is None else "void")
    header = header_of(scan.entries[0], files)
    return Standing(committed, seal, scan, header, _judge(files, committed, header, scan))


def _judge(files: Named, committed: State | None, header: Header, scan: Scan) -> Literal["over", "open"]:
    if committed and committed.snapshot.lineage != header.lineage:
        raise _contradiction(files, f"lineage {header.lineage}", f"lineage {committed.snapshot.lineage}")
    serial = committed.snapshot.serial if committed else 0
    if header.serial > serial:
        if committed is None:
            raise state.damaged_state(files.state, f"is gone, yet the journal goes on from its serial {header.serial}")
        raise _contradiction(files, f"serial {header.serial}", f"serial {serial}, which is older")
    contained = committed is not None and committed.transaction == header.id
    if contained or len(scan.entries) == 1 or scan.entries[-1].get("t") == "end":
        return "over"
    if header.serial < serial:
        raise _contradiction(files, f"serial {header.serial}", f"serial {serial}, which does not contain it")
    return "open"


def header_of(entry: Mapping[str, Any], files: Named) -> Header:
    """Check the first entry of a journal and take out what the store wrote."""
    state.refuse_newer(entry, files.journal)
    serial, generation = entry.get("serial"), entry.get("generation")
    named = entry.get("t") == "header" and ID.fullmatch(str(entry.get("id")))
    if not named or not isinstance(serial, int) or not isinstance(generation, int):
        raise DamagedError(
            f"The journal {files.journal} does not begin with a header of dpn. Nothing was written.",
            hint="Run dpn doctor: it shows what is recorded and what exists in the cloud.",
        )
    return Header(str(entry["id"]), str(entry.get("lineage")), serial, generation)


def _contradiction(files: Named, ours: str, theirs: str) -> DamagedError:
    return DamagedError(
        f"The journal {files.journal} goes on from {ours}; the state {files.state} has {theirs}. Nothing was written.",
        hint="One of the two was copied from elsewhere or put back: bring back the one that belongs to the other. "
        "dpn doctor shows both.",
    )


def row(name: str, content: bytes, shown: str) -> Mapping[str, Any]:
    """Give what the history tells of an ended journal: header and last entry together."""
    try:
        entries = journal.decode(content, shown).entries
    except DamagedError as error:
        return {"file": name, "damaged": error.message}
    header, last = entries[0] if entries else {}, entries[-1] if len(entries) > 1 else {}
    outcome = last if last.get("t") == "end" else {}
    told = {key: value for key, value in {**header, **outcome}.items() if key != "t"}
    return {**told, "file": name, "entries": len(entries)}


def snapshot_of(stack: str, found: Standing) -> Snapshot:
    """Give what a reader is shown: the committed records, and the entries of a journal that is open."""
    entries = found.scan.entries if found.journal == "open" else ()
    lineage = found.header.lineage if found.header and entries else ""
    if found.state is None:
        return Snapshot(stack, lineage, 0, found.generation, {}, entries)
    return replace(found.state.snapshot, journal=entries)
