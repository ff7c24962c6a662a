"""The lock of a stack as an object: who has the stack, and which transaction is open."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dpn import codec
from dpn.errors import DamagedError
from dpn.extensions import Holder
from dpn.store import state
from dpn.version import VERSION


@dataclass(frozen=True, slots=True)
class Claim:
    """What the lock says. Every write of it has a content of its own: generation or beat goes up.

    generation: counts the holders. lease: the holder's, in seconds. transaction: the id of the journal that may be
    open. beat: counts signs of life. seen: the time of the last one by the holder's clock, for show only. holder: None
    when a newer dpn wrote it.
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
            hint="Look what is there. If nobody works with the stack, delete it: state and journal stand beside it.",
        ) from error


def _load(found: Mapping[str, Any]) -> Claim:
    return Claim(
        generation=int(found["generation"]),
        holder=_holder(found.get("holder")),
        lease=float(found.get("lease", 0)),
        transaction=str(found.get("transaction", "")),
        beat=int(found.get("beat", 0)),
        seen=float(found.get("seen", 0)),
        released=bool(found.get("released", False)),
    )


def _holder(found: Any) -> Holder | None:
    try:
        return codec.load(Holder, found)
    except TypeError:
        return None
