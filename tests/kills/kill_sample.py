"""How much of it runs: a sample, the same each time, in the tests that anybody runs; all of it in the nox sessions."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from typing import TypeVar

FULL = os.environ.get("DPN_TESTS") == "full"

T = TypeVar("T")


def some(cases: Sequence[T], size: int) -> list[T]:
    """Give all cases, or so many of them in their order."""
    if FULL or len(cases) <= size:
        return list(cases)
    return [cases[at] for at in sorted(random.Random(0).sample(range(len(cases)), size))]
