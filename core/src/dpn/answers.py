"""What comes of one call: a value or a fault, and whether a provider's answer keeps the contract. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from dpn.engine.effects import Call
from dpn.model import Fault, Observed, Ref
from dpn.provider import Broken, Inside, Ready, Wait

MANY = ("list", "find", "contents")
"""The methods that answer with several things."""

_ANSWERS: Mapping[str, Any] = {
    "create": Ref, "rename": Ref, "read": Observed | None, "ready": Ready | Wait | Broken, "list": Observed,
    "find": Observed, "contents": Inside, "undrop": Ref | None, "available": bool,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call: a value, or a fault."""

    value: Any = None
    fault: Fault | None = None


def bug(error: BaseException) -> Outcome:
    """Say that a call went wrong in a way that nobody foresaw; the text may hold a secret that was not hidden yet."""
    text = f"dpn or a plugin raised {type(error).__name__} around the call; tell the authors of dpn"
    return Outcome(fault=Fault("unknown", "BUG", text))


def heard(call: Call, outcome: Outcome) -> Literal["applied", "not_applied", "unknown"]:
    """Give what a wrapper may be told: a create with a fault is looked for once more before it is concluded."""
    if outcome.fault is None:
        return "applied"
    return "unknown" if call.method == "create" or outcome.fault.outcome == "unknown" else "not_applied"


def observed(value: Any) -> tuple[Observed, ...]:
    """Give what a read or a list has seen as wrappers hear of it: always several."""
    if value is None:
        return ()
    return (value,) if isinstance(value, Observed) else tuple(value)


def checked(call: Call, value: Any) -> Outcome:
    """Refuse an answer that breaks the contract: the write may have happened, so the outcome is unknown."""
    items = value if call.method in MANY and isinstance(value, list) else [value]
    if all(isinstance(item, _ANSWERS.get(call.method, object)) for item in items):
        return Outcome(value)
    text = f"{call.method} of {call.kind} answered {value!r}, which breaks the contract; tell the plugin's author"
    return Outcome(fault=Fault("unknown", "PLUGIN-BUG", text))
