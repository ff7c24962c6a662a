"""Whether a stack can be worked on: no run is open in it, and it was not moved away."""

from __future__ import annotations

from dpn.desk import Options, mend
from dpn.errors import InDoubtError, RefusedError
from dpn.extensions import Snapshot


def moved_to(snapshot: Snapshot) -> str:
    """Give the place to which `dpn state migrate` has moved a stack; empty if it is still here.

    The mark is a transaction without calls that is left open: whoever would write has to settle it first, and cannot.
    """
    return next((str(entry["to"]) for entry in snapshot.journal if entry["t"] == "moved"), "")


def refuse_moved(snapshot: Snapshot) -> None:
    """Refuse to change a stack that was moved away: there would be two states of the same things."""
    if place := moved_to(snapshot):
        raise RefusedError(
            f"The stack {snapshot.stack} was moved to {place}, and nothing is changed here any more.",
            hint="Name that place under state: in config.yaml, as dpn state migrate printed it. To go on here even so: "
            f"dpn recover --force --stack {snapshot.stack}",
        )


def refuse_open(snapshot: Snapshot, options: Options) -> None:
    """Refuse what has to wait until a run is settled, and what is of a stack that was moved away."""
    refuse_moved(snapshot)
    if snapshot.journal:
        message = f"A transaction of {snapshot.stack} is open. Nothing was changed."
        raise InDoubtError(message, hint=f"Run this first: {mend(options, snapshot.stack)}")
