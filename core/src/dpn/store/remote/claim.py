"""The lock of a stack as an object: who has the stack, and which transaction is open."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dpn import codec
from dpn.errors import DamagedError
from dpn.extensions import Holder
from dpn.store import state, who
from dpn.store.standing import ID
from dpn.version import VERSION

LONGEST = 86_400.0
"""The longest lease, in seconds: a stack whose holder has been silent for a day is free."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What the lock says. Every write of it has a content of its own: generation or beat goes up.

    generation: counts the holders. lease: the holder's, in seconds. transaction: the id of the journal that may be
    open. beat: counts signs of life. seen: the time of the last one by the holder's clock, for show only. holder: None
    when this dpn cannot read it; that one has the stack like any other.
    """

    generation: int
    holder: Holder | None
    lease: float = 0.0
    transaction: str = ""
    beat: int = 0
    seen: float = 0.0
    released: bool = False


def encode(claim: Claim) -> bytes:
    """Give the object's bytes."""
    fields = {"format": state.FORMAT, "dpn": VERSION, **codec.dump(claim)}
    return json.dumps(fields, indent=1).encode("ascii") + b"\n"


def decode(content: bytes, shown: str) -> Claim:
    """Read the object's bytes; DamagedError when they are no lock, PluginError when a newer dpn wrote them."""
    try:
        found = json.loads(content)
        state.refuse_newer(found, shown)
        return _load(found)
    except (ValueError, RecursionError, TypeError, KeyError, AttributeError) as error:
        raise DamagedError(
            f"The lock {shown} is none of dpn. Nothing was written.",
            hint="Look what is there. If nobody works with the stack, dpn unlock writes it anew, from the state and "
            "the journal beside it: they must stay.",
        ) from error


def generation_of(content: bytes) -> int:
    """Give the generation of a lock that may be damaged; 0 if it cannot be read."""
    try:
        return _count(json.loads(content)["generation"])
    except (ValueError, RecursionError, TypeError, KeyError):
        return 0


def _load(found: Mapping[str, Any]) -> Claim:
    """Build it from what can only have been written by dpn; ValueError for anything else."""
    lease, seen, released = found.get("lease", 0.0), found.get("seen", 0.0), found.get("released", False)
    transaction = found.get("transaction", "")
    sound = type(lease) in (int, float) and 0 <= lease <= LONGEST and who.is_moment(seen) and type(released) is bool
    if not sound or (transaction != "" and not ID.fullmatch(transaction)):
        raise ValueError("no lease, no time, or no id")
    return Claim(
        generation=_count(found["generation"]),
        holder=who.load(found.get("holder")),
        lease=float(lease),
        transaction=transaction,
        beat=_count(found.get("beat", 0)),
        seen=float(seen),
        released=released,
    )


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("no count")
    return value
