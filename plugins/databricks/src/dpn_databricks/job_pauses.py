"""What triggers a job, and how an archived job says what it was before. Pure.

An archived job has the tag `dpn_archived` with the former state of each trigger, in their order, as
`unpaused-paused`; `none` stands for a job that nothing triggers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

ARCHIVED = "dpn_archived"
_SINGLE = ("schedule", "trigger", "continuous")
FIELDS = (*_SINGLE, "triggers")  # `triggers`, a list, is how others may say more than one


def paused(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Give the settings of a job with all that triggers it paused, and a tag that tells how it was."""
    out = deepcopy(dict(settings))
    was = [str(one.get("pause_status", "UNPAUSED")).lower() for one in _triggers(out)]
    for one in _triggers(out):
        one["pause_status"] = "PAUSED"
    out["tags"] = {**out.get("tags", {}), ARCHIVED: "-".join(was) or "none"}
    return out


def as_before(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Give the settings of an archived job as they were before that, without the tag; others as they are."""
    out = deepcopy(dict(settings))
    tags = out.get("tags", {})
    was = str(tags.pop(ARCHIVED, "")).split("-")
    if was != [""]:
        # Somebody may have added a trigger since: it stays as it is.
        for one, state in zip(_triggers(out), was, strict=False):
            one["pause_status"] = "UNPAUSED" if state == "unpaused" else "PAUSED"
    return out


def is_archived(settings: Mapping[str, Any]) -> bool:
    """Tell whether a job carries the tag of an archived one."""
    return ARCHIVED in settings.get("tags", {})


def _triggers(settings: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield from (settings[name] for name in _SINGLE if name in settings)
    yield from settings.get("triggers", [])
