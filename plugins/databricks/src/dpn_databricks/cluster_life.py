"""What the state of a cluster means: whether it can be used, and what it is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dpn import Broken, Ready, Wait

if TYPE_CHECKING:
    from databricks.sdk.service.compute import ClusterDetails

TURNS = ("CREATING", "STARTING", "RESTARTING", "RUNNING", "EDITED")
"""The events that tell how a cluster came to where it is."""

_BUSY = ("PENDING", "RESTARTING", "RESIZING", "TERMINATING")
_SECONDS = 10


def status(raw: ClusterDetails) -> str:
    """Give the state in small letters."""
    return raw.state.value.lower() if raw.state else "unknown"


def is_down(raw: ClusterDetails) -> bool:
    """Tell whether it is terminated, or about to be."""
    return status(raw) in ("terminating", "terminated")


def is_failed(raw: ClusterDetails) -> bool:
    """Tell whether it terminated otherwise than at a user's wish, for being idle, or with its work done."""
    reason = raw.termination_reason
    kind = reason.type.value if reason and reason.type else "SUCCESS"
    return status(raw) == "terminated" and kind != "SUCCESS"


def readiness(raw: ClusterDetails | None, last: str) -> Ready | Wait | Broken:
    """Say whether it can be used; a terminated cluster starts at its first use.

    `last` is the last of the events TURNS of one that failed. If it ran before it failed, or was edited after that, its
    settings are as good as they were: only one that failed while it started is broken.
    """
    if raw is None:
        return Broken("it is gone")
    state = status(raw).upper()
    if state in _BUSY:
        return Wait(_SECONDS)
    if state == "RUNNING" or (state == "TERMINATED" and (not is_failed(raw) or last in ("RUNNING", "EDITED"))):
        return Ready()
    return Broken(f"the cluster is {state}{_why(raw)}")


def _why(raw: ClusterDetails) -> str:
    code = raw.termination_reason.code if raw.termination_reason else None
    parts = [code.value if code else "", (raw.state_message or "").rstrip(".")]
    return "".join(f": {part}" for part in parts if part)
