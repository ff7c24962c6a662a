"""Maps of texts that others write to as well: properties, parameters, labels.

Services, crawlers and jobs write keys of their own beside the user's. So the keys that dpn set are noted in one more
key, `dpn_keys`. Where it stands, the spec shows those keys only, and all others are left as they are. Where it does not
stand (nobody's or another tool's object), the spec shows all keys, so that an adoption can be undone, and a write
removes none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from dpn.marker import Marker

NOTE = "dpn_keys"


@dataclass(frozen=True, slots=True)
class Noted:
    """One such map of a kind. `name` is that of the field; `hidden` are keys that only the service itself writes."""

    name: str
    hidden: tuple[str, ...] = ()
    OWN: ClassVar[tuple[str, ...]] = (*Marker("", "", "").tags(), NOTE)
    """The keys that dpn itself writes into such a map."""

    def read(self, given: Mapping[str, str]) -> tuple[dict[str, str], dict[str, Any]]:
        """Split the map into what the spec shows, and what `Observed.extra` keeps: others' under `name`, `noted`."""
        plain = {key: value for key, value in given.items() if not key.startswith("dpn_") and key not in self.hidden}
        ours = _noted(given)
        if ours is None:
            return plain, {self.name: plain}
        theirs = {key: value for key, value in plain.items() if key not in ours}
        shown = {key: value for key, value in plain.items() if key in ours}
        return shown, {self.name: theirs, "noted": sorted(ours)}

    def write(self, spec: Mapping[str, str], extra: Mapping[str, Any], marker: Marker | None) -> dict[str, str]:
        """Give the whole map for a create or a put: what others set, what the spec says, the marker and the note."""
        note = {**marker.tags(), NOTE: json.dumps(sorted(spec))} if marker else {}
        return {**extra.get(self.name, {}), **spec, **note}

    def mark(self, spec: Mapping[str, str], extra: Mapping[str, Any], marker: Marker | None) -> dict[str, str]:
        """Give the whole map with another marker or none; the note stays with the marker, and is not made here."""
        note = {NOTE: json.dumps(extra["noted"])} if marker and "noted" in extra else {}
        return {**extra.get(self.name, {}), **spec, **(marker.tags() if marker else {}), **note}


def _noted(given: Mapping[str, str]) -> set[str] | None:
    try:
        keys = json.loads(given[NOTE])
    except (KeyError, ValueError):
        return None  # no note, or one that somebody spoilt: as if dpn had never written here
    return set(keys) if isinstance(keys, list) and all(isinstance(key, str) for key in keys) else None
