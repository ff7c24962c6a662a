"""What the tests of all providers share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dpn import Observed, Ref


@pytest.fixture
def seen() -> Callable[[Any, Ref], Observed]:
    """Read what must be there."""

    def read(kind: Any, ref: Ref) -> Observed:
        found = kind.read(ref)
        assert isinstance(found, Observed)
        return found

    return read
