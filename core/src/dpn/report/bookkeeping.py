"""What a plan changes in the state alone: records that are forgotten, moved or updated without a call.

`noted` are the addresses without steps of which the record changes.
"""

from __future__ import annotations

from collections.abc import Container

from dpn.model import Change, Plan
from dpn.report.text import Line, clean, columns, count

FORGOTTEN, MOVED = "○", "»"
"""For what only the state knows of."""


def record_only_lines(plan: Plan, noted: Container[str]) -> list[Line]:
    """Say what changes in the state alone: what is forgotten, what gets another address, how many other records."""
    gone = [change for change in plan.changes if forgets(change, noted)]
    wide = columns([(one.address, one.name, "stays in the cloud, no longer managed") for one in gone])
    lines = [Line(f"  {FORGOTTEN} {text}", "archive") for text in wide]
    lines += [Line(f"  {MOVED} {clean(old)} is now {clean(new)}", "rename") for old, new in sorted(plan.moves.items())]
    if updated := record_only_counts(plan, noted)["updated"]:
        lines.append(Line(f"    state only: {count(updated, 'record')} updated", "dim"))
    return lines


def record_only_counts(plan: Plan, noted: Container[str]) -> dict[str, int]:
    """Count what changes in the state alone: forgotten, moved, updated."""
    gone = sum(forgets(change, noted) for change in plan.changes)
    every = sum(change.action == "noop" and change.address in noted for change in plan.changes)
    return {"forgotten": gone, "moved": len(plan.moves), "updated": every - gone}


def forgets(change: Change, noted: Container[str]) -> bool:
    """Tell whether a change only takes a record out of the state."""
    return change.action == "noop" and change.want is None and change.address in noted
