"""An in-memory cloud: objects that outlive engines, and faults to order. Nothing of it touches the network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from dpn.model import Observed


class CloudError(Exception):
    """What the cloud answers: a code, and whether the request was carried out."""

    def __init__(self, code: str, outcome: str = "not_applied") -> None:
        super().__init__(code)
        self.code, self.outcome = code, outcome


@dataclass
class Cloud:
    """Objects by (kind, id).

    `fault` is asked before each call (kind, method, name) and may name what goes wrong: `refuse` (denied), `throttle`,
    `drop` (lost on the way there), `lose` (carried out, the reply lost). `calls` is what was called.
    """

    objects: dict[tuple[str, str], Observed] = field(default_factory=dict)
    fault: Callable[[str, str, str], str | None] = lambda *_: None
    calls: list[tuple[str, str, str]] = field(default_factory=list)
    account: str = "memory"
    made: int = 0

    def call(self, kind: str, method: str, name: str, work: Callable[[], Any]) -> Any:
        """Make a call as a network would: the fault decides before or after the work."""
        self.calls.append((kind, method, name))
        wrong = self.fault(kind, method, name)
        if wrong in ("refuse", "throttle", "drop"):
            raise CloudError({"refuse": "Denied", "throttle": "SlowDown", "drop": "Timeout"}[wrong], wrong)
        result = work()
        if wrong == "lose":
            raise CloudError("Timeout", "lose")
        return result

    def new_id(self) -> str:
        """Give the next id."""
        self.made += 1
        return f"i{self.made:06d}"

    def names(self) -> list[str]:
        """Give what exists, as `kind name`."""
        return sorted(f"{seen.ref.kind} {seen.ref.name}" for seen in self.objects.values())
