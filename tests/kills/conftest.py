from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from kill_clouds import Clouds, running_clouds


@pytest.fixture(scope="module")
def clouds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clouds]:
    """Run both clouds as processes that keep their objects when dpn dies."""
    with running_clouds(tmp_path_factory.mktemp("clouds")) as running:
        yield running
