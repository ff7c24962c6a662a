"""How many names comply: counted as they come, whatever their number."""

from __future__ import annotations

from collections import Counter
from typing import Any

from dpn.report.text import clean, count


class Tally:
    """Counts names by kind and by whether they comply, and what could not be judged at all."""

    def __init__(self) -> None:
        self._kinds: dict[str, Counter[str]] = {}
        self.refused = 0
        self.failed = 0

    def add(self, kind: str, complies: str) -> None:
        """Count a name."""
        self._kinds.setdefault(kind, Counter())[complies] += 1

    @property
    def incomplete(self) -> bool:
        """Tell whether something that was asked for is not in it: a line that says no name, a kind without answer."""
        return bool(self.refused or self.failed)

    def reaches(self, percent: float) -> bool:
        """Tell whether so many percent comply; what cannot be told does not, and of no names all do."""
        every = self._every()
        return every["yes"] * 100 >= percent * every.total()

    def data(self) -> dict[str, Any]:
        """Give the numbers."""
        kinds = {kind: _data(found) for kind, found in self._kinds.items()}
        return {**_data(self._every()), "refused": self.refused, "kinds": kinds}

    def lines(self) -> list[str]:
        """Give one line for each kind, and one for all where there are several."""
        rows = [*self._kinds.items(), *([("all", self._every())] if len(self._kinds) > 1 else [])]
        return [clean(_said(kind, found)) for kind, found in rows] or ["No names."]

    def _every(self) -> Counter[str]:
        return sum(self._kinds.values(), Counter[str]())


def _data(found: Counter[str]) -> dict[str, Any]:
    return {
        "total": found.total(), "yes": found["yes"], "no": found["no"], "unknown": found["unknown"],
        "percent": _percent(found),
    }  # fmt: skip


def _percent(found: Counter[str]) -> float:
    """Give the percentage with one digit, never rounded up: 100 means all."""
    return found["yes"] * 1000 // found.total() / 10 if found.total() else 100.0


def _said(kind: str, found: Counter[str]) -> str:
    untold = f"; of {found['unknown']} it cannot be told" if found["unknown"] else ""
    return f"{kind}: {_percent(found)} % comply, {found['yes']} of {count(found.total(), 'name')}{untold}"
